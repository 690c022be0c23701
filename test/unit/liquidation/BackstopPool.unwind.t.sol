// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice Closing what the backstop took: in slices, towards zero only, never dearer than its tolerance.
contract BackstopPool_unwind_Test is BackstopScenarios {
    /// @dev D18{base}, a thousandth of depth, which is a hundredth of 500 000.
    uint256 private constant SLICE = 5e18;

    function setUp() public override {
        super.setUp();
        _stake(lena, 500_000e18);
    }

    /// @dev The pool is long some 60 ETH at 1 908.
    function _hold() private returns (int256 size) {
        _ripe();
        pool.take(alice, ETH);
        size = _size(poolAccount, ETH);
        assertGt(size, int256(8 * SLICE));
    }

    function _unwind() private returns (int256 sizeDelta) {
        (int256 preview, ) = pool.previewUnwind(ETH);
        sizeDelta = pool.unwind(ETH);
        assertEq(sizeDelta, preview, "preview");
    }

    function test_unwind_revertsWhenThePoolHoldsNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.NothingHeld.selector, ETH));
        pool.unwind(ETH);
    }

    function test_unwind_revertsWhenTheLastSliceIsTooRecent() public {
        _hold();
        _unwind();
        uint256 allowedAt = vm.getBlockTimestamp() + 60;
        vm.warp(allowedAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.SliceTooEarly.selector, ETH, allowedAt, allowedAt - 1));
        pool.unwind(ETH);
        vm.warp(allowedAt);
        assertEq(_unwind(), -int256(SLICE));
    }

    function test_unwind_revertsWhenThePriceIsNotValid() public {
        _hold();
        _stale(ETH, BTC, 40_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        pool.unwind(ETH);
    }

    /// @dev The pool sells where the traders are net short by more than its tolerance already.
    function test_unwind_revertsWhenItIsTooCostly() public {
        _hold();
        _trade(carol, ETH, -5_000e18);
        int256 ratio = -0.01e18;
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.SliceTooCostly.selector, ETH, ratio, 0.01e18));
        pool.unwind(ETH);
        (int256 preview, ) = pool.previewUnwind(ETH);
        assertEq(preview, 0);
        _trade(carol, ETH, 2e18);
        assertEq(_unwind(), -int256(4e18), "within the tolerance to the last unit");
    }

    function test_unwind_closesASlice() public {
        int256 size = _hold();
        int256 equity = _equity(poolAccount);
        (uint256 price, uint256 fee) = house.previewTrade(ETH, -int256(SLICE));
        assertEq(_unwind(), -int256(SLICE));
        assertEq(_size(poolAccount, ETH), size - int256(SLICE));
        int256 cost = int256(((1_908e18 - price) * SLICE) / 1e18 + fee);
        assertApproxEqAbs(_equity(poolAccount), equity - cost, 10);
        _assertConserved(_everybody());
    }

    /// @dev A quote that takes the skew towards zero costs nothing, whatever the tolerance.
    function test_unwind_closesASlice_whenTheToleranceIsNothing() public {
        _hold();
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        terms.unwindTolerance = 0;
        pool.setBackstopTerms(ETH, terms);
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.SliceTooCostly.selector, ETH, int256(0), 0));
        pool.unwind(ETH);
        _trade(carol, ETH, 100e18);
        assertEq(_unwind(), -int256(SLICE));
    }

    function test_unwind_buysBackAShort() public {
        _open(bob, ETH, 10_000e18, -80e18);
        _open(alice, ETH, 20_000e18, 80e18);
        _price(ETH, 2_090);
        _markAndWait(bob, PAUSE);
        pool.take(bob, ETH);
        assertEq(_unwind(), int256(SLICE));
        _assertConserved(_everybody());
    }

    /// @dev All of it in the end, the last slice with the rest that could not stand alone.
    function test_unwind_closesEverythingInTime() public {
        int256 size = _hold();
        uint256 slices;
        while (size != 0) {
            int256 sizeDelta = _unwind();
            assertLt(sizeDelta, 0, "only ever closes");
            size += sizeDelta;
            assertEq(_size(poolAccount, ETH), size);
            ++slices;
            skipSeconds(60);
        }
        assertEq(_size(poolAccount, ETH), 0);
        assertGt(slices, 8);
        _assertConserved(_everybody());
        // 250 USD are the least position: 0.131 ETH.
        _wait(ETH, 1_908, 1_800);
        _settle(poolAccount);
        assertEq(house.accountOf(poolAccount).markets, 0, "the gain is paid");
        assertGt(_cash(poolAccount), 500_000e18, "and it is one");
    }

    function test_unwind_takesARestWithIt() public {
        _hold();
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        int256 size = _size(poolAccount, ETH);
        // A slice that leaves a tenth of an ETH, 191 USD.
        terms.unwindShare = ((uint256(size) - 0.1e18) * 1e18) / 5_000e18;
        pool.setBackstopTerms(ETH, terms);
        assertEq(_unwind(), -size);
        assertEq(_size(poolAccount, ETH), 0);
    }

    /// @dev A dead feed elsewhere keeps it from recording, not from closing.
    function test_unwind_recordsNothing_whenAnotherMarketHasNoPrice() public {
        _hold();
        AccountId resolution = _strandBtc();
        pool.take(resolution, BTC);
        uint256 length = pool.historyLength();
        _stale(BTC, ETH, 1_908);
        _unwind();
        assertEq(pool.historyLength(), length);
    }

    /// @dev Carol is long 5 BTC and bankrupt at 32 000.
    function _strandBtc() private returns (AccountId resolution) {
        _trade(carol, BTC, 5e18);
        vm.prank(carol.owner());
        house.withdraw(carol, 985_000e18, carol.owner());
        _open(bob, BTC, 100_000e18, -5e18);
        skipSeconds(60);
        _publish(1_908, 32_000);
        _resolve(carol);
        return house.systemAccountOf(BTC, 0);
    }

    /// @dev Whatever skew and terms: only towards zero, within slice and tolerance, conserved.
    function testFuzz_unwind_staysWithinItsTerms(int256 skew, uint256 share, uint256 tolerance) public {
        int256 size = _hold();
        skew = bound(skew, -9_000e18, 9_000e18);
        skew -= skew % 1e15;
        if (skew > 1e18 || skew < -1e18) _open(carol, ETH, 2_000_000e18, skew);
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        terms.unwindShare = bound(share, 0.001e18, 1e18);
        terms.unwindTolerance = bound(tolerance, 0, 0.05e18);
        pool.setBackstopTerms(ETH, terms);
        (int256 preview, ) = pool.previewUnwind(ETH);
        if (preview == 0) return;
        (uint256 price, ) = house.previewTrade(ETH, preview);
        assertEq(_unwind(), preview);
        assertLt(preview, 0);
        assertLe(-preview, size);
        assertLe(uint256(-preview), (5_000e18 * terms.unwindShare) / 1e18 + 0.132e18, "slice");
        if (price < 1_908e18) {
            assertLe(1_908e18 - price, (1_908e18 * terms.unwindTolerance) / 1e18 + 1, "tolerance");
        }
        _assertConserved(_everybody());
    }
}
