// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {IClearingHouse} from "./IClearingHouse.sol";

/// @title The circuit breaker
/// @notice Lets the guardian act within seconds and only towards less risk (AUTH-1): Normal (`Open`) → Guarded (`ReduceOnly`) → `Halted`. Opening a market, and
/// everything else that adds risk, is the governor's.
///
/// Guarding has no end of its own: it stops nothing but new risk. Halting does, because it also stops liquidating and closing, so that losses grow while nobody
/// can act, and traders could be locked in for good:
///
///  - a halt lasts as long as the guardian says, at most `HIGHEST_HALT_SECONDS`. It can be extended up to that, counted from its begin, and not beyond;
///  - its end is known from its begin, and deposits are possible throughout, so whoever would be liquidated when it ends can prepare;
///  - once it is over anybody may `release` the market. It is guarded then, never open: the passing of time adds no risk either;
///  - for `HALT_PAUSE_SECONDS` after that the guardian cannot halt it again, so even under a stolen guardian's key traders can close and leave.
///
/// The guardian cannot shorten a halt: whoever stole one of several guardians' keys could end the others' halts. Short halts that are extended serve better
/// than long ones that have to be ended. Only the governor's halts have no end.
///
/// Liquidating, depositing and reducing are possible in the same modes, or deposits in more: whenever somebody can be liquidated, they can deposit and
/// reduce (LIVE-1).
///
/// Beside the guardian it acts by itself, in markets that have BreakerTerms. While the condition of a trigger holds, anybody may `trip` the market:
///
///  - from its weaker limit on, an open market is guarded. Once `guardSeconds` have passed and no condition holds, anybody may `relax` it: open again;
///  - from its stronger limit on, the market is halted, for `haltSeconds` (an hour at most), and not again before `HALT_PAUSE_SECONDS` have passed since the
///    last halt of any kind. When it is over anybody may `release` it, to where it was guarded before, or to a guard as above. The guardian may extend it;
///  - what money alone can move, open interest and the pool's cash, has no stronger limit: it never halts anything;
///  - what guardian or governor set is never relaxed. The guardian takes an automatic guard over by guarding the market again.
///
/// Open interest, the pool's cash and the buffers are compared with what they were one to three windows ago. Anybody may `sample` them, a window apart at the
/// least; of two samples the older counts, so that a sample says nothing before a window has passed. A market that nobody sampled for three windows has
/// nothing to be compared with, and those triggers rest.
interface ICircuitBreaker {
    /* TYPES */

    /// @notice What can trip a market, and the figure it goes by.
    /// `PriceMove`     D18{1}, distance of the valid price from the lower or higher end of the oracle's window, whichever is further
    /// `Drawdown`      D18{1}, what the market's buffers lost since the higher of the two samples
    /// `OpenInterest`  D18{1}, growth of the larger side since the older sample; it has to be seen for `standSeconds`
    /// `Outflow`       D18{1}, what the cash of the market's pool lost since the older sample
    /// `Oracle`        {s}, for how long the market has been seen without a valid price; its limit is `standSeconds`
    enum Trigger {
        PriceMove,
        Drawdown,
        OpenInterest,
        Outflow,
        Oracle
    }

    /// @notice When a market is tripped, and for how long. A limit of 0 switches off what it is for; rates are kept in millionths.
    /// @param moveGuard D18{1}, 2 % to 50 %
    /// @param moveHalt D18{1}, 10 % to 100 %, at least `moveGuard`
    /// @param drawdownGuard D18{1}, 5 % to 100 %
    /// @param drawdownHalt D18{1}, 25 % to 100 %, at least `drawdownGuard`
    /// @param surgeGuard D18{1}, 25 % to 1,000 %
    /// @param outflowGuard D18{1}, 10 % to 100 %
    /// @param calmOpenInterest D18{base}, open interest counts as at least this before it grew
    /// @param calmBuffersUsd D18{USD}, buffers count as at least this before they were drawn on
    /// @param calmPoolUsd D18{USD}, likewise the pool's cash
    /// @param windowSeconds {s}, least time between two samples: 10 min to 1 day; 0: the market has no terms, and is never tripped
    /// @param standSeconds {s}, for how long open interest or an outage has to be seen: 1 min to 1 h, at most the window
    /// @param guardSeconds {s}, how long an automatic guard lasts at least: 1 min to 1 day
    /// @param haltSeconds {s}, how long an automatic halt lasts: 1 min to 1 h
    struct BreakerTerms {
        uint256 moveGuard;
        uint256 moveHalt;
        uint256 drawdownGuard;
        uint256 drawdownHalt;
        uint256 surgeGuard;
        uint256 outflowGuard;
        uint256 calmOpenInterest;
        uint256 calmBuffersUsd;
        uint256 calmPoolUsd;
        uint256 windowSeconds;
        uint256 standSeconds;
        uint256 guardSeconds;
        uint256 haltSeconds;
    }

    /// @notice One trigger, measured.
    /// @param figure see Trigger; 0 where there is nothing to compare with
    /// @param guardLimit from which figure on the market is guarded; 0: the trigger is off
    /// @param haltLimit from which figure on it is halted; 0: never
    /// @param trippableAt {s}, from when it can be tripped while the condition goes on being seen; 0: the condition does not hold
    /// @param wouldSet what `trip` would set now; `Unlisted`: it would be refused
    struct Reading {
        uint256 figure;
        uint256 guardLimit;
        uint256 haltLimit;
        uint256 trippableAt;
        IClearingHouse.MarketMode wouldSet;
    }

    /// @notice A market as the breaker sees it.
    /// @param readings one per Trigger, in order
    /// @param mode as it is
    /// @param relaxableAt {s}, from when an automatic guard can be relaxed; 0: there is none
    /// @param wouldRelax whether `relax` would open the market now
    /// @param haltableAt {s}, from when it may be halted automatically; 0: there was no halt
    /// @param sampleableAt {s}, from when the next sample is taken
    struct Condition {
        Reading[5] readings;
        IClearingHouse.MarketMode mode;
        uint256 relaxableAt;
        bool wouldRelax;
        uint256 haltableAt;
        uint256 sampleableAt;
    }

    /// @notice What one sample holds.
    /// @param takenAt {s}, 0: there is none
    /// @param openInterest D18{base}, of traders, the larger side
    /// @param poolUsd D18{USD}, cash of the market's pool
    /// @param buffersUsd D18{USD}, what the market's tranche keeps, and the share of the insurance fund that the market counts on
    struct Sample {
        uint256 takenAt;
        uint256 openInterest;
        uint256 poolUsd;
        uint256 buffersUsd;
    }

    /* EVENTS */

    /// @notice A condition was found to hold, and the market's mode changed for it.
    /// @param figure what was measured, see Trigger
    /// @param limit the one it reached
    /// @param until {s}, end of the halt, or when the guard can be relaxed
    event BreakerTripped(
        MarketId indexed market,
        Trigger indexed trigger,
        address indexed by,
        uint256 figure,
        uint256 limit,
        IClearingHouse.MarketMode newMode,
        uint256 until
    );

    /// @notice From when on a guard can be relaxed {s}; 0: it is no automatic one any more.
    event GuardTimed(MarketId indexed market, uint256 oldRelaxableAt, uint256 newRelaxableAt);

    /// @notice A sample was taken; the newer one became the older one. D18{base}, D18{USD}
    event BreakerSampled(MarketId indexed market, uint256 openInterest, uint256 poolUsd, uint256 buffersUsd);

    /// @notice Since when a condition that has to stand has been seen {s}; 0: it was seen not to hold.
    event ConditionSeen(MarketId indexed market, Trigger indexed trigger, uint256 since);

    /// @notice A market's terms changed.
    event BreakerTermsSet(MarketId indexed market, BreakerTerms oldTerms, BreakerTerms newTerms);

    /// @notice A market's mode, or the end of its halt {s}, changed. An end of 0: there is no halt that ends by itself.
    event BreakerMoved(
        MarketId indexed market,
        address indexed by,
        IClearingHouse.MarketMode oldMode,
        IClearingHouse.MarketMode newMode,
        uint256 oldHaltEndsAt,
        uint256 newHaltEndsAt
    );

    /* ERRORS */

    /// @notice Thrown when the guardian asks for a mode that is not stricter than the present one.
    error ModeNotStricter(MarketId market, IClearingHouse.MarketMode mode, IClearingHouse.MarketMode asked);

    /// @notice Thrown when a halt is to last too briefly or too long. {s}
    error HaltDurationOutOfRange(MarketId market, uint256 durationSeconds, uint256 lowest, uint256 highest);

    /// @notice Thrown when a running halt would not last longer than it does already. {s}
    error HaltNotExtended(MarketId market, uint256 endsAt, uint256 askedEndsAt);

    /// @notice Thrown when a running halt would be extended beyond its longest duration. {s}
    error HaltTooLong(MarketId market, uint256 askedEndsAt, uint256 latestEndsAt);

    /// @notice Thrown when the pause after the last halt has not passed. {s}
    error HaltTooSoon(MarketId market, uint256 haltableAt, uint256 timestamp);

    /// @notice Thrown when a market whose halt is over, but which nobody has released, is to be halted on. {s}
    error HaltUnreleased(MarketId market, uint256 endedAt);

    /// @notice Thrown when a halt is to be released before its end. {s}
    error HaltNotOver(MarketId market, uint256 endsAt, uint256 timestamp);

    /// @notice Thrown when there is no halt of the guardian to release.
    error NoHaltToRelease(MarketId market, IClearingHouse.MarketMode mode);

    /// @notice Thrown when a term of the breaker is outside its bounds.
    error BreakerTermOutOfBounds(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest);

    /// @notice Thrown when a market without terms is to be sampled, tripped or relaxed.
    error BreakerTermsNotSet(MarketId market);

    /// @notice Thrown when a trigger's condition does not hold. A limit of 0: it is switched off.
    error TriggerNotMet(MarketId market, Trigger trigger, uint256 figure, uint256 limit);

    /// @notice Thrown when a trigger's condition holds, and has not been seen for long enough. {s}
    error TriggerNotStood(MarketId market, Trigger trigger, uint256 trippableAt, uint256 timestamp);

    /// @notice Thrown when a market is to be relaxed while a trigger's condition holds.
    error TriggerHolds(MarketId market, Trigger trigger, uint256 figure, uint256 limit);

    /// @notice Thrown when there is no automatic guard to relax.
    error NoGuardToRelax(MarketId market, IClearingHouse.MarketMode mode);

    /// @notice Thrown when an automatic guard has not lasted long enough. {s}
    error GuardNotOver(MarketId market, uint256 relaxableAt, uint256 timestamp);

    /* GUARDIAN */

    /// @notice Restricts an open market to reductions, or takes an automatic guard over, so that nobody relaxes it.
    /// @dev Reverts: MarketNotListed, ModeNotStricter.
    /// @custom:access guardian
    function guard(MarketId market) external;

    /// @notice Halts an open or guarded market until `durationSeconds` from now, or extends its running halt, an automatic one too, to then.
    /// @param durationSeconds {s}, `LOWEST_HALT_SECONDS` to `HIGHEST_HALT_SECONDS`
    /// @return endsAt {s}
    /// @dev Reverts: MarketNotListed, HaltDurationOutOfRange, ModeNotStricter (halted by the governor, or never opened), HaltNotExtended, HaltTooLong,
    /// HaltUnreleased, HaltTooSoon.
    /// @custom:access guardian
    function halt(MarketId market, uint256 durationSeconds) external returns (uint256 endsAt);

    /* ANYBODY */

    /// @notice Guards or halts a market because of a trigger whose condition holds now.
    /// @dev Guards where only the weaker limit is reached, and where the market may not be halted yet. Takes a sample if one is due.
    /// Reverts: MarketNotListed, BreakerTermsNotSet, TriggerNotMet, TriggerNotStood, ModeNotStricter (guarded or halted already), HaltTooSoon (guarded already,
    /// and in the pause after a halt).
    function trip(MarketId market, Trigger trigger) external returns (IClearingHouse.MarketMode newMode);

    /// @notice Opens a market that a trip guarded, once it may and no trigger's condition holds.
    /// @dev Reverts: MarketNotListed, NoGuardToRelax, GuardNotOver, TriggerHolds.
    function relax(MarketId market) external;

    /// @notice Takes a sample if one is due, and notes which conditions are seen to hold.
    /// @dev Reverts: MarketNotListed, BreakerTermsNotSet.
    function sample(MarketId market) external;

    /// @notice Ends a halt that is over, the guardian's or an automatic one: the market is guarded from then on. Only where an automatic halt found it open, or
    /// guarded by a trip, can it be relaxed, `guardSeconds` later.
    /// @dev Reverts: NoHaltToRelease, HaltNotOver.
    function release(MarketId market) external;

    /* GOVERNANCE */

    /// @notice Sets when a market is tripped; all 0 ends it. Samples and guards stay as they are.
    /// @dev Reverts: MarketNotListed, BreakerTermOutOfBounds.
    /// @custom:access governor
    function setBreakerTerms(MarketId market, BreakerTerms calldata newTerms) external;

    /// @notice Sets any mode, without end, and forgets halts and automatic guards: the guardian may halt again at once.
    /// @dev Reverts: MarketNotListed.
    /// Warning: set at the house directly, a mode leaves a running halt of the guardian in force here, and anybody may release it when it is over.
    /// @custom:access governor
    function setMode(MarketId market, IClearingHouse.MarketMode newMode) external;

    /* VIEWS */

    /// @notice All triggers of a market, measured now by the same code as `trip`, `relax` and `sample`.
    /// @dev Reverts: MarketNotListed, BreakerTermsNotSet.
    function conditionOf(MarketId market) external view returns (Condition memory condition);

    /// @notice The two samples of a market, and since when conditions that have to stand have been seen {s}, 0: not.
    function samplesOf(
        MarketId market
    ) external view returns (Sample memory older, Sample memory newer, uint256 surgeSince, uint256 outageSince);

    /// @notice A market's terms as they are kept; all 0 when it has none.
    function breakerTermsOf(MarketId market) external view returns (BreakerTerms memory);

    /// @notice The halt of a market that ends by itself.
    /// @return beganAt {s}, 0 when there is none, or none any more
    /// @return endsAt {s}, its end, or when the last one was released
    /// @return haltableAt {s}, from when the guardian may begin one; 0 when there is nothing to wait for
    function haltOf(MarketId market) external view returns (uint256 beganAt, uint256 endsAt, uint256 haltableAt);

    /// @notice {s}, shortest halt.
    function LOWEST_HALT_SECONDS() external view returns (uint256);

    /// @notice {s}, longest halt, extensions included.
    function HIGHEST_HALT_SECONDS() external view returns (uint256);

    /// @notice {s}, from the release of a halt to the begin of the next; a guardian's need not wait after an automatic one.
    function HALT_PAUSE_SECONDS() external view returns (uint256);
}
