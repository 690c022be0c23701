// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_setOrderTerms_Test is DelayedOrdersTest {
    function test_setOrderTerms_revertsWhenCallerIsNotGovernor() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice.owner()));
        vm.prank(alice.owner());
        orders.setOrderTerms(ETH, IDelayedOrders.OrderTerms(60, 0.01e18, 0));
    }

    function test_setOrderTerms_revertsWhenOutOfRange() public {
        _refuse(IDelayedOrders.OrderTerms(4, 0.01e18, 0), "maxWaitSeconds", 4, 5, 600);
        _refuse(IDelayedOrders.OrderTerms(601, 0.01e18, 0), "maxWaitSeconds", 601, 5, 600);
        _refuse(IDelayedOrders.OrderTerms(60, 0.0005e18 - 1, 0), "spread", 0.0005e18 - 1, 0.0005e18, 0.1e18);
        _refuse(IDelayedOrders.OrderTerms(60, 0.1e18 + 1, 0), "spread", 0.1e18 + 1, 0.0005e18, 0.1e18);
        _refuse(IDelayedOrders.OrderTerms(60, 0.01e18, 100e18 + 1), "minKeeperFeeUsd", 100e18 + 1, 0, 100e18);
    }

    function test_setOrderTerms_holdsForOrdersAlreadyCommitted() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 10e18);
        IDelayedOrders.OrderTerms memory newTerms = IDelayedOrders.OrderTerms(5, 0.1e18, 100e18);
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderTermsSet(ETH, IDelayedOrders.OrderTerms(MAX_WAIT, SPREAD, MIN_FEE), newTerms);
        orders.setOrderTerms(ETH, newTerms);
        skipSeconds(5);
        (, uint256 spread) = orders.previewExecute(id);
        assertEq(spread, 0.1e18);
    }

    function testFuzz_setOrderTerms_storesEveryTermExactly(uint256 wait_, uint256 spread, uint256 fee) public {
        IDelayedOrders.OrderTerms memory terms = IDelayedOrders.OrderTerms(
            bound(wait_, 5, 600),
            bound(spread, 0.0005e18, 0.1e18),
            bound(fee, 0, 100e18)
        );
        orders.setOrderTerms(BTC, terms);
        assertEq(abi.encode(orders.orderTermsOf(BTC)), abi.encode(terms));
    }

    function _refuse(
        IDelayedOrders.OrderTerms memory terms,
        bytes32 term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDelayedOrders.OrderTermOutOfRange.selector, ETH, term, value, lowest, highest)
        );
        orders.setOrderTerms(ETH, terms);
    }
}
