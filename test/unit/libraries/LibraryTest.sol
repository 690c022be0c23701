// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Test} from "../../support/Test.sol";

/// @notice What tests of pure maths share: the compiler's own reverts, and products wider than a word.
abstract contract LibraryTest is Test {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant MAX = type(uint256).max;
    int256 internal constant MAX_INT = type(int256).max;
    int256 internal constant MIN_INT = type(int256).min;

    function expectOverflow() internal {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
    }

    function expectDivisionByZero() internal {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x12));
    }

    function expectUintTooWide(uint256 value) internal {
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintToInt.selector, value));
    }

    function expectDowncast(uint8 bits, uint256 value) internal {
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, bits, value));
    }

    function expectIntDowncast(uint8 bits, int256 value) internal {
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntDowncast.selector, bits, value));
    }

    /// @dev The product in two words.
    function wide(uint256 x, uint256 y) internal pure returns (uint256 high, uint256 low) {
        unchecked {
            low = x * y;
            high = mulmod(x, y, MAX) - low - (mulmod(x, y, MAX) < low ? 1 : 0);
        }
    }

    /// @dev Whether a·b ≤ c·d, exactly.
    function atMost(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bool) {
        (uint256 high, uint256 low) = wide(a, b);
        (uint256 otherHigh, uint256 otherLow) = wide(c, d);
        return high < otherHigh || (high == otherHigh && low <= otherLow);
    }

    /// @dev |x|.
    function size(int256 x) internal pure returns (uint256) {
        return x < 0 ? uint256(-(x + 1)) + 1 : uint256(x);
    }

    /// @dev Folds a fuzzed value into [lowest, highest] so that every order of magnitude is met.
    function spread(uint256 value, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        uint256 folded = bound(value, lowest, highest) >> (uint256(keccak256(abi.encode(value))) % 128);
        return
            folded < lowest ? lowest + (value % (highest - lowest + 1 < 1000 ? highest - lowest + 1 : 1000)) : folded;
    }
}
