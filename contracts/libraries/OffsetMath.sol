// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @notice Plain margins of one account in one group of markets. D18{USD}
/// @param longUsd N·m_I·ρ of its longs, L
/// @param shortUsd N·m_I·ρ of its shorts, S
/// @param maintenanceUsd N·m_M·ρ of both, at most L + S
struct GroupMargins {
    uint256 longUsd;
    uint256 shortUsd;
    uint256 maintenanceUsd;
}

/// @title What a hedge saves
/// @notice min( 2κ·min(L, S), ½·(L + S − M_M) ). See IOffsetMargin for why that is never more than what correlation κ takes off the pair's deviation.
library OffsetMath {
    using FixedPoint for uint256;

    /// @dev D18{1}, the highest κ: the strongest pairs of liquid coins kept more in most crashes, none in all.
    uint256 internal constant MAX_CORRELATION = 0.8e18;

    /// @dev D18{USD}, rounded down.
    /// @param margins each at most 2¹⁸⁰
    /// @param correlation D18{1}, κ, at most MAX_CORRELATION
    function offsetDown(GroupMargins memory margins, uint256 correlation) internal pure returns (uint256) {
        (uint256 longUsd, uint256 shortUsd) = (margins.longUsd, margins.shortUsd);
        uint256 hedged = (2 * Math.min(longUsd, shortUsd)).mulWadDown(correlation);
        return Math.min(hedged, Math.saturatingSub(longUsd + shortUsd, margins.maintenanceUsd) / 2);
    }
}
