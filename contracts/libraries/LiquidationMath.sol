// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint, SIGNED_WAD, WAD} from "./FixedPoint.sol";
import {MarginMath} from "./MarginMath.sol";

/// @notice A position that is about to be reduced, and the pool it is reduced against. Amounts below 2¹¹², rates below 2⁶⁴.
/// @param notionalUsd D18{USD}, N
/// @param maintenanceRate D18{1}, m = m_M·ρ
/// @param sizeSlope D18{1}, μ
/// @param depthUsd D18{USD}, D; under a dollar counts as one
/// @param poolScaleUsd D18{USD}, K·P: notional that moves the pool's price by 100 %; under a dollar counts as one
/// @param skewCost D18{1}, i₀: what the pool's skew adds to the price of the first unit closed (negative: it pays)
struct Reduction {
    uint256 notionalUsd;
    uint256 maintenanceRate;
    uint256 sizeSlope;
    uint256 depthUsd;
    uint256 poolScaleUsd;
    int256 skewCost;
}

/// @title Sizing and pricing of partial liquidations
/// @notice Closing x of a position of N costs the account a penalty φ·x and an impact (i₀ + x/(2KP))·x, and frees the maintenance margin
///
///     ΔMM(x) = MM(N) − MM(N − x) = x·m + μ·(2Nx − x²)/D      because MM(N) = N·m + μ·N²/D.
///
/// E is the account's equity, MM its whole requirement, H = E/MM its health.
library LiquidationMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev 10³⁶: quantities per dollar carry 36 decimals, since 1/D alone would keep only about ten digits of 18.
    uint256 private constant D36 = 1e36;

    /// @dev Answer of `targetUp` when no size reaches the target: close all of it.
    uint256 internal constant EVERYTHING = type(uint256).max;

    /// @dev i₀ of closing: the traders' net size k makes selling dearer by −k/K and buying by +k/K. D18{1}, rounded up.
    /// @param sizeDelta D18{base}, only its sign counts: negative closes a long
    /// @param skew D18{base}, k
    /// @param skewScale D18{base}, K
    function skewCostUp(int256 sizeDelta, int256 skew, uint256 skewScale) internal pure returns (int256) {
        return (sizeDelta < 0 ? -skew : skew).mulDivCeil(SIGNED_WAD, skewScale);
    }

    /// @dev φ₀ = min(φ_max, η·H·MM/N) = min(φ_max, η·E/N), because H·MM = E. D18{1}, rounded down. With η < 1 a whole position pays less than E.
    function penaltyRateDown(
        uint256 equityUsd,
        uint256 notionalUsd,
        uint256 maxPenaltyRate,
        uint256 equityShare
    ) internal pure returns (uint256) {
        return Math.min(maxPenaltyRate, equityUsd.mulDivDown(equityShare, notionalUsd));
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
        uint256 aim = maintenanceUsd.mulWadUp(target);
        if (aim <= equityUsd) return 0;
        uint256 missing = aim - equityUsd;

        int256 linear = marginalRateDown(position).mulWadDown(target).toInt() - penaltyRate.toInt() - position.skewCost;
        if (linear <= 0) return EVERYTHING;

        uint256 curvature = curvatureUp(position, target);
        // D36: b < 2¹²⁰ because N/D < 2¹¹², so b² < 2²⁴⁰; a·C < 2¹²⁶·2¹¹³/10¹⁸.
        uint256 square = uint256(linear) * uint256(linear);
        uint256 product = curvature.mulDivUp(4 * missing, WAD);
        if (product > square) return EVERYTHING;
        return (2 * missing).divWadUp(uint256(linear) + Math.sqrt(square - product));
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
        int256 edge = -band.toInt();
        if (position.skewCost >= edge) return targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);

        uint256 flatUntil = (2 * position.poolScaleUsd).mulWadDown(uint256(edge - position.skewCost));
        (int256 skewCost_, uint256 poolScaleUsd_) = (position.skewCost, position.poolScaleUsd);
        (position.skewCost, position.poolScaleUsd) = (edge, type(uint128).max);
        uint256 answer = targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);
        (position.skewCost, position.poolScaleUsd) = (skewCost_, poolScaleUsd_);
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
        int256 gain = marginalRateDown(position).mulWadDown(health).toInt() - position.skewCost;
        if (gain <= 0) return 0;
        return uint256(gain).mulDivDown(D36, curvatureUp(position, health));
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

    /// @dev Margin freed by the first unit closed: dMM/dN = m + 2μN/D. D18{1}, rounded down.
    function marginalRateDown(Reduction memory position) private pure returns (uint256) {
        return
            position.maintenanceRate +
            (2 * position.sizeSlope).mulDivDown(
                position.notionalUsd,
                Math.max(position.depthUsd, MarginMath.MIN_DEPTH_USD)
            );
    }

    /// @dev weight·μ/D + 1/(2KP), the cost that grows with the square of the size. D36{1/USD}, rounded up.
    function curvatureUp(Reduction memory position, uint256 weight) private pure returns (uint256) {
        uint256 depth = Math.max(position.depthUsd, MarginMath.MIN_DEPTH_USD);
        uint256 poolScale = Math.max(position.poolScaleUsd, MarginMath.MIN_DEPTH_USD);
        // weight·μ·10¹⁸ < 2⁶⁴·2⁶⁴·2⁶⁰; 10⁵⁴ < 2¹⁸⁰.
        return (weight * position.sizeSlope * WAD).divUp(depth) + (D36 * WAD).divUp(2 * poolScale);
    }
}
