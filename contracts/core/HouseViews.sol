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
import {Distress} from "./Distress.sol";
import {FreeCash} from "./FreeCash.sol";
import {HAS_CHARGES, HouseState, MAX_REFUNDS_PER_LIQUIDATION, Market, MarketEvent, RESOLUTION} from "./HouseState.sol";
import {Inventory} from "./Inventory.sol";
import {Liquidating} from "./Liquidating.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Matching} from "./Matching.sol";
import {OrderRules} from "./OrderRules.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {PoolTearUps} from "./PoolTearUps.sol";
import {Positions} from "./Positions.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {TakeOvers} from "./TakeOvers.sol";
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
                mode: Markets.modeOf(book),
                longOpenInterest: book.longOpenInterest,
                shortOpenInterest: book.shortOpenInterest,
                longQuote: longQuote,
                shortQuote: shortQuote,
                reserveUsd: Markets.reserveOf(market, book),
                uncollectedLossUsd: market.uncollectedLoss,
                surplusUsd: market.surplus,
                pendingLossUsd: market.pendingLoss,
                fundingIndex: book.fundingIndex,
                fundingRate: book.rates.rateOf(),
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
        (Work memory work, uint256 grace) = _peekRefunded(state, account, id.bit());
        uint256 index = Touching.indexOf(work, id);
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
        (Work memory work, uint256 grace) = _peekRefunded(state, account, id.bit());
        uint256 index = Touching.indexOf(work, id);
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

    function previewPacing(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) external view returns (ILiquidationEngine.Pacing memory pacing) {
        if (Positions.sizeOf(state, account, id) == 0) return pacing;
        Work memory work = _peek(state, account, id.bit());
        uint256 index = Touching.indexOf(work, id);
        Book memory book = work.holdings[index].book;
        PoolSide memory nobody;
        ILiquidationEngine.MarketState memory view_ = Liquidating.pacedStateOf(state, work, book, nobody);
        // A range is no less the market's where nothing has been taken yet.
        (view_.stress.windowLow, view_.stress.windowHigh) = state.oracle.windowOf(id);
        return state.liquidation.pacingOf(Settlement.portfolioOf(state, work, MarginKind.Maintenance), index, view_);
    }

    function distressOf(
        HouseState storage state,
        AccountId account
    ) external view returns (IClearingHouse.DistressState memory) {
        return
            IClearingHouse.DistressState({
                startedAt: state.marks[account].startedAt,
                healthySince: state.marks[account].healthySince,
                shortfallUsd: state.marks[account].shortfall,
                elapsedSeconds: Distress.elapsedOf(state, account, Accounts.load(state, account))
            });
    }

    function previewTakeOver(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory) {
        return _previewTakeOver(state, account, market, maxSize, false);
    }

    function previewBackstop(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory) {
        return _previewTakeOver(state, account, market, maxSize, true);
    }

    /// @dev What anybody, or only the backstop by its rule, would take over now.
    function _previewTakeOver(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 maxSize,
        bool byBackstop
    ) private view returns (ILiquidationEngine.TakeOverPlan memory plan) {
        bool isInventory = account == Markets.systemAccount(market, RESOLUTION);
        if (Positions.sizeOf(state, account, market) == 0 || (!isInventory && account.owner() == address(this))) {
            return TakeOvers.plan0(ILiquidationEngine.PlanCode.NoPosition);
        }
        if (Touching.tooManyEvents(state, account)) return TakeOvers.plan0(ILiquidationEngine.PlanCode.EventsPending);
        (Work memory work, uint256 graceUsd) = _peekRefunded(state, account, market.bit());
        uint256 headStart = byBackstop ? TakeOvers.endOf(state, market) : 0;
        if (isInventory) return TakeOvers.planInventory(state, work, maxSize, headStart);
        uint256 index = Touching.indexOf(work, market);
        plan = TakeOvers.planFor(state, work, index, graceUsd, maxSize, headStart);
        if (!byBackstop || !TakeOvers.acts(plan.code)) return plan;
        ILiquidationEngine.PlanCode refusal = TakeOvers.backstopRefusalOf(state, work, index, graceUsd);
        return TakeOvers.acts(refusal) ? plan : TakeOvers.plan0(refusal);
    }

    function previewTakeOverWhole(
        HouseState storage state,
        AccountId account
    )
        external
        view
        returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts)
    {
        uint256 markets = Accounts.marketsOf(state, account);
        if (account.owner() == address(this)) {
            return (TakeOvers.plan0(ILiquidationEngine.PlanCode.NoPosition), parts);
        }
        if (Touching.tooManyEvents(state, account)) {
            return (TakeOvers.plan0(ILiquidationEngine.PlanCode.EventsPending), parts);
        }
        (Work memory work, uint256 graceUsd) = _peekRefunded(state, account, markets);
        return TakeOvers.planWhole(state, work, graceUsd);
    }

    function previewInventory(
        HouseState storage state,
        MarketId id
    ) external view returns (IClearingHouse.InventoryState memory) {
        return Inventory.planFor(state, _peek(state, Markets.systemAccount(id, RESOLUTION), id.bit()));
    }

    function previewTearUpPool(
        HouseState storage state,
        MarketId id
    ) external view returns (ILiquidationEngine.PoolPlan memory) {
        (Work memory work, uint256 graceUsd) = _peekRefunded(state, Markets.poolOf(state.markets[id]), id.bit());
        return PoolTearUps.planFor(state, work, id, graceUsd);
    }

    /// @dev An account over its own markets and those of `refunded`, with the refunds that a liquidation in the latter claims first.
    /// @return work the account
    /// @return grace D18{USD}, charges, also of events that wait, so recent that nobody may be liquidated through them
    function _peekRefunded(
        HouseState storage state,
        AccountId account,
        uint256 refunded
    ) private view returns (Work memory work, uint256 grace) {
        work = _peek(state, account, refunded);
        grace = Liquidating.graceOf(state, account, work.header);
        bool hasCharges = work.header.flags & HAS_CHARGES != 0;
        for (uint256 i; i < work.holdings.length; ++i) {
            Holding memory holding = work.holdings[i];
            MarketId id = holding.book.id;
            grace += MarketEvents.waitingGraceOf(state, account, id, holding.book.events);
            if (!hasCharges || refunded & id.bit() == 0) continue;
            int256 refund = int256(MarketEvents.refundable(state, account, id, MAX_REFUNDS_PER_LIQUIDATION));
            holding.leg.quote += refund;
            holding.value += refund;
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
            if (Markets.isPaused(state, book)) continue;
            (uint256 low, uint256 high) = Markets.windowOf(state, book);
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
        if (!Settlement.gather(work, state, account, markets, prices)) Settlement.foresee(state, work);
    }
}
