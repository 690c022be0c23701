// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Geometric buckets of prices
/// @notice Bucket b holds the prices from 2^(b/64) on and below 2^((b+1)/64): 1.09 % each, whatever the price.
library LogBuckets {
    /// @dev Binary digits after the point of the logarithm: 2⁶ buckets for every doubling.
    uint256 private constant DIGITS = 6;

    /// @dev ⌊64·log₂(price)⌋. Price above 0 and below 2¹²⁸. A price within 2⁻¹²⁰ of itself above an edge may count below it; a higher price never has a lower bucket.
    function bucketOf(uint256 price) internal pure returns (uint256 bucket) {
        // The mantissa m stays in [2¹²⁷, 2¹²⁸): its square is below 2²⁵⁶. Squaring doubles the logarithm, so each carry is its next digit. Truncation keeps order.
        unchecked {
            bucket = Math.log2(price);
            uint256 mantissa = price << (127 - bucket);
            for (uint256 digit; digit < DIGITS; ++digit) {
                mantissa = (mantissa * mantissa) >> 127;
                uint256 carry = mantissa >> 128;
                mantissa >>= carry;
                bucket = (bucket << 1) | carry;
            }
        }
    }
}
