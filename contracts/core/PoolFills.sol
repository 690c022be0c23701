// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FillQuote, SkewMath} from "../libraries/SkewMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState, Market} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {AccountHeader, Leg, Words} from "./Words.sol";

/// @notice The pool's side of a market in memory.
struct PoolSide {
    AccountId account;
    AccountHeader header;
    Leg leg;
}

/// @title Fills against a market's pool
/// @notice The house computes the pool's price itself, so no venue can choose it. After a fill `Σs = 0` and `Σv` is unchanged to the unit, and the side that
/// gave up value against the index has paid that edge in cash, as far as its cash reaches.
library PoolFills {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;
    using Words for AccountHeader;

    /// @dev The pool of a market.
    function load(HouseState storage state, Book memory book) internal view returns (PoolSide memory pool) {
        read(pool, state, book);
    }

    /// @dev Fills `pool`, which is empty. Where something acts, its events have been applied; in a view some may still be to come.
    function read(PoolSide memory pool, HouseState storage state, Book memory book) internal view {
        pool.account = Markets.poolOf(state.markets[book.id]);
        pool.header.read(state.headers[pool.account]);
        Positions.readEffective(pool.leg, state, pool.account, book.id, book.events, type(uint256).max);
    }

    /// @dev E of the pool: it is in one market only. D18{USD}
    function equityOf(Book memory book, PoolSide memory pool) internal pure returns (int256) {
        return int256(uint256(pool.header.cash)) + Markets.valueOf(book, pool.leg.size, pool.leg.quote);
    }

    /// @dev The pool's price for a fill. One that brings the skew nearer to zero is clamped to the band, so the pool never gives more than that.
    function priceOf(Book memory book, int256 sizeDelta, uint256 band) internal pure returns (uint256 price) {
        price = SkewMath.fillPrice(
            FillQuote({
                indexPrice: book.price,
                skew: Markets.skewOf(book),
                sizeDelta: sizeDelta,
                skewScale: book.skewScale
            })
        );
        if (!addsToSkew(book, sizeDelta)) price = SkewMath.clampToBand(price, book.price, band);
    }

    /// @dev Fee of an order on its notional at the index: the maker's for what takes the skew towards zero, the taker's for the rest, so no split is
    /// cheaper than the whole (ROUND-1). D18{USD}, rounded up
    function feeOf(Book memory book, Market storage market, int256 sizeDelta) internal view returns (uint256) {
        int256 skew = Markets.skewOf(book);
        uint256 size = sizeDelta.magnitude();
        uint256 making = (skew < 0) == (sizeDelta < 0) ? 0 : skew.magnitude();
        if (making > size) making = size;
        uint256 weighted = making * market.makerFeePips + (size - making) * market.takerFeePips;
        return weighted.mulWadUp(Terms.PIP).mulWadUp(book.price);
    }

    /// @dev After a fill: a pool that grew has to be inside its cap and above its initial margin. Below, it only takes what reduces its size.
    function requireRoom(
        HouseState storage state,
        Book memory book,
        PoolSide memory pool,
        uint256 sizeBefore,
        uint256 exposureCap
    ) internal view {
        uint256 size = pool.leg.size.magnitude();
        if (size <= sizeBefore) return;
        if (size > exposureCap) revert IClearingHouse.PoolExposureExceeded(book.id, size, exposureCap);
        int256 equity = equityOf(book, pool);
        uint256 required = _initialMarginOf(state, book, size);
        if (equity < required.toInt()) revert IClearingHouse.PoolBelowInitialMargin(book.id, equity, required);
    }

    /// @dev Whether a pool that is about to get `sizeAfter` will pass `requireRoom`, by the equity it has: a fill that enlarges it only adds to that.
    function hasRoom(
        HouseState storage state,
        Book memory book,
        PoolSide memory pool,
        int256 sizeAfter,
        uint256 exposureCap
    ) internal view returns (bool) {
        uint256 size = sizeAfter.magnitude();
        if (size <= pool.leg.size.magnitude()) return true;
        return size <= exposureCap && equityOf(book, pool) >= _initialMarginOf(state, book, size).toInt();
    }

    function _initialMarginOf(HouseState storage state, Book memory book, uint256 size) private view returns (uint256) {
        return
            state.risk.initialMarginOf(
                book.id,
                size.mulWadUp(book.price),
                SkewMath.depthUsd(book.skewScale, book.price),
                Markets.largerSideUsdUp(book)
            );
    }

    /// @dev Whether a fill takes the traders' net size further from zero.
    function addsToSkew(Book memory book, int256 sizeDelta) internal pure returns (bool) {
        int256 skew = Markets.skewOf(book);
        return (skew + sizeDelta).magnitude() > skew.magnitude();
    }

    /// @dev Fills `sizeDelta` of `work` against the pool at `price`. What the filled account cannot pay of its edge stays in its
    /// quote leg as an ordinary unsettled loss.
    /// @return unpaid D18{USD}, that rest
    function fill(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        PoolSide memory pool,
        int256 sizeDelta,
        uint256 price
    ) internal returns (uint256 unpaid) {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        int256 cost = sizeDelta.mulWadCeil(price.toInt() - book.fundingIndex);
        Leg memory updated = Leg({size: leg.size + sizeDelta, quote: leg.quote - cost, seen: book.events});
        Leg memory poolUpdated = Leg({
            size: pool.leg.size - sizeDelta,
            quote: pool.leg.quote + cost,
            seen: book.events
        });

        // Δ·(p − P): positive when the account gave up value against the index.
        int256 edge = sizeDelta.mulWadCeil(price.toInt() - book.price.toInt());
        uint256 paid;
        uint256 poolPaid;
        if (edge > 0) {
            uint256 cash = Settlement.availableOf(state, work);
            paid = cash < uint256(edge) ? cash : uint256(edge);
            unpaid = uint256(edge) - paid;
            work.header.takeCash(paid);
            updated.quote += int256(paid);
        } else if (edge < 0) {
            uint256 cash = pool.header.cash;
            poolPaid = cash < uint256(-edge) ? cash : uint256(-edge);
            pool.header.takeCash(poolPaid);
            Accounts.store(state, pool.account, pool.header);
            poolUpdated.quote += int256(poolPaid);
        }
        book.reserveDelta += int256(paid + poolPaid);

        Positions.recordFill(state, book, work.account, sizeDelta, cost - int256(paid));
        storePool(state, book, pool, poolUpdated, -cost - int256(poolPaid));
        Settlement.store(state, work, holding, updated);
    }

    /// @dev Writes the pool's new position and remembers the fill that led to it, which took `cost` off its quote leg.
    function storePool(
        HouseState storage state,
        Book memory book,
        PoolSide memory pool,
        Leg memory updated,
        int256 cost
    ) internal {
        Positions.recordFill(state, book, pool.account, updated.size - pool.leg.size, cost);
        Positions.write(state, book, pool.account, pool.leg, updated, true);
        pool.leg = updated;
    }
}
