// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {Distress} from "./Distress.sol";
import {
    DEFICIT,
    HAS_CHARGES,
    HouseState,
    LOSS_EVENT_GAP,
    MARKED,
    MAX_REFUNDS_PER_LIQUIDATION,
    MIN_BOOKED_LOSS,
    Market,
    MarketEvent,
    RESOLUTION,
    TEAR_UP
} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Positions} from "./Positions.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title Default: recognise at once, share by formula
/// @notice What a bankrupt account cannot pay is met by insurance within its caps and, last, by the unsettled gains of the same market; never by cash.
/// Its positions pass at the index to the market's resolution account, which sells to the pool near the index or is torn up at it.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library DefaultPath {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /* RECOGNITION */

    /// @dev See IClearingHouse.resolve.
    function resolve(
        HouseState storage state,
        AccountId account,
        AccountId[] calldata losers,
        AccountId keeper
    ) external {
        for (uint256 i; i < losers.length; ++i) {
            if (losers[i] != account) Touching.settle(state, losers[i], PullScope.Standing, false);
        }
        Work memory work = Touching.open(state, account, 0, Freshness.SameBlock);
        if (work.header.flags & HAS_CHARGES != 0) {
            for (uint256 i; i < work.holdings.length; ++i)
                MarketEvents.claimRefunds(state, account, work.holdings[i].book.id, MAX_REFUNDS_PER_LIQUIDATION);
            work = Touching.open(state, account, 0, Freshness.SameBlock);
        }
        _requireBankrupt(state, work);

        // Leaving its last market would release the deposit to the account: it is the keeper's from here on.
        uint256 reward = work.header.depositOf();
        for (uint256 i; i < work.holdings.length; ++i) Settlement.payGain(state, work, work.holdings[i]);
        Settlement.pullLosses(state, work, 0, PullScope.All);
        uint256 deficits;
        for (uint256 i; i < work.holdings.length; ++i) {
            Holding memory holding = work.holdings[i];
            if (holding.book.status == PriceStatus.Valid) deficits += _takeOver(state, work, holding);
        }

        work.header.depositCents = 0;
        work.header.takeCash(reward);
        work.header.bump();
        if (work.header.flags & MARKED != 0) Distress.clear(state, account, work.header);
        Settlement.finish(state, work);
        Accounts.credit(state, keeper, reward);
        emit IClearingHouse.Resolved(account, keeper, deficits, reward, work.header.cash, work.header.version);

        for (uint256 i; i < work.holdings.length; ++i) {
            if (state.markets[work.holdings[i].book.id].pendingLoss != 0) _tryBook(state, work.holdings[i].book);
        }
    }

    function _requireBankrupt(HouseState storage state, Work memory work) private view {
        (int256 equity, ) = Settlement.assess(state, work, MarginKind.Maintenance);
        if (work.header.flags & HAS_CHARGES != 0 && state.graces[work.account].until > block.timestamp) {
            equity += int256(uint256(state.graces[work.account].amount));
        }
        // The judge may be replaced; that nobody is taken over whose cash covers their losses is the ledger's own rule.
        int256 ownEquity = work.header.marginCash().toInt();
        for (uint256 i; i < work.holdings.length; ++i) ownEquity += work.holdings[i].value;
        if (equity < ownEquity) equity = ownEquity;
        if (equity >= 0) revert IClearingHouse.AccountNotBankrupt(work.account, equity);
        bool hasPrice;
        for (uint256 i; i < work.holdings.length; ++i) {
            Book memory book = work.holdings[i].book;
            IClearingHouse.MarketMode mode = Markets.modeOf(book);
            if (mode == IClearingHouse.MarketMode.Halted && work.holdings[i].leg.size != 0) {
                revert IClearingHouse.MarketNotOpen(book.id, mode);
            }
            if (book.status == PriceStatus.Valid) hasPrice = true;
        }
        // Nothing could be taken over: the deposit is not to be had for that.
        if (!hasPrice) {
            Book memory first = work.holdings[0].book;
            revert IClearingHouse.PriceNotValid(first.id, first.status);
        }
    }

    /// @dev Empties one market of a bankrupt account: the position to the resolution account, a claim to the insurance fund (which counts it as nothing
    /// until it is paid), a deficit to whoever has to bear it.
    function _takeOver(
        HouseState storage state,
        Work memory work,
        Holding memory holding
    ) private returns (uint256 deficit) {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        int256 quote = leg.quote;
        if (leg.size != 0) {
            int256 cost = (-leg.size).mulWadCeil(book.x);
            quote -= cost;
            _give(state, book, leg.size, cost);
            emit IClearingHouse.PositionMoved(
                work.account,
                book.id,
                Markets.systemAccount(book.id, RESOLUTION),
                leg.size,
                cost
            );
        }
        Settlement.store(state, work, holding, Leg({size: 0, quote: 0, seen: book.events}));
        if (quote > 0) {
            Settlement.creditClaim(state, book, accountIdOf(state.insurance, 0), uint256(quote));
        } else if (quote < 0) {
            deficit = uint256(-quote);
            _cover(state, book, deficit);
        }
    }

    /// @dev The resolution account takes over a position of `size` and is credited `quote` with it.
    function _give(HouseState storage state, Book memory book, int256 size, int256 quote) private {
        AccountId resolution = Markets.systemAccount(book.id, RESOLUTION);
        Leg memory leg = Positions.stored(state, resolution, book.id, book.events);
        Market storage market = state.markets[book.id];
        // A tear-up may have left units of older inventory.
        if (leg.size.magnitude() < market.lotSize) market.inventoryAt = uint40(block.timestamp);
        Positions.recordFill(state, book, resolution, size, -quote);
        Positions.write(
            state,
            book,
            resolution,
            leg,
            Leg({size: leg.size + size, quote: leg.quote + quote, seen: book.events}),
            false
        );
    }

    /// @dev Meets a deficit that has just been taken out of an account's quote leg: insurance pays into the reserve, the deficit account keeps the rest until
    /// it is booked. Σv: −deficit left the account, −rest arrives here, +paid is reserve.
    function _cover(HouseState storage state, Book memory book, uint256 deficit) private {
        Market storage market = state.markets[book.id];
        AccountId fund = accountIdOf(state.insurance, 0);
        AccountHeader memory header = Accounts.load(state, fund);
        uint256 paid = state.waterfall.absorb(book.id, deficit, header.cash);
        // The judge may be replaced; that the fund never pays more than is missing, or than it has, is the ledger's own rule.
        if (paid > deficit) paid = deficit;
        if (paid > header.cash) paid = header.cash;
        if (paid != 0) {
            header.takeCash(paid);
            header.bump();
            Accounts.store(state, fund, header);
            book.reserveDelta += int256(paid);
        }
        uint256 rest = deficit - paid;
        market.pendingLoss = (market.pendingLoss + rest).toUint128();
        _setDeficit(state, book, market.pendingLoss);
        Markets.renewAlerts(book, market);
        emit IClearingHouse.DeficitCovered(book.id, deficit, paid, market.pendingLoss);
    }

    /// @dev The deficit account owes exactly what waits to be booked.
    function _setDeficit(HouseState storage state, Book memory book, uint256 pending) private {
        AccountId account = Markets.systemAccount(book.id, DEFICIT);
        Positions.write(
            state,
            book,
            account,
            Leg(0, 0, 0),
            Leg({size: 0, quote: -pending.toInt(), seen: book.events}),
            false
        );
    }

    /* LOSS EVENTS */

    /// @dev See IClearingHouse.bookLoss.
    function bookLoss(HouseState storage state, MarketId id) external {
        Book memory book = _openBook(state, id);
        Markets.save(state, book);
        if (!_tryBook(state, book)) {
            revert IClearingHouse.LossNotBookable(
                id,
                state.markets[id].pendingLoss,
                MIN_BOOKED_LOSS,
                _nextEventAt(state, id)
            );
        }
    }

    /// @dev Books what waits in a saved market, if it is worth an event and the last one is long enough ago.
    function _tryBook(HouseState storage state, Book memory book) private returns (bool booked) {
        Market storage market = state.markets[book.id];
        uint256 pending = market.pendingLoss;
        if (pending < MIN_BOOKED_LOSS || block.timestamp < _nextEventAt(state, book.id)) return false;
        if (book.status != PriceStatus.Valid) return false;
        market.pendingLoss = 0;
        _setDeficit(state, book, 0);
        MarketEvents.bookLoss(state, book, pending);
        _touchStanding(state, book);
        return true;
    }

    function _nextEventAt(HouseState storage state, MarketId id) private view returns (uint256) {
        uint256 number = state.markets[id].lastLoss;
        return number == 0 ? 0 : state.events[id][number].bookedAt + LOSS_EVENT_GAP;
    }

    /// @dev The pool, the fund and the resolution account have seen every event at any time: nobody else's call has to bring them up to date.
    function _touchStanding(HouseState storage state, Book memory book) private {
        Market storage market = state.markets[book.id];
        MarketEvents.touch(state, Markets.poolOf(market), book.id, book.bucket, type(uint256).max);
        MarketEvents.touch(state, accountIdOf(state.insurance, 0), book.id, book.bucket, type(uint256).max);
        AccountId resolution = Markets.systemAccount(book.id, RESOLUTION);
        MarketEvents.touch(state, resolution, book.id, book.bucket, type(uint256).max);
        Markets.renewAlerts(book, market);
        Markets.setAlerts(market, book.rates.alertsOf());
    }

    /* INVENTORY */

    /// @dev See IClearingHouse.unwind.
    function unwind(HouseState storage state, MarketId id) external returns (int256 sizeDelta) {
        Work memory work = _openResolution(state, id);
        Book memory book = work.holdings[0].book;
        Market storage market = state.markets[id];
        // Longs and shorts taken over may have cancelled: then there is only a profit or a loss to close.
        if (work.holdings[0].leg.size != 0) {
            sizeDelta = _sellable(work, market);
            PoolSide memory pool = PoolFills.load(state, book);
            uint256 poolSize = pool.leg.size.magnitude();
            uint256 price = PoolFills.priceOf(book, sizeDelta, market.bandPips * Terms.PIP);
            PoolFills.fill(state, work, work.holdings[0], pool, sizeDelta, price);
            PoolFills.requireRoom(state, book, pool, poolSize, market.exposureCap);
            emit IClearingHouse.Unwound(id, sizeDelta, price, work.holdings[0].leg.size);
        }
        _closeInventory(state, work, market);
    }

    /// @dev Settles profit or loss of inventory that has been taken over but for less than a lot.
    function closeTaken(HouseState storage state, MarketId id) external {
        _closeInventory(state, _openResolution(state, id), state.markets[id]);
    }

    /// @dev How much the resolution account can trade with its price no further from the index than its tolerance: |k/K + Δ/2K| on the costly side.
    function _sellable(Work memory work, Market storage market) private view returns (int256) {
        Book memory book = work.holdings[0].book;
        int256 size = work.holdings[0].leg.size;
        int256 reach = book.skewScale.mulWadDown(market.unwindTolerancePips * Terms.PIP).toInt();
        int256 skew = Markets.skewOf(book);
        int256 room = 2 * (reach + (size > 0 ? skew : -skew));
        uint256 amount = room.positivePart();
        uint256 whole = size.magnitude();
        if (amount >= whole) amount = whole;
        else amount -= amount % market.lotSize;
        if (amount == 0) {
            revert IClearingHouse.UnwindTooCostly(
                book.id,
                Markets.skewRatioOf(Markets.skewOf(book), book.skewScale),
                market.unwindTolerancePips * Terms.PIP
            );
        }
        return size > 0 ? -amount.toInt() : amount.toInt();
    }

    /// @dev See IClearingHouse.tearUp. The opposite side is reduced by f = |s|/OI at the index: booked once, filled against the tear-up account when each
    /// position is next touched.
    function tearUp(HouseState storage state, MarketId id) external {
        Work memory work = _openResolution(state, id);
        Book memory book = work.holdings[0].book;
        Market storage market = state.markets[id];
        int256 size = work.holdings[0].leg.size;
        // Units that truncation left are worth no event: every position would have to apply it.
        if (size.magnitude() < market.lotSize) revert IClearingHouse.NothingToUnwind(id);
        _requireTearUpDue(work, market);

        bool tearsShorts = size > 0;
        uint256 side = tearsShorts ? book.shortOpenInterest : book.longOpenInterest;
        int256 poolSize = Positions.stored(state, Markets.poolOf(market), id, book.events).size;
        uint256 opposite = side + ((poolSize < 0) == tearsShorts ? poolSize.magnitude() : 0);
        uint256 fraction = size.magnitude() >= opposite ? WAD : size.magnitude().divWadDown(opposite);

        uint256 fromSide = side.mulWadDown(fraction);
        uint256 closed =
            fromSide + ((poolSize < 0) == tearsShorts ? LossMath.tearUpFill(poolSize, fraction).magnitude() : 0);
        _tearOff(state, work, tearsShorts ? -closed.toInt() : closed.toInt());
        // The torn side buys back (shorts) or sells (longs) `fromSide` at X, rounded against it.
        if (tearsShorts) {
            book.shortOpenInterest -= fromSide;
            book.shortQuoteDelta -= fromSide.toInt().mulWadCeil(book.x);
        } else {
            book.longOpenInterest -= fromSide;
            book.longQuoteDelta -= (-fromSide.toInt()).mulWadCeil(book.x);
        }
        uint256 number = ++book.events;
        Markets.setEvents(market, number);
        state.events[id][number] = MarketEvent({
            x: book.x.toInt128(),
            fraction: fraction.toUint64(),
            kind: tearsShorts
                ? IClearingHouse.MarketEventKind.TearUpShorts
                : IClearingHouse.MarketEventKind.TearUpLongs,
            bookedAt: uint40(block.timestamp),
            loss: 0,
            revealed: 0
        });
        emit IClearingHouse.TornUp(id, number, closed, fraction, book.x);
        _touchStanding(state, book);
        _closeInventory(state, work, market);
    }

    /// @dev The resolution account fills against the tear-up account, the mirror of what the torn side has still to give.
    function _tearOff(HouseState storage state, Work memory work, int256 sizeDelta) private {
        Book memory book = work.holdings[0].book;
        Leg memory leg = work.holdings[0].leg;
        int256 cost = sizeDelta.mulWadCeil(book.x);
        AccountId mirror = Markets.systemAccount(book.id, TEAR_UP);
        Leg memory torn = Positions.stored(state, mirror, book.id, book.events);
        Positions.write(
            state,
            book,
            mirror,
            torn,
            Leg({size: torn.size - sizeDelta, quote: torn.quote + cost, seen: book.events}),
            true
        );
        Positions.recordFill(state, book, work.account, sizeDelta, cost);
        Settlement.store(
            state,
            work,
            work.holdings[0],
            Leg({size: leg.size + sizeDelta, quote: leg.quote - cost, seen: book.events})
        );
    }

    function _requireTearUpDue(Work memory work, Market storage market) private view {
        Book memory book = work.holdings[0].book;
        uint256 loss = (-work.holdings[0].value).positivePart();
        uint256 lossNeeded = work.holdings[0].leg.size.magnitude().mulWadUp(book.price).mulWadUp(
            market.tearUpLossPips * Terms.PIP
        );
        uint256 allowedAt = uint256(market.inventoryAt) + market.tearUpDelay;
        if (block.timestamp < allowedAt && loss < lossNeeded) {
            revert IClearingHouse.TearUpTooEarly(book.id, allowedAt, loss, lossNeeded);
        }
    }

    /// @dev Once the inventory is gone (but for less than a lot), the resolution account's loss is a deficit of the market, its profit a recovery.
    function _closeInventory(HouseState storage state, Work memory work, Market storage market) private {
        Book memory book = work.holdings[0].book;
        int256 value = work.holdings[0].value;
        Leg memory leg = work.holdings[0].leg;
        bool closed = leg.size.magnitude() < market.lotSize;
        if (closed && value != 0) {
            Settlement.store(
                state,
                work,
                work.holdings[0],
                Leg({size: leg.size, quote: leg.quote - value, seen: leg.seen})
            );
            if (value < 0) _cover(state, book, uint256(-value));
            else _recover(state, book, uint256(value));
        }
        Settlement.finish(state, work);
        if (closed && market.pendingLoss != 0) _tryBook(state, book);
    }

    /// @dev A profit first meets the deficits that wait, so that nobody is charged for them, then repays the loss event that made the inventory (its charges come
    /// back as refunds), then belongs to the fund.
    function _recover(HouseState storage state, Book memory book, uint256 amount) private {
        Market storage market = state.markets[book.id];
        uint256 toPending = amount < market.pendingLoss ? amount : market.pendingLoss;
        if (toPending != 0) {
            amount -= toPending;
            market.pendingLoss = (market.pendingLoss - toPending).toUint128();
            _setDeficit(state, book, market.pendingLoss);
        }
        MarketEvent storage lossEvent = state.events[book.id][market.lastLoss];
        uint256 toWinners;
        if (market.lastLoss != 0 && lossEvent.bookedAt >= market.inventoryAt) {
            toWinners = amount < lossEvent.loss ? amount : lossEvent.loss;
            uint256 dueBefore = MarketEvents.overchargeOf(lossEvent);
            lossEvent.loss = (lossEvent.loss - toWinners).toUint128();
            market.refundsDue = (market.refundsDue + MarketEvents.overchargeOf(lossEvent) - dueBefore).toUint128();
            uint256 uncollected = toWinners < market.uncollectedLoss ? toWinners : market.uncollectedLoss;
            market.uncollectedLoss = (market.uncollectedLoss - uncollected).toUint128();
            market.surplus = (market.surplus + toWinners - uncollected).toUint128();
        }
        if (amount > toWinners)
            Settlement.creditClaim(state, book, accountIdOf(state.insurance, 0), amount - toWinners);
        Markets.renewAlerts(book, market);
        emit IClearingHouse.Recovered(book.id, toPending, toWinners, amount - toWinners);
    }

    /* OPENING */

    function _openBook(HouseState storage state, MarketId id) private returns (Book memory book) {
        Price[] memory prices = state.oracle.observe(id.bit(), Freshness.SameBlock);
        book = Markets.load(state, id, prices[0]);
        _requireOpen(book);
    }

    function _openResolution(HouseState storage state, MarketId id) private returns (Work memory work) {
        AccountId resolution = Markets.systemAccount(id, RESOLUTION);
        work = Touching.open(state, resolution, id.bit(), Freshness.Latest);
        Book memory book = work.holdings[0].book;
        _requireOpen(book);
        if (work.holdings[0].leg.size == 0 && work.holdings[0].leg.quote == 0)
            revert IClearingHouse.NothingToUnwind(id);
    }

    function _requireOpen(Book memory book) private pure {
        if (book.status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(book.id, book.status);
        IClearingHouse.MarketMode mode = Markets.modeOf(book);
        if (mode == IClearingHouse.MarketMode.Halted) revert IClearingHouse.MarketNotOpen(book.id, mode);
    }
}
