// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice AUTH-1: judges are replaceable by the governor, the fund is not.
contract ClearingHouse_setModule_Test is HouseScenarios {
    function test_setModule_revertsWhenCallerIsNotTheGovernor() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        house.setModule("risk", STRANGER);
    }

    function test_setModule_revertsWhenNameIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleUnknown.selector, bytes32("pool")));
        house.setModule("pool", address(1));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleUnknown.selector, bytes32("")));
        house.moduleOf("");
    }

    function test_setModule_revertsWhenAddressIsZero() public {
        bytes32[5] memory names = [
            bytes32("risk"),
            bytes32("oracle"),
            bytes32("liquidation"),
            bytes32("waterfall"),
            bytes32("insurance")
        ];
        for (uint256 i; i < names.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleZero.selector, names[i]));
            house.setModule(names[i], address(0));
        }
    }

    function test_setModule_revertsWhenTheFundIsSetAgain() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleFixed.selector, bytes32("insurance"), insurance));
        house.setModule("insurance", insurance);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleFixed.selector, bytes32("insurance"), insurance));
        house.setModule("insurance", STRANGER);
    }

    function test_setModule_replacesEachJudge() public {
        bytes32[4] memory names = [bytes32("risk"), bytes32("oracle"), bytes32("liquidation"), bytes32("waterfall")];
        address[4] memory old = [address(risk), address(oracle), address(liquidation), address(waterfall)];
        for (uint256 i; i < names.length; ++i) {
            address newAddress = address(uint160(0x1000 + i));
            assertEq(house.moduleOf(names[i]), old[i]);
            vm.expectEmit(address(house));
            emit IClearingHouse.ModuleSet(names[i], old[i], newAddress);
            house.setModule(names[i], newAddress);
            assertEq(house.moduleOf(names[i]), newAddress);
        }
        assertEq(house.moduleOf("insurance"), insurance);
    }
}
