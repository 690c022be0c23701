// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

/// @notice Providers of a market that has ended: their shares are worth the pool's cash and claim, and need no feed any more.
contract LiquidityPool_windDown_Test is LiquidityPoolTest {
    /// @dev Alice long 10 000 SOL against the pool at 100; the market ends at `priceUsd` after a notice, and its feed dies.
    function _end(uint256 priceUsd) private {
        _provide(500_000);
        _open(alice, SOL, 600_000e18, 10_000e18);
        house.announceWindDown(SOL, 100e18);
        _skip(2 days, priceUsd);
        house.windDown(SOL);
        skipSeconds(4_000);
    }

    function _settleOne(AccountId account) private {
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account;
        house.settle(accounts);
    }

    function test_processRedemptions_paysWithoutAFeed_whenTheMarketIsWoundDown() public {
        _end(90);
        // The pool has won 100 000; before it is paid the claim counts as nothing for those who leave.
        ILiquidityPool.Valuation memory worth = pool.valuation();
        assertTrue(worth.priceUsable);
        assertGt(worth.equityUsd, int256(590_000e18));
        assertLt(worth.redeemableUsd, 501_000e18);
        _settleOne(alice);
        skipSeconds(1 days);
        uint256 supply = shares.totalSupply();
        assertGt(pool.valuation().redeemableUsd, 590_000e18);
        _requestRedemption(lena, shares.balanceOf(lena));
        skipSeconds(DELAY);
        _assertStatus(ILiquidityPool.RedemptionStatus.Payable);
        assertEq(pool.processRedemptions(1), 1);
        uint256 before = token.balanceOf(lena);
        pool.claim(lena);
        assertGt(token.balanceOf(lena) - before, 590_000 * USD);
        assertLt(shares.totalSupply(), supply);
        assertEq(_quote(_account(), SOL), int256(0));
    }

    function test_processRedemptions_isAtTheLoss_whenThePoolLostAtTheEnd() public {
        _end(110);
        // What it owes is taken off, whether it has been pulled or not.
        assertLt(pool.valuation().redeemableUsd, 402_000e18);
        _requestRedemption(lena, shares.balanceOf(lena));
        skipSeconds(DELAY);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(_quote(_account(), SOL), int256(0), "processing pulls it");
        pool.claim(lena);
        assertLt(token.balanceOf(lena), 402_000 * USD);
        assertGt(token.balanceOf(lena), 390_000 * USD);
        // And alice is paid.
        _settleOne(alice);
        assertEq(house.accountOf(alice).markets, 0);
    }

    function test_processRedemptions_waits_whenALossIsOpen() public {
        _provide(500_000);
        _open(alice, SOL, 60_000e18, 10_000e18);
        house.announceWindDown(SOL, 100e18);
        _skip(2 days, 80);
        house.windDown(SOL);
        _resolve(alice);
        _requestRedemption(lena, shares.balanceOf(lena));
        skipSeconds(DELAY);
        // The pool, which is touched at once, has borne all of it: nothing is open.
        _assertStatus(ILiquidityPool.RedemptionStatus.Payable);
        assertEq(pool.processRedemptions(1), 1);
        pool.claim(lena);
        assertGt(token.balanceOf(lena), 500_000 * USD, "its principal, and what alice had");
        assertLt(token.balanceOf(lena), 561_000 * USD);
    }
}
