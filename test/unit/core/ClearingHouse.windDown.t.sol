// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {WindDownScenarios} from "../../support/WindDownScenarios.sol";

/// @notice When a market may be ended, by whom, and at what price.
contract ClearingHouse_noteOutage_Test is WindDownScenarios {
    function test_noteOutage_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.noteOutage(MarketId.wrap(9));
    }

    function test_noteOutage_revertsWhenThereIsAValidPrice() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketHasPrice.selector, ETH, 2_000e18));
        house.noteOutage(ETH);
    }

    function test_noteOutage_revertsWhenMarketIsWoundDown() public {
        _windDown();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.noteOutage(ETH);
    }

    function test_noteOutage_startsTheClockForWhoeverCalls() public {
        oracle.poke(ETH.bit());
        _outlast(3_601);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(true, true, true, true, address(house));
        emit IClearingHouse.OutageNoted(ETH, PriceStatus.Stale, now_, now_ + OUTAGE);
        vm.prank(STRANGER);
        house.noteOutage(ETH);
        assertEq(house.windDownOf(ETH).outageAt, now_);
        assertEq(house.windDownOf(ETH).allowedAt, now_ + OUTAGE);
        assertEq(house.windDownOf(ETH).price, 2_000e18);
    }

    function test_noteOutage_changesNothing_whenTheOutageStands() public {
        uint256 notedAt = _noteOutage();
        _outlast(1 days);
        house.noteOutage(ETH);
        assertEq(house.windDownOf(ETH).outageAt, notedAt);
    }

    function test_noteOutage_startsAnew_whenAPriceCameInBetween() public {
        _noteOutage();
        _outlast(1 days);
        _price(ETH, 2_000);
        oracle.poke(ETH.bit());
        assertEq(house.windDownOf(ETH).allowedAt, 0, "it has a price");
        uint256 notedAt = _noteOutage();
        assertEq(house.windDownOf(ETH).outageAt, notedAt);
        assertEq(house.windDownOf(ETH).allowedAt, notedAt + OUTAGE);
    }
}

contract ClearingHouse_announceWindDown_Test is WindDownScenarios {
    function test_announceWindDown_revertsWhenCallerHasNotTheRole() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        house.announceWindDown(ETH, 2_000e18);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        house.cancelWindDown(ETH);
    }

    function test_announceWindDown_revertsWhenThePriceIsTooFarFromTheLast() public {
        uint256[3] memory prices = [uint256(1_800e18 - 1), 2_200e18 + 1, 0];
        for (uint256 i; i < prices.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IClearingHouse.WindDownPriceOutOfBounds.selector,
                    ETH,
                    prices[i],
                    1_800e18,
                    2_200e18
                )
            );
            house.announceWindDown(ETH, prices[i]);
        }
        house.announceWindDown(ETH, 1_800e18);
        house.announceWindDown(ETH, 2_200e18);
    }

    function test_announceWindDown_revertsWhenMarketIsNotListedOrWoundDown() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.announceWindDown(MarketId.wrap(9), 1e18);
        _windDown();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.announceWindDown(ETH, 2_000e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.cancelWindDown(ETH);
    }

    function test_announceWindDown_publishesPriceAndTime() public {
        uint256 endsAt = vm.getBlockTimestamp() + NOTICE;
        vm.expectEmit(true, true, true, true, address(house));
        emit IClearingHouse.WindDownAnnounced(ETH, 1_900e18, endsAt);
        house.announceWindDown(ETH, 1_900e18);
        IClearingHouse.WindDownState memory terms = house.windDownOf(ETH);
        assertEq(terms.announcedPrice, 1_900e18);
        assertEq(terms.noticeEndsAt, endsAt);
        assertEq(terms.allowedAt, endsAt);
        assertEq(terms.price, 2_000e18, "with a valid index it is the index");
    }

    function test_cancelWindDown_revertsWhenNothingIsAnnounced() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.WindDownNotAnnounced.selector, ETH));
        house.cancelWindDown(ETH);
    }

    function test_cancelWindDown_takesTheAnnouncementBack() public {
        house.announceWindDown(ETH, 1_900e18);
        vm.expectEmit(true, true, true, true, address(house));
        emit IClearingHouse.WindDownCancelled(ETH);
        house.cancelWindDown(ETH);
        skipSeconds(NOTICE);
        feeds[0].push(2_000e8);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.WindDownNotDue.selector, ETH, 0, vm.getBlockTimestamp()));
        house.windDown(ETH);
    }
}

contract ClearingHouse_windDown_Test is WindDownScenarios {
    function _expectNotDue(uint256 allowedAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.WindDownNotDue.selector, ETH, allowedAt, vm.getBlockTimestamp())
        );
        house.windDown(ETH);
    }

    /* WHEN */

    function test_windDown_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.windDown(MarketId.wrap(9));
    }

    function test_windDown_revertsWhenNothingStands() public {
        _expectNotDue(0);
        oracle.poke(ETH.bit());
        _outlast(30 days);
        _expectNotDue(0);
    }

    function test_windDown_revertsWhenTheOutageIsTooShort() public {
        uint256 notedAt = _noteOutage();
        _outlast(OUTAGE - 1);
        _expectNotDue(notedAt + OUTAGE);
        skipSeconds(1);
        house.windDown(ETH);
    }

    function test_windDown_revertsWhenThePriceCameBack() public {
        _noteOutage();
        _outlast(OUTAGE);
        _price(ETH, 2_100);
        _expectNotDue(0);
        // Observed and dead again: the old note is worth nothing.
        oracle.poke(ETH.bit());
        _outlast(3_601);
        _expectNotDue(0);
    }

    function test_windDown_revertsWhenTheNoticeRuns() public {
        house.announceWindDown(ETH, 2_000e18);
        uint256 endsAt = vm.getBlockTimestamp() + NOTICE;
        vm.warp(endsAt - 1);
        feeds[0].push(2_000e8);
        _expectNotDue(endsAt);
        skipSeconds(1);
        house.windDown(ETH);
    }

    function test_windDown_revertsWhenItIsOver() public {
        _windDown();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.windDown(ETH);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Open);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketWoundDown.selector, ETH));
        house.setMarketTerms(ETH, terms);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketAlreadyListed.selector, ETH));
        house.listMarket(ETH, terms);
    }

    function test_setMarketMode_revertsWhenItIsAskedForTheEnd() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.WindDownNotDue.selector, ETH, 0, vm.getBlockTimestamp()));
        house.setMarketMode(ETH, IClearingHouse.MarketMode.WoundDown);
    }

    /* AT WHAT PRICE */

    function test_windDown_isAtTheIndex_whenAnotherPriceWasAnnounced() public {
        house.announceWindDown(ETH, 1_800e18);
        skipSeconds(NOTICE);
        feeds[0].push(2_050e8);
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, 2_050e18);
        assertEq(house.marketOf(ETH).lastPrice, 2_050e18);
    }

    function test_windDown_isAtTheAnnouncedPrice_whenAnOutageHasStoodForANotice() public {
        house.announceWindDown(ETH, 1_900e18);
        _outlast(NOTICE + 3_600);
        _expectNotDue(0);
        house.noteOutage(ETH);
        uint256 notedAt = vm.getBlockTimestamp();
        _outlast(NOTICE - 1);
        _expectNotDue(notedAt + NOTICE);
        skipSeconds(1);
        assertEq(house.windDownOf(ETH).price, 1_900e18);
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, 1_900e18);
    }

    function test_windDown_keepsTheAnnouncedPriceWithinBounds_whenTheLastOneHasMoved() public {
        house.announceWindDown(ETH, 2_200e18);
        _price(ETH, 1_500);
        oracle.poke(ETH.bit());
        _outlast(3_601);
        house.noteOutage(ETH);
        _outlast(NOTICE);
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, 1_650e18, "10 % above the last valid price");
    }

    function test_windDown_isAtTheLastPrice_whenNoticesAreRenewedForEver() public {
        uint256 notedAt = _noteOutage();
        for (uint256 i; i < 9; ++i) {
            house.announceWindDown(ETH, 1_800e18);
            _outlast(1 days);
        }
        assertEq(vm.getBlockTimestamp(), notedAt + OUTAGE + NOTICE);
        assertEq(house.windDownOf(ETH).allowedAt, notedAt + OUTAGE + NOTICE);
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, 2_000e18);
    }

    /* WHAT HAPPENS */

    function test_windDown_closesEverybodyAtOnce() public {
        _open(alice, ETH, 60_000e18, 300e18);
        _open(bob, ETH, 60_000e18, -100e18);
        house.announceWindDown(ETH, 1_900e18);
        skipSeconds(NOTICE);
        feeds[0].push(1_900e8);
        int256 aliceEquity = _equity(alice);
        int256 bobEquity = _equity(bob);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(true, false, false, false, address(house));
        emit IClearingHouse.WoundDown(ETH, 1_900e18, 0, 3, now_ + PAUSE);
        house.windDown(ETH);

        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(uint256(market.mode), uint256(IClearingHouse.MarketMode.WoundDown));
        assertEq(house.woundDownMarkets(), ETH.bit());
        assertEq(market.longOpenInterest, 0);
        assertEq(market.shortOpenInterest, 0);
        assertEq(market.events, 3);
        assertEq(_size(alice, ETH), int256(0));
        assertEq(_size(bob, ETH), int256(0));
        assertEq(house.positionOf(pools[0], ETH).storedSize, int256(0), "the pool is closed at once");
        assertEq(house.positionOf(alice, ETH).storedSize, int256(300e18), "everybody else when touched");
        assertApproxEqAbs(_equity(alice), aliceEquity, 2);
        assertApproxEqAbs(_equity(bob), bobEquity, 2);
        _assertConserved(_users());
        house.touch(alice, ETH, 16);
        _assertConserved(_users());
        house.touch(bob, ETH, 16);
        _assertConserved(_users());
        IClearingHouse.PositionState memory mirror = house.positionOf(house.systemAccountOf(ETH, 1), ETH);
        assertEq(mirror.storedSize, int256(0), "nothing is left in the mirror");
        assertGe(mirror.storedQuote, int256(0));
        assertLe(mirror.storedQuote, int256(3), "but what rounding took");
        (, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(required, 0, "no size, no margin");
    }

    function test_windDown_freezesPriceAndFunding_whenTheFeedGoesOn() public {
        _open(alice, ETH, 60_000e18, 300e18);
        _windDown();
        IClearingHouse.MarketState memory before = house.marketOf(ETH);
        _wait(ETH, 4_000, 2 days);
        _settle(alice);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(state.lastPrice, 2_000e18);
        assertEq(state.fundingIndex, before.fundingIndex);
        assertEq(state.fundingRate, before.fundingRate);
        _assertLeft(alice, ETH);
    }

    function test_windDown_refusesNewPositionsWhileTheOtherMarketGoesOn() public {
        _windDown();
        feeds[0].push(2_000e8);
        _fund(alice, 60_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.WoundDown)
        );
        house.trade(_request(alice, ETH, 1e18));
        _trade(alice, BTC, 1e18);
    }

    function test_windDown_holdsGainsBackForADay() public {
        _open(alice, ETH, 60_000e18, 300e18);
        _open(bob, ETH, 60_000e18, -300e18);
        _price(ETH, 2_100);
        _windDown();
        _settleAs(STRANGER, bob);
        assertGt(house.marketOf(ETH).reserveUsd, 29_000e18);
        uint256 cash = _cash(alice);
        _outlast(PAUSE - 1);
        _settleAs(STRANGER, alice);
        assertEq(_cash(alice), cash, "G3: not before defaults can have been recognised");
        assertEq(house.portfolioOf(alice, MarginKind.Initial).exposures[0].maturedUsd, 0, "nor does it open anything");
        skipSeconds(1);
        _settleAs(STRANGER, alice);
        assertApproxEqAbs(_cash(alice), cash + 30_000e18, 100e18);
        _assertLeft(alice, ETH);
        _assertLeft(bob, ETH);
        assertEq(house.accountOf(alice).depositUsd, 0, "the deposit is free");
        _assertConserved(_users());
    }

    function test_windDown_paysEveryClaimToTheUnit_whenALoserIsBankrupt() public {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -350e18);
        _open(carol, ETH, 60_000e18, -200e18);
        _price(ETH, 1_700);
        assertLt(_equity(alice), 0);
        _windDown();
        AccountId[] memory users = _users();
        _resolve(alice);
        assertGt(house.marketOf(ETH).uncollectedLossUsd, 80_000e18);
        _assertConserved(users);
        _sweep(users);
        _settleAs(STRANGER, pools[0]);
        _outlast(PAUSE);
        _sweep(users);
        _settleAs(STRANGER, pools[0]);
        for (uint256 i; i < users.length; ++i) _assertLeft(users[i], ETH);
        assertEq(_quote(pools[0], ETH), int256(0));
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.uncollectedLossUsd, 0);
        assertEq(market.pendingLossUsd, 0);
        // What is left is owed to nobody: rounding, and what a refund could not be divided into.
        assertLe(market.reserveUsd - market.surplusUsd, 10);
        _assertConserved(users);
    }

    function test_windDown_makesADeficitOfLosses_whenInventoryWaits() public {
        _uninsure(ETH);
        _bankruptAlice();
        _resolve(alice);
        uint256 loss = house.marketOf(ETH).uncollectedLossUsd;
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), int256(500e18));
        _price(ETH, 1_500);
        _windDown();
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), int256(0));
        assertEq(_quote(house.systemAccountOf(ETH, 0), ETH), int256(0));
        assertApproxEqAbs(house.marketOf(ETH).uncollectedLossUsd, loss + 50_000e18, 100e18);
        _assertConserved(_users());
    }

    function test_windDown_booksDustOnceADay() public {
        _uninsure(ETH);
        _open(bob, ETH, 60_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _open(carol, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _windDown();
        _resolve(alice);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LossNotBookable.selector, ETH, pending, 100e18, 0));
        house.bookLoss(ETH);
        _outlast(PAUSE);
        house.bookLoss(ETH);
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
        assertEq(house.eventOf(ETH, 4).lossUsd, pending);

        _resolve(carol);
        pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 0, "the next one waits");
        _outlast(PAUSE - 1);
        assertFalse(_attempt(abi.encodeCall(house.bookLoss, (ETH))));
        skipSeconds(1);
        house.bookLoss(ETH);
        _settleAs(STRANGER, pools[0]);
        _sweep(_users());
        _assertLeft(bob, ETH);
        _assertConserved(_users());
    }

    function test_windDown_servesWhatWasHeld() public {
        _open(alice, ETH, 22_000e18, 100e18);
        _trade(alice, BTC, 4e18);
        _price(ETH, 1_900);
        oracle.poke(ETH.bit());
        _outlast(3_601);
        _price(BTC, 36_000);
        // The loss in BTC takes cash; what ETH would lose is kept aside.
        _settle(alice);
        assertGt(house.accountOf(alice).heldUsd, 0);
        house.noteOutage(ETH);
        skipSeconds(OUTAGE);
        feeds[1].push(40_000e8);
        house.windDown(ETH);
        _settle(alice);
        assertEq(house.accountOf(alice).heldUsd, 0);
        _assertConserved(_users());
    }

    function test_windDown_letsEverybodyWithdrawFreeCashAtAnyTime() public {
        _fund(carol, 500e18);
        _open(alice, ETH, 60_000e18, 100e18);
        _noteOutage();
        _withdraw(carol, 100e18);
        _outlast(OUTAGE);
        house.windDown(ETH);
        _withdraw(carol, 100e18);
        _settle(alice);
        _withdraw(alice, house.freeCashOf(alice) - 1e18);
        _outlast(PAUSE);
        _withdraw(carol, 100e18);
        _settle(alice);
        uint256 free = house.freeCashOf(alice);
        assertEq(free, _cash(alice), "CASH-1");
        _withdraw(alice, free - (free % 1e12));
    }
}
