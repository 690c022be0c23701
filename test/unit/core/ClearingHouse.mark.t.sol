// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";

/// @notice What tests use of the uptime feed.
interface ISequencerControl {
    function goDown() external;

    function goUp() external;
}

/// @notice The distress clock: when it starts, what it records, when it clears and when its auctions start again.
contract ClearingHouse_mark_Test is TakeOverScenarios {
    function _missing(AccountId account) private view returns (uint256) {
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        return uint256(int256(required) - equity);
    }

    function _assertClock(AccountId account, uint256 startedAt, uint256 elapsed) private view {
        IClearingHouse.DistressState memory state = house.distressOf(account);
        assertEq(state.startedAt, startedAt, "start");
        assertEq(state.elapsedSeconds, elapsed, "elapsed");
    }

    /* LISTS */

    function test_mark_leavesTheHousesAccountsAlone() public {
        _bankruptAlice();
        _resolve(alice);
        _price(ETH, 1_500);
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertLt(_equity(resolution), 0);
        assertFalse(_mark(resolution));
        _assertClock(resolution, 0, 0);
    }

    function test_mark_bringsEventsNearer_whenTooManyWait() public {
        _bookLosses(17);
        bytes32 before = keccak256(abi.encode(house.distressOf(bob)));
        assertFalse(_mark(bob));
        assertEq(keccak256(abi.encode(house.distressOf(bob))), before, "not judged");
        assertEq(house.positionOf(bob, ETH).eventsSeen, 17, "sixteen applied");
        _mark(bob);
        assertEq(house.positionOf(bob, ETH).eventsSeen, 18);
    }

    /// @dev One list: in distress, healthy, never opened, the house's own, with too many events, twice.
    function test_mark_judgesEachOfAList() public {
        _bookLosses(17);
        _price(ETH, 2_000);
        _open(alice, ETH, 10_000e18, 80e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 100_000e18, 80e18);
        _price(ETH, 1_925);
        AccountId[] memory accounts = new AccountId[](6);
        (accounts[0], accounts[1], accounts[2]) = (carol, bob, alice);
        (accounts[3], accounts[4], accounts[5]) = (dave, house.systemAccountOf(ETH, 0), alice);
        bool[] memory isMarked = house.mark(accounts);
        bool[] memory expected = new bool[](6);
        (expected[2], expected[5]) = (true, true);
        assertEq(keccak256(abi.encode(isMarked)), keccak256(abi.encode(expected)));
        _assertClock(alice, vm.getBlockTimestamp(), 0);
        assertEq(house.totalShortfallUsd(), _missing(alice), "counted once");
    }

    function test_mark_answersNothing_whenTheListIsEmpty() public {
        assertEq(house.mark(new AccountId[](0)).length, 0);
    }

    /// @dev S13: a dead feed shields nobody whose other markets are enough to see the distress.
    function test_S13_mark_startsTheClock_whenOneOfItsFeedsIsDead() public {
        _open(alice, BTC, 300e18, 0.01e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _stale(BTC, ETH, 1_900);
        assertTrue(_mark(alice));
    }

    /// @dev Healthy only if the market without a price counts in its favour: nothing is concluded from that, however long it lasts.
    function test_mark_leavesTheClock_whenAPriceIsNotValid() public {
        _distressAlice();
        _mark(alice);
        bytes32 before = keccak256(abi.encode(house.totalShortfallUsd(), house.distressOf(alice).healthySince));
        _stale(ETH, BTC, 40_000);
        assertTrue(_mark(alice));
        skipSeconds(AUCTION_SECONDS);
        assertTrue(_mark(alice));
        bytes32 after_ = keccak256(abi.encode(house.totalShortfallUsd(), house.distressOf(alice).healthySince));
        assertEq(after_, before);
        feeds[0].push(1_925e8);
        assertTrue(_mark(alice));
        assertEq(house.distressOf(alice).healthySince, 0);
    }

    /* START */

    function test_mark_startsTheClock_whenBelowMaintenanceMargin() public {
        _distressAlice();
        uint256 missing = _missing(alice);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(address(house));
        emit IClearingHouse.Marked(alice, now_, 0, missing, missing);
        vm.prank(STRANGER);
        _mark(alice);
        _assertClock(alice, now_, 0);
        assertEq(house.distressOf(alice).shortfallUsd, missing);
        assertEq(house.totalShortfallUsd(), missing);
        skipSeconds(37);
        _assertClock(alice, now_, 37);
    }

    function test_mark_doesNothing_whenHealthyOrEmpty() public {
        _open(alice, ETH, 10_000e18, 80e18);
        bytes32 before = _fingerprint(alice);
        _mark(alice);
        assertEq(_fingerprint(alice), before);
        _mark(bob);
        _assertClock(alice, 0, 0);
        _assertClock(bob, 0, 0);
        assertEq(house.totalShortfallUsd(), 0);
    }

    function test_mark_startsAtAUnitBelowMaintenanceMargin() public {
        _distressAlice();
        _fund(alice, _missing(alice) - 1);
        assertEq(_missing(alice), 1);
        _mark(alice);
        assertEq(house.distressOf(alice).shortfallUsd, 1);
    }

    function test_mark_doesNotStart_whenEquityIsMaintenanceMargin() public {
        _distressAlice();
        _fund(alice, _missing(alice));
        _mark(alice);
        _assertClock(alice, 0, 0);
    }

    function test_mark_countsRecentChargesBack() public {
        _uninsure(ETH);
        _bankruptAlice();
        _resolve(alice);
        // bob, short, was charged for nearly all of it; for a minute that makes nobody distressed.
        house.touch(bob, ETH, 16);
        _price(ETH, 1_995);
        (int256 equity, uint256 required) = house.marginOf(bob, MarginKind.Maintenance);
        assertLt(equity, int256(required), "below through the charge only");
        _mark(bob);
        _assertClock(bob, 0, 0);
        skipSeconds(61);
        _mark(bob);
        assertGt(house.distressOf(bob).startedAt, 0);
    }

    function test_mark_keepsTheStartAndRecordsTheNewShortfall() public {
        _distressAlice();
        _mark(alice);
        uint256 startedAt = vm.getBlockTimestamp();
        _price(ETH, 1_915);
        _mark(alice);
        _assertClock(alice, startedAt, 12);
        assertEq(house.distressOf(alice).shortfallUsd, _missing(alice));
        assertEq(house.totalShortfallUsd(), _missing(alice));
    }

    function test_mark_addsShortfallsUp() public {
        _open(bob, ETH, 1_000_000e18, -160e18);
        _open(alice, ETH, 10_000e18, 80e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 9_900e18, 80e18);
        _price(ETH, 1_925);
        _mark(alice);
        _mark(dave);
        assertEq(house.totalShortfallUsd(), _missing(alice) + _missing(dave));
        house.takeOver(_take(dave, ETH, ALL));
        assertEq(house.totalShortfallUsd(), _missing(alice), "what left distress counts no more");
    }

    /* CLEAR */

    function test_mark_clears_whenEquityIsInitialMargin() public {
        _distressAlice();
        _mark(alice);
        _fund(alice, 20_000e18);
        assertGt(house.distressOf(alice).startedAt, 0, "a deposit needs no price and clears nothing");
        vm.expectEmit(address(house));
        emit IClearingHouse.Unmarked(alice, 0);
        _mark(alice);
        _assertClock(alice, 0, 0);
        assertEq(house.totalShortfallUsd(), 0);
    }

    function test_mark_clearsAfterAnAuctionOfHealth_whenBelowInitialMargin() public {
        _distressAlice();
        uint256 startedAt = vm.getBlockTimestamp();
        _mark(alice);
        _fund(alice, _missing(alice) + 1e18);
        uint256 healthySince = vm.getBlockTimestamp();
        vm.expectEmit(address(house));
        emit IClearingHouse.Marked(alice, startedAt, healthySince, 0, 0);
        _mark(alice);
        skipSeconds(AUCTION_SECONDS - 1);
        _mark(alice);
        _assertClock(alice, startedAt, AUCTION_SECONDS - 1);
        assertEq(house.distressOf(alice).healthySince, healthySince);
        skipSeconds(1);
        vm.expectEmit(address(house));
        emit IClearingHouse.Unmarked(alice, 0);
        _mark(alice);
    }

    function test_mark_goesOnFromTheOldStart_whenHealthWasShort() public {
        _distressAlice();
        uint256 startedAt = vm.getBlockTimestamp();
        _mark(alice);
        _fund(alice, _missing(alice) + 1e18);
        _mark(alice);
        _price(ETH, 1_924);
        _mark(alice);
        _assertClock(alice, startedAt, 12);
        assertEq(house.distressOf(alice).healthySince, 0);
        _fund(alice, _missing(alice));
        skipSeconds(AUCTION_SECONDS);
        _mark(alice);
        assertGt(house.distressOf(alice).startedAt, 0, "health counts from when it was seen again");
    }

    /* OTHER CALLS */

    function test_trade_clearsTheMark_whenItEndsAboveInitialMargin() public {
        _distressAlice();
        _mark(alice);
        _fund(alice, 20_000e18);
        _trade(alice, ETH, 1e18);
        _assertClock(alice, 0, 0);
    }

    function test_trade_clearsTheMark_whenItClosesTheLastPosition() public {
        _distressAlice();
        _mark(alice);
        _trade(alice, ETH, -80e18);
        _settle(alice);
        _assertClock(alice, 0, 0);
        assertEq(house.totalShortfallUsd(), 0);
    }

    function test_withdraw_clearsTheMark() public {
        _distressAlice();
        _mark(alice);
        _fund(alice, 20_000e18);
        _withdraw(alice, 1e18);
        _assertClock(alice, 0, 0);
    }

    function test_liquidate_recordsTheShortfallThatIsLeft() public {
        _open(bob, ETH, 120_000e18, -1_000e18);
        _open(alice, ETH, 110_000e18, 1_000e18);
        _price(ETH, 1_915);
        _mark(alice);
        uint256 startedAt = vm.getBlockTimestamp();
        house.liquidate(alice, ETH, keeper);
        _assertClock(alice, startedAt, 0);
        assertEq(house.distressOf(alice).shortfallUsd, _missing(alice));
        assertEq(house.totalShortfallUsd(), _missing(alice));
    }

    function test_resolve_clearsTheMark() public {
        _bankruptAlice();
        _mark(alice);
        assertGt(house.totalShortfallUsd(), 100_000e18);
        _resolve(alice);
        _assertClock(alice, 0, 0);
        assertEq(house.totalShortfallUsd(), 0);
    }

    /* OUTAGES AND HALTS */

    /// @dev L7: after a halt the auction starts anew, whatever the price did meanwhile.
    function test_L7_distressOf_startsAnew_whenAHaltEnds() public {
        _distressAlice();
        uint256 startedAt = vm.getBlockTimestamp();
        _markAndWait(alice, AUCTION_SECONDS);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _price(ETH, 1_910);
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _assertClock(alice, startedAt, 0);
        assertEq(house.previewTakeOver(alice, ETH, ALL).discountUsd, 0);
        skipSeconds(45);
        _assertClock(alice, startedAt, 45);
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        _assertClock(alice, startedAt, 45);
    }

    function test_L7_distressOf_startsAnew_whenAHaltEndsInAnotherOfItsMarkets() public {
        _open(alice, BTC, 300e18, 0.1e18);
        _distressAlice();
        _markAndWait(alice, 60);
        _setMode(BTC, IClearingHouse.MarketMode.Halted);
        _setMode(BTC, IClearingHouse.MarketMode.Open);
        assertEq(house.distressOf(alice).elapsedSeconds, 0);
    }

    /// @dev L8: nobody looked while the feed was out; the discount is not there when it is back.
    function test_L8_distressOf_startsAnew_whenTheFeedIsBack() public {
        _distressAlice();
        uint256 startedAt = vm.getBlockTimestamp();
        _markAndWait(alice, 3_601);
        assertEq(_previewCode(alice, ETH), 3, "the price is stale");
        feeds[0].push(1_925e8);
        _assertClock(alice, startedAt, 0);
        oracle.poke(ETH.bit());
        skipSeconds(30);
        _assertClock(alice, startedAt, 30);
        feeds[0].push(1_925e8);
        _assertClock(alice, startedAt, 30);
    }

    function test_L8_distressOf_goesOn_whenTheFeedNeverFailed() public {
        _distressAlice();
        uint256 startedAt = vm.getBlockTimestamp();
        _mark(alice);
        _wait(ETH, 1_925, 3 * 3_600);
        _assertClock(alice, startedAt, 3 * 3_600);
    }

    function test_L8_distressOf_startsAnew_whenTheSequencerIsBack() public {
        address uptime = deploy(
            "MockSequencerFeed",
            abi.encode(address(this), uint64(vm.getBlockTimestamp() - 1 days))
        );
        oracle.setSequencerFeed(uptime, 600);
        _distressAlice();
        _markAndWait(alice, 60);
        assertEq(house.distressOf(alice).elapsedSeconds, 60);
        ISequencerControl(uptime).goDown();
        skipSeconds(30);
        ISequencerControl(uptime).goUp();
        assertEq(_previewCode(alice, ETH), 3, "not yet");
        skipSeconds(600);
        // The same round, still fresh: only the sequencer tells.
        assertEq(uint256(oracle.peek(ETH.bit())[0].status), uint256(PriceStatus.Valid));
        assertEq(house.distressOf(alice).elapsedSeconds, 0, "grace first");
        _mark(alice);
        skipSeconds(10);
        assertEq(house.distressOf(alice).elapsedSeconds, 10);
    }
}
