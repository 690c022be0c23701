// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {SkewMath} from "../libraries/SkewMath.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {CreditLines} from "./CreditLines.sol";
import {
    COVERAGE_LOW,
    HAS_CREDIT,
    HAS_HELD,
    HouseState,
    JUNIOR,
    LOSS_PENDING,
    LOSS_UNCOLLECTED,
    MAX_EVENTS_PER_TOUCH,
    Market,
    TRANCHE
} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {AccountHeader, Leg, Words} from "./Words.sol";

/// @notice What an account has in one market while a call works on it.
/// @param value D18{USD}, unsettled value U
/// @param changed whether the book has to be saved
struct Holding {
    Book book;
    Leg leg;
    int256 value;
    bool changed;
}

/// @notice An account in memory while a call works on it: its header and its holdings, in ascending order of market.
struct Work {
    AccountId account;
    AccountHeader header;
    Holding[] holdings;
}

/// @notice Whose losses a settlement pulls.
/// `Acted`: only the market acted in while cash covers everything. `Standing`: in each market what is lost at both extremes of the
/// maturity window too (a stranger's settle: no wick takes cash). `All`: everything.
enum PullScope {
    Acted,
    Standing,
    All
}

/// @title Settlement: between quote legs and cash, through market reserves
/// @notice A loss moves cash into the reserve B, a matured gain moves reserve into cash; no equity changes, and no cash of anybody else.
library Settlement {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;
    using Words for AccountHeader;

    /// @dev Gathers into `work` an account over a set of markets that contains all of its own, as stored. `prices` are those of the set, in order.
    /// @return current false where market events wait: they have to be applied, or foreseen, before the account means anything
    function gather(
        Work memory work,
        HouseState storage state,
        AccountId account,
        uint256 markets,
        Price[] memory prices
    ) internal view returns (bool current) {
        work.account = account;
        work.header.read(state.headers[account]);
        // Allocating an array of structs makes them already, so they are filled where they are.
        work.holdings = new Holding[](prices.length);
        current = true;
        uint256 index;
        for (uint256 number; markets != 0; markets >>= 1) {
            // A set has 64 bits.
            unchecked {
                if (markets & 1 != 0) {
                    Holding memory holding = work.holdings[index];
                    MarketId id = MarketId.wrap(uint8(number));
                    Book memory book = holding.book;
                    Leg memory leg = holding.leg;
                    Markets.read(book, state, id, prices[index]);
                    Positions.readStored(leg, state, account, id, book.events);
                    if (leg.seen != book.events) current = false;
                    holding.value = Markets.valueOf(book, leg.size, leg.quote);
                    ++index;
                }
                ++number;
            }
        }
    }

    /// @dev Applies, in memory, the events that a gathered account has not seen.
    function foresee(HouseState storage state, Work memory work) internal view {
        for (uint256 i; i < work.holdings.length; ++i) {
            Holding memory holding = work.holdings[i];
            Book memory book = holding.book;
            Leg memory leg = holding.leg;
            Positions.foresee(leg, state, work.account, book.id, book.events, MAX_EVENTS_PER_TOUCH);
            holding.value = Markets.valueOf(book, leg.size, leg.quote);
        }
    }

    /// @dev The account as a risk engine wants to see it.
    function portfolioOf(
        HouseState storage state,
        Work memory work,
        MarginKind kind
    ) internal view returns (Portfolio memory portfolio) {
        Holding[] memory holdings = work.holdings;
        Exposure[] memory exposures = new Exposure[](holdings.length);
        portfolio.cashUsd = work.header.marginCash();
        if (work.header.flags & HAS_CREDIT != 0) {
            portfolio.creditLineUsd = CreditLines.lineOf(state, work.account, kind);
        }
        portfolio.exposures = exposures;
        for (uint256 i; i < holdings.length; ++i) {
            Holding memory holding = holdings[i];
            Book memory book = holding.book;
            Exposure memory exposure = exposures[i];
            exposure.market = book.id;
            exposure.status = book.status;
            exposure.size = holding.leg.size;
            exposure.price = book.price;
            exposure.valueUsd = holding.value;
            exposure.depthUsd = SkewMath.depthUsd(book.skewScale, book.price);
            exposure.openInterestUsd = Markets.largerSideUsdUp(book);
            if (kind == MarginKind.Initial) {
                uint256 alerts = book.rates.alertsOf();
                exposure.lossPending = alerts & LOSS_UNCOLLECTED != 0;
                exposure.coverageLow = alerts & COVERAGE_LOW != 0;
                if (holding.value > 0) exposure.maturedUsd = maturedOf(state, work.account, holding);
            }
        }
    }

    /// @dev Cash that can be paid from: neither the deposit nor what is held for markets without a valid price. D18{USD}
    function availableOf(HouseState storage state, Work memory work) internal view returns (uint256) {
        return work.header.marginCash() - Accounts.heldOf(state, work.account, work.header);
    }

    /// @dev Equity and requirement as the risk engine judges them now.
    function assess(
        HouseState storage state,
        Work memory work,
        MarginKind kind
    ) internal view returns (int256 equityUsd, uint256 requiredUsd) {
        return state.risk.assess(portfolioOf(state, work, kind), kind);
    }

    /// @dev The account as a risk engine wants to see it for initial margin, its credit line counted as nothing.
    function ownPortfolioOf(
        HouseState storage state,
        Work memory work
    ) internal view returns (Portfolio memory portfolio) {
        portfolio = portfolioOf(state, work, MarginKind.Initial);
        portfolio.creditLineUsd = 0;
    }

    /// @dev Draws cash on the account's line, as far as it reaches; the account has `HAS_CREDIT`.
    function drawCredit(
        HouseState storage state,
        Work memory work,
        uint256 amountUsd
    ) internal returns (uint256 drawnUsd) {
        drawnUsd = CreditLines.draw(state, work.account, work.header, amountUsd);
        work.header.addCash(drawnUsd);
        if (drawnUsd != 0) work.header.bump();
    }

    /// @dev Turns so much of a line into cash that the account has its initial margin without it: a promise that can be withdrawn carries no position.
    function drawToMargin(HouseState storage state, Work memory work) internal {
        if (work.header.flags & HAS_CREDIT == 0) return;
        (int256 equity, uint256 required) = state.risk.assess(ownPortfolioOf(state, work), MarginKind.Initial);
        uint256 missing = (required.toInt() - equity).positivePart();
        if (missing != 0) drawCredit(state, work, missing);
    }

    /// @dev Matured part of the gain in one market. D18{USD}
    function maturedOf(
        HouseState storage state,
        AccountId account,
        Holding memory holding
    ) internal view returns (uint256) {
        if (Markets.isPaused(state, holding.book)) return 0;
        (uint256 low, uint256 high) = Markets.windowOf(state, holding.book);
        return Positions.maturedOf(state, holding.book, account, holding.leg, low, high);
    }

    /// @dev Moves `amountUsd` between quote leg and cash in one market: positive pays a gain out of the reserve, negative pulls a loss into it.
    function move(HouseState storage state, Work memory work, Holding memory holding, int256 amountUsd) internal {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        Leg memory updated = Leg({size: leg.size, quote: leg.quote - amountUsd, seen: book.events});
        store(state, work, holding, updated);
        book.reserveDelta -= amountUsd;
        if (amountUsd > 0) {
            work.header.addCash(uint256(amountUsd));
        } else {
            work.header.takeCash(uint256(-amountUsd));
        }
        work.header.bump();
        emit IClearingHouse.Settled(
            work.account,
            book.id,
            amountUsd,
            updated.size,
            updated.quote,
            work.header.cash,
            work.header.version
        );
    }

    /// @dev Writes a new position in one market and what hangs on it: side sums, the account's set of markets, its value.
    function store(HouseState storage state, Work memory work, Holding memory holding, Leg memory updated) internal {
        Book memory book = holding.book;
        AccountId account = work.account;
        bool isPool = account == Markets.poolOf(state.markets[book.id]);
        Positions.write(state, book, account, holding.leg, updated, isPool);
        holding.leg = updated;
        holding.value = Markets.valueOf(book, updated.size, updated.quote);
        holding.changed = true;
        // A pool and the house's own accounts stay in their market for good, an empty position included.
        bool stays = isPool || account.owner() == address(this);
        work.header.setMarket(account, book.id, stays || updated.size != 0 || updated.quote != 0);
    }

    /// @dev Takes an empty position's market out of the account's set; a pool stays in its market for good.
    function dropMarket(HouseState storage state, Work memory work, MarketId id) internal view {
        if (work.account != Markets.poolOf(state.markets[id])) work.header.setMarket(work.account, id, false);
    }

    /// @dev Pulls losses into the reserves, drawing on a credit line where cash runs short. Where it does not cover them all it is shared pro rata to the losses; the share of a market without a
    /// valid price is kept aside in cash as `held` until the price is back.
    function pullLosses(HouseState storage state, Work memory work, uint256 acted, PullScope scope) internal {
        if (scope == PullScope.Acted && _coversLosses(work)) {
            Holding memory holding = work.holdings[acted];
            if (holding.value < 0 && holding.book.status == PriceStatus.Valid)
                move(state, work, holding, holding.value);
            return;
        }
        uint256 count = work.holdings.length;
        uint256[] memory losses = new uint256[](count);
        uint256 total;
        uint256 heldUsd;
        bool hasHeld = work.header.flags & HAS_HELD != 0;
        for (uint256 i; i < count; ++i) {
            Holding memory holding = work.holdings[i];
            Book memory book = holding.book;
            uint256 loss =
                scope == PullScope.Standing && holding.value < 0
                    ? _standingLossOf(state, holding)
                    : (-holding.value).positivePart();
            if (hasHeld) {
                uint256 held = state.held[work.account][book.id];
                if (held != 0) {
                    if (book.status == PriceStatus.Valid || (loss == 0 && holding.leg.size == 0)) {
                        // The price is back, or nothing is left to price: what was kept for this market serves it first.
                        state.held[work.account][book.id] = 0;
                        uint256 served = held < loss ? held : loss;
                        if (served != 0) move(state, work, holding, -int256(served));
                        loss -= served;
                    } else {
                        heldUsd += held;
                        loss = loss > held ? loss - held : 0;
                    }
                }
            }
            losses[i] = loss;
            total += loss;
        }
        uint256 available = work.header.marginCash() - heldUsd;
        if (total > available && work.header.flags & HAS_CREDIT != 0) {
            available += drawCredit(state, work, total - available);
        }
        if (total <= available) {
            for (uint256 i; i < count; ++i) {
                if (losses[i] == 0 || (scope == PullScope.Acted && i != acted)) continue;
                Holding memory holding = work.holdings[i];
                if (holding.book.status == PriceStatus.Valid) move(state, work, holding, -int256(losses[i]));
            }
        } else {
            for (uint256 i; i < count; ++i) {
                uint256 share = available.mulDivDown(losses[i], total);
                if (share == 0) continue;
                Holding memory holding = work.holdings[i];
                if (holding.book.status == PriceStatus.Valid) {
                    move(state, work, holding, -int256(share));
                } else {
                    state.held[work.account][holding.book.id] += share;
                    heldUsd += share;
                }
            }
        }
        if (heldUsd != 0) work.header.flags |= HAS_HELD;
        else if (hasHeld) work.header.flags &= ~HAS_HELD;
    }

    /// @dev Whether cash covers what the account loses in all its markets, and none of it is held for one: the usual case.
    function _coversLosses(Work memory work) private pure returns (bool) {
        if (work.header.flags & HAS_HELD != 0) return false;
        Holding[] memory holdings = work.holdings;
        int256 total;
        for (uint256 i; i < holdings.length; ++i) {
            int256 value = holdings[i].value;
            // Sixteen values of less than 2¹⁸⁵.
            unchecked {
                if (value < 0) total -= value;
            }
        }
        return uint256(total) <= work.header.marginCash();
    }

    /// @dev What is lost at the window's extremes too. D18{USD}
    function _standingLossOf(HouseState storage state, Holding memory holding) private view returns (uint256) {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        int256 value = holding.value;
        if (leg.size != 0) {
            (uint256 low, uint256 high) = Markets.windowOf(state, book);
            uint256 best = leg.size > 0 ? high : low;
            int256 atBest = leg.size.mulWadFloor(best.toInt() - book.fundingIndex) + leg.quote;
            if (atBest > value) value = atBest;
        }
        return (-value).positivePart();
    }

    /// @dev Pays the matured gain in one market as far as the reserve reaches.
    function payGain(HouseState storage state, Work memory work, Holding memory holding) internal {
        Book memory book = holding.book;
        if (holding.value <= 0 || book.status != PriceStatus.Valid) return;
        uint256 reserve = payableReserve(state, book, work);
        if (reserve == 0) return;
        uint256 amount = maturedOf(state, work.account, holding);
        if (amount > reserve) amount = reserve;
        if (amount != 0) move(state, work, holding, int256(amount));
    }

    /// @dev Reserve that gains of `account` may be paid from: B less deficits that wait to be booked; for a buffer
    /// only what exceeds the gains of everybody else, because its claims are junior. D18{USD}
    function payableReserve(
        HouseState storage state,
        Book memory book,
        Work memory work
    ) internal view returns (uint256) {
        Market storage market = state.markets[book.id];
        uint256 reserve = Markets.reserveOf(market, book);
        uint256 owed = book.rates.alertsOf() & LOSS_PENDING != 0 ? market.pendingLoss : 0;
        if (work.header.flags & JUNIOR != 0) owed += _seniorGains(state, book, market, work.account, reserve);
        return reserve > owed ? reserve - owed : 0;
    }

    /// @dev max(0, U) of the longs, of the shorts, of the pool, and of those without a size other than buffers: what Σv = B + L − S leaves for them. D18{USD}
    function _seniorGains(
        HouseState storage state,
        Book memory book,
        Market storage market,
        AccountId account,
        uint256 reserve
    ) private view returns (uint256) {
        (int256 longQuote, int256 shortQuote) = Markets.quotesOf(market, book);
        Leg memory pool = Positions.stored(state, Markets.poolOf(market), book.id, book.events);
        int256 flatQuote =
            int256(reserve + market.uncollectedLoss + market.pendingLoss) -
                int256(uint256(market.surplus)) -
                longQuote -
                shortQuote -
                pool.quote -
                _juniorQuote(state, book, account);
        return
            LossMath.gainAt(int256(book.longOpenInterest), book.x, longQuote) +
            LossMath.gainAt(-int256(book.shortOpenInterest), book.x, shortQuote) +
            LossMath.gainAt(pool.size, book.x, pool.quote) +
            flatQuote.positivePart();
    }

    /// @dev Claims of the fund, of the protocol, of the market's own tranche, and of `account` where it is another market's. D18{USD}
    function _juniorQuote(
        HouseState storage state,
        Book memory book,
        AccountId account
    ) private view returns (int256 quote) {
        AccountId tranche = Markets.systemAccount(book.id, TRANCHE);
        AccountId fund = accountIdOf(state.insurance, 0);
        quote =
            Positions.stored(state, fund, book.id, book.events).quote +
            Positions.stored(state, tranche, book.id, book.events).quote;
        AccountId protocol = accountIdOf(state.protocol, 0);
        if (state.protocol != address(0)) quote += Positions.stored(state, protocol, book.id, book.events).quote;
        if (account != fund && account != tranche && account != protocol)
            quote += Positions.stored(state, account, book.id, book.events).quote;
    }

    /// @dev Gives a flat claim in a market to an account that the call holds no copy of. It has to stand like any other gain before it is paid.
    function creditClaim(HouseState storage state, Book memory book, AccountId account, uint256 amountUsd) internal {
        Leg memory leg = Positions.effective(state, account, book.id, book.events, type(uint256).max);
        int256 amount = int256(amountUsd);
        Positions.recordFill(state, book, account, 0, -amount);
        Leg memory updated = Leg({size: leg.size, quote: leg.quote + amount, seen: book.events});
        Positions.write(state, book, account, leg, updated, false);
        Accounts.join(state, account, book.id);
    }

    /// @dev Writes header and changed books.
    function finish(HouseState storage state, Work memory work) internal {
        Holding[] memory holdings = work.holdings;
        for (uint256 i; i < holdings.length; ++i) {
            if (holdings[i].changed) Markets.save(state, holdings[i].book);
        }
        Accounts.store(state, work.account, work.header);
    }
}
