// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {CreditLines} from "./CreditLines.sol";
import {Deficits} from "./Deficits.sol";
import {Distress} from "./Distress.sol";
import {
    HAS_CHARGES,
    HAS_CREDIT,
    HouseState,
    MARKED,
    MAX_REFUNDS_PER_LIQUIDATION,
    MIN_BOOKED_LOSS,
    Market,
    RESOLUTION,
    TRANCHE
} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Standing} from "./Standing.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @notice What a bankrupt account leaves.
/// @param heir who gets its claims
/// @param deficits D18{USD}, what others have to meet
/// @param left D18{USD}, claims less deficits
struct Estate {
    AccountId heir;
    uint256 deficits;
    int256 left;
}

/// @title Default: recognise at once, share by formula
/// @notice What a bankrupt account cannot pay is met by insurance within its caps and, last, by the unsettled gains of the same market; never by cash.
/// Its positions pass at the index to the market's resolution account (InventoryPath).
/// @dev Deployed on its own and linked: it runs in the house's storage.
library DefaultPath {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /* RECOGNITION */

    /// @dev See IClearingHouse.resolve.
    function resolve(
        HouseState storage state,
        AccountId account,
        AccountId[] calldata losers,
        AccountId keeper
    ) external {
        for (uint256 i; i < losers.length; ++i) {
            if (losers[i] != account) Touching.settle(state, losers[i], PullScope.Standing, false);
        }
        Work memory work = Touching.open(state, account, 0, Freshness.SameBlock);
        if (work.header.flags & HAS_CHARGES != 0) {
            for (uint256 i; i < work.holdings.length; ++i)
                MarketEvents.claimRefunds(state, account, work.holdings[i].book.id, MAX_REFUNDS_PER_LIQUIDATION);
            work = Touching.open(state, account, 0, Freshness.SameBlock);
        }
        _requireBankrupt(state, work);

        // Leaving its last market would release the deposit to the account: it is the keeper's from here on.
        uint256 reward = work.header.depositOf();
        for (uint256 i; i < work.holdings.length; ++i) Settlement.payGain(state, work, work.holdings[i]);
        Settlement.pullLosses(state, work, 0, PullScope.All);
        Estate memory estate = _empty(state, work);

        work.header.depositCents = 0;
        work.header.takeCash(reward);
        Standing.restart(work.header);
        work.header.bump();
        if (work.header.flags & MARKED != 0) Distress.clear(state, account, work.header);
        Settlement.finish(state, work);
        Accounts.credit(state, keeper, reward);
        emit IClearingHouse.Resolved(account, keeper, estate.deficits, reward, work.header.cash, work.header.version);
        // Its collateral answers for what it leaves to others, the claims that a tranche got from it counted against that.
        if (estate.left < 0 && work.header.flags & HAS_CREDIT != 0) {
            state.credit.bearDeficit(account, uint256(-estate.left));
        }

        for (uint256 i; i < work.holdings.length; ++i) {
            if (state.markets[work.holdings[i].book.id].pendingLoss != 0)
                Deficits.tryBook(state, work.holdings[i].book);
        }
    }

    function _requireBankrupt(HouseState storage state, Work memory work) private view {
        Portfolio memory portfolio = Settlement.portfolioOf(state, work, MarginKind.Maintenance);
        // Whoever has lost more than their own is carried by what can be drawn now, not by collateral that nobody can value.
        if (portfolio.creditLineUsd != 0) {
            portfolio.creditLineUsd = CreditLines.lineOf(state, work.account, MarginKind.Initial);
        }
        (int256 equity, ) = state.risk.assess(portfolio, MarginKind.Maintenance);
        if (work.header.flags & HAS_CHARGES != 0 && state.graces[work.account].until > block.timestamp) {
            equity += int256(uint256(state.graces[work.account].amount));
        }
        // The judge may be replaced; that nobody is taken over whose cash covers their losses is the ledger's own rule.
        int256 ownEquity = work.header.marginCash().toInt();
        for (uint256 i; i < work.holdings.length; ++i) ownEquity += work.holdings[i].value;
        if (equity < ownEquity) equity = ownEquity;
        if (equity >= 0) revert IClearingHouse.AccountNotBankrupt(work.account, equity);
        bool hasPrice;
        for (uint256 i; i < work.holdings.length; ++i) {
            Book memory book = work.holdings[i].book;
            IClearingHouse.MarketMode mode = Markets.modeOf(book);
            if (mode == IClearingHouse.MarketMode.Halted && work.holdings[i].leg.size != 0) {
                revert IClearingHouse.MarketNotOpen(book.id, mode);
            }
            if (book.status == PriceStatus.Valid) hasPrice = true;
        }
        // Nothing could be taken over: the deposit is not to be had for that.
        if (!hasPrice) {
            Book memory first = work.holdings[0].book;
            revert IClearingHouse.PriceNotValid(first.id, first.status);
        }
    }

    /// @dev Empties every market of a bankrupt account that has a valid price.
    function _empty(HouseState storage state, Work memory work) private returns (Estate memory estate) {
        estate.heir = _heirOf(work);
        for (uint256 i; i < work.holdings.length; ++i) {
            if (work.holdings[i].book.status == PriceStatus.Valid) _takeOver(state, work, work.holdings[i], estate);
        }
    }

    /// @dev Who gets the claims that a bankrupt account has in other markets: the tranche of the market that it leaves the largest deficit in, since that pays first for it.
    function _heirOf(Work memory work) private view returns (AccountId) {
        MarketId worst = work.holdings[0].book.id;
        int256 lowest;
        for (uint256 i; i < work.holdings.length; ++i) {
            Holding memory holding = work.holdings[i];
            if (holding.book.status != PriceStatus.Valid || holding.value >= lowest) continue;
            (worst, lowest) = (holding.book.id, holding.value);
        }
        return Markets.systemAccount(worst, TRANCHE);
    }

    /// @dev Empties one market of a bankrupt account: the position to the resolution account, a claim to a tranche (which counts it as nothing until it
    /// is paid), a deficit to whoever has to bear it.
    function _takeOver(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        Estate memory estate
    ) private {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        int256 quote = leg.quote;
        if (leg.size != 0) {
            int256 cost = (-leg.size).mulWadCeil(book.x);
            quote -= cost;
            _give(state, book, leg.size, cost);
            emit IClearingHouse.PositionMoved(
                work.account,
                book.id,
                Markets.systemAccount(book.id, RESOLUTION),
                leg.size,
                cost
            );
        }
        Settlement.store(state, work, holding, Leg({size: 0, quote: 0, seen: book.events}));
        Deficits.saveForBackstop(state, book);
        estate.left += quote;
        if (quote > 0) {
            _bequeath(state, book, estate.heir, uint256(quote));
        } else if (quote < 0) {
            estate.deficits += uint256(-quote);
            Deficits.cover(state, book, uint256(-quote), work.account);
        }
    }

    /// @dev Gives a claim to the heir, once the events that wait for an earlier claim of its own there have been applied. Where one call does not reach, to the market's own
    /// tranche, for which none ever wait.
    function _bequeath(HouseState storage state, Book memory book, AccountId heir, uint256 amountUsd) private {
        if (Touching.applyEvents(state, heir, book.id, book.bucket) != 0) {
            heir = Markets.systemAccount(book.id, TRANCHE);
        }
        Markets.renewAlerts(book, state.markets[book.id]);
        Settlement.creditClaim(state, book, heir, amountUsd);
    }

    /// @dev The resolution account takes over a position of `size` and is credited `quote` with it.
    function _give(HouseState storage state, Book memory book, int256 size, int256 quote) private {
        AccountId resolution = Markets.systemAccount(book.id, RESOLUTION);
        Leg memory leg = Positions.stored(state, resolution, book.id, book.events);
        Market storage market = state.markets[book.id];
        // A tear-up may have left units of older inventory. One whose longs and shorts have cancelled is not over before its result is closed.
        uint256 result = Markets.valueOf(book, leg.size, leg.quote).magnitude();
        if (leg.size.magnitude() < market.lotSize && result < MIN_BOOKED_LOSS) {
            market.inventoryAt = uint40(block.timestamp);
            delete state.owedBack[book.id];
        }
        Positions.recordFill(state, book, resolution, size, -quote);
        Positions.write(
            state,
            book,
            resolution,
            leg,
            Leg({size: leg.size + size, quote: leg.quote + quote, seen: book.events}),
            false
        );
    }

    /* LOSS EVENTS */

    /// @dev See IClearingHouse.bookLoss.
    function bookLoss(HouseState storage state, MarketId id) external {
        Book memory book = _openBook(state, id);
        Markets.save(state, book);
        if (!Deficits.tryBook(state, book)) {
            revert IClearingHouse.LossNotBookable(
                id,
                state.markets[id].pendingLoss,
                Deficits.leastBooked(state, book),
                Deficits.nextEventAt(state, id)
            );
        }
    }

    function _openBook(HouseState storage state, MarketId id) private returns (Book memory book) {
        Price[] memory prices = state.oracle.observe(id.bit(), Freshness.SameBlock);
        book = Markets.load(state, id, prices[0]);
        Markets.requireOpen(book);
    }
}
