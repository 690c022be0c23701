// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice AUTH-1: only the owner says what others may do.
contract ClearingHouse_setDelegate_Test is HouseScenarios {
    function test_setDelegate_revertsWhenCallerIsNotTheOwner() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, STRANGER, 3));
        house.setDelegate(alice, STRANGER, 3);
    }

    function test_setDelegate_revertsWhenCallerIsADelegateWithAllPowers() public {
        vm.prank(alice.owner());
        house.setDelegate(alice, carol.owner(), 3);
        vm.prank(carol.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, carol.owner(), 3));
        house.setDelegate(alice, STRANGER, 3);
    }

    function test_setDelegate_revertsWhenAccountIsTheHouses() public {
        AccountId account = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, account, address(this), 1));
        house.setDelegate(account, address(this), 1);
    }

    function test_setDelegate_revertsWhenPowersAreUnknown() public {
        vm.startPrank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PowersUnknown.selector, 4));
        house.setDelegate(alice, STRANGER, 4);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PowersUnknown.selector, type(uint256).max));
        house.setDelegate(alice, STRANGER, type(uint256).max);
        vm.stopPrank();
    }

    function test_setDelegate_revokesAtOnce_whenPowersAreZero() public {
        _open(alice, ETH, 10_000e18, 20e18);
        vm.prank(alice.owner());
        vm.expectEmit(address(house));
        emit IClearingHouse.DelegateSet(alice, address(this), 0);
        house.setDelegate(alice, address(this), 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(this), 1));
        house.trade(_request(alice, ETH, 1e18));
    }

    function test_setDelegate_appliesToOneSubAccountOnly() public {
        vm.prank(alice.owner());
        house.setDelegate(alice, carol.owner(), 2);
        assertEq(house.powersOf(alice, carol.owner()), 2);
        assertEq(house.powersOf(accountIdOf(alice.owner(), 1), carol.owner()), 0);
        assertEq(house.powersOf(bob, carol.owner()), 0);
    }

    function testFuzz_setDelegate_storesEachSetOfPowers(address delegate, uint256 powers) public {
        powers = bound(powers, 0, 3);
        vm.prank(alice.owner());
        vm.expectEmit(address(house));
        emit IClearingHouse.DelegateSet(alice, delegate, powers);
        house.setDelegate(alice, delegate, powers);
        assertEq(house.powersOf(alice, delegate), powers);
    }
}
