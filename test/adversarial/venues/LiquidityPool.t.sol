// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "../../unit/venues/LiquidityPoolTest.sol";

/// @notice Those who fund a pool against each other, and against its traders.
contract LiquidityPool_adversarial_Test is LiquidityPoolTest {
    /// @dev S3: the first provider leaves one unit of a share, makes it dear by a donation, and waits for the second's deposit to round to nothing.
    function test_S3_processDeposit_robsNobody_whenFirstProviderDonates() public {
        _provide(1_000);
        _requestRedemption(lena, 1_000e18 - 1);
        skipSeconds(DELAY);
        pool.processRedemptions(1);
        pool.claim(lena);
        assertEq(shares.totalSupply(), 1);
        uint256 id = _request(luis, 5_000);
        _fund(_account(), 10_000e18); // the attacker's donation, just before the victim's turn
        skipSeconds(DELAY);
        pool.processDeposit(id);
        uint256 amount = shares.balanceOf(luis);
        assertGe(pool.previewRedemption(amount), 5_000 * USD - 1, "the victim has what they paid");
        assertEq(pool.previewRedemption(1), 0, "the attacker has nothing");
    }

    /// @dev S3 with tokens sent to pool and house instead of a deposit: they change no price at all.
    function test_S3_processDeposit_robsNobody_whenTokensAreSent() public {
        _provide(1_000);
        uint256 id = _request(luis, 5_000);
        token.mint(address(pool), 1_000_000 * USD);
        token.mint(address(house), 1_000_000 * USD);
        skipSeconds(DELAY);
        assertEq(pool.processDeposit(id), 5_000e18);
    }

    /// @dev S3 by any amounts: the victim of a donation loses a trillionth of it, the donor all but what their shares are worth without it.
    function testFuzz_S3_processDeposit_robsNobody(uint256 kept, uint256 donation, uint256 amount) public {
        kept = bound(kept, 1, 100e18);
        donation = bound(donation, 1, 100_000_000) * USD;
        amount = bound(amount, 1_000, 10_000_000);
        _provide(1_000);
        _requestRedemption(lena, 1_000e18 - kept);
        skipSeconds(DELAY);
        pool.processRedemptions(1);
        uint256 kept_ = pool.previewRedemption(kept);
        _fund(_account(), donation * 1e12);
        uint256 id = _request(luis, amount);
        skipSeconds(DELAY);
        pool.processDeposit(id);
        // Rounding costs the victim at most one unit of a share: a trillionth of what the pool owns.
        uint256 unit = (donation + 1_000 * USD) / 1e12 + 2;
        assertGe(pool.previewRedemption(shares.balanceOf(luis)) + unit, amount * USD, "the victim's shares");
        assertLe(pool.previewRedemption(kept), kept_ + donation + 1, "the attacker's shares");
    }

    /// @dev ROUND-1: in and out at one price, again and again, never gains; it costs at most a few units a time.
    function testFuzz_ROUND1_processRedemptions_gainsNothing_whenRepeated(uint256 seed) public {
        _provide(1_000_000);
        // Both sides alike: no funding, which would be an honest gain.
        int256 size = seed % 2 == 0 ? int256(5_000e18) : -int256(5_000e18);
        _open(alice, SOL, 100_000e18, size);
        _open(bob, SOL, 100_000e18, -size);
        _mature(100);
        _settle(_account());
        uint256 spent;
        uint256 received;
        for (uint256 i; i < 20; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = (seed % 10_000_000) + 1;
            spent += amount;
            _approved(luis, amount);
            vm.prank(luis);
            uint256 id = pool.requestDeposit(amount, ANY_PRICE);
            _skip(DELAY, 100);
            pool.processDeposit(id);
            uint256 held = shares.balanceOf(luis);
            if (held != 0) {
                if (i % 3 == 0) held = held / 2 + 1; // some is left for later
                _requestRedemption(luis, held);
                _skip(DELAY, 100);
                pool.processRedemptions(1);
            }
        }
        if (shares.balanceOf(luis) != 0) {
            _requestRedemption(luis, shares.balanceOf(luis));
            _skip(DELAY, 100);
            pool.processRedemptions(1);
        }
        received = pool.claimableOf(luis);
        assertLe(received, spent, "ROUND-1: gained");
        assertGe(received + 200, spent, "and lost no more than rounding");
    }

    /// @dev ROUND-1: a thousand round trips in an otherwise empty and flat pool.
    function test_ROUND1_processRedemptions_gainsNothing_whenAThousandTimes() public {
        _provide(1_000);
        _approved(luis, 1_000 * 333_333);
        for (uint256 i; i < 1_000; ++i) {
            uint256 amount = ((i * 7_919) % 333_333) + 1;
            vm.prank(luis);
            uint256 id = pool.requestDeposit(amount, ANY_PRICE);
            skipSeconds(DELAY);
            uint256 minted = pool.processDeposit(id);
            _requestRedemption(luis, minted);
            skipSeconds(DELAY);
            pool.processRedemptions(1);
            if (pool.claimableOf(luis) != 0) assertLe(pool.claim(luis), amount, "ROUND-1");
        }
        assertLe(token.balanceOf(luis), 1_000 * 333_333);
    }

    /// @dev A provider who trades around their own redemption: opens to widen the skew just before it, closes just after. What the pool is worth to those who leave
    /// does not grow by it, so the fees are lost.
    function test_processRedemptions_paysNoMore_whenSkewIsWidenedAroundIt() public {
        _provide(1_000_000);
        _requestRedemption(lena, 100_000e18);
        _skip(DELAY, 100);
        uint256 quiet = pool.previewRedemption(100_000e18);
        _fund(alice, 500_000e18);
        _trade(alice, SOL, 50_000e18); // 1 % of K: the premium is 25 000 USD
        uint256 fees = (uint256(pool.valuation().equityUsd) - 1_000_000e18) / 1e12;
        assertLe(pool.previewRedemption(100_000e18), quiet + fees / 10, "no more than its part of the fee");
        _trade(alice, SOL, -50_000e18);
        assertLe(pool.previewRedemption(100_000e18), quiet + fees / 5, "no more than its part of the fees");
    }

    /// @dev Nobody enters just before a gain: a deposit requested when the gain is known is processed when everybody knows it.
    function test_processDeposit_buysNoKnownGain() public {
        _provide(100_000);
        _skew(1_000e18);
        uint256 id = _request(luis, 100_000); // knows that the price is about to fall
        _solPrice(90);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILiquidityPool.RequestNotReady.selector,
                id,
                vm.getBlockTimestamp() - 12 + DELAY,
                vm.getBlockTimestamp()
            )
        );
        pool.processDeposit(id);
        _skip(DELAY, 90);
        pool.processDeposit(id);
        // What luis could take out again, were all gains paid, is what he brought.
        ILiquidityPool.Valuation memory value = pool.valuation();
        uint256 worth = (uint256(value.equityUsd) * shares.balanceOf(luis)) / value.supply;
        assertLe(worth, 100_000e18 + VIRTUAL);
    }

    /// @dev Nobody leaves just before a loss: shares in the queue bear it.
    function test_processRedemptions_escapesNoLoss() public {
        _provide(100_000);
        _skew(1_000e18);
        _requestRedemption(lena, 50_000e18);
        _skip(DELAY - 1, 110);
        _skip(1, 110);
        assertEq(pool.processRedemptions(1), 1);
        assertLt(pool.claimableOf(lena), 45_100 * USD, "half of the loss of 10 000");
    }

    /// @dev L2: an owner that cannot receive holds up nobody: payouts wait to be claimed.
    function test_L2_processRedemptions_paysOthers_whenOneOwnerIsAContractThatReverts() public {
        _provide(10_000);
        address trap = deploy("HostileFeed"); // refuses every call
        vm.prank(lena);
        shares.transfer(trap, 1_000e18);
        _requestRedemption(trap, 1_000e18);
        _requestRedemption(lena, 1_000e18);
        skipSeconds(DELAY);
        assertEq(pool.processRedemptions(9), 2);
        assertGt(pool.claimableOf(trap), 0);
        assertGt(pool.claim(lena), 0);
    }
}
