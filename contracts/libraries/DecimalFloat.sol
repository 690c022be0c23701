// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Numbers with up to three significant decimal digits in 16 bits
/// @notice `value = digits · 10^exponent`: digits (0 to 999) in the low ten bits, exponent (0 to 63) in the high six. Exact in both
/// directions: what does not fit is refused, so a bound read back is the bound that was set.
library DecimalFloat {
    uint256 private constant DIGITS_BITS = 10;
    uint256 private constant DIGITS_MASK = (1 << DIGITS_BITS) - 1;
    uint256 private constant HIGHEST_DIGITS = 999;

    /// @notice Thrown when a value needs more than three significant digits, or an exponent above 63.
    error TooManySignificantDigits(uint256 value, uint256 highestDigits);

    /// @notice Packs `value`, which may have at most three significant digits.
    function encode(uint256 value) internal pure returns (uint16) {
        uint256 digits = value;
        uint256 exponent = 0;
        while (digits > HIGHEST_DIGITS && digits % 10 == 0) {
            digits /= 10;
            ++exponent;
        }
        if (digits > HIGHEST_DIGITS || exponent > 63) revert TooManySignificantDigits(value, HIGHEST_DIGITS);
        return uint16(digits | (exponent << DIGITS_BITS));
    }

    /// @notice The value that `encode` packed.
    function decode(uint16 packed) internal pure returns (uint256) {
        // At most 1023 · 10^63 < 2^220.
        unchecked {
            return (packed & DIGITS_MASK) * 10 ** (packed >> DIGITS_BITS);
        }
    }
}
