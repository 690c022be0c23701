// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";

/// @title Pacing of liquidations
/// @notice A market's bucket holds a capacity in notional; every liquidation takes from it and it fills again linearly, the whole capacity in one window
/// (LIQ-4). One account takes at most a third of it per window, unless it is in deep distress. What is used rounds up, what is left rounds down.
///
/// Sliced without a pause, a market is pushed by 0.01·β·τ/w on average, τ being the time in which its depth recovers: the pool's price moves by 1 % for
/// each D closed. So capacity and window follow what the market bears and what waiting costs:
///
///     capacity = D·min(1, β · (2 where shortfalls exceed a quarter of insurance) · (0.4 while guarded))
///     w        = w₀·clamp(range/referenceRange, ½, 4)        range = high/low − 1 over the maturity window
library SliceBucket {
    using FixedPoint for uint256;

    /// @dev An account's allowance is the capacity divided by this.
    uint256 internal constant ACCOUNTS_PER_BUCKET = 3;

    /// @dev β doubles where MM − E over all marked accounts is more than one part in so many of insurance.
    uint256 private constant SHORTFALL_PART = 4;
    /// @dev While a market is guarded, β is × 2 / 5.
    uint256 private constant GUARDED_NUMERATOR = 2;
    uint256 private constant GUARDED_DENOMINATOR = 5;
    /// @dev w is at least w₀/2 and at most 4·w₀.
    uint256 private constant CALM_DIVISOR = 2;
    uint256 private constant WILD_FACTOR = 4;

    /// @dev The bucket's capacity. D18{USD}.
    /// @param depthUsd D18{USD}, D
    /// @param sliceShare D18{1}, β
    function capacityDown(
        uint256 depthUsd,
        uint256 sliceShare,
        ILiquidationEngine.Stress calldata stress
    ) internal pure returns (uint256) {
        if (stress.shortfallUsd > stress.insuranceUsd / SHORTFALL_PART) sliceShare *= 2;
        if (stress.isGuarded) sliceShare = (sliceShare * GUARDED_NUMERATOR) / GUARDED_DENOMINATOR;
        return depthUsd.mulWadDown(Math.min(sliceShare, WAD));
    }

    /// @dev w, rounded up. {s}. Without a range nothing is being paced, and it is w₀.
    /// @param windowSeconds {s}, w₀
    /// @param referenceRange D18{1}, above 0
    function windowUp(
        uint256 windowSeconds,
        uint256 referenceRange,
        ILiquidationEngine.Stress calldata stress
    ) internal pure returns (uint256) {
        (uint256 low, uint256 high) = (stress.windowLow, stress.windowHigh);
        if (low == 0 || high < low) return windowSeconds;
        uint256 range = (high - low).mulDivUp(WAD, low);
        uint256 scaled = windowSeconds.mulDivUp(range, referenceRange);
        return Math.min(Math.max(scaled, windowSeconds.divUp(CALM_DIVISOR)), windowSeconds * WILD_FACTOR);
    }

    /// @dev What is still used of a bucket after it filled for some time. D18{USD}.
    /// @param usedUsd D18{USD}, used at the start of that time
    /// @param capacityUsd D18{USD}
    /// @param elapsedSeconds {s}
    /// @param windowSeconds {s}, above 0
    function usedAfter(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 elapsedSeconds,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        // Nothing is overdrawn by more than one capacity, unless the capacity has shrunk since: then it takes longer.
        uint256 filledUsd = capacityUsd.mulDivDown(elapsedSeconds, windowSeconds);
        return usedUsd > filledUsd ? usedUsd - filledUsd : 0;
    }

    /// @dev What a liquidation may take now. D18{USD}.
    /// @param accountUsedRatio D18{1}, used share of the account's own allowance
    /// @param isDeep whether the account is in deep distress: then it may have all that the bucket has
    function roomDown(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 accountUsedRatio,
        bool isDeep
    ) internal pure returns (uint256) {
        if (usedUsd >= capacityUsd) return 0;
        uint256 marketUsd = capacityUsd - usedUsd;
        if (isDeep) return marketUsd;
        if (accountUsedRatio >= WAD) return 0;
        uint256 accountUsd = (capacityUsd * (WAD - accountUsedRatio)) / (ACCOUNTS_PER_BUCKET * WAD);
        return marketUsd < accountUsd ? marketUsd : accountUsd;
    }

    /// @dev How long until a liquidation may take `amountUsd`. {s}; the largest number if the capacity never allows it.
    ///
    /// The bucket has filled by ⌊capacity·t/w⌋, the allowance by ⌊t/w⌋ (D18), so each side's least t is a division rounded up.
    function secondsUntilRoom(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 accountUsedRatio,
        bool isDeep,
        uint256 amountUsd,
        uint256 windowSeconds
    ) internal pure returns (uint256 wait) {
        if (amountUsd > capacityUsd) return type(uint256).max;
        if (usedUsd + amountUsd > capacityUsd) {
            wait = (usedUsd + amountUsd - capacityUsd).mulDivUp(windowSeconds, capacityUsd);
        }
        if (isDeep || capacityUsd == 0) return wait;
        uint256 neededRatio = ratioOfUp(amountUsd, capacityUsd);
        if (neededRatio > WAD) return type(uint256).max;
        if (accountUsedRatio + neededRatio > WAD) {
            wait = Math.max(wait, (accountUsedRatio + neededRatio - WAD).mulDivUp(windowSeconds, WAD));
        }
    }

    /// @dev How long until `notionalUsd` may be taken at once as a whole, see `coversWhole`. {s}; the largest number if never.
    function secondsUntilWhole(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 notionalUsd,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        if (notionalUsd > 2 * capacityUsd) return type(uint256).max;
        if (coversWhole(usedUsd, capacityUsd, notionalUsd)) return 0;
        return (usedUsd + notionalUsd - 2 * capacityUsd).mulDivUp(windowSeconds, capacityUsd);
    }

    /// @dev How long until bucket and allowance are full. {s}
    function secondsUntilFull(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 accountUsedRatio,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        uint256 bucket = capacityUsd == 0 ? 0 : usedUsd.mulDivUp(windowSeconds, capacityUsd);
        return Math.max(bucket, accountUsedRatio.mulDivUp(windowSeconds, WAD));
    }

    /// @dev True if `notionalUsd` may be taken at once as a whole, overdrawing the bucket by at most one capacity: for positions too small to slice.
    function coversWhole(uint256 usedUsd, uint256 capacityUsd, uint256 notionalUsd) internal pure returns (bool) {
        return usedUsd + notionalUsd <= 2 * capacityUsd;
    }

    /// @dev The used share of an account's allowance after it filled for some time. D18{1}.
    function ratioAfter(
        uint256 usedRatio,
        uint256 elapsedSeconds,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        uint256 filled = (elapsedSeconds * WAD) / windowSeconds;
        return usedRatio > filled ? usedRatio - filled : 0;
    }

    /// @dev The share of an account's allowance that `notionalUsd` is. D18{1}.
    function ratioOfUp(uint256 notionalUsd, uint256 capacityUsd) internal pure returns (uint256) {
        return notionalUsd.mulDivUp(ACCOUNTS_PER_BUCKET * WAD, capacityUsd);
    }
}
