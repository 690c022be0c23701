// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint, SIGNED_WAD, WAD} from "./FixedPoint.sol";
import {MarginMath} from "./MarginMath.sol";

/// @notice A position that is about to be reduced, and the pool it is reduced against.
/// @param notionalUsd D18{USD}, N
/// @param marginalRate D18{1}, m + 2μN/D: margin freed by the first unit closed
/// @param sizeCurvature D36{1/USD}, μ/D
/// @param poolCurvature D36{1/USD}, 1/(2KP)
/// @param skewCost D18{1}, i₀: what the pool's skew adds to the price of the first unit closed (negative: it pays)
struct Reduction {
    uint256 notionalUsd;
    uint256 marginalRate;
    uint256 sizeCurvature;
    uint256 poolCurvature;
    int256 skewCost;
}

/// @title Sizing and pricing of partial liquidations
/// @notice Closing x of a position of N costs the account a penalty φ·x and an impact (i₀ + x/(2KP))·x, and frees the maintenance margin
///
///     ΔMM(x) = MM(N) − MM(N − x) = x·m + μ·(2Nx − x²)/D      because MM(N) = N·m + μ·N²/D.
///
/// E is the account's equity, MM its whole requirement, H = E/MM its health. A depth D or a pool scale KP under a dollar counts as one.
/// @dev Widths: notionals and equities below 2¹¹², rates below 2⁶⁴ (so below 18), K·P below 2¹⁸⁰. Quantities per dollar carry 36 decimals, because 18 would leave
/// 1/D about ten digits; with D and KP of at least a dollar they stay below 2¹²⁰.
library LiquidationMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev One in D36.
    uint256 private constant D36 = 1e36;

    /// @dev D18{1}, the largest skew cost that is computed with.
    int256 private constant MAX_SKEW_COST = 16 * SIGNED_WAD;

    /// @dev Answer of `targetUp` when no size reaches the target: close all of it.
    uint256 internal constant EVERYTHING = type(uint256).max;

    /// @dev Prepares a reduction: the marginal rate rounds down, the curvatures up, so that x* rounds up and x_aff down.
    /// @param notionalUsd D18{USD}, N
    /// @param maintenanceRate D18{1}, m = m_M·ρ
    /// @param sizeSlope D18{1}, μ
    /// @param depthUsd D18{USD}, D
    /// @param poolScaleUsd D18{USD}, K·P: notional that moves the pool's price by 100 %
    /// @param skewCost D18{1}, i₀
    function reductionOf(
        uint256 notionalUsd,
        uint256 maintenanceRate,
        uint256 sizeSlope,
        uint256 depthUsd,
        uint256 poolScaleUsd,
        int256 skewCost
    ) internal pure returns (Reduction memory) {
        depthUsd = Math.max(depthUsd, MarginMath.MIN_DEPTH_USD);
        poolScaleUsd = Math.max(poolScaleUsd, MarginMath.MIN_DEPTH_USD);
        // 2·μ·N < 2¹⁷⁷; μ·10³⁶ < 2¹⁸⁴; 10⁵⁴ < 2¹⁸⁰.
        unchecked {
            return
                Reduction({
                    notionalUsd: notionalUsd,
                    marginalRate: maintenanceRate + (2 * sizeSlope * notionalUsd) / depthUsd,
                    sizeCurvature: (sizeSlope * D36).divUp(depthUsd),
                    poolCurvature: (D36 * WAD).divUp(2 * poolScaleUsd),
                    skewCost: skewCost
                });
        }
    }

    /// @dev i₀ of closing: the traders' net size k makes selling dearer by −k/K and buying by +k/K. D18{1}, rounded up; no further from zero than
    /// ±16, where a price of zero is long passed.
    /// @param sizeDelta D18{base}, only its sign counts: negative closes a long
    /// @param skew D18{base}, k, |k| below 2¹²⁰
    /// @param skewScale D18{base}, K, above 0 and below 2¹²⁰
    function skewCostUp(int256 sizeDelta, int256 skew, uint256 skewScale) internal pure returns (int256) {
        // 2¹²⁰·10¹⁸ < 2¹⁸⁰, and the cast is exact.
        unchecked {
            int256 cost = ((sizeDelta < 0 ? -skew : skew) * SIGNED_WAD).divCeil(int256(skewScale));
            return
                cost > MAX_SKEW_COST
                    ? MAX_SKEW_COST
                    : cost < -MAX_SKEW_COST
                        ? -MAX_SKEW_COST
                        : cost;
        }
    }

    /// @dev φ₀ = min(φ_max, η·H·MM/N) = min(φ_max, η·E/N), because H·MM = E. D18{1}, rounded down. With η < 1 a whole position pays less than E.
    /// @param maxPenaltyRate D18{1}, φ_max
    /// @param equityShare D18{1}, η
    function penaltyRateDown(
        uint256 equityUsd,
        uint256 notionalUsd,
        uint256 maxPenaltyRate,
        uint256 equityShare
    ) internal pure returns (uint256) {
        // 2¹¹²·2⁶⁴.
        unchecked {
            return Math.min(maxPenaltyRate, (equityUsd * equityShare) / notionalUsd);
        }
    }

    /// @dev x*: least notional whose closing brings the account to E′ = τ·MM′. D18{USD}, rounded up; EVERYTHING if none does.
    ///
    /// E − φ·x − (i₀ + x/(2KP))·x = τ·(MM − ΔMM(x)) sorted by powers of x:
    ///
    ///     a·x² − b·x + C = 0,   a = τμ/D + 1/(2KP),   b = τ·(m + 2μN/D) − φ − i₀,   C = τ·MM − E > 0.
    ///
    /// Where b > 0 both roots are positive and the lesser is (b − √(b² − 4aC))/2a = 2C/(b + √(b² − 4aC)), a form without cancellation. Where
    /// b ≤ 0 or the root is not real, closing never catches up with its own cost. `a` and `C` round up, `b` and the root down: x* rounds up.
    /// @param target D18{1}, τ, between 1 and 2
    /// @param penaltyRate D18{1}, φ
    function targetUp(
        Reduction memory position,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 penaltyRate
    ) internal pure returns (uint256) {
        // τ·MM < 2¹⁷⁶; N/D < 2¹¹² makes τ·(m + 2μN/D) < 2¹¹⁶ and b² < 2²³²; a < 2¹²² and C < 2¹¹⁴ make 4aC < 2²³⁸.
        unchecked {
            uint256 aim = (maintenanceUsd * target).divUp(WAD);
            if (aim <= equityUsd) return 0;
            uint256 missing = aim - equityUsd;

            int256 linear = int256((position.marginalRate * target) / WAD) - int256(penaltyRate) - position.skewCost;
            if (linear <= 0) return EVERYTHING;
            uint256 square = uint256(linear) * uint256(linear);
            uint256 product = (curvatureUp(position, target) * 4 * missing).divUp(WAD);
            if (product > square) return EVERYTHING;
            return (2 * missing * WAD).divUp(uint256(linear) + Math.sqrt(square - product));
        }
    }

    /// @dev x* where the pool pays at most `band` for a fill that reduces its skew. The price of closing x is then the larger of −band and
    /// i₀ + x/(2KP): flat up to the x where both are equal, a line beyond. Each part is a case of `targetUp`.
    /// @param band D18{1}
    function targetWithinBandUp(
        Reduction memory position,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 penaltyRate,
        uint256 band
    ) internal pure returns (uint256) {
        (int256 cost, uint256 curvature, int256 edge) = (position.skewCost, position.poolCurvature, -band.toInt());
        if (cost >= edge) return targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);

        (position.skewCost, position.poolCurvature) = (edge, 0);
        uint256 answer = targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);
        (position.skewCost, position.poolCurvature) = (cost, curvature);
        // Both prices meet at (−band − i₀)·2KP.
        uint256 flatUntil = uint256(edge - cost).mulDivDown(D36, curvature);
        if (answer <= flatUntil) return answer;

        answer = targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);
        // A root inside the flat part belongs to a price the pool does not pay.
        return answer > flatUntil ? answer : EVERYTHING;
    }

    /// @dev x_aff: largest notional whose impact alone leaves the health unchanged, so that below it a penalty fits too. D18{USD}, rounded down.
    ///
    /// H does not fall while the cost stays within H·ΔMM(x):
    ///
    ///     (i₀ + x/(2KP))·x ≤ H·(x·m + μ(2Nx − x²)/D)   ⇔   x ≤ ( H·(m + 2μN/D) − i₀ ) / ( Hμ/D + 1/(2KP) ).
    ///
    /// @param health D18{1}, H, rounded down, below 1
    function affordableDown(Reduction memory position, uint256 health) internal pure returns (uint256) {
        // H·(m + 2μN/D) < 2¹¹⁵.
        unchecked {
            int256 gain = int256((position.marginalRate * health) / WAD) - position.skewCost;
            if (gain <= 0) return 0;
            return (uint256(gain) * D36) / curvatureUp(position, health);
        }
    }

    /// @dev What a reduction may cost without lowering the health: H·ΔMM = E·ΔMM/MM. D18{USD}, rounded down. It never exceeds E.
    function healthBudgetDown(
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 freedUsd
    ) internal pure returns (uint256) {
        return equityUsd.mulDivDown(freedUsd, maintenanceUsd);
    }

    /// @dev Largest notional whose requirement N·rate + μN²/D is covered by `equityUsd`: 2E/(r + √(r² + 4μE/D)). D18{USD}, rounded down.
    function coveredNotionalDown(
        uint256 equityUsd,
        uint256 rate,
        uint256 sizeSlope,
        uint256 depthUsd
    ) internal pure returns (uint256) {
        // μE/D as D36; E < 2¹¹², μ < 2⁶⁴, D at least 10¹⁸.
        uint256 curved = equityUsd.mulDivUp(4 * sizeSlope * WAD, Math.max(depthUsd, MarginMath.MIN_DEPTH_USD));
        uint256 divisor = rate + Math.sqrt(rate * rate + curved, Math.Rounding.Ceil);
        return divisor == 0 ? EVERYTHING : (2 * equityUsd).divWadDown(divisor);
    }

    /// @dev weight·μ/D + 1/(2KP), the cost that grows with the square of the size. D36{1/USD}, rounded up.
    function curvatureUp(Reduction memory position, uint256 weight) private pure returns (uint256) {
        // 2⁶¹·2¹²⁰.
        unchecked {
            return (weight * position.sizeCurvature).divUp(WAD) + position.poolCurvature;
        }
    }
}
