// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WAD} from "../../contracts/libraries/FixedPoint.sol";
import {LiquidationMath, Reduction} from "../../contracts/libraries/LiquidationMath.sol";
import {MarginMath} from "../../contracts/libraries/MarginMath.sol";

/// @title Sizes and prices of liquidations
/// @notice Proved by `npm run prove`. Notionals and equities are below 2¹⁰⁰ (10¹² USD), rates at most 1 unless said otherwise.
contract LiquidationMathProofs {
    /// @notice φ₀ ≤ φ_max, and with η < 1 a whole position pays less than E (LIQ-4)
    function prove_penaltyRateDown_leavesEquity(
        uint256 equityUsd,
        uint256 notionalUsd,
        uint256 maxPenaltyRate,
        uint256 equityShare
    ) external pure {
        require(equityUsd < 1 << 100 && notionalUsd < 1 << 100 && notionalUsd != 0);
        require(maxPenaltyRate <= WAD && equityShare <= WAD);
        uint256 rate = LiquidationMath.penaltyRateDown(equityUsd, notionalUsd, maxPenaltyRate, equityShare);
        assert(rate <= maxPenaltyRate);
        assert(rate * notionalUsd <= equityUsd * equityShare);
    }

    /// @notice The budget of a reduction never exceeds E
    function prove_healthBudgetDown_isAtMostEquity(
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 freedUsd
    ) external pure {
        require(equityUsd < 1 << 100 && maintenanceUsd < 1 << 100 && maintenanceUsd != 0 && freedUsd <= maintenanceUsd);
        assert(LiquidationMath.healthBudgetDown(equityUsd, maintenanceUsd, freedUsd) <= equityUsd);
    }

    /// @notice A reduction that costs at most its budget does not lower the health: (E − b)·MM ≥ E·(MM − ΔMM) (LIQ-2)
    function prove_healthBudgetDown_keepsTheHealth(
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 freedUsd,
        uint256 costUsd
    ) external pure {
        require(equityUsd < 1 << 100 && maintenanceUsd < 1 << 100 && maintenanceUsd != 0 && freedUsd <= maintenanceUsd);
        require(costUsd <= LiquidationMath.healthBudgetDown(equityUsd, maintenanceUsd, freedUsd));
        assert((equityUsd - costUsd) * maintenanceUsd >= equityUsd * (maintenanceUsd - freedUsd));
    }

    /// @notice i₀ stays within ±16
    function prove_skewCostUp_isBounded(int256 sizeDelta, int256 skew, uint256 skewScale) external pure {
        require(skew > -(1 << 120) && skew < 1 << 120 && skewScale != 0 && skewScale < 1 << 120);
        int256 cost = LiquidationMath.skewCostUp(sizeDelta, skew, skewScale);
        assert(cost >= -16e18 && cost <= 16e18);
    }

    /// @notice An account at its target already is left alone
    function prove_targetUp_leavesTheHealthyAlone(
        Reduction memory position,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 penaltyRate
    ) external pure {
        require(equityUsd < 1 << 100 && maintenanceUsd < 1 << 100 && target <= 2 * WAD);
        require(equityUsd * WAD >= maintenanceUsd * target);
        assert(LiquidationMath.targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate) == 0);
    }

    /// @notice Below x_aff the impact is at most H times what the reduction frees, in the first order of both: i₀ + a·x ≤ H·r
    function prove_affordableDown_isAffordable(Reduction memory position, uint256 health) external pure {
        require(
            position.marginalRate < 1 << 80 && position.sizeCurvature < 1 << 100 && position.poolCurvature < 1 << 100
        );
        require(position.skewCost > -16e18 && position.skewCost < 16e18 && health < WAD && position.poolCurvature != 0);
        uint256 size = LiquidationMath.affordableDown(position, health);
        require(size != 0 && size < 1 << 112);
        int256 gain = int256((position.marginalRate * health) / WAD) - position.skewCost;
        assert(int256(size * position.poolCurvature) <= gain * 1e36);
    }

    /// @notice The requirement grows with the notional
    function prove_requirementUp_isMonotonic(
        uint256 notionalUsd,
        uint256 moreUsd,
        uint256 rate,
        uint256 sizeSlope,
        uint256 depthUsd
    ) external pure {
        require(notionalUsd <= moreUsd && moreUsd < 1 << 90 && rate <= WAD && sizeSlope <= WAD && depthUsd < 1 << 112);
        uint256 less = MarginMath.requirementUp(notionalUsd, rate, sizeSlope, depthUsd);
        assert(less <= MarginMath.requirementUp(moreUsd, rate, sizeSlope, depthUsd));
    }

    /// @notice The initial rate of a market that fills up never exceeds 1
    function prove_openInterestRateUp_completesToOne(
        uint256 openInterestUsd,
        uint256 rampStartUsd,
        uint256 rampEndUsd,
        uint256 initialRate
    ) external pure {
        require(openInterestUsd < 1 << 112 && rampStartUsd < rampEndUsd && rampEndUsd < 1 << 112 && initialRate <= WAD);
        uint256 rate = MarginMath.openInterestRateUp(openInterestUsd, rampStartUsd, rampEndUsd, initialRate);
        assert(initialRate + rate <= WAD);
    }
}
