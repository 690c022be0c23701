// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_execute_Test is DelayedOrdersTest {
    /* REVERTS */

    function test_execute_revertsWhenThereIsNoOrder() public {
        _expectNotExecutable(7, IDelayedOrders.ExecutionCode.Unknown, 0);
    }

    function test_execute_revertsWhenExpired() public {
        _fund(alice, 10_000e18);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.expiry = vm.getBlockTimestamp() + 12;
        uint256 first = _commit(order);
        uint256 second = _commit(order);
        _price(ETH, 2_000);
        orders.execute(first, keeper); // its last second
        skipSeconds(1);
        _expectNotExecutable(second, IDelayedOrders.ExecutionCode.Expired, 0);
    }

    /// @dev O1
    function test_execute_revertsWhenPriceIsNotValid() public {
        uint256 id = _commit(alice, 1e18);
        skipSeconds(3_600);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        uint256 later = _commit(order);
        skipSeconds(1);
        _expectNotExecutable(later, IDelayedOrders.ExecutionCode.PriceNotValid, 0);
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.Expired, 0);
    }

    /// @dev S0: no price that was known at the commitment, not even one of the same second.
    function test_execute_revertsWhenNoPriceCameSinceTheCommitment() public {
        _fund(alice, 10_000e18);
        uint256 committedAt = vm.getBlockTimestamp();
        uint256 id = _commit(alice, 1e18);
        feeds[0].push(2_000e8); // published in the second of the commitment
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.AwaitingPrice, committedAt + MAX_WAIT);
        skipSeconds(MAX_WAIT - 1);
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.AwaitingPrice, committedAt + MAX_WAIT);
        skipSeconds(1);
        orders.execute(id, keeper);
    }

    function test_execute_revertsWhenHouseRefuses() public {
        uint256 id = _commit(alice, 1e18); // alice has no cash
        _price(ETH, 2_000);
        vm.expectPartialRevert(IClearingHouse.CashTooLow.selector);
        orders.execute(id, keeper);
        // It stays, and is executed once alice has.
        _fund(alice, 1_000e18);
        orders.execute(id, keeper);
        _assertGone(id);
    }

    function test_execute_revertsWhenLimitIsNotMet() public {
        _fund(alice, 10_000e18);
        IDelayedOrders.Order memory order = _order(alice, 10e18);
        order.limitPrice = 2_000.02e18 - 1; // half of 10/500 000 above the index
        uint256 id = _commit(order);
        _price(ETH, 2_000);
        (IDelayedOrders.ExecutionCode code, ) = orders.previewExecute(id);
        _assertCode(code, IDelayedOrders.ExecutionCode.LimitNotMet);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.PriceBeyondLimit.selector, 2_000.02e18, order.limitPrice)
        );
        orders.execute(id, keeper);
        order.limitPrice += 1;
        id = _commit(order);
        _price(ETH, 2_000);
        (uint256 price, ) = orders.execute(id, keeper);
        assertEq(price, order.limitPrice, "the limit is met by itself");
    }

    /// @dev The account can take its power back at any time.
    function test_execute_revertsWhenVenueLostItsPower() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _allow(alice, 0);
        _price(ETH, 2_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(orders), 1));
        orders.execute(id, keeper);
    }

    function test_execute_revertsWhenKeeperIsTheHouse() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        AccountId system = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        orders.execute(id, system);
    }

    function test_execute_revertsWhenReduceOnlyWouldOpen() public {
        _fund(alice, 10_000e18);
        IDelayedOrders.Order memory order = _order(alice, 1e18);
        order.reduceOnly = true;
        uint256 id = _commit(order);
        _price(ETH, 2_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, 0, 1e18));
        orders.execute(id, keeper);
    }

    function test_execute_revertsWhenExecutedAlready() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        orders.execute(id, keeper);
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.Unknown, 0);
    }

    /* SUCCESS */

    function test_execute_fillsAtTheFirstPriceAfterTheCommitment() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 10e18);
        _price(ETH, 2_040);
        (uint256 expected, uint256 expectedFee) = house.previewTrade(ETH, 10e18);
        (IDelayedOrders.ExecutionCode code, uint256 spread) = orders.previewExecute(id);
        _assertCode(code, IDelayedOrders.ExecutionCode.Executed);
        assertEq(spread, 0);
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderExecuted(id, alice, ETH, keeper, expected, 0, expectedFee);
        (uint256 price, uint256 fee) = orders.execute(id, keeper);
        assertEq(price, expected, "the house's price");
        assertEq(price, 2_040.0204e18);
        assertEq(fee, expectedFee);
        assertEq(_size(alice, ETH), int256(10e18));
        assertEq(_cash(keeper), MIN_FEE, "the keeper's fee");
        _assertGone(id);
    }

    /// @dev A price stays fresh for so long as keepers have for it.
    function test_execute_paysNoSpread_whenPriceIsFresh() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 10e18);
        _price(ETH, 2_000);
        skipSeconds(MAX_WAIT);
        (uint256 price, ) = orders.execute(id, keeper);
        assertEq(price, 2_000.02e18);
    }

    function test_execute_paysTheSpread_whenPriceIsNotFresh() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 10e18);
        _price(ETH, 2_000);
        skipSeconds(MAX_WAIT + 1);
        (, uint256 spread) = orders.previewExecute(id);
        assertEq(spread, SPREAD);
        (uint256 price, ) = orders.execute(id, keeper);
        assertEq(price, 2_000.02e18 + 10.0001e18, "half a per cent above");
    }

    function test_execute_paysTheSpread_whenNoPriceCame() public {
        _fund(alice, 10_000e18);
        uint256 bought = _commit(alice, 10e18);
        _fund(bob, 10_000e18);
        uint256 sold = _commit(bob, -10e18);
        skipSeconds(MAX_WAIT);
        (uint256 price, ) = orders.execute(bought, keeper);
        assertEq(price, 2_000.02e18 + 10.0001e18);
        (price, ) = orders.execute(sold, keeper);
        assertEq(price, 2_000.02e18 - 10.0001e18, "back along the same skew");
    }

    /// @dev The limit holds with the spread included.
    function test_execute_honoursTheLimit_whenSpreadIsCharged() public {
        _fund(alice, 10_000e18);
        IDelayedOrders.Order memory order = _order(alice, 10e18);
        order.limitPrice = 2_010.0201e18 - 1;
        uint256 id = _commit(order);
        skipSeconds(MAX_WAIT);
        (IDelayedOrders.ExecutionCode code, ) = orders.previewExecute(id);
        _assertCode(code, IDelayedOrders.ExecutionCode.LimitNotMet);
        vm.expectPartialRevert(IClearingHouse.PriceBeyondLimit.selector);
        orders.execute(id, keeper);
        // At the next price there is no spread.
        _price(ETH, 2_000);
        orders.execute(id, keeper);
    }

    /* TRIGGERS */

    function test_execute_revertsWhenTriggerIsNotReached() public {
        _open(alice, ETH, 10_000e18, 10e18);
        uint256 stop = _commit(_triggered(alice, -5e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        uint256 profit = _commit(_triggered(alice, -5e18, IDelayedOrders.TriggerKind.TakeProfit, 2_050));
        _expectNotExecutable(stop, IDelayedOrders.ExecutionCode.AwaitingPrice, 0);
        _price(ETH, 1_951);
        _expectNotExecutable(stop, IDelayedOrders.ExecutionCode.NotTriggered, 0);
        _price(ETH, 2_049);
        _expectNotExecutable(profit, IDelayedOrders.ExecutionCode.NotTriggered, 0);
        skipSeconds(10 * MAX_WAIT);
        _expectNotExecutable(stop, IDelayedOrders.ExecutionCode.NotTriggered, 0);
    }

    /// @dev A trigger never executes at a price from before its commitment, however long it waits.
    function test_execute_revertsWhenTriggerWasReachedBeforeTheCommitment() public {
        _open(alice, ETH, 10_000e18, 10e18);
        _price(ETH, 1_940);
        uint256 id = _commit(_triggered(alice, -5e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        skipSeconds(10 * MAX_WAIT);
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.AwaitingPrice, 0);
    }

    function test_execute_stopsALong_whenIndexFallsToTheTrigger() public {
        _open(alice, ETH, 10_000e18, 10e18);
        _assertTriggered(alice, -10e18, IDelayedOrders.TriggerKind.Stop, 1_950, 1_950);
    }

    function test_execute_stopsAShort_whenIndexRisesToTheTrigger() public {
        _open(alice, ETH, 10_000e18, -10e18);
        _assertTriggered(alice, 10e18, IDelayedOrders.TriggerKind.Stop, 2_050, 2_051);
    }

    function test_execute_takesALongsProfit_whenIndexRisesToTheTrigger() public {
        _open(alice, ETH, 10_000e18, 10e18);
        _assertTriggered(alice, -10e18, IDelayedOrders.TriggerKind.TakeProfit, 2_050, 2_050);
    }

    function test_execute_takesAShortsProfit_whenIndexFallsToTheTrigger() public {
        _open(alice, ETH, 10_000e18, -10e18);
        _assertTriggered(alice, 10e18, IDelayedOrders.TriggerKind.TakeProfit, 1_950, 1_949);
    }

    /// @dev A stop that nobody executed in time still executes, with the spread.
    function test_execute_paysTheSpread_whenTriggerWasReachedLongAgo() public {
        _open(alice, ETH, 10_000e18, 10e18);
        uint256 id = _commit(_triggered(alice, -10e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        _price(ETH, 1_940);
        skipSeconds(MAX_WAIT + 1);
        (, uint256 spread) = orders.previewExecute(id);
        assertEq(spread, SPREAD);
        orders.execute(id, keeper);
        assertEq(_size(alice, ETH), int256(0));
    }

    /* KEEPER'S FEE */

    /// @dev L2: whose account it is, and what code its owner has, is of no matter: nothing is sent there.
    function test_L2_execute_paysAnyKeeper() public {
        _fund(alice, 10_000e18);
        address trap = deploy("HostileFeed"); // refuses every call
        _assertFeePaid(AccountId.wrap(uint256(uint160(trap)) << 96));
        _assertFeePaid(AccountId.wrap((uint256(uint160(address(token))) << 96) | 77));
        _assertFeePaid(AccountId.wrap(0));
        _assertFeePaid(pools[0]);
        _assertFeePaid(bob);
    }

    function test_execute_costsNothing_whenTheAccountIsItsOwnKeeper() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        uint256 snapshot = vm.snapshotState();
        orders.execute(id, keeper);
        uint256 otherwise = _cash(alice);
        vm.revertToState(snapshot);
        orders.execute(id, alice);
        assertEq(_cash(alice), otherwise + MIN_FEE);
    }

    /* FUZZ */

    /// @dev PRICE-1, ROUND-1: the fill is the house's preview, worse by the spread and by nothing else.
    function testFuzz_execute_fillsAtThePreviewedPrice(int256 lots, uint256 price, uint256 delaySeconds) public {
        lots = bound(lots, -500_000, 500_000);
        vm.assume(lots > 150 || lots < -150);
        _fund(alice, 2_000_000e18);
        uint256 id = _commit(alice, lots * 0.001e18);
        delaySeconds = bound(delaySeconds, 0, 600);
        _price(ETH, bound(price, 1_800, 2_200));
        skipSeconds(delaySeconds);
        (uint256 quoted, uint256 quotedFee) = house.previewTrade(ETH, lots * 0.001e18);
        (, uint256 spread) = orders.previewExecute(id);
        assertEq(spread, delaySeconds > MAX_WAIT ? SPREAD : 0);
        (uint256 filled, uint256 fee) = orders.execute(id, keeper);
        uint256 spreadUsd = (quoted * spread + 1e18 - 1) / 1e18;
        assertEq(filled, lots > 0 ? quoted + spreadUsd : quoted - spreadUsd);
        if (spread == 0) assertEq(fee, quotedFee);
        assertEq(_size(alice, ETH), lots * 0.001e18);
    }

    function _assertTriggered(
        AccountId account,
        int256 sizeDelta,
        IDelayedOrders.TriggerKind kind,
        uint256 triggerUsd,
        uint256 priceUsd
    ) private {
        IDelayedOrders.Order memory order = _triggered(account, sizeDelta, kind, triggerUsd);
        order.reduceOnly = true;
        uint256 id = _commit(order);
        _price(ETH, 2_000);
        _expectNotExecutable(id, IDelayedOrders.ExecutionCode.NotTriggered, 0);
        _price(ETH, priceUsd);
        (, uint256 spread) = orders.previewExecute(id);
        assertEq(spread, 0);
        orders.execute(id, keeper);
        assertEq(_size(account, ETH), int256(0));
    }

    function _assertFeePaid(AccountId to) private {
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        uint256 before = _cash(to);
        orders.execute(id, to);
        assertGe(_cash(to), before + MIN_FEE);
    }
}
