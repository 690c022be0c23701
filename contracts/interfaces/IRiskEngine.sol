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

    /// @notice What a market asks of its buffers, and what an opening owes for them. All zero, as where they were never set, turns every rule off. Rates are multiples
    /// of 1e-9.
    /// @param coverageTarget D18{1}, t, buffers wanted per open interest, at most 50 %; 0: no level of coverage is kept
    /// @param bootstrapUsd D18{USD}, what the buffers have to reach however small the market is, below 2¹²⁸
    /// @param fundShare D18{1}, share of the insurance fund's cash that this market counts on, at most 1
    /// @param concentrationMove D18{1}, q, move against a single position that the buffers are measured by, at most 1; 0: concentration costs nothing
    /// @param premiumRate D18{1} of the notional opened, c, at most 0.5 %; 0: no premium
    struct CoverTerms {
        uint256 coverageTarget;
        uint256 bootstrapUsd;
        uint256 fundShare;
        uint256 concentrationMove;
        uint256 premiumRate;
    }

    /// @notice What a fill has just opened.
    /// @param index of its exposure in the portfolio
    /// @param size D18{base}, unsigned, by which the position has grown; of one that crossed zero, all it is now
    /// @param costsUsd D18{USD}, what the fill took from the equity: fees, edge, deposit
    /// @param goodDays {days}, for how long the account has been in good standing
    struct Opening {
        uint256 index;
        uint256 size;
        uint256 costsUsd;
        uint256 goodDays;
    }

    /// @notice The fields of RiskTerms and CoverTerms, to name one in an error.
    enum RiskTerm {
        InitialMargin,
        MaintenanceMargin,
        SizeSlope,
        GainShare,
        Multiplier,
        MaxMultiplier,
        MaxCharge,
        RampStartUsd,
        RampEndUsd,
        CoverageTarget,
        BootstrapUsd,
        FundShare,
        ConcentrationMove,
        PremiumRate
    }

    /// @notice The terms of a market changed.
    event RiskTermsSet(MarketId indexed market, RiskTerms oldTerms, RiskTerms newTerms);

    /// @notice The terms of a market's cover changed.
    event CoverTermsSet(MarketId indexed market, CoverTerms oldTerms, CoverTerms newTerms);

    /// @notice Thrown when an account holds, or somebody asks about, a market whose risk terms were never set.
    error RiskTermsNotSet(MarketId market);

    /// @notice Thrown when a risk term is outside its hard bounds. Choose a value from `lowest` to `highest`.
    error RiskTermOutOfBounds(MarketId market, RiskTerm term, uint256 value, uint256 lowest, uint256 highest);

    /// @notice Thrown when a risk term has more decimals than are stored. Choose a multiple of `step`.
    error RiskTermTooFine(MarketId market, RiskTerm term, uint256 value, uint256 step);

    /// @notice Equity and requirement of an account.
    /// @dev `Maintenance`: gains count in full, an exposure without valid price is shocked in the account's favour by the largest initial
    /// rate and requires nothing. `Initial`: gains count as `g × matured` (less the largest charge while a loss is pending), an exposure
    /// without valid price is shocked against the account; the rate of a market with low coverage is a quarter higher, and what a move of q would cost beyond
    /// the buffers' target is asked of the account itself (CoverageMath).
    /// @param portfolio the account, gathered by the house
    /// @param kind which requirement
    /// @return equityUsd D18{USD}, positive is good for the account
    /// @return requiredUsd D18{USD}
    /// @custom:rounding equity down, requirement up: against the account
    function assess(
        Portfolio calldata portfolio,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd);

    /// @notice The same for initial margin, after a fill that opened something, and the insurance premium it owes (PremiumMath).
    /// @param portfolio the account after the fill, its costs paid and the premium not
    /// @param opening what was opened
    /// @return equityUsd D18{USD}
    /// @return requiredUsd D18{USD}, without the premium
    /// @return premiumUsd D18{USD}, to be paid in cash: the account needs `equityUsd ≥ requiredUsd + premiumUsd`
    /// @custom:rounding equity down, requirement and premium up: against the account
    function assessOpening(
        Portfolio calldata portfolio,
        Opening calldata opening
    ) external view returns (int256 equityUsd, uint256 requiredUsd, uint256 premiumUsd);

    /// @notice The rates that `assess` applies to `market` now, its coverage being full.
    function ratesOf(MarketId market) external view returns (MarginRates memory rates);

    /// @notice Initial margin of one position standing alone, as it is asked of a pool that takes the other side: without what concentration and low coverage
    /// add, so that neither keeps a liquidation from its counterparty.
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

    /// @notice What `market` asks of its buffers, as set.
    function coverTermsOf(MarketId market) external view returns (CoverTerms memory terms);

    /// @notice Sets what `market`, whose terms are set, asks of its buffers; it acts at once.
    /// @custom:access restricted by the authority
    function setCoverTerms(MarketId market, CoverTerms calldata newTerms) external;

    /// @notice Sets the terms of `market`; they act at once.
    /// @custom:access restricted by the authority
    function setRiskTerms(MarketId market, RiskTerms calldata newTerms) external;
}
