// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_processRedemptions_Test is LiquidityPoolTest {
    /* WAITING */

    function test_processRedemptions_revertsWhenQueueIsEmpty() public {
        _refuse(ILiquidityPool.RedemptionStatus.QueueEmpty, 1);
        _provide(1_000);
        _requestRedemption(lena, 400e18);
        skipSeconds(DELAY);
        pool.processRedemptions(9);
        _refuse(ILiquidityPool.RedemptionStatus.QueueEmpty, 2);
    }

    function test_processRedemptions_revertsWhenNotReady() public {
        _provide(1_000);
        _requestRedemption(lena, 400e18);
        skipSeconds(DELAY - 1);
        _refuse(ILiquidityPool.RedemptionStatus.NotReady, 1);
        skipSeconds(1);
        assertEq(pool.processRedemptions(1), 1);
    }

    /// @dev O1
    function test_processRedemptions_revertsWhenPriceIsNotValid() public {
        _waitingWithPosition(100_000);
        skipSeconds(3_601);
        _refuse(ILiquidityPool.RedemptionStatus.PriceNotValid, 1);
    }

    /// @dev Nobody leaves at a price that is about to change.
    function test_processRedemptions_revertsWhenPriceIsNotFresh() public {
        _waitingWithPosition(100_000);
        skipSeconds(MAX_PRICE_AGE + 1);
        _refuse(ILiquidityPool.RedemptionStatus.PriceNotFresh, 1);
        _skip(1, 100);
        skipSeconds(MAX_PRICE_AGE);
        assertEq(pool.processRedemptions(1), 1);
    }

    /// @dev G2: nobody leaves before a loss that is booked and not yet collected; afterwards they do.
    function test_processRedemptions_revertsWhenALossIsOpen() public {
        _provide(1_000_000);
        _open(alice, SOL, 60_000e18, 10_000e18);
        _open(bob, SOL, 60_000e18, -8_000e18);
        _requestRedemption(lena, 1_000e18);
        _skip(DELAY, 85);
        _resolve(alice);
        assertGt(house.marketOf(SOL).uncollectedLossUsd, 100e18, "a loss is open");
        _refuse(ILiquidityPool.RedemptionStatus.LossOpen, 1);
        house.touch(bob, SOL, 1);
        assertLt(house.marketOf(SOL).uncollectedLossUsd, 100e18, "collected");
        assertEq(pool.processRedemptions(1), 1);
    }

    function test_processRedemptions_revertsWhenThereIsNoFreeCash() public {
        _waitingWithPosition(100_000);
        _open(bob, SOL, 200_000e18, 9_000e18);
        _solPrice(108);
        assertEq(house.freeCashOf(_account()), 0);
        _refuse(ILiquidityPool.RedemptionStatus.NoFreeCash, 1);
    }

    /* GIVEN BACK */

    function test_processRedemptions_returnsTheShares_whenLimitIsMissed() public {
        _provide(10_000);
        vm.prank(lena);
        uint256 id = pool.requestRedemption(400e18, 1e18); // virtual shares keep the price just below 1
        skipSeconds(DELAY);
        vm.expectEmit(address(pool));
        emit ILiquidityPool.RedemptionReturned(id, lena, ILiquidityPool.ReturnReason.LimitMissed, 400e18);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(shares.balanceOf(lena), 10_000e18);
        assertEq(pool.claimableOf(lena), 0);
    }

    function test_processRedemptions_returnsTheShares_whenTooSmall() public {
        _provide(10_000);
        uint256 id = _requestRedemption(lena, 1e12 - 1);
        skipSeconds(DELAY);
        vm.expectEmit(address(pool));
        emit ILiquidityPool.RedemptionReturned(id, lena, ILiquidityPool.ReturnReason.TooSmall, 1e12 - 1);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(shares.balanceOf(lena), 10_000e18);
    }

    /* PAID */

    function test_processRedemptions_paysAsManyAsAskedInOrderOfRequest() public {
        _provide(10_000);
        for (uint256 i; i < 3; ++i) _requestRedemption(lena, 1_000e18);
        skipSeconds(DELAY);
        assertEq(pool.processRedemptions(0), 0);
        assertEq(pool.processRedemptions(2), 2);
        (uint256 first, uint256 next) = pool.redemptionQueue();
        assertEq(first, 3);
        assertEq(next, 4);
        assertLt(pool.claimableOf(lena), 2_000 * USD);
        assertGe(pool.claimableOf(lena), 2_000 * USD - 2, "at most a unit each for rounding");
        assertEq(shares.totalSupply(), 8_000e18);
        assertEq(token.balanceOf(address(pool)), pool.claimableOf(lena), "withdrawn from the house, not yet claimed");
        assertEq(pool.processRedemptions(9), 1);
    }

    /// @dev One that is not ready stops the queue behind it, not before.
    function test_processRedemptions_stopsAtTheFirstThatIsNotReady() public {
        _provide(10_000);
        _requestRedemption(lena, 1_000e18);
        skipSeconds(10);
        _requestRedemption(lena, 1_000e18);
        skipSeconds(DELAY - 10);
        assertEq(pool.processRedemptions(9), 1);
        skipSeconds(10);
        assertEq(pool.processRedemptions(9), 1);
    }

    /// @dev As far as free cash reaches, the first in the queue first, and its rest keeps its place.
    function test_processRedemptions_paysInPart_whenFreeCashIsShort() public {
        _provide(100_000);
        _skew(10_000e18);
        uint256 id = _requestRedemption(lena, 90_000e18);
        _skip(DELAY, 100);
        _settle(_account());
        uint256 free = house.freeCashOf(_account());
        assertLt(free, 60_000e18, "most of the cash is margin");
        assertGt(free, 1_000e18);
        assertEq(pool.processRedemptions(9), 0, "not done");
        assertApproxEqAbs(pool.claimableOf(lena), free / 1e12, 1);
        (uint256 first, ) = pool.redemptionQueue();
        assertEq(first, id);
        uint256 left = pool.redemptionRequestOf(id).shares;
        assertGt(left, 30_000e18);
        assertEq(left, shares.balanceOf(address(pool)));
        _refuse(ILiquidityPool.RedemptionStatus.NoFreeCash, id);
        // Alice closes: the rest is paid.
        _trade(alice, SOL, -10_000e18);
        assertEq(pool.processRedemptions(9), 1);
        assertEq(shares.balanceOf(address(pool)), 0);
    }

    /// @dev Gains that are not paid yet count nothing for those who leave; losses count in full.
    function test_processRedemptions_countsUnpaidGainsAsNothing() public {
        _provide(100_000);
        _skew(1_000e18);
        _requestRedemption(lena, 10_000e18);
        _skip(DELAY, 95);
        assertGt(pool.valuation().equityUsd, 104_900e18);
        _settle(_account()); // the edge of alice's fill has stood for a day
        uint256 cash = _cash(_account());
        uint256 preview = pool.previewRedemption(10_000e18);
        assertApproxEqAbs(preview, cash / 10 / 1e12, 1, "a tenth of the cash");
        assertEq(pool.processRedemptions(1), 1);
        assertEq(pool.claimableOf(lena), preview);

        // Once the gain has stood and is paid it counts.
        _requestRedemption(lena, 10_000e18);
        _skip(DELAY, 95);
        _settle(alice);
        _mature(95);
        preview = pool.previewRedemption(10_000e18);
        assertGt(preview, 10_400 * USD, "matured");
        assertEq(pool.processRedemptions(1), 1);
    }

    function test_processRedemptions_countsLossesInFull() public {
        _provide(100_000);
        _skew(1_000e18);
        _requestRedemption(lena, 10_000e18);
        _skip(DELAY, 105);
        uint256 preview = pool.previewRedemption(10_000e18);
        assertLt(preview, 9_510 * USD);
        assertGt(preview, 9_490 * USD);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(pool.claimableOf(lena), preview);
    }

    /// @dev CASH-1: while the pool has no position no feed matters.
    function test_processRedemptions_needsNoPrice_whenPoolIsFlat() public {
        _provide(10_000);
        _requestRedemption(lena, 10_000e18);
        skipSeconds(DELAY + 10 days);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(shares.totalSupply(), 0);
        assertGe(pool.claimableOf(lena), 10_000 * USD - 2);
    }

    /// @dev CONS-1: tokens are those of the house, of waiting deposits and of claims.
    function testFuzz_processRedemptions_paysWhatThePreviewSays(uint256 amount, uint256 price, uint256 size) public {
        _provide(1_000_000);
        int256 lots = int256(bound(size, 300, 100_000)) * 0.01e18;
        _skew(size % 2 == 0 ? lots : -lots);
        amount = bound(amount, 1, 500_000e18);
        _requestRedemption(lena, amount);
        _skip(DELAY, bound(price, 50, 150));
        uint256 preview = pool.previewRedemption(amount);
        uint256 tokensBefore = token.balanceOf(address(house));
        vm.assume(house.freeCashOf(_account()) / 1e12 >= preview && preview != 0);
        assertEq(pool.processRedemptions(1), 1);
        assertEq(pool.claimableOf(lena), preview);
        assertEq(token.balanceOf(address(pool)), preview);
        assertEq(token.balanceOf(address(house)), tokensBefore - preview);
    }

    function _waitingWithPosition(uint256 amountUsd) private {
        _provide(amountUsd);
        _skew(100e18);
        _requestRedemption(lena, 1_000e18);
        _skip(DELAY, 100);
    }

    function _refuse(ILiquidityPool.RedemptionStatus status, uint256 firstId) private {
        _assertStatus(status);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RedemptionsWaiting.selector, status, firstId));
        pool.processRedemptions(9);
    }
}
