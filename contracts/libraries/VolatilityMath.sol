// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @notice The prices of one maturity bucket that has ended. D18{USD/base}, below 2¹²⁸, `low` above 0.
/// @param open that stood when it began
/// @param low lowest, `open` included
/// @param high highest, `open` included
/// @param close that stood when it ended
struct BucketPrices {
    uint256 open;
    uint256 low;
    uint256 high;
    uint256 close;
}

/// @notice Two averages of the variance of a price's logarithm. D18{1/s}
struct Variances {
    uint256 slow;
    uint256 fast;
}

/// @title Volatility from price ranges, and what margins make of it
/// @notice Every bucket gives one sample x = max( r², ln(high/low)² / (4·ln 2) ), r = ln(close/open). Its share x/T per second enters two exponential averages by live
/// time, with half-lives of 12 hours and 30 days; the slow one takes at most (8σ)². The variance that counts is max(slow, ½·fast + ½·slow).
///
/// A range of many prices says as much as five returns; of few prices it says too little, because between them nothing was seen: then the return is the larger of the
/// two. Which is why the larger counts.
///
/// Until an average has lasted as long as its memory, it is the plain mean of all samples so far, so that it starts at no invented value.
library VolatilityMath {
    using FixedPoint for uint256;

    /// @dev {s}
    uint256 internal constant FAST_HALF_LIFE = 12 hours;
    uint256 internal constant SLOW_HALF_LIFE = 30 days;

    /// @dev {1}, 8²: the largest sample of the slow average per variance of a bucket.
    uint256 internal constant CLIP_SQUARED = 64;
    /// @dev D18{1/s}, of 20 % a year: the clip takes no variance for smaller, or an average that is zero would stay there.
    uint256 internal constant CLIP_FLOOR = 1_267_500_000;

    /// @dev {s}, mean length of a year.
    uint256 internal constant YEAR = 31_557_600;
    /// @dev D18{1/s}, ⌊ln(1.1)/3600⌋: rising by this share of itself, over steps of any length, nothing rises by more than a tenth in an hour.
    uint256 internal constant RISE_PER_SECOND = 26_475_049_945_645;
    /// @dev {s}, a hundred hours: falling as 1/(1 + t/100 h), nothing falls by more than a hundredth in an hour.
    uint256 internal constant FALL_SECONDS = 360_000;

    /// @dev Inside, logarithms and exponentials carry 27 decimals.
    uint256 private constant UNIT = 1e27;
    uint256 private constant GUARD = 1e9;
    /// @dev ln 2 and 4·ln 2, rounded down. D27{1}, D18{1}
    uint256 private constant LN_2 = 693_147_180_559_945_309_417_232_121;
    uint256 private constant FOUR_LN_2 = 2_772_588_722_239_781_237;

    /* MEASURING */

    /// @dev ln(high/low), D18{1}: below the exact value by less than 1.0001 units. Both below 2¹²⁸, high ≥ low > 0.
    /// With high/low = 2ⁿ·m, 1 ≤ m < 2: n·ln 2 + 2·(z + z³/3 + z⁵/5 + …), z = (m − 1)/(m + 1) ≤ ⅓.
    function lnRatioDown(uint256 high, uint256 low) internal pure returns (uint256) {
        // Products stay below 2¹²⁹·2⁹⁰; every term is at least nine times smaller than the one before, so there are at most 29, each short of the exact one by less than
        // 2 units of 10⁻²⁷.
        unchecked {
            uint256 doublings = Math.log2(high) - Math.log2(low);
            if (low << doublings > high) --doublings;
            low <<= doublings;
            uint256 power = ((high - low) * UNIT) / (high + low);
            uint256 square = (power * power) / UNIT;
            uint256 sum = 0;
            for (uint256 odd = 1; power != 0; odd += 2) {
                sum += power / odd;
                power = (power * square) / UNIT;
            }
            return (2 * sum + doublings * LN_2) / GUARD;
        }
    }

    /// @dev 2^(−elapsed/halfLife), D18{1}, within a unit of the exact value. Both below 2⁶⁴, halfLife above 0.
    function decay(uint256 elapsed, uint256 halfLife) internal pure returns (uint256) {
        // y ≤ ln 2 and terms of e^y shrink at least by ln 2 each: products below 2¹⁸⁰. A shift by 256 and more gives 0.
        unchecked {
            uint256 y = ((elapsed % halfLife) * LN_2) / halfLife;
            uint256 sum = UNIT;
            uint256 term = y;
            for (uint256 n = 2; term != 0; ++n) {
                sum += term;
                term = (term * y) / (UNIT * n);
            }
            return ((UNIT * WAD + sum / 2) / sum) >> (elapsed / halfLife);
        }
    }

    /// @dev What one bucket says about the variance over its length. D18{1}, rounded down.
    function sample(BucketPrices memory bucket) internal pure returns (uint256) {
        // Logarithms of ratios below 2¹²⁸ are below 89.
        unchecked {
            uint256 range = bucket.high == bucket.low ? 0 : lnRatioDown(bucket.high, bucket.low);
            if (range == 0) return 0;
            uint256 move =
                bucket.close > bucket.open
                    ? lnRatioDown(bucket.close, bucket.open)
                    : lnRatioDown(bucket.open, bucket.close);
            return Math.max((move * move) / WAD, (range * range) / FOUR_LN_2);
        }
    }

    /* AVERAGING */

    /// @dev Both averages after the bucket with number `number` has ended, and `flat` more in which the price stood still.
    /// @param sampled D18{1}, of that bucket
    /// @param length {s}, of every bucket, at least 1
    /// @param number of the bucket, from 1: so many samples there are with this one
    /// @param flat {buckets}
    function advance(
        Variances memory before,
        uint256 sampled,
        uint256 length,
        uint256 number,
        uint256 flat
    ) internal pure returns (Variances memory) {
        uint256 clip = CLIP_SQUARED * Math.max(before.slow, CLIP_FLOOR) * length;
        return
            Variances({
                slow: _averaged(before.slow, Math.min(sampled, clip), length, number, flat, SLOW_HALF_LIFE),
                fast: _averaged(before.fast, sampled, length, number, flat, FAST_HALF_LIFE)
            });
    }

    /// @dev max(slow, ½·fast + ½·slow), D18{1/s}, rounded up.
    function combined(Variances memory variances) internal pure returns (uint256) {
        return variances.fast > variances.slow ? (variances.fast + variances.slow).divUp(2) : variances.slow;
    }

    /* MARGIN */

    /// @dev Variance of a volatility given per year. D18{1/s}, rounded up.
    /// @param yearly D18{1}, at most 2⁹⁶
    function varianceOfYearlyUp(uint256 yearly) internal pure returns (uint256) {
        return (yearly * yearly).divUp(YEAR * WAD);
    }

    /// @dev k·σ·√H / m, D18{1}, rounded up: how often the margin m fits into k deviations of the price over H.
    /// @param variance D18{1/s}, below 2¹⁰⁰
    /// @param horizon {s}, H, below 2³²
    /// @param deviations D18{1}, k, below 2⁸⁰
    /// @param margin D18{1}, m, above 0
    function multiplierUp(
        uint256 variance,
        uint256 horizon,
        uint256 deviations,
        uint256 margin
    ) internal pure returns (uint256) {
        // 2¹⁰⁰·2³²·2⁶⁰, and a root below 2⁹⁶ times 2⁸⁰.
        unchecked {
            uint256 deviation = Math.sqrt(variance * horizon * WAD, Math.Rounding.Ceil);
            return (deviation * deviations).divUp(margin);
        }
    }

    /// @dev What stood at `from` and has followed `target` for `elapsed`: up by at most a tenth an hour, down by at most a hundredth. Rounded down when it rises, up when it
    /// falls: never further than it may.
    /// @param from at most 2⁹⁶, as `target`
    /// @param elapsed {s}, below 2⁶⁴
    function ramped(uint256 from, uint256 target, uint256 elapsed) internal pure returns (uint256) {
        // 2⁹⁶·2⁶⁴·2⁴⁵
        unchecked {
            if (target >= from) return Math.min(target, from + (from * elapsed * RISE_PER_SECOND) / WAD);
            return Math.max(target, (from * FALL_SECONDS).divUp(FALL_SECONDS + elapsed));
        }
    }

    /* PRIVATE */

    /// @dev One average: the sample weighs 1 − 2^(−T/h), or 1/number where that is more; flat buckets leave 2^(−flat·T/h) of it, or number/(number + flat) where that is less.
    /// D18{1/s}, to the nearest.
    function _averaged(
        uint256 before,
        uint256 sampled,
        uint256 length,
        uint256 number,
        uint256 flat,
        uint256 halfLife
    ) private pure returns (uint256) {
        uint256 kept = Math.min(decay(length, halfLife), WAD - WAD / number);
        uint256 divisor = WAD * length;
        uint256 average = (before * kept * length + sampled * (WAD - kept) + divisor / 2) / divisor;
        if (flat == 0) return average;
        kept = Math.min(decay(flat * length, halfLife), (WAD * number) / (number + flat));
        return (average * kept + WAD / 2) / WAD;
    }
}
