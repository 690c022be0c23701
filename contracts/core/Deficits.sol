// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {Tier} from "../interfaces/ILossWaterfall.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {Coverage} from "./Coverage.sol";
import {
    DEFICIT,
    HouseState,
    LOSS_EVENT_GAP,
    MIN_BOOKED_LOSS,
    Market,
    MarketEvent,
    RESOLUTION,
    TRANCHE,
    WIND_DOWN_PAUSE
} from "./HouseState.sol";
import {LossTiers} from "./LossTiers.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Book, Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Settlement} from "./Settlement.sol";
import {Leg} from "./Words.sol";

/// @title Deficits and recoveries of a market
/// @notice Who meets what a default leaves open, in this order: the buffers, tier by tier (LossTiers); then it waits in the deficit account; then it is booked as a loss event.
/// A profit on what the default left goes the same way back.
library Deficits {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /// @dev Meets a deficit that has just been taken out of an account's quote leg: buffers pay into the reserve, the deficit account keeps the rest
    /// until it is booked. Σv: −deficit left the account, −rest arrives here, +paid is reserve.
    /// @param except an account that the caller holds a copy of: it pays nothing
    function cover(HouseState storage state, Book memory book, uint256 deficit, AccountId except) internal {
        Market storage market = state.markets[book.id];
        uint256 paid = LossTiers.cover(state, book.id, deficit, except);
        uint256 rest = deficit - paid;
        book.reserveDelta += int256(paid);
        market.pendingLoss = (market.pendingLoss + rest).toUint128();
        _setDeficit(state, book, market.pendingLoss);
        Markets.renewAlerts(book, market);
        Coverage.renew(state, book);
        Markets.setAlerts(market, book.rates.alertsOf());
        emit IClearingHouse.DeficitCovered(book.id, deficit, paid, market.pendingLoss);
    }

    /// @dev Before anything is covered: what the backstop's own positions need is measured in markets as they are stored.
    function saveForBackstop(HouseState storage state, Book memory book) internal {
        address backstop = state.backstop;
        if (backstop == address(0)) return;
        if (Accounts.marketsOf(state, accountIdOf(backstop, 0)) & book.id.bit() != 0) Markets.save(state, book);
    }

    /// @dev The deficit account owes exactly what waits to be booked.
    function _setDeficit(HouseState storage state, Book memory book, uint256 pending) private {
        AccountId account = Markets.systemAccount(book.id, DEFICIT);
        Positions.write(
            state,
            book,
            account,
            Leg(0, 0, 0),
            Leg({size: 0, quote: -pending.toInt(), seen: book.events}),
            false
        );
    }

    /// @dev Books what waits in a saved market, if it is worth an event and the last one is long enough ago.
    function tryBook(HouseState storage state, Book memory book) internal returns (bool booked) {
        Market storage market = state.markets[book.id];
        uint256 pending = market.pendingLoss;
        if (pending < leastBooked(state, book) || block.timestamp < nextEventAt(state, book.id)) return false;
        if (book.status != PriceStatus.Valid) return false;
        market.pendingLoss = 0;
        _setDeficit(state, book, 0);
        MarketEvents.bookLoss(state, book, pending);
        touchStanding(state, book);
        return true;
    }

    /// @dev The least worth an event. D18{USD}. A market that has ended waits for nothing more to come: once a day it books whatever there is, so that all of its claims
    /// can be paid.
    function leastBooked(HouseState storage state, Book memory book) internal view returns (uint256) {
        if (Markets.modeOf(book) != IClearingHouse.MarketMode.WoundDown || Markets.isPaused(state, book)) {
            return MIN_BOOKED_LOSS;
        }
        uint256 number = state.markets[book.id].lastLoss;
        bool isRecent = number != 0 && block.timestamp < state.events[book.id][number].bookedAt + WIND_DOWN_PAUSE;
        return isRecent ? MIN_BOOKED_LOSS : 1;
    }

    function nextEventAt(HouseState storage state, MarketId id) internal view returns (uint256) {
        uint256 number = state.markets[id].lastLoss;
        return number == 0 ? 0 : state.events[id][number].bookedAt + LOSS_EVENT_GAP;
    }

    /// @dev The pool, the buffers and the resolution account have seen every event at any time: nobody else's call has to bring them up to date.
    function touchStanding(HouseState storage state, Book memory book) internal {
        Market storage market = state.markets[book.id];
        MarketEvents.touch(state, Markets.poolOf(market), book.id, book.bucket, type(uint256).max);
        MarketEvents.touch(state, accountIdOf(state.insurance, 0), book.id, book.bucket, type(uint256).max);
        if (state.protocol != address(0)) {
            MarketEvents.touch(state, accountIdOf(state.protocol, 0), book.id, book.bucket, type(uint256).max);
        }
        AccountId tranche = Markets.systemAccount(book.id, TRANCHE);
        MarketEvents.touch(state, tranche, book.id, book.bucket, type(uint256).max);
        AccountId resolution = Markets.systemAccount(book.id, RESOLUTION);
        MarketEvents.touch(state, resolution, book.id, book.bucket, type(uint256).max);
        Markets.renewAlerts(book, market);
        Markets.setAlerts(market, book.rates.alertsOf());
    }

    /// @dev A profit first meets the deficits that wait, so that nobody is charged for them, then repays the loss event that made the inventory (its charges come
    /// back as refunds), then what tiers paid for it, the last first, then belongs to the market's tranche.
    function recover(HouseState storage state, Book memory book, uint256 amount) internal {
        Market storage market = state.markets[book.id];
        uint256 toPending = amount < market.pendingLoss ? amount : market.pendingLoss;
        if (toPending != 0) {
            amount -= toPending;
            market.pendingLoss = (market.pendingLoss - toPending).toUint128();
            _setDeficit(state, book, market.pendingLoss);
        }
        MarketEvent storage lossEvent = state.events[book.id][market.lastLoss];
        uint256 toWinners;
        if (market.lastLoss != 0 && lossEvent.bookedAt >= market.inventoryAt) {
            toWinners = amount < lossEvent.loss ? amount : lossEvent.loss;
            uint256 dueBefore = MarketEvents.overchargeOf(lossEvent);
            lossEvent.loss = (lossEvent.loss - toWinners).toUint128();
            market.refundsDue = (market.refundsDue + MarketEvents.overchargeOf(lossEvent) - dueBefore).toUint128();
            uint256 uncollected = toWinners < market.uncollectedLoss ? toWinners : market.uncollectedLoss;
            market.uncollectedLoss = (market.uncollectedLoss - uncollected).toUint128();
            market.surplus = (market.surplus + toWinners - uncollected).toUint128();
        }
        _creditTiers(state, book, amount - toWinners);
        Markets.renewAlerts(book, market);
        emit IClearingHouse.Recovered(book.id, toPending, toWinners, amount - toWinners);
    }

    /// @dev Claims of the tiers on what is left of a profit.
    function _creditTiers(HouseState storage state, Book memory book, uint256 amount) private {
        if (amount == 0) return;
        (AccountId[4] memory accounts, uint256[4] memory amounts) = LossTiers.share(
            state,
            book.id,
            book.bucket,
            amount
        );
        for (uint256 i; i < 4; ++i) {
            if (amounts[i] == 0) continue;
            Settlement.creditClaim(state, book, accounts[i], amounts[i]);
            emit IClearingHouse.TierRepaid(book.id, Tier(i), accounts[i], amounts[i]);
        }
    }
}
