// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice CASH-1, HEALTH-1: free cash can be withdrawn, and not a unit more.
contract ClearingHouse_withdraw_Test is HouseScenarios {
    /* LOSSES COME FIRST */

    /// @dev A matured gain elsewhere lends margin, but what a loss needs of the cash is not free.
    function test_freeCashOf_keepsWhatALossNeeds_whenAGainElsewhereCoversTheMargin() public {
        _open(alice, BTC, 60_000e18, 10e18);
        _open(bob, BTC, 200_000e18, -10e18);
        _trade(alice, ETH, 20e18);
        _wait(BTC, 48_000, 1_500);
        _price(ETH, 1_900);
        uint256 loss = uint256(-_unsettled(alice, ETH));
        assertGt(loss, 1_900e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        uint256 cash = _cash(alice) - DEPOSIT_USD;
        assertGt(uint256(equity) - required, cash, "margin does not bind");
        assertEq(house.freeCashOf(alice), cash - loss);
    }

    function _unsettled(AccountId account, MarketId market) private view returns (int256) {
        Exposure[] memory exposures = house.portfolioOf(account, MarginKind.Initial).exposures;
        for (uint256 i; i < exposures.length; ++i) if (exposures[i].market == market) return exposures[i].valueUsd;
        revert("no position");
    }

    /* REVERTS */

    function test_withdraw_revertsWhenCallerHasNoPower() public {
        _fund(alice, 10e18);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, STRANGER, 2));
        house.withdraw(alice, 1e6, STRANGER);
    }

    function test_withdraw_revertsWhenDelegateMayOnlyTrade() public {
        _fund(alice, 10e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(this), 2));
        house.withdraw(alice, 1e6, address(this));
    }

    function test_withdraw_revertsWhenAmountIsZero() public {
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AmountZero.selector, alice));
        house.withdraw(alice, 0, alice.owner());
    }

    function test_withdraw_revertsWhenFlatAccountAsksForOneUnitMore() public {
        _fund(alice, 10e18);
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, 10e18, 10e18 + 1e12));
        house.withdraw(alice, 10e6 + 1, alice.owner());
    }

    function test_withdraw_revertsWhenItWouldEndBelowInitialMargin() public {
        _open(alice, ETH, 10_000e18, 20e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        uint256 free = uint256(equity) - required;
        assertEq(house.freeCashOf(alice), free);
        uint256 asked = (free / 1e12 + 1) * 1e12;
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, free, asked));
        house.withdraw(alice, asked / 1e12, alice.owner());
    }

    function test_withdraw_revertsWhenALossIsNotSettledYet() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 1_700);
        // 10 000 less deposit, edge and fees less a loss of 6 000, less initial margin.
        uint256 free = house.freeCashOf(alice);
        assertLt(free, 2_300e18);
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, free, 5_000e18));
        house.withdraw(alice, 5_000e6, alice.owner());
    }

    function test_withdraw_revertsWhenTheDepositIsAskedForToo() public {
        _fund(alice, 20e18);
        _trade(alice, ETH, 0.126e18);
        _price(ETH, 2_000);
        _trade(alice, ETH, -0.126e18);
        _settleAs(alice.owner(), alice);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.depositUsd, DEPOSIT_USD, "the gain of the closing fill keeps the account in its market");
        uint256 free = state.cashUsd - DEPOSIT_USD;
        uint256 asked = (free / 1e12 + 1) * 1e12;
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, free, asked));
        house.withdraw(alice, asked / 1e12, alice.owner());
    }

    function test_withdraw_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        vm.prank(bob.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16));
        house.withdraw(bob, 1e6, bob.owner());
        house.touch(bob, ETH, 1);
        _withdraw(bob, 1e18);
    }

    /* EDGES */

    function test_withdraw_paysAllOfAFlatAccount_whenEveryFeedIsDead() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _fund(bob, 123e18);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        skipSeconds(10 days);
        _withdraw(bob, 123e18);
        assertEq(_cash(bob), 0);
        assertEq(token.balanceOf(bob.owner()), 123e6);
    }

    function test_withdraw_paysNothingOfAGain_whenItIsYoung() public {
        _open(alice, ETH, 10_000e18, 20e18);
        uint256 before = house.freeCashOf(alice);
        _price(ETH, 2_400);
        // The gain counts for nothing yet, the requirement grew with the price.
        assertLt(house.freeCashOf(alice), before);
    }

    function test_withdraw_leavesWhatIsHeldForAMarketWithoutPrice() public {
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 5e18);
        _price(BTC, 38_000);
        _stale(BTC, ETH, 2_000);
        // The BTC loss of 10 000 at its last price, and 15 % of the notional on top, are not free.
        uint256 free = house.freeCashOf(alice);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(free, uint256(equity) - required);
        assertApproxEqAbs(equity, 60_000e18 - 10_000e18 - 28_500e18, 200e18);
        _withdraw(alice, (free / 1e12) * 1e12);
        assertLt(house.freeCashOf(alice), 1e12);
    }

    /* SUCCESS */

    function test_withdraw_emitsTheStateAfterIt() public {
        _fund(alice, 10e18);
        uint256 version = _version(alice);
        vm.expectEmit(address(house));
        emit IClearingHouse.Withdrawn(alice, carol.owner(), 4e18, 6e18, version + 1);
        vm.prank(alice.owner());
        house.withdraw(alice, 4e6, carol.owner());
        assertEq(_cash(alice), 6e18);
        assertEq(_version(alice), version + 1);
        assertEq(token.balanceOf(carol.owner()), 4e6);
        _assertConserved(_users());
    }

    function test_withdraw_obeysADelegate_whenItHasThePower() public {
        _fund(alice, 10e18);
        vm.prank(alice.owner());
        house.setDelegate(alice, carol.owner(), 2);
        vm.prank(carol.owner());
        house.withdraw(alice, 10e6, carol.owner());
        assertEq(token.balanceOf(carol.owner()), 10e6);
    }

    function test_withdraw_paysAMaturedGain_whenSettledFirst() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 2_100);
        _settleAs(bob.owner(), bob);
        _wait(ETH, 2_100, 1_500);
        uint256 before = _cash(alice);
        _settle(alice);
        assertGt(_cash(alice), before + 1_900e18);
        _trade(alice, ETH, -20e18);
        uint256 free = house.freeCashOf(alice);
        assertGt(free, 11_800e18);
        _withdraw(alice, (free / 1e12) * 1e12);
        _assertConserved(_users());
    }

    /* FUZZ */

    /// @dev The preview is exact: all of it can be withdrawn, one unit more cannot, and the account ends at or above initial margin.
    function testFuzz_withdraw_paysExactlyWhatFreeCashSays(uint256 price, uint256 size, bool isLong) public {
        int256 delta = int256(bound(size, 125, 180_000) * 0.001e18);
        _fund(alice, 20_000e18);
        _trade(alice, ETH, isLong ? delta : -delta);
        _open(bob, ETH, 50_000e18, isLong ? -delta : delta);
        _price(ETH, bound(price, 1_800, 2_300));
        uint256 free = house.freeCashOf(alice);
        uint256 asked = free / 1e12 + 1;
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, free, asked * 1e12));
        house.withdraw(alice, asked, alice.owner());
        if (asked > 1) _withdraw(alice, (asked - 1) * 1e12);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        if (free != 0) assertGe(equity, int256(required), "HEALTH-1");
        assertLt(house.freeCashOf(alice), 1e12);
        _assertConserved(_users());
    }
}
