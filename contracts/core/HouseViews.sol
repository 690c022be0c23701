// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Price} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {FreeCash} from "./FreeCash.sol";
import {HAS_CHARGES, HouseState, MAX_REFUNDS_PER_LIQUIDATION, Market, MarketEvent} from "./HouseState.sol";
import {Liquidating} from "./Liquidating.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Matching} from "./Matching.sol";
import {OrderRules} from "./OrderRules.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Positions} from "./Positions.sol";
import {Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg, Words} from "./Words.sol";

/// @title Views of the house
/// @notice Each runs the very functions that the acting path runs, on prices that are read but not stored.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library HouseViews {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;
    using Words for Leg;

    function accountOf(
        HouseState storage state,
        AccountId account
    ) external view returns (IClearingHouse.AccountState memory) {
        AccountHeader memory header = Accounts.load(state, account);
        return
            IClearingHouse.AccountState({
                cashUsd: header.cash,
                depositUsd: header.depositOf(),
                heldUsd: Accounts.heldOf(state, account, header),
                markets: header.markets,
                version: header.version,
                slicedAt: header.slicedAt,
                sliceUsedRatio: Liquidating.sliceUsedRatioOf(header),
                graceUsd: Liquidating.graceOf(state, account, header)
            });
    }

    function positionOf(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) external view returns (IClearingHouse.PositionState memory) {
        Leg memory stored;
        stored.read(state.positions[account][id]);
        Leg memory leg = Positions.effective(
            state,
            account,
            id,
            Markets.eventsOf(state.markets[id]),
            type(uint256).max
        );
        return
            IClearingHouse.PositionState({
                size: leg.size,
                quote: leg.quote,
                storedSize: stored.size,
                storedQuote: stored.quote,
                eventsSeen: stored.seen
            });
    }

    function marketOf(HouseState storage state, MarketId id) external view returns (IClearingHouse.MarketState memory) {
        Market storage market = state.markets[id];
        Book memory book = Markets.load(state, id, state.oracle.peek(id.bit())[0]);
        (int256 longQuote, int256 shortQuote) = Markets.quotesOf(market, book);
        return
            IClearingHouse.MarketState({
                mode: book.mode,
                longOpenInterest: book.longOpenInterest,
                shortOpenInterest: book.shortOpenInterest,
                longQuote: longQuote,
                shortQuote: shortQuote,
                reserveUsd: Markets.reserveOf(market, book),
                uncollectedLossUsd: market.uncollectedLoss,
                surplusUsd: market.surplus,
                pendingLossUsd: market.pendingLoss,
                fundingIndex: book.fundingIndex,
                fundingRate: book.fundingRate,
                averageSkewRatio: Markets.averageSkewOf(market),
                lastPrice: market.funding.lastPriceOf(),
                updatedAt: market.funding.updatedAtOf(),
                events: book.events,
                bucketUsedUsd: market.reserves.bucketUsedOf(),
                bucketAt: market.reserves.bucketAtOf()
            });
    }

    function eventOf(
        HouseState storage state,
        MarketId id,
        uint256 number
    ) external view returns (IClearingHouse.MarketEventState memory) {
        MarketEvent storage marketEvent = state.events[id][number];
        return
            IClearingHouse.MarketEventState({
                kind: marketEvent.kind,
                x: marketEvent.x,
                fraction: marketEvent.fraction,
                lossUsd: marketEvent.loss,
                revealedUsd: marketEvent.revealed,
                bookedAt: marketEvent.bookedAt
            });
    }

    function termsOf(HouseState storage state, MarketId id) external view returns (IClearingHouse.MarketTerms memory) {
        return Terms.read(state.markets[id]);
    }

    function portfolioOf(
        HouseState storage state,
        AccountId account,
        MarginKind kind
    ) external view returns (Portfolio memory) {
        return _portfolioOf(state, account, _peek(state, account, 0), kind);
    }

    function marginOf(
        HouseState storage state,
        AccountId account,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd) {
        return state.risk.assess(_portfolioOf(state, account, _peek(state, account, 0), kind), kind);
    }

    function freeCashOf(HouseState storage state, AccountId account) external view returns (uint256) {
        if (!FreeCash.needsPrices(state, account)) return FreeCash.flat(state, account);
        Work memory work = _peek(state, account, 0);
        return FreeCash.gathered(state, work, _portfolioOf(state, account, work, MarginKind.Initial));
    }

    function previewLiquidation(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) external view returns (ILiquidationEngine.Plan memory) {
        ILiquidationEngine.PlanCode refusal = _refusalOf(state, account, id);
        if (refusal != ILiquidationEngine.PlanCode.Full) return Liquidating.plan0(refusal);
        (Work memory work, uint256 index, uint256 grace) = _peekVictim(state, account, id);
        PoolSide memory pool;
        return Liquidating.planFor(state, work, index, grace, pool);
    }

    function previewLiquidationMatch(
        HouseState storage state,
        AccountId account,
        MarketId id,
        int256 makerSizeDelta,
        uint256 price
    ) external view returns (ILiquidationEngine.Plan memory plan) {
        ILiquidationEngine.PlanCode refusal = _refusalOf(state, account, id);
        if (refusal != ILiquidationEngine.PlanCode.Full) return Liquidating.plan0(refusal);
        (Work memory work, uint256 index, uint256 grace) = _peekVictim(state, account, id);
        plan = Liquidating.planAgainst(state, work, index, grace, makerSizeDelta, price);
        if (Liquidating.acts(plan)) Matching.requireBand(work.holdings[index].book, state.markets[id], price);
    }

    /// @dev Why no plan is asked for; `Full` where one is.
    function _refusalOf(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) private view returns (ILiquidationEngine.PlanCode) {
        if (Positions.sizeOf(state, account, id) == 0 || account.owner() == address(this))
            return ILiquidationEngine.PlanCode.NoPosition;
        if (Touching.tooManyEvents(state, account)) return ILiquidationEngine.PlanCode.EventsPending;
        return ILiquidationEngine.PlanCode.Full;
    }

    /// @dev The account as a liquidation finds it: refunds claimed, charges too recent counted as grace.
    function _peekVictim(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) private view returns (Work memory work, uint256 index, uint256 grace) {
        work = _peek(state, account, id.bit());
        index = Touching.indexOf(work, id);
        grace = Liquidating.graceOf(state, account, work.header);
        for (uint256 i; i < work.holdings.length; ++i) {
            Book memory book = work.holdings[i].book;
            grace += MarketEvents.waitingGraceOf(state, account, book.id, book.events);
        }
        if (work.header.flags & HAS_CHARGES != 0 && Touching.pendingEvents(state, account, id) == 0) {
            int256 refund = int256(MarketEvents.refundable(state, account, id, MAX_REFUNDS_PER_LIQUIDATION));
            work.holdings[index].leg.quote += refund;
            work.holdings[index].value += refund;
        }
    }

    function previewTrade(
        HouseState storage state,
        MarketId id,
        int256 sizeDelta
    ) external view returns (uint256 price, uint256 feeUsd) {
        Market storage market = state.markets[id];
        Book memory book = Markets.load(state, id, state.oracle.peek(id.bit())[0]);
        price = PoolFills.priceOf(book, sizeDelta, market.bandPips * Terms.PIP);
        feeUsd = PoolFills.feeOf(book, market, sizeDelta);
    }

    /// @dev The account as the acting path will show it to the risk engine: that path has applied waiting events by then, and what tear-ups closed is too
    /// young to count.
    function _portfolioOf(
        HouseState storage state,
        AccountId account,
        Work memory work,
        MarginKind kind
    ) private view returns (Portfolio memory portfolio) {
        portfolio = Settlement.portfolioOf(state, work, kind);
        if (kind != MarginKind.Initial) return portfolio;
        for (uint256 i; i < portfolio.exposures.length; ++i) {
            MarketId id = portfolio.exposures[i].market;
            if (Touching.pendingEvents(state, account, id) == 0) continue;
            Book memory book = Markets.load(state, id, state.oracle.peek(id.bit())[0]);
            (uint256 low, uint256 high) = state.oracle.windowOf(id);
            portfolio.exposures[i].maturedUsd = Positions.maturedOnceTouched(state, book, account, low, high);
        }
    }

    function previewMatch(
        HouseState storage state,
        MarketId id,
        int256 sizeDelta,
        uint256 price
    ) external view returns (uint256 makerFeeUsd, uint256 takerFeeUsd, int256 takerEdgeUsd) {
        Market storage market = state.markets[id];
        Book memory book = Markets.load(state, id, state.oracle.peek(id.bit())[0]);
        OrderRules.requirePrice(book);
        Matching.requireBand(book, market, price);
        (makerFeeUsd, takerFeeUsd) = Matching.feesOf(book, market, sizeDelta);
        takerEdgeUsd = sizeDelta.mulWadCeil(price.toInt() - book.price.toInt());
    }

    function _peek(HouseState storage state, AccountId account, uint256 more) private view returns (Work memory work) {
        uint256 markets = Accounts.marketsOf(state, account) | more;
        Price[] memory prices = state.oracle.peek(markets);
        Settlement.gather(work, state, account, markets, prices);
    }
}
