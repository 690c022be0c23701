// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Coverage} from "./Coverage.sol";
import {Distress} from "./Distress.sol";
import {HouseState, MARKED, Market, TRANCHE} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {OrderRules} from "./OrderRules.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @notice What a fill finds.
/// @param size D18{base}, signed, of the position
/// @param cash D18{USD}, of the account, without its deposit
/// @param poolSize D18{base}, unsigned
struct Before {
    int256 size;
    uint256 cash;
    uint256 poolSize;
}

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
        OrderRules.requirePrice(book);
        Market storage market = state.markets[book.id];
        PoolSide memory pool = PoolFills.load(state, book);
        if (pool.account == work.account) revert IClearingHouse.SystemAccount(work.account);

        _requireLots(holding, request.sizeDelta, market.lotSize);
        bool reduces = OrderRules.requireReduction(work, holding, request.sizeDelta, request.reduceOnly);
        Settlement.pullLosses(state, work, index, PullScope.Acted);
        Settlement.payGain(state, work, holding);

        bool insideBand;
        (price, insideBand) = _priceOf(book, request, market.bandPips * Terms.PIP, reduces);
        feeUsd = PoolFills.feeOf(book, market, request.sizeDelta);
        OrderRules.drawForCosts(
            state,
            work,
            holding,
            request.sizeDelta,
            price,
            feeUsd + request.keeperFeeUsd,
            reduces ? 0 : depositUsd
        );

        Before memory before = Before(holding.leg.size, work.header.marginCash(), pool.leg.size.magnitude());
        uint256 unpaid = PoolFills.fill(state, work, holding, pool, request.sizeDelta, price);
        if (!reduces) OrderRules.lockDeposit(state, work, depositUsd);
        _charge(state, work, holding, pool, request, feeUsd, unpaid, reduces);

        OrderRules.requirePosition(work, holding, market, reduces);
        if (!reduces) _requireOpening(state, work, index, pool, before);
        else if (insideBand) OrderRules.requireSolvent(state, work);
        else OrderRules.requireInitialMargin(state, work);
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
        if (work.header.flags & MARKED != 0) Distress.update(state, work);
        Settlement.finish(state, work);
    }

    /// @dev Caps, the pool's own margin and the market's coverage never block closing.
    function _requireOpening(
        HouseState storage state,
        Work memory work,
        uint256 index,
        PoolSide memory pool,
        Before memory before
    ) private {
        Book memory book = work.holdings[index].book;
        PoolFills.requireRoom(state, book, pool, before.poolSize, state.markets[book.id].exposureCap);
        Coverage.requireOpen(state, book);
        OrderRules.requireOpeningMargin(state, work, index, before.size, before.cash);
    }

    /// @dev A tear-up may leave a size that is no multiple of the lot: closing all of it is always possible.
    function _requireLots(Holding memory holding, int256 delta, uint256 lotSize) private pure {
        if (delta == 0 || (delta.magnitude() % lotSize != 0 && delta != -holding.leg.size))
            revert IClearingHouse.SizeNotInLots(delta, lotSize);
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
        uint256 available = Settlement.availableOf(state, work);
        uint256 needed = feeUsd + request.keeperFeeUsd;
        if (!reduces && (unpaidEdge != 0 || available < needed)) {
            revert IClearingHouse.CashTooLow(work.account, available, needed + unpaidEdge);
        }
        // The keeper first: without one nothing is executed.
        uint256 keeperFee = available < request.keeperFeeUsd ? available : request.keeperFeeUsd;
        uint256 fee = available - keeperFee < feeUsd ? available - keeperFee : feeUsd;
        work.header.takeCash(keeperFee + fee);
        uint256 toTranche = fee.mulWadUp(state.markets[request.market].insuranceSharePips * Terms.PIP);
        pool.header.addCash(fee - toTranche);
        Accounts.credit(state, Markets.systemAccount(request.market, TRANCHE), toTranche);
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
}
