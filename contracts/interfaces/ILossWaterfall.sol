// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @title The order in which buffers pay for a default
/// @notice Decides how much of a deficit the insurance fund bears, within caps per event and epoch and with co-insurance. It holds no
/// tokens and reads no prices; the house asks, pays, and shares the rest among the market's unsettled gains.
interface ILossWaterfall {
    /// @notice How much the fund pays towards a deficit, and counts it against the caps. Only for the house.
    /// @param market where the deficit is
    /// @param deficitUsd D18{USD}
    /// @param fundCashUsd D18{USD}, cash of the fund's account now
    /// @return paidUsd D18{USD}, at most `deficitUsd·(1 − θ)`, `fundCashUsd` and what the caps leave
    /// @custom:rounding down: the fund never pays above a cap
    /// @custom:access the house
    function absorb(MarketId market, uint256 deficitUsd, uint256 fundCashUsd) external returns (uint256 paidUsd);

    /// @notice What `absorb` would pay now.
    function previewAbsorb(
        MarketId market,
        uint256 deficitUsd,
        uint256 fundCashUsd
    ) external view returns (uint256 paidUsd);
}
