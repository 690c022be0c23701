// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_processDeposit_Test is LiquidityPoolTest {
    /* REVERTS */

    function test_processDeposit_revertsWhenThereIsNoRequest() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestUnknown.selector, 1));
        pool.processDeposit(1);
    }

    function test_processDeposit_revertsWhenNotReady() public {
        _provide(10_000);
        uint256 id = _request(luis, 500);
        uint256 readyAt = vm.getBlockTimestamp() + DELAY;
        skipSeconds(DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestNotReady.selector, id, readyAt, readyAt - 1));
        pool.processDeposit(id);
        skipSeconds(1);
        assertGt(pool.processDeposit(id), 0);
    }

    /// @dev O1: with a position the price matters, and a stale one is refused.
    function test_processDeposit_revertsWhenPriceIsNotValid() public {
        uint256 id = _waitingWithPosition();
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, SOL, PriceStatus.Stale));
        pool.processDeposit(id);
    }

    /// @dev At an older price the request would be timed by what the next will be.
    function test_processDeposit_revertsWhenPriceIsNotFresh() public {
        uint256 id = _waitingWithPosition();
        uint256 publishedAt = vm.getBlockTimestamp();
        skipSeconds(MAX_PRICE_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.PriceNotFresh.selector, SOL, publishedAt, MAX_PRICE_AGE));
        pool.processDeposit(id);
        assertFalse(pool.valuation().priceUsable);
        _skip(1, 100);
        skipSeconds(MAX_PRICE_AGE);
        assertTrue(pool.valuation().priceUsable);
        assertGt(pool.processDeposit(id), 0);
    }

    function test_processDeposit_revertsWhenFirstDepositIsTooSmall() public {
        uint256 id = _request(lena, 999);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.FirstDepositTooSmall.selector, id, 999e18, 1_000e18));
        pool.processDeposit(id);
    }

    /* RETURNED */

    function test_processDeposit_returnsTheTokens_whenLimitIsMissed() public {
        _provide(10_000);
        _fund(_account(), 1_000e18); // a share is worth 1.10
        _approved(luis, 500 * USD);
        vm.prank(luis);
        uint256 id = pool.requestDeposit(500 * USD, 1.099e18);
        skipSeconds(DELAY);
        _assertReturned(id, ILiquidityPool.ReturnReason.LimitMissed, 500 * USD);
    }

    function test_processDeposit_fills_whenLimitIsMetExactly() public {
        _provide(10_000);
        uint256 price = (uint256(10_000e18 + VIRTUAL) * 1e18 + (10_000e18 + VIRTUAL) - 1) / (10_000e18 + VIRTUAL);
        _approved(luis, 500 * USD);
        vm.prank(luis);
        uint256 id = pool.requestDeposit(500 * USD, price);
        skipSeconds(DELAY);
        assertEq(pool.processDeposit(id), 500e18);
    }

    /// @dev One unit of the token buys no share where a share is worth a million of them.
    function test_processDeposit_returnsTheTokens_whenTooSmall() public {
        _provide(1_000);
        _requestRedemption(lena, 1_000e18 - 1);
        skipSeconds(DELAY);
        pool.processRedemptions(1);
        _fund(_account(), 10_000_000e18);
        _approved(luis, 1);
        vm.prank(luis);
        uint256 id = pool.requestDeposit(1, ANY_PRICE);
        skipSeconds(DELAY);
        _assertReturned(id, ILiquidityPool.ReturnReason.TooSmall, 1);
    }

    /// @dev A pool that lost all but a thousandth would sell shares for next to nothing.
    function test_processDeposit_returnsTheTokens_whenPoolIsDepleted() public {
        _provide(10_000);
        _skew(1_000e18);
        uint256 id = _request(luis, 500);
        _skip(DELAY, 110);
        assertGt(pool.previewDeposit(500 * USD), 0, "almost depleted");
        skipSeconds(12);
        feed.push(110.035e8);
        assertGt(pool.valuation().equityUsd, 0);
        assertLt(pool.valuation().equityUsd, 10e18, "less than a thousandth");
        _assertReturned(id, ILiquidityPool.ReturnReason.PoolDepleted, 500 * USD);
        assertEq(pool.previewDeposit(500 * USD), 0);
    }

    /* FILLED */

    function test_processDeposit_mintsOneForOne_whenFirst() public {
        uint256 id = _request(lena, 1_000);
        vm.expectEmit(address(pool));
        emit ILiquidityPool.DepositProcessed(id, lena, 1_000e18, 1_000e18, 1_000e18, 1_000e18);
        assertEq(pool.processDeposit(id), 1_000e18, "without waiting");
        assertEq(shares.balanceOf(lena), 1_000e18);
        assertEq(_cash(_account()), 1_000e18);
        assertEq(token.balanceOf(address(pool)), 0);
        assertEq(pool.depositRequestOf(id).owner, address(0));
    }

    /// @dev At par: a newcomer pays for unsettled gains in full, so that those who are in lose nothing to them.
    function test_processDeposit_chargesForUnpaidGains() public {
        _provide(100_000);
        _skew(1_000e18);
        uint256 id = _request(luis, 10_000);
        _skip(DELAY, 95); // alice's loss of 5 000 is the pool's gain
        ILiquidityPool.Valuation memory before = pool.valuation();
        assertGt(before.equityUsd, 104_900e18);
        uint256 expected = pool.previewDeposit(10_000 * USD);
        assertEq(pool.processDeposit(id), expected, "preview");
        assertEq(expected, (10_000e18 * (100_000e18 + VIRTUAL)) / (uint256(before.equityUsd) + VIRTUAL));
        // What lena's shares are a claim to has not become less.
        uint256 supply = pool.valuation().supply;
        uint256 worthAfter = (uint256(pool.valuation().equityUsd) * 100_000e18) / supply;
        assertGe(worthAfter + VIRTUAL, uint256(before.equityUsd), "diluted");
    }

    /// @dev CASH-1: while the pool has no position no feed matters.
    function test_processDeposit_needsNoPrice_whenPoolIsFlat() public {
        _provide(10_000);
        uint256 id = _request(luis, 500);
        skipSeconds(DELAY + 10 days);
        assertEq(pool.processDeposit(id), 500e18);
    }

    /// @dev The preview is what processing mints, at any price and skew.
    function testFuzz_processDeposit_mintsWhatThePreviewSays(uint256 size, uint256 price, uint256 amount) public {
        _provide(1_000_000);
        int256 lots = int256(bound(size, 300, 1_000_000)) * 0.01e18;
        _skew(size % 2 == 0 ? lots : -lots);
        amount = bound(amount, 1, 1e12);
        _approved(luis, amount);
        vm.prank(luis);
        uint256 id = pool.requestDeposit(amount, ANY_PRICE);
        _skip(DELAY, bound(price, 50, 150));
        uint256 preview = pool.previewDeposit(amount);
        assertEq(pool.processDeposit(id), preview);
        assertEq(shares.balanceOf(luis), preview);
        if (preview == 0) assertEq(pool.claimableOf(luis), amount);
    }

    function _waitingWithPosition() private returns (uint256 id) {
        _provide(100_000);
        _skew(100e18);
        id = _request(luis, 500);
        _skip(DELAY, 100);
    }

    function _assertReturned(uint256 id, ILiquidityPool.ReturnReason reason, uint256 amountNative) private {
        vm.expectEmit(address(pool));
        emit ILiquidityPool.DepositReturned(id, luis, reason, amountNative, amountNative);
        assertEq(pool.processDeposit(id), 0);
        assertEq(shares.balanceOf(luis), 0);
        assertEq(pool.claimableOf(luis), amountNative);
        pool.claim(luis);
        assertEq(token.balanceOf(luis), amountNative);
    }
}
