// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";

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

    /// @notice Risk terms of one market. Rates are multiples of 1e-9.
    /// @param initialMargin D18{1}, m_I, 0.5 % to 100 %
    /// @param maintenanceMargin D18{1}, m_M, 0.25 % to m_I
    /// @param sizeSlope D18{1}, μ, at most 20 %
    /// @param gainShare D18{1}, g, share of a matured gain that counts for initial margin, at most 1
    /// @param multiplier D18{1}, ρ, 1 to `maxMultiplier`
    /// @param maxMultiplier D18{1}, ρ_max, 1 to 4, with m_I·ρ_max at most 1
    /// @param maxCharge D18{1}, γ_max, part of a gain that does not count while a loss is pending, at most 1
    /// @param rampStartUsd D18{USD}, OI_low: open interest above which initial margin rises
    /// @param rampEndUsd D18{USD}, OI_high: open interest from which a position needs its whole notional, above OI_low and below 2¹²⁸
    struct RiskTerms {
        uint256 initialMargin;
        uint256 maintenanceMargin;
        uint256 sizeSlope;
        uint256 gainShare;
        uint256 multiplier;
        uint256 maxMultiplier;
        uint256 maxCharge;
        uint256 rampStartUsd;
        uint256 rampEndUsd;
    }

    /// @notice The fields of RiskTerms, to name one in an error.
    enum RiskTerm {
        InitialMargin,
        MaintenanceMargin,
        SizeSlope,
        GainShare,
        Multiplier,
        MaxMultiplier,
        MaxCharge,
        RampStartUsd,
        RampEndUsd
    }

    /// @notice The terms of a market changed.
    event RiskTermsSet(MarketId indexed market, RiskTerms oldTerms, RiskTerms newTerms);

    /// @notice Thrown when an account holds, or somebody asks about, a market whose risk terms were never set.
    error RiskTermsNotSet(MarketId market);

    /// @notice Thrown when a risk term is outside its hard bounds. Choose a value from `lowest` to `highest`.
    error RiskTermOutOfBounds(MarketId market, RiskTerm term, uint256 value, uint256 lowest, uint256 highest);

    /// @notice Thrown when a risk term has more decimals than are stored. Choose a multiple of `step`.
    error RiskTermTooFine(MarketId market, RiskTerm term, uint256 value, uint256 step);

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

    /// @notice Initial margin of one position standing alone.
    /// @param market where
    /// @param notionalUsd D18{USD}
    /// @param depthUsd D18{USD}, notional that moves the pool's price by 1 %
    /// @param openInterestUsd D18{USD}, the larger side of the market
    /// @return requiredUsd D18{USD}
    /// @custom:rounding up
    function initialMarginOf(
        MarketId market,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) external view returns (uint256 requiredUsd);

    /// @notice The terms of `market` as set.
    function riskTermsOf(MarketId market) external view returns (RiskTerms memory terms);

    /// @notice Sets the terms of `market`; they act at once.
    /// @custom:access restricted by the authority
    function setRiskTerms(MarketId market, RiskTerms calldata newTerms) external;
}
