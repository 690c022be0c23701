// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title CircuitBreaker
/// @notice Owns when the guardian's halts end, and nothing else: a market's mode is the house's, and is read there each time. It reads no price, so no feed can
/// keep it from acting. The authority has to let it call `setMarketMode` of the house. Invariants: AUTH-1, LIVE-1.
contract CircuitBreaker is ICircuitBreaker, AccessManaged {
    /// @dev A halt of the guardian. One slot. `beganAt` is 0 once released; then `endsAt` is when that was, 0 when the governor took over.
    struct Halt {
        uint40 beganAt;
        uint40 endsAt;
    }

    /* CONSTANTS */

    /// @inheritdoc ICircuitBreaker
    uint256 public constant LOWEST_HALT_SECONDS = 1 minutes;
    /// @inheritdoc ICircuitBreaker
    uint256 public constant HIGHEST_HALT_SECONDS = 1 days;
    /// @inheritdoc ICircuitBreaker
    uint256 public constant HALT_PAUSE_SECONDS = 1 days;

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;

    /* STORAGE */

    mapping(MarketId market => Halt halt) private _halts;

    /// @param house whose markets it restricts
    /// @param authority AccessManager that says who is guardian, who governs
    constructor(IClearingHouse house, address authority) AccessManaged(authority) {
        HOUSE = house;
    }

    /* GUARDIAN */

    /// @inheritdoc ICircuitBreaker
    function guard(MarketId market) external restricted {
        IClearingHouse.MarketMode mode = _listedModeOf(market);
        if (mode != IClearingHouse.MarketMode.Open) {
            revert ModeNotStricter(market, mode, IClearingHouse.MarketMode.ReduceOnly);
        }
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
        _move(
            market,
            mode,
            IClearingHouse.MarketMode.Halted,
            Halt({beganAt: runs ? last.beganAt : uint40(block.timestamp), endsAt: uint40(endsAt)})
        );
    }

    /* ANYBODY */

    /// @inheritdoc ICircuitBreaker
    function release(MarketId market) external {
        IClearingHouse.MarketMode mode = HOUSE.modeOf(market);
        Halt memory last = _halts[market];
        if (last.beganAt == 0 || mode != IClearingHouse.MarketMode.Halted) revert NoHaltToRelease(market, mode);
        if (block.timestamp < last.endsAt) revert HaltNotOver(market, last.endsAt, block.timestamp);
        // The pause counts from here: for that long it can be traded down for certain.
        _move(market, mode, IClearingHouse.MarketMode.ReduceOnly, Halt({beganAt: 0, endsAt: uint40(block.timestamp)}));
    }

    /* GOVERNANCE */

    /// @inheritdoc ICircuitBreaker
    function setMode(MarketId market, IClearingHouse.MarketMode newMode) external restricted {
        _move(market, HOUSE.modeOf(market), newMode, Halt({beganAt: 0, endsAt: 0}));
    }

    /* VIEWS */

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

    /// @dev {s}, 0 when no halt of the guardian is in force.
    function _endOf(Halt memory halt_) private pure returns (uint256) {
        return halt_.beganAt == 0 ? 0 : halt_.endsAt;
    }

    /// @dev {s}
    function _haltableAt(Halt memory last) private pure returns (uint256) {
        return last.endsAt == 0 ? 0 : last.endsAt + HALT_PAUSE_SECONDS;
    }
}
