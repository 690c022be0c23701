// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_removeExpired_Test is DelayedOrdersTest {
    function test_removeExpired_revertsWhenThereIsNoOrder() public {
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderUnknown.selector, 4));
        orders.removeExpired(_ids(4, 1));
    }

    function test_removeExpired_revertsWhenNotExpired() public {
        uint256 expiry = vm.getBlockTimestamp() + 1 hours;
        uint256 id = _commit(alice, 1e18);
        skipSeconds(1 hours);
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderNotExpired.selector, id, expiry, expiry));
        orders.removeExpired(_ids(id, 1));
    }

    function test_removeExpired_clearsThemAway() public {
        uint256 expiry = vm.getBlockTimestamp() + 1 hours;
        _commit(alice, 1e18);
        _commit(bob, -1e18);
        skipSeconds(1 hours + 1);
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderRemoved(1, alice, ETH, expiry);
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderRemoved(2, bob, ETH, expiry);
        orders.removeExpired(_ids(1, 2));
        _assertGone(1);
        _assertGone(2);
    }

    function _ids(uint256 first, uint256 count) private pure returns (uint256[] memory ids) {
        ids = new uint256[](count);
        for (uint256 i; i < count; ++i) ids[i] = first + i;
    }
}
