// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {SignedOrdersTest} from "./SignedOrdersTest.sol";

contract SignedOrders_fillPair_Test is SignedOrdersTest {
    function _fillPair(
        ISignedOrders.SignedOrder memory maker,
        ISignedOrders.SignedOrder memory taker,
        uint256 size
    ) private {
        vm.prank(STRANGER);
        orders.fillPair(maker, taker, size);
    }

    function _expectFillPair(
        bytes memory reason,
        ISignedOrders.SignedOrder memory maker,
        ISignedOrders.SignedOrder memory taker,
        uint256 size
    ) private {
        _expectRevert(reason);
        _fillPair(maker, taker, size);
    }

    /* REVERTS */

    function test_fillPair_revertsWhenThePricesDoNotCross() public {
        // The maker sells at 2 000; a buyer at a wei less does not meet that, and the other way round.
        ISignedOrders.SignedOrder memory maker = _signed(alice, -10e18, 2_000e18);
        ISignedOrders.SignedOrder memory taker = _signed(bob, 10e18, 2_000e18 - 1);
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.PricesDoNotCross.selector, uint256(2_000e18), 2_000e18 - 1),
            maker,
            taker,
            1e18
        );
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.PricesDoNotCross.selector, 2_000e18 - 1, uint256(2_000e18)),
            taker,
            maker,
            1e18
        );
        _fillPair(maker, _signed(bob, 10e18, 2_000e18), 1e18);
        assertEq(_size(bob, ETH), int256(1e18));
    }

    function test_fillPair_revertsWhenBothAreOnOneSide() public {
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.OrdersOnOneSide.selector, int256(10e18), int256(5e18)),
            _signed(alice, 10e18, 2_000e18),
            _signed(bob, 5e18, 2_000e18),
            1e18
        );
    }

    function test_fillPair_revertsWhenTheMarketsDiffer() public {
        ISignedOrders.Order memory taker = _order(bob, 10e18, 2_000e18);
        taker.market = BTC;
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.OrderMarketsDiffer.selector, ETH, BTC),
            _signed(alice, -10e18, 2_000e18),
            _sign(taker),
            1e18
        );
    }

    function test_fillPair_revertsWhenTheTakersOrderIsForMakersOnly() public {
        ISignedOrders.Order memory order = _order(bob, 10e18, 2_000e18);
        order.makerOnly = true;
        ISignedOrders.SignedOrder memory resting = _sign(order);
        ISignedOrders.SignedOrder memory other = _signed(alice, -10e18, 2_000e18);
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.OrderMakerOnly.selector, orders.hashOf(order)),
            other,
            resting,
            1e18
        );
        _fillPair(resting, other, 1e18);
        assertEq(_size(bob, ETH), int256(1e18));
    }

    function test_fillPair_revertsWhenOneOrderMeetsItsOwnAccount() public {
        _expectFillPair(
            abi.encodeWithSelector(IClearingHouse.SelfMatch.selector, alice),
            _signed(alice, -10e18, 2_000e18),
            _signed(alice, 10e18, 2_000e18),
            1e18
        );
    }

    function test_fillPair_revertsWhenEitherHasTooLittleLeft() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, -10e18, 2_000e18);
        ISignedOrders.SignedOrder memory taker = _signed(bob, 4e18, 2_000e18);
        _expectFillPair(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderOverfilled.selector,
                orders.hashOf(taker.order),
                uint256(4e18),
                uint256(5e18)
            ),
            maker,
            taker,
            5e18
        );
        assertEq(_filled(maker), 0, "the other order's count is taken back too");
    }

    function test_fillPair_revertsWhenTheTakersOrderIsForSomebodyElse() public {
        ISignedOrders.Order memory order = _order(bob, 10e18, 2_000e18);
        order.counterparty = carol;
        _expectFillPair(
            abi.encodeWithSelector(ISignedOrders.CounterpartyNotAllowed.selector, orders.hashOf(order), carol, alice),
            _signed(alice, -10e18, 2_000e18),
            _sign(order),
            1e18
        );
    }

    function test_fillPair_revertsWhenTheTakerMayOnlyReduceAndWouldNot() public {
        ISignedOrders.Order memory order = _order(bob, 10e18, 2_000e18);
        order.reduceOnly = true;
        _expectFillPair(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, bob, int256(0), int256(1e18)),
            _signed(alice, -10e18, 2_000e18),
            _sign(order),
            1e18
        );
    }

    /* SUCCESS */

    function test_fillPair_fillsAtTheMakersPrice_whenThePricesCross() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, -10e18, 1_990e18);
        ISignedOrders.SignedOrder memory taker = _signed(bob, 15e18, 2_020e18);
        (bytes32 makerHash, bytes32 takerHash) = (orders.hashOf(maker.order), orders.hashOf(taker.order));
        vm.expectEmit(address(orders));
        emit ISignedOrders.SignedOrderFilled(makerHash, alice, ETH, bob, -6e18, 1_990e18, 6e18);
        vm.expectEmit(address(orders));
        emit ISignedOrders.SignedOrderFilled(takerHash, bob, ETH, alice, 6e18, 1_990e18, 6e18);
        _fillPair(maker, taker, 6e18);
        _fillPair(maker, taker, 4e18);
        assertEq(_filled(maker), 10e18);
        assertEq(_filled(taker), 10e18);
        // Alice sold ten at ten USD below the index.
        assertEq(house.marketOf(ETH).reserveUsd, 100e18);
        assertEq(_quote(bob, ETH), -int256(19_900e18));
        _assertConserved(_users());
    }
}
