// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Distress} from "./Distress.sol";
import {HouseState, MARKED, Market} from "./HouseState.sol";
import {Liquidating, Proceeds} from "./Liquidating.sol";
import {Book, Markets} from "./Markets.sol";
import {Matching} from "./Matching.sol";
import {OrderRules} from "./OrderRules.sol";
import {PairFills} from "./PairFills.sol";
import {Positions} from "./Positions.sol";
import {Refunds} from "./Refunds.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader} from "./Words.sol";

/// @notice One side of a match while it is made.
/// @param reduces whether the fill brings its position nearer to zero without crossing it
/// @param equityUsd D18{USD}, before the fill, of a side that reduces
/// @param maintenanceUsd D18{USD}, likewise
struct Side {
    Work work;
    Holding holding;
    uint256 index;
    bool reduces;
    int256 equityUsd;
    uint256 maintenanceUsd;
}

/// @title Fills between two accounts at a price that both agreed to
/// @notice Edge and fee are paid in cash by either side, or nothing happens. Each side ends with `E ≥ IM`; one that has only come nearer to zero may also end
/// with `E ≥ 0` and a health no lower than before (HEALTH-1): the price is the two sides' own choice, so a reduction could otherwise hand the
/// margin of a position to an accomplice. A slice of a liquidation matched here keeps the rules of liquidations for the one, and of orders for the other.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library MatchPath {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev See IClearingHouse.matchOrders; the caller, and that the two accounts differ, has been checked.
    function matchOrders(
        HouseState storage state,
        IClearingHouse.MatchRequest calldata request,
        uint256 depositUsd
    ) external returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        Side memory taker;
        Side memory maker;
        (taker.work, maker.work) = Touching.openPair(
            state,
            request.taker,
            request.maker,
            request.market,
            Freshness.Latest
        );
        _place(taker, request);
        _place(maker, request);
        Book memory book = taker.holding.book;
        OrderRules.requirePrice(book);
        Market storage market = state.markets[book.id];
        _requireTrader(state, market, request.taker);
        _requireTrader(state, market, request.maker);
        Matching.requireBand(book, market, request.price);
        _requireLots(taker.holding, maker.holding, request.sizeDelta, market.lotSize);

        _prepare(state, taker, request.sizeDelta, request.takerReduceOnly);
        _prepare(state, maker, -request.sizeDelta, request.makerReduceOnly);
        (makerFeeUsd, takerFeeUsd) = Matching.feesOf(book, market, request.sizeDelta);
        _drawForCosts(state, taker, request.sizeDelta, request.price, takerFeeUsd, depositUsd);
        _drawForCosts(state, maker, -request.sizeDelta, request.price, makerFeeUsd, depositUsd);
        (uint256 unpaidByTaker, uint256 unpaidByMaker) = PairFills.fill(
            state,
            taker.work,
            taker.holding,
            maker.work,
            maker.holding,
            request.sizeDelta,
            request.price
        );
        _charge(state, taker, takerFeeUsd, unpaidByTaker, depositUsd);
        _charge(state, maker, makerFeeUsd, unpaidByMaker, depositUsd);
        _requireHealthy(state, taker);
        _requireHealthy(state, maker);

        _emitMatched(taker, maker.work.account, request.sizeDelta, request.price, takerFeeUsd);
        _emitMatched(maker, taker.work.account, -request.sizeDelta, request.price, makerFeeUsd);
        _finish(state, taker.work, maker);
        _payFees(state, market, makerFeeUsd + takerFeeUsd);
    }

    /// @dev See IClearingHouse.liquidateAgainst; the caller, and that the two accounts differ, has been checked.
    function liquidateAgainst(
        HouseState storage state,
        IClearingHouse.LiquidationMatch calldata request,
        uint256 depositUsd
    ) external returns (ILiquidationEngine.Plan memory plan) {
        if (Positions.sizeOf(state, request.account, request.market) == 0) {
            return _skip(request, Liquidating.plan0(ILiquidationEngine.PlanCode.NoPosition));
        }
        Refunds.claimBefore(state, request.account, request.market.bit(), Freshness.SameBlock);
        Work memory victim;
        Side memory maker;
        (victim, maker.work) = Touching.openPair(
            state,
            request.account,
            request.maker,
            request.market,
            Freshness.Latest
        );
        uint256 index = Touching.indexOf(victim, request.market);
        plan = Liquidating.planAgainst(
            state,
            victim,
            index,
            Liquidating.graceOf(state, request.account, victim.header),
            request.makerSizeDelta,
            request.price
        );
        if (!Liquidating.acts(plan)) return _skip(request, plan);

        maker.index = Touching.indexOf(maker.work, request.market);
        maker.holding = maker.work.holdings[maker.index];
        Market storage market = state.markets[request.market];
        _requireTrader(state, market, request.maker);
        Matching.requireBand(maker.holding.book, market, request.price);
        _execute(state, victim, index, maker, request, plan, depositUsd);
    }

    /// @dev The plan against the maker: as against the pool, but for who is on the other side and that this side has to have the cash.
    function _execute(
        HouseState storage state,
        Work memory victim,
        uint256 index,
        Side memory maker,
        IClearingHouse.LiquidationMatch calldata request,
        ILiquidationEngine.Plan memory plan,
        uint256 depositUsd
    ) private {
        Holding memory holding = victim.holdings[index];
        int256 sizeDelta = Liquidating.deltaOf(victim, holding, plan);
        _prepare(state, maker, -sizeDelta, request.makerReduceOnly);
        _drawForCosts(state, maker, -sizeDelta, request.price, 0, depositUsd);
        Settlement.pullLosses(state, victim, index, PullScope.Acted);
        uint256 depositCents = victim.header.depositCents;
        (, uint256 unpaid) = PairFills.fill(
            state,
            victim,
            holding,
            maker.work,
            maker.holding,
            sizeDelta,
            request.price
        );
        Proceeds memory proceeds;
        Liquidating.conclude(
            state,
            victim,
            holding,
            request.keeper,
            sizeDelta,
            request.price,
            depositCents,
            plan,
            proceeds
        );
        _charge(state, maker, 0, unpaid, depositUsd);
        _requireHealthy(state, maker);
        _emitMatched(maker, victim.account, -sizeDelta, request.price, 0);
        _finish(state, victim, maker);
        Liquidating.payOut(state, request.keeper, proceeds);
    }

    function _skip(
        IClearingHouse.LiquidationMatch calldata request,
        ILiquidationEngine.Plan memory plan
    ) private returns (ILiquidationEngine.Plan memory) {
        emit IClearingHouse.LiquidationSkipped(request.account, request.market, plan.code);
        return plan;
    }

    function _place(Side memory side, IClearingHouse.MatchRequest calldata request) private pure {
        side.index = Touching.indexOf(side.work, request.market);
        side.holding = side.work.holdings[side.index];
    }

    /// @dev Pool and fund are paid from a fill, so the call may hold no copy of them.
    function _requireTrader(HouseState storage state, Market storage market, AccountId account) private view {
        if (account == Markets.poolOf(market) || account == accountIdOf(state.insurance, 0))
            revert IClearingHouse.SystemAccount(account);
    }

    /// @dev Whole lots, or all that one of the two holds.
    function _requireLots(Holding memory taker, Holding memory maker, int256 takerDelta, uint256 lotSize) private pure {
        bool closes = takerDelta == -taker.leg.size || takerDelta == maker.leg.size;
        if (takerDelta == 0 || (takerDelta.magnitude() % lotSize != 0 && !closes))
            revert IClearingHouse.SizeNotInLots(takerDelta, lotSize);
    }

    /// @dev Before the fill: whether the side reduces, its health if so; its losses pulled, its gain in this market paid.
    function _prepare(HouseState storage state, Side memory side, int256 delta, bool reduceOnly) private {
        side.reduces = OrderRules.requireReduction(side.work, side.holding, delta, reduceOnly);
        if (side.reduces)
            (side.equityUsd, side.maintenanceUsd) = Settlement.assess(state, side.work, MarginKind.Maintenance);
        Settlement.pullLosses(state, side.work, side.index, PullScope.All);
        Settlement.payGain(state, side.work, side.holding);
    }

    /// @dev Before the fill: cash for edge, fee and deposit, out of the side's credit line where it has one.
    function _drawForCosts(
        HouseState storage state,
        Side memory side,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd,
        uint256 depositUsd
    ) private {
        uint256 deposit = side.reduces ? 0 : depositUsd;
        OrderRules.drawForCosts(state, side.work, side.holding, sizeDelta, price, feeUsd, deposit);
    }

    /// @dev After the fill: the deposit, and edge and fee out of cash.
    function _charge(
        HouseState storage state,
        Side memory side,
        uint256 feeUsd,
        uint256 unpaidEdge,
        uint256 depositUsd
    ) private view {
        Work memory work = side.work;
        uint256 available = Settlement.availableOf(state, work);
        if (unpaidEdge != 0) revert IClearingHouse.CashTooLow(work.account, available, feeUsd + unpaidEdge);
        if (!side.reduces) {
            OrderRules.lockDeposit(state, work, depositUsd);
            available = Settlement.availableOf(state, work);
        }
        if (available < feeUsd) revert IClearingHouse.CashTooLow(work.account, available, feeUsd);
        work.header.takeCash(feeUsd);
        OrderRules.requirePosition(work, side.holding, state.markets[side.holding.book.id], side.reduces);
    }

    /// @dev E ≥ IM, or for a reduction E ≥ 0 and E/MM no lower than before.
    function _requireHealthy(HouseState storage state, Side memory side) private {
        Work memory work = side.work;
        if (!side.reduces) return OrderRules.requireInitialMargin(state, work);
        // A closed account without debt needs no judge.
        if (work.header.markets == 0) return;
        (int256 equity, uint256 maintenance) = Settlement.assess(state, work, MarginKind.Maintenance);
        if (equity < 0) revert IClearingHouse.AccountBankrupt(work.account, equity);
        // Equities and requirements are below 2¹²⁷.
        if (equity * side.maintenanceUsd.toInt() >= side.equityUsd * maintenance.toInt()) return;
        (int256 initialEquity, uint256 required) = Settlement.assess(state, work, MarginKind.Initial);
        if (initialEquity < required.toInt())
            revert IClearingHouse.HealthWouldFall(
                work.account,
                equity,
                maintenance,
                side.equityUsd,
                side.maintenanceUsd
            );
    }

    /// @dev A market that both are in has one book; the one acted in has been changed by both and is saved once.
    function _finish(HouseState storage state, Work memory first, Side memory second) private {
        if (first.header.flags & MARKED != 0) Distress.update(state, first);
        if (second.work.header.flags & MARKED != 0) Distress.update(state, second.work);
        Settlement.finish(state, first);
        second.holding.changed = false;
        Settlement.finish(state, second.work);
    }

    function _payFees(HouseState storage state, Market storage market, uint256 feesUsd) private {
        uint256 toInsurance = feesUsd.mulWadUp(market.insuranceSharePips * Terms.PIP);
        Accounts.credit(state, Markets.poolOf(market), feesUsd - toInsurance);
        Accounts.credit(state, accountIdOf(state.insurance, 0), toInsurance);
    }

    function _emitMatched(
        Side memory side,
        AccountId counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd
    ) private {
        side.work.header.bump();
        PairFills.emitMatched(side.work, side.holding, counterparty, sizeDelta, price, feeUsd);
    }
}
