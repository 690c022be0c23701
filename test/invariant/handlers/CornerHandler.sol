// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {KeeperHandler} from "./KeeperHandler.sol";
import {TraderHandler} from "./TraderHandler.sol";
import {WeatherHandler} from "./WeatherHandler.sol";

/// @title CornerHandler
/// @notice Guided actions towards what random calls seldom reach: leverage on both sides, crashes deep enough for a default, tear-ups, refunds.
abstract contract CornerHandler is TraderHandler, WeatherHandler, KeeperHandler {
    /// @notice Two actors take opposite positions, one of them as large as it may, the other with cash to spare.
    function pair(uint256 who, uint256 where, uint256 amount) public {
        _heartbeat();
        uint256 m = where % MARKETS;
        (AccountId weak, AccountId strong) = (
            actors[who % ACTORS],
            actors[((who % ACTORS) + 1 + ((who >> 8) % 7)) % ACTORS]
        );
        _fund(weak, 10_000e18);
        _fund(strong, 100_000e18);
        uint256 cash = _cash(weak);
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 lot = house.termsOf(_marketId(m)).lotSize;
        uint256 notional = bound(amount, 5 * cash, 16 * cash);
        uint256 most = (house.termsOf(_marketId(m)).exposureCap * price) / 2e18;
        if (notional > most) notional = most;
        int256 size = int256(((notional * 1e18) / price / lot) * lot);
        if (who & 1 == 0) size = -size;
        if (_trade(weak, m, size, false)) _trade(strong, m, -size, false);
    }

    /// @notice The price moves against an actor until it is distressed, and a keeper is there in time.
    function distress(uint256 who, uint256 where) public {
        _distress(actors[who % ACTORS], where % MARKETS);
    }

    /// @dev Moves the price by half percents until E < MM, then liquidates once.
    function _distress(AccountId account, uint256 m) internal {
        _heartbeat();
        int256 size = _size(account, _marketId(m));
        if (size == 0 || !_isValid(m)) return;
        for (uint256 i; i < 60; ++i) {
            (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
            if (equity < int256(required)) break;
            _publish(m, (answers[m] * (size > 0 ? int256(9_950) : int256(10_050))) / 10_000);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
        _claimAll(account);
        _liquidate(account, m, keeper);
    }

    /// @notice The price gaps against an actor until it is bankrupt, then it is resolved.
    function bankrupt(uint256 who, uint256 where, uint256 losersMask) public {
        if (!_bankrupt(actors[who % ACTORS], where % MARKETS, losersMask)) return;
        // Half of the time keepers find everybody else who fell with it.
        if (losersMask & (1 << 100) == 0) return;
        for (uint256 i; i < ACTORS; ++i) if (_equity(actors[i]) < 0) _resolve(actors[i], losersMask >> 8);
    }

    function _bankrupt(AccountId account, uint256 m, uint256 losersMask) internal returns (bool) {
        _heartbeat();
        int256 size = _size(account, _marketId(m));
        if (size == 0 || !_isValid(m)) return false;
        for (uint256 i; i < 12; ++i) {
            (int256 equity, ) = house.marginOf(account, MarginKind.Maintenance);
            if (equity < 0) break;
            _publish(m, (answers[m] * (size > 0 ? int256(8_800) : int256(11_200))) / 10_000);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
        // It is too late to leave.
        if (losersMask & (1 << 101) != 0) _trade(account, m, -size, true);
        bool resolved = _resolve(account, losersMask);
        // And too early to tear up.
        if (resolved && losersMask & (1 << 102) != 0) _tearUp(m);
        return resolved;
    }

    /// @notice Three actors with little cash on one side, one with much on the other, and a gap: several defaults at once, of which all but the first
    /// wait to be booked, and more than the insurance of a day.
    function crowd(uint256 who, uint256 where) public {
        _heartbeat();
        uint256 m = where % MARKETS;
        uint256 lot = house.termsOf(_marketId(m)).lotSize;
        uint256 unit = house.termsOf(_marketId(m)).exposureCap / 8;
        uint256 price = oracle.peek(1 << m)[0].price;
        int256 size = int256((unit / lot) * lot);
        if (who & (1 << 100) == 0) size = -size;
        AccountId strong = actors[((who % ACTORS) + 3) % ACTORS];
        _fund(strong, (unit * price) / 1e18);
        if (!_trade(strong, m, -3 * size, false)) return;
        for (uint256 i; i < 3; ++i) {
            AccountId weak = actors[((who % ACTORS) + i) % ACTORS];
            _leave(weak, (unit * price) / 14e18);
            _trade(weak, m, size, false);
        }
        for (uint256 i; i < 3; ++i) _bankrupt(actors[((who % ACTORS) + i) % ACTORS], m, 0);
        waitAndBook();
    }

    /// @notice Waits until inventory may be torn up, and does it while the pool has no room for it.
    function waitAndTearUp(uint256 where) public {
        _steady(900);
        uint256 m = where % MARKETS;
        uint256 cap = _closePool(_marketId(m));
        _tearUp(m);
        _capPool(_marketId(m), cap);
    }

    /// @dev Brings an account's free cash to an amount.
    function _leave(AccountId account, uint256 amountUsd) internal {
        for (uint256 m; m < MARKETS; ++m) _touch(account, m);
        uint256 free = house.freeCashOf(account);
        if (free < amountUsd) _fund(account, amountUsd - free);
        if (free < amountUsd + 1e18) return;
        _actAs(
            account.owner(),
            abi.encodeCall(house.withdraw, (account, (free - amountUsd) / 1e12, account.owner())),
            ""
        );
    }

    /// @notice Everybody who was charged claims what is due, in a random order.
    function claimEverything(uint256 first) public {
        for (uint256 i; i < ACTORS; ++i) _claimAll(actors[((first % ACTORS) + i) % ACTORS]);
    }

    /// @dev Eighteen loss events behind one account: more than one call applies.
    /// @return whether they are
    function _pileUp(AccountId winner, AccountId loser, uint256 m) internal returns (bool) {
        reopen();
        _claimAll(winner);
        // Eighteen times up by an eighth needs room above.
        while (answers[m] > firstAnswers[m]) {
            _publish(m, (answers[m] * 7) / 10);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
        int256 lot = int256(house.termsOf(_marketId(m)).lotSize);
        _fund(winner, 200_000e18);
        int256 held = _size(winner, _marketId(m));
        if (held <= 0 && !_trade(winner, m, (1_000 - held / lot) * lot, false)) return false;
        // Up by a tenth each time, against a short that can bear a little less.
        for (uint256 i; i < 18; ++i) {
            skipSeconds(61);
            _heartbeat();
            _leave(loser, 3_000e18);
            uint256 price = oracle.peek(1 << m)[0].price;
            // A tear-up may have left a size that is no multiple of the lot.
            int256 delta = ((-int256(45_000e36 / price) - _size(loser, _marketId(m))) / lot) * lot;
            if (delta != 0) _trade(loser, m, delta, false);
            _bankrupt(loser, m, 0);
        }
        return house.marketOf(_marketId(m)).events > house.positionOf(winner, _marketId(m)).eventsSeen + 16;
    }

    /// @notice Outages and restrictions end at once.
    function reopen() public {
        skipSeconds(12);
        for (uint256 m; m < MARKETS; ++m) {
            if (deadUntil[m] != 0) deadUntil[m] = 1;
            if (restrictedUntil[m] != 0) restrictedUntil[m] = 1;
        }
        // Where a jump waits, a second round confirms it.
        for (uint256 i; i < 2; ++i) {
            _heartbeat();
            oracle.poke(ALL_MARKETS);
            skipSeconds(1);
        }
        _watch();
    }

    /// @notice Waits until losses may be booked, and books what waits.
    function waitAndBook() public {
        skipSeconds(61);
        _heartbeat();
        for (uint256 m; m < MARKETS; ++m) bookLoss(m);
    }

    /// @notice The thin market moves against its pool until that is bankrupt and resolved; somebody refills it.
    function failPool(uint256 who) public {
        _heartbeat();
        AccountId account = actors[who % ACTORS];
        _fund(account, 20_000e18);
        // Towards where the price has room to go.
        int256 size = int256((40_000e18 / oracle.peek(4)[0].price) * 1e18);
        _trade(account, 2, answers[2] > firstAnswers[2] ? -size : size, false);
        int256 held = _size(pools[2], _marketId(2));
        for (uint256 i; i < 8 && held != 0 && _equity(pools[2]) >= 0; ++i) {
            _publish(2, (answers[2] * (held > 0 ? int256(7_500) : int256(13_000))) / 10_000);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
        resolvePool(2);
        if (_equity(pools[2]) < 10_000e18) _fund(pools[2], 20_000e18);
    }

    /// @notice A flat actor takes out all but a little, opens a small position with it and is distressed: small positions close at once.
    function scrape(uint256 who, uint256 where) public {
        _heartbeat();
        AccountId account = actors[who % ACTORS];
        uint256 m = where % MARKETS;
        if (house.accountOf(account).markets != 0) return;
        _leave(account, 60e18);
        uint256 lot = house.termsOf(_marketId(m)).lotSize;
        int256 size = int256((500e36 / oracle.peek(1 << m)[0].price / lot) * lot);
        if (who & (1 << 100) == 0) size = -size;
        if (size == 0 || !_trade(account, m, size, false)) return;
        // What would be left is too small to stand.
        _trade(account, m, -((size * 6) / 10 / int256(lot)) * int256(lot), true);
        _distress(account, m);
    }
}
