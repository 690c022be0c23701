// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice TEAR-1, CONS-3: exposure that nobody takes is removed at the index, pro rata.
contract ClearingHouse_tearUp_Test is HouseScenarios {
    /// @dev The resolution account of ETH holds 500 long at 1 600; bob is short 400, carol 300, the pool long 200.
    function _strand() private returns (AccountId resolution) {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        _closePool(ETH);
        return house.systemAccountOf(ETH, 0);
    }

    function test_tearUp_revertsWhenThereIsNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.tearUp(ETH);
    }

    function test_tearUp_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.tearUp(MarketId.wrap(9));
    }

    function test_tearUp_revertsWhenItIsTooEarly() public {
        _strand();
        uint256 takenOverAt = vm.getBlockTimestamp();
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.TearUpTooEarly.selector, ETH, takenOverAt + 600, 0, 8_000e18)
        );
        house.tearUp(ETH);
        vm.warp(takenOverAt + 599);
        feeds[0].push(1_600e8);
        vm.expectPartialRevert(IClearingHouse.TearUpTooEarly.selector);
        house.tearUp(ETH);
        vm.warp(takenOverAt + 600);
        house.tearUp(ETH);
    }

    function test_tearUp_revertsWhenThePriceIsStale() public {
        _strand();
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.tearUp(ETH);
    }

    function test_tearUp_revertsWhenMarketIsHalted() public {
        _strand();
        skipSeconds(600);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
        );
        house.tearUp(ETH);
    }

    function test_tearUp_mayComeEarly_whenTheInventoryHasLostEnough() public {
        _strand();
        _price(ETH, 1_585);
        vm.expectPartialRevert(IClearingHouse.TearUpTooEarly.selector);
        house.tearUp(ETH);
        _price(ETH, 1_580);
        house.tearUp(ETH);
        _assertConserved(_users());
    }

    /// @dev What has still to be torn off others is nobody's gain: a loss that is shared later takes nothing of it.
    function test_positionOf_keepsTheTearUpsAccount_whenALossIsSharedLater() public {
        _uninsure(ETH);
        _strand();
        skipSeconds(600);
        _price(ETH, 1_600);
        house.tearUp(ETH);
        AccountId dave = _trader("dave");
        _capPool(ETH, 10_000e18);
        _open(dave, ETH, 4_000e18, -40e18);
        skipSeconds(61);
        _price(ETH, 1_750);
        AccountId tearing = house.systemAccountOf(ETH, 1);
        IClearingHouse.PositionState memory before = house.positionOf(tearing, ETH);
        assertGt(before.size, 0, "torn off nobody yet");
        uint256 events = house.marketOf(ETH).events;
        _resolve(dave);
        assertEq(house.marketOf(ETH).events, events + 1, "a loss was shared");
        IClearingHouse.PositionState memory later = house.positionOf(tearing, ETH);
        assertEq(later.size, before.size);
        assertEq(later.quote, before.quote);
    }

    /// @dev What may be lent against a gain is the same before a waiting tear-up reaches its account and after, with a fill in the bucket before too.
    function test_portfolioOf_foreseesWhatMaturesOnceTorn() public {
        _strand();
        _capPool(ETH, 10_000e18);
        _wait(ETH, 1_600, 3 * BUCKET_SECONDS);
        skipSeconds(BUCKET_SECONDS - (vm.getBlockTimestamp() % BUCKET_SECONDS) + 30);
        _price(ETH, 1_600);
        _trade(bob, ETH, -20e18);
        _closePool(ETH);
        _wait(ETH, 1_580, BUCKET_SECONDS);
        _capPool(ETH, 10_000e18);
        _trade(bob, ETH, -10e18);
        _closePool(ETH);
        house.tearUp(ETH);
        assertLt(house.positionOf(bob, ETH).eventsSeen, house.marketOf(ETH).events, "a tear-up waits");
        uint256 foreseen = house.portfolioOf(bob, MarginKind.Initial).exposures[0].maturedUsd;
        house.touch(bob, ETH, 16);
        assertEq(house.portfolioOf(bob, MarginKind.Initial).exposures[0].maturedUsd, foreseen);
        // Without the fill a bucket ago it would be more, by what that has gained: 20 · 20 USD.
        _wait(ETH, 1_580, 2 * BUCKET_SECONDS);
        assertGt(house.portfolioOf(bob, MarginKind.Initial).exposures[0].maturedUsd, foreseen + 390e18);
    }

    function test_tearUp_closesTheSameFractionOfEachAtTheIndex() public {
        AccountId resolution = _strand();
        skipSeconds(600);
        _price(ETH, 1_650);
        int256 bobEquity = _equity(bob);
        int256 carolEquity = _equity(carol);
        uint256 fraction = uint256(5e18) / 7;
        vm.expectEmit(true, true, false, false, address(house));
        emit IClearingHouse.TornUp(ETH, 3, 0, 0, 0);
        house.tearUp(ETH);

        IClearingHouse.MarketEventState memory torn = house.eventOf(ETH, 3);
        assertEq(uint256(torn.kind), uint256(IClearingHouse.MarketEventKind.TearUpShorts));
        assertEq(torn.fraction, fraction);
        assertEq(torn.x, int256(1_650e18) - house.marketOf(ETH).fundingIndex);
        assertEq(_size(bob, ETH), -int256(400e18) + int256((400e18 * fraction) / 1e18));
        assertEq(_size(carol, ETH), -int256(300e18) + int256((300e18 * fraction) / 1e18));
        assertApproxEqAbs(_equity(bob), bobEquity, 2, "TEAR-1: at the index");
        assertApproxEqAbs(_equity(carol), carolEquity, 2);
        assertLt(_size(resolution, ETH), int256(0.001e18));
        // CONS-3: effective side sums are the sums of effective sizes, up to truncation.
        int256 left = -_size(bob, ETH) - _size(carol, ETH);
        assertApproxEqAbs(int256(house.marketOf(ETH).shortOpenInterest), left, 2);
        _assertConserved(_users());
        house.touch(bob, ETH, 16);
        _assertConserved(_users());
        house.touch(carol, ETH, 16);
        _assertConserved(_users());
        assertApproxEqAbs(house.positionOf(house.systemAccountOf(ETH, 1), ETH).storedSize, 0, 2, "the mirror is empty");
    }

    function test_tearUp_tearsThePoolToo_whenItIsOnThatSide() public {
        _open(alice, ETH, 60_000e18, -500e18);
        _open(bob, ETH, 60_000e18, 300e18);
        _price(ETH, 2_400);
        _resolve(alice);
        assertEq(_size(pools[0], ETH), int256(200e18));
        _closePool(ETH);
        skipSeconds(600);
        _price(ETH, 2_400);
        house.tearUp(ETH);
        assertEq(_size(pools[0], ETH), 0);
        assertEq(_size(bob, ETH), 0);
        house.touch(bob, ETH, 16);
        assertEq(house.marketOf(ETH).longOpenInterest, 0);
        assertApproxEqAbs(house.marketOf(ETH).longQuote, 0, 1);
        _assertConserved(_users());
    }

    /// @dev That no other route is open is shown by taking it: the pool has room for all of it near the index.
    function test_tearUp_sellsInstead_whenThePoolTakesIt() public {
        _open(alice, ETH, 60_000e18, -500e18);
        _open(bob, ETH, 60_000e18, 300e18);
        _price(ETH, 2_400);
        _resolve(alice);
        skipSeconds(600);
        _price(ETH, 2_400);
        AccountId resolution = house.systemAccountOf(ETH, 0);
        uint256 events = house.marketOf(ETH).events;
        vm.expectEmit(true, false, false, false, address(house));
        emit IClearingHouse.Unwound(ETH, 0, 0, 0);
        house.tearUp(ETH);
        assertEq(_size(resolution, ETH), 0);
        assertEq(_size(bob, ETH), int256(300e18), "nobody was torn up");
        assertEq(house.marketOf(ETH).events, events);
        _assertConserved(_users());
    }

    /// @dev What the pool takes within the tolerance it takes; only the rest is torn up.
    function test_tearUp_tearsTheRestOnly_whenThePoolTakesAPart() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        // The traders are short by 200 in all: with u_max = 300/K the price stays within it for Δ = 2·(300 − 200).
        terms.unwindTolerance = (300e18 * 1e18) / terms.skewScale;
        house.setMarketTerms(ETH, terms);
        skipSeconds(600);
        _price(ETH, 1_600);
        vm.expectEmit(true, false, false, false, address(house));
        emit IClearingHouse.Unwound(ETH, -200e18, 0, int256(300e18));
        house.tearUp(ETH);
        assertApproxEqAbs(house.marketOf(ETH).shortOpenInterest, uint256(400e18), 1e6, "700 less 300 torn up");
        _assertConserved(_users());
    }

    function testFuzz_tearUp_keepsTheBooks(uint256 size, uint256 first, uint256 price, bool isLong) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        uint256 whole = bound(size, 100, 500) * 1e18;
        _open(alice, ETH, 60_000e18, sign * int256(whole));
        uint256 part = bound(first, 1, 499) * 1e18;
        _open(bob, ETH, 60_000e18, -sign * int256(part));
        _open(carol, ETH, 60_000e18, -sign * int256(500e18 - part));
        _price(ETH, isLong ? 1_300 : 2_700);
        _resolve(alice);
        _closePool(ETH);
        skipSeconds(600);
        _price(ETH, isLong ? 1_300 + bound(price, 0, 200) : 2_700 - bound(price, 0, 200));
        house.tearUp(ETH);
        _assertConserved(_users());
        house.touch(carol, ETH, 16);
        _assertConserved(_users());
        house.touch(bob, ETH, 16);
        _assertConserved(_users());
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertLt(_size(resolution, ETH) * sign, int256(0.001e18));
        assertApproxEqAbs(
            _size(bob, ETH) * int256(500e18 - part),
            _size(carol, ETH) * int256(part),
            500e18 * 2,
            "TEAR-1"
        );
    }
}
