// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {Routes, Way} from "../support/Routes.sol";

/// @notice LIQ-5: whatever an account below maintenance margin holds, whatever the depth of the pools, insurance, backstop and collateral, taking the first route that is open leads to a healthy or a
/// resolved account, in a bounded number of calls and a bounded time, and no call on the way lowers its health.
contract Routes_Test is Routes {
    /// @dev No way is longer: 5·D is sixty times an account's part of a market's bucket, there are four markets and one allowance for all, and a window is at most forty seconds.
    uint256 private constant MOST_CALLS = 260;
    uint256 private constant MOST_SECONDS = 4 hours;
    uint256 private constant DRAWS = 150;

    AccountId private _victim;
    AccountId private _dave;

    event Taken(string route, uint256 times);

    function setUp() public override {
        super.setUp();
        _listNext(150e8, 600_000e18, 0.01e18);
        _listNext(30e8, 1_000_000e18, 0.1e18);
        _victim = _person("victim");
        _dave = _person("dave");
        _fund(bob, 1_000_000_000e18);
        _fund(carol, 1_000_000_000e18);
        _fund(_dave, 1_000_000_000e18);
        _elapse(0);
    }

    /* STATES */

    /// @dev Makes everything around the account: depths, what pools own, skews, insurance, the backstop's money.
    function _arrangeMarkets(uint256 seed) private {
        for (uint256 m; m < listed; ++m) {
            uint256 part = seed >> (m * 32);
            _deepen(m, 4 ** (part % 4));
            _leavePool(m, part >> 4);
            if ((part >> 8) % 3 != 0) _skew(m, part >> 10);
        }
        seed >>= 128;
        if (seed % 2 == 0) _elapse(600);
        uint256[4] memory insurance_ = [uint256(0), 1_000e18, 20_000e18, INSURANCE_USD];
        _leave(_fundAccount(), insurance_[(seed >> 1) % 4]);
        uint256[4] memory stakes = [uint256(0), 0, 200_000e18, 3_000_000e18];
        uint256 stake = stakes[(seed >> 3) % 4];
        if (stake == 0) _leave(poolAccount, (seed >> 5) % 2 == 0 ? 0 : 5_000e18);
        else _stake(luis, stake);
    }

    function _deepen(uint256 m, uint256 divisor) private {
        IClearingHouse.MarketTerms memory terms = house.termsOf(MarketId.wrap(uint8(m)));
        terms.skewScale /= divisor;
        terms.exposureCap = terms.skewScale / 50;
        house.setMarketTerms(MarketId.wrap(uint8(m)), terms);
    }

    function _leavePool(uint256 m, uint256 part) private {
        uint256[4] memory left = [POOL_USD, 500_000e18, 50_000e18, 2_000e18];
        _leave(pools[m], left[part % 4]);
    }

    /// @dev Takes the free cash of an account down to an amount.
    function _leave(AccountId account, uint256 amountUsd) private {
        uint256 free = house.freeCashOf(account);
        if (free <= amountUsd) return;
        vm.prank(account.owner());
        house.withdraw(account, free - amountUsd, account.owner());
    }

    /// @dev Dave takes up to what the pool may hold, where it lets him.
    function _skew(uint256 m, uint256 part) private {
        MarketId market = MarketId.wrap(uint8(m));
        IClearingHouse.MarketTerms memory terms = house.termsOf(market);
        uint256 size = (terms.exposureCap * (1 + (part % 100))) / 100;
        size -= size % terms.lotSize;
        int256 delta = (part >> 8) % 2 == 0 ? int256(size) : -int256(size);
        (bool success, ) = address(house).call(abi.encodeCall(house.trade, (_request(_dave, market, delta))));
        // A pool that owns next to nothing takes nothing.
        success;
    }

    /// @dev One to four positions, from the least to five times D, with initial margin and no more, part of it borrowed in some.
    function _arrangeVictim(uint256 seed) private {
        uint256 count = 1 + (seed % 4);
        uint256 first = (seed >> 2) % 4;
        _fund(_victim, 400_000_000e18);
        for (uint256 i; i < count; ++i) _openFor((first + i) % 4, seed >> (8 + i * 16));
        if ((seed >> 4) % 3 == 0) _pledge(_victim, weth, (1 + ((seed >> 80) % 200)) * 1e18);
        _takeFreeCash(_victim);
        if ((seed >> 6) % 2 == 0) _fund(_victim, 1 + ((seed >> 96) % 20_000e18));
    }

    function _openFor(uint256 m, uint256 part) private {
        MarketId market = MarketId.wrap(uint8(m));
        IClearingHouse.MarketTerms memory terms = house.termsOf(market);
        // 5·D is K/20 in base.
        uint256 size = terms.skewScale / 20 / (2 ** (part % 13));
        size = (size * (64 + ((part >> 4) % 65))) / 128;
        uint256 least = (terms.minNotionalUsd * 1e18) / oracle.peek(market.bit())[0].price + terms.lotSize;
        if (size < least) size = least;
        size -= size % terms.lotSize;
        _pair(_victim, bob, market, (part >> 12) % 2 == 0 ? int256(size) : -int256(size));
    }

    /// @dev Prices go against the account by 1 % to 60 %, in one market of eight in its favour.
    function _moveAgainst(uint256 seed) private {
        for (uint256 m; m < listed; ++m) {
            uint256 part = seed >> (m * 32);
            int256 size = _size(_victim, MarketId.wrap(uint8(m)));
            if (size == 0) continue;
            int256 percent = int256(1 + ((part >> 4) % (part % 4 == 0 ? 60 : 5)));
            int256 tenths = percent * 10 - int256((part >> 12) % 10);
            if ((size > 0) == ((part >> 20) % 8 != 0)) tenths = -tenths;
            answers[m] = (answers[m] * (1_000 + tenths)) / 1_000;
        }
        if ((seed >> 128) % 4 == 0) answers[5] = (answers[5] * 9) / 10;
        _elapse(12);
    }

    function _arrange(uint256 markets, uint256 positions, uint256 moves) private {
        _arrangeMarkets(markets);
        _arrangeVictim(positions);
        _moveAgainst(moves);
    }

    /* PROPERTIES */

    /// @dev What is called healthy is left alone by every route.
    function _assertLeftAlone() private {
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            assertFalse(_acts(house.liquidate(_victim, market, keeper).code), "LIQ-1: sliced");
            assertFalse(_acts(house.takeOver(_take(_victim, market, ALL)).code), "LIQ-1: taken over");
        }
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.takeOverWhole(_takeWhole(_victim));
        assertFalse(_acts(total.code), "LIQ-1: taken over as a whole");
    }

    function _end(Way memory way) private {
        assertLe(way.calls, MOST_CALLS, "LIQ-5: calls");
        assertLe(way.waitedSeconds, MOST_SECONDS, "LIQ-5: time");
        (int256 equity, ) = house.marginOf(_victim, MarginKind.Maintenance);
        assertGe(equity, int256(0), "LIQ-5: a debt is left");
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            Way memory pool_ = _restorePool(market);
            assertTrue(pool_.ended, "LIQ-5: a pool is left in distress");
            assertLe(pool_.calls, 8, "LIQ-5: calls for a pool");
            assertLe(pool_.waitedSeconds, 100, "LIQ-5: time for a pool");
            Way memory selling = _clearInventory(market);
            assertTrue(selling.ended, "LIQ-5: inventory is left");
            assertLe(selling.calls, 12, "LIQ-5: calls for inventory");
            assertLe(selling.waitedSeconds, 700, "LIQ-5: time for inventory");
            _collect(market);
        }
        _assertBooks();
    }

    /// @dev A healthy account that takes is there: every distress ends.
    function testFuzz_LIQ5_routes_endEveryDistress_whenThereIsATaker(
        uint256 markets,
        uint256 positions,
        uint256 moves
    ) public {
        _arrange(markets, positions, moves);
        if (_isRestored(_victim)) return _assertLeftAlone();
        (hasTaker, takerIsFirst) = (true, moves >> 255 == 0);
        Way memory way = _restore(_victim);
        assertTrue(way.ended, "LIQ-5: no route is left");
        _end(way);
    }

    /// @dev Keepers and the backstop alone: every distress ends, or waits, with something left, for a pool that has no room or is too dear.
    function testFuzz_LIQ5_routes_endOrWaitForThePool_whenThereAreOnlyKeepers(
        uint256 markets,
        uint256 positions,
        uint256 moves
    ) public {
        _arrange(markets, positions, moves);
        if (_isRestored(_victim)) return _assertLeftAlone();
        Way memory way = _restore(_victim);
        if (way.ended) return _end(way);
        assertGe(_equity(_victim), 0, "LIQ-5: waits with a debt");
        _assertWaitsForPool();
        // Any healthy account ends it at once.
        hasTaker = true;
        assertTrue(_restore(_victim).ended, "LIQ-5: no route is left");
        _assertBooks();
    }

    /// @dev The fuzzed states are worth something: drawn in a row they take every route, and some wait.
    function test_LIQ5_routes_areAllTaken() public {
        uint256[10] memory taken;
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < DRAWS; ++i) {
            uint256 free;
            assembly ("memory-safe") {
                free := mload(0x40)
            }
            _draw(i, taken);
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
            vm.revertToState(snapshot);
            snapshot = vm.snapshotState();
        }
        string[10] memory names = [
            "healthy",
            "slices",
            "take-overs",
            "whole accounts",
            "bids",
            "resolutions",
            "unwindings",
            "tear-ups",
            "pools restored",
            "waits"
        ];
        for (uint256 i; i < 10; ++i) {
            emit Taken(names[i], taken[i]);
            assertGt(taken[i], 0, string.concat("never reached: ", names[i]));
        }
    }

    function _draw(uint256 number, uint256[10] memory taken) private {
        _arrange(
            uint256(keccak256(abi.encode(number, 1))),
            uint256(keccak256(abi.encode(number, 2))),
            uint256(keccak256(abi.encode(number, 3)))
        );
        if (_isRestored(_victim)) {
            ++taken[0];
            return;
        }
        (hasTaker, takerIsFirst) = (number % 2 == 0, number % 4 == 0);
        Way memory way = _restore(_victim);
        taken[1] += way.slices;
        taken[2] += way.takeOvers;
        taken[3] += way.wholes;
        taken[4] += way.bids;
        taken[5] += way.resolutions;
        if (!way.ended) ++taken[9];
        for (uint256 m; m < listed; ++m) {
            taken[8] += _restorePool(MarketId.wrap(uint8(m))).poolTearUps;
            Way memory selling = _clearInventory(MarketId.wrap(uint8(m)));
            taken[6] += selling.unwinds;
            taken[7] += selling.tearUps;
        }
    }

    /// @dev Seven times D over four markets that are paced at different speeds: the longest way that was found.
    function test_LIQ5_routes_endIt_whenFourMarketsArePacedDifferently() public {
        testFuzz_LIQ5_routes_endOrWaitForThePool_whenThereAreOnlyKeepers(
            12_763,
            16_983,
            105718433306744856711772958855174846612265850357540256998180495244865239935798
        );
        assertTrue(_isRestored(_victim));
    }

    /// @dev A pool that is as full as its equity covers gains room for a lot with every fee: slices of a USD lead nowhere, and the account waits.
    function test_LIQ5_routes_waitForThePool_whenItHasRoomForALotNowAndThen() public {
        testFuzz_LIQ5_routes_endOrWaitForThePool_whenThereAreOnlyKeepers(
            68959869252694305033419288556010518785504763011755618354204,
            3,
            41612622055796196688529737203731069173
        );
    }

    /// @dev In each of its markets the pool has no room, or costs more than health allows.
    function _assertWaitsForPool() private view {
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            if (_size(_victim, market) == 0) continue;
            ILiquidationEngine.PlanCode code = house.previewLiquidation(_victim, market).code;
            // Or room for next to nothing.
            assertTrue(
                code == ILiquidationEngine.PlanCode.Unaffordable ||
                    code == ILiquidationEngine.PlanCode.PoolUnavailable ||
                    (code == ILiquidationEngine.PlanCode.Partial && !_isWorthSlicing(_victim, market)),
                string.concat("LIQ-5: waits for nothing: ", vm.toString(uint256(code)))
            );
        }
    }
}
