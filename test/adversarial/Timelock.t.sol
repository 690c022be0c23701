// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice P3: a governor's key is stolen. Until its timelock is over the thief can only announce, and everybody can close and leave with all that is theirs.
contract Timelock_adversarial_Test is HouseScenarios {
    uint64 private constant GOVERNOR = 1;
    uint32 private constant DELAY = 2 days;

    IAccessManager private _manager;
    address private _thief;

    function setUp() public override {
        super.setUp();
        _thief = makeAddr("thief");
        _manager = IAccessManager(deploy("AccessManager", abi.encode(address(this))));
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = IClearingHouse.setModule.selector;
        selectors[1] = IClearingHouse.setMarketTerms.selector;
        selectors[2] = IClearingHouse.setVenue.selector;
        _manager.setTargetFunctionRole(address(house), selectors, GOVERNOR);
        _manager.grantRole(GOVERNOR, _thief, DELAY);
        IAccessManaged(address(house)).setAuthority(address(_manager));
    }

    function _schedule(bytes memory data) private {
        vm.prank(_thief);
        _manager.schedule(address(house), data, 0);
    }

    function _assertTooEarly(bytes memory data) private {
        vm.prank(_thief);
        (bool success, bytes memory reason) = address(house).call(data);
        assertFalse(success, "the thief needed no delay");
        assertEq(bytes32(bytes4(reason)), bytes32(IAccessManager.AccessManagerNotReady.selector));
    }

    function test_P3_withdraw_letsEverybodyLeave_whenAThiefIsTheGovernor() public {
        _open(alice, ETH, 60_000e18, 100e18);
        _open(bob, ETH, 60_000e18, -60e18);
        _fund(carol, 1_000e18);
        bytes[3] memory thefts = [
            abi.encodeCall(IClearingHouse.setModule, ("risk", _thief)),
            abi.encodeCall(IClearingHouse.setModule, ("oracle", _thief)),
            abi.encodeCall(IClearingHouse.setVenue, (_thief, true))
        ];
        for (uint256 i; i < 3; ++i) _schedule(thefts[i]);
        for (uint256 i; i < 3; ++i) _assertTooEarly(thefts[i]);

        // All of it announced, everybody closes, waits for their gains to have stood, and takes out the last unit.
        _price(ETH, 2_010);
        _trade(alice, ETH, -100e18);
        _trade(bob, ETH, 60e18);
        _settle(pools[0]);
        _wait(ETH, 2_010, 3 * BUCKET_SECONDS);
        AccountId[3] memory users = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            _settle(users[i]);
            uint256 free = house.freeCashOf(users[i]);
            _withdraw(users[i], free);
            assertEq(house.accountOf(users[i]).markets, 0, "left in a market");
            assertLt(_cash(users[i]), 1e12, "more than a unit of the token is left");
        }
        for (uint256 i; i < 3; ++i) _assertTooEarly(thefts[i]);
        // Those who are in charge of the thief cancel what it announced.
        _manager.cancel(_thief, address(house), thefts[0]);
        vm.warp(vm.getBlockTimestamp() + DELAY);
        vm.prank(_thief);
        (bool success, ) = address(house).call(thefts[0]);
        assertFalse(success, "what was cancelled was done");
        // What was not is the thief's from here on: nobody had to stay for it.
        vm.prank(_thief);
        (success, ) = address(house).call(thefts[1]);
        assertTrue(success, "the timelock ends");
    }

    /// @dev Even then a flat account's cash needs no judge: it leaves whatever the modules say (CASH-1).
    function test_P3_withdraw_paysAFlatAccount_whenTheJudgesAreStolen() public {
        _fund(carol, 1_000e18);
        bytes memory theft = abi.encodeCall(IClearingHouse.setModule, ("risk", _thief));
        bytes memory other = abi.encodeCall(IClearingHouse.setModule, ("oracle", _thief));
        _schedule(theft);
        _schedule(other);
        vm.warp(vm.getBlockTimestamp() + DELAY);
        vm.startPrank(_thief);
        (bool first, ) = address(house).call(theft);
        (bool then, ) = address(house).call(other);
        vm.stopPrank();
        assertTrue(first && then, "the theft failed");
        _withdraw(carol, 1_000e18);
        assertEq(token.balanceOf(carol.owner()), _native(1_000e18));
        vm.prank(_thief);
        (bool moved, ) = address(house).call(abi.encodeCall(IClearingHouse.withdraw, (pools[0], 1, _thief)));
        assertFalse(moved, "AUTH-1: a governor moved money");
    }
}
