// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev One in D18: every fixed-point value of the system has 18 decimals.
uint256 constant WAD = 1e18;

/// @dev The same one, for signed values.
int256 constant SIGNED_WAD = 1e18;

/// @title Fixed-point arithmetic with 18 decimals
/// @notice Unsigned results go `Down` or `Up`; signed results go `Floor` (towards −∞) or `Ceil` (towards +∞). Nothing truncates silently.
/// @dev `mulWad…` and `divWad…` are plain checked arithmetic: a product of 2²⁵⁶ or more reverts with Panic(0x11). Stored values are below
/// 2¹¹² and rates below 2⁹⁶, so the system stays far from it. `mulDiv…` multiplies in 512 bits and reverts only if the result does not fit.
library FixedPoint {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev ⌊x·y⌋, one factor D18.
    function mulWadDown(uint256 x, uint256 y) internal pure returns (uint256) {
        return (x * y) / WAD;
    }

    /// @dev ⌈x·y⌉, one factor D18.
    function mulWadUp(uint256 x, uint256 y) internal pure returns (uint256) {
        return divUp(x * y, WAD);
    }

    /// @dev ⌊x/y⌋ as D18.
    function divWadDown(uint256 x, uint256 y) internal pure returns (uint256) {
        return (x * WAD) / y;
    }

    /// @dev ⌈x/y⌉ as D18.
    function divWadUp(uint256 x, uint256 y) internal pure returns (uint256) {
        return divUp(x * WAD, y);
    }

    /// @dev ⌈x/y⌉ of plain integers.
    function divUp(uint256 x, uint256 y) internal pure returns (uint256) {
        uint256 quotient = x / y;
        // x − quotient·y < y cannot wrap; the quotient of a division with rest is below 2²⁵⁶ − 1.
        unchecked {
            return x == quotient * y ? quotient : quotient + 1;
        }
    }

    /// @dev ⌊x·y/denominator⌋, the product in 512 bits where it needs them.
    function mulDivDown(uint256 x, uint256 y, uint256 denominator) internal pure returns (uint256) {
        // The wrapped product divides back to y exactly when nothing was lost.
        unchecked {
            uint256 product = x * y;
            if (x == 0 || product / x == y) return product / denominator;
        }
        return Math.mulDiv(x, y, denominator);
    }

    /// @dev ⌈x·y/denominator⌉, the product in 512 bits where it needs them.
    function mulDivUp(uint256 x, uint256 y, uint256 denominator) internal pure returns (uint256) {
        // As above.
        unchecked {
            uint256 product = x * y;
            if (x == 0 || product / x == y) return divUp(product, denominator);
        }
        return Math.mulDiv(x, y, denominator, Math.Rounding.Ceil);
    }

    /// @dev ⌊x·y⌋, one factor D18.
    function mulWadFloor(int256 x, int256 y) internal pure returns (int256) {
        return divFloor(x * y, SIGNED_WAD);
    }

    /// @dev ⌈x·y⌉, one factor D18.
    function mulWadCeil(int256 x, int256 y) internal pure returns (int256) {
        return divCeil(x * y, SIGNED_WAD);
    }

    /// @dev ⌊x/y⌋ of plain integers, y > 0.
    function divFloor(int256 x, int256 y) internal pure returns (int256) {
        int256 quotient = x / y;
        // Division truncates towards zero, so only a negative x with a rest moves; |quotient·y| ≤ |x|.
        unchecked {
            return x < 0 && quotient * y != x ? quotient - 1 : quotient;
        }
    }

    /// @dev ⌈x/y⌉ of plain integers, y > 0.
    function divCeil(int256 x, int256 y) internal pure returns (int256) {
        int256 quotient = x / y;
        // As above: only a positive x with a rest moves.
        unchecked {
            return x > 0 && quotient * y != x ? quotient + 1 : quotient;
        }
    }

    /// @dev ⌊x·y/denominator⌋, the product in 512 bits.
    function mulDivFloor(int256 x, int256 y, uint256 denominator) internal pure returns (int256) {
        return
            (x < 0) != (y < 0)
                ? -mulDivUp(magnitude(x), magnitude(y), denominator).toInt256()
                : mulDivDown(magnitude(x), magnitude(y), denominator).toInt256();
    }

    /// @dev ⌈x·y/denominator⌉, the product in 512 bits.
    function mulDivCeil(int256 x, int256 y, uint256 denominator) internal pure returns (int256) {
        return
            (x < 0) != (y < 0)
                ? -mulDivDown(magnitude(x), magnitude(y), denominator).toInt256()
                : mulDivUp(magnitude(x), magnitude(y), denominator).toInt256();
    }

    /// @dev |x|, exact for every int256.
    function magnitude(int256 x) internal pure returns (uint256) {
        // −2²⁵⁵ wraps to itself, which read as unsigned is its magnitude.
        unchecked {
            return uint256(x < 0 ? -x : x);
        }
    }

    /// @dev max(0, x).
    function positivePart(int256 x) internal pure returns (uint256) {
        return x > 0 ? uint256(x) : 0;
    }

    /// @dev Reverts with SafeCastOverflowedUintToInt from 2²⁵⁵ on.
    function toInt(uint256 x) internal pure returns (int256) {
        return x.toInt256();
    }

    /// @dev Reverts with SafeCastOverflowedIntToUint below zero.
    function toUint(int256 x) internal pure returns (uint256) {
        return x.toUint256();
    }
}
