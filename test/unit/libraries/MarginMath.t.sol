// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarginMath} from "../../../contracts/libraries/MarginMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract MarginMathTest is LibraryTest {
    /* REVERTS */

    function test_requirementUp_revertsWhenMarginHasNoRoom() public {
        // 2¹⁸⁰·2⁷⁶·2¹⁸⁰ / 10³⁶
        expectOverflow();
        this.requirementUp(1 << 179, 1, 1 << 75, 1e18);
    }

    function test_openInterestRateUp_revertsWhenRateIsAboveOne() public {
        expectOverflow();
        this.openInterestRateUp(2, 1, 3, ONE + 1);
    }

    /* EDGES */

    function test_requirementUp_addsSizeSlope() public pure {
        // A position of one depth holds μ more, one of four depths four times μ.
        assertEq(MarginMath.requirementUp(1_000_000e18, 0.03e18, 0.005e18, 10_000_000e18), 30_500e18);
        assertEq(MarginMath.requirementUp(10_000_000e18, 0.03e18, 0.005e18, 10_000_000e18), 350_000e18);
        assertEq(MarginMath.requirementUp(40_000_000e18, 0.03e18, 0.005e18, 10_000_000e18), 2_000_000e18);
    }

    function test_requirementUp_roundsEachTermUp() public pure {
        assertEq(MarginMath.requirementUp(0, ONE, ONE, ONE), 0);
        assertEq(MarginMath.requirementUp(1, 0, 0, ONE), 0);
        assertEq(MarginMath.requirementUp(1, 1, 0, ONE), 1);
        assertEq(MarginMath.requirementUp(1, 1, 1, ONE), 2);
        assertEq(MarginMath.requirementUp(ONE, ONE, ONE, ONE), 2 * ONE);
    }

    function test_requirementUp_countsDepthBelowOneDollarAsOne() public pure {
        uint256 atOne = MarginMath.requirementUp(1_000e18, 0.03e18, 0.005e18, ONE);
        assertEq(MarginMath.requirementUp(1_000e18, 0.03e18, 0.005e18, 0), atOne);
        assertEq(MarginMath.requirementUp(1_000e18, 0.03e18, 0.005e18, ONE - 1), atOne);
        assertLt(MarginMath.requirementUp(1_000e18, 0.03e18, 0.005e18, 2 * ONE), atOne);
    }

    function test_openInterestRateUp_runsFromZeroToRest() public pure {
        assertEq(MarginMath.openInterestRateUp(0, 50e18, 200e18, 0.05e18), 0);
        assertEq(MarginMath.openInterestRateUp(50e18, 50e18, 200e18, 0.05e18), 0);
        assertEq(MarginMath.openInterestRateUp(50e18 + 1, 50e18, 200e18, 0.05e18), 1);
        assertEq(MarginMath.openInterestRateUp(125e18, 50e18, 200e18, 0.05e18), 0.475e18);
        assertEq(MarginMath.openInterestRateUp(200e18 - 1, 50e18, 200e18, 0.05e18), 0.95e18);
        assertEq(MarginMath.openInterestRateUp(200e18, 50e18, 200e18, 0.05e18), 0.95e18);
        assertEq(MarginMath.openInterestRateUp(MAX, 50e18, 200e18, 0.05e18), 0.95e18);
        assertEq(MarginMath.openInterestRateUp(MAX, 0, 1, ONE), 0);
    }

    /* FUZZ */

    /// @dev Against the exact sum (N·rate·D + N²·μ)/(10¹⁸·D): up, and by less than a unit for each term.
    function testFuzz_requirementUp_exceedsExactByLessThanTwo(
        uint256 notional,
        uint256 rate,
        uint256 slope,
        uint256 depth
    ) public pure {
        notional = bound(notional, 0, 1 << 90);
        rate = bound(rate, 0, 1 << 62);
        slope = bound(slope, 0, 1 << 58);
        depth = bound(depth, 0, 1 << 90);
        uint256 required = MarginMath.requirementUp(notional, rate, slope, depth);
        uint256 least = depth < ONE ? ONE : depth;
        // N·(N·μ)/(10¹⁸·D) without its fraction: less than one below the exact term.
        uint256 exact = (notional * rate) / ONE + (((notional * notional) / least) * slope) / ONE;
        assertGe(required, exact);
        // What (N²/D) lost before it was multiplied by μ.
        assertLe(required, exact + 4 + slope / ONE);
    }

    /// @dev Splitting a position over accounts lowers the size term only; closing part of one never raises the requirement.
    function testFuzz_requirementUp_growsWithNotional(uint256 notional, uint256 more, uint256 depth) public pure {
        notional = bound(notional, 0, 1 << 111);
        more = bound(more, 0, 1 << 111);
        depth = bound(depth, 0, 1 << 111);
        uint256 whole = MarginMath.requirementUp(notional + more, 0.03e18, 0.005e18, depth);
        uint256 parts =
            MarginMath.requirementUp(notional, 0.03e18, 0.005e18, depth) +
                MarginMath.requirementUp(more, 0.03e18, 0.005e18, depth);
        assertGe(whole, MarginMath.requirementUp(notional, 0.03e18, 0.005e18, depth));
        assertGe(whole + 2, parts, "the whole may be lower only by the roundings of a part");
    }

    function testFuzz_openInterestRateUp_isMonotone(uint256 interest, uint256 start, uint256 end) public pure {
        start = bound(start, 0, type(uint128).max - 1);
        end = bound(end, start + 1, type(uint128).max);
        interest = bound(interest, 0, 1 << 180);
        uint256 rate = MarginMath.openInterestRateUp(interest, start, end, 0.05e18);
        assertLe(rate, 0.95e18);
        assertLe(rate, MarginMath.openInterestRateUp(interest + 1, start, end, 0.05e18));
        if (interest <= start || interest >= end) return;
        // rate·(end − start) is the product, rounded up to the next multiple.
        uint256 exact = (interest - start) * 0.95e18;
        assertTrue(rate * (end - start) >= exact && rate * (end - start) < exact + (end - start));
    }

    /* CALLS */

    function requirementUp(
        uint256 notional,
        uint256 rate,
        uint256 slope,
        uint256 depth
    ) external pure returns (uint256) {
        return MarginMath.requirementUp(notional, rate, slope, depth);
    }

    function openInterestRateUp(
        uint256 interest,
        uint256 start,
        uint256 end,
        uint256 rate
    ) external pure returns (uint256) {
        return MarginMath.openInterestRateUp(interest, start, end, rate);
    }
}
