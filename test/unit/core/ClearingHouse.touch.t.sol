// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice SOC-1: market events reach a position once, in order, and the same whoever touches it and when.
contract ClearingHouse_touch_Test is HouseScenarios {
    function test_touch_doesNothing_whenNoEventWaits() public {
        _open(alice, ETH, 10_000e18, 20e18);
        bytes32 before = _fingerprint(alice);
        house.touch(alice, ETH, 16);
        house.touch(carol, ETH, 16);
        house.touch(alice, MarketId.wrap(200), 16);
        assertEq(_fingerprint(alice), before);
    }

    function test_touch_doesNothing_whenItMayApplyNone() public {
        _bookLosses(1);
        bytes32 before = _fingerprint(bob);
        house.touch(bob, ETH, 0);
        assertEq(_fingerprint(bob), before);
    }

    function test_touch_leavesTheHousesAccountsConserved() public {
        _bankruptAlice();
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        _tearUpAll(ETH);
        for (uint256 kind; kind < 3; ++kind) house.touch(house.systemAccountOf(ETH, kind), ETH, 16);
        _assertConserved(_users());
    }

    function test_touch_appliesAsManyAsAsked() public {
        _bookLosses(5);
        house.touch(bob, ETH, 2);
        assertEq(house.positionOf(bob, ETH).eventsSeen, 3);
        house.touch(bob, ETH, 2);
        assertEq(house.positionOf(bob, ETH).eventsSeen, 5);
        house.touch(bob, ETH, type(uint256).max);
        assertEq(house.positionOf(bob, ETH).eventsSeen, 6);
    }

    function test_touch_emitsTheStateAfterIt() public {
        _bankruptAlice();
        _resolve(alice);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        assertEq(uint256(lossEvent.kind), uint256(IClearingHouse.MarketEventKind.Loss));
        IClearingHouse.PositionState memory position = house.positionOf(bob, ETH);
        uint256 charge = uint256(position.storedQuote - position.quote);
        assertGt(charge, 100_000e18);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        vm.expectEmit(address(house));
        emit IClearingHouse.EventsApplied(bob, ETH, 2, charge, position.size, position.quote);
        vm.prank(STRANGER);
        house.touch(bob, ETH, 1);

        IClearingHouse.PositionState memory touched = house.positionOf(bob, ETH);
        assertEq(touched.storedQuote, position.quote, "what the view showed");
        assertEq(touched.eventsSeen, 2);
        IClearingHouse.MarketState memory marketAfter = house.marketOf(ETH);
        assertEq(
            int256(marketAfter.uncollectedLossUsd) - int256(marketAfter.surplusUsd),
            int256(market.uncollectedLossUsd) - int256(market.surplusUsd) - int256(charge)
        );
        assertEq(marketAfter.shortQuote, market.shortQuote - int256(charge));
        assertGt(house.eventOf(ETH, 2).revealedUsd, charge - 1, "the gain is revealed");
        _assertConserved(_users());
    }

    /// @dev Charges of two markets within a minute: nobody is liquidated through either.
    function test_touch_addsUpTheGrace_whenTwoMarketsCharge() public {
        AccountId dave = _chargeBobInTwoMarkets();
        _resolve(carol);
        skipSeconds(20);
        _resolve(dave);
        house.touch(bob, ETH, 1);
        uint256 first = house.accountOf(bob).graceUsd;
        assertGt(first, 100e18);
        house.touch(bob, BTC, 1);
        uint256 both = house.accountOf(bob).graceUsd;
        assertGt(both, first + 100e18);
        // A minute from the later event.
        skipSeconds(59);
        assertEq(house.accountOf(bob).graceUsd, both);
        skipSeconds(1);
        assertEq(house.accountOf(bob).graceUsd, 0);
    }

    /// @dev A grace that ends in this second counts no more beside a new one.
    function test_touch_startsTheGraceAnew_whenTheLastHasJustEnded() public {
        AccountId dave = _chargeBobInTwoMarkets();
        _resolve(carol);
        house.touch(bob, ETH, 1);
        uint256 first = house.accountOf(bob).graceUsd;
        assertGt(first, 100e18);
        skipSeconds(60);
        assertEq(house.accountOf(bob).graceUsd, 0);
        _resolve(dave);
        int256 quote = house.positionOf(bob, BTC).storedQuote;
        house.touch(bob, BTC, 1);
        uint256 charge = uint256(quote - house.positionOf(bob, BTC).quote);
        assertEq(house.accountOf(bob).graceUsd, charge);
    }

    /// @dev Bob gains by what carol in ETH and dave in BTC are bankrupt by; neither is resolved yet.
    function _chargeBobInTwoMarkets() private returns (AccountId dave) {
        _uninsure(ETH);
        _uninsure(BTC);
        dave = _trader("dave");
        _open(bob, ETH, 100_000e18, -400e18);
        _trade(bob, BTC, -20e18);
        _open(carol, ETH, 1_100e18, 10e18);
        _open(dave, BTC, 1_100e18, 0.5e18);
        _price(ETH, 1_800);
        feeds[1].push(36_000e8);
    }

    function test_touch_appliesATearUpAsAFillAtTheIndex() public {
        _bankruptAlice();
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        _tearUpAll(ETH);
        IClearingHouse.PositionState memory position = house.positionOf(bob, ETH);
        assertEq(position.size, 0, "all of the other side is torn");
        assertEq(position.storedSize, -int256(500e18), "not touched yet");
        int256 equity = _equity(bob);
        house.touch(bob, ETH, 16);
        assertEq(_size(bob, ETH), 0);
        assertEq(_equity(bob), equity);
        assertApproxEqAbs(house.marketOf(ETH).shortQuote, 0, 1);
        assertEq(house.positionOf(house.systemAccountOf(ETH, 1), ETH).storedSize, 0, "the mirror is empty");
        _assertConserved(_users());
    }

    function testFuzz_touch_chargesTheSame_whenSplit(uint256 price, uint256 parts) public {
        _bookLosses(4);
        _price(ETH, bound(price, 1_500, 2_500));
        uint256 snapshot = vm.snapshotState();
        house.touch(bob, ETH, 16);
        int256 quote = _quote(bob, ETH);
        uint256 collected = house.marketOf(ETH).uncollectedLossUsd;
        vm.revertToState(snapshot);

        uint256 step = bound(parts, 1, 3);
        for (uint256 i; i < 4; i += step) house.touch(bob, ETH, step);
        assertEq(_quote(bob, ETH), quote);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, collected);
        _assertConserved(_users());
    }
}
