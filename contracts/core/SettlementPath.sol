// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {CreditPath, RepayScope} from "./CreditPath.sol";
import {Distress} from "./Distress.sol";
import {FreeCash} from "./FreeCash.sol";
import {HAS_CREDIT, HouseState, MARKED} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Markets} from "./Markets.sol";
import {PullScope, Settlement, Work} from "./Settlement.sol";
import {Observed, Touching} from "./Touching.sol";
import {AccountHeader} from "./Words.sol";

/// @title Settling, touching, refunds, the distress clock, and what may be withdrawn: the entry points
/// @dev Deployed on its own and linked: it runs in the house's storage.
library SettlementPath {
    using Accounts for AccountHeader;

    /// @dev Settles one account with the scope its caller is entitled to.
    function settle(HouseState storage state, AccountId account, PullScope scope) external {
        Touching.settle(state, account, scope, true);
        if (Accounts.flagsOf(state, account) & HAS_CREDIT != 0) {
            CreditPath.repay(state, account, type(uint256).max, RepayScope.Spare);
        }
    }

    /// @dev See IClearingHouse.touch.
    function touch(HouseState storage state, AccountId account, MarketId market, uint256 maxEvents) external {
        MarketEvents.touch(state, account, market, _bucketOf(state, market), maxEvents);
    }

    /// @dev See IClearingHouse.claimRefunds.
    function claimRefunds(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 maxRecords
    ) external returns (uint256 refundedUsd) {
        Touching.requireCurrent(state, account, market, _bucketOf(state, market));
        return MarketEvents.claimRefunds(state, account, market, maxRecords);
    }

    /// @dev See IClearingHouse.mark.
    function mark(HouseState storage state, AccountId[] calldata accounts) external returns (bool[] memory isMarked) {
        isMarked = new bool[](accounts.length);
        Observed memory observed;
        for (uint256 i; i < accounts.length; ++i) {
            isMarked[i] = _mark(state, accounts[i], observed);
        }
    }

    /// @dev Judges one account; one that cannot be judged now is left as it is, so that it never spoils a list.
    function _mark(HouseState storage state, AccountId account, Observed memory observed) private returns (bool) {
        if (account.owner() != address(this)) {
            Work memory work;
            (bool current, ) = Touching.tryOpen(work, state, account, 0, Freshness.SameBlock, observed);
            if (current) {
                Distress.update(state, work);
                Accounts.store(state, account, work.header);
            }
        }
        return Accounts.flagsOf(state, account) & MARKED != 0;
    }

    /// @dev Takes free cash out of an account, with prices observed only where they are needed. What its margin then lacks without its credit line is drawn.
    function takeFree(
        HouseState storage state,
        AccountId account,
        uint256 amountUsd
    ) external returns (AccountHeader memory header) {
        if (!FreeCash.needsPrices(state, account)) {
            header = Accounts.load(state, account);
            _take(account, header, header.marginCash(), amountUsd);
        } else {
            Work memory work = Touching.open(state, account, 0, Freshness.SameBlock);
            header = work.header;
            Portfolio memory portfolio = Settlement.portfolioOf(state, work, MarginKind.Initial);
            _take(account, header, FreeCash.gathered(state, work, portfolio), amountUsd);
            Settlement.drawToMargin(state, work);
        }
        // Free cash leaves E ≥ IM, or there is no position.
        if (header.flags & MARKED != 0) Distress.clear(state, account, header);
        Accounts.store(state, account, header);
    }

    function _take(AccountId account, AccountHeader memory header, uint256 free, uint256 amountUsd) private pure {
        if (amountUsd > free) revert IClearingHouse.FreeCashTooLow(account, free, amountUsd);
        header.takeCash(amountUsd);
        header.bump();
    }

    function _bucketOf(HouseState storage state, MarketId market) private returns (uint256) {
        uint256 bucket = state.oracle.observe(market.bit(), Freshness.SameBlock)[0].bucket;
        return Markets.bucketOf(state.markets[market], bucket);
    }
}
