// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Deficits} from "./Deficits.sol";
import {Distress} from "./Distress.sol";
import {HouseState, Market, MarketEvent, RESOLUTION, TEAR_UP} from "./HouseState.sol";
import {Inventory} from "./Inventory.sol";
import {Liquidating} from "./Liquidating.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {PoolTearUps} from "./PoolTearUps.sol";
import {Positions} from "./Positions.sol";
import {Refunds} from "./Refunds.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title What defaults left: sold to the pool near the index, else torn up at it
/// @notice A tear-up reduces the opposite side by one fraction f at the index, booked once in O(1) and filled against the tear-up account when each position is
/// next touched. Nobody chooses whom it meets (G5, TEAR-1).
/// @dev Deployed on its own and linked: it runs in the house's storage.
library InventoryPath {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /* SELLING */

    /// @dev See IClearingHouse.unwind.
    function unwind(HouseState storage state, MarketId id) external returns (int256 sizeDelta) {
        Work memory work = _openResolution(state, id);
        Market storage market = state.markets[id];
        // Longs and shorts taken over may have cancelled: then there is only a profit or a loss to close.
        if (work.holdings[0].leg.size != 0) {
            Book memory book = work.holdings[0].book;
            sizeDelta = Inventory.sellableOf(work.holdings[0], market);
            if (sizeDelta == 0) {
                revert IClearingHouse.UnwindTooCostly(
                    id,
                    Markets.skewRatioOf(Markets.skewOf(book), book.skewScale),
                    market.unwindTolerancePips * Terms.PIP
                );
            }
            PoolSide memory pool = PoolFills.load(state, book);
            uint256 poolSize = pool.leg.size.magnitude();
            _sell(state, work, pool, sizeDelta);
            PoolFills.requireRoom(state, book, pool, poolSize, market.exposureCap);
        }
        _closeInventory(state, work, market);
    }

    function _sell(HouseState storage state, Work memory work, PoolSide memory pool, int256 sizeDelta) private {
        Holding memory holding = work.holdings[0];
        Book memory book = holding.book;
        uint256 price = PoolFills.priceOf(book, sizeDelta, state.markets[book.id].bandPips * Terms.PIP);
        PoolFills.fill(state, work, holding, pool, sizeDelta, price);
        emit IClearingHouse.Unwound(book.id, sizeDelta, price, holding.leg.size);
    }

    /* TEARING UP */

    /// @dev See IClearingHouse.tearUp.
    function tearUp(HouseState storage state, MarketId id) external {
        Work memory work = _openResolution(state, id);
        Market storage market = state.markets[id];
        // Units that truncation left are worth no event: every position would have to apply it.
        if (work.holdings[0].leg.size.magnitude() < market.lotSize) revert IClearingHouse.NothingToUnwind(id);
        _requireTearUpDue(work, market);
        _sellWhatPoolTakes(state, work, market);
        uint256 size = work.holdings[0].leg.size.magnitude();
        if (size >= market.lotSize) {
            _tear(state, work, work.holdings[0], size);
            Deficits.touchStanding(state, work.holdings[0].book);
        }
        _closeInventory(state, work, market);
    }

    /// @dev See IClearingHouse.tearUpPool. The pool is a side of its own: its position changes here, the torn side's when next touched.
    function tearUpPool(
        HouseState storage state,
        MarketId id
    ) external returns (ILiquidationEngine.PoolPlan memory plan) {
        AccountId pool = Markets.poolOf(state.markets[id]);
        Refunds.claimBefore(state, pool, id.bit(), Freshness.Latest);
        Work memory work = Touching.open(state, pool, id.bit(), Freshness.Latest);
        Holding memory holding = work.holdings[Touching.indexOf(work, id)];
        Markets.requireOpen(holding.book);
        plan = PoolTearUps.planFor(state, work, id, Liquidating.graceOf(state, pool, work.header));
        PoolTearUps.requireDue(id, plan);

        int256 sizeBefore = holding.leg.size;
        // The planner may be replaced; that it never turns or enlarges a position is the ledger's own rule.
        Liquidating.reductionOf(pool, sizeBefore, plan.closeSize);
        _tear(state, work, holding, _inFractions(holding, plan.closeSize));
        Deficits.touchStanding(state, holding.book);
        work.header.slicedAt = block.timestamp;
        work.header.bump();
        Distress.update(state, work);
        Settlement.finish(state, work);
        Leg memory leg = holding.leg;
        emit IClearingHouse.PoolTornUp({
            account: pool,
            market: id,
            number: holding.book.events,
            sizeDelta: leg.size - sizeBefore,
            equityUsd: plan.equityUsd,
            maintenanceUsd: plan.maintenanceUsd,
            size: leg.size,
            quote: leg.quote,
            cashUsd: work.header.cash,
            version: work.header.version
        });
    }

    /// @dev `closeSize` and as many units as a fraction of the side, rounded down, may fall short of it; at most the position. D18{base}
    function _inFractions(Holding memory holding, uint256 closeSize) private pure returns (uint256) {
        Book memory book = holding.book;
        uint256 side = holding.leg.size > 0 ? book.shortOpenInterest : book.longOpenInterest;
        return Math.min(closeSize + side / WAD + 2, holding.leg.size.magnitude());
    }

    /// @dev Nobody is torn up for what the pool would still take: that no other route is open is shown by taking it.
    function _sellWhatPoolTakes(HouseState storage state, Work memory work, Market storage market) private {
        int256 sizeDelta = Inventory.sellableOf(work.holdings[0], market);
        if (sizeDelta == 0) return;
        Book memory book = work.holdings[0].book;
        PoolSide memory pool = PoolFills.load(state, book);
        if (PoolFills.hasRoom(state, book, pool, pool.leg.size - sizeDelta, market.exposureCap)) {
            _sell(state, work, pool, sizeDelta);
        }
    }

    function _requireTearUpDue(Work memory work, Market storage market) private view {
        (uint256 allowedAt, uint256 loss, uint256 lossNeeded) = Inventory.tearUpTermsOf(work.holdings[0], market);
        if (!Inventory.isTearUpDue(allowedAt, loss, lossNeeded)) {
            revert IClearingHouse.TearUpTooEarly(work.holdings[0].book.id, allowedAt, loss, lossNeeded);
        }
    }

    /// @dev Closes up to `size` of a position of `work` at the index, against the opposite side: all of it by the fraction f = size/OI, rounded down. The pool is
    /// in no side sum; where it stands opposite it is torn up like everybody else.
    function _tear(HouseState storage state, Work memory work, Holding memory holding, uint256 size) private {
        Book memory book = holding.book;
        Market storage market = state.markets[book.id];
        bool tearsShorts = holding.leg.size > 0;
        uint256 side = tearsShorts ? book.shortOpenInterest : book.longOpenInterest;
        int256 poolSize = Positions.stored(state, Markets.poolOf(market), book.id, book.events).size;
        bool isPoolOpposite = (poolSize < 0) == tearsShorts;
        uint256 opposite = side + (isPoolOpposite ? poolSize.magnitude() : 0);
        uint256 fraction = size >= opposite ? WAD : size.divWadDown(opposite);

        uint256 fromSide = side.mulWadDown(fraction);
        uint256 closed = fromSide + (isPoolOpposite ? LossMath.tearUpFill(poolSize, fraction).magnitude() : 0);
        _fillAgainstMirror(state, work, holding, tearsShorts ? -closed.toInt() : closed.toInt());
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
        state.events[book.id][number] = MarketEvent({
            x: book.x.toInt128(),
            fraction: fraction.toUint64(),
            kind: tearsShorts
                ? IClearingHouse.MarketEventKind.TearUpShorts
                : IClearingHouse.MarketEventKind.TearUpLongs,
            bookedAt: uint40(block.timestamp),
            loss: 0,
            revealed: 0
        });
        emit IClearingHouse.TornUp(book.id, number, closed, fraction, book.x);
    }

    /// @dev Fills against the tear-up account, the mirror of what the torn side has still to give.
    function _fillAgainstMirror(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        int256 sizeDelta
    ) private {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
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
            holding,
            Leg({size: leg.size + sizeDelta, quote: leg.quote - cost, seen: book.events})
        );
    }

    /* CLOSING */

    /// @dev Settles profit or loss of inventory that has been taken over but for less than a lot.
    function closeTaken(HouseState storage state, MarketId id) external {
        _closeInventory(state, _openResolution(state, id), state.markets[id]);
    }

    /// @dev Writes the resolution account. Once the inventory is gone (but for less than a lot), its loss is a deficit of the market, its profit a recovery.
    function _closeInventory(HouseState storage state, Work memory work, Market storage market) private {
        Holding memory holding = work.holdings[0];
        Book memory book = holding.book;
        int256 value = holding.value;
        Leg memory leg = holding.leg;
        bool closed = leg.size.magnitude() < market.lotSize;
        if (closed && value != 0) {
            Settlement.store(state, work, holding, Leg({size: leg.size, quote: leg.quote - value, seen: leg.seen}));
            Deficits.saveForBackstop(state, book);
            if (value < 0) Deficits.cover(state, book, uint256(-value), work.account);
            else Deficits.recover(state, book, uint256(value));
        }
        Settlement.finish(state, work);
        if (closed && market.pendingLoss != 0) Deficits.tryBook(state, book);
    }

    function _openResolution(HouseState storage state, MarketId id) private returns (Work memory work) {
        AccountId resolution = Markets.systemAccount(id, RESOLUTION);
        work = Touching.open(state, resolution, id.bit(), Freshness.Latest);
        Holding memory holding = work.holdings[0];
        Markets.requireOpen(holding.book);
        if (holding.leg.size == 0 && holding.leg.quote == 0) revert IClearingHouse.NothingToUnwind(id);
    }
}
