// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FillQuote, SkewMath} from "../../../contracts/libraries/SkewMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract SkewMathTest is LibraryTest {
    uint256 private constant PRICE = 4_000e18;
    uint256 private constant SCALE = 250_000e18;

    /* EDGES */

    function test_fillPrice_isIndex_whenFillAndSkewCancel() public pure {
        assertEq(price(0, 0), PRICE);
        // From k to −k the average of the marginal prices is the index.
        assertEq(price(100e18, -200e18), PRICE);
        assertEq(price(-100e18, 200e18), PRICE);
    }

    function test_fillPrice_movesOnePercent_whenSkewIsOnePercentOfScale() public pure {
        assertEq(price(2_500e18, 0), 4_040e18);
        assertEq(price(-2_500e18, 0), 3_960e18);
        // A fill of the depth costs half of its marginal move.
        assertEq(price(0, 2_500e18), 4_020e18);
        assertEq(price(0, -2_500e18), 3_980e18);
    }

    function test_fillPrice_roundsAgainstTrader() public pure {
        assertEq(SkewMath.fillPrice(FillQuote(1, 0, 1, 3)), 2);
        assertEq(SkewMath.fillPrice(FillQuote(1, 0, -1, 3)), 0);
        assertEq(SkewMath.fillPrice(FillQuote(7, 0, 1, 3)), 9);
        assertEq(SkewMath.fillPrice(FillQuote(7, 0, -1, 3)), 5);
    }

    function test_fillPrice_isZero_whenSalePushesBelowZero() public pure {
        int256 scale = int256(SCALE);
        assertEq(price(-scale, 0), 0);
        assertEq(price(-scale, -1), 0);
        assertEq(price(0, -2 * scale), 0);
        assertEq(price(0, -2 * scale - 1), 0);
        // One unit before that the price is above zero, rounded down.
        assertEq(price(0, -2 * scale + 1), (PRICE * 1) / (2 * SCALE));
    }

    function test_fillPrice_holdsAtWidestInputs() public pure {
        uint256 indexPrice = (1 << 112) - 1;
        int256 wideSize = (1 << 120) - 1;
        uint256 wideScale = (1 << 120) - 1;
        // P·(1 + 1 + ½) at k = Δ = K
        assertEq(SkewMath.fillPrice(FillQuote(indexPrice, wideSize, wideSize, wideScale)), (indexPrice * 5 + 1) / 2);
        assertEq(SkewMath.fillPrice(FillQuote(indexPrice, wideSize, -wideSize, wideScale)), (indexPrice * 3) / 2);
        assertEq(SkewMath.fillPrice(FillQuote(indexPrice, -wideSize, -wideSize, wideScale)), 0);
    }

    function test_clampToBand_stopsAtEdges() public pure {
        assertEq(SkewMath.clampToBand(4_080e18, PRICE, 0.02e18), 4_080e18);
        assertEq(SkewMath.clampToBand(4_080e18 + 1, PRICE, 0.02e18), 4_080e18);
        assertEq(SkewMath.clampToBand(3_920e18, PRICE, 0.02e18), 3_920e18);
        assertEq(SkewMath.clampToBand(3_920e18 - 1, PRICE, 0.02e18), 3_920e18);
        assertEq(SkewMath.clampToBand(0, PRICE, 0.02e18), 3_920e18);
        assertEq(SkewMath.clampToBand(PRICE, PRICE, 0), PRICE);
        assertEq(SkewMath.clampToBand(PRICE + 1, PRICE, 0), PRICE);
        assertEq(SkewMath.clampToBand(PRICE - 1, PRICE, 0), PRICE);
        assertEq(SkewMath.clampToBand(0, PRICE, ONE), 0);
        assertEq(SkewMath.clampToBand(9_000e18, PRICE, ONE), 8_000e18);
    }

    function test_clampToBand_roundsTowardsIndex() public pure {
        // 2 % of 49 units is less than one: both edges are the index.
        assertEq(SkewMath.clampToBand(48, 49, 0.02e18), 49);
        assertEq(SkewMath.clampToBand(50, 49, 0.02e18), 49);
    }

    function test_depthUsd_isNotionalOfOnePercent() public pure {
        assertEq(SkewMath.depthUsd(SCALE, PRICE), 10_000_000e18);
        assertEq(SkewMath.depthUsd(0, PRICE), 0);
        assertEq(SkewMath.depthUsd(99, 1e18), 0);
        assertEq(SkewMath.depthUsd(100, 1e18), 1);
    }

    function test_averageRatio_forgetsLinearly() public pure {
        assertEq(SkewMath.averageRatio(0.05e18, -0.01e18, 0), 0.05e18);
        assertEq(SkewMath.averageRatio(0.06e18, 0, 150), 0.045e18);
        assertEq(SkewMath.averageRatio(0.06e18, 0, 599), 0.0001e18);
        assertEq(SkewMath.averageRatio(0.06e18, 0, 600), 0);
        assertEq(SkewMath.averageRatio(0.06e18, 0.07e18, type(uint40).max), 0.07e18);
        // The difference truncates towards zero.
        assertEq(SkewMath.averageRatio(1, 0, 1), 0);
        assertEq(SkewMath.averageRatio(-1, 0, 1), 0);
    }

    /* FUZZ */

    /// @dev ROUND-1: splitting a fill never makes it cheaper, and the whole is what infinitely many small fills cost, up to a unit each.
    function testFuzz_ROUND1_fillPrice_isIntegralOfSmallFills(int256 skew, uint256 lot, bool isBuy) public pure {
        skew = bound(skew, -int256(SCALE) / 2, int256(SCALE) / 2);
        lot = bound(lot, 1, 1_000e18);
        uint256 parts = 50;
        int256 step = isBuy ? int256(lot) : -int256(lot);
        int256 whole = step * int256(parts);
        int256 paid;
        for (uint256 i; i < parts; ++i) paid += step * int256(price(skew + step * int256(i), step));
        int256 cost = whole * int256(price(skew, whole));
        // Costs in D36: a cheaper split would pay less in sum.
        assertTrue(paid >= cost - int256(lot * parts), "a split is cheaper than the whole by more than its rounding");
        assertTrue(paid <= cost + int256(lot * parts), "the whole differs from its parts");
    }

    function testFuzz_fillPrice_equalsFormula(int256 skew, int256 sizeDelta, uint256 scale, uint256 index) public pure {
        scale = bound(scale, 1, (1 << 120) - 1);
        skew = bound(skew, -(1 << 120) + 1, (1 << 120) - 1);
        sizeDelta = bound(sizeDelta, -(1 << 120) + 1, (1 << 120) - 1);
        index = bound(index, 0, (1 << 112) - 1);
        uint256 filled = SkewMath.fillPrice(FillQuote(index, skew, sizeDelta, scale));
        int256 weight = 2 * int256(scale) + 2 * skew + sizeDelta;
        if (weight <= 0) {
            assertEq(filled, 0);
            return;
        }
        uint256 exact = index * uint256(weight);
        if (sizeDelta > 0) {
            assertTrue(filled * 2 * scale >= exact && filled * 2 * scale < exact + 2 * scale);
        } else {
            assertTrue(filled * 2 * scale <= exact && (filled + 1) * 2 * scale > exact);
        }
    }

    function testFuzz_clampToBand_staysInside(uint256 pool, uint256 index, uint256 band) public pure {
        pool = bound(pool, 0, 1 << 128);
        index = bound(index, 0, 1 << 112);
        band = bound(band, 0, ONE);
        uint256 clamped = SkewMath.clampToBand(pool, index, band);
        uint256 distance = clamped > index ? clamped - index : index - clamped;
        assertLe(distance, (index * band) / ONE);
        // What was inside stays; what was outside keeps its side.
        uint256 before = pool > index ? pool - index : index - pool;
        if (before <= (index * band) / ONE) assertEq(clamped, pool);
        else assertTrue(pool > index ? clamped >= index : clamped <= index);
    }

    function testFuzz_averageRatio_staysBetween(int256 average, int256 ratio, uint256 elapsed) public pure {
        average = bound(average, -9e18, 9e18);
        ratio = bound(ratio, -9e18, 9e18);
        elapsed = bound(elapsed, 0, 1 << 40);
        int256 next = SkewMath.averageRatio(average, ratio, elapsed);
        assertTrue(average <= ratio ? next >= average && next <= ratio : next <= average && next >= ratio);
    }

    /// @dev The pool's price at the reference market.
    function price(int256 skew, int256 sizeDelta) private pure returns (uint256) {
        return SkewMath.fillPrice(FillQuote(PRICE, skew, sizeDelta, SCALE));
    }
}
