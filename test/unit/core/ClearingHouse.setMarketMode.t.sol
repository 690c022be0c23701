// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice AUTH-1: how far a market is open.
contract ClearingHouse_setMarketMode_Test is HouseScenarios {
    function test_setMarketMode_revertsWhenCallerIsNotTheGovernor() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
    }

    function test_setMarketMode_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.setMarketMode(MarketId.wrap(9), IClearingHouse.MarketMode.Open);
    }

    function test_setMarketMode_revertsWhenMarketWouldLeaveTheList() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, ETH));
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Unlisted);
    }

    function test_setMarketMode_changesNothingElse() public {
        _open(alice, ETH, 10_000e18, 20e18);
        IClearingHouse.MarketState memory before = house.marketOf(ETH);
        vm.expectEmit(address(house));
        emit IClearingHouse.MarketModeSet(ETH, IClearingHouse.MarketMode.Open, IClearingHouse.MarketMode.Halted);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(uint256(state.mode), uint256(IClearingHouse.MarketMode.Halted));
        before.mode = state.mode;
        assertEq(keccak256(abi.encode(state)), keccak256(abi.encode(before)));

        vm.expectEmit(address(house));
        emit IClearingHouse.MarketModeSet(ETH, IClearingHouse.MarketMode.Halted, IClearingHouse.MarketMode.ReduceOnly);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        assertEq(uint256(house.marketOf(BTC).mode), uint256(IClearingHouse.MarketMode.Open), "the other stays open");
    }

    function test_setMarketMode_leavesSettlingAndFlatWithdrawalsAlone_whenHalted() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _fund(bob, 100e18);
        _price(ETH, 1_900);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
        uint256 cash = _cash(alice);
        _settle(alice);
        assertLt(_cash(alice), cash);
        _withdraw(bob, 100e18);
        _withdraw(alice, 1e18);
        _assertConserved(_users());
    }
}
