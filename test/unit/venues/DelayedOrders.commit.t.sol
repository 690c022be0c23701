// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_commit_Test is DelayedOrdersTest {
    /* REVERTS */

    function test_commit_revertsWhenCallerHasNoPower() public {
        address stranger = makeAddr("stranger");
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, stranger, 1));
        vm.prank(stranger);
        orders.commit(order);
        // The power to withdraw is not the power to trade.
        vm.prank(alice.owner());
        house.setDelegate(alice, stranger, 2);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, stranger, 1));
        vm.prank(stranger);
        orders.commit(order);
    }

    function test_commit_revertsWhenVenueHasNoPower() public {
        _allow(alice, 2);
        _refuse(_order(alice, 1e18), abi.encodeWithSelector(IDelayedOrders.VenueNotAuthorized.selector, alice, 2));
    }

    function test_commit_revertsWhenMarketTakesNoOrders() public {
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.market = BTC;
        _refuse(order, abi.encodeWithSelector(IDelayedOrders.OrdersNotOpen.selector, BTC));
    }

    function test_commit_revertsWhenMarketIsUnlisted() public {
        MarketId unlisted = MarketId.wrap(9);
        orders.setOrderTerms(unlisted, IDelayedOrders.OrderTerms(MAX_WAIT, SPREAD, MIN_FEE));
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.market = unlisted;
        _refuse(order, abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, unlisted));
    }

    function test_commit_revertsWhenSizeIsNotInLots() public {
        _refuseSize(0);
        _refuseSize(0.001e18 + 1);
        _refuseSize(-0.0005e18);
        IDelayedOrders.Order memory order = _order(alice, 0);
        order.reduceOnly = true;
        _refuse(order, abi.encodeWithSelector(IDelayedOrders.OrderSizeNotInLots.selector, ETH, 0, 0.001e18));
        // A reduction may close what a tear-up left.
        order.sizeDelta = -(0.001e18 + 1);
        _commit(order);
    }

    function test_commit_revertsWhenExpiryIsOutOfRange() public {
        uint256 now_ = vm.getBlockTimestamp();
        _refuseExpiry(now_);
        _refuseExpiry(now_ + LIFETIME + 1);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.expiry = now_ + 1;
        _commit(order);
        order.expiry = now_ + LIFETIME;
        _commit(order);
    }

    function test_commit_revertsWhenKeeperFeeIsOutOfRange() public {
        _refuseFee(MIN_FEE - 1);
        _refuseFee(100e18 + 1);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.keeperFeeUsd = 100e18;
        _commit(order);
    }

    function test_commit_revertsWhenTriggerIsIncomplete() public {
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.triggerPrice = 1;
        _refuse(
            order,
            abi.encodeWithSelector(IDelayedOrders.TriggerIncomplete.selector, IDelayedOrders.TriggerKind.None, 1)
        );
        (order.trigger, order.triggerPrice) = (IDelayedOrders.TriggerKind.Stop, 0);
        _refuse(
            order,
            abi.encodeWithSelector(IDelayedOrders.TriggerIncomplete.selector, IDelayedOrders.TriggerKind.Stop, 0)
        );
    }

    function test_commit_revertsWhenFiguresAreTooWide() public {
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.limitPrice = 2 ** 112;
        _refuse(order, abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 112, order.limitPrice));
        order = _order(alice, 2 ** 111 - (2 ** 111 % 0.001e18) + 0.001e18);
        _refuse(order, abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntDowncast.selector, 112, order.sizeDelta));
    }

    /* SUCCESS */

    function test_commit_keepsTheOrder() public {
        IDelayedOrders.Order memory order = _triggered(alice, -3e18, IDelayedOrders.TriggerKind.Stop, 1_900);
        (order.reduceOnly, order.limitPrice, order.keeperFeeUsd) = (true, 1_800e18, 7e18);
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderCommitted(1, alice, ETH, order);
        assertEq(_commit(order), 1, "numbers start at 1");
        (IDelayedOrders.Order memory stored, uint256 committedAt) = orders.orderOf(1);
        assertEq(abi.encode(stored), abi.encode(order));
        assertEq(committedAt, vm.getBlockTimestamp());
        assertEq(orders.nextOrderId(), 2);
        _assertGone(2);
    }

    function test_commit_takesADelegatesOrder() public {
        address delegate = makeAddr("delegate");
        vm.prank(alice.owner());
        house.setDelegate(alice, delegate, 1);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        vm.prank(delegate);
        assertEq(orders.commit(order), 1);
    }

    function test_commit_takesSeveralAtOnce() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IDelayedOrders.commit, (_order(alice, 1e18)));
        calls[1] = abi.encodeCall(
            IDelayedOrders.commit,
            (_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_900))
        );
        vm.prank(alice.owner());
        Multicall(address(orders)).multicall(calls);
        assertEq(orders.nextOrderId(), 3);
    }

    /* FUZZ */

    function testFuzz_commit_keepsEveryField(
        int256 lots,
        uint256 limitPrice,
        uint256 triggerPrice,
        uint256 fee,
        uint256 life,
        uint8 kind
    ) public {
        IDelayedOrders.Order memory order = IDelayedOrders.Order({
            account: bob,
            market: ETH,
            sizeDelta: bound(lots, -1e15, 1e15) * 0.001e18,
            limitPrice: bound(limitPrice, 0, type(uint112).max),
            reduceOnly: kind & 4 != 0,
            trigger: IDelayedOrders.TriggerKind(kind % 3),
            triggerPrice: kind % 3 == 0 ? 0 : bound(triggerPrice, 1, type(uint112).max),
            keeperFeeUsd: bound(fee, MIN_FEE, 100e18),
            expiry: vm.getBlockTimestamp() + bound(life, 1, LIFETIME)
        });
        vm.assume(order.sizeDelta != 0);
        uint256 id = _commit(order);
        (IDelayedOrders.Order memory stored, ) = orders.orderOf(id);
        assertEq(abi.encode(stored), abi.encode(order));
    }

    function _refuse(IDelayedOrders.Order memory order, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(order.account.owner());
        orders.commit(order);
    }

    function _refuseSize(int256 sizeDelta) private {
        _refuse(
            _order(alice, sizeDelta),
            abi.encodeWithSelector(IDelayedOrders.OrderSizeNotInLots.selector, ETH, sizeDelta, 0.001e18)
        );
    }

    function _refuseExpiry(uint256 expiry) private {
        uint256 now_ = vm.getBlockTimestamp();
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.expiry = expiry;
        _refuse(
            order,
            abi.encodeWithSelector(IDelayedOrders.OrderExpiryOutOfRange.selector, expiry, now_ + 1, now_ + LIFETIME)
        );
    }

    function _refuseFee(uint256 fee) private {
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.keeperFeeUsd = fee;
        _refuse(order, abi.encodeWithSelector(IDelayedOrders.KeeperFeeOutOfRange.selector, fee, MIN_FEE, 100e18));
    }
}
