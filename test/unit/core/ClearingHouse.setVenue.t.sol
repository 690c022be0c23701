// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice AUTH-1: who may fill.
contract ClearingHouse_setVenue_Test is HouseScenarios {
    function test_setVenue_revertsWhenCallerIsNotTheGovernor() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        house.setVenue(STRANGER, true);
    }

    function test_setVenue_listsAndUnlists() public {
        assertFalse(house.isVenue(STRANGER));
        vm.expectEmit(address(house));
        emit IClearingHouse.VenueSet(STRANGER, true);
        house.setVenue(STRANGER, true);
        assertTrue(house.isVenue(STRANGER));
        vm.expectEmit(address(house));
        emit IClearingHouse.VenueSet(STRANGER, false);
        house.setVenue(STRANGER, false);
        assertFalse(house.isVenue(STRANGER));
    }

    function test_setVenue_givesNoPowerOverAccounts() public {
        _open(alice, ETH, 10_000e18, 20e18);
        house.setVenue(STRANGER, true);
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, STRANGER, 1));
        house.trade(_request(alice, ETH, -20e18));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, STRANGER, 2));
        house.withdraw(alice, 1, STRANGER);
        vm.stopPrank();
    }
}
