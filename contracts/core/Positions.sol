// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Fills, HouseState, MarketEvent} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {Fill, Leg, Words} from "./Words.sol";

/// @title Positions: reading them with events applied, writing them, and how much of a gain has matured
library Positions {
    using SafeCast for uint256;
    using FixedPoint for int256;
    using Words for Fill;
    using Words for Leg;

    /// @dev The stored position, events not applied. An empty slot has seen everything.
    function stored(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 events
    ) internal view returns (Leg memory leg) {
        readStored(leg, state, account, market, events);
    }

    /// @dev Fills `leg` with the stored position.
    function readStored(
        Leg memory leg,
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 events
    ) internal view {
        leg.read(state.positions[account][market]);
        if (leg.size == 0 && leg.quote == 0) leg.seen = events;
    }

    /// @dev The stored size. D18{base}
    function sizeOf(HouseState storage state, AccountId account, MarketId market) internal view returns (int256) {
        return int112(uint112(state.positions[account][market]));
    }

    /// @dev The position with market events up to number `events` applied, at most `maxEvents` of them.
    function effective(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 events,
        uint256 maxEvents
    ) internal view returns (Leg memory leg) {
        readEffective(leg, state, account, market, events, maxEvents);
    }

    /// @dev Fills `leg` with that position.
    function readEffective(
        Leg memory leg,
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 events,
        uint256 maxEvents
    ) internal view {
        readStored(leg, state, account, market, events);
        if (leg.seen != events) foresee(leg, state, account, market, events, maxEvents);
    }

    /// @dev Applies to a stored position, in memory, the events up to number `events` that it has not seen.
    function foresee(
        Leg memory leg,
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 events,
        uint256 maxEvents
    ) internal view {
        // The tear-up account mirrors what others have still to be torn; events are not for it.
        if (account == Markets.systemAccount(market, 1)) {
            leg.seen = events;
            return;
        }
        if (events - leg.seen > maxEvents) {
            revert IClearingHouse.EventsPending(account, market, events - leg.seen, maxEvents);
        }
        while (leg.seen != events) step(leg, state.events[market][leg.seen + 1]);
    }

    /// @dev Applies the next event to a position. Both the views and the booking of touches run this.
    /// @return gain D18{USD}, unsettled gain at a loss event (0 otherwise)
    /// @return charge D18{USD}, what the event takes of it, rounded up
    /// @return torn D18{base}, size torn off, signed like the position
    /// @return cost D18{USD}, what the tear-up's fill takes off the quote leg, rounded up
    function step(
        Leg memory leg,
        MarketEvent storage marketEvent
    ) internal view returns (uint256 gain, uint256 charge, int256 torn, int256 cost) {
        leg.seen += 1;
        IClearingHouse.MarketEventKind kind = marketEvent.kind;
        if (kind == IClearingHouse.MarketEventKind.Loss) {
            gain = LossMath.gainAt(leg.size, marketEvent.x, leg.quote);
            if (gain == 0) return (0, 0, 0, 0);
            charge = LossMath.chargeUp(gain, marketEvent.fraction);
            leg.quote -= int256(charge);
        } else if (kind == IClearingHouse.MarketEventKind.TearUpLongs ? leg.size > 0 : leg.size < 0) {
            torn = LossMath.tearUpFill(leg.size, marketEvent.fraction);
            cost = (-torn).mulWadCeil(marketEvent.x);
            leg.size -= torn;
            leg.quote -= cost;
        }
    }

    /// @dev Writes a position and moves its side's sums, unless it is the pool's.
    function write(
        HouseState storage state,
        Book memory book,
        AccountId account,
        Leg memory oldLeg,
        Leg memory newLeg,
        bool isPool
    ) internal {
        newLeg.seen = book.events;
        state.positions[account][book.id] = newLeg.pack();
        if (!isPool) Markets.moveSide(book, oldLeg.size, oldLeg.quote, newLeg.size, newLeg.quote);
    }

    /// @dev Remembers a fill, so that what it gains is not paid before it has stood. `cost` is what the fill took off the quote leg, edges that were
    /// paid in cash put back.
    function recordFill(
        HouseState storage state,
        Book memory book,
        AccountId account,
        int256 sizeDelta,
        int256 cost
    ) internal {
        Fills storage fills = state.fills[account][book.id];
        uint256 word = fills.latest;
        Fill memory latest;
        latest.read(word);
        if (latest.bucket == book.bucket) {
            latest.size += sizeDelta;
            latest.cost += cost;
        } else {
            if (latest.bucket + 1 == book.bucket) fills.before = word;
            (latest.size, latest.cost, latest.bucket) = (sizeDelta, cost, book.bucket);
        }
        fills.latest = latest.pack();
    }

    /// @dev k: the most that fills of the present and the previous bucket gain at the window's extremes; a gain of this size is not yet paid. D18{USD}
    function unmaturedOf(
        HouseState storage state,
        Book memory book,
        AccountId account,
        int256 xLow,
        int256 xHigh
    ) internal view returns (uint256 edge) {
        Fills storage fills = state.fills[account][book.id];
        Fill memory fill;
        fill.read(fills.latest);
        if (fill.bucket + 1 < book.bucket) return 0;
        edge = _edgeOf(fill, xLow, xHigh);
        if (fill.bucket != book.bucket) return edge;
        fill.read(fills.before);
        if (fill.bucket + 1 == book.bucket) edge += _edgeOf(fill, xLow, xHigh);
    }

    function _edgeOf(Fill memory fill, int256 xLow, int256 xHigh) private pure returns (uint256) {
        int256 size = fill.size;
        int256 atLow = size.mulWadCeil(xLow);
        int256 atHigh = size.mulWadCeil(xHigh);
        return ((atLow > atHigh ? atLow : atHigh) - fill.cost).positivePart();
    }

    /// @dev Part of a gain that has stood for the whole maturity window: min(U(X), U(X_lo), U(X_hi)) − k. D18{USD}, rounded down.
    function maturedOf(
        HouseState storage state,
        Book memory book,
        AccountId account,
        Leg memory leg,
        uint256 low,
        uint256 high
    ) internal view returns (uint256) {
        int256 xLow = low.toInt256() - book.fundingIndex;
        int256 xHigh = high.toInt256() - book.fundingIndex;
        int256 value = _standingValueOf(book, leg, xLow, xHigh);
        if (value <= 0) return 0;
        return (value - int256(unmaturedOf(state, book, account, xLow, xHigh))).positivePart();
    }

    /// @dev min(U(X), U(X_lo), U(X_hi)). D18{USD}, rounded down.
    function _standingValueOf(
        Book memory book,
        Leg memory leg,
        int256 xLow,
        int256 xHigh
    ) private pure returns (int256 value) {
        value = Markets.valueOf(book, leg.size, leg.quote);
        int256 atExtreme = leg.size.mulWadFloor(leg.size > 0 ? xLow : xHigh) + leg.quote;
        if (atExtreme < value) value = atExtreme;
    }

    /// @dev `maturedOf`, as it will be once the events that wait have reached the position: touching it records what tear-ups closed as a fill of the
    /// present bucket. For views.
    function maturedOnceTouched(
        HouseState storage state,
        Book memory book,
        AccountId account,
        uint256 low,
        uint256 high
    ) internal view returns (uint256) {
        int256 xLow = low.toInt256() - book.fundingIndex;
        int256 xHigh = high.toInt256() - book.fundingIndex;
        Leg memory leg = stored(state, account, book.id, book.events);
        Fill memory torn;
        bool isTorn;
        while (leg.seen != book.events) {
            (, , int256 closed, int256 cost) = step(leg, state.events[book.id][leg.seen + 1]);
            torn.size -= closed;
            torn.cost += cost;
            if (closed != 0) isTorn = true;
        }
        uint256 edge =
            isTorn
                ? _unmaturedWith(state.fills[account][book.id], torn, book.bucket, xLow, xHigh)
                : unmaturedOf(state, book, account, xLow, xHigh);
        return (_standingValueOf(book, leg, xLow, xHigh) - int256(edge)).positivePart();
    }

    /// @dev `unmaturedOf`, had `recordFill` recorded `added` in the present bucket. D18{USD}
    function _unmaturedWith(
        Fills storage fills,
        Fill memory added,
        uint256 bucket,
        int256 xLow,
        int256 xHigh
    ) private view returns (uint256 edge) {
        Fill memory fill;
        fill.read(fills.latest);
        if (fill.bucket == bucket) {
            added.size += fill.size;
            added.cost += fill.cost;
            fill.read(fills.before);
        }
        edge = _edgeOf(added, xLow, xHigh);
        if (fill.bucket + 1 == bucket) edge += _edgeOf(fill, xLow, xHigh);
    }
}
