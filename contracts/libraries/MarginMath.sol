// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @title Margin of one position
/// @notice MM(N) = N·(m_M·ρ + μ·N/D) and IM(N) = N·(m_I·ρ + μ·N/D) + N·m_OI. The part that grows with N/D is the cost of leaving: a position of one depth D
/// holds μ more, one of four depths four times μ.
library MarginMath {
    using FixedPoint for uint256;

    /// @dev D18{USD}, the least depth that is computed with.
    uint256 internal constant MIN_DEPTH_USD = 1e18;

    /// @dev N·(rate + slope·N/D). D18{USD}, each term rounded up. A depth under a dollar counts as one, which already asks more than any
    /// account of size has.
    /// @param notionalUsd D18{USD}, N, below 2¹⁸⁰
    /// @param rate D18{1}, m·ρ, below 2⁷⁶
    /// @param sizeSlope D18{1}, μ, below 2⁷⁶
    /// @param depthUsd D18{USD}, D, below 2¹⁹⁶
    function requirementUp(
        uint256 notionalUsd,
        uint256 rate,
        uint256 sizeSlope,
        uint256 depthUsd
    ) internal pure returns (uint256) {
        // Products of the widths above stay below 2²⁵⁶; N·(μ·N) goes to 512 bits when it must and reverts if the margin itself has no room.
        unchecked {
            uint256 divisor = (depthUsd < MIN_DEPTH_USD ? MIN_DEPTH_USD : depthUsd) * WAD;
            return (notionalUsd * rate).divUp(WAD) + notionalUsd.mulDivUp(notionalUsd * sizeSlope, divisor);
        }
    }

    /// @dev m_OI: initial margin added as a market fills up, from 0 at `rampStartUsd` to 1 − m_I at `rampEndUsd` and beyond. D18{1}, rounded up.
    /// @param openInterestUsd D18{USD}, the larger side of the market
    /// @param rampStartUsd D18{USD}, OI_low
    /// @param rampEndUsd D18{USD}, OI_high, above OI_low
    /// @param initialRate D18{1}, m_I, at most 1
    function openInterestRateUp(
        uint256 openInterestUsd,
        uint256 rampStartUsd,
        uint256 rampEndUsd,
        uint256 initialRate
    ) internal pure returns (uint256) {
        if (openInterestUsd <= rampStartUsd) return 0;
        uint256 full = WAD - initialRate;
        if (openInterestUsd >= rampEndUsd) return full;
        return full.mulDivUp(openInterestUsd - rampStartUsd, rampEndUsd - rampStartUsd);
    }
}
