// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, AuctionMath} from "../../../contracts/libraries/AuctionMath.sol";
import {LiquidationMath, Reduction} from "../../../contracts/libraries/LiquidationMath.sol";
import {MarginMath} from "../../../contracts/libraries/MarginMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

/// @notice The formulas of AuctionMath against what they are meant to say: x* is the least size that restores, no bound is passed, all grows with time.
contract AuctionMathTest is LibraryTest {
    /// @dev A position to be taken over, in the protocol's terms.
    struct Case {
        uint256 notional;
        uint256 rate;
        uint256 slope;
        uint256 depth;
        int256 skewCost;
        uint256 equity;
        uint256 maintenance;
        uint256 share;
        uint256 penalty;
        uint256 band;
    }

    uint256 private constant TAU = 1.15e18;

    function _auction(Case memory c) private pure returns (Auction memory) {
        Reduction memory position = LiquidationMath.reductionOf(
            c.notional,
            c.rate,
            c.slope,
            c.depth,
            c.depth * 100,
            c.skewCost
        );
        return Auction(position, c.equity, c.maintenance, c.share, c.penalty, c.band);
    }

    function _case(uint256[7] memory seeds, int256 skew) private pure returns (Case memory c) {
        c.notional = bound(seeds[0], 300e18, 50_000_000e18);
        c.rate = bound(seeds[1], 0.005e18, 0.2e18);
        c.slope = bound(seeds[2], 0, 0.02e18);
        c.depth = bound(seeds[3], 1_000_000e18, 100_000_000e18);
        c.skewCost = bound(skew, -0.2e18, 0.2e18);
        c.maintenance = MarginMath.requirementUp(c.notional, c.rate, c.slope, c.depth);
        c.equity = (c.maintenance * bound(seeds[4], 1e15, 0.9999e18)) / ONE;
        c.share = bound(seeds[5], 0, ONE);
        c.penalty = LiquidationMath.penaltyRateDown(c.equity, c.notional, bound(seeds[6], 0, 0.1e18), 0.8e18);
        c.band = 0.02e18;
    }

    function _freed(Case memory c, uint256 closed) private pure returns (uint256) {
        return c.maintenance - MarginMath.requirementUp(c.notional - closed, c.rate, c.slope, c.depth);
    }

    function _discount(Case memory c, uint256 closed) private pure returns (uint256) {
        uint256 budget = LiquidationMath.healthBudgetDown(c.equity, c.maintenance, _freed(c, closed));
        return AuctionMath.discountDown(_auction(c), closed, budget);
    }

    /// @dev Whether taking `closed` brings the account to the target.
    function _restores(Case memory c, uint256 closed) private pure returns (bool) {
        uint256 equity = c.equity - _discount(c, closed);
        return equity * ONE >= (c.maintenance - _freed(c, closed)) * TAU;
    }

    /* EXAMPLES */

    function test_shareDown_growsToOne() public pure {
        assertEq(AuctionMath.shareDown(0, 90), 0);
        assertEq(AuctionMath.shareDown(45, 90), 0.5e18);
        assertEq(AuctionMath.shareDown(89, 90), uint256(89e18) / 90);
        assertEq(AuctionMath.shareDown(90, 90), ONE);
        assertEq(AuctionMath.shareDown(MAX, 90), ONE);
    }

    /// @dev The cheaper of the skew now and its average, for both directions.
    function test_skewCostDown_takesTheCheaper() public pure {
        assertEq(AuctionMath.skewCostDown(-1, -10e18, -0.02e18, 1_000e18), 0.01e18 - 1);
        assertEq(AuctionMath.skewCostDown(-1, -10e18, -0.005e18, 1_000e18), 0.005e18 - 1);
        assertEq(AuctionMath.skewCostDown(1, -10e18, -0.02e18, 1_000e18), -0.02e18 - 1);
    }

    /// @dev At the start nothing is given away: x* is that of a free reduction.
    function test_targetUp_isOfAFreeReduction_whenTheAuctionStarts() public pure {
        Case memory c = Case(1e24, 0.03e18, 0.005e18, 1e25, 0, 27_450e18, 30_500e18, 0, 0.01e18, 0.02e18);
        uint256 size = AuctionMath.targetUp(_auction(c), TAU);
        assertTrue(_restores(c, size));
        assertFalse(_restores(c, size - 1e12));
        // τ·(r·x − q·x²) = τ·MM − E; r = 0.031, q = 5e-10.
        assertApproxEqRel(size, 214_500e18, 0.005e18);
    }

    function test_targetUp_isZero_whenTheTargetIsMet() public pure {
        Case memory c = Case(1e24, 0.03e18, 0, 1e25, 0, 34_500e18, 30_000e18, ONE, 0.01e18, 0.02e18);
        assertEq(AuctionMath.targetUp(_auction(c), TAU), 0);
    }

    /// @dev Where the pool pays for the reduction, so does the auction; the whole rate never is negative.
    function test_liquidationCostDown_isNotBelowZero() public pure {
        Case memory c = Case(1e22, 0.03e18, 0, 1e25, -0.2e18, 100e18, 300e18, ONE, 0.005e18, 0.02e18);
        assertEq(AuctionMath.liquidationCostDown(_auction(c), 1e22), 0);
        c.skewCost = -0.003e18;
        assertApproxEqRel(AuctionMath.liquidationCostDown(_auction(c), 1e22), 20e18 + 0.05e18, 1e12);
    }

    function test_discountDown_isATenthAtMost() public pure {
        Case memory c = Case(1e22, 0.5e18, 0, 1e25, 0.5e18, 4_900e18, 5_000e18, ONE, 0.01e18, 0.02e18);
        assertEq(AuctionMath.discountDown(_auction(c), 1e22, 4_900e18), 1_000e18);
    }

    function test_priceOf_movesAgainstTheAccountByNoMoreThanTheDiscount() public pure {
        assertEq(AuctionMath.priceOf(2_000e18, 10e18, 3e18, true), 2_000e18 - uint256(10e18) / 3);
        assertEq(AuctionMath.priceOf(2_000e18, 10e18, 3e18, false), 2_000e18 + uint256(10e18) / 3);
        assertEq(AuctionMath.priceOf(1e18, 10e18, 3e18, true), 0);
    }

    /* PROPERTIES */

    /// @dev LIQ-2: x* restores the account, and noticeably less does not.
    function testFuzz_targetUp_isTheLeastThatRestores(uint256[7] memory seeds, int256 skew) public pure {
        Case memory c = _case(seeds, skew);
        uint256 size = AuctionMath.targetUp(_auction(c), TAU);
        assertGt(size, 0);
        if (size >= c.notional) {
            assertFalse(_restores(c, c.notional - c.notional / 1e6), "all of it is needed");
            return;
        }
        assertTrue(_restores(c, size + 1e6), "x* restores");
        uint256 less = size - size / 1e6;
        if (size > 1e18) assertFalse(_restores(c, less), "less does not");
    }

    /// @dev LIQ-2, LIQ-3, L11: within H·ΔMM and within what a liquidation costs, so health does not fall and E ≥ 0.
    function testFuzz_discountDown_staysWithinItsBounds(
        uint256[7] memory seeds,
        int256 skew,
        uint256 part
    ) public pure {
        Case memory c = _case(seeds, skew);
        uint256 closed = bound(part, 1e15, c.notional);
        uint256 discount = _discount(c, closed);
        uint256 freed = _freed(c, closed);
        assertLe(discount * c.maintenance, c.equity * freed, "LIQ-2");
        assertLe((c.maintenance - freed) * c.equity, (c.equity - discount) * c.maintenance, "health");
        int256 impact = c.skewCost + int256((closed * ONE) / (c.depth * 200)) + 2;
        if (impact < -int256(c.band)) impact = -int256(c.band);
        int256 rate = int256(c.penalty) + impact;
        assertLe(discount, rate <= 0 ? 0 : (closed * uint256(rate)) / ONE + 1, "L11");
        assertLe(discount, closed / 10);
    }

    function testFuzz_discountDown_growsWithTime(
        uint256[7] memory seeds,
        int256 skew,
        uint256 first,
        uint256 second
    ) public pure {
        Case memory c = _case(seeds, skew);
        (first, second) = (bound(first, 0, 100), bound(second, 0, 100));
        if (first > second) (first, second) = (second, first);
        c.share = AuctionMath.shareDown(first, 90);
        uint256 early = _discount(c, c.notional / 2);
        c.share = AuctionMath.shareDown(second, 90);
        assertGe(_discount(c, c.notional / 2), early);
    }

    /// @dev ROUND-1: inventory in parts gives away no more than at once.
    function testFuzz_inventoryDiscountDown_noSplitTakesMore(
        uint256 whole,
        uint256 part,
        uint256 depth,
        int256 skew,
        uint256 tolerance
    ) public pure {
        whole = bound(whole, 1e18, 1e26);
        part = bound(part, 0, whole);
        Reduction memory position = LiquidationMath.reductionOf(
            0,
            0,
            0,
            0,
            bound(depth, 1e22, 1e28),
            bound(skew, -0.1e18, 0.1e18)
        );
        tolerance = bound(tolerance, 0, 0.05e18);
        uint256 atOnce = AuctionMath.inventoryDiscountDown(position, whole, tolerance, ONE);
        uint256 split =
            AuctionMath.inventoryDiscountDown(position, part, tolerance, ONE) +
                AuctionMath.inventoryDiscountDown(position, whole - part, tolerance, ONE);
        assertLe(split, atOnce + 2);
        assertLe(atOnce, (whole * tolerance) / ONE);
    }

    /// @dev What is booked at the price never exceeds the discount, in either direction.
    function testFuzz_priceOf_bookedEdgeIsWithinTheDiscount(
        uint256 price,
        uint256 size,
        uint256 rate,
        bool isLong
    ) public pure {
        price = bound(price, 1e12, 1e24);
        size = bound(size, 1e9, 1e26);
        uint256 notional = (price * size) / ONE;
        uint256 discount = (notional * bound(rate, 0, 0.1e18)) / ONE;
        uint256 moved = AuctionMath.priceOf(price, discount, size, isLong);
        uint256 distance = isLong ? price - moved : moved - price;
        uint256 booked = (distance * size + ONE - 1) / ONE;
        assertLe(booked, discount);
        assertGe(booked + size / ONE + 1, discount, "and no more is lost than a unit of price");
    }
}
