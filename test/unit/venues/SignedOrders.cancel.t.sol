// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {SignedOrdersTest} from "./SignedOrdersTest.sol";

contract SignedOrders_cancel_Test is SignedOrdersTest {
    /* REVERTS */

    function test_cancelNonces_revertsWhenTheCallerMayNotTradeForTheAccount() public {
        vm.prank(bob.owner());
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, bob.owner(), uint256(1)));
        orders.cancelNonces(alice, 0, 1);
    }

    function test_raiseMinNonce_revertsWhenTheCallerMayNotTradeForTheAccount() public {
        vm.prank(bob.owner());
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, bob.owner(), uint256(1)));
        orders.raiseMinNonce(alice, 1);
    }

    function test_raiseMinNonce_revertsWhenItWouldNotRise() public {
        vm.startPrank(alice.owner());
        orders.raiseMinNonce(alice, 10);
        for (uint256 nonce = 9; nonce < 11; ++nonce) {
            _expectRevert(abi.encodeWithSelector(ISignedOrders.MinNonceNotRaised.selector, alice, uint256(10), nonce));
            orders.raiseMinNonce(alice, nonce);
        }
        orders.raiseMinNonce(alice, 11);
        vm.stopPrank();
        assertEq(orders.minNonceOf(alice), 11);
    }

    /* SUCCESS */

    function test_cancelNonces_addsToWhatIsCancelled() public {
        vm.startPrank(alice.owner());
        orders.cancelNonces(alice, 3, 5);
        vm.expectEmit(address(orders));
        emit ISignedOrders.NoncesCancelled(alice, 3, 7);
        orders.cancelNonces(alice, 3, 2);
        vm.stopPrank();
        assertEq(orders.cancelledOf(alice, 3), 7);
        assertEq(orders.cancelledOf(alice, 2), 0);
        assertEq(orders.cancelledOf(bob, 3), 0);
    }

    function test_raiseMinNonce_saysTheNewLowest() public {
        vm.expectEmit(address(orders));
        emit ISignedOrders.MinNonceRaised(alice, 1_000);
        vm.prank(alice.owner());
        orders.raiseMinNonce(alice, 1_000);
    }

    /* FUZZ */

    /// @dev A mask cancels exactly the nonces of its word whose bits are set.
    function testFuzz_cancelNonces_cancelsExactlyTheMask(uint256 nonce, uint256 word, uint256 mask) public {
        vm.prank(alice.owner());
        orders.cancelNonces(alice, word, mask);
        ISignedOrders.Order memory order = _order(alice, 1e18, 2_000e18);
        order.nonce = nonce;
        (ISignedOrders.SignedOrderState state, ) = orders.stateOf(order);
        bool cancelled = nonce / 256 == word && (mask / 2 ** (nonce % 256)) % 2 == 1;
        assertEq(state == ISignedOrders.SignedOrderState.Cancelled, cancelled);
        order.nonce = (word % 2 ** 248) * 256 + (nonce % 256);
        (state, ) = orders.stateOf(order);
        cancelled = word < 2 ** 248 && (mask / 2 ** (nonce % 256)) % 2 == 1;
        assertEq(state == ISignedOrders.SignedOrderState.Cancelled, cancelled);
    }
}
