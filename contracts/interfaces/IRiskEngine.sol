// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MarketId } from "../types/MarketId.sol";
import { MarginKind, Portfolio } from "../types/Portfolio.sol";

/// @title The judge of accounts
/// @notice View only. Portfolio in, equity and requirement out; it moves nothing and remembers nothing about accounts, so it can be
/// replaced behind a timelock without touching one.
interface IRiskEngine {
    /// @notice Margin rates of one market as they act now.
    /// @param initialRate D18{1}, initial margin m_I·ρ per unit of notional
    /// @param maintenanceRate D18{1}, maintenance margin m_M·ρ per unit of notional
    /// @param sizeSlope D18{1}, μ: margin rate added per unit of notional/depth
    struct MarginRates {
        uint256 initialRate;
        uint256 maintenanceRate;
        uint256 sizeSlope;
    }

    /// @notice Equity and requirement of an account.
    /// @dev `Maintenance`: gains count in full, an exposure without valid price is shocked in the account's favour by the largest initial
    /// rate and requires nothing. `Initial`: gains count as `g × matured` (less the largest charge while a loss is pending), an exposure
    /// without valid price is shocked against the account.
    /// @param portfolio the account, gathered by the house
    /// @param kind which requirement
    /// @return equityUsd D18{USD}, positive is good for the account
    /// @return requiredUsd D18{USD}
    /// @custom:rounding equity down, requirement up: against the account
    function assess(
        Portfolio calldata portfolio,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd);

    /// @notice The rates that `assess` applies to `market` now.
    function ratesOf(MarketId market) external view returns (MarginRates memory rates);

    /// @notice Initial margin of one position standing alone. D18{USD}
    /// @custom:rounding up
    function initialMarginOf(
        MarketId market,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) external view returns (uint256 requiredUsd);
}
