// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {IVolatility} from "./IVolatility.sol";

/// @title Margins that follow volatility and the regime
/// @notice ρ = clamp(k·σ·√H / m_M, `multiplier`, `maxMultiplier`)·R. A rise reaches initial margin at once; maintenance margin follows from what acted before, by at most a tenth an
/// hour up and a hundredth an hour down. So tightening alone makes no account liquidatable in the block in which it happens, whoever or whatever tightened (RAMP-1).
///
/// R = 1 + the components that have not expired. Each is at most its cap and only ever raised; it goes by itself. ρ is at most 4, and never asks more than the notional.
///
/// Initial margin of whoever opens or withdraws reads volatility as it is measured now. Maintenance margin follows what ρ was when somebody last called `refresh`, so that it never moves
/// but along the ramp; so does, at once, what a pool is asked that takes the other side, so that a liquidation pays for no second look.
interface IAdaptiveMargin {
    /* TYPES */

    /// @notice What may raise the regime.
    /// `Macro` an index of the wider market · `Correlation` markets that used to differ move as one · `Congestion` blocks are dear, keepers are slow · `Cluster` many positions would be
    /// liquidated near the price
    enum RegimeComponent {
        Macro,
        Correlation,
        Congestion,
        Cluster
    }

    /// @notice How a market's margins follow.
    /// @param source of volatility; 0: ρ is the risk terms' `multiplier` times R
    /// @param horizonSeconds {s}, H, how long a liquidation may take: 60 s to 1 day
    /// @param deviations D18{1}, k, deviations over H that maintenance margin has to bear: 0.1 to 20, a multiple of 0.001
    /// @param regimeCaps D18{1}, most that each component adds to R, in the order of RegimeComponent: whole percents, together at most 1
    struct AdaptiveTerms {
        IVolatility source;
        uint256 horizonSeconds;
        uint256 deviations;
        uint256[4] regimeCaps;
    }

    /// @notice A feed of implied volatility, of which at least 0.8 counts.
    /// @param feed Chainlink `AggregatorV3Interface`; 0: none
    /// @param maxAgeSeconds {s}, after which an answer does not count: 1 min to 2 days
    /// @param wholeAnswer the answer that means a volatility of 1 (100 %) a year: 1 to 2⁶⁴ − 1
    struct ImpliedTerms {
        address feed;
        uint256 maxAgeSeconds;
        uint256 wholeAnswer;
    }

    /// @notice Base fees between which congestion counts from nothing to its cap; both 0: not at all.
    /// @param calm {wei}
    /// @param full {wei}, above `calm`
    struct CongestionTerms {
        uint256 calm;
        uint256 full;
    }

    /// @notice A market's multipliers as they act now, and what they come from.
    /// @param initial D18{1}, of initial margin
    /// @param refreshed D18{1}, the same as of the last refresh: in the rates that are shown, and of a pool that takes the other side
    /// @param maintenance D18{1}, of maintenance margin
    /// @param asked D18{1}, what volatility asked for at the last refresh
    /// @param regime D18{1}, R
    /// @param refreshedAt {s}, when; 0: margins do not follow
    struct Multipliers {
        uint256 initial;
        uint256 refreshed;
        uint256 maintenance;
        uint256 asked;
        uint256 regime;
        uint256 refreshedAt;
    }

    /// @notice The fields of the terms, to name one in an error.
    enum AdaptiveTerm {
        HorizonSeconds,
        Deviations,
        RegimeCap,
        RegimeCapSum,
        MaxAgeSeconds,
        WholeAnswer,
        CalmBaseFee,
        FullBaseFee,
        LifetimeSeconds
    }

    /* EVENTS */

    /// @notice How a market's margins follow changed.
    event AdaptiveTermsSet(MarketId indexed market, AdaptiveTerms oldTerms, AdaptiveTerms newTerms);

    /// @notice A market's feed of implied volatility changed.
    event ImpliedTermsSet(MarketId indexed market, ImpliedTerms oldTerms, ImpliedTerms newTerms);

    /// @notice What counts as congestion changed.
    event CongestionTermsSet(CongestionTerms oldTerms, CongestionTerms newTerms);

    /// @notice A component of the regime was raised or prolonged.
    /// @param excess D18{1}, what it adds to R
    /// @param until {s}, when it expires
    event RegimeRaised(MarketId indexed market, RegimeComponent indexed component, uint256 excess, uint256 until);

    /// @notice Multipliers were brought up to date.
    /// @param asked D18{1}, what volatility asks for
    /// @param target D18{1}, that times R
    /// @param maintenance D18{1}, what acts on maintenance margin now and follows the target from here
    event MarginsRefreshed(MarketId indexed market, uint256 asked, uint256 target, uint256 maintenance);

    /* ERRORS */

    /// @notice Thrown when a term is outside its hard bounds. Choose a value from `lowest` to `highest`.
    error AdaptiveTermOutOfBounds(AdaptiveTerm term, uint256 value, uint256 lowest, uint256 highest);

    /// @notice Thrown when a term has more decimals than are stored. Choose a multiple of `step`.
    error AdaptiveTermTooFine(AdaptiveTerm term, uint256 value, uint256 step);

    /// @notice Thrown when a market's margins do not follow anything yet.
    error AdaptiveTermsNotSet(MarketId market);

    /// @notice Thrown when a component is to add more than its cap. D18{1}
    error RegimeAboveCap(MarketId market, RegimeComponent component, uint256 excess, uint256 cap);

    /// @notice Thrown when a component that has not expired is to be lowered: it only goes by itself. D18{1}, {s}
    error RegimeNotRaised(MarketId market, RegimeComponent component, uint256 excess, uint256 standing, uint256 until);

    /* ANYONE */

    /// @notice Brings a market's multipliers up to date: reads volatility, implied volatility where it is set, and what this block costs; maintenance margin goes on from what it was.
    /// @custom:access anyone
    function refresh(MarketId market) external;

    /* STEWARD */

    /// @notice Raises a component of the regime, or prolongs it. Initial margin follows at once, maintenance margin along its ramp.
    /// @param excess D18{1}, added to R: whole percents, at most the component's cap, at least what stands of it
    /// @param lifetimeSeconds {s}, after which it expires by itself, unless it stood longer: 1 min to 3 days
    /// @custom:access steward
    function raiseRegime(MarketId market, RegimeComponent component, uint256 excess, uint256 lifetimeSeconds) external;

    /* GOVERNANCE */

    /// @notice Lets the margins of `market`, whose risk terms are set, follow volatility and the regime.
    /// @custom:access restricted by the authority
    function setAdaptiveTerms(MarketId market, AdaptiveTerms calldata newTerms) external;

    /// @notice Sets a market's feed of implied volatility.
    /// @custom:access restricted by the authority
    function setImpliedTerms(MarketId market, ImpliedTerms calldata newTerms) external;

    /// @notice Sets what counts as congestion, for all markets.
    /// @custom:access restricted by the authority
    function setCongestionTerms(CongestionTerms calldata newTerms) external;

    /* VIEWS */

    /// @notice A market's multipliers as they act now.
    function multipliersOf(MarketId market) external view returns (Multipliers memory);

    /// @notice The terms as set.
    function adaptiveTermsOf(MarketId market) external view returns (AdaptiveTerms memory);

    /// @notice The terms as set.
    function impliedTermsOf(MarketId market) external view returns (ImpliedTerms memory);

    /// @notice The terms as set.
    function congestionTerms() external view returns (CongestionTerms memory);
}
