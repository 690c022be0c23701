// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice Leaving the backstop: cooldown, window, what waits, and what is paid.
contract BackstopPool_redeem_Test is BackstopScenarios {
    function setUp() public override {
        super.setUp();
        _stake(lena, 100_000e18);
    }

    /* COOLDOWN */

    function test_requestCooldown_revertsWhenTheSharesAreNotThere() public {
        vm.expectRevert(
            abi.encodeWithSelector(IStakedShares.CooldownAboveBalance.selector, lena, 100_000e18 + 1, 100_000e18)
        );
        _cool(lena, 100_000e18 + 1);
    }

    function test_redeem_revertsWhenThereIsNoCooldown() public {
        assertEq(vault.maxRedeem(lena), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownTooSmall.selector, lena, 1e18, 0));
        _redeem(lena, 1e18);
    }

    function test_redeem_revertsWhenTheCooldownRuns() public {
        uint256 opensAt = vm.getBlockTimestamp() + COOLDOWN;
        _cool(lena, 50_000e18);
        vm.warp(opensAt - 1);
        assertEq(vault.maxRedeem(lena), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownRunning.selector, lena, opensAt, opensAt - 1));
        _redeem(lena, 50_000e18);
        vm.warp(opensAt);
        assertEq(vault.maxRedeem(lena), 50_000e18);
        assertApproxEqAbs(_redeem(lena, 50_000e18), 50_000e18, 1e12);
    }

    function test_redeem_revertsWhenTheWindowHasPassed() public {
        uint256 closesAt = vm.getBlockTimestamp() + COOLDOWN + WINDOW;
        _cool(lena, 50_000e18);
        vm.warp(closesAt - 1);
        _redeem(lena, 1e18);
        vm.warp(closesAt);
        assertEq(vault.maxRedeem(lena), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownExpired.selector, lena, closesAt, closesAt));
        _redeem(lena, 1e18);
    }

    function test_redeem_revertsWhenMoreIsRedeemedThanCooled() public {
        _cool(lena, 50_000e18);
        skipSeconds(COOLDOWN);
        vm.expectRevert(
            abi.encodeWithSelector(IStakedShares.CooldownTooSmall.selector, lena, 50_000e18 + 1, 50_000e18)
        );
        _redeem(lena, 50_000e18 + 1);
    }

    function test_requestCooldown_startsAnew_whenAskedAgain() public {
        _cool(lena, 10e18);
        skipSeconds(COOLDOWN);
        uint256 timestamp = vm.getBlockTimestamp();
        _cool(lena, 20e18);
        IStakedShares.CooldownState memory state = pool.cooldownOf(lena);
        assertEq(state.shares, 20e18);
        assertEq(state.opensAt, timestamp + COOLDOWN);
        assertEq(state.closesAt, timestamp + COOLDOWN + WINDOW);
        assertEq(vault.maxRedeem(lena), 0);
    }

    function test_requestCooldown_isCalledOff_whenAskedForNothing() public {
        _cool(lena, 10e18);
        _cool(lena, 0);
        assertEq(pool.cooldownOf(lena).opensAt, 0);
        skipSeconds(COOLDOWN);
        assertEq(vault.maxRedeem(lena), 0);
    }

    function test_redeem_usesTheCooldownUp() public {
        _cool(lena, 50_000e18);
        skipSeconds(COOLDOWN);
        _redeem(lena, 20_000e18);
        assertEq(pool.cooldownOf(lena).shares, 30_000e18);
        _redeem(lena, 30_000e18);
        assertEq(vault.balanceOf(lena), 50_000e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownTooSmall.selector, lena, 1, 0));
        _redeem(lena, 1);
    }

    /* TRANSFERS */

    /// @dev S2: who buys shares buys no cooldown, and who sells them keeps none for shares bought back.
    function test_S2_redeem_takesACooldownOfItsOwn_whenSharesAreTransferred() public {
        _cool(lena, 100_000e18);
        skipSeconds(COOLDOWN);
        vm.prank(lena);
        vault.transfer(luis, 60_000e18);
        assertEq(pool.cooldownOf(lena).shares, 40_000e18);
        assertEq(vault.maxRedeem(luis), 0);
        vm.prank(luis);
        vault.transfer(lena, 60_000e18);
        assertEq(vault.balanceOf(lena), 100_000e18);
        assertEq(vault.maxRedeem(lena), 40_000e18);
    }

    function test_S2_redeem_isUnchanged_whenSharesOutsideTheCooldownLeave() public {
        _cool(lena, 40_000e18);
        vm.prank(lena);
        vault.transfer(luis, 60_000e18);
        assertEq(pool.cooldownOf(lena).shares, 40_000e18);
        vm.prank(lena);
        vault.transfer(lena, 40_000e18);
        assertEq(pool.cooldownOf(lena).shares, 40_000e18, "to oneself");
    }

    /* WAITING */

    function test_redeem_revertsWhenShortfallsAreRecorded() public {
        _cool(lena, 100_000e18);
        _passCooldown(2_000, 40_000);
        _distressDeeply();
        assertGt(vault.maxRedeem(lena), 0, "nobody has looked yet");
        _mark(alice);
        uint256 shortfall = house.totalShortfallUsd();
        assertGt(shortfall, TOLERANCE);
        assertEq(vault.maxRedeem(lena), 0);
        assertEq(vault.maxWithdraw(lena), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.ShortfallOpen.selector, shortfall, TOLERANCE));
        _redeem(lena, 1e18);
        _fund(alice, 20_000e18);
        _mark(alice);
        _redeem(lena, 1e18);
    }

    function test_redeem_revertsWhenADeficitWaits() public {
        _cool(lena, 100_000e18);
        _passCooldown(2_000, 40_000);
        _uninsure(ETH);
        // The first event books at once; the second deficit has to wait for its turn.
        _strandTwice();
        assertGt(house.marketOf(ETH).pendingLossUsd, TOLERANCE);
        assertGt(vault.maxRedeem(lena), 0, "the pool is not in that market");
        pool.take(house.systemAccountOf(ETH, 0), ETH);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertEq(vault.maxRedeem(lena), 0);
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.DeficitOpen.selector, ETH, pending, TOLERANCE));
        _redeem(lena, 1e18);
    }

    /// @dev Two bankruptcies in one second: 200 ETH each, long at 2 000, resolved at 1 600.
    function _strandTwice() private {
        _open(alice, ETH, 25_000e18, 200e18);
        _trade(carol, ETH, 200e18);
        vm.prank(carol.owner());
        house.withdraw(carol, 970_000e18, carol.owner());
        _open(bob, ETH, 60_000e18, -400e18);
        _price(ETH, 1_600);
        _resolve(alice);
        _resolve(carol);
    }

    /* PAYMENT */

    function test_redeem_revertsWhenTheAllowanceIsTooSmall() public {
        _cool(lena, 10e18);
        skipSeconds(COOLDOWN);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, luis, 0, 10e18));
        vm.prank(luis);
        vault.redeem(10e18, luis, lena);
        vm.prank(lena);
        vault.approve(luis, 10e18);
        vm.prank(luis);
        vault.redeem(10e18, luis, lena);
        assertApproxEqAbs(token.balanceOf(luis), 10e18, 1e12);
    }

    function test_redeem_paysFromTheHouse() public {
        _cool(lena, 100_000e18);
        skipSeconds(COOLDOWN);
        uint256 preview = vault.previewRedeem(100_000e18);
        assertEq(_redeem(lena, 100_000e18), preview);
        assertEq(token.balanceOf(lena), preview);
        assertEq(vault.totalSupply(), 0);
        _assertConserved(_everybody());
    }

    function test_withdraw_burnsWhatThePreviewSays() public {
        _ripe();
        pool.take(alice, ETH);
        _cool(lena, 50_000e18);
        _passCooldown(1_908, 40_000);
        _mark(alice);
        uint256 shares = vault.previewWithdraw(30_000e18);
        vm.prank(lena);
        assertEq(vault.withdraw(30_000e18, lena, lena), shares);
        assertEq(token.balanceOf(lena), 30_000e18);
        assertEq(vault.balanceOf(lena), 100_000e18 - shares);
        _assertConserved(_everybody());
    }

    /// @dev An unpaid gain counts nothing, and what is taken is worth the index less what closing costs.
    function test_redeem_countsUnpaidGainsAsNothing() public {
        _ripe();
        pool.take(alice, ETH);
        _price(ETH, 1_990);
        assertGt(_equityOfPool(), 101_000e18);
        uint256 redeemable = pool.valuation().redeemableUsd;
        assertLe(redeemable, 100_000e18);
        assertGe(redeemable, 99_990e18, "the gain pays for closing");
        _wait(ETH, 1_990, 1_800);
        assertGt(pool.valuation().redeemableUsd, 101_000e18, "matured: a settlement would pay it");
    }

    /// @dev What leverage needs stays.
    function test_redeem_leavesWhatTheLeverageNeeds() public {
        _ripe();
        pool.take(alice, ETH);
        _cool(lena, 100_000e18);
        _passCooldown(1_908, 40_000);
        _mark(alice);
        IBackstopPool.BackstopValuation memory worth = pool.valuation();
        uint256 most = vault.maxRedeem(lena);
        assertLt(most, 100_000e18);
        assertApproxEqRel(vault.maxWithdraw(lena), worth.redeemableUsd - (worth.notionalUsd * 1e18) / LEVERAGE, 1e12);
        uint256 payable_ = pool.valuation().payableUsd;
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxWithdraw.selector,
                lena,
                vault.previewRedeem(100_000e18),
                payable_
            )
        );
        _redeem(lena, 100_000e18);
        _redeem(lena, most);
        assertLe(pool.valuation().payableUsd, 1e12);
    }

    /// @dev In and out at one price gains nothing, by any amounts, again and again (ROUND-1).
    function testFuzz_ROUND1_redeem_gainsNothing(uint256 seed, uint256 price) public {
        _ripe();
        pool.take(alice, ETH);
        price = bound(price, 1_900, 1_960);
        _price(ETH, price);
        uint256 spent;
        uint256 received;
        for (uint256 i; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = (seed % 1_000_000e18) + 1;
            spent += amount;
            _approved(luis, amount);
            if (vault.previewDeposit(amount) == 0) continue;
            vm.prank(luis);
            vault.deposit(amount, luis);
            _cool(luis, vault.balanceOf(luis));
            skipSeconds(COOLDOWN);
            _publish(price, 40_000);
            _mark(alice);
            uint256 held = vault.maxRedeem(luis);
            if (held == 0) continue;
            received += _redeem(luis, i % 3 == 0 ? held / 2 + 1 : held);
        }
        received += vault.previewRedeem(vault.balanceOf(luis));
        assertLe(received, spent, "ROUND-1: gained");
    }
}
