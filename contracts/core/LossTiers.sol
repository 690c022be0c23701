// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILossWaterfall, Tier} from "../interfaces/ILossWaterfall.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {FreeCash} from "./FreeCash.sol";
import {HAS_CREDIT, HouseState, MAX_EVENTS_PER_TOUCH, Market, OwedBack, TRANCHE} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Settlement, Work} from "./Settlement.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader} from "./Words.sol";

/// @title The buffers that stand before the winners of a market
/// @notice What they can pay, what they pay, what comes back to them, and how a tranche shares what it takes in. Caps are the waterfall's; that the tranche pays first and all it has, and that
/// nobody pays more than is missing or than is there, is the ledger's own rule (WATER-1).
/// @dev Deployed on its own and linked: it runs in the house's storage, on headers as they are stored there. An account that the caller holds a copy of is left out.
library LossTiers {
    using SafeCast for uint256;
    using FixedPoint for uint256;
    using Accounts for AccountHeader;

    uint256 private constant TIERS = 4;

    /* PAYING */

    /// @dev Takes from the buffers what they pay towards a deficit of a market.
    /// @param except an account in the caller's memory: it pays nothing here
    /// @return paid D18{USD}, all tiers together
    function cover(
        HouseState storage state,
        MarketId id,
        uint256 deficit,
        AccountId except
    ) external returns (uint256 paid) {
        paid = _pay(state, id, Tier.Tranche, deficit);
        Market storage market = state.markets[id];
        uint256 left = Accounts.cashOf(state, Markets.systemAccount(id, TRANCHE));
        if (left < market.retained) market.retained = left.toUint128();
        if (paid == deficit) return paid;
        uint256[TIERS] memory cash = _cashBelowTranche(state, except, _observeBackstop(state));
        uint256[TIERS] memory payments = state.waterfall.absorb(id, deficit - paid, cash);
        for (uint256 i = uint256(Tier.Fund); i < TIERS; ++i) {
            uint256 payment = _least(payments[i], cash[i], deficit - paid);
            if (payment == 0) continue;
            payment = _pay(state, id, Tier(i), payment);
            _remember(state, id, Tier(i), payment);
            paid += payment;
        }
    }

    /// @dev See IClearingHouse.previewCover.
    function preview(
        HouseState storage state,
        MarketId id,
        uint256 deficit
    ) external view returns (IClearingHouse.TierCover[TIERS] memory tiers) {
        uint256[TIERS] memory cash = _cashBelowTranche(
            state,
            AccountId.wrap(0),
            state.oracle.peek(_marketsOfBackstop(state))
        );
        uint256 tranche = Accounts.cashOf(state, Markets.systemAccount(id, TRANCHE));
        uint256 paid = tranche < deficit ? tranche : deficit;
        uint256[TIERS] memory payments = state.waterfall.previewAbsorb(id, deficit - paid, cash);
        for (uint256 i; i < TIERS; ++i) {
            tiers[i].account = accountOf(state, id, Tier(i));
            if (i == 0) {
                (tiers[i].availableUsd, tiers[i].paidUsd) = (tranche, paid);
            } else {
                (tiers[i].availableUsd, tiers[i].paidUsd) = (cash[i], _least(payments[i], cash[i], deficit - paid));
                paid += tiers[i].paidUsd;
            }
        }
    }

    /// @dev The account of a tier; number 0 of nobody where there is none.
    function accountOf(HouseState storage state, MarketId id, Tier tier) internal view returns (AccountId) {
        if (tier == Tier.Tranche) return Markets.systemAccount(id, TRANCHE);
        if (tier == Tier.Fund) return accountIdOf(state.insurance, 0);
        if (tier == Tier.Protocol) return accountIdOf(state.protocol, 0);
        return accountIdOf(state.backstop, 0);
    }

    /// @dev Takes up to `amountUsd` out of a tier's cash.
    function _pay(HouseState storage state, MarketId id, Tier tier, uint256 amountUsd) private returns (uint256 paid) {
        AccountId account = accountOf(state, id, tier);
        AccountHeader memory header = Accounts.load(state, account);
        uint256 cash = header.cash;
        paid = amountUsd < cash ? amountUsd : cash;
        if (paid == 0) return 0;
        header.takeCash(paid);
        header.bump();
        Accounts.store(state, account, header);
        emit IClearingHouse.TierPaid(id, tier, account, paid, cash, header.cash);
    }

    /// @dev What a tier is to have back first of what the market's inventory may still earn.
    function _remember(HouseState storage state, MarketId id, Tier tier, uint256 paid) private {
        OwedBack storage owed = state.owedBack[id];
        if (tier == Tier.Fund) {
            owed.fund = (owed.fund + paid).toUint128();
        } else if (tier == Tier.Protocol) {
            owed.protocol = (owed.protocol + paid).toUint128();
        } else {
            // One backstop at a time: what another had paid before it was replaced is the market's from here on.
            uint256 before = owed.backstop == state.backstop ? owed.toBackstop : 0;
            owed.backstop = state.backstop;
            owed.toBackstop = (before + paid).toUint96();
        }
    }

    /* WHAT THERE IS */

    /// @dev Cash of the tiers below the tranche. The fund and the protocol have no positions; the backstop gives what is free. D18{USD}
    /// @param prices of the backstop's markets
    function _cashBelowTranche(
        HouseState storage state,
        AccountId except,
        Price[] memory prices
    ) private view returns (uint256[TIERS] memory cash) {
        AccountId fund = accountIdOf(state.insurance, 0);
        if (fund != except) cash[uint256(Tier.Fund)] = Accounts.cashOf(state, fund);
        AccountId protocol = accountIdOf(state.protocol, 0);
        if (state.protocol != address(0) && protocol != except) {
            cash[uint256(Tier.Protocol)] = Accounts.cashOf(state, protocol);
        }
        AccountId backstop = accountIdOf(state.backstop, 0);
        if (state.backstop != address(0) && backstop != except) {
            cash[uint256(Tier.Backstop)] = _freeCashOf(state, backstop, prices);
        }
    }

    function _marketsOfBackstop(HouseState storage state) private view returns (uint256) {
        return state.backstop == address(0) ? 0 : Accounts.marketsOf(state, accountIdOf(state.backstop, 0));
    }

    function _observeBackstop(HouseState storage state) private returns (Price[] memory prices) {
        uint256 markets = _marketsOfBackstop(state);
        if (markets != 0) prices = state.oracle.observe(markets, Freshness.SameBlock);
    }

    /// @dev All cash without positions and debts; else what initial margin leaves, no credit line counted; nothing while one of its prices is not valid, or more
    /// events wait for it than one call applies. D18{USD}
    function _freeCashOf(
        HouseState storage state,
        AccountId account,
        Price[] memory prices
    ) private view returns (uint256) {
        uint256 markets = Accounts.marketsOf(state, account);
        if (markets == 0) return FreeCash.flat(state, account);
        if (Touching.tooManyEvents(state, account)) return 0;
        if (!FreeCash.needsPrices(state, account)) return FreeCash.flat(state, account);
        Work memory work;
        bool current = Settlement.gather(work, state, account, markets, prices);
        // A market that has ended has its price for good, whatever its feed says.
        for (uint256 i; i < work.holdings.length; ++i) {
            if (work.holdings[i].book.status != PriceStatus.Valid) return 0;
        }
        if (!current) Settlement.foresee(state, work);
        work.header.flags &= ~HAS_CREDIT;
        Portfolio memory portfolio = Settlement.portfolioOf(state, work, MarginKind.Initial);
        if (!current) {
            for (uint256 i; i < work.holdings.length; ++i) {
                Book memory book = work.holdings[i].book;
                if (Markets.isPaused(state, book)) continue;
                (uint256 low, uint256 high) = Markets.windowOf(state, book);
                portfolio.exposures[i].maturedUsd = Positions.maturedOnceTouched(state, book, account, low, high);
            }
        }
        return FreeCash.gathered(state, work, portfolio);
    }

    function _least(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        if (b < a) a = b;
        return c < a ? c : a;
    }

    /* COMING BACK */

    /// @dev To whom a profit of inventory goes: the tiers that paid for what made it, the last first, each at most what it paid; the rest to the tranche. A backstop for which more events wait than
    /// one call applies is passed over.
    /// @param bucket present maturity bucket of the market
    function share(
        HouseState storage state,
        MarketId id,
        uint256 bucket,
        uint256 amount
    ) external returns (AccountId[TIERS] memory accounts, uint256[TIERS] memory amounts) {
        OwedBack storage owed = state.owedBack[id];
        accounts[uint256(Tier.Backstop)] = accountIdOf(owed.backstop, 0);
        uint256 part = owed.toBackstop;
        if (part != 0 && amount != 0) {
            // A claim is added to a position that has seen every event.
            uint256 left = MarketEvents.touch(state, accounts[3], id, bucket, MAX_EVENTS_PER_TOUCH);
            part = left != 0 ? 0 : (part < amount ? part : amount);
            (amounts[3], amount, owed.toBackstop) = (part, amount - part, (owed.toBackstop - part).toUint96());
        }
        accounts[uint256(Tier.Protocol)] = accountIdOf(state.protocol, 0);
        part = owed.protocol < amount ? owed.protocol : amount;
        (amounts[2], amount, owed.protocol) = (part, amount - part, (owed.protocol - part).toUint128());
        accounts[uint256(Tier.Fund)] = accountIdOf(state.insurance, 0);
        part = owed.fund < amount ? owed.fund : amount;
        (amounts[1], amount, owed.fund) = (part, amount - part, (owed.fund - part).toUint128());
        (accounts[0], amounts[0]) = (Markets.systemAccount(id, TRANCHE), amount);
    }

    /* SHARING */

    /// @dev See IClearingHouse.distribute.
    function distribute(HouseState storage state, MarketId id) external {
        Market storage market = state.markets[id];
        if (market.pendingLoss != 0) revert IClearingHouse.DeficitsPending(id, market.pendingLoss);
        AccountId tranche = Markets.systemAccount(id, TRANCHE);
        AccountHeader memory header = Accounts.load(state, tranche);
        (uint256 toFund, uint256 toProtocol) = _splitOf(state, id, header.cash);
        if (toFund + toProtocol == 0) {
            revert IClearingHouse.NothingToDistribute(id, header.cash, market.retained);
        }
        header.takeCash(toFund + toProtocol);
        header.bump();
        Accounts.store(state, tranche, header);
        market.retained = header.cash.toUint128();
        Accounts.credit(state, accountIdOf(state.insurance, 0), toFund);
        Accounts.credit(state, accountIdOf(state.protocol, 0), toProtocol);
        emit IClearingHouse.Distributed(id, toFund, toProtocol, header.cash);
    }

    /// @dev See IClearingHouse.trancheOf.
    function trancheOf(
        HouseState storage state,
        MarketId id
    ) external view returns (IClearingHouse.TrancheState memory tranche) {
        Market storage market = state.markets[id];
        OwedBack storage owed = state.owedBack[id];
        tranche.account = Markets.systemAccount(id, TRANCHE);
        tranche.cashUsd = Accounts.cashOf(state, tranche.account);
        tranche.retainedUsd = market.retained;
        (tranche.owedToFundUsd, tranche.owedToProtocolUsd) = (owed.fund, owed.protocol);
        tranche.owedToBackstopUsd = owed.toBackstop;
        if (market.pendingLoss == 0) (tranche.toFundUsd, tranche.toProtocolUsd) = _splitOf(state, id, tranche.cashUsd);
    }

    /// @dev How what a tranche has taken in since it last shared is split. D18{USD}, rounded down: what is not whole stays.
    function _splitOf(
        HouseState storage state,
        MarketId id,
        uint256 cash
    ) private view returns (uint256 toFund, uint256 toProtocol) {
        uint256 retained = state.markets[id].retained;
        if (cash <= retained) return (0, 0);
        uint256 inflow = cash - retained;
        ILossWaterfall.SplitTerms memory split = state.waterfall.splitTermsOf(id);
        // The judge may be replaced; that no more is shared than came in is the ledger's own rule.
        if (state.insurance != address(0)) toFund = _least(inflow.mulWadDown(split.fund), inflow, inflow);
        if (state.protocol != address(0)) {
            toProtocol = _least(inflow.mulWadDown(split.protocol), inflow - toFund, inflow);
        }
    }
}
