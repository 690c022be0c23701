// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {LossMath} from "../../contracts/libraries/LossMath.sol";
import {EagerEvents, Holding} from "./EagerEvents.sol";

/// @notice A market event as the model keeps it.
/// @param revealed D18{USD}, A, gains found by touches so far
struct ModelEvent {
    IClearingHouse.MarketEventKind kind;
    int256 x;
    uint256 fraction;
    uint256 loss;
    uint256 revealed;
}

/// @notice One market with no cash at all: every loss is a default, so that nothing but the sharing rule stands between losers and winners.
/// @param held positions as stored, events not applied; `seen` numbers the last applied
/// @param eager the same positions with every event applied when it was booked, by the reference
/// @param gains what an event found at a position; `received` the refunds for it
struct Model {
    Holding[10] held;
    uint256[10] seen;
    Holding[10] eager;
    uint256[32][10] gains;
    uint256[32][10] received;
    ModelEvent[32] events;
    uint256 count;
    uint256 long;
    uint256 short;
    int256 longQuote;
    int256 shortQuote;
    uint256 reserve;
    uint256 uncollected;
    uint256 surplus;
    int256 x;
    uint256 sizeDust;
    uint256 quoteDust;
    uint256 charged;
    uint256 refunded;
    uint256 booked;
}

/// @title The sharing of losses without a house around it
/// @notice Sizes, quote legs and events of one market: seven traders, a pool, a resolution account and the mirror of tear-ups. It shares what the house uses,
/// LossMath, and is compared with positions that the reference charges at once.
library SharingModel {
    using EagerEvents for Holding;

    uint256 internal constant TRADERS = 7;
    uint256 internal constant POOL = 7;
    uint256 internal constant RESOLUTION = 8;
    uint256 internal constant MIRROR = 9;
    uint256 internal constant HOLDERS = 10;
    uint256 internal constant MAX_EVENTS = 31;

    /* POSITIONS */

    /// @dev Applies all waiting events to one position.
    function touch(Model memory m, uint256 who) internal pure {
        if (who == MIRROR) return;
        for (; m.seen[who] < m.count; ++m.seen[who]) _apply(m, who, m.seen[who] + 1);
    }

    function _apply(Model memory m, uint256 who, uint256 number) private pure {
        ModelEvent memory ev = m.events[number];
        Holding memory leg = m.held[who];
        if (ev.kind == IClearingHouse.MarketEventKind.Loss) {
            uint256 gain = LossMath.gainAt(leg.size, ev.x, leg.quote);
            uint256 charge = LossMath.chargeUp(gain, ev.fraction);
            leg.quote -= int256(charge);
            if (who != POOL) _moveQuote(m, leg.size, -int256(charge));
            uint256 collected = charge < m.uncollected ? charge : m.uncollected;
            m.uncollected -= collected;
            m.surplus += charge - collected;
            ev.revealed += gain;
            m.gains[who][number] = gain;
            m.charged += charge;
        } else if (leg.size != 0 && (leg.size > 0) == (ev.kind == IClearingHouse.MarketEventKind.TearUpLongs)) {
            int256 torn = LossMath.tearUpFill(leg.size, ev.fraction);
            int256 cost = EagerEvents.ceilDiv(-torn * ev.x, 1e18);
            int256 before = leg.size;
            (leg.size, leg.quote) = (leg.size - torn, leg.quote - cost);
            m.held[MIRROR].size += torn;
            m.held[MIRROR].quote += cost;
            // What is flat now leaves the side for good.
            if (leg.size == 0 && who != POOL) _moveQuote(m, before, -leg.quote);
        }
    }

    function _moveQuote(Model memory m, int256 size, int256 amount) private pure {
        if (size > 0) m.longQuote += amount;
        else if (size < 0) m.shortQuote += amount;
    }

    /// @dev Writes a touched position and moves its side.
    function write(Model memory m, uint256 who, int256 size, int256 quote) internal pure {
        Holding memory leg = m.held[who];
        if (who != POOL && who != MIRROR) {
            _side(m, leg, false);
            _side(m, Holding(size, quote), true);
        }
        m.held[who] = Holding(size, quote);
        m.eager[who] = Holding(size, quote);
        m.seen[who] = m.count;
    }

    function _side(Model memory m, Holding memory leg, bool joins) private pure {
        uint256 size = uint256(leg.size < 0 ? -leg.size : leg.size);
        if (leg.size > 0)
            m.long =
                joins
                    ? m.long + size
                    : m.long > size
                        ? m.long - size
                        : 0;
        else if (leg.size < 0)
            m.short =
                joins
                    ? m.short + size
                    : m.short > size
                        ? m.short - size
                        : 0;
        _moveQuote(m, leg.size, joins ? leg.quote : -leg.quote);
    }

    /// @dev A fill between a trader and the pool at X.
    function fill(Model memory m, uint256 who, int256 sizeDelta) internal pure {
        touch(m, who);
        touch(m, POOL);
        int256 cost = EagerEvents.ceilDiv(sizeDelta * m.x, 1e18);
        write(m, who, m.held[who].size + sizeDelta, m.held[who].quote - cost);
        write(m, POOL, m.held[POOL].size - sizeDelta, m.held[POOL].quote + cost);
    }

    /// @dev Pays `share` (D18) of a loss into the reserve, or a gain out of it as far as it reaches.
    function settle(Model memory m, uint256 who, uint256 share) internal pure {
        touch(m, who);
        int256 value = m.held[who].valueAt(m.x);
        int256 amount = (value * int256(share)) / 1e18;
        if (amount > int256(m.reserve)) amount = int256(m.reserve);
        m.reserve = uint256(int256(m.reserve) - amount);
        write(m, who, m.held[who].size, m.held[who].quote - amount);
    }

    /* EVENTS */

    /// @dev A trader with a loss defaults: the position goes to the resolution account at X, the loss is booked.
    function resolve(Model memory m, uint256 who) internal pure returns (bool) {
        touch(m, who);
        if (m.count == MAX_EVENTS || m.held[who].valueAt(m.x) >= 0) return false;
        touch(m, RESOLUTION);
        int256 size = m.held[who].size;
        int256 cost = EagerEvents.ceilDiv(-size * m.x, 1e18);
        int256 quote = m.held[who].quote - cost;
        write(m, RESOLUTION, m.held[RESOLUTION].size + size, m.held[RESOLUTION].quote + cost);
        write(m, who, 0, 0);
        if (quote < 0) _book(m, uint256(-quote));
        else m.reserve = uint256(int256(m.reserve) - quote);
        return true;
    }

    function _book(Model memory m, uint256 loss) private pure {
        touch(m, POOL);
        int256 flat =
            int256(m.reserve + m.uncollected + loss) -
                int256(m.surplus) -
                m.longQuote -
                m.shortQuote -
                m.held[POOL].quote;
        uint256 gains =
            LossMath.gainAt(int256(m.long), m.x, m.longQuote) +
                LossMath.gainAt(-int256(m.short), m.x, m.shortQuote) +
                LossMath.gainAt(m.held[POOL].size, m.x, m.held[POOL].quote) +
                (flat > 0 ? uint256(flat) : 0);
        uint256 fraction = LossMath.fractionUp(
            loss,
            LossMath.shareBase(m.reserve, loss, gains, m.surplus, m.uncollected)
        );
        uint256 fromSurplus = uint256(EagerEvents.ceilDiv(int256(m.surplus * fraction), 1e18));
        if (fromSurplus > m.surplus) fromSurplus = m.surplus;
        if (fromSurplus > m.uncollected + loss) fromSurplus = m.uncollected + loss;
        m.uncollected = m.uncollected + loss - fromSurplus;
        m.surplus -= fromSurplus;
        m.booked += loss;
        _push(m, ModelEvent(IClearingHouse.MarketEventKind.Loss, m.x, fraction, loss, 0));
        m.quoteDust += HOLDERS;
        touch(m, POOL);
        touch(m, RESOLUTION);
    }

    /// @dev The resolution account closes what it has against the other side, pro rata at X.
    function tearUp(Model memory m) internal pure returns (bool) {
        touch(m, RESOLUTION);
        touch(m, POOL);
        int256 size = m.held[RESOLUTION].size;
        if (size == 0 || m.count == MAX_EVENTS) return false;
        bool tearsShorts = size > 0;
        uint256 side = tearsShorts ? m.short : m.long;
        int256 poolSize = m.held[POOL].size;
        if (poolSize == 0 || (poolSize < 0) != tearsShorts) poolSize = 0;
        uint256 opposite = side + _magnitude(poolSize);
        if (opposite == 0) return false;
        uint256 fraction = _magnitude(size) >= opposite ? 1e18 : (_magnitude(size) * 1e18) / opposite;
        int256 fromSide = int256((side * fraction) / 1e18);
        int256 closed = fromSide + int256(_magnitude(LossMath.tearUpFill(poolSize, fraction)));
        _tearOff(m, tearsShorts ? -closed : closed);
        _tearSide(m, tearsShorts, fromSide);
        _push(
            m,
            ModelEvent(
                tearsShorts ? IClearingHouse.MarketEventKind.TearUpShorts : IClearingHouse.MarketEventKind.TearUpLongs,
                m.x,
                fraction,
                0,
                0
            )
        );
        m.sizeDust += HOLDERS;
        m.quoteDust += HOLDERS * (_magnitude(m.x) / 1e18 + 2);
        touch(m, POOL);
        touch(m, RESOLUTION);
        return true;
    }

    /// @dev The resolution account fills against the mirror.
    function _tearOff(Model memory m, int256 delta) private pure {
        int256 cost = EagerEvents.ceilDiv(delta * m.x, 1e18);
        m.held[MIRROR].size -= delta;
        m.held[MIRROR].quote += cost;
        write(m, RESOLUTION, m.held[RESOLUTION].size + delta, m.held[RESOLUTION].quote - cost);
    }

    function _tearSide(Model memory m, bool tearsShorts, int256 fromSide) private pure {
        if (tearsShorts) {
            m.short -= uint256(fromSide);
            m.shortQuote -= EagerEvents.ceilDiv(fromSide * m.x, 1e18);
        } else {
            m.long -= uint256(fromSide);
            m.longQuote -= EagerEvents.ceilDiv(-fromSide * m.x, 1e18);
        }
    }

    function _push(Model memory m, ModelEvent memory ev) private pure {
        m.events[++m.count] = ev;
        IClearingHouse.MarketEventState memory state;
        (state.kind, state.x, state.fraction) = (ev.kind, ev.x, ev.fraction);
        for (uint256 i; i < MIRROR; ++i) m.eager[i] = m.eager[i].applied(state);
    }

    /* REFUNDS */

    /// @dev Pays what is proven to have been taken too much, at most from the surplus.
    function claim(Model memory m, uint256 who) internal pure {
        touch(m, who);
        uint256 total;
        for (uint256 number = 1; number <= m.count; ++number) {
            ModelEvent memory ev = m.events[number];
            uint256 due = LossMath.refundDue(
                m.gains[who][number],
                ev.fraction,
                ev.loss,
                ev.revealed,
                m.received[who][number]
            );
            if (due > m.surplus) due = m.surplus;
            m.surplus -= due;
            m.received[who][number] += due;
            total += due;
        }
        m.refunded += total;
        write(m, who, m.held[who].size, m.held[who].quote + int256(total));
    }

    /* WHAT MUST HOLD */

    /// @dev Charges that wait: how far the stored quote legs are above those charged at once, tear-ups put back.
    function pendingCharges(Model memory m) internal pure returns (uint256 pending) {
        for (uint256 who; who < MIRROR; ++who) {
            Holding memory leg = Holding(m.held[who].size, m.held[who].quote);
            for (uint256 number = m.seen[who] + 1; number <= m.count; ++number) {
                ModelEvent memory ev = m.events[number];
                IClearingHouse.MarketEventState memory state;
                (state.kind, state.x, state.fraction) = (ev.kind, ev.x, ev.fraction);
                if (ev.kind == IClearingHouse.MarketEventKind.Loss) pending += uint256(leg.chargeOf(state));
                leg = leg.applied(state);
            }
        }
    }

    function _magnitude(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
