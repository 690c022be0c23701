// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {StewardedTerms} from "./StewardedTerms.sol";

/// @title RiskSteward
/// @notice Owns how far and how often risk parameters may be changed without a delay, and when each last was; the parameters themselves stay with their keepers. It holds no money and
/// reads no account. The authority has to let it set the terms. Invariants: AUTH-1, RAMP-1.
contract RiskSteward is IRiskSteward, AccessManaged {
    using FixedPoint for uint256;
    using StewardedTerms for StewardedTerms.Keepers;

    /// @dev Limits and when the parameter was last changed. Two slots: 16 + 16, 4 + 4 + 4 + 5 bytes. Steps are D9. `cooldownSeconds` is 0 while there are no limits.
    struct Record {
        uint128 lowest;
        uint128 highest;
        uint32 stepUp;
        uint32 stepDown;
        uint32 cooldownSeconds;
        uint40 changedAt;
    }

    /* CONSTANTS */

    /// @notice D18{1}, the largest step that limits may allow.
    uint256 public constant HIGHEST_STEP = 0.25e18;
    /// @notice {s}
    uint256 public constant LOWEST_COOLDOWN = 1 hours;
    /// @notice {s}
    uint256 public constant HIGHEST_COOLDOWN = 30 days;

    /// @dev D18{1}, one unit of a stored step.
    uint256 private constant STEP_UNIT = 1e9;

    /* IMMUTABLES */

    /// @inheritdoc IRiskSteward
    IClearingHouse public immutable HOUSE;
    /// @inheritdoc IRiskSteward
    IRiskEngine public immutable RISK_ENGINE;

    /* STORAGE */

    mapping(MarketId market => mapping(RiskParameter parameter => Record record)) private _records;

    /// @param house whose markets' parameters it changes
    /// @param authority AccessManager that says who is steward, guardian, governor
    /// @param riskEngine which keeps the house's risk terms
    constructor(IClearingHouse house, address authority, IRiskEngine riskEngine) AccessManaged(authority) {
        HOUSE = house;
        RISK_ENGINE = riskEngine;
    }

    /* STEWARD */

    /// @inheritdoc IRiskSteward
    function change(MarketId market, RiskParameter parameter, uint256 newValue) external restricted {
        _change(market, parameter, newValue);
    }

    /* GUARDIAN */

    /// @inheritdoc IRiskSteward
    function tighten(MarketId market, RiskParameter parameter, uint256 newValue) external restricted {
        (uint256[] memory words, uint256 index) = _keepers().read(market, parameter);
        uint256 value = words[index];
        if (newValue > value ? !_tightensUp(parameter) : !_tightensDown(parameter)) {
            revert NotTightening(market, parameter, value, newValue);
        }
        _change(market, parameter, newValue);
    }

    /* GOVERNANCE */

    /// @inheritdoc IRiskSteward
    function setLimits(
        MarketId market,
        RiskParameter[] calldata parameters,
        Limits[] calldata newLimits
    ) external restricted {
        if (parameters.length != newLimits.length) revert LimitsMismatched(parameters.length, newLimits.length);
        for (uint256 i = 0; i < parameters.length; ++i) _setLimits(market, parameters[i], newLimits[i]);
    }

    /* VIEWS */

    /// @inheritdoc IRiskSteward
    function allowedRange(MarketId market, RiskParameter parameter) external view returns (Range memory range) {
        Record memory record = _requireRecord(market, parameter);
        (uint256[] memory words, uint256 index) = _keepers().read(market, parameter);
        range.value = words[index];
        (range.low, range.high) = _bounds(market, parameter, record, range.value);
        range.allowedAt = _allowedAt(record);
    }

    /// @inheritdoc IRiskSteward
    function limitsOf(MarketId market, RiskParameter parameter) public view returns (Limits memory) {
        Record memory record = _records[market][parameter];
        return
            Limits({
                lowest: record.lowest,
                highest: record.highest,
                stepUp: record.stepUp * STEP_UNIT,
                stepDown: record.stepDown * STEP_UNIT,
                cooldownSeconds: record.cooldownSeconds
            });
    }

    /* INTERNALS */

    function _change(MarketId market, RiskParameter parameter, uint256 newValue) private {
        Record memory record = _requireRecord(market, parameter);
        uint256 allowedAt = _allowedAt(record);
        if (block.timestamp < allowedAt) revert CooldownNotOver(market, parameter, allowedAt, block.timestamp);
        (uint256[] memory words, uint256 index) = _keepers().read(market, parameter);
        uint256 value = words[index];
        if (newValue == value) revert ParameterUnchanged(market, parameter, value);
        (uint256 low, uint256 high) = _bounds(market, parameter, record, value);
        if (newValue < low || newValue > high) {
            revert StepOutOfRange(market, parameter, value, newValue, low, high);
        }
        _records[market][parameter].changedAt = uint40(block.timestamp);
        words[index] = newValue;
        _write(market, parameter, words);
        (words, index) = _keepers().read(market, parameter);
        if (words[index] != newValue) revert ParameterNotKept(market, parameter, newValue, words[index]);
        emit ParameterChanged({
            market: market,
            parameter: parameter,
            by: msg.sender,
            oldValue: value,
            newValue: newValue,
            allowedAt: block.timestamp + record.cooldownSeconds
        });
    }

    /// @dev Writes terms, and refuses what raises maintenance in this block, whatever kept it from being foreseen.
    function _write(MarketId market, RiskParameter parameter, uint256[] memory words) private {
        // By the judge in charge, whoever keeps the terms.
        IRiskEngine judge = IRiskEngine(HOUSE.moduleOf("risk"));
        IRiskEngine.MarginRates memory old = judge.ratesOf(market);
        _keepers().write(market, parameter, words);
        IRiskEngine.MarginRates memory now_ = judge.ratesOf(market);
        if (now_.maintenanceRate > old.maintenanceRate) {
            revert MaintenanceRaised(market, parameter, old.maintenanceRate, now_.maintenanceRate);
        }
        if (now_.sizeSlope > old.sizeSlope) {
            revert MaintenanceRaised(market, parameter, old.sizeSlope, now_.sizeSlope);
        }
    }

    function _keepers() private view returns (StewardedTerms.Keepers memory) {
        return StewardedTerms.Keepers(HOUSE, RISK_ENGINE);
    }

    /// @dev A step from `value` that stays in the corridor. Where the value has left the corridor by other ways, no step goes further out.
    function _bounds(
        MarketId market,
        RiskParameter parameter,
        Record memory record,
        uint256 value
    ) private view returns (uint256 low, uint256 high) {
        low = Math.max(value - value.mulWadDown(record.stepDown * STEP_UNIT), Math.min(value, record.lowest));
        high = Math.min(value + value.mulWadDown(record.stepUp * STEP_UNIT), Math.max(value, record.highest));
        if (_risesAtOnce(market, parameter)) high = value;
        if (_shields(market, parameter)) low = value;
    }

    /// @dev Whether a rise would raise what maintenance asks for in its block.
    function _risesAtOnce(MarketId market, RiskParameter parameter) private view returns (bool) {
        if (parameter == RiskParameter.SizeSlope) return true;
        if (parameter != RiskParameter.MaintenanceMargin && parameter != RiskParameter.Multiplier) return false;
        return !_keepers().isRamped(market);
    }

    /// @dev Whether the value shields accounts while there is no valid price: they are judged as if it had moved in their favour by m_I·ρ_max.
    function _shields(MarketId market, RiskParameter parameter) private view returns (bool) {
        if (parameter != RiskParameter.InitialMargin && parameter != RiskParameter.MaxMultiplier) return false;
        IOracleRouter oracle = IOracleRouter(HOUSE.moduleOf("oracle"));
        return oracle.peek(market.bit())[0].status != PriceStatus.Valid;
    }

    /// @dev Whether a rise reduces risk.
    function _tightensUp(RiskParameter parameter) private pure returns (bool) {
        return
            parameter == RiskParameter.InitialMargin ||
            parameter == RiskParameter.MaintenanceMargin ||
            parameter == RiskParameter.Multiplier ||
            parameter == RiskParameter.MaxMultiplier ||
            parameter == RiskParameter.MaxCharge ||
            parameter == RiskParameter.ConcentrationMove ||
            parameter == RiskParameter.HorizonSeconds ||
            parameter == RiskParameter.Deviations;
    }

    /// @dev Whether a fall reduces risk.
    function _tightensDown(RiskParameter parameter) private pure returns (bool) {
        return
            parameter == RiskParameter.GainShare ||
            parameter == RiskParameter.RampStartUsd ||
            parameter == RiskParameter.RampEndUsd ||
            parameter == RiskParameter.ExposureCap;
    }

    /// @dev {s}, 0 when never changed.
    function _allowedAt(Record memory record) private pure returns (uint256) {
        return record.changedAt == 0 ? 0 : uint256(record.changedAt) + record.cooldownSeconds;
    }

    function _requireRecord(MarketId market, RiskParameter parameter) private view returns (Record memory record) {
        record = _records[market][parameter];
        if (record.cooldownSeconds == 0) revert LimitsNotSet(market, parameter);
    }

    function _setLimits(MarketId market, RiskParameter parameter, Limits calldata newLimits) private {
        _requireLimit(market, parameter, "highest", newLimits.highest, 0, type(uint128).max);
        _requireLimit(market, parameter, "lowest", newLimits.lowest, 0, newLimits.highest);
        _requireStep(market, parameter, "stepUp", newLimits.stepUp);
        _requireStep(market, parameter, "stepDown", newLimits.stepDown);
        uint256 cooldown = newLimits.cooldownSeconds;
        _requireLimit(market, parameter, "cooldownSeconds", cooldown, LOWEST_COOLDOWN, HIGHEST_COOLDOWN);
        emit LimitsSet(market, parameter, limitsOf(market, parameter), newLimits);
        Record storage record = _records[market][parameter];
        (record.lowest, record.highest) = (uint128(newLimits.lowest), uint128(newLimits.highest));
        record.stepUp = uint32(newLimits.stepUp / STEP_UNIT);
        record.stepDown = uint32(newLimits.stepDown / STEP_UNIT);
        record.cooldownSeconds = uint32(cooldown);
    }

    function _requireStep(MarketId market, RiskParameter parameter, bytes32 limit, uint256 value) private pure {
        _requireLimit(market, parameter, limit, value, 0, HIGHEST_STEP);
        if (value % STEP_UNIT != 0) revert LimitTooFine(market, parameter, limit, value, STEP_UNIT);
    }

    function _requireLimit(
        MarketId market,
        RiskParameter parameter,
        bytes32 limit,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure {
        if (value < lowest || value > highest) {
            revert LimitOutOfBounds(market, parameter, limit, value, lowest, highest);
        }
    }
}
