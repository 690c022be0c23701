// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Accounts} from "./Accounts.sol";
import {CHARGE_GRACE, Charge, Grace, HAS_CHARGES, HouseState, Market, MarketEvent, TEAR_UP} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Leg, Words} from "./Words.sol";

/// @notice What charges of a market pay into and its refunds are paid from, in memory while they are.
/// @param uncollected D18{USD}, L
/// @param surplus D18{USD}, S
/// @param dues D18{USD}, refunds due to all
/// @param paidShort D18{USD}, refunds paid since the dues have exceeded S
struct RefundPot {
    uint256 uncollected;
    uint256 surplus;
    uint256 dues;
    uint256 paidShort;
}

/// @notice A charge that a position would get when it is touched.
/// @param number of its event
/// @param gain D18{USD}, unsettled gain it is taken from
/// @param revealed D18{USD}, gains known to the event, this one among them
struct WaitingCharge {
    uint256 number;
    uint256 gain;
    uint256 revealed;
}

/// @title Market events: booked once for all, applied to each position when it is next touched
/// @notice A loss event charges γ·g to every unsettled gain g of its market; a tear-up closes a fraction f of one side at the index. Both cost
/// the same however many positions there are (G7).
/// @dev Deployed on its own and linked: it runs in the house's storage.
library MarketEvents {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Words for Leg;

    /// @dev Applies up to `maxEvents` waiting events to a position and stores it.
    /// @param bucket present maturity bucket of the market, in which a tear-up's fill starts to stand
    /// @return left how many events still wait
    function touch(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 bucket,
        uint256 maxEvents
    ) external returns (uint256 left) {
        Market storage market = state.markets[id];
        uint256 events = Markets.eventsOf(market);
        Leg memory leg = Positions.stored(state, account, id, events);
        if (leg.seen == events || account == Markets.systemAccount(id, TEAR_UP)) return 0;
        Book memory book;
        book.id = id;
        book.bucket = bucket;
        bool isPool = account == Markets.poolOf(market);
        uint256 charged;
        while (leg.seen != events && maxEvents != 0) {
            --maxEvents;
            int256 size = leg.size;
            MarketEvent storage marketEvent = state.events[id][leg.seen + 1];
            (uint256 gain, uint256 charge, int256 torn, int256 cost) = Positions.step(leg, marketEvent);
            if (gain != 0) {
                _collect(state, account, id, leg.seen, gain, charge);
                charged += charge;
                if (!isPool) _moveSideQuote(market, size, -int256(charge));
            }
            if (torn != 0) {
                _mirror(state, id, torn, cost);
                Positions.recordFill(state, book, account, -torn, cost);
                // The side's sums moved when the tear-up was booked; what is flat now leaves the side for good.
                if (leg.size == 0 && !isPool) _moveSideQuote(market, size, -leg.quote);
            }
        }
        if (charged != 0) Markets.setAlerts(market, Markets.alertsOf(market));
        // `seen` is stored also for a position that the events emptied.
        book.events = leg.seen;
        Positions.write(state, book, account, leg, leg, true);
        emit IClearingHouse.EventsApplied(account, id, leg.seen, charged, leg.size, leg.quote);
        return events - leg.seen;
    }

    /// @dev A charge pays what is still uncollected, then becomes surplus; the gain it came from is revealed to its event.
    function _collect(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 number,
        uint256 gain,
        uint256 charge
    ) private {
        Market storage market = state.markets[id];
        MarketEvent storage marketEvent = state.events[id][number];
        RefundPot memory pot = _chargesOf(market);
        marketEvent.revealed = _payIn(pot, marketEvent, gain, charge).toUint128();
        market.uncollectedLoss = pot.uncollected.toUint128();
        market.surplus = pot.surplus.toUint128();
        market.refundsDue = pot.dues.toUint128();

        state.charges[account][id][number] = Charge({
            gain: gain.toUint112(),
            received: 0,
            older: state.newestCharge[account][id]
        });
        state.newestCharge[account][id] = uint32(number);
        Accounts.raise(state, account, HAS_CHARGES);
        uint256 until = marketEvent.bookedAt + CHARGE_GRACE;
        if (until > block.timestamp) {
            Grace storage grace = state.graces[account];
            uint256 amount = grace.until > block.timestamp ? grace.amount + charge : charge;
            grace.amount = amount.toUint128();
            if (until > grace.until) grace.until = uint40(until);
        }
    }

    /// @dev What a charge does to the pot. Both the views and the booking of touches run this.
    /// @return revealed D18{USD}, gains known to the event from here on
    function _payIn(
        RefundPot memory pot,
        MarketEvent storage marketEvent,
        uint256 gain,
        uint256 charge
    ) private view returns (uint256 revealed) {
        uint256 collected = charge < pot.uncollected ? charge : pot.uncollected;
        pot.uncollected -= collected;
        pot.surplus += charge - collected;
        uint256 before = marketEvent.revealed;
        revealed = before + gain;
        pot.dues = pot.dues + _overchargeAt(marketEvent, revealed) - _overchargeAt(marketEvent, before);
    }

    /// @dev γ·A − r, what an event is known to have charged too much. D18{USD}
    function overchargeOf(MarketEvent storage marketEvent) internal view returns (uint256) {
        return _overchargeAt(marketEvent, marketEvent.revealed);
    }

    function _overchargeAt(MarketEvent storage marketEvent, uint256 revealed) private view returns (uint256) {
        uint256 taken = revealed.mulWadDown(marketEvent.fraction);
        return taken > marketEvent.loss ? taken - marketEvent.loss : 0;
    }

    /// @dev The tear-up account gives up its mirror of what has now been torn off a position.
    function _mirror(HouseState storage state, MarketId id, int256 torn, int256 cost) private {
        AccountId tearUpAccount = Markets.systemAccount(id, TEAR_UP);
        Leg memory leg;
        leg.read(state.positions[tearUpAccount][id]);
        leg.size += torn;
        leg.quote += cost;
        state.positions[tearUpAccount][id] = leg.pack();
    }

    function _moveSideQuote(Market storage market, int256 size, int256 amount) private {
        if (size != 0) Markets.addQuotes(market, size > 0 ? amount : int256(0), size < 0 ? amount : int256(0));
    }

    /// @dev Credits refunds of an account's newest charges. The position has been touched. What cannot be paid from the surplus is shared pro rata and
    /// stays due.
    function claimRefunds(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 maxRecords
    ) external returns (uint256 refunded) {
        Market storage market = state.markets[id];
        Leg memory leg = Positions.stored(state, account, id, Markets.eventsOf(market));
        RefundPot memory pot = _potOf(market);
        uint256 number = state.newestCharge[account][id];
        for (; number != 0 && maxRecords != 0; --maxRecords) {
            Charge storage charge = state.charges[account][id][number];
            MarketEvent storage marketEvent = state.events[id][number];
            uint256 amount = _refund(pot, marketEvent, charge.gain, charge.received, marketEvent.revealed);
            if (amount != 0) {
                charge.received = (charge.received + amount).toUint112();
                refunded += amount;
                emit IClearingHouse.Refunded(account, id, number, amount, leg.quote + int256(refunded));
            }
            number = charge.older;
        }
        if (refunded == 0) return 0;
        market.surplus = pot.surplus.toUint128();
        market.refundsDue = pot.dues.toUint128();
        market.refundedShort = pot.paidShort.toUint128();
        leg.quote += int256(refunded);
        Book memory book;
        book.id = id;
        book.events = Markets.eventsOf(market);
        Positions.write(state, book, account, leg, leg, true);
        if (account != Markets.poolOf(market)) _moveSideQuote(market, leg.size, int256(refunded));
        // A refund may revive a quote leg that had been settled to zero.
        Accounts.join(state, account, id);
    }

    /// @dev What `claimRefunds` would credit to a position once all events that wait for it are applied, which pay into what refunds come from. D18{USD}
    function refundable(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 maxRecords
    ) external view returns (uint256 refunded) {
        RefundPot memory pot = _potOf(state.markets[id]);
        (WaitingCharge[] memory waiting, uint256 count) = _waitingCharges(state, account, id, pot);
        for (; count != 0 && maxRecords != 0; --maxRecords) {
            WaitingCharge memory charge = waiting[--count];
            refunded += _refund(pot, state.events[id][charge.number], charge.gain, 0, charge.revealed);
        }
        uint256 number = state.newestCharge[account][id];
        for (; number != 0 && maxRecords != 0; --maxRecords) {
            Charge storage charge = state.charges[account][id][number];
            MarketEvent storage marketEvent = state.events[id][number];
            refunded += _refund(pot, marketEvent, charge.gain, charge.received, marketEvent.revealed);
            number = charge.older;
        }
    }

    /// @dev Charges that a touch would record, oldest first, paid into the pot.
    function _waitingCharges(
        HouseState storage state,
        AccountId account,
        MarketId id,
        RefundPot memory pot
    ) private view returns (WaitingCharge[] memory waiting, uint256 count) {
        uint256 events = Markets.eventsOf(state.markets[id]);
        Leg memory leg = Positions.stored(state, account, id, events);
        waiting = new WaitingCharge[](events - leg.seen);
        while (leg.seen != events) {
            MarketEvent storage marketEvent = state.events[id][leg.seen + 1];
            (uint256 gain, uint256 charge, , ) = Positions.step(leg, marketEvent);
            if (gain == 0) continue;
            waiting[count++] = WaitingCharge(leg.seen, gain, _payIn(pot, marketEvent, gain, charge));
        }
    }

    /// @dev Charges of waiting events so recent that nobody may be liquidated through them. D18{USD}
    function waitingGraceOf(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 events
    ) internal view returns (uint256 amount) {
        Leg memory leg = Positions.stored(state, account, id, events);
        while (leg.seen != events) {
            MarketEvent storage marketEvent = state.events[id][leg.seen + 1];
            (, uint256 charge, , ) = Positions.step(leg, marketEvent);
            if (marketEvent.bookedAt + CHARGE_GRACE > block.timestamp) amount += charge;
        }
    }

    function _potOf(Market storage market) private view returns (RefundPot memory pot) {
        pot = _chargesOf(market);
        pot.paidShort = market.refundedShort;
    }

    /// @dev As much of the pot as charges change.
    function _chargesOf(Market storage market) private view returns (RefundPot memory pot) {
        pot.uncollected = market.uncollectedLoss;
        pot.surplus = market.surplus;
        pot.dues = market.refundsDue;
    }

    /// @dev Takes out of the pot what it can pay of one charge's due: all while S covers all dues; else what lifts this charge to the share (S + paid) /
    /// (dues + paid) that every due can have, so that claiming first, or again, takes nothing from others.
    function _refund(
        RefundPot memory pot,
        MarketEvent storage marketEvent,
        uint256 gain,
        uint256 received,
        uint256 revealed
    ) private view returns (uint256 amount) {
        amount = LossMath.refundDue(gain, marketEvent.fraction, marketEvent.loss, revealed, received);
        if (amount == 0 || pot.surplus == 0) return 0;
        if (pot.dues > pot.surplus) {
            uint256 share = (amount + received).mulDivDown(pot.surplus + pot.paidShort, pot.dues + pot.paidShort);
            amount = share > received ? share - received : 0;
            if (amount > pot.surplus) amount = pot.surplus;
            pot.paidShort += amount;
        } else {
            if (amount > pot.surplus) amount = pot.surplus;
            pot.paidShort = 0;
        }
        pot.surplus -= amount;
        pot.dues = pot.dues > amount ? pot.dues - amount : 0;
    }

    /// @dev Books a loss of `loss` at the book's price: L grows by it, and every unsettled gain of the market is charged its share when next touched.
    /// The caller has already taken the deficit out of the account that made it (Σv grows by `loss`, as L does) and touched the pool.
    ///
    /// G = max(B + r, long⁺ + short⁺ + flat⁺ + pool⁺ + S − L). Flat claims follow from Σv = B + L − S. Each term nets gains against losses within its
    /// group, so G never exceeds the gains that exist, and γ·G ≥ r collects enough; overcharge is refunded.
    function bookLoss(HouseState storage state, Book memory book, uint256 loss) internal {
        Market storage market = state.markets[book.id];
        uint256 uncollected = market.uncollectedLoss;
        uint256 surplus = market.surplus;
        uint256 fraction = LossMath.fractionUp(loss, _shareBase(state, book, loss));

        // Surplus was charged but belongs to no loss yet: it bears the same fraction.
        uint256 fromSurplus = surplus.mulWadUp(fraction);
        if (fromSurplus > surplus) fromSurplus = surplus;
        uint256 total = uncollected + loss;
        if (fromSurplus > total) fromSurplus = total;
        market.uncollectedLoss = (total - fromSurplus).toUint128();
        market.surplus = (surplus - fromSurplus).toUint128();

        uint256 number = ++book.events;
        Markets.setEvents(market, number);
        market.lastLoss = uint32(number);
        state.events[book.id][number] = MarketEvent({
            x: book.x.toInt128(),
            fraction: fraction.toUint64(),
            kind: IClearingHouse.MarketEventKind.Loss,
            bookedAt: uint40(block.timestamp),
            loss: loss.toUint128(),
            revealed: 0
        });
        Markets.renewAlerts(book, market);
        emit IClearingHouse.LossBooked(book.id, number, loss, fraction, book.x, market.uncollectedLoss, market.surplus);
    }

    function _shareBase(HouseState storage state, Book memory book, uint256 loss) private view returns (uint256) {
        Market storage market = state.markets[book.id];
        (int256 longQuote, int256 shortQuote) = Markets.quotesOf(market, book);
        Leg memory pool = Positions.stored(state, Markets.poolOf(market), book.id, book.events);
        uint256 reserve = Markets.reserveOf(market, book);
        // Σv after the deficit left its account: B + (L + r) − S.
        int256 flatQuote =
            int256(reserve + market.uncollectedLoss + loss) -
                int256(uint256(market.surplus)) -
                longQuote -
                shortQuote -
                pool.quote;
        uint256 gains =
            LossMath.gainAt(int256(book.longOpenInterest), book.x, longQuote) +
                LossMath.gainAt(-int256(book.shortOpenInterest), book.x, shortQuote) +
                LossMath.gainAt(pool.size, book.x, pool.quote) +
                flatQuote.positivePart();
        return LossMath.shareBase(reserve, loss, gains, market.surplus, market.uncollectedLoss);
    }
}
