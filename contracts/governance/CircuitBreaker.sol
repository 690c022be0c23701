// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {MarketId} from "../types/MarketId.sol";
import {BreakerParameters, StoredBreakerTerms} from "./BreakerParameters.sol";
import {BreakerWatch, StoredSample, Watch} from "./BreakerWatch.sol";

/// @title CircuitBreaker
/// @notice Owns when halts end, which guards end by themselves, and what triggers compare with: a market's mode is the house's, and is read there each time. For
/// guardian and governor it reads no price, so no feed can keep them from acting. The authority has to let it call `setMarketMode` of the house. Invariants:
/// AUTH-1, LIVE-1.
contract CircuitBreaker is ICircuitBreaker, AccessManaged {
    using BreakerParameters for StoredBreakerTerms;
    using BreakerWatch for *;

    /// @dev A halt that ends by itself. One slot. `beganAt` is 0 once released; then `endsAt` is when that was, 0 when the governor took over.
    /// @param isAutomatic whether a trip began it and the guardian has not extended it
    /// @param relaxes whether the market was open, or guarded by a trip, before
    struct Halt {
        uint40 beganAt;
        uint40 endsAt;
        bool isAutomatic;
        bool relaxes;
    }

    /* CONSTANTS */

    /// @inheritdoc ICircuitBreaker
    uint256 public constant LOWEST_HALT_SECONDS = 1 minutes;
    /// @inheritdoc ICircuitBreaker
    uint256 public constant HIGHEST_HALT_SECONDS = 1 days;
    /// @inheritdoc ICircuitBreaker
    uint256 public constant HALT_PAUSE_SECONDS = 1 days;

    /// @dev How many triggers there are.
    uint256 private constant TRIGGERS = 5;

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;

    /* STORAGE */

    mapping(MarketId market => Halt halt) private _halts;
    mapping(MarketId market => Watch watch) private _watches;
    mapping(MarketId market => StoredBreakerTerms terms) private _terms;

    /// @param house whose markets it restricts
    /// @param authority AccessManager that says who is guardian, who governs
    constructor(IClearingHouse house, address authority) AccessManaged(authority) {
        HOUSE = house;
    }

    /* GUARDIAN */

    /// @inheritdoc ICircuitBreaker
    function guard(MarketId market) external restricted {
        IClearingHouse.MarketMode mode = _listedModeOf(market);
        bool takesOver = mode == IClearingHouse.MarketMode.ReduceOnly && _watches[market].relaxableAt != 0;
        if (mode != IClearingHouse.MarketMode.Open && !takesOver) {
            revert ModeNotStricter(market, mode, IClearingHouse.MarketMode.ReduceOnly);
        }
        _setRelaxable(market, 0);
        _move(market, mode, IClearingHouse.MarketMode.ReduceOnly, _halts[market]);
    }

    /// @inheritdoc ICircuitBreaker
    function halt(MarketId market, uint256 durationSeconds) external restricted returns (uint256 endsAt) {
        IClearingHouse.MarketMode mode = _listedModeOf(market);
        if (durationSeconds < LOWEST_HALT_SECONDS || durationSeconds > HIGHEST_HALT_SECONDS) {
            revert HaltDurationOutOfRange(market, durationSeconds, LOWEST_HALT_SECONDS, HIGHEST_HALT_SECONDS);
        }
        endsAt = block.timestamp + durationSeconds;
        Halt memory last = _halts[market];
        bool runs = last.beganAt != 0 && block.timestamp < last.endsAt;
        if (runs) _requireExtension(market, last, endsAt);
        else _requireHaltable(market, mode, last);
        _setRelaxable(market, 0);
        last.beganAt = runs ? last.beganAt : uint40(block.timestamp);
        last.endsAt = uint40(endsAt);
        (last.isAutomatic, last.relaxes) = (false, false);
        _move(market, mode, IClearingHouse.MarketMode.Halted, last);
    }

    /* ANYBODY */

    /// @inheritdoc ICircuitBreaker
    function trip(MarketId market, Trigger trigger) external returns (IClearingHouse.MarketMode newMode) {
        IClearingHouse.MarketMode mode = _listedModeOf(market);
        BreakerTerms memory terms = _requireTerms(market);
        (Watch memory watch, BreakerWatch.Figures memory figures) = _look(market, terms);
        Reading memory reading = watch.readingOf(figures, terms, trigger);
        if (reading.trippableAt == 0) revert TriggerNotMet(market, trigger, reading.figure, reading.guardLimit);
        if (block.timestamp < reading.trippableAt) {
            revert TriggerNotStood(market, trigger, reading.trippableAt, block.timestamp);
        }
        newMode = _trippedMode(market, mode, reading);
        _requireTripped(market, mode, newMode, reading);
        _keep(market, watch);

        bool halts = newMode == IClearingHouse.MarketMode.Halted;
        uint256 until = block.timestamp + (halts ? terms.haltSeconds : terms.guardSeconds);
        emit BreakerTripped({
            market: market,
            trigger: trigger,
            by: msg.sender,
            figure: reading.figure,
            limit: halts ? reading.haltLimit : reading.guardLimit,
            newMode: newMode,
            until: until
        });
        Halt memory next = _halts[market];
        if (halts) {
            bool relaxes = mode == IClearingHouse.MarketMode.Open || watch.relaxableAt != 0;
            next = Halt({beganAt: uint40(block.timestamp), endsAt: uint40(until), isAutomatic: true, relaxes: relaxes});
        }
        _setRelaxable(market, halts ? 0 : until);
        _move(market, mode, newMode, next);
    }

    /// @inheritdoc ICircuitBreaker
    function relax(MarketId market) external {
        IClearingHouse.MarketMode mode = _listedModeOf(market);
        uint256 relaxableAt = _watches[market].relaxableAt;
        if (relaxableAt == 0 || mode != IClearingHouse.MarketMode.ReduceOnly) revert NoGuardToRelax(market, mode);
        if (block.timestamp < relaxableAt) revert GuardNotOver(market, relaxableAt, block.timestamp);
        if (_terms[market].windowSeconds != 0) _requireCalm(market);
        _setRelaxable(market, 0);
        _move(market, mode, IClearingHouse.MarketMode.Open, _halts[market]);
    }

    /// @inheritdoc ICircuitBreaker
    function sample(MarketId market) external {
        _listedModeOf(market);
        (Watch memory watch, ) = _look(market, _requireTerms(market));
        _keep(market, watch);
    }

    /// @inheritdoc ICircuitBreaker
    function release(MarketId market) external {
        IClearingHouse.MarketMode mode = HOUSE.modeOf(market);
        Halt memory last = _halts[market];
        if (last.beganAt == 0 || mode != IClearingHouse.MarketMode.Halted) revert NoHaltToRelease(market, mode);
        if (block.timestamp < last.endsAt) revert HaltNotOver(market, last.endsAt, block.timestamp);
        // The pause counts from here: for that long it can be traded down for certain.
        if (last.relaxes) _setRelaxable(market, block.timestamp + _terms[market].guardSeconds);
        (last.beganAt, last.endsAt, last.relaxes) = (0, uint40(block.timestamp), false);
        _move(market, mode, IClearingHouse.MarketMode.ReduceOnly, last);
    }

    /* GOVERNANCE */

    /// @inheritdoc ICircuitBreaker
    function setMode(MarketId market, IClearingHouse.MarketMode newMode) external restricted {
        Halt memory none;
        _setRelaxable(market, 0);
        _move(market, HOUSE.modeOf(market), newMode, none);
    }

    /// @inheritdoc ICircuitBreaker
    function setBreakerTerms(MarketId market, BreakerTerms calldata newTerms) external restricted {
        _listedModeOf(market);
        BreakerTerms memory oldTerms = breakerTermsOf(market);
        _terms[market].write(market, newTerms);
        emit BreakerTermsSet(market, oldTerms, breakerTermsOf(market));
    }

    /* VIEWS */

    /// @inheritdoc ICircuitBreaker
    function conditionOf(MarketId market) external view returns (Condition memory condition) {
        condition.mode = _listedModeOf(market);
        BreakerTerms memory terms = _requireTerms(market);
        (Watch memory watch, BreakerWatch.Figures memory figures) = _look(market, terms);
        bool isCalm = true;
        for (uint256 i = 0; i < TRIGGERS; ++i) {
            Reading memory reading = watch.readingOf(figures, terms, Trigger(i));
            if (reading.trippableAt != 0) {
                isCalm = false;
                bool stood = block.timestamp >= reading.trippableAt;
                if (stood) reading.wouldSet = _trippedMode(market, condition.mode, reading);
            }
            condition.readings[i] = reading;
        }
        condition.relaxableAt = watch.relaxableAt;
        condition.wouldRelax =
            isCalm &&
            condition.mode == IClearingHouse.MarketMode.ReduceOnly &&
            watch.relaxableAt != 0 &&
            block.timestamp >= watch.relaxableAt;
        condition.haltableAt = _afterPause(_halts[market]);
        uint256 sampledAt = _watches[market].newer.takenAt;
        condition.sampleableAt = sampledAt == 0 ? 0 : sampledAt + terms.windowSeconds;
    }

    /// @inheritdoc ICircuitBreaker
    function samplesOf(
        MarketId market
    ) external view returns (Sample memory older, Sample memory newer, uint256 surgeSince, uint256 outageSince) {
        Watch memory watch = _watches[market];
        return (_shown(watch.older), _shown(watch.newer), watch.surgeSince, watch.outageSince);
    }

    /// @inheritdoc ICircuitBreaker
    function breakerTermsOf(MarketId market) public view returns (BreakerTerms memory) {
        return _terms[market].read();
    }

    /// @inheritdoc ICircuitBreaker
    function haltOf(MarketId market) external view returns (uint256 beganAt, uint256 endsAt, uint256 haltableAt) {
        Halt memory last = _halts[market];
        return (last.beganAt, last.endsAt, _haltableAt(last));
    }

    /* INTERNALS */

    /// @dev Writes the halt and the house's mode.
    function _move(
        MarketId market,
        IClearingHouse.MarketMode oldMode,
        IClearingHouse.MarketMode newMode,
        Halt memory newHalt
    ) private {
        emit BreakerMoved({
            market: market,
            by: msg.sender,
            oldMode: oldMode,
            newMode: newMode,
            oldHaltEndsAt: _endOf(_halts[market]),
            newHaltEndsAt: _endOf(newHalt)
        });
        _halts[market] = newHalt;
        HOUSE.setMarketMode(market, newMode);
    }

    /// @dev Writes from when a guard can be relaxed.
    function _setRelaxable(MarketId market, uint256 newRelaxableAt) private {
        Watch storage watch = _watches[market];
        uint256 oldRelaxableAt = watch.relaxableAt;
        if (oldRelaxableAt == newRelaxableAt) return;
        emit GuardTimed(market, oldRelaxableAt, newRelaxableAt);
        watch.relaxableAt = uint40(newRelaxableAt);
    }

    /// @dev What would be remembered of a market after a look at it, and what is seen.
    function _look(
        MarketId market,
        BreakerTerms memory terms
    ) private view returns (Watch memory watch, BreakerWatch.Figures memory figures) {
        watch = _watches[market];
        figures = BreakerWatch.measure(HOUSE, market);
        watch.see(figures, terms);
    }

    /// @dev Writes what a look at a market leaves to be remembered.
    function _keep(MarketId market, Watch memory watch) private {
        Watch storage stored = _watches[market];
        if (watch.newer.takenAt != stored.newer.takenAt) {
            stored.older = watch.older;
            stored.newer = watch.newer;
            StoredSample memory taken = watch.newer;
            emit BreakerSampled(market, taken.openInterest, taken.poolUsd, taken.buffersUsd);
        }
        if (watch.surgeSince != stored.surgeSince) {
            emit ConditionSeen(market, Trigger.OpenInterest, watch.surgeSince);
        }
        if (watch.outageSince != stored.outageSince) emit ConditionSeen(market, Trigger.Oracle, watch.outageSince);
        (stored.surgeSince, stored.surgeSeenAt) = (watch.surgeSince, watch.surgeSeenAt);
        (stored.outageSince, stored.outageSeenAt) = (watch.outageSince, watch.outageSeenAt);
    }

    /// @dev Looks at a market, and refuses if any trigger's condition holds, stood or not.
    function _requireCalm(MarketId market) private {
        BreakerTerms memory terms = breakerTermsOf(market);
        (Watch memory watch, BreakerWatch.Figures memory figures) = _look(market, terms);
        for (uint256 i = 0; i < TRIGGERS; ++i) {
            Reading memory reading = watch.readingOf(figures, terms, Trigger(i));
            if (reading.trippableAt != 0) revert TriggerHolds(market, Trigger(i), reading.figure, reading.guardLimit);
        }
        _keep(market, watch);
    }

    /// @dev The mode that a trigger whose condition holds sets; `Unlisted` where the market is as strict already, or not to be halted yet.
    function _trippedMode(
        MarketId market,
        IClearingHouse.MarketMode mode,
        Reading memory reading
    ) private view returns (IClearingHouse.MarketMode) {
        bool isOpen = mode == IClearingHouse.MarketMode.Open;
        if (!isOpen && mode != IClearingHouse.MarketMode.ReduceOnly) return IClearingHouse.MarketMode.Unlisted;
        if (reading.reachesHalt() && block.timestamp >= _afterPause(_halts[market])) {
            return IClearingHouse.MarketMode.Halted;
        }
        return isOpen ? IClearingHouse.MarketMode.ReduceOnly : IClearingHouse.MarketMode.Unlisted;
    }

    /// @dev Says why a trip would change nothing.
    function _requireTripped(
        MarketId market,
        IClearingHouse.MarketMode mode,
        IClearingHouse.MarketMode newMode,
        Reading memory reading
    ) private view {
        if (newMode != IClearingHouse.MarketMode.Unlisted) return;
        bool halts = reading.reachesHalt();
        if (halts && mode == IClearingHouse.MarketMode.ReduceOnly) {
            revert HaltTooSoon(market, _afterPause(_halts[market]), block.timestamp);
        }
        revert ModeNotStricter(
            market,
            mode,
            halts ? IClearingHouse.MarketMode.Halted : IClearingHouse.MarketMode.ReduceOnly
        );
    }

    function _requireTerms(MarketId market) private view returns (BreakerTerms memory terms) {
        terms = breakerTermsOf(market);
        if (terms.windowSeconds == 0) revert BreakerTermsNotSet(market);
    }

    function _shown(StoredSample memory stored) private pure returns (Sample memory) {
        return
            Sample({
                takenAt: stored.takenAt,
                openInterest: stored.openInterest,
                poolUsd: stored.poolUsd,
                buffersUsd: stored.buffersUsd
            });
    }

    /// @dev Whether a running halt may be moved to a new end.
    function _requireExtension(MarketId market, Halt memory running, uint256 newEnd) private pure {
        if (newEnd <= running.endsAt) revert HaltNotExtended(market, running.endsAt, newEnd);
        uint256 latest = running.beganAt + HIGHEST_HALT_SECONDS;
        if (newEnd > latest) revert HaltTooLong(market, newEnd, latest);
    }

    /// @dev Whether a new halt may begin.
    function _requireHaltable(MarketId market, IClearingHouse.MarketMode mode, Halt memory last) private view {
        if (mode == IClearingHouse.MarketMode.Halted) {
            if (last.beganAt != 0) revert HaltUnreleased(market, last.endsAt);
            revert ModeNotStricter(market, mode, IClearingHouse.MarketMode.Halted);
        }
        uint256 haltableAt = _haltableAt(last);
        if (block.timestamp < haltableAt) revert HaltTooSoon(market, haltableAt, block.timestamp);
    }

    function _listedModeOf(MarketId market) private view returns (IClearingHouse.MarketMode mode) {
        mode = HOUSE.modeOf(market);
        if (mode == IClearingHouse.MarketMode.Unlisted) revert IClearingHouse.MarketNotListed(market);
    }

    /// @dev {s}, 0 when no halt that ends by itself is in force.
    function _endOf(Halt memory halt_) private pure returns (uint256) {
        return halt_.beganAt == 0 ? 0 : halt_.endsAt;
    }

    /// @dev {s}, from when the guardian may begin a halt. An automatic one does not make the guardian wait.
    function _haltableAt(Halt memory last) private pure returns (uint256) {
        return last.isAutomatic ? 0 : _afterPause(last);
    }

    /// @dev {s}, the end of the pause after a halt, 0 when there was none.
    function _afterPause(Halt memory last) private pure returns (uint256) {
        return last.endsAt == 0 ? 0 : last.endsAt + HALT_PAUSE_SECONDS;
    }
}
