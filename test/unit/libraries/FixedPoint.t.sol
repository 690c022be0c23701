// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPoint, SIGNED_WAD, WAD} from "../../../contracts/libraries/FixedPoint.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract FixedPointTest is LibraryTest {
    /* REVERTS */

    function test_mulWad_revertsWhenProductLeaves256Bits() public {
        expectOverflow();
        this.mulWadDown(1 << 128, 1 << 128);
        expectOverflow();
        this.mulWadUp(MAX, 2);
        expectOverflow();
        this.mulWadFloor(MIN_INT, -1);
        expectOverflow();
        this.mulWadCeil(MAX_INT, 2);
        expectOverflow();
        this.divWadDown(MAX / ONE + 1, 1);
        expectOverflow();
        this.divWadUp(MAX / ONE + 1, 1);
    }

    function test_div_revertsWhenDivisorIsZero() public {
        expectDivisionByZero();
        this.divWadDown(1, 0);
        expectDivisionByZero();
        this.divWadUp(0, 0);
        expectDivisionByZero();
        this.divUp(1, 0);
        expectDivisionByZero();
        this.divFloor(1, 0);
        expectDivisionByZero();
        this.divCeil(-1, 0);
        expectDivisionByZero();
        this.mulDivDown(2, 3, 0);
        expectDivisionByZero();
        this.mulDivUp(0, 3, 0);
        // With a product in 512 bits too.
        expectDivisionByZero();
        this.mulDivDown(MAX, MAX, 0);
        expectDivisionByZero();
        this.mulDivUp(MAX, MAX, 0);
        expectDivisionByZero();
        this.mulDivFloor(-1, 1, 0);
    }

    function test_mulDiv_revertsWhenResultLeaves256Bits() public {
        expectOverflow();
        this.mulDivDown(MAX, MAX, MAX - 1);
        expectOverflow();
        this.mulDivUp(MAX, MAX, MAX - 1);
        expectOverflow();
        this.mulDivDown(1 << 128, 1 << 128, 1);
    }

    function test_mulDivFloor_revertsWhenResultIsNoInt256() public {
        expectUintTooWide(1 << 255);
        this.mulDivFloor(MIN_INT, -1, 1);
        expectUintTooWide(1 << 255);
        this.mulDivCeil(MIN_INT, 1, 1);
    }

    function test_toInt_revertsWhenAbove255Bits() public {
        assertEq(this.toInt(uint256(MAX_INT)), MAX_INT);
        expectUintTooWide(1 << 255);
        this.toInt(1 << 255);
    }

    function test_toUint_revertsWhenNegative() public {
        assertEq(this.toUint(0), 0);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntToUint.selector, int256(-1)));
        this.toUint(-1);
    }

    /* EDGES */

    function test_mulWad_roundsAsNamed() public pure {
        assertEq(FixedPoint.mulWadDown(0, MAX), 0);
        assertEq(FixedPoint.mulWadDown(1, WAD - 1), 0);
        assertEq(FixedPoint.mulWadUp(1, 1), 1);
        assertEq(FixedPoint.mulWadDown(3, WAD), 3);
        assertEq(FixedPoint.mulWadUp(3, WAD), 3);
        assertEq(FixedPoint.mulWadUp(MAX, 1), MAX / WAD + 1);
        assertEq(FixedPoint.mulWadFloor(-1, 1), -1);
        assertEq(FixedPoint.mulWadCeil(-1, 1), 0);
        assertEq(FixedPoint.mulWadFloor(1, 1), 0);
        assertEq(FixedPoint.mulWadCeil(1, 1), 1);
        assertEq(FixedPoint.mulWadFloor(-3, SIGNED_WAD), -3);
        assertEq(FixedPoint.mulWadCeil(-3, SIGNED_WAD), -3);
    }

    function test_divUp_reachesMax() public pure {
        assertEq(FixedPoint.divUp(MAX, 1), MAX);
        assertEq(FixedPoint.divUp(MAX, MAX), 1);
        assertEq(FixedPoint.divUp(MAX, MAX - 1), 2);
        assertEq(FixedPoint.divUp(0, MAX), 0);
    }

    function test_mulDiv_passes512BitProducts() public pure {
        assertEq(FixedPoint.mulDivDown(MAX, MAX, MAX), MAX);
        assertEq(FixedPoint.mulDivUp(MAX, MAX, MAX), MAX);
        assertEq(FixedPoint.mulDivDown(1 << 200, 1 << 200, 1 << 150), 1 << 250);
        assertEq(FixedPoint.mulDivUp((1 << 200) + 1, 1 << 200, 1 << 201), (1 << 199) + 1);
        assertEq(FixedPoint.mulDivFloor(MIN_INT, MAX_INT, uint256(MAX_INT) + 1), -MAX_INT);
        assertEq(FixedPoint.mulDivCeil(MIN_INT, MAX_INT, uint256(MAX_INT) + 1), -MAX_INT);
    }

    function test_magnitude_isExact_whenSmallestInt() public pure {
        assertEq(FixedPoint.magnitude(MIN_INT), 1 << 255);
        assertEq(FixedPoint.magnitude(-1), 1);
        assertEq(FixedPoint.magnitude(0), 0);
        assertEq(FixedPoint.magnitude(MAX_INT), uint256(MAX_INT));
        assertEq(FixedPoint.positivePart(MIN_INT), 0);
        assertEq(FixedPoint.positivePart(-1), 0);
        assertEq(FixedPoint.positivePart(0), 0);
        assertEq(FixedPoint.positivePart(1), 1);
    }

    /* FUZZ */

    function testFuzz_mulDiv_bracketsExactQuotient(uint256 x, uint256 y, uint256 denominator) public pure {
        denominator = bound(denominator, 1, MAX);
        (uint256 high, uint256 low) = wide(x, y);
        if (high >= denominator) return; // the quotient has more than 256 bits
        uint256 down = FixedPoint.mulDivDown(x, y, denominator);
        assertTrue(atMost(down, denominator, x, y), "above x*y/d");
        // x·y − down·d < d
        (uint256 usedHigh, uint256 usedLow) = wide(down, denominator);
        unchecked {
            assertTrue(high - usedHigh - (low < usedLow ? 1 : 0) == 0 && low - usedLow < denominator, "too far below");
        }
        bool exact = low == usedLow && high == usedHigh;
        if (exact || down != MAX) assertEq(FixedPoint.mulDivUp(x, y, denominator), exact ? down : down + 1);
    }

    function testFuzz_divUp_bracketsExactQuotient(uint256 x, uint256 y) public pure {
        y = bound(y, 1, MAX);
        uint256 up = FixedPoint.divUp(x, y);
        assertEq(up, x / y + (x % y == 0 ? 0 : 1));
    }

    function testFuzz_divFloor_mirrorsDivCeil(int256 x, int256 y) public pure {
        y = bound(y, 1, MAX_INT);
        x = bound(x, -MAX_INT, MAX_INT);
        int256 floor = FixedPoint.divFloor(x, y);
        int256 ceil = FixedPoint.divCeil(x, y);
        assertEq(floor, -FixedPoint.divCeil(-x, y));
        assertEq(ceil - floor, x % y == 0 ? int256(0) : int256(1));
        // floor·y ≤ x ≤ ceil·y, without leaving the range
        assertTrue(x >= 0 ? floor == x / y : ceil == x / y);
    }

    function testFuzz_mulWad_signedAgreesWithUnsigned(int256 x, int256 y) public pure {
        x = bound(x, -(1 << 126), 1 << 126);
        y = bound(y, -(1 << 126), 1 << 126);
        uint256 down = FixedPoint.mulWadDown(size(x), size(y));
        uint256 up = FixedPoint.mulWadUp(size(x), size(y));
        bool negative = (x < 0) != (y < 0);
        assertEq(FixedPoint.mulWadFloor(x, y), negative ? -int256(up) : int256(down));
        assertEq(FixedPoint.mulWadCeil(x, y), negative ? -int256(down) : int256(up));
        assertEq(FixedPoint.mulDivFloor(x, y, WAD), FixedPoint.mulWadFloor(x, y));
        assertEq(FixedPoint.mulDivCeil(x, y, WAD), FixedPoint.mulWadCeil(x, y));
    }

    function testFuzz_divWad_invertsMulWad(uint256 x, uint256 y) public pure {
        x = bound(x, 0, 1 << 128);
        y = bound(y, 1, 1 << 128);
        assertTrue(FixedPoint.mulWadDown(FixedPoint.divWadDown(x, y), y) <= x);
        assertTrue(FixedPoint.mulWadUp(FixedPoint.divWadUp(x, y), y) >= x);
        assertTrue(FixedPoint.divWadUp(x, y) - FixedPoint.divWadDown(x, y) <= 1);
    }

    /* CALLS, so that a revert can be caught */

    function mulWadDown(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.mulWadDown(x, y);
    }

    function mulWadUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.mulWadUp(x, y);
    }

    function divWadDown(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divWadDown(x, y);
    }

    function divWadUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divWadUp(x, y);
    }

    function divUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divUp(x, y);
    }

    function mulDivDown(uint256 x, uint256 y, uint256 denominator) external pure returns (uint256) {
        return FixedPoint.mulDivDown(x, y, denominator);
    }

    function mulDivUp(uint256 x, uint256 y, uint256 denominator) external pure returns (uint256) {
        return FixedPoint.mulDivUp(x, y, denominator);
    }

    function mulWadFloor(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.mulWadFloor(x, y);
    }

    function mulWadCeil(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.mulWadCeil(x, y);
    }

    function divFloor(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.divFloor(x, y);
    }

    function divCeil(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.divCeil(x, y);
    }

    function mulDivFloor(int256 x, int256 y, uint256 denominator) external pure returns (int256) {
        return FixedPoint.mulDivFloor(x, y, denominator);
    }

    function mulDivCeil(int256 x, int256 y, uint256 denominator) external pure returns (int256) {
        return FixedPoint.mulDivCeil(x, y, denominator);
    }

    function toInt(uint256 x) external pure returns (int256) {
        return FixedPoint.toInt(x);
    }

    function toUint(int256 x) external pure returns (uint256) {
        return FixedPoint.toUint(x);
    }
}
