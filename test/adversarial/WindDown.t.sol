// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {WindDownScenarios} from "../support/WindDownScenarios.sol";

/// @notice Whoever tries to gain by the end of a market, to be first out of it, or to keep it from coming to an end.
contract WindDown_Test is WindDownScenarios {
    uint256 private constant CROWD = 8;

    AccountId[] private crowd;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < CROWD; ++i) crowd.push(_trader(string.concat("trader ", vm.toString(i))));
    }

    /* ANY ORDER */

    /// @dev S5, SOC-1, CONS-1, CONS-2, CASH-1: a crowd long and short with little money each, a price from −45 % to +45 % at which many of them are bankrupt, an end at it, and then
    /// any calls of anybody in any order. Afterwards everything is brought to its end: everybody leaves the market with all their money, the books balance to the unit.
    function testFuzz_windDown_paysEveryClaim_whenCallsComeInAnyOrder(uint256 seed) public {
        _endAndFinish(seed);
    }

    /// @dev What the fuzz above is worth: over a few seeds it meets loss events before and after the end, tear-ups before it, refunds, and deficits that tiers and winners meet.
    function test_windDown_meetsLossesBeforeAndAfter_whenAFewSeedsAreTried() public {
        uint256[4] memory met;
        for (uint256 seed = 1; seed <= 12; ++seed) {
            uint256 snapshot = vm.snapshotState();
            _endAndFinish(_next(seed));
            uint256 events = house.marketOf(ETH).events;
            bool isOver;
            uint256[4] memory seen;
            for (uint256 number = 2; number <= events; ++number) {
                IClearingHouse.MarketEventState memory marketEvent = house.eventOf(ETH, number);
                if (marketEvent.kind == IClearingHouse.MarketEventKind.Loss) seen[isOver ? 1 : 0] = 1;
                else if (marketEvent.fraction == 1e18) isOver = true;
                else seen[2] = 1;
            }
            if (house.marketOf(ETH).surplusUsd != 0) seen[3] = 1;
            vm.revertToState(snapshot);
            for (uint256 i; i < 4; ++i) met[i] += seen[i];
        }
        assertGt(met[0], 0, "no loss event before the end");
        assertGt(met[1], 2, "no loss event after it");
        assertGt(met[2], 0, "no tear-up before it");
    }

    function _endAndFinish(uint256 seed) private {
        if (seed & 1 != 0) _uninsure(ETH);
        for (uint256 i; i < CROWD; ++i) {
            seed = _next(seed);
            uint256 size = 20e18 + ((seed >> 8) % 60) * 1e18;
            uint256 cashUsd = (size * 2_000 * (60 + ((seed >> 32) % 300))) / 1_000;
            _fund(crowd[i], cashUsd - (cashUsd % 1e12) + 50e18);
            _attempt(
                abi.encodeCall(house.trade, (_request(crowd[i], ETH, seed & 1 == 0 ? int256(size) : -int256(size))))
            );
        }
        // Some default before the end: inventory, loss events and tear-ups wait behind positions.
        _price(ETH, 1_400 + ((seed >> 64) % 1_200));
        for (uint256 i; i < CROWD / 2; ++i) {
            _attempt(abi.encodeCall(house.resolve, (crowd[i], new AccountId[](0), keeper)));
            skipSeconds(61);
            _attempt(abi.encodeCall(house.bookLoss, (ETH)));
        }
        if (seed & 2 != 0) {
            skipSeconds(700);
            _price(ETH, 1_800 + ((seed >> 80) % 400));
            // The pool, which would be sold what it takes, has no room.
            uint256 cap = _closePool(ETH);
            _attempt(abi.encodeCall(house.tearUp, (ETH)));
            _capPool(ETH, cap);
        }
        _price(ETH, 1_100 + ((seed >> 96) % 1_800));
        _noteOutage();
        _outlast(OUTAGE);
        house.windDown(ETH);
        _assertBooks();

        for (uint256 i; i < 24; ++i) {
            seed = _next(seed);
            _anything(seed);
            _assertBooks();
        }
        _finish();
    }

    function _anything(uint256 seed) private {
        AccountId account = crowd[(seed >> 16) % CROWD];
        uint256 kind = seed % 9;
        uint256 cash = _cash(account);
        uint256 free = house.freeCashOf(account);
        if (kind == 0) house.touch(account, ETH, 1 + ((seed >> 24) % 3));
        else if (kind == 1) _settleAs(STRANGER, account);
        else if (kind == 2) _attempt(abi.encodeCall(house.resolve, (account, new AccountId[](0), keeper)));
        else if (kind == 3) _attempt(abi.encodeCall(house.bookLoss, (ETH)));
        else if (kind == 4) house.claimRefunds(account, ETH, 16);
        else if (kind == 5) _outlast((seed >> 24) % 20 hours);
        else if (kind == 6) feeds[0].push(int256(1_000e8 + ((seed >> 24) % 3_000e8)));
        else if (kind == 7) assertFalse(_attempt(abi.encodeCall(house.trade, (_request(account, ETH, 1e18)))));
        else if (free > 1e12) {
            // CASH-1
            _withdraw(account, free);
            assertLt(_cash(account) + free, cash + 1e12);
        }
    }

    /// @dev Sweeps until nothing moves, a day between the rounds.
    function _finish() private {
        for (uint256 round; round < 4; ++round) {
            _outlast(PAUSE);
            _sweep(crowd);
            _settleAs(STRANGER, pools[0]);
            house.claimRefunds(pools[0], ETH, 16);
            _attempt(abi.encodeCall(house.resolve, (pools[0], new AccountId[](0), keeper)));
            _assertBooks();
        }
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.pendingLossUsd, 0, "nothing waits");
        assertLe(market.uncollectedLossUsd, 10, "every booked loss is collected");
        for (uint256 i; i < CROWD; ++i) {
            _assertLeft(crowd[i], ETH);
            uint256 cash = _cash(crowd[i]);
            assertEq(house.freeCashOf(crowd[i]), cash, "CASH-1: all of it is free, the deposit too");
            if (cash >= 1e12) _withdraw(crowd[i], cash);
        }
        assertEq(_quote(pools[0], ETH), int256(0), "the pool's claim is paid");
        IClearingHouse.MarketReconciliation memory books = house.reconciliationOf(ETH);
        assertEq(books.mirrorSize, int256(0), "the mirror is empty");
    }

    function _assertBooks() private view {
        _assertConserved(crowd);
        assertApproxEqAbs(house.reconciliationOf(ETH).sizeDifference, int256(0), 100);
        assertEq(house.reconciliationOf(ETH).pendingDifferenceUsd, int256(0));
        assertGe(house.reconciliation().donatedUsd, int256(0));
    }

    function _next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    /* THE GOVERNOR */

    /// @dev P3: two notices, an outage of two days, and a tenth: that is what a stolen key gets by closing a market at a price of its own.
    function test_windDown_movesATenthAtMost_whenTheGovernorMeansHarm() public {
        _open(alice, ETH, 300_000e18, 500e18);
        _open(bob, ETH, 300_000e18, -500e18);
        int256 before = _equity(bob);
        vm.expectPartialRevert(IClearingHouse.WindDownPriceOutOfBounds.selector);
        house.announceWindDown(ETH, 2_201e18);
        house.announceWindDown(ETH, 2_200e18);
        // A gap in the feed right after the notice is no outage.
        skipSeconds(NOTICE);
        feeds[0].push(2_000e8);
        oracle.poke(ETH.bit());
        _outlast(3_601);
        vm.expectPartialRevert(IClearingHouse.WindDownNotDue.selector);
        house.windDown(ETH);
        house.noteOutage(ETH);
        _outlast(NOTICE);
        house.windDown(ETH);
        assertGe(_equity(bob), before - 100_000e18 - 1_000e18, "10 % of 500 ETH, and funding");
    }

    /// @dev Bounds are those of the moment: announcing step by step leads nowhere.
    function test_announceWindDown_doesNotWalk_whenItIsRepeated() public {
        house.announceWindDown(ETH, 2_200e18);
        vm.expectPartialRevert(IClearingHouse.WindDownPriceOutOfBounds.selector);
        house.announceWindDown(ETH, 2_420e18);
    }

    /// @dev While there is an index the key decides that a market ends, not at what.
    function testFuzz_windDown_isAtTheIndex_whenAnyPriceIsAnnounced(uint256 announced, uint256 price) public {
        announced = bound(announced, 1_800, 2_200);
        price = bound(price, 1_500, 2_500);
        house.announceWindDown(ETH, announced * 1e18);
        skipSeconds(NOTICE);
        feeds[0].push(int256(price * 1e8));
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, price * 1e18);
    }

    /* THE FEED */

    /// @dev A feed that lives again, wherever it then stands, changes nothing that anybody is owed.
    function test_windDown_isFinal_whenTheFeedComesBack() public {
        _open(alice, ETH, 100_000e18, 300e18);
        _open(bob, ETH, 100_000e18, -300e18);
        _price(ETH, 2_100);
        _windDown();
        (int256 aliceEquity, int256 bobEquity) = (_equity(alice), _equity(bob));
        uint256[4] memory prices = [uint256(10), 4_000, 2_100, 900_000];
        for (uint256 i; i < prices.length; ++i) {
            feeds[0].push(int256(prices[i] * 1e8));
            oracle.poke(ETH.bit());
            _outlast(6 hours);
            _settleAs(STRANGER, alice);
            _settleAs(STRANGER, bob);
            // Whoever has left gets their deposit back; that is all.
            assertApproxEqAbs(_equity(alice) - aliceEquity, int256(0), DEPOSIT_USD + 4);
            assertApproxEqAbs(_equity(bob) - bobEquity, int256(0), DEPOSIT_USD + 4);
        }
        _assertLeft(alice, ETH);
        _assertLeft(bob, ETH);
    }

    /// @dev A single dead moment after a week in which nobody looked is no outage of a week.
    function test_windDown_isNotDue_whenNobodyLookedForAWeek() public {
        oracle.poke(ETH.bit());
        skipSeconds(OUTAGE + 3_601);
        vm.expectPartialRevert(IClearingHouse.WindDownNotDue.selector);
        house.windDown(ETH);
        house.noteOutage(ETH);
        vm.expectPartialRevert(IClearingHouse.WindDownNotDue.selector);
        house.windDown(ETH);
    }

    /* BEING FIRST */

    /// @dev S0, G3: a winner who takes part in the end itself is paid no sooner than the bankrupt are resolved.
    function test_windDown_letsNobodyOutFirst_whenALoserIsBankrupt() public {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -250e18);
        _open(carol, ETH, 60_000e18, -250e18);
        _price(ETH, 1_600);
        _wait(ETH, 1_600, 1_500);
        _noteOutage();
        _outlast(OUTAGE);
        house.windDown(ETH);
        // Bob settles at once, and again and again; alice is pulled, so there would be money.
        _settleAs(STRANGER, alice);
        uint256 cash = _cash(bob);
        for (uint256 i; i < 23; ++i) {
            _settleAs(bob.owner(), bob);
            _outlast(1 hours);
        }
        assertEq(_cash(bob), cash);
        _resolve(alice);
        _outlast(1 hours);
        _sweep(_users());
        _sweep(_users());
        assertApproxEqAbs(_cash(bob), _cash(carol), 1_000e18, "they share alike");
        _assertConserved(_users());
    }

    /// @dev S7: a gain of the dead market opens nothing elsewhere before it could be paid.
    function test_windDown_exportsNoGain_whenItIsPaused() public {
        _fund(alice, 2_300e18);
        _trade(alice, ETH, -10e18);
        _price(ETH, 1_700);
        _noteOutage();
        _outlast(OUTAGE);
        house.windDown(ETH);
        assertApproxEqAbs(_equity(alice), 5_280e18, 100e18, "in full for maintenance");
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, BTC, 1.5e18));
        _settleAs(STRANGER, pools[0]);
        _outlast(PAUSE);
        _settleAs(STRANGER, alice);
        _trade(alice, BTC, 1.5e18);
    }

    /* HOLDING IT UP */

    /// @dev S10: 40 loss events behind a position that nobody has touched for as long; anybody brings it through, a few at a time.
    function test_windDown_reachesEverybody_whenManyEventsWait() public {
        _bookLosses(40);
        _noteOutage();
        _outlast(OUTAGE);
        house.windDown(ETH);
        vm.expectPartialRevert(IClearingHouse.EventsPending.selector);
        _settle(bob);
        for (uint256 i; i < 3; ++i) {
            vm.prank(STRANGER);
            house.touch(bob, ETH, 16);
        }
        assertEq(_size(bob, ETH), int256(0));
        _settleAs(STRANGER, pools[0]);
        _outlast(PAUSE);
        house.claimRefunds(bob, ETH, 64);
        _settle(bob);
        _assertLeft(bob, ETH);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0);
    }

    /// @dev Whoever makes deficits of cents makes no event a minute of them.
    function test_windDown_booksDustOnceADay_whenDefaultsOfCentsFollowEachOther() public {
        _uninsure(ETH);
        for (uint256 i; i < CROWD; ++i) _open(crowd[i], ETH, 120e18, 1e18);
        _open(bob, ETH, 60_000e18, -8e18);
        _price(ETH, 1_880);
        _windDown();
        _outlast(PAUSE);
        uint256 events = house.marketOf(ETH).events;
        for (uint256 i; i < CROWD; ++i) {
            _attempt(abi.encodeCall(house.resolve, (crowd[i], new AccountId[](0), keeper)));
            skipSeconds(61);
        }
        assertLe(house.marketOf(ETH).events, events + 1);
    }

    /// @dev The call is locked like any other, and does not lend itself to being run twice.
    function test_windDown_isDoneOnce_whenABatchAsksTwice() public {
        house.announceWindDown(ETH, 2_000e18);
        skipSeconds(NOTICE);
        feeds[0].push(2_000e8);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(house.windDown, (ETH));
        calls[1] = abi.encodeCall(house.windDown, (ETH));
        (bool success, bytes memory reason) = address(house).call(abi.encodeWithSignature("multicall(bytes[])", calls));
        assertFalse(success);
        assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.MarketWoundDown.selector));
    }

    /* WHO WINS, WHO LOSES */

    /// @dev Everybody but the pool is bankrupt: the pool is the winner, and is charged like one.
    function test_windDown_chargesThePool_whenEverybodyElseIsBankrupt() public {
        _uninsure(ETH);
        for (uint256 i; i < CROWD; ++i) _open(crowd[i], ETH, 11_000e18, 100e18);
        uint256 before = _cash(pools[0]);
        _price(ETH, 1_000);
        _windDown();
        for (uint256 i; i < CROWD; ++i) {
            _resolve(crowd[i]);
            skipSeconds(61);
        }
        _attempt(abi.encodeCall(house.bookLoss, (ETH)));
        _finish();
        assertGt(_cash(pools[0]), before, "its principal is senior: it keeps what the others had");
        assertLt(_cash(pools[0]), before + CROWD * 11_000e18 + 1e18);
    }

    /// @dev RING-1: sixteen markets at once are no reason to fail, and nothing of the others moves.
    function test_windDown_leavesOtherMarketsAlone_whenAccountsAreInBoth() public {
        _open(alice, ETH, 200_000e18, 300e18);
        _trade(alice, BTC, -5e18);
        _open(bob, BTC, 100_000e18, 5e18);
        IClearingHouse.MarketState memory before = house.marketOf(BTC);
        _windDown();
        _settle(alice);
        IClearingHouse.MarketState memory state = house.marketOf(BTC);
        assertEq(state.longOpenInterest, before.longOpenInterest);
        assertEq(state.shortOpenInterest, before.shortOpenInterest);
        assertEq(state.events, before.events);
        assertEq(_size(alice, BTC), -5e18);
        assertEq(house.accountOf(alice).markets, BTC.bit(), "out of the one, in the other");
        _trade(alice, BTC, 5e18);
        _assertConserved(_users());
    }

    /// @dev A pool that the end makes bankrupt is resolved like everybody.
    function test_windDown_resolvesThePool_whenItIsBankrupt() public {
        _uninsure(ETH);
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], _native(POOL_USD - 300_000e18), pools[0].owner());
        _open(alice, ETH, 400_000e18, 900e18);
        _price(ETH, 2_500);
        assertLt(_equity(pools[0]), 0);
        _windDown();
        _resolve(pools[0]);
        assertGt(house.marketOf(ETH).uncollectedLossUsd, 100_000e18);
        crowd.push(alice);
        AccountId[] memory all = crowd;
        for (uint256 round; round < 2; ++round) {
            _outlast(PAUSE);
            _sweep(all);
        }
        _assertLeft(alice, ETH);
        assertGe(_cash(alice), 400_000e18 - 2_000e18, "no cash of hers went");
    }
}
