// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {HAS_CREDIT, HouseState, MAX_PREMIUM_RATE, Market, TRANCHE} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {Standing} from "./Standing.sol";
import {AccountHeader} from "./Words.sol";

/// @title What every order has to obey, whoever is on the other side of it
library OrderRules {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev The index can be traded at.
    function requirePrice(Book memory book) internal pure {
        if (book.status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(book.id, book.status);
    }

    /// @dev Whether a fill brings the position nearer to zero without crossing it; where it does not, order and market have to allow that.
    function requireReduction(
        Work memory work,
        Holding memory holding,
        int256 delta,
        bool reduceOnly
    ) internal pure returns (bool reduces) {
        int256 size = holding.leg.size;
        reduces = size != 0 && (size > 0) != (delta > 0) && delta.magnitude() <= size.magnitude();
        if (!reduces && reduceOnly) revert IClearingHouse.NotAReduction(work.account, size, delta);
        Book memory book = holding.book;
        IClearingHouse.MarketMode mode = Markets.modeOf(book);
        if (mode == IClearingHouse.MarketMode.Halted || (mode != IClearingHouse.MarketMode.Open && !reduces)) {
            revert IClearingHouse.MarketNotOpen(book.id, mode);
        }
    }

    /// @dev Before a fill: draws on the account's credit line what its cash lacks for edge, fees and, where there is one to lock, deposit.
    function drawForCosts(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        int256 sizeDelta,
        uint256 price,
        uint256 feesUsd,
        uint256 depositUsd
    ) internal {
        if (work.header.flags & HAS_CREDIT == 0) return;
        int256 edge = sizeDelta.mulWadCeil(price.toInt() - holding.book.price.toInt());
        uint256 needed = edge.positivePart() + feesUsd;
        uint256 locked = work.header.depositOf();
        if (depositUsd > locked) needed += depositUsd - locked;
        uint256 available = Settlement.availableOf(state, work);
        if (needed > available) Settlement.drawCredit(state, work, needed - available);
    }

    /// @dev An opening locks the liquidation deposit, or what liquidations took of it; an account's first one begins its standing.
    function lockDeposit(HouseState storage state, Work memory work, uint256 depositUsd) internal view {
        Standing.begin(work.header);
        uint256 locked = work.header.depositOf();
        if (locked >= depositUsd) return;
        uint256 available = Settlement.availableOf(state, work);
        uint256 missing = depositUsd - locked;
        if (available < missing) revert IClearingHouse.CashTooLow(work.account, available, missing);
        work.header.depositCents = depositUsd / Accounts.CENT; // bounded in the house's constructor
    }

    /// @dev What an order leaves is nothing or a position of the least size.
    function requirePosition(
        Work memory work,
        Holding memory holding,
        Market storage market,
        bool reduces
    ) internal view {
        if (reduces && holding.leg.size == 0) return;
        uint256 notional = holding.leg.size.magnitude().mulWadDown(holding.book.price);
        if (notional < market.minNotional)
            revert IClearingHouse.PositionBelowMinimum(work.account, notional, market.minNotional);
    }

    /// @dev E ≥ 0 of an account that has only come nearer to zero.
    function requireSolvent(HouseState storage state, Work memory work) internal view {
        // A closed account without debt needs no judge.
        if (work.header.markets == 0) return;
        (int256 equity, ) = Settlement.assess(state, work, MarginKind.Maintenance);
        if (equity < 0) revert IClearingHouse.AccountBankrupt(work.account, equity);
    }

    /// @dev By how much a fill has opened a position; of one that crossed zero, all it is now. D18{base}
    function openedSize(int256 before, int256 size) internal pure returns (uint256) {
        bool crossed = (before > 0) != (size > 0);
        return crossed ? size.magnitude() : size.magnitude() - before.magnitude();
    }

    /// @dev Of an account that has opened something: E ≥ IM and its insurance premium besides, which it pays to the market's tranche. Like its deposit it is paid in
    /// cash, drawn where the account has a credit line; what its own equity lacks for the margin is drawn too.
    /// @param sizeBefore D18{base}, signed, of the position before the fill
    /// @param cashBefore D18{USD}, cash without the deposit before the fill and what it cost
    function requireOpeningMargin(
        HouseState storage state,
        Work memory work,
        uint256 index,
        int256 sizeBefore,
        uint256 cashBefore
    ) internal {
        Holding memory holding = work.holdings[index];
        IRiskEngine.Opening memory opening;
        opening.index = index;
        opening.size = openedSize(sizeBefore, holding.leg.size);
        uint256 cash = work.header.marginCash();
        opening.costsUsd = cashBefore > cash ? cashBefore - cash : 0;
        opening.goodDays = Standing.daysOf(work.header);
        (int256 equity, uint256 required, uint256 premium) = state.risk.assessOpening(
            Settlement.portfolioOf(state, work, MarginKind.Initial),
            opening
        );
        if (equity < (required + premium).toInt()) {
            revert IClearingHouse.AccountBelowInitialMargin(work.account, equity, required + premium);
        }
        if (premium != 0) _payPremium(state, work, holding.book, opening, premium);
        Settlement.drawToMargin(state, work);
    }

    /// @dev The judge may be replaced; that it takes no more than a small part of what was opened is the ledger's own rule.
    function _payPremium(
        HouseState storage state,
        Work memory work,
        Book memory book,
        IRiskEngine.Opening memory opening,
        uint256 premium
    ) private {
        uint256 highest = opening.size.mulWadUp(book.price).mulWadUp(MAX_PREMIUM_RATE);
        if (premium > highest) revert IClearingHouse.PremiumTooHigh(work.account, premium, highest);
        uint256 available = Settlement.availableOf(state, work);
        if (available < premium && work.header.flags & HAS_CREDIT != 0) {
            available += Settlement.drawCredit(state, work, premium - available);
        }
        if (available < premium) revert IClearingHouse.CashTooLow(work.account, available, premium);
        work.header.takeCash(premium);
        Accounts.credit(state, Markets.systemAccount(book.id, TRANCHE), premium);
        emit IClearingHouse.PremiumPaid(work.account, book.id, premium, opening.goodDays);
    }

    /// @dev E ≥ IM; what the account's own equity lacks for that is drawn.
    function requireInitialMargin(HouseState storage state, Work memory work) internal {
        (int256 equity, uint256 required) = Settlement.assess(state, work, MarginKind.Initial);
        if (equity < required.toInt()) revert IClearingHouse.AccountBelowInitialMargin(work.account, equity, required);
        Settlement.drawToMargin(state, work);
    }
}
