// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_cancel_Test is DelayedOrdersTest {
    function test_cancel_revertsWhenThereIsNoOrder() public {
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderUnknown.selector, 1));
        orders.cancel(1);
    }

    function test_cancel_revertsWhenCallerHasNoPower() public {
        uint256 id = _commit(alice, 1e18);
        address stranger = makeAddr("stranger");
        skipSeconds(MAX_WAIT);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, stranger, 1));
        vm.prank(stranger);
        orders.cancel(id);
    }

    /// @dev S0: an order that could be withdrawn once its price is known would be an option that costs nothing.
    function test_cancel_revertsWhenKeepersHaveTheirTurn() public {
        uint256 id = _commit(alice, 1e18);
        uint256 cancellableAt = vm.getBlockTimestamp() + MAX_WAIT;
        _refuse(id, cancellableAt);
        _price(ETH, 1_990); // known, and bad for alice
        _refuse(id, cancellableAt);
        skipSeconds(MAX_WAIT - 13);
        _refuse(id, cancellableAt);
        skipSeconds(1);
        _cancel(id);
    }

    /// @dev S0: a stop is the keepers' from the moment its trigger is reached.
    function test_cancel_revertsWhenTriggerHasBeenReached() public {
        uint256 id = _commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        _price(ETH, 1_950);
        uint256 cancellableAt = vm.getBlockTimestamp() + MAX_WAIT;
        _refuse(id, cancellableAt);
        skipSeconds(MAX_WAIT - 1);
        _refuse(id, cancellableAt);
        skipSeconds(1);
        _cancel(id);
    }

    function test_cancel_revertsWhenExecutedAlready() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        orders.execute(id, keeper);
        skipSeconds(MAX_WAIT);
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderUnknown.selector, id));
        vm.prank(alice.owner());
        orders.cancel(id);
    }

    /// @dev A trigger that is not reached binds nobody.
    function test_cancel_removesTheOrder_whenTriggerIsNotReached() public {
        _cancel(_commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950)));
        uint256 id = _commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        _price(ETH, 1_951);
        _cancel(id);
        // A price from before the commitment is not the order's.
        _price(ETH, 1_940);
        _cancel(_commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950)));
    }

    /// @dev CASH-1 in spirit: a dead feed locks no order.
    function test_cancel_removesTheOrder_whenPriceIsNotValid() public {
        uint256 id = _commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        _price(ETH, 0);
        _cancel(id);
    }

    function test_cancel_obeysADelegate() public {
        uint256 id = _commit(alice, 1e18);
        address delegate = makeAddr("delegate");
        vm.prank(alice.owner());
        house.setDelegate(alice, delegate, 1);
        skipSeconds(MAX_WAIT);
        vm.prank(delegate);
        orders.cancel(id);
        _assertGone(id);
    }

    function _cancel(uint256 id) private {
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderCancelled(id, alice, ETH);
        vm.prank(alice.owner());
        orders.cancel(id);
        _assertGone(id);
    }

    function _refuse(uint256 id, uint256 cancellableAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDelayedOrders.OrderLocked.selector, id, cancellableAt, vm.getBlockTimestamp())
        );
        vm.prank(alice.owner());
        orders.cancel(id);
    }
}
