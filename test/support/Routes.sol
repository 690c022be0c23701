// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {WholeHouse} from "./WholeHouse.sol";

/// @notice What it took until an account was healthy or resolved, or a market's inventory gone.
/// @param calls that changed something
/// @param waitedSeconds {s}
/// @param idleSeconds {s}, of these, how long nothing at all was to be waited for but the average skew
/// @param ended false: no route was left
struct Way {
    uint256 calls;
    uint256 slices;
    uint256 takeOvers;
    uint256 wholes;
    uint256 bids;
    uint256 resolutions;
    uint256 unwinds;
    uint256 tearUps;
    uint256 poolTearUps;
    uint256 waitedSeconds;
    uint256 idleSeconds;
    bool ended;
}

/// @title Routes
/// @notice A keeper without a strategy: asks the previews, in the order of docs/account-states.md, takes the first route that is open, waits where all say that it is too early, and goes on until
/// the account is healthy or resolved. Carol is the healthy taker, if there is one. No route may lower E/MM.
abstract contract Routes is WholeHouse {
    /// @dev For so long the keeper waits where nothing says that waiting helps: by then the average skew is the skew. {s}
    uint256 internal constant PATIENCE = 1_800;
    uint256 internal constant MOST_STEPS = 500;

    /// @dev Whether carol takes, and whether she comes before slices.
    bool internal hasTaker;
    bool internal takerIsFirst;

    /* AN ACCOUNT */

    function _restore(AccountId account) internal returns (Way memory way) {
        for (uint256 i; i < MOST_STEPS; ++i) {
            if (_isRestored(account)) {
                way.ended = true;
                return way;
            }
            if (_progress(account, way)) continue;
            uint256 wait = _shortestWait(account);
            if (wait == 0) {
                if (way.idleSeconds >= PATIENCE) return way;
                wait = 60;
                way.idleSeconds += wait;
            }
            way.waitedSeconds += wait;
            _elapse(wait);
        }
    }

    /// @dev Healthy, or without anything.
    function _isRestored(AccountId account) internal view returns (bool) {
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        return equity >= int256(required);
    }

    /// @dev Takes the first route that is open.
    function _progress(AccountId account, Way memory way) private returns (bool) {
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        if (equity < 0) return _tryResolve(account, way);
        bool done = takerIsFirst && hasTaker && _tryTakeOver(account, way);
        done = done || _trySlice(account, way) || (hasTaker && !takerIsFirst && _tryTakeOver(account, way));
        if (!done && house.distressOf(account).startedAt == 0) {
            _markAndWait(account, 0);
            ++way.calls;
            return true;
        }
        done = done || _tryBackstop(account, way);
        // A pool that cannot take anything because it is in distress itself has a route of its own.
        if (!done) return _tryPools(account, way);
        ++way.calls;
        _assertNoLessHealthy(account, equity, required);
        return true;
    }

    function _tryPools(AccountId account, Way memory way) private returns (bool) {
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (_size(account, market) != 0 && !_isRestored(pools[m]) && _tryPool(market, way)) return true;
        }
        return false;
    }

    function _tryResolve(AccountId account, Way memory way) private returns (bool) {
        (bool success, bytes memory reason) = address(house).call(
            abi.encodeCall(house.resolve, (account, new AccountId[](0), keeper))
        );
        // A charge so recent that it counts back.
        if (!success) {
            assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.AccountNotBankrupt.selector), "LIQ-5: resolve");
            return false;
        }
        ++way.calls;
        ++way.resolutions;
        return true;
    }

    function _trySlice(AccountId account, Way memory way) private returns (bool) {
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (!_isWorthSlicing(account, market)) continue;
            assertTrue(_acts(house.liquidate(account, market, keeper).code), "LIQ-1: view and action disagree");
            ++way.slices;
            return true;
        }
        return false;
    }

    /// @dev Whether a slice can be made that is all of the position, or worth the minimum of one: a pool that is full has room for a lot now and then, which leads nowhere.
    function _isWorthSlicing(AccountId account, MarketId market) internal view returns (bool) {
        ILiquidationEngine.Plan memory plan = house.previewLiquidation(account, market);
        if (plan.code != ILiquidationEngine.PlanCode.Partial) return _acts(plan.code);
        return (plan.closeSize * plan.price) / 1e18 >= house.termsOf(market).minNotionalUsd;
    }

    function _tryTakeOver(AccountId account, Way memory way) private returns (bool) {
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(account);
        if (_acts(total.code)) {
            house.takeOverWhole(_takeWhole(account));
            ++way.wholes;
            return true;
        }
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (!_acts(house.previewTakeOver(account, market, ALL).code)) continue;
            assertTrue(_acts(house.takeOver(_take(account, market, ALL)).code), "LIQ-5: take-over");
            ++way.takeOvers;
            return true;
        }
        return false;
    }

    function _tryBackstop(AccountId account, Way memory way) private returns (bool) {
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (_size(account, market) == 0) continue;
            if (pool.previewTake(account, market).refusal != IBackstopPool.BidRefusal.None) continue;
            pool.take(account, market);
            ++way.bids;
            return true;
        }
        return false;
    }

    /// @dev {s}, until a route that waits for time alone says that it is open; 0 if none does. Where slices are paced, until the slowest of its markets is full again: sooner they would be smaller.
    function _shortestWait(AccountId account) private view returns (uint256) {
        IClearingHouse.AccountState memory state = house.accountOf(account);
        if (state.graceUsd != 0 && _equity(account) < 0) return 60;
        uint256 paced;
        uint256 other = type(uint256).max;
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (_size(account, market) == 0) continue;
            if (house.previewLiquidation(account, market).code == ILiquidationEngine.PlanCode.Paced) {
                uint256 fullAt = house.previewPacing(account, market).fullAt;
                if (fullAt > vm.getBlockTimestamp() + paced) paced = fullAt - vm.getBlockTimestamp();
            }
            other = _least(other, _least(_waitForPool(market), _waitForBackstop(account, market)));
        }
        if (paced != 0) return paced;
        return other == type(uint256).max ? 0 : other;
    }

    /// @dev {s}, until the backstop may bid, should it be only too early; else the largest number.
    function _waitForBackstop(AccountId account, MarketId market) private view returns (uint256) {
        if (pool.previewTake(account, market).refusal != IBackstopPool.BidRefusal.Plan) return type(uint256).max;
        bool isEarly = house.previewBackstop(account, market, ALL).code == ILiquidationEngine.PlanCode.Paced;
        return isEarly ? PAUSE : type(uint256).max;
    }

    function _acts(ILiquidationEngine.PlanCode code) internal pure returns (bool) {
        return code >= ILiquidationEngine.PlanCode.Partial;
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    /* A POOL */

    /// @dev Until a pool is healthy again, or holds less than a lot.
    function _restorePool(MarketId market) internal returns (Way memory way) {
        AccountId account = pools[MarketId.unwrap(market)];
        for (uint256 i; i < MOST_STEPS; ++i) {
            if (_isRestored(account) || _isFlat(account, market)) {
                way.ended = true;
                return way;
            }
            if (_tryPool(market, way)) continue;
            uint256 wait = _waitForPool(market);
            if (wait == type(uint256).max) return way;
            way.waitedSeconds += wait;
            _elapse(wait);
        }
    }

    /// @dev A step for a pool in distress: resolved, marked, or the side opposite to it torn up.
    function _tryPool(MarketId market, Way memory way) private returns (bool) {
        AccountId account = pools[MarketId.unwrap(market)];
        if (_equity(account) < 0) return _tryResolve(account, way);
        ILiquidationEngine.PoolPlan memory plan = house.previewTearUpPool(market);
        if (_acts(plan.code)) {
            house.tearUpPool(market);
            ++way.poolTearUps;
        } else if (plan.code == ILiquidationEngine.PlanCode.Paced && house.distressOf(account).startedAt == 0) {
            _markAndWait(account, 0);
        } else {
            return false;
        }
        ++way.calls;
        return true;
    }

    /// @dev {s}, until the side opposite to a pool may be torn up; the largest number if that is not what it waits for.
    function _waitForPool(MarketId market) private view returns (uint256) {
        ILiquidationEngine.PoolPlan memory plan = house.previewTearUpPool(market);
        if (plan.code != ILiquidationEngine.PlanCode.Paced) return type(uint256).max;
        return plan.allowedAt > vm.getBlockTimestamp() ? plan.allowedAt - vm.getBlockTimestamp() : 1;
    }

    /// @dev Whether an account holds less than a lot.
    function _isFlat(AccountId account, MarketId market) internal view returns (bool) {
        int256 size = _size(account, market);
        int256 lot = int256(house.termsOf(market).lotSize);
        return size < lot && size > -lot;
    }

    /* WHAT IT LEFT */

    /// @dev Until the market's resolution account holds less than a lot.
    function _clearInventory(MarketId market) internal returns (Way memory way) {
        AccountId resolution = house.systemAccountOf(market, 0);
        for (uint256 i; i < MOST_STEPS; ++i) {
            if (_isFlat(resolution, market)) {
                way.ended = true;
                return way;
            }
            if (_sell(market, resolution, way)) {
                ++way.calls;
                continue;
            }
            way.waitedSeconds += 60;
            _elapse(60);
        }
    }

    function _sell(MarketId market, AccountId resolution, Way memory way) private returns (bool) {
        (bool success, ) = address(house).call(abi.encodeCall(house.unwind, (market)));
        if (success) {
            ++way.unwinds;
            return true;
        }
        if (hasTaker && _acts(house.previewTakeOver(resolution, market, ALL).code)) {
            house.takeOver(_take(resolution, market, ALL));
            ++way.takeOvers;
            return true;
        }
        if (pool.previewTake(resolution, market).refusal == IBackstopPool.BidRefusal.None) {
            pool.take(resolution, market);
            ++way.bids;
            return true;
        }
        bytes memory reason;
        (success, reason) = address(house).call(abi.encodeCall(house.tearUp, (market)));
        if (success) ++way.tearUps;
        else assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.TearUpTooEarly.selector), "LIQ-5: tear-up");
        return success;
    }

    /// @dev Books what waits, and touches everybody: then nothing of what was booked is left to collect.
    function _collect(MarketId market) internal {
        if (house.marketOf(market).pendingLossUsd >= 100e18) {
            _elapse(61);
            house.bookLoss(market);
        }
        for (uint256 i; i < people.length; ++i) house.touch(people[i], market, 16);
        house.touch(pools[MarketId.unwrap(market)], market, 16);
        assertLe(
            house.marketOf(market).uncollectedLossUsd,
            (people.length + 6) * house.marketOf(market).events * 1e6,
            "SOC-1: a booked loss was not collected"
        );
    }
}
