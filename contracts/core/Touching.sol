// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState, JUNIOR, MAX_EVENTS_PER_TOUCH} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";

/// @notice Prices that a call has observed: the next account in the same markets need not ask again, since a transaction has one price per market.
struct Observed {
    uint256 markets;
    Price[] prices;
}

/// @title Opening an account for a call: prices observed, events applied, everything gathered
library Touching {
    /// @dev Observes prices, applies waiting events, gathers the account over its own markets and those of `more`. Reverts where more events wait than
    /// one call applies.
    function open(
        HouseState storage state,
        AccountId account,
        uint256 more,
        Freshness freshness
    ) internal returns (Work memory work) {
        Observed memory observed;
        (bool current, MarketId behind) = tryOpen(work, state, account, more, freshness, observed);
        if (!current) _revertPending(account, behind, pendingEvents(state, account, behind));
    }

    /// @dev Applies all events that wait for one position; reverts where one call does not reach.
    function requireCurrent(HouseState storage state, AccountId account, MarketId id, uint256 bucket) internal {
        uint256 left = applyEvents(state, account, id, bucket);
        if (left != 0) _revertPending(account, id, left);
    }

    function _revertPending(AccountId account, MarketId id, uint256 left) private pure {
        revert IClearingHouse.EventsPending(account, id, left + MAX_EVENTS_PER_TOUCH, MAX_EVENTS_PER_TOUCH);
    }

    /// @dev The same without reverting: where more events wait than one call applies, `current` is false, market `behind` has been brought that much
    /// nearer, and what is gathered means nothing.
    function tryOpen(
        Work memory work,
        HouseState storage state,
        AccountId account,
        uint256 more,
        Freshness freshness,
        Observed memory observed
    ) internal returns (bool current, MarketId behind) {
        uint256 markets = Accounts.marketsOf(state, account) | more;
        if (observed.markets != markets) {
            observed.prices = state.oracle.observe(markets, freshness);
            observed.markets = markets;
        }
        if (Settlement.gather(work, state, account, markets, observed.prices)) return (true, behind);
        for (uint256 i; i < work.holdings.length; ++i) {
            Book memory book = work.holdings[i].book;
            if (applyEvents(state, account, book.id, book.bucket) != 0) return (false, book.id);
        }
        Settlement.gather(work, state, account, markets, observed.prices);
        return (true, behind);
    }

    /// @dev Opens two accounts that are about to fill against each other in `market`. A market that both are in has one book in memory, so what the
    /// call does to it for one of them the other sees.
    function openPair(
        HouseState storage state,
        AccountId first,
        AccountId second,
        MarketId market,
        Freshness freshness
    ) internal returns (Work memory one, Work memory other) {
        return openPairOver(state, first, second, market.bit(), freshness);
    }

    /// @dev The same for fills in a set of markets.
    function openPairOver(
        HouseState storage state,
        AccountId first,
        AccountId second,
        uint256 filled,
        Freshness freshness
    ) internal returns (Work memory one, Work memory other) {
        uint256 marketsOfOne = Accounts.marketsOf(state, first) | filled;
        uint256 marketsOfOther = Accounts.marketsOf(state, second) | filled;
        uint256 markets = marketsOfOne | marketsOfOther;
        Price[] memory prices = state.oracle.observe(markets, freshness);
        // All events before anything is gathered: they change sums that a book in memory would not know of.
        _requireAllCurrent(state, first, markets, prices);
        _requireAllCurrent(state, second, markets, prices);
        Settlement.gather(one, state, first, marketsOfOne, _pricesOf(prices, markets, marketsOfOne));
        Settlement.gather(other, state, second, marketsOfOther, _pricesOf(prices, markets, marketsOfOther));
        _shareBooks(one, other);
    }

    function _requireAllCurrent(
        HouseState storage state,
        AccountId account,
        uint256 markets,
        Price[] memory prices
    ) private {
        uint256 index;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                MarketId id = MarketId.wrap(number);
                requireCurrent(state, account, id, Markets.bucketOf(state.markets[id], prices[index++].bucket));
            }
            markets >>= 1;
        }
    }

    /// @dev Of the prices of a set of markets, those of a subset.
    function _pricesOf(
        Price[] memory prices,
        uint256 markets,
        uint256 subset
    ) private pure returns (Price[] memory some) {
        if (subset == markets) return prices;
        some = new Price[](Accounts.popCount(subset));
        (uint256 from, uint256 to) = (0, 0);
        for (; subset != 0; (markets, subset) = (markets >> 1, subset >> 1)) {
            if (subset & 1 != 0) some[to++] = prices[from];
            if (markets & 1 != 0) ++from;
        }
    }

    /// @dev Both lists are in ascending order of market.
    function _shareBooks(Work memory one, Work memory other) private pure {
        (uint256 i, uint256 j) = (0, 0);
        while (i < one.holdings.length && j < other.holdings.length) {
            (uint8 a, uint8 b) = (MarketId.unwrap(one.holdings[i].book.id), MarketId.unwrap(other.holdings[j].book.id));
            if (a == b) other.holdings[j].book = one.holdings[i].book;
            if (a <= b) ++i;
            if (b <= a) ++j;
        }
    }

    /// @dev Applies the events that wait for one position, as many as one call may.
    /// @return left how many still wait
    function applyEvents(
        HouseState storage state,
        AccountId account,
        MarketId id,
        uint256 bucket
    ) internal returns (uint256 left) {
        if (pendingEvents(state, account, id) == 0) return 0;
        return MarketEvents.touch(state, account, id, bucket, MAX_EVENTS_PER_TOUCH);
    }

    /// @dev How many market events a position has not seen.
    function pendingEvents(HouseState storage state, AccountId account, MarketId id) internal view returns (uint256) {
        uint256 word = state.positions[account][id];
        // Neither size nor quote: there is nothing an event could do.
        if (word << 32 == 0) return 0;
        return Markets.eventsOf(state.markets[id]) - (word >> 224);
    }

    /// @dev Whether an account has more events waiting in one of its markets than one touch applies.
    function tooManyEvents(HouseState storage state, AccountId account) internal view returns (bool) {
        uint256 markets = Accounts.marketsOf(state, account);
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0 && pendingEvents(state, account, MarketId.wrap(number)) > MAX_EVENTS_PER_TOUCH)
                return true;
            markets >>= 1;
        }
        return false;
    }

    /// @dev The place of a market in a gathered account.
    function indexOf(Work memory work, MarketId id) internal pure returns (uint256 index) {
        while (work.holdings[index].book.id != id) ++index;
    }

    /// @dev Settles one account; the house's own, but for tranches, are left alone.
    function settle(HouseState storage state, AccountId account, PullScope scope, bool paysGains) internal {
        if (Accounts.marketsOf(state, account) == 0) return;
        if (account.owner() == address(this) && Accounts.flagsOf(state, account) & JUNIOR == 0) return;
        Work memory work = open(state, account, 0, Freshness.SameBlock);
        Settlement.pullLosses(state, work, 0, scope);
        if (paysGains) {
            for (uint256 i; i < work.holdings.length; ++i) Settlement.payGain(state, work, work.holdings[i]);
        }
        // An event may have emptied a position without anything being left to settle: the account leaves that market here.
        for (uint256 i; i < work.holdings.length; ++i) {
            Holding memory holding = work.holdings[i];
            if (holding.leg.size == 0 && holding.leg.quote == 0) Settlement.dropMarket(state, work, holding.book.id);
        }
        Settlement.finish(state, work);
    }
}
