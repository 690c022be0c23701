// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LogBuckets} from "../../../contracts/libraries/LogBuckets.sol";
import {VolatilityMath} from "../../../contracts/libraries/VolatilityMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract LogBucketsTest is LibraryTest {
    /// @dev 64/ln 2, D18{1}, rounded down.
    uint256 private constant BUCKETS_PER_LN = 92_332_482_616_893_656_876;

    function test_bucketOf_is64PerDoubling_whenPriceIsAPowerOfTwo() public pure {
        for (uint256 exponent; exponent < 128; ++exponent) {
            assertEq(LogBuckets.bucketOf(1 << exponent), 64 * exponent);
            if (exponent > 6) assertEq(LogBuckets.bucketOf((1 << exponent) - 1), 64 * exponent - 1);
        }
    }

    function test_bucketOf_changesAtTheEdge() public pure {
        // 2^(1/64) = 1.010889286051700459…, 2^(1/2) = 1.414213562373095048…
        uint256 unit = 1 << 60;
        assertEq(LogBuckets.bucketOf((unit * 1_010_889_286_051_700_450) / ONE), 64 * 60);
        assertEq(LogBuckets.bucketOf((unit * 1_010_889_286_051_700_470) / ONE), 64 * 60 + 1);
        assertEq(LogBuckets.bucketOf((unit * 1_414_213_562_373_095_040) / ONE), 64 * 60 + 31);
        assertEq(LogBuckets.bucketOf((unit * 1_414_213_562_373_095_060) / ONE), 64 * 60 + 32);
    }

    function testFuzz_bucketOf_keepsOrder(uint256 low, uint256 high) public pure {
        low = bound(low, 1, type(uint128).max);
        high = bound(high, low, type(uint128).max);
        assertLe(LogBuckets.bucketOf(low), LogBuckets.bucketOf(high));
    }

    /// @dev Neighbours, where order is easiest lost.
    function testFuzz_bucketOf_growsByOneAtMost_whenPriceGrowsByOne(uint256 price) public pure {
        price = bound(price, 1 << 7, type(uint128).max - 1);
        uint256 step = LogBuckets.bucketOf(price + 1) - LogBuckets.bucketOf(price);
        assertLe(step, 1);
    }

    function testFuzz_bucketOf_isTheLogarithm(uint256 price, uint256 shift) public pure {
        price = bound(price, 1, type(uint128).max) >> bound(shift, 0, 126);
        if (price == 0) price = 1;
        uint256 exact = (VolatilityMath.lnRatioDown(price, 1) * BUCKETS_PER_LN) / ONE;
        uint256 bucket = LogBuckets.bucketOf(price) * ONE;
        // Logarithm and factor are rounded down, by less than 1e-14 buckets together.
        assertLe(bucket, exact + 1e4, "above the logarithm");
        assertLt(exact, bucket + ONE, "more than a bucket below");
    }
}
