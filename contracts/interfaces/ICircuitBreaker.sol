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
interface ICircuitBreaker {
    /* EVENTS */

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

    /* GUARDIAN */

    /// @notice Restricts an open market to reductions.
    /// @dev Reverts: MarketNotListed, ModeNotStricter.
    /// @custom:access guardian
    function guard(MarketId market) external;

    /// @notice Halts an open or guarded market until `durationSeconds` from now, or extends its running halt to then.
    /// @param durationSeconds {s}, `LOWEST_HALT_SECONDS` to `HIGHEST_HALT_SECONDS`
    /// @return endsAt {s}
    /// @dev Reverts: MarketNotListed, HaltDurationOutOfRange, ModeNotStricter (halted by the governor, or never opened), HaltNotExtended, HaltTooLong,
    /// HaltUnreleased, HaltTooSoon.
    /// @custom:access guardian
    function halt(MarketId market, uint256 durationSeconds) external returns (uint256 endsAt);

    /* ANYBODY */

    /// @notice Ends a halt of the guardian that is over: the market is guarded from then on.
    /// @dev Reverts: NoHaltToRelease, HaltNotOver.
    function release(MarketId market) external;

    /* GOVERNANCE */

    /// @notice Sets any mode, without end, and forgets halts: the guardian may halt again at once.
    /// @dev Reverts: MarketNotListed.
    /// Warning: set at the house directly, a mode leaves a running halt of the guardian in force here, and anybody may release it when it is over.
    /// @custom:access governor
    function setMode(MarketId market, IClearingHouse.MarketMode newMode) external;

    /* VIEWS */

    /// @notice The guardian's halt of a market.
    /// @return beganAt {s}, 0 when there is none, or none any more
    /// @return endsAt {s}, its end, or when the last one was released
    /// @return haltableAt {s}, from when the guardian may begin one; 0 when there was none
    function haltOf(MarketId market) external view returns (uint256 beganAt, uint256 endsAt, uint256 haltableAt);

    /// @notice {s}, shortest halt.
    function LOWEST_HALT_SECONDS() external view returns (uint256);

    /// @notice {s}, longest halt, extensions included.
    function HIGHEST_HALT_SECONDS() external view returns (uint256);

    /// @notice {s}, from the release of a halt to the begin of the next.
    function HALT_PAUSE_SECONDS() external view returns (uint256);
}
