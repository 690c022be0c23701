// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {accountIdOf} from "../types/AccountId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState, Market} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title Orders against the pool
/// @notice Adding risk ends with `E ≥ IM`. Bringing a position nearer to zero needs only `E ≥ 0` while price and keeper's fee together cost no more than
/// the band allows for what is closed (HEALTH-1); otherwise many small reductions could pay the margin of a position to a keeper of one's own.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library Trading {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev See IClearingHouse.trade; the caller has been checked.
    function trade(
        HouseState storage state,
        IClearingHouse.TradeRequest calldata request,
        uint256 depositUsd
    ) external returns (uint256 price, uint256 feeUsd) {
        Work memory work = Touching.open(state, request.account, request.market.bit(), Freshness.Latest);
        uint256 index = Touching.indexOf(work, request.market);
        Holding memory holding = work.holdings[index];
        Book memory book = holding.book;
        if (book.status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(book.id, book.status);
        Market storage market = state.markets[book.id];
        PoolSide memory pool = PoolFills.load(state, book);
        if (pool.account == work.account) revert IClearingHouse.SystemAccount(work.account);

        bool reduces = _requireSize(work, holding, request, market.lotSize);
        Settlement.pullLosses(state, work, index, PullScope.Acted);
        Settlement.payGain(state, work, holding);

        bool insideBand;
        (price, insideBand) = _priceOf(book, request, market.bandPips * Terms.PIP, reduces);
        feeUsd = PoolFills.feeOf(book, market, request.sizeDelta);
        uint256 poolSize = pool.leg.size.magnitude();

        uint256 unpaid = PoolFills.fill(state, work, holding, pool, request.sizeDelta, price);
        if (!reduces) _lockDeposit(state, work, depositUsd);
        _charge(state, work, holding, pool, request, feeUsd, unpaid, reduces);

        if (!reduces) _requirePosition(work, holding, market);
        else _requireRemainder(work, holding, market);
        // Caps and the pool's own margin never block closing.
        if (!reduces) PoolFills.requireRoom(state, book, pool, poolSize, market.exposureCap);
        _requireMargin(state, work, reduces && insideBand);
        Leg memory leg = holding.leg;
        work.header.bump();
        emit IClearingHouse.Traded(
            work.account,
            book.id,
            request.sizeDelta,
            price,
            feeUsd,
            leg.size,
            leg.quote,
            work.header.cash,
            work.header.version
        );
        Accounts.store(state, pool.account, pool.header);
        Settlement.finish(state, work);
    }

    /// @dev Checks the order's size; true when it brings the position nearer to zero without crossing it.
    function _requireSize(
        Work memory work,
        Holding memory holding,
        IClearingHouse.TradeRequest calldata request,
        uint256 lotSize
    ) private pure returns (bool reduces) {
        int256 size = holding.leg.size;
        int256 delta = request.sizeDelta;
        // A tear-up may leave a size that is no multiple of the lot: closing all of it is always possible.
        if (delta == 0 || (delta.magnitude() % lotSize != 0 && delta != -size))
            revert IClearingHouse.SizeNotInLots(delta, lotSize);
        reduces = size != 0 && (size > 0) != (delta > 0) && delta.magnitude() <= size.magnitude();
        if (!reduces && request.reduceOnly) revert IClearingHouse.NotAReduction(work.account, size, delta);
        Book memory book = holding.book;
        if (
            book.mode == IClearingHouse.MarketMode.Halted || (book.mode != IClearingHouse.MarketMode.Open && !reduces)
        ) {
            revert IClearingHouse.MarketNotOpen(book.id, book.mode);
        }
    }

    /// @dev The pool's price with the venue's spread on top, checked against band and limit.
    /// @return price D18{USD/base}
    /// @return insideBand whether price and keeper's fee cost at most the band, in USD per unit filled
    function _priceOf(
        Book memory book,
        IClearingHouse.TradeRequest calldata request,
        uint256 band,
        bool reduces
    ) private pure returns (uint256 price, bool insideBand) {
        int256 delta = request.sizeDelta;
        price = PoolFills.priceOf(book, delta, band);
        uint256 spread = price.mulWadUp(request.spread);
        if (delta > 0) {
            price += spread;
            if (price > request.limitPrice) revert IClearingHouse.PriceBeyondLimit(price, request.limitPrice);
        } else {
            price = price > spread ? price - spread : 0;
            if (price < request.limitPrice) revert IClearingHouse.PriceBeyondLimit(price, request.limitPrice);
        }
        int256 cost = delta > 0 ? price.toInt() - book.price.toInt() : book.price.toInt() - price.toInt();
        cost += request.keeperFeeUsd.divWadUp(delta.magnitude()).toInt();
        insideBand = cost <= book.price.mulWadDown(band).toInt();
        if (!reduces && PoolFills.addsToSkew(book, delta)) {
            uint256 marginal = (Markets.skewOf(book) + delta).magnitude().divWadUp(book.skewScale);
            if (marginal > band) revert IClearingHouse.PriceBeyondBand(book.id, marginal, band);
        }
    }

    /// @dev An opening locks the liquidation deposit, or what liquidations took of it; cash held for a market without a valid price is not there for it.
    function _lockDeposit(HouseState storage state, Work memory work, uint256 depositUsd) private view {
        uint256 locked = work.header.depositOf();
        if (locked >= depositUsd) return;
        uint256 available = work.header.marginCash() - Accounts.heldOf(state, work.account, work.header);
        uint256 missing = depositUsd - locked;
        if (available < missing) revert IClearingHouse.CashTooLow(work.account, available, missing);
        work.header.depositCents = depositUsd / Accounts.CENT; // bounded in the house's constructor
    }

    /// @dev Takes fee and keeper's fee. What a reduction cannot pay in cash moves as a claim to the pool; an opening has to have it.
    function _charge(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        PoolSide memory pool,
        IClearingHouse.TradeRequest calldata request,
        uint256 feeUsd,
        uint256 unpaidEdge,
        bool reduces
    ) private {
        uint256 available = work.header.marginCash() - Accounts.heldOf(state, work.account, work.header);
        uint256 needed = feeUsd + request.keeperFeeUsd;
        if (!reduces && (unpaidEdge != 0 || available < needed)) {
            revert IClearingHouse.CashTooLow(work.account, available, needed + unpaidEdge);
        }
        // The keeper first: without one nothing is executed.
        uint256 keeperFee = available < request.keeperFeeUsd ? available : request.keeperFeeUsd;
        uint256 fee = available - keeperFee < feeUsd ? available - keeperFee : feeUsd;
        work.header.takeCash(keeperFee + fee);
        uint256 toInsurance = fee.mulWadUp(state.markets[request.market].insuranceSharePips * Terms.PIP);
        pool.header.addCash(fee - toInsurance);
        Accounts.credit(state, accountIdOf(state.insurance, 0), toInsurance);
        if (keeperFee != 0) {
            if (request.keeper == work.account) work.header.addCash(keeperFee);
            else if (request.keeper == pool.account) pool.header.addCash(keeperFee);
            else Accounts.credit(state, request.keeper, keeperFee);
        }
        if (fee < feeUsd) moveClaim(state, work, holding, pool, feeUsd - fee);
    }

    /// @dev Moves a claim of `amountUsd` from the account's quote leg to the pool's.
    function moveClaim(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        PoolSide memory pool,
        uint256 amountUsd
    ) internal {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        int256 amount = int256(amountUsd);
        Leg memory poolUpdated = Leg({size: pool.leg.size, quote: pool.leg.quote + amount, seen: book.events});
        PoolFills.storePool(state, book, pool, poolUpdated, -amount);
        Settlement.store(state, work, holding, Leg({size: leg.size, quote: leg.quote - amount, seen: book.events}));
    }

    function _requirePosition(Work memory work, Holding memory holding, Market storage market) private view {
        uint256 notional = holding.leg.size.magnitude().mulWadDown(holding.book.price);
        if (notional < market.minNotional)
            revert IClearingHouse.PositionBelowMinimum(work.account, notional, market.minNotional);
    }

    function _requireRemainder(Work memory work, Holding memory holding, Market storage market) private view {
        if (holding.leg.size != 0) _requirePosition(work, holding, market);
    }

    function _requireMargin(HouseState storage state, Work memory work, bool onlySolvent) private view {
        if (onlySolvent) {
            // A closed account without debt needs no judge.
            if (work.header.markets == 0) return;
            (int256 equity, ) = Settlement.assess(state, work, MarginKind.Maintenance);
            if (equity < 0) revert IClearingHouse.AccountBankrupt(work.account, equity);
        } else {
            (int256 equity, uint256 required) = Settlement.assess(state, work, MarginKind.Initial);
            if (equity < required.toInt())
                revert IClearingHouse.AccountBelowInitialMargin(work.account, equity, required);
        }
    }
}
