// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Deficits} from "./Deficits.sol";
import {
    HouseState,
    Market,
    MarketEvent,
    RESOLUTION,
    WIND_DOWN_MOVE,
    WIND_DOWN_NOTICE,
    WIND_DOWN_OUTAGE,
    WIND_DOWN_PAUSE,
    WindDown
} from "./HouseState.sol";
import {InventoryPath} from "./InventoryPath.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Leg} from "./Words.sol";

/// @title The end of a market
/// @notice Closes every position of a market at one price, in O(1), for good. What remains are claims and debts without a size, in an ordinary market whose price never
/// changes again: settling, resolving, tiers, loss events, refunds and payouts go on as they always do until nothing is left.
///
/// **Closing.** Two events are booked, a tear-up of the longs and one of the shorts, each with f = 1 at the closing X. With the stored positions `s, v` of all accounts
/// (tear-up account T included):
///
///  - *Booking stores no position*, so `Σs = 0` and `Σv = B + L − S` hold after it as before.
///  - *Touching* a position makes a fill of −s at X against T: `s → 0, v → v − c`, `T.s → T.s + s, T.v → T.v + c`, `c = ⌈−s·X⌉`. Both sums stay. Events before these two come first, from the
///    position's own untouched state, so their order and amounts do not change (SOC-1).
///  - *In the end* all other sizes are 0, so T's is: units that earlier tear-ups had truncated into it come out again. Its quote leg is what rounding took from the
///    others, at most a unit each: it is never charged and never paid, and stays in B.
///  - *Side sums*, which count tear-ups when they are booked: `OI → 0`, `v_side → v_side − ⌈∓OI·X⌉`, the value U of the side before it, up to a unit per position.
///
/// **The theorem** `Q ≥ L` (pending charges cover what is booked) needs that a tear-up at the event's X changes no U, and that a loss event's base G nets within groups of accounts that are disjoint: longs,
/// shorts, flat, pool. Here: longs not yet touched, shorts not yet touched, everybody else, pool. Nothing else of it is used, so it holds for events booked before, between and
/// after the touches. And as no price moves any more, a market that has touched everybody, pulled every loser, resolved whoever is bankrupt and booked the last deficit has Σ claims = B − S − T.v,
/// `L = 0`: every claim is paid to the unit.
///
/// **Price.** With a valid index it is the index, whatever was announced. Without one it is the last valid price, or the governor's, at most `WIND_DOWN_MOVE` from it, once the outage has stood for as long
/// as a notice takes. Whoever takes the truth to be further away sets a feed that says so: the market then has an index, and everybody's margin follows it first.
///
/// **Who is first.** For `WIND_DOWN_PAUSE` no gain of the market is paid, and none counts for opening or withdrawing. Until then losers can be pulled and defaults recognised by anybody, so nobody carries a gain past them (G3).
/// @dev Deployed on its own and linked: it runs in the house's storage.
library WindDownPath {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /* ANNOUNCING */

    /// @dev See IClearingHouse.noteOutage.
    function noteOutage(HouseState storage state, MarketId id) external {
        _requireRunning(state, id);
        Price memory price = state.oracle.observe(id.bit(), Freshness.Latest)[0];
        if (price.status == PriceStatus.Valid) revert IClearingHouse.MarketHasPrice(id, price.price);
        // One that goes on is not younger for being noted again.
        if (_isOutageStanding(state.windDowns[id], price)) return;
        state.windDowns[id].outageAt = uint40(block.timestamp);
        emit IClearingHouse.OutageNoted(id, price.status, block.timestamp, block.timestamp + WIND_DOWN_OUTAGE);
    }

    /// @dev See IClearingHouse.announceWindDown.
    function announce(HouseState storage state, MarketId id, uint256 newPrice) external {
        _requireRunning(state, id);
        uint256 lastPrice = state.oracle.observe(id.bit(), Freshness.Latest)[0].price;
        (uint256 lowest, uint256 highest) = _boundsOf(lastPrice);
        if (newPrice < lowest || newPrice > highest || newPrice == 0) {
            revert IClearingHouse.WindDownPriceOutOfBounds(id, newPrice, lowest, highest);
        }
        uint256 endsAt = block.timestamp + WIND_DOWN_NOTICE;
        (state.windDowns[id].price, state.windDowns[id].noticeEndsAt) = (newPrice.toUint104(), uint40(endsAt));
        emit IClearingHouse.WindDownAnnounced(id, newPrice, endsAt);
    }

    /// @dev See IClearingHouse.cancelWindDown.
    function cancel(HouseState storage state, MarketId id) external {
        _requireRunning(state, id);
        if (state.windDowns[id].noticeEndsAt == 0) revert IClearingHouse.WindDownNotAnnounced(id);
        (state.windDowns[id].price, state.windDowns[id].noticeEndsAt) = (0, 0);
        emit IClearingHouse.WindDownCancelled(id);
    }

    /* CLOSING */

    /// @dev See IClearingHouse.windDown.
    function windDown(HouseState storage state, MarketId id) external {
        _requireRunning(state, id);
        Price memory price = state.oracle.observe(id.bit(), Freshness.Latest)[0];
        WindDown memory terms = state.windDowns[id];
        (uint256 allowedAt, uint256 closingPrice) = _dueOf(terms, price);
        if (allowedAt == 0 || block.timestamp < allowedAt) {
            revert IClearingHouse.WindDownNotDue(id, allowedAt, block.timestamp);
        }
        // A market that never had a price never had a position.
        if (closingPrice == 0) revert IClearingHouse.PriceNotValid(id, price.status);

        // Funding up to now, at the price that stood.
        Book memory book = Markets.load(state, id, price);
        (book.status, book.price, book.bucket) = (PriceStatus.Valid, closingPrice, Markets.endedBucket());
        book.x = closingPrice.toInt() - book.fundingIndex;
        IClearingHouse.MarketMode oldMode = Markets.modeOf(book);
        book.rates = book.rates.withMode(IClearingHouse.MarketMode.WoundDown);
        state.woundDown |= uint64(id.bit());
        state.windDowns[id] = WindDown({
            price: 0,
            noticeEndsAt: 0,
            outageAt: terms.outageAt,
            endedAt: uint40(block.timestamp)
        });

        Market storage market = state.markets[id];
        _closeLongs(state, book, market);
        _closeShorts(state, book, market);
        Deficits.touchStanding(state, book);
        Markets.save(state, book);
        emit IClearingHouse.MarketModeSet(id, oldMode, IClearingHouse.MarketMode.WoundDown);
        emit IClearingHouse.WoundDown(id, closingPrice, book.x, book.events, block.timestamp + WIND_DOWN_PAUSE);

        Leg memory inventory = Positions.stored(state, Markets.systemAccount(id, RESOLUTION), id, book.events);
        if (inventory.quote != 0) InventoryPath.closeTaken(state, id);
    }

    /// @dev The longs sell all they have at X, rounded against them.
    function _closeLongs(HouseState storage state, Book memory book, Market storage market) private {
        uint256 size = book.longOpenInterest;
        book.longOpenInterest = 0;
        book.longQuoteDelta -= (-size.toInt()).mulWadCeil(book.x);
        _record(state, book, market, IClearingHouse.MarketEventKind.TearUpLongs, size);
    }

    /// @dev The shorts buy all they owe at X, rounded against them.
    function _closeShorts(HouseState storage state, Book memory book, Market storage market) private {
        uint256 size = book.shortOpenInterest;
        book.shortOpenInterest = 0;
        book.shortQuoteDelta -= size.toInt().mulWadCeil(book.x);
        _record(state, book, market, IClearingHouse.MarketEventKind.TearUpShorts, size);
    }

    function _record(
        HouseState storage state,
        Book memory book,
        Market storage market,
        IClearingHouse.MarketEventKind kind,
        uint256 size
    ) private {
        uint256 number = ++book.events;
        Markets.setEvents(market, number);
        state.events[book.id][number] = MarketEvent({
            x: book.x.toInt128(),
            fraction: uint64(WAD),
            kind: kind,
            bookedAt: uint40(block.timestamp),
            loss: 0,
            revealed: 0
        });
        emit IClearingHouse.TornUp(book.id, number, size, WAD, book.x);
    }

    /* VIEWS */

    /// @dev See IClearingHouse.windDownOf.
    function ofMarket(
        HouseState storage state,
        MarketId id
    ) external view returns (IClearingHouse.WindDownState memory result) {
        WindDown memory terms = state.windDowns[id];
        (result.announcedPrice, result.noticeEndsAt) = (terms.price, terms.noticeEndsAt);
        (result.outageAt, result.endedAt) = (terms.outageAt, terms.endedAt);
        if (terms.endedAt != 0) {
            result.price = state.markets[id].funding.lastPriceOf();
            result.paysFrom = terms.endedAt + WIND_DOWN_PAUSE;
        } else {
            (result.allowedAt, result.price) = _dueOf(terms, state.oracle.peek(id.bit())[0]);
        }
    }

    /* WHEN, AND AT WHAT PRICE */

    /// @dev From when the market may be wound down {s}, 0: neither notice nor outage stands; and the price it would be now. D18{USD/base}
    function _dueOf(
        WindDown memory terms,
        Price memory price
    ) private pure returns (uint256 allowedAt, uint256 closingPrice) {
        closingPrice = price.price;
        if (price.status == PriceStatus.Valid) return (terms.noticeEndsAt, closingPrice);
        // No moment without a price is used for an end at another one.
        if (!_isOutageStanding(terms, price)) return (0, closingPrice);
        allowedAt = terms.outageAt + WIND_DOWN_OUTAGE;
        if (terms.noticeEndsAt == 0) return (allowedAt, closingPrice);
        // A notice that waits holds the end up by no more than a notice takes, however often it is renewed.
        allowedAt += WIND_DOWN_NOTICE;
        uint256 announcedAt = Math.max(terms.noticeEndsAt, terms.outageAt + WIND_DOWN_NOTICE);
        if (allowedAt < announcedAt) return (allowedAt, closingPrice);
        allowedAt = announcedAt;
        // The last valid price may be another than when the notice was given.
        (uint256 lowest, uint256 highest) = _boundsOf(closingPrice);
        closingPrice = terms.price;
        if (closingPrice < lowest) closingPrice = lowest;
        if (closingPrice > highest) closingPrice = highest;
    }

    /// @dev Whether a noted outage goes on: no valid price now, and none published since.
    function _isOutageStanding(WindDown memory terms, Price memory price) private pure returns (bool) {
        return terms.outageAt != 0 && price.status != PriceStatus.Valid && price.publishedAt <= terms.outageAt;
    }

    /// @dev Lowest and highest price that may be announced. D18{USD/base}
    function _boundsOf(uint256 lastPrice) private pure returns (uint256 lowest, uint256 highest) {
        lowest = lastPrice - lastPrice.mulWadDown(WIND_DOWN_MOVE);
        highest = lastPrice + lastPrice.mulWadDown(WIND_DOWN_MOVE);
    }

    function _requireRunning(HouseState storage state, MarketId id) private view {
        IClearingHouse.MarketMode mode = Markets.modeOf(state.markets[id]);
        if (mode == IClearingHouse.MarketMode.Unlisted) revert IClearingHouse.MarketNotListed(id);
        if (mode == IClearingHouse.MarketMode.WoundDown) revert IClearingHouse.MarketWoundDown(id);
    }
}
