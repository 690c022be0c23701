// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {SignedOrdersTest} from "../../unit/venues/SignedOrdersTest.sol";

/// @notice A1 for signed orders: nonces and sizes at the ends of their widths, parts too small to cost anything, one owner on both sides.
contract SignedOrdersExtremes_Test is SignedOrdersTest {
    function _numbered(uint256 nonce) private view returns (ISignedOrders.SignedOrder memory) {
        ISignedOrders.Order memory order = _order(alice, 1e18, 2_000e18);
        order.nonce = nonce;
        return _sign(order);
    }

    function _cancelled(ISignedOrders.Order memory order) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderCancelled.selector,
                orders.hashOf(order),
                order.account,
                order.nonce,
                orders.minNonceOf(order.account)
            );
    }

    /// @dev The last nonce is above every lowest one; its bit cancels it.
    function test_raiseMinNonce_leavesTheLastNonce_whenRaisedAsFarAsItGoes() public {
        vm.prank(alice.owner());
        orders.raiseMinNonce(alice, type(uint256).max);
        ISignedOrders.SignedOrder memory before = _numbered(type(uint256).max - 1);
        _expectFill(_cancelled(before.order), before, bob, 1e18);
        ISignedOrders.SignedOrder memory last = _numbered(type(uint256).max);
        _fill(last, bob, 0.5e18);
        vm.prank(alice.owner());
        orders.cancelNonces(alice, type(uint256).max >> 8, 1 << 255);
        _expectFill(_cancelled(last.order), last, bob, 0.5e18);
    }

    function test_fill_revertsWhenTheSizeIsTheLeastInteger() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, type(int256).min, 2_000e18);
        vm.prank(bob.owner());
        vm.expectRevert();
        orders.fill(maker, bob, 1 << 255);
        assertEq(_size(alice, ETH), int256(0));
        // Parts of it that fit are orders like any other: margin bounds them.
        _fill(maker, bob, 1e18);
        assertEq(_size(alice, ETH), -1e18);
    }

    /// @dev ROUND-1: a part smaller than a lot, whose fee would round to a unit, cannot be filled.
    function test_ROUND1_fill_revertsWhenAPartIsLessThanALot() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 1e18, 2_000e18);
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, int256(-1), uint256(0.001e18)),
            maker,
            bob,
            1
        );
        assertEq(orders.filledOf(orders.hashOf(maker.order)), 0);
    }

    /// @dev COAL-1: an owner's two accounts trade with each other within the band as they like; together they only pay fees.
    function testFuzz_COAL1_fill_gainsNothing_whenAccountsOfOneOwnerMeet(uint256 price, uint256 size) public {
        AccountId second = accountIdOf(alice.owner(), 1);
        _allow(second, address(orders), 1);
        _fund(second, 100_000e18);
        price = bound(price, 1_960e18, 2_040e18);
        size = bound(size, 1e18, 300e18);
        size -= size % 0.001e18;
        int256 before = _equity(alice) + _equity(second);
        uint256 tranche = _cash(_trancheOf(ETH));
        _fill(_signed(alice, int256(size), price), second, size);
        // Each has locked its deposit.
        int256 afterwards = _equity(alice) + _equity(second) + int256(2 * DEPOSIT_USD);
        assertLt(afterwards, before, "gained");
        assertGt(_cash(_trancheOf(ETH)), tranche, "fees were paid");
        skipSeconds(1_300);
        feeds[0].push(2_000e8);
        _settle(alice);
        _settle(second);
        // A gain that has stood is paid out of the edge that the other side paid in.
        assertLe(_equity(alice) + _equity(second) + int256(2 * DEPOSIT_USD), afterwards, "gained by settling");
    }
}
