// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice CASH-1, CONS-1: what comes in is credited, and nothing else is.
contract ClearingHouse_deposit_Test is HouseScenarios {
    /* REVERTS */

    function test_deposit_revertsWhenAmountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AmountZero.selector, alice));
        house.deposit(alice, 0);
    }

    function test_deposit_revertsWhenAccountIsTheHouses() public {
        for (uint256 kind; kind < 3; ++kind) {
            AccountId account = house.systemAccountOf(BTC, kind);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, account));
            house.deposit(account, 1e6);
        }
    }

    function test_deposit_revertsWhenAllowanceIsMissing() public {
        token.mint(STRANGER, 1e6);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(house), 0, 1e6)
        );
        house.deposit(alice, 1e6);
    }

    function test_deposit_revertsWhenCashWouldNotFitItsSlot() public {
        uint256 amountNative = uint256(type(uint96).max) / 1e12 + 1;
        token.mint(address(this), amountNative);
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, amountNative * 1e12)
        );
        house.deposit(alice, amountNative);
    }

    /* EDGES */

    function test_deposit_creditsASingleUnit() public {
        token.mint(address(this), 1);
        house.deposit(alice, 1);
        assertEq(_cash(alice), 1e12);
    }

    function test_deposit_needsNoPrice_whenFeedIsDeadAndMarketHalted() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        skipSeconds(1 days);
        uint256 before = _cash(alice);
        _fund(alice, 1e18);
        assertEq(_cash(alice), before + 1e18);
    }

    function test_deposit_creditsAnyAccount_whenCallerIsAStranger() public {
        AccountId other = accountIdOf(alice.owner(), type(uint96).max);
        token.mint(STRANGER, 7e6);
        vm.prank(STRANGER);
        token.approve(address(house), 7e6);
        vm.prank(STRANGER);
        house.deposit(other, 7e6);
        assertEq(_cash(other), 7e18);
        assertEq(_cash(alice), 0, "sub-accounts are separate");
    }

    /* SUCCESS */

    function test_deposit_emitsTheStateAfterIt() public {
        _fund(alice, 3e18);
        token.mint(address(this), 4e6);
        vm.expectEmit(address(house));
        emit IClearingHouse.Deposited(alice, address(this), 4e18, 7e18, _version(alice) + 1);
        house.deposit(alice, 4e6);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.cashUsd, 7e18);
        assertEq(state.depositUsd, 0);
        assertEq(state.heldUsd, 0);
        assertEq(state.markets, 0);
        assertEq(state.version, 2);
        assertEq(token.balanceOf(address(this)), 0);
        _assertConserved(_users());
    }

    /* FUZZ */

    function testFuzz_deposit_creditsExactlyWhatArrives(uint256 first, uint256 second) public {
        first = bound(first, 1, 1e15);
        second = bound(second, 1, 1e15);
        token.mint(address(this), first + second);
        house.deposit(alice, first);
        house.deposit(alice, second);
        assertEq(_cash(alice), (first + second) * 1e12);
        _assertConserved(_users());
    }
}
