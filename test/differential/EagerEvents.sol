// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";

/// @notice A position as the reference keeps it.
/// @param size D18{base}
/// @param quote D18{USD}
struct Holding {
    int256 size;
    int256 quote;
}

/// @title Market events applied at once
/// @notice The reference for charges and tear-ups, written from the specification and sharing no code with the house: it works position by position when an
/// event is booked, where the house books once for all and applies lazily. Whole-number arithmetic by Euclidean division.
library EagerEvents {
    int256 private constant ONE = 1e18;

    /// @dev ⌊a/b⌋, b > 0.
    function floorDiv(int256 a, int256 b) internal pure returns (int256) {
        int256 rest = ((a % b) + b) % b;
        return (a - rest) / b;
    }

    /// @dev ⌈a/b⌉, b > 0.
    function ceilDiv(int256 a, int256 b) internal pure returns (int256) {
        return -floorDiv(-a, b);
    }

    /// @dev U = ⌊s·X⌋ + v. D18{USD}
    function valueAt(Holding memory holding, int256 x) internal pure returns (int256) {
        return floorDiv(holding.size * x, ONE) + holding.quote;
    }

    /// @dev What a loss event charges: ⌈γ·max(0, U)⌉ at the event's X. D18{USD}
    function chargeOf(
        Holding memory holding,
        IClearingHouse.MarketEventState memory lossEvent
    ) internal pure returns (int256) {
        int256 gain = valueAt(holding, lossEvent.x);
        return gain <= 0 ? int256(0) : ceilDiv(gain * int256(lossEvent.fraction), ONE);
    }

    /// @dev What a tear-up closes: f·s towards zero, signed like the position; 0 on the other side. D18{base}
    function tornOf(
        Holding memory holding,
        IClearingHouse.MarketEventState memory tearUp
    ) internal pure returns (int256) {
        bool tearsLongs = tearUp.kind == IClearingHouse.MarketEventKind.TearUpLongs;
        if (holding.size == 0 || (holding.size > 0) != tearsLongs) return 0;
        int256 whole = floorDiv((holding.size > 0 ? holding.size : -holding.size) * int256(tearUp.fraction), ONE);
        return holding.size > 0 ? whole : -whole;
    }

    /// @dev The position after one event.
    function applied(
        Holding memory holding,
        IClearingHouse.MarketEventState memory marketEvent
    ) internal pure returns (Holding memory) {
        if (marketEvent.kind == IClearingHouse.MarketEventKind.Loss) {
            return Holding({size: holding.size, quote: holding.quote - chargeOf(holding, marketEvent)});
        }
        int256 torn = tornOf(holding, marketEvent);
        // The position sells `torn` at X, its proceeds rounded down.
        return Holding({size: holding.size - torn, quote: holding.quote + floorDiv(torn * marketEvent.x, ONE)});
    }
}
