// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice LIQ-5: one transaction for many; what cannot be liquidated says why and stops nobody.
contract ClearingHouse_liquidateBatch_Test is HouseScenarios {
    function _item(AccountId account, MarketId market) private pure returns (IClearingHouse.LiquidationItem memory) {
        return IClearingHouse.LiquidationItem(account, market);
    }

    function test_liquidateBatch_revertsWhenKeeperIsTheHouses() public {
        AccountId system = house.systemAccountOf(ETH, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.liquidateBatch(new IClearingHouse.LiquidationItem[](0), system);
    }

    function test_liquidateBatch_doesNothing_whenEmpty() public {
        assertEq(house.liquidateBatch(new IClearingHouse.LiquidationItem[](0), keeper).length, 0);
        assertEq(_cash(keeper), 0);
    }

    function test_liquidateBatch_saysWhyEachItemClosedNothing() public {
        AccountId dave = _trader("dave");
        _open(dave, ETH, 60_000e18, 500e18);
        _distressAlice();
        _open(carol, BTC, 10_000e18, 1e18);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](6);
        items[0] = _item(bob, ETH);
        items[1] = _item(carol, ETH);
        items[2] = _item(alice, ETH);
        items[3] = _item(alice, ETH);
        items[4] = _item(house.systemAccountOf(ETH, 0), ETH);
        items[5] = _item(pools[0], ETH);
        ILiquidationEngine.PlanCode[] memory codes = house.liquidateBatch(items, keeper);
        assertEq(uint256(codes[0]), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(uint256(codes[1]), uint256(ILiquidationEngine.PlanCode.NoPosition));
        assertEq(uint256(codes[2]), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(uint256(codes[3]), uint256(ILiquidationEngine.PlanCode.Healthy), "stale: a no-op");
        assertEq(uint256(codes[4]), uint256(ILiquidationEngine.PlanCode.NoPosition));
        assertEq(uint256(codes[5]), uint256(ILiquidationEngine.PlanCode.PoolUnavailable));
    }

    function test_liquidateBatch_equalsSingleCalls() public {
        AccountId[] memory victims = new AccountId[](4);
        _open(bob, ETH, 200_000e18, -160e18);
        for (uint256 i; i < victims.length; ++i) {
            victims[i] = _trader(string.concat("victim ", vm.toString(i)));
            _open(victims[i], ETH, 5_000e18 + i * 100e18, 40e18);
        }
        _price(ETH, 1_925);
        uint256 snapshot = vm.snapshotState();
        bytes32[] memory alone = new bytes32[](victims.length);
        for (uint256 i; i < victims.length; ++i) {
            house.liquidate(victims[i], ETH, keeper);
            alone[i] = _fingerprint(victims[i]);
        }
        uint256 reward = _cash(keeper);
        uint256 fund = _cash(_fundAccount());
        assertGt(reward, 0);
        vm.revertToState(snapshot);

        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](victims.length);
        for (uint256 i; i < victims.length; ++i) items[i] = _item(victims[i], ETH);
        house.liquidateBatch(items, keeper);
        for (uint256 i; i < victims.length; ++i) assertEq(_fingerprint(victims[i]), alone[i]);
        assertEq(_cash(keeper), reward);
        assertEq(_cash(_fundAccount()), fund);
    }

    /// @dev LIQ-4: however the accounts are split and ordered, what is closed in a moment stays within the bucket.
    function testFuzz_liquidateBatch_staysWithinTheBucket(uint256 count, uint256 size) public {
        count = bound(count, 2, 8);
        uint256 each = bound(size, 100, 1_200) * 1e18;
        _open(bob, ETH, 3_000_000e18, -int256(count * each));
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](count);
        for (uint256 i; i < count; ++i) {
            AccountId victim = _trader(string.concat("victim ", vm.toString(i)));
            uint256 notional = (each / 1e18) * 2_000;
            _open(victim, ETH, (notional * notional * 5e18) / 1e10 + (notional * 6e18) / 100 + 200e18, int256(each));
            items[i] = _item(victim, ETH);
        }
        _price(ETH, 1_915);
        uint256 before = house.marketOf(ETH).longOpenInterest;
        house.liquidateBatch(items, keeper);
        uint256 closedUsd = ((before - house.marketOf(ETH).longOpenInterest) * 1_915);
        // A quarter of the depth of 9 575 000 USD; with the dust of the last slice.
        assertLe(closedUsd, 2_393_750e18 + 250e18, "LIQ-4");
    }
}
