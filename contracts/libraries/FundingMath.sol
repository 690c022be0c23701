// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, SIGNED_WAD} from "./FixedPoint.sol";

/// @notice What funding needs of a market. All magnitudes below 2⁹⁶ (skew and its scale below 2¹²⁰), elapsed below 2⁴⁰.
/// @param rate D18{1/day}, r, signed: positive when longs pay
/// @param skew D18{base}, traders' net size over the elapsed time
/// @param skewScale D18{base}, K, above 0
/// @param maxVelocity D18{1/day²}, v_max
/// @param maxRate D18{1/day}, r_max
/// @param elapsedSeconds {s} since the last update
struct FundingInput {
    int256 rate;
    int256 skew;
    uint256 skewScale;
    uint256 maxVelocity;
    uint256 maxRate;
    uint256 elapsedSeconds;
}

/// @title Funding in closed form
/// @notice The rate follows the skew, dr/dt = v_max·clamp(k/K, −1, 1), and stops at ±r_max. While neither side of the skew changes it is a line and then
/// a constant, so one step over any time is exact, whatever the number of updates in between (FUND-1).
/// @dev Rounding: velocity, rate and integral truncate towards zero, which favours neither side. `n` updates in place of one over T days move
/// the rate by at most n units of 1e-18 and the integral by at most n·(1 + T) units.
library FundingMath {
    using FixedPoint for uint256;

    int256 internal constant SECONDS_PER_DAY = 86_400;

    /// @dev dr/dt now. D18{1/day²}.
    function velocity(int256 skew, uint256 skewScale, uint256 maxVelocity) internal pure returns (int256) {
        // v_max·k < 2⁹⁶·2¹²⁰; both casts are of values below 2¹²⁰.
        unchecked {
            int256 scale = int256(skewScale);
            if (skew >= scale) return int256(maxVelocity);
            if (skew <= -scale) return -int256(maxVelocity);
            return (int256(maxVelocity) * skew) / scale;
        }
    }

    /// @dev The rate after the elapsed time, and the exact integral of the rate over it.
    /// @return newRate D18{1/day}
    /// @return integral D18{1}, ∫r dt with time in days
    function advance(FundingInput memory input) internal pure returns (int256 newRate, int256 integral) {
        // Bounds as in FundingInput: each product below stays under 2⁹⁶·2⁹⁶ or 2⁹⁶·2⁴⁰·2⁴⁰, times a constant below 2³⁴.
        unchecked {
            int256 time = int256(input.elapsedSeconds);
            int256 slope = velocity(input.skew, input.skewScale, input.maxVelocity);
            int256 bound = int256(input.maxRate);
            // A cap lowered since the last update binds from here on.
            int256 rate =
                input.rate > bound
                    ? bound
                    : input.rate < -bound
                        ? -bound
                        : input.rate;

            newRate = rate + (slope * time) / SECONDS_PER_DAY;
            if (newRate <= bound && newRate >= -bound) {
                // r·t + w·t²/2, with t = time/86 400.
                int256 doubled = 2 * SECONDS_PER_DAY * rate * time + slope * time * time;
                return (newRate, doubled / (2 * SECONDS_PER_DAY * SECONDS_PER_DAY));
            }
            // The line reaches the bound after (bound − r)/w and rests there: bound·t less the triangle missing below it.
            newRate = slope > 0 ? bound : -bound;
            int256 missing = newRate - rate;
            integral = (newRate * time) / SECONDS_PER_DAY - (missing * missing) / (2 * slope);
        }
    }

    /// @dev The funding index after an integral of the rate at one price: F′ = F + P·∫r dt. D18{USD/base}. A long's X = P − F falls when F rises. Truncates
    /// towards zero.
    function accrue(int256 fundingIndex, uint256 price, int256 integral) internal pure returns (int256) {
        return fundingIndex + (price.toInt() * integral) / SIGNED_WAD;
    }
}
