// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {CreditLines} from "./CreditLines.sol";
import {FreeCash} from "./FreeCash.sol";
import {HAS_CREDIT, HouseState} from "./HouseState.sol";
import {Settlement, Work} from "./Settlement.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader} from "./Words.sol";

/// @notice Out of which cash debt is repaid. `Spare`: what the account's own margin does not need, its line counted as nothing; anybody may. `Free`: what the
/// account could withdraw.
enum RepayScope {
    Spare,
    Free
}

/// @title Credit: the entry points
/// @notice Cash is drawn by whoever may withdraw, and by the house itself when it runs short; it is repaid by anybody from what an account's own margin does
/// not need, and by the account from what it could withdraw.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library CreditPath {
    using FixedPoint for uint256;
    using Accounts for AccountHeader;

    /// @dev See IClearingHouse.flagCredit.
    function flag(HouseState storage state, AccountId account, bool hasCredit) external {
        _requireVault(state);
        // Neither the house's own accounts nor the lenders' live on credit.
        if (account.owner() == address(this) || account.owner() == msg.sender) {
            revert IClearingHouse.SystemAccount(account);
        }
        AccountHeader memory header = Accounts.load(state, account);
        if ((header.flags & HAS_CREDIT != 0) == hasCredit) return;
        header.flags ^= HAS_CREDIT;
        header.bump();
        Accounts.store(state, account, header);
        emit IClearingHouse.CreditFlagSet(account, hasCredit, header.version);
    }

    /// @dev See IClearingHouse.drawCredit; the caller may withdraw.
    function draw(HouseState storage state, AccountId account, uint256 amountUsd) external {
        if (amountUsd == 0) revert IClearingHouse.AmountZero(account);
        AccountHeader memory header = Accounts.load(state, account);
        uint256 drawn = header.flags & HAS_CREDIT == 0 ? 0 : CreditLines.draw(state, account, header, amountUsd);
        if (drawn < amountUsd) revert IClearingHouse.CreditLineTooLow(account, drawn, amountUsd);
        header.addCash(drawn);
        header.bump();
        Accounts.store(state, account, header);
    }

    /// @dev See IClearingHouse.repayCredit; the caller is entitled to the scope.
    function repay(
        HouseState storage state,
        AccountId account,
        uint256 amountUsd,
        RepayScope scope
    ) external returns (uint256 repaidUsd) {
        if (!_owes(state, account)) return 0;
        if (!FreeCash.needsPrices(state, account))
            return _repay(state, account, amountUsd, FreeCash.flat(state, account));
        Work memory work = Touching.open(state, account, 0, Freshness.SameBlock);
        Portfolio memory portfolio =
            scope == RepayScope.Spare
                ? Settlement.ownPortfolioOf(state, work)
                : Settlement.portfolioOf(state, work, MarginKind.Initial);
        return _repay(state, account, amountUsd, FreeCash.gathered(state, work, portfolio));
    }

    /// @dev See IClearingHouse.requireCreditMargin.
    function requireMargin(HouseState storage state, AccountId account) external {
        _requireVault(state);
        if (!FreeCash.needsPrices(state, account)) return;
        Work memory work = Touching.open(state, account, 0, Freshness.Latest);
        (int256 equity, uint256 required) = Settlement.assess(state, work, MarginKind.Initial);
        if (equity < required.toInt()) {
            revert IClearingHouse.AccountBelowInitialMargin(account, equity, required);
        }
        Settlement.drawToMargin(state, work);
        Accounts.store(state, account, work.header);
    }

    function _owes(HouseState storage state, AccountId account) private view returns (bool) {
        return Accounts.flagsOf(state, account) & HAS_CREDIT != 0 && state.credit.debtOf(account) != 0;
    }

    /// @dev Moves cash back to the lenders: at most what is asked for, and what is free.
    function _repay(
        HouseState storage state,
        AccountId account,
        uint256 amountUsd,
        uint256 freeUsd
    ) private returns (uint256 repaidUsd) {
        if (amountUsd > freeUsd) amountUsd = freeUsd;
        if (amountUsd == 0) return 0;
        repaidUsd = state.credit.repayFor(account, amountUsd);
        // That the vault takes no more than it was offered is the ledger's own rule.
        if (repaidUsd > amountUsd) repaidUsd = amountUsd;
        if (repaidUsd == 0) return 0;
        AccountHeader memory header = Accounts.load(state, account);
        header.takeCash(repaidUsd);
        header.bump();
        Accounts.store(state, account, header);
        AccountId lenders = accountIdOf(address(state.credit), 0);
        Accounts.credit(state, lenders, repaidUsd);
        emit IClearingHouse.CreditRepaid(
            account,
            repaidUsd,
            header.cash,
            header.version,
            Accounts.cashOf(state, lenders)
        );
    }

    function _requireVault(HouseState storage state) private view {
        if (msg.sender != address(state.credit)) revert IClearingHouse.CallerNotCreditVault(msg.sender);
    }
}
