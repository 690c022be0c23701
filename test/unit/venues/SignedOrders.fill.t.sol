// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {SignedOrdersTest} from "./SignedOrdersTest.sol";

contract SignedOrders_fill_Test is SignedOrdersTest {
    /* REVERTS */

    function test_fill_revertsWhenTheCallerMayNotTradeForTheTaker() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        vm.prank(STRANGER);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, bob, STRANGER, uint256(1)));
        orders.fill(maker, bob, 1e18);
    }

    function test_fill_revertsWhenTheOrderHasExpired() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        vm.warp(maker.order.expiry);
        feeds[0].push(2_000e8);
        _fill(maker, bob, 1e18);
        vm.warp(maker.order.expiry + 1);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderExpired.selector,
                orders.hashOf(maker.order),
                maker.order.expiry,
                maker.order.expiry + 1
            ),
            maker,
            bob,
            1e18
        );
    }

    function test_fill_revertsWhenItsNonceWasCancelled() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        vm.prank(alice.owner());
        orders.cancelNonces(alice, 0, 1 << 7);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderCancelled.selector,
                orders.hashOf(maker.order),
                alice,
                uint256(7),
                uint256(0)
            ),
            maker,
            bob,
            1e18
        );
        // The neighbours stand, and so does another account's order with that nonce.
        maker.order.nonce = 8;
        _fill(_sign(maker.order), bob, 1e18);
        _fill(_signed(carol, 10e18, 2_000e18), bob, 1e18);
    }

    function test_fill_revertsWhenItsNonceIsBelowTheLowest() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        vm.prank(alice.owner());
        orders.raiseMinNonce(alice, 8);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderCancelled.selector,
                orders.hashOf(maker.order),
                alice,
                uint256(7),
                uint256(8)
            ),
            maker,
            bob,
            1e18
        );
        maker.order.nonce = 8;
        _fill(_sign(maker.order), bob, 1e18);
    }

    function test_fill_revertsWhenTheOrderIsForSomebodyElse() public {
        ISignedOrders.Order memory order = _order(alice, 10e18, 2_000e18);
        order.counterparty = carol;
        ISignedOrders.SignedOrder memory maker = _sign(order);
        _expectFill(
            abi.encodeWithSelector(ISignedOrders.CounterpartyNotAllowed.selector, orders.hashOf(order), carol, bob),
            maker,
            bob,
            1e18
        );
        _fill(maker, carol, 1e18);
        assertEq(_size(carol, ETH), -int256(1e18));
    }

    function test_fill_revertsWhenTheSignerMayNotTradeForTheAccount() public {
        address delegate = _key("delegate");
        ISignedOrders.Order memory order = _order(alice, 10e18, 2_000e18);
        order.signer = delegate;
        ISignedOrders.SignedOrder memory maker = _sign(order);
        bytes memory refused = abi.encodeWithSelector(
            IClearingHouse.NotAuthorized.selector,
            alice,
            delegate,
            uint256(1)
        );
        _expectFill(refused, maker, bob, 1e18);
        _allow(alice, delegate, 2); // may withdraw only
        _expectFill(refused, maker, bob, 1e18);
        _allow(alice, delegate, 1);
        assertTrue(orders.isSignatureValid(maker));
        _fill(maker, bob, 1e18);
        _allow(alice, delegate, 0);
        assertFalse(orders.isSignatureValid(maker));
        _expectFill(refused, maker, bob, 1e18);
        assertEq(_size(alice, ETH), int256(1e18));
    }

    function test_fill_revertsWhenMoreIsAskedForThanIsLeft() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _fill(maker, bob, 4e18);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderOverfilled.selector,
                orders.hashOf(maker.order),
                uint256(6e18),
                uint256(6e18 + 1)
            ),
            maker,
            carol,
            6e18 + 1
        );
        _fill(maker, carol, 6e18);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderOverfilled.selector,
                orders.hashOf(maker.order),
                uint256(0),
                uint256(1)
            ),
            maker,
            carol,
            1
        );
    }

    function test_fill_revertsWhenNothingIsAskedFor() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, int256(0), uint256(0.001e18)),
            maker,
            bob,
            0
        );
    }

    function test_fill_revertsWhenTheVenueIsNotListed() public {
        house.setVenue(address(orders), false);
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _expectFill(abi.encodeWithSelector(IClearingHouse.CallerNotVenue.selector, address(orders)), maker, bob, 1e18);
        assertEq(_filled(maker), 0);
    }

    function test_fill_revertsWhenTheMakerHasRevokedTheVenue() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _allow(alice, address(orders), 0);
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(orders), uint256(1)),
            maker,
            bob,
            1e18
        );
    }

    function test_fill_revertsWhenAReduceOnlyOrderWouldOpen() public {
        ISignedOrders.Order memory order = _order(alice, 10e18, 2_000e18);
        order.reduceOnly = true;
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(0), int256(1e18)),
            _sign(order),
            bob,
            1e18
        );
    }

    /* SUCCESS */

    function test_fill_fillsInPartsAtTheOrdersPrice_whenSeveralTake() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, -10e18, 2_010e18);
        bytes32 hash = orders.hashOf(maker.order);
        vm.expectEmit(address(orders));
        emit ISignedOrders.SignedOrderFilled(hash, alice, ETH, bob, -4e18, 2_010e18, 4e18);
        _fill(maker, bob, 4e18);
        vm.expectEmit(address(orders));
        emit ISignedOrders.SignedOrderFilled(hash, alice, ETH, carol, -6e18, 2_010e18, 10e18);
        _fill(maker, carol, 6e18);
        assertEq(_filled(maker), 10e18);
        assertEq(_size(alice, ETH), -int256(10e18));
        assertEq(_size(bob, ETH), int256(4e18));
        assertEq(_size(carol, ETH), int256(6e18));
        (ISignedOrders.SignedOrderState state, uint256 remaining) = orders.stateOf(maker.order);
        assertEq(uint256(state), uint256(ISignedOrders.SignedOrderState.Filled));
        assertEq(remaining, 0);
        _assertConserved(_users());
    }

    function test_fill_letsADelegateTake() public {
        address delegate = makeAddr("trader");
        _allow(bob, delegate, 1);
        ISignedOrders.SignedOrder memory maker = _signed(alice, -10e18, 2_000e18);
        vm.prank(delegate);
        (uint256 makerFee, uint256 takerFee) = orders.fill(maker, bob, 10e18);
        assertEq(makerFee, 4e18);
        assertEq(takerFee, 10e18);
    }

    function test_fill_keepsOrdersApart_whenTheyDifferInAnyField() public {
        ISignedOrders.Order memory order = _order(alice, 10e18, 2_000e18);
        bytes32 hash = orders.hashOf(order);
        ISignedOrders.Order[9] memory others;
        for (uint256 i; i < 9; ++i) others[i] = _order(alice, 10e18, 2_000e18);
        others[0].account = accountIdOf(alice.owner(), 1);
        others[1].market = BTC;
        others[2].size = -10e18;
        others[3].limitPrice = 2_000e18 + 1;
        others[4].expiry += 1;
        others[5].nonce = 8;
        others[6].counterparty = bob;
        others[7].signer = bob.owner();
        others[8].reduceOnly = true;
        for (uint256 i; i < 9; ++i) assertNotEq(orders.hashOf(others[i]), hash);
        order.makerOnly = true;
        assertNotEq(orders.hashOf(order), hash);
    }

    function test_stateOf_saysWhatIsLeft_whenOpenCancelledOrExpired() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _fill(maker, bob, 3e18);
        _expectState(maker.order, ISignedOrders.SignedOrderState.Open);
        uint256 snapshot = vm.snapshotState();
        vm.warp(maker.order.expiry + 1);
        _expectState(maker.order, ISignedOrders.SignedOrderState.Expired);
        assertTrue(vm.revertToState(snapshot));
        vm.prank(alice.owner());
        orders.raiseMinNonce(alice, 100);
        _expectState(maker.order, ISignedOrders.SignedOrderState.Cancelled);
    }

    function _expectState(ISignedOrders.Order memory order, ISignedOrders.SignedOrderState expected) private view {
        (ISignedOrders.SignedOrderState state, uint256 remaining) = orders.stateOf(order);
        assertEq(uint256(state), uint256(expected));
        assertEq(remaining, 7e18);
    }

    /// @dev Fills never sum to more than the order, in whatever parts they come.
    function testFuzz_fill_neverExceedsTheOrder(uint256 seed) public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        for (uint256 i; i < 8; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 size = ((seed % 5_000) + 250) * 0.001e18;
            AccountId taker = seed & (1 << 200) == 0 ? bob : carol;
            uint256 before = _filled(maker);
            vm.prank(taker.owner());
            try orders.fill(maker, taker, size) {
                assertEq(_filled(maker), before + size);
            } catch {
                assertGt(before + size, 10e18);
                assertEq(_filled(maker), before);
            }
            assertEq(uint256(_size(alice, ETH)), _filled(maker));
        }
        assertLe(_filled(maker), 10e18);
    }
}
