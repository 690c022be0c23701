// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {IClearingHouse} from "./IClearingHouse.sol";
import {IRiskEngine} from "./IRiskEngine.sol";

/// @title Risk parameters in small steps
/// @notice Changes one risk parameter of one market at a time without a delay: by a bounded part of its value, within a corridor, and not again before a cool-down has passed. The governor
/// sets steps, corridors and cool-downs; behind them are the hard bounds of whoever keeps the parameter.
///
/// A risk parameter says how much risk an account or a market may take on, or how fast and how far it is liquidated. What is paid for it (fees, funding, premiums, the pool's scale), who
/// bears a loss (caps and shares of insurance, tear-ups, the part of the fund a market counts on), what is believed (feeds, their limits, the breaker's triggers) and the form of trades (lots,
/// smallest positions, the band) are not among them: those stay behind the delay.
///
/// No step raises a maintenance requirement in its block (RAMP-1): a rise that would act at once is refused, one that acts along the ramp of IAdaptiveMargin is not.
interface IRiskSteward {
    /* TYPES */

    /// @notice What can be changed: fields of IRiskEngine.RiskTerms and CoverTerms, IAdaptiveMargin.AdaptiveTerms, IClearingHouse.MarketTerms, ILiquidationEngine.LiquidationTerms and AuctionTerms,
    /// in their units.
    enum RiskParameter {
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
        ConcentrationMove,
        HorizonSeconds,
        Deviations,
        MacroCap,
        CorrelationCap,
        CongestionCap,
        ClusterCap,
        ExposureCap,
        Target,
        EquityShare,
        MaxPenaltyRate,
        KeeperShare,
        SliceShare,
        WindowSeconds,
        SmallNotionalUsd,
        GasFloorUsd,
        ReferenceRange,
        AuctionSeconds
    }

    /// @notice How far and how often a parameter of a market may be changed. All zero: not at all.
    /// @param lowest in the parameter's unit: no step ends below
    /// @param highest in the parameter's unit: no step ends above, below 2¹²⁸
    /// @param stepUp D18{1} of the value, largest rise at once, at most 25 %, a multiple of 1e-9; 0: none
    /// @param stepDown D18{1} of the value, largest fall at once, at most 25 %, a multiple of 1e-9; 0: none
    /// @param cooldownSeconds {s}, between two changes, 1 hour to 30 days
    struct Limits {
        uint256 lowest;
        uint256 highest;
        uint256 stepUp;
        uint256 stepDown;
        uint256 cooldownSeconds;
    }

    /// @notice What a parameter may be changed to now.
    /// @param value as it is
    /// @param low smallest value a change may set; what the parameter's keeper allows besides is for it to say
    /// @param high largest value a change may set
    /// @param allowedAt {s}, from when; 0: it was never changed here
    struct Range {
        uint256 value;
        uint256 low;
        uint256 high;
        uint256 allowedAt;
    }

    /* EVENTS */

    /// @notice A parameter was changed.
    /// @param by who did
    /// @param allowedAt {s}, from when it may be changed again
    event ParameterChanged(
        MarketId indexed market,
        RiskParameter indexed parameter,
        address indexed by,
        uint256 oldValue,
        uint256 newValue,
        uint256 allowedAt
    );

    /// @notice How far and how often a parameter may be changed is different.
    event LimitsSet(MarketId indexed market, RiskParameter indexed parameter, Limits oldLimits, Limits newLimits);

    /* ERRORS */

    /// @notice Thrown when limits are outside their own bounds. Choose a value from `lowest` to `highest`.
    error LimitOutOfBounds(
        MarketId market,
        RiskParameter parameter,
        bytes32 limit,
        uint256 value,
        uint256 lowest,
        uint256 highest
    );

    /// @notice Thrown when a step has more decimals than are stored. Choose a multiple of `step`.
    error LimitTooFine(MarketId market, RiskParameter parameter, bytes32 limit, uint256 value, uint256 step);

    /// @notice Thrown when there are as many limits as parameters they are for, or not.
    error LimitsMismatched(uint256 parameters, uint256 limits);

    /// @notice Thrown when the governor has not said how far the parameter may be changed.
    error LimitsNotSet(MarketId market, RiskParameter parameter);

    /// @notice Thrown when a parameter was changed too recently. {s}
    error CooldownNotOver(MarketId market, RiskParameter parameter, uint256 allowedAt, uint256 timestamp);

    /// @notice Thrown when a change is none.
    error ParameterUnchanged(MarketId market, RiskParameter parameter, uint256 value);

    /// @notice Thrown when a step is too large or leaves the corridor. Choose a value from `low` to `high`, or ask the governor.
    error StepOutOfRange(
        MarketId market,
        RiskParameter parameter,
        uint256 value,
        uint256 newValue,
        uint256 low,
        uint256 high
    );

    /// @notice Thrown when the guardian would not reduce risk, or not surely.
    error NotTightening(MarketId market, RiskParameter parameter, uint256 value, uint256 newValue);

    /// @notice Thrown when a step would raise what maintenance asks for in its block. D18{1}, the rate or its slope
    error MaintenanceRaised(MarketId market, RiskParameter parameter, uint256 oldRate, uint256 newRate);

    /// @notice Thrown when a value has more decimals than are kept of it.
    error ParameterNotKept(MarketId market, RiskParameter parameter, uint256 newValue, uint256 kept);

    /* STEWARD */

    /// @notice Changes a parameter.
    /// @dev Reverts: LimitsNotSet, CooldownNotOver, ParameterUnchanged, StepOutOfRange, MaintenanceRaised, ParameterNotKept; and as the parameter's keeper does outside its hard bounds.
    /// @custom:access steward
    function change(MarketId market, RiskParameter parameter, uint256 newValue) external;

    /* GUARDIAN */

    /// @notice Changes a parameter in the direction that reduces risk, within the same steps, corridor and cool-down: margins, multipliers and what they follow, ramps and q up or earlier,
    /// counted gains and caps down. Parameters of which neither direction surely does are not the guardian's.
    /// @dev Reverts: NotTightening, else as `change`.
    /// @custom:access guardian
    function tighten(MarketId market, RiskParameter parameter, uint256 newValue) external;

    /* GOVERNANCE */

    /// @notice Sets how far and how often parameters of a market may be changed; a cool-down that runs is then as long as the new one.
    /// @dev Reverts: LimitsMismatched, LimitOutOfBounds, LimitTooFine.
    /// @custom:access restricted by the authority
    function setLimits(MarketId market, RiskParameter[] calldata parameters, Limits[] calldata newLimits) external;

    /* VIEWS */

    /// @notice The house whose markets' parameters these are.
    function HOUSE() external view returns (IClearingHouse);

    /// @notice Keeps the risk terms that are changed. The house's judge may be another that stands in front of it.
    function RISK_ENGINE() external view returns (IRiskEngine);

    /// @notice What a parameter may be changed to now, and from when.
    /// @dev Reverts: LimitsNotSet.
    function allowedRange(MarketId market, RiskParameter parameter) external view returns (Range memory);

    /// @notice How far and how often a parameter may be changed.
    function limitsOf(MarketId market, RiskParameter parameter) external view returns (Limits memory);
}
