// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CoverageLevel} from "../types/CoverageLevel.sol";
import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @title What a market's buffers have to reach, and what one account adds beyond it
/// @notice Target T = max(bootstrap, t·OI). Buffers are the market's tranche and the share of the insurance fund that the market counts on.
///
/// Concentration. A move of q against a position of N costs q·N. Buffers are there for T, whoever loses it. What a single account could cost beyond that,
///
///     max(0, q·N − T),
///
/// nobody has set aside: it is asked of that account, on top of its initial margin. With N ≤ OI it is 0 while q·OI ≤ bootstrap, so a calm market need not look.
/// It is initial margin only: neither a growing position of somebody else nor a shrinking fund can make an account liquidatable (RAMP-1).
library CoverageMath {
    using FixedPoint for uint256;

    /// @dev D18{1}, what low coverage makes of an initial margin rate.
    uint256 internal constant LOW_NUMERATOR = 5;
    uint256 internal constant LOW_DENOMINATOR = 4;

    /// @dev T. D18{USD}, rounded up: more is asked of the buffers.
    /// @param openInterestUsd D18{USD}, the larger side of the market
    /// @param coverageTarget D18{1}, t, at most 1
    /// @param bootstrapUsd D18{USD}, what a market starts with
    function targetUp(
        uint256 openInterestUsd,
        uint256 coverageTarget,
        uint256 bootstrapUsd
    ) internal pure returns (uint256) {
        uint256 target = openInterestUsd.mulDivUp(coverageTarget, WAD);
        return target > bootstrapUsd ? target : bootstrapUsd;
    }

    /// @dev Cash that stands behind a market: the tranche and a share of the fund. D18{USD}, rounded down
    /// @param trancheUsd D18{USD}
    /// @param fundUsd D18{USD}
    /// @param fundShare D18{1}, at most 1
    function buffersDown(uint256 trancheUsd, uint256 fundUsd, uint256 fundShare) internal pure returns (uint256) {
        return trancheUsd + fundUsd.mulDivDown(fundShare, WAD);
    }

    /// @dev How far `buffersUsd` reach.
    /// @param buffersUsd D18{USD}, below 2²⁵⁴
    /// @param targetUsd D18{USD}
    function levelOf(uint256 buffersUsd, uint256 targetUsd) internal pure returns (CoverageLevel) {
        if (buffersUsd * 2 >= targetUsd) return CoverageLevel.Full;
        return buffersUsd * 4 >= targetUsd ? CoverageLevel.Low : CoverageLevel.Short;
    }

    /// @dev The initial margin rate of a market with low coverage: a quarter more. D18{1}, rounded up
    /// @param rate D18{1}
    function raisedRateUp(uint256 rate) internal pure returns (uint256) {
        return (rate * LOW_NUMERATOR).divUp(LOW_DENOMINATOR);
    }

    /// @dev max(0, q·N − max(bootstrap, t·OI)). D18{USD}, rounded up
    /// @param notionalUsd D18{USD}, N, below 2¹⁸⁰
    /// @param move D18{1}, q, at most 1
    /// @param openInterestUsd D18{USD}, the larger side of the market
    /// @param coverageTarget D18{1}, t, at most 1
    /// @param bootstrapUsd D18{USD}
    function concentrationUp(
        uint256 notionalUsd,
        uint256 move,
        uint256 openInterestUsd,
        uint256 coverageTarget,
        uint256 bootstrapUsd
    ) internal pure returns (uint256) {
        uint256 cost = notionalUsd.mulWadUp(move);
        uint256 target = openInterestUsd.mulDivDown(coverageTarget, WAD);
        if (target < bootstrapUsd) target = bootstrapUsd;
        return cost > target ? cost - target : 0;
    }
}
