// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BucketPrices, Variances, VolatilityMath} from "../../../contracts/libraries/VolatilityMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract VolatilityMathTest is LibraryTest {
    uint256 private constant TOP = (1 << 128) - 1;
    uint256 private constant LENGTH = 600;
    /// @dev D18{1/s}, of 80 % a year, and what a bucket of it has. D18{1}
    uint256 private constant USUAL = 20_280_376_201;
    uint256 private constant USUAL_SAMPLE = USUAL * LENGTH;

    /* REVERTS */

    function test_multiplierUp_revertsWhenMarginIsZero() public {
        expectDivisionByZero();
        this.multiplierUp(USUAL, 1 hours, 4e18, 0);
    }

    function test_varianceOfYearlyUp_revertsWhenVolatilityHasNoRoom() public {
        expectOverflow();
        this.varianceOfYearlyUp(1 << 128);
    }

    /* EDGES */

    function test_lnRatioDown_knowsLogarithms() public pure {
        assertEq(VolatilityMath.lnRatioDown(1, 1), 0);
        assertEq(VolatilityMath.lnRatioDown(TOP, TOP), 0);
        assertEq(VolatilityMath.lnRatioDown(2, 1), 693_147_180_559_945_309);
        assertEq(VolatilityMath.lnRatioDown(3e18, 2e18), 405_465_108_108_164_381);
        assertEq(VolatilityMath.lnRatioDown(1_000, 1), 6_907_755_278_982_137_052);
        assertEq(VolatilityMath.lnRatioDown(1e18 + 1, 1e18), 0);
        assertEq(VolatilityMath.lnRatioDown(1e18 + 2, 1e18), 1);
        assertEq(VolatilityMath.lnRatioDown(TOP, 1), 88_722_839_111_672_999_605);
    }

    function test_decay_halves() public pure {
        assertEq(VolatilityMath.decay(0, 1), ONE);
        assertEq(VolatilityMath.decay(12 hours, 12 hours), 0.5e18);
        assertEq(VolatilityMath.decay(24 hours, 12 hours), 0.25e18);
        assertEq(VolatilityMath.decay(6 hours, 12 hours), 707_106_781_186_547_524);
        assertEq(VolatilityMath.decay(600, 12 hours), 990_419_147_466_826_256);
        assertEq(VolatilityMath.decay(type(uint64).max, 1), 0);
    }

    function test_sample_takesLargerOfReturnAndRange() public pure {
        // Nothing moved.
        assertEq(VolatilityMath.sample(BucketPrices(5e18, 5e18, 5e18, 5e18)), 0);
        // One way: the return, ln(1.1)².
        assertEq(VolatilityMath.sample(BucketPrices(100e18, 100e18, 110e18, 110e18)), 9_084_030_374_332_734);
        assertEq(VolatilityMath.sample(BucketPrices(110e18, 100e18, 110e18, 100e18)), 9_084_030_374_332_734);
        // There and back: the range, ln(1.1)²/(4·ln 2).
        assertEq(VolatilityMath.sample(BucketPrices(100e18, 100e18, 110e18, 100e18)), 3_276_371_393_083_637);
        assertEq(VolatilityMath.sample(BucketPrices(100e18, 100e18, 110e18, 100.1e18)), 3_276_371_393_083_637);
    }

    function test_advance_isMean_whenYoung() public pure {
        Variances memory v = VolatilityMath.advance(Variances(0, 0), USUAL_SAMPLE, LENGTH, 1, 0);
        assertEq(v.slow, USUAL);
        assertEq(v.fast, USUAL);
        v = VolatilityMath.advance(v, 3 * USUAL_SAMPLE, LENGTH, 2, 0);
        assertEq(v.slow, 2 * USUAL);
        assertEq(v.fast, 2 * USUAL);
        // Two flat ones halve what two others left.
        v = VolatilityMath.advance(v, 2 * USUAL_SAMPLE, LENGTH, 3, 3);
        assertApproxEqAbs(v.slow, USUAL, 1);
        assertApproxEqAbs(v.fast, USUAL, 1);
    }

    function test_advance_clipsSlowAverageOnly() public pure {
        uint256 clip = 64 * USUAL_SAMPLE;
        Variances memory before = Variances(USUAL, USUAL);
        Variances memory atClip = VolatilityMath.advance(before, clip, LENGTH, 100_000, 0);
        Variances memory above = VolatilityMath.advance(before, 100 * clip, LENGTH, 100_000, 0);
        assertEq(above.slow, atClip.slow);
        assertGt(above.fast, atClip.fast);
        // One sample of any size raises the slow variance by about a hundredth.
        assertApproxEqAbs(above.slow, (USUAL * 10_101) / 10_000, USUAL / 10_000);
        // An average of nothing is not stuck: the clip counts a fifth a year.
        assertEq(VolatilityMath.advance(Variances(0, 0), clip, LENGTH, 1, 0).slow, 64 * VolatilityMath.CLIP_FLOOR);
    }

    function test_advance_halves_whenFlatForHalfLife() public pure {
        uint256 half = VolatilityMath.FAST_HALF_LIFE / LENGTH;
        Variances memory v = VolatilityMath.advance(Variances(USUAL, USUAL), USUAL_SAMPLE, LENGTH, 1e6, half);
        assertApproxEqAbs(v.fast, USUAL / 2, 2);
        half = VolatilityMath.SLOW_HALF_LIFE / LENGTH;
        v = VolatilityMath.advance(Variances(USUAL, USUAL), USUAL_SAMPLE, LENGTH, 1e6, half);
        assertApproxEqAbs(v.slow, USUAL / 2, 2);
    }

    function test_combined_takesFastOnlyAbove() public pure {
        assertEq(VolatilityMath.combined(Variances(10, 4)), 10);
        assertEq(VolatilityMath.combined(Variances(10, 10)), 10);
        assertEq(VolatilityMath.combined(Variances(10, 11)), 11);
        assertEq(VolatilityMath.combined(Variances(10, 30)), 20);
    }

    function test_varianceOfYearlyUp_rounds() public pure {
        assertEq(VolatilityMath.varianceOfYearlyUp(0), 0);
        assertEq(VolatilityMath.varianceOfYearlyUp(1), 1);
        assertEq(VolatilityMath.varianceOfYearlyUp(0.8e18), USUAL);
    }

    function test_multiplierUp_rounds() public pure {
        // σ·√(1 h) of 80 % a year is 0.8544 %: four of them against 3 % are 1.139.
        assertApproxEqAbs(VolatilityMath.multiplierUp(USUAL, 1 hours, 4e18, 0.03e18), 1.1393e18, 0.0001e18);
        assertEq(VolatilityMath.multiplierUp(0, 1 hours, 4e18, 0.03e18), 0);
        assertEq(VolatilityMath.multiplierUp(1e18, 4, 3, 7), (2e18 * 3) / uint256(7) + 1);
    }

    /// @dev RAMP-1: nothing moves in the same block.
    function test_ramped_staysInSameBlock() public pure {
        assertEq(VolatilityMath.ramped(ONE, 4e18, 0), ONE);
        assertEq(VolatilityMath.ramped(4e18, ONE, 0), 4e18);
        assertEq(VolatilityMath.ramped(ONE, ONE, 1 days), ONE);
    }

    function test_ramped_reachesTargetAndStays() public pure {
        assertEq(VolatilityMath.ramped(ONE, 4e18, 1 hours), 1_095_310_179_804_322_000);
        assertEq(VolatilityMath.ramped(ONE, 1.09e18, 1 hours), 1.09e18);
        assertEq(VolatilityMath.ramped(ONE, 4e18, 365 days), 4e18);
        assertEq(VolatilityMath.ramped(2e18, ONE, 100 hours), ONE);
        assertEq(VolatilityMath.ramped(2.02e18, ONE, 1 hours), 2e18);
    }

    /* FUZZ */

    /// @dev Against a logarithm found bit by bit, by squaring: another algorithm altogether.
    function testFuzz_lnRatioDown_agreesWithLogarithmByBits(uint256 high, uint256 low) public pure {
        low = spread(low, 1, TOP);
        high = spread(high, low, TOP);
        assertApproxEqAbs(VolatilityMath.lnRatioDown(high, low), _lnByBits(high, low), 2);
    }

    /// @dev The same where prices stand close to each other.
    function testFuzz_lnRatioDown_agreesWithLogarithmByBits_whenNear(uint256 low, uint256 move) public pure {
        low = bound(low, 1e15, 1e30);
        uint256 high = low + (low * bound(move, 0, 0.3e18)) / ONE;
        uint256 found = VolatilityMath.lnRatioDown(high, low);
        assertApproxEqAbs(found, _lnByBits(high, low), 2);
        // (h − l)/h ≤ ln(h/l) ≤ (h − l)/l.
        assertGe(found + 1, ((high - low) * ONE) / high);
        assertLe(found, ((high - low) * ONE) / low);
    }

    /// @dev ln(a/c) = ln(a/b) + ln(b/c), each short by less than 1.0001 units.
    function testFuzz_lnRatioDown_adds(uint256 a, uint256 b, uint256 c) public pure {
        c = bound(c, 1, 1 << 104);
        b = bound(b, c, 1 << 110);
        a = bound(a, b, 1 << 116);
        uint256 parts = VolatilityMath.lnRatioDown(a, b) + VolatilityMath.lnRatioDown(b, c);
        assertApproxEqAbs(VolatilityMath.lnRatioDown(a, c), parts, 2);
    }

    /// @dev 2^(−(s + t)/h) = 2^(−s/h)·2^(−t/h), and it never grows with time.
    function testFuzz_decay_multiplies(uint256 s, uint256 t, uint256 halfLife) public pure {
        halfLife = bound(halfLife, 1, 1 << 40);
        s = bound(s, 0, 8 * halfLife);
        t = bound(t, 0, 8 * halfLife);
        uint256 whole = VolatilityMath.decay(s + t, halfLife);
        uint256 first = VolatilityMath.decay(s, halfLife);
        assertApproxEqAbs(whole, (first * VolatilityMath.decay(t, halfLife)) / ONE, 3);
        assertLe(whole, first);
        assertGe(whole, VolatilityMath.decay(s + t + 1, halfLife));
    }

    /// @dev A sample is between r² or its range's share and the whole range squared, whichever way the bucket went.
    function testFuzz_sample_isSymmetric(uint256 a, uint256 b, uint256 c, uint256 d) public pure {
        BucketPrices memory bucket = _bucket(a, b, c, d);
        uint256 taken = VolatilityMath.sample(bucket);
        uint256 range = VolatilityMath.lnRatioDown(bucket.high, bucket.low);
        assertLe(taken, (range * range) / ONE);
        (bucket.open, bucket.close) = (bucket.close, bucket.open);
        assertEq(VolatilityMath.sample(bucket), taken);
    }

    /// @dev An average stays between what it was and the sample; the slow one is moved by at most its clip. Any step twice as long by flat buckets leaves no more.
    function testFuzz_advance_staysBetween(uint256 slow, uint256 fast, uint256 sampled, uint256 number) public pure {
        Variances memory before = Variances(bound(slow, 0, 1 << 56), bound(fast, 0, 1 << 56));
        sampled = spread(sampled, 0, 1e18);
        number = bound(number, 1, type(uint32).max);
        Variances memory v = VolatilityMath.advance(before, sampled, LENGTH, number, 0);
        uint256 perSecond = sampled / LENGTH;
        assertGe(v.fast, before.fast < perSecond ? before.fast : perSecond);
        assertLe(v.fast, before.fast > perSecond + 1 ? before.fast : perSecond + 1);
        uint256 most = 64 * (before.slow > VolatilityMath.CLIP_FLOOR ? before.slow : VolatilityMath.CLIP_FLOOR);
        assertLe(v.slow, most);
        Variances memory later = VolatilityMath.advance(before, sampled, LENGTH, number, 7);
        assertLe(later.slow, v.slow);
        assertLe(later.fast, v.fast);
    }

    /// @dev RAMP-1: whatever the targets and however often it is brought up to date, no more than a tenth up and a hundredth down within an hour.
    function testFuzz_ramped_staysWithinHourlyBounds(
        uint256 from,
        uint256[6] memory targets,
        uint256 seed
    ) public pure {
        from = bound(from, 1e15, 8e18);
        uint256 value = from;
        uint256 left = 1 hours;
        for (uint256 i; i < targets.length; ++i) {
            uint256 elapsed = i == targets.length - 1 ? left : bound(seed >> (i * 16), 0, left);
            value = VolatilityMath.ramped(value, bound(targets[i], 0, 16e18), elapsed);
            left -= elapsed;
        }
        assertLe(value, (from * 11) / 10);
        assertGe(value, (from * 99) / 100);
    }

    /// @dev The root is the least that is enough.
    function testFuzz_multiplierUp_isRoot(uint256 variance, uint256 horizon) public pure {
        variance = bound(variance, 0, 1 << 60);
        horizon = bound(horizon, 1, 1 days);
        uint256 root = VolatilityMath.multiplierUp(variance, horizon, ONE, ONE);
        assertGe(root * root, variance * horizon * ONE);
        if (root != 0) assertLt((root - 1) * (root - 1), variance * horizon * ONE);
    }

    /* OUTSIDE */

    function multiplierUp(uint256 a, uint256 b, uint256 c, uint256 d) external pure returns (uint256) {
        return VolatilityMath.multiplierUp(a, b, c, d);
    }

    function varianceOfYearlyUp(uint256 yearly) external pure returns (uint256) {
        return VolatilityMath.varianceOfYearlyUp(yearly);
    }

    function _bucket(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (BucketPrices memory bucket) {
        bucket.low = bound(a, 1, 1 << 104);
        bucket.high = bound(b, bucket.low, 1 << 104);
        bucket.open = bound(c, bucket.low, bucket.high);
        bucket.close = bound(d, bucket.low, bucket.high);
    }

    /// @dev ln(high/low), D18{1}. The mantissa, Q127 in [1, 2), is squared 90 times; each time it passes 2 gives one bit of its binary logarithm.
    function _lnByBits(uint256 high, uint256 low) private pure returns (uint256) {
        uint256 doublings;
        while (doublings < 128 && low << (doublings + 1) <= high) ++doublings;
        (uint256 rest, uint256 bits) = (high, 0);
        low <<= doublings;
        // high/low as Q127, by long division: the remainder is below 2¹²⁸.
        uint256 mantissa = (rest / low) << 127;
        rest %= low;
        for (uint256 i = 127; i > 0; --i) {
            rest <<= 1;
            if (rest >= low) {
                rest -= low;
                mantissa |= 1 << (i - 1);
            }
        }
        for (uint256 i; i < 90; ++i) {
            mantissa = (mantissa * mantissa) >> 127;
            bits <<= 1;
            if (mantissa >> 128 != 0) {
                mantissa >>= 1;
                bits |= 1;
            }
        }
        // ln 2 · 10³⁰ fits beside 90 bits and 7 more.
        return (((doublings << 90) + bits) * 693_147_180_559_945_309_417_232_121_458) / (1e12 << 90);
    }
}
