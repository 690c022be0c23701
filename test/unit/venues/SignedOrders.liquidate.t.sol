// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {SignedOrdersTest} from "./SignedOrdersTest.sol";

contract SignedOrders_liquidate_Test is SignedOrdersTest {
    AccountId private dave;

    /// @dev dave long 80 ETH with 10 000 USD; at 1 925 he is below maintenance margin.
    function setUp() public override {
        super.setUp();
        dave = _trader("dave");
        _key("dave");
        _open(dave, ETH, 10_000e18, 80e18);
        _trade(bob, ETH, -80e18);
        _price(ETH, 1_925);
        assertLt(_health(dave), 1e18);
    }

    function _expectLiquidate(
        bytes memory reason,
        AccountId account,
        ISignedOrders.SignedOrder memory maker,
        AccountId rewarded
    ) private {
        _expectRevert(reason);
        orders.liquidate(account, maker, rewarded);
    }

    /* REVERTS */

    function test_liquidate_revertsWhenTheOrderIsFilled() public {
        ISignedOrders.SignedOrder memory maker = _signed(carol, 5e18, 1_925e18);
        _fill(maker, alice, 5e18);
        _expectLiquidate(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderOverfilled.selector,
                orders.hashOf(maker.order),
                uint256(0),
                uint256(0)
            ),
            dave,
            maker,
            keeper
        );
    }

    function test_liquidate_revertsWhenTheOrderIsForSomebodyElse() public {
        ISignedOrders.Order memory order = _order(carol, 5e18, 1_925e18);
        order.counterparty = bob;
        _expectLiquidate(
            abi.encodeWithSelector(ISignedOrders.CounterpartyNotAllowed.selector, orders.hashOf(order), bob, dave),
            dave,
            _sign(order),
            keeper
        );
    }

    function test_liquidate_revertsWhenTheOrderSells() public {
        _expectLiquidate(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, dave, int256(80e18), int256(5e18)),
            dave,
            _signed(carol, -5e18, 1_925e18),
            keeper
        );
    }

    function test_liquidate_revertsWhenTheSignatureIsNotTheMakers() public {
        ISignedOrders.SignedOrder memory maker = _signed(carol, 5e18, 1_925e18);
        maker.order.size = 6e18;
        _expectLiquidate(
            abi.encodeWithSelector(
                ISignedOrders.OrderSignatureInvalid.selector,
                orders.hashOf(maker.order),
                carol.owner()
            ),
            dave,
            maker,
            keeper
        );
    }

    /* SUCCESS */

    function test_liquidate_fillsTheOrder_whenItBeatsThePool() public {
        ISignedOrders.SignedOrder memory maker = _signed(carol, 10e18, 1_925e18);
        bytes32 hash = orders.hashOf(maker.order);
        vm.expectEmit(address(orders));
        emit ISignedOrders.SignedOrderFilled(hash, carol, ETH, dave, 10e18, 1_925e18, 10e18);
        vm.prank(STRANGER);
        ILiquidationEngine.Plan memory plan = orders.liquidate(dave, maker, keeper);
        assertEq(plan.closeSize, 10e18);
        assertEq(_filled(maker), 10e18);
        assertEq(_size(dave, ETH), int256(70e18));
        assertEq(_size(carol, ETH), int256(10e18));
        assertEq(_cash(keeper), plan.keeperRewardUsd);
    }

    function test_liquidate_leavesTheRestOfTheOrder_whenItIsLargerThanThePlan() public {
        ISignedOrders.SignedOrder memory maker = _signed(carol, 200e18, 1_925e18);
        uint256 planned = house.previewLiquidation(dave, ETH).closeSize;
        ILiquidationEngine.Plan memory plan = orders.liquidate(dave, maker, keeper);
        assertEq(plan.closeSize, planned);
        assertEq(_filled(maker), planned);
        (, uint256 remaining) = orders.stateOf(maker.order);
        assertEq(remaining, 200e18 - planned);
    }

    function test_liquidate_fillsNothing_whenTheAccountIsHealthy() public {
        ISignedOrders.SignedOrder memory maker = _signed(carol, -10e18, 1_925e18);
        ILiquidationEngine.Plan memory plan = orders.liquidate(bob, maker, keeper);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(_filled(maker), 0);
    }

    /// @dev L1: orders of the victim, on either side and of any size, are in nobody's way.
    function test_liquidate_goesOn_whenTheVictimHasSignedOrdersItself() public {
        _allow(dave, address(orders), 1);
        ISignedOrders.SignedOrder memory own = _signed(dave, 50e18, 1_925e18);
        _expectLiquidate(abi.encodeWithSelector(IClearingHouse.SelfMatch.selector, dave), dave, own, keeper);
        uint256 before = uint256(_size(dave, ETH));
        orders.liquidate(dave, _signed(carol, 5e18, 1_925e18), keeper);
        house.liquidate(dave, ETH, keeper);
        assertLt(uint256(_size(dave, ETH)), before - 5e18);
        // What he signed opens more, for which he has no margin.
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        _fill(own, alice, 50e18);
    }
}
