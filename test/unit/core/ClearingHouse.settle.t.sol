// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";
import {Vm} from "../../support/Vm.sol";

/// @notice PAID-1, CONS-2: settling moves value between quote leg and cash, and changes no equity.
contract ClearingHouse_settle_Test is HouseScenarios {
    /* REVERTS */

    function test_settle_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        AccountId[] memory accounts = _one(bob);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16));
        house.settle(accounts);
    }

    /* EDGES */

    function test_settle_doesNothing_whenListIsEmptyOrAccountsAreFlat() public {
        _fund(alice, 10e18);
        bytes32 before = _fingerprint(alice);
        house.settle(new AccountId[](0));
        _settle(alice);
        _settle(carol);
        assertEq(_fingerprint(alice), before);
    }

    function test_settle_skipsTheHousesOwnAccounts() public {
        _bankruptAlice();
        _resolve(alice);
        for (uint256 kind; kind < 3; ++kind) {
            AccountId account = house.systemAccountOf(ETH, kind);
            bytes32 before = _fingerprint(account);
            _settle(account);
            assertEq(_fingerprint(account), before);
        }
    }

    function test_settle_changesNothing_whenRepeated() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 1_900);
        AccountId[] memory twice = new AccountId[](2);
        (twice[0], twice[1]) = (alice, alice);
        vm.prank(alice.owner());
        house.settle(twice);
        uint256 cash = _cash(alice);
        int256 quote = _quote(alice, ETH);
        _settleAs(alice.owner(), alice);
        assertEq(_cash(alice), cash);
        assertEq(_quote(alice, ETH), quote);
        _assertConserved(_users());
    }

    function test_settle_pullsNothing_whenStrangerCallsOnAWick() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 1_800);
        uint256 cash = _cash(alice);
        _settleAs(STRANGER, alice);
        assertEq(_cash(alice), cash, "2 000 is in the window too");
        _wait(ETH, 1_800, 1_500);
        _settleAs(STRANGER, alice);
        assertApproxEqAbs(_cash(alice), cash - 4_000e18, 30e18, "it stood, funding aside");
        _assertConserved(_users());
    }

    function test_settle_pullsEverything_whenADelegateCalls() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _price(ETH, 1_800);
        uint256 cash = _cash(alice);
        _settle(alice);
        assertApproxEqAbs(_cash(alice), cash - 4_000e18, 1e18);
    }

    function test_settle_pullsProRata_whenCashDoesNotCoverAllLosses() public {
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 10e18);
        _trade(alice, ETH, 300e18);
        _price(BTC, 34_000);
        _price(ETH, 1_700);
        int256 ethLoss = 300e18 * 300;
        int256 btcLoss = 10e18 * 6_000;
        uint256 available = _cash(alice) - DEPOSIT_USD;
        _settle(alice);
        assertEq(_cash(alice), DEPOSIT_USD + 1, "all but the deposit and a unit of rounding");
        uint256 ethPulled = house.marketOf(ETH).reserveUsd - _edge(300e18, 2_000, 500_000e18);
        assertApproxEqAbs(ethPulled, (available * uint256(ethLoss)) / uint256(ethLoss + btcLoss), 1e18);
        _assertConserved(_users());
    }

    /// @dev Cash that does not cover the losses goes where they are, and nowhere else.
    function test_settle_movesNothingInOtherMarkets_whenCashDoesNotCoverALoss() public {
        _fund(alice, 20_000e18);
        _trade(alice, BTC, 1e18);
        _trade(alice, ETH, 150e18);
        _price(BTC, 41_000);
        _price(ETH, 1_700);
        uint256 version = house.accountOf(alice).version;
        vm.recordLogs();
        _settle(alice);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 settled;
        for (uint256 i; i < logs.length; ++i) if (logs[i].topics[0] == IClearingHouse.Settled.selector) ++settled;
        assertEq(settled, 1, "ETH only: the gain in BTC is young");
        assertEq(house.accountOf(alice).version, version + 1);
    }

    function test_settle_holdsTheShare_whenAMarketHasNoPrice() public {
        _fund(alice, 20_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 50e18);
        _price(BTC, 36_000);
        _stale(BTC, ETH, 1_700);
        // ETH loses 15 000, BTC 20 000 at its last price.
        uint256 cash = _cash(alice);
        uint256 btcReserve = house.marketOf(BTC).reserveUsd;
        _settle(alice);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertApproxEqRel(state.heldUsd, ((cash - DEPOSIT_USD) * 20) / 35, 0.01e18);
        assertApproxEqAbs(state.cashUsd, state.heldUsd + DEPOSIT_USD, 2);
        assertEq(house.marketOf(BTC).reserveUsd, btcReserve, "nothing moves at a price nobody can trust");
        _settle(alice);
        assertApproxEqAbs(house.accountOf(alice).heldUsd, state.heldUsd, 2, "again: nothing more");

        feeds[1].push(36_000e8);
        _settle(alice);
        assertEq(house.accountOf(alice).heldUsd, 0, "the price is back");
        assertApproxEqAbs(house.marketOf(BTC).reserveUsd, btcReserve + state.heldUsd, 4);
        _assertConserved(_users());
    }

    /// @dev A stranger's call pulls what stands at the window's extremes; what is held already covers that, and stays.
    function test_settle_keepsWhatIsHeld_whenAStrangerCalls() public {
        _fund(alice, 20_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 50e18);
        _price(BTC, 36_000);
        _stale(BTC, ETH, 1_700);
        _settle(alice);
        uint256 held = house.accountOf(alice).heldUsd;
        assertGt(held, 8_000e18);
        _settleAs(STRANGER, alice);
        assertEq(house.accountOf(alice).heldUsd, held);
        assertEq(house.freeCashOf(alice), 0);
        _assertConserved(_users());
    }

    function test_settle_releasesWhatWasHeld_whenThePriceComesBackBetter() public {
        _fund(alice, 20_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 50e18);
        _price(BTC, 36_000);
        _stale(BTC, ETH, 1_700);
        _settle(alice);
        uint256 cash = _cash(alice);
        feeds[1].push(41_000e8);
        _settle(alice);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.heldUsd, 0);
        assertLt(state.cashUsd, cash, "what ETH still lacked is served out of it");
        _assertConserved(_users());
    }

    function test_settle_paysOnlyWhatTheReserveHas() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 2_100);
        _wait(ETH, 2_100, 1_500);
        uint256 reserve = house.marketOf(ETH).reserveUsd;
        assertLt(reserve, 10e18, "the loser has not paid in");
        uint256 cash = _cash(alice);
        _settle(alice);
        assertEq(_cash(alice), cash + reserve);
        assertEq(house.marketOf(ETH).reserveUsd, 0);
        _assertConserved(_users());
    }

    /// @dev SENIOR-1: where a gain is more than the reserve, all is paid of it but what waits to be shared.
    function test_settle_leavesNoLessThanWhatWaits_whenTheGainIsMoreThanTheReserve() public {
        _uninsure(ETH);
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 20_000e18, -40e18);
        _open(carol, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _resolve(carol);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 50e18);
        _settle(alice);
        _wait(ETH, 1_820, 1_500);
        _settle(bob);
        assertGt(_quote(bob, ETH) + 40e18 * -1_820, int256(1_000e18), "there is more to pay");
        assertEq(house.marketOf(ETH).reserveUsd, house.marketOf(ETH).pendingLossUsd);
        assertEq(house.marketOf(ETH).pendingLossUsd, pending);
        _assertConserved(_users());
    }

    function test_settle_leavesWhatWaitsToBeBooked_whenGainsArePaid() public {
        _uninsure(ETH);
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _open(carol, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _resolve(carol);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 50e18);
        assertLt(pending, 100e18, "too small for an event");
        _settle(alice);
        _wait(ETH, 1_820, 1_500);
        uint256 cash = _cash(bob);
        _settle(bob);
        assertGt(_cash(bob), cash + 3_000e18);
        assertGe(house.marketOf(ETH).reserveUsd, pending, "SENIOR-1: gains are paid from B less what waits");
        _assertConserved(_users());
    }

    /* SUCCESS */

    function test_settle_emitsTheStateAfterIt() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _price(ETH, 1_900);
        uint256 cash = _cash(alice);
        uint256 version = _version(alice);
        int256 quote = _quote(alice, ETH);
        int256 value = (20e18 * (int256(1_900e18) - house.marketOf(ETH).fundingIndex)) / 1e18 + quote;
        vm.expectEmit(address(house));
        emit IClearingHouse.Settled(
            alice,
            ETH,
            value,
            20e18,
            quote - value,
            uint256(int256(cash) + value),
            version + 1
        );
        _settle(alice);
        assertEq(_cash(alice), uint256(int256(cash) + value));
        assertEq(_quote(alice, ETH), quote - value);
        assertEq(_size(alice, ETH), int256(20e18));
        assertEq(_version(alice), version + 1);
        _assertConserved(_users());
    }

    function test_settle_leavesTheMarket_whenTheLastClaimIsPaid() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 2_100);
        _settle(bob);
        _trade(alice, ETH, -20e18);
        assertEq(house.accountOf(alice).markets, ETH.bit(), "a claim is left");
        _wait(ETH, 2_100, 1_500);
        _settle(alice);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.markets, 0);
        assertEq(state.depositUsd, 0, "the deposit is free");
        assertEq(house.freeCashOf(alice), state.cashUsd);
        _assertConserved(_users());
    }

    /* FUZZ */

    function testFuzz_settle_changesNoEquity(uint256 price, uint256 size, bool isLong, bool stands) public {
        int256 delta = int256(bound(size, 1, 1_000) * 0.125e18);
        _fund(alice, 20_000e18);
        _trade(alice, ETH, isLong ? delta : -delta);
        _open(bob, ETH, 20_000e18, isLong ? -delta : delta);
        uint256 to = bound(price, 1_850, 2_150);
        _price(ETH, to);
        if (stands) _wait(ETH, to, 1_500);
        int256 aliceEquity = _equity(alice);
        int256 bobEquity = _equity(bob);
        _settle(bob);
        _settle(alice);
        assertApproxEqAbs(_equity(alice), aliceEquity, 1);
        assertApproxEqAbs(_equity(bob), bobEquity, 1);
        _assertConserved(_users());
    }

    /// @dev What the first buyer's edge put into the reserve.
    function _edge(uint256 size, uint256 price, uint256 skewScale) private pure returns (uint256) {
        return (size * price * size) / (2 * skewScale);
    }
}
