// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";

/// @title Base of the delayed orders' tests
/// @notice Orders in ETH wait at most 60 seconds for a price, then pay 0.5 %; keepers get at least 0.10 USD. alice, bob and carol let the venue trade for them.
abstract contract DelayedOrdersTest is HouseFixture {
    uint256 internal constant MAX_WAIT = 60;
    uint256 internal constant SPREAD = 0.005e18;
    uint256 internal constant MIN_FEE = 0.1e18;
    uint256 internal constant LIFETIME = 90 days;

    IDelayedOrders internal orders;

    function setUp() public virtual override {
        super.setUp();
        orders = IDelayedOrders(deploy("DelayedOrders", abi.encode(house, address(this))));
        house.setVenue(address(orders), true);
        orders.setOrderTerms(ETH, IDelayedOrders.OrderTerms(MAX_WAIT, SPREAD, MIN_FEE));
        _allow(alice, 1);
        _allow(bob, 1);
        _allow(carol, 1);
    }

    /* ARRANGE */

    function _allow(AccountId account, uint256 powers) internal {
        vm.prank(account.owner());
        house.setDelegate(account, address(orders), powers);
    }

    /// @dev At any price, for an hour, for the least fee.
    function _order(AccountId account, int256 sizeDelta) internal view returns (IDelayedOrders.Order memory) {
        return
            IDelayedOrders.Order({
                account: account,
                market: ETH,
                sizeDelta: sizeDelta,
                limitPrice: sizeDelta > 0 ? type(uint112).max : 0,
                reduceOnly: false,
                trigger: IDelayedOrders.TriggerKind.None,
                triggerPrice: 0,
                keeperFeeUsd: MIN_FEE,
                expiry: vm.getBlockTimestamp() + 1 hours
            });
    }

    function _triggered(
        AccountId account,
        int256 sizeDelta,
        IDelayedOrders.TriggerKind kind,
        uint256 priceUsd
    ) internal view returns (IDelayedOrders.Order memory order) {
        order = _order(account, sizeDelta);
        (order.trigger, order.triggerPrice) = (kind, priceUsd * 1e18);
    }

    /* ACT */

    function _commit(IDelayedOrders.Order memory order) internal returns (uint256) {
        vm.prank(order.account.owner());
        return orders.commit(order);
    }

    function _commit(AccountId account, int256 sizeDelta) internal returns (uint256) {
        return _commit(_order(account, sizeDelta));
    }

    function _executeBatch(uint256 first, uint256 count) internal returns (IDelayedOrders.ExecutionCode[] memory) {
        uint256[] memory ids = new uint256[](count);
        for (uint256 i; i < count; ++i) ids[i] = first + i;
        return orders.executeBatch(ids, keeper);
    }

    /* EXPECT */

    function _expectNotExecutable(uint256 id, IDelayedOrders.ExecutionCode code, uint256 retryAt) internal {
        (IDelayedOrders.ExecutionCode preview, ) = orders.previewExecute(id);
        assertEq(uint256(preview), uint256(code), "preview");
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderNotExecutable.selector, id, code, retryAt));
        orders.execute(id, keeper);
    }

    function _assertCode(IDelayedOrders.ExecutionCode code, IDelayedOrders.ExecutionCode expected) internal pure {
        assertEq(uint256(code), uint256(expected), "code");
    }

    function _assertGone(uint256 id) internal view {
        (IDelayedOrders.Order memory order, uint256 committedAt) = orders.orderOf(id);
        IDelayedOrders.Order memory none;
        assertEq(committedAt, 0);
        assertEq(abi.encode(order), abi.encode(none));
    }
}
