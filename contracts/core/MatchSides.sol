// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Accounts} from "./Accounts.sol";
import {Distress} from "./Distress.sol";
import {HouseState, JUNIOR, MARKED, Market} from "./HouseState.sol";
import {Markets} from "./Markets.sol";
import {OrderRules} from "./OrderRules.sol";
import {PairFills} from "./PairFills.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {AccountHeader} from "./Words.sol";

/// @notice One side of a match while it is made.
/// @param reduces whether the fill brings its position nearer to zero without crossing it
/// @param equityUsd D18{USD}, before the fill, of a side that reduces
/// @param maintenanceUsd D18{USD}, likewise
/// @param sizeBefore D18{base}, signed, of the position before the fill
/// @param cashBefore D18{USD}, cash without the deposit before the fill and what it costs
struct Side {
    Work work;
    Holding holding;
    uint256 index;
    bool reduces;
    int256 equityUsd;
    uint256 maintenanceUsd;
    int256 sizeBefore;
    uint256 cashBefore;
}

/// @title One side of a match: what it has to have, before and after the fill
/// @notice Edge and fee are paid in cash by either side, or nothing happens. Each side ends with `E ≥ IM`; one that has only come nearer to zero may also end
/// with `E ≥ 0` and a health no lower than before (HEALTH-1): the price is the two sides' own choice, so a reduction could otherwise hand the
/// margin of a position to an accomplice.
library MatchSides {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev The pool is paid from a fill, so the call may hold no copy of it; buffers do not trade.
    function requireTrader(HouseState storage state, Market storage market, AccountId account) internal view {
        if (account == Markets.poolOf(market) || Accounts.flagsOf(state, account) & JUNIOR != 0)
            revert IClearingHouse.SystemAccount(account);
    }

    /// @dev Before the fill: whether the side reduces, its health if so; its losses pulled, its gain in this market paid.
    function prepare(HouseState storage state, Side memory side, int256 delta, bool reduceOnly) internal {
        side.reduces = OrderRules.requireReduction(side.work, side.holding, delta, reduceOnly);
        if (side.reduces)
            (side.equityUsd, side.maintenanceUsd) = Settlement.assess(state, side.work, MarginKind.Maintenance);
        Settlement.pullLosses(state, side.work, side.index, PullScope.All);
        Settlement.payGain(state, side.work, side.holding);
    }

    /// @dev Before the fill: cash for edge, fee and deposit, out of the side's credit line where it has one.
    function drawForCosts(
        HouseState storage state,
        Side memory side,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd,
        uint256 depositUsd
    ) internal {
        uint256 deposit = side.reduces ? 0 : depositUsd;
        OrderRules.drawForCosts(state, side.work, side.holding, sizeDelta, price, feeUsd, deposit);
        side.sizeBefore = side.holding.leg.size;
        side.cashBefore = side.work.header.marginCash();
    }

    /// @dev After the fill: the deposit, and edge and fee out of cash.
    function charge(
        HouseState storage state,
        Side memory side,
        uint256 feeUsd,
        uint256 unpaidEdge,
        uint256 depositUsd
    ) internal view {
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

    /// @dev Of a side of two orders: one that has opened something also owes its insurance premium.
    function requireHealthyPaid(HouseState storage state, Side memory side) internal {
        if (side.reduces) return requireHealthy(state, side);
        OrderRules.requireOpeningMargin(state, side.work, side.index, side.sizeBefore, side.cashBefore);
    }

    /// @dev E ≥ IM, or for a reduction E ≥ 0 and E/MM no lower than before.
    function requireHealthy(HouseState storage state, Side memory side) internal {
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
    function finish(HouseState storage state, Work memory first, Side memory second) internal {
        if (first.header.flags & MARKED != 0) Distress.update(state, first);
        if (second.work.header.flags & MARKED != 0) Distress.update(state, second.work);
        Settlement.finish(state, first);
        second.holding.changed = false;
        Settlement.finish(state, second.work);
    }

    function emitMatched(
        Side memory side,
        AccountId counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd
    ) internal {
        side.work.header.bump();
        PairFills.emitMatched(side.work, side.holding, counterparty, sizeDelta, price, feeUsd);
    }
}
