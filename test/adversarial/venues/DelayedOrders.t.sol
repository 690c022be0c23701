// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {Batch} from "../../support/Batch.sol";
import {DelayedOrdersTest} from "../../unit/venues/DelayedOrdersTest.sol";

/// @notice Traders who know more than the feed: what they may gain by it, and what not.
contract DelayedOrders_adversarial_Test is DelayedOrdersTest {
    /// @dev O8: the next round is known, and no further away than the feed's deviation threshold. Whoever trades on it before it is published pays the spread, and
    /// loses.
    function testFuzz_O8_execute_losesAfterFeesAndSpread_whenNextRoundIsKnown(
        uint256 move,
        bool up,
        uint256 lots
    ) public {
        move = bound(move, 0, SPREAD);
        lots = bound(lots, 200, 500_000);
        uint256 start = 2_000_000e18;
        _fund(alice, start);
        int256 size = (up ? int256(lots) : -int256(lots)) * 0.001e18;
        uint256 id = _commit(alice, size);
        skipSeconds(MAX_WAIT); // nobody publishes meanwhile
        orders.execute(id, keeper);
        uint256 distance = (2_000e8 * move) / 1e18;
        skipSeconds(12);
        feeds[0].push(int256(up ? 2_000e8 + distance : 2_000e8 - distance));
        assertLt(_equity(alice) + int256(DEPOSIT_USD), int256(start), "gained at the known round");
        // And after leaving at it, too.
        id = _commit(alice, -size);
        skipSeconds(12);
        feeds[0].push(int256(up ? 2_000e8 + distance : 2_000e8 - distance));
        orders.execute(id, keeper);
        assertLt(_equity(alice), int256(start), "gained by leaving");
    }

    /// @dev O8: committed before the known round, executed at it: the price has the knowledge already, and the fees are lost.
    function testFuzz_O8_execute_gainsNothing_whenCommittedBeforeTheKnownRound(uint256 priceUsd, bool up) public {
        priceUsd = bound(priceUsd, 1_500, 2_500);
        _fund(alice, 1_000_000e18);
        uint256 id = _commit(alice, up ? int256(100e18) : -int256(100e18));
        _price(ETH, priceUsd);
        orders.execute(id, keeper);
        assertLt(_equity(alice) + int256(DEPOSIT_USD), 1_000_000e18);
    }

    /// @dev S0: committed both ways, to let only the good one be executed: anybody executes the other.
    function test_S0_execute_leavesNoChoice_whenCommittedBothWays() public {
        _fund(alice, 100_000e18);
        uint256 buy = _commit(alice, 10e18);
        uint256 sell = _commit(alice, -10e18);
        _price(ETH, 2_050);
        _executeBatch(buy, 2);
        assertEq(_size(alice, ETH), int256(0), "both were executed");
        assertLt(_equity(alice), int256(100_000e18), "for the fees");
        vm.expectRevert(abi.encodeWithSelector(IDelayedOrders.OrderUnknown.selector, sell));
        vm.prank(alice.owner());
        orders.cancel(sell);
    }

    /// @dev O8, and a limit of it: an account can make its order fail and take that back within `maxWaitSeconds` of a round. What moved since the round
    /// is published no later than the feed's threshold allows; once that time is over the choice costs the spread.
    function testFuzz_O8_execute_costsTheSpread_whenHeldBackLongerThanKeepersHave(uint256 held) public {
        held = bound(held, 1, 30 minutes);
        _fund(alice, 100_000e18);
        uint256 id = _commit(alice, 10e18);
        _allow(alice, 0); // every keeper is refused
        _price(ETH, 2_000);
        IDelayedOrders.ExecutionCode[] memory codes = _executeBatch(id, 1);
        _assertCode(codes[0], IDelayedOrders.ExecutionCode.Rejected);
        skipSeconds(held);
        _allow(alice, 1);
        (uint256 price, ) = orders.execute(id, keeper);
        assertEq(price, held > MAX_WAIT ? 2_000.02e18 + 10.0001e18 : 2_000.02e18);
    }

    /// @dev PRICE-1: a round pushed between two batches of one transaction changes neither.
    function test_PRICE1_executeBatch_usesOnePrice_whenARoundIsPushedInBetween() public {
        Batch batch = _batchOperatesTheFeed();
        _fund(alice, 100_000e18);
        _fund(bob, 100_000e18);
        uint256 first = _commit(alice, 10e18);
        uint256 second = _commit(bob, -10e18);
        skipSeconds(12);
        vm.prank(address(batch));
        feeds[0].push(2_000e8);
        Batch.Call[] memory calls = new Batch.Call[](3);
        calls[0] = _executeCall(first);
        calls[1] = Batch.Call(address(feeds[0]), abi.encodeWithSignature("push(int256)", int256(2_100e8)));
        calls[2] = _executeCall(second);
        bytes[] memory results = batch.run(calls);
        (uint256 bought, ) = abi.decode(results[0], (uint256, uint256));
        (uint256 sold, ) = abi.decode(results[2], (uint256, uint256));
        assertEq(bought, 2_000.02e18);
        assertEq(sold, 2_000.02e18, "back along the same skew, at the same index");
    }

    /// @dev M5, L1: an account full of waiting orders is liquidated like any other, and its orders then do no harm.
    function test_L1_executeBatch_harmsNobody_whenTheAccountWasLiquidated() public {
        _open(alice, ETH, 10_000e18, 80e18);
        for (uint256 i; i < 5; ++i) _commit(alice, int256(80e18));
        _price(ETH, 1_925);
        house.liquidate(alice, ETH, keeper);
        int256 size = _size(alice, ETH);
        assertLt(size, int256(80e18));
        IDelayedOrders.ExecutionCode[] memory codes = _executeBatch(1, 5);
        for (uint256 i; i < 5; ++i) _assertCode(codes[i], IDelayedOrders.ExecutionCode.Rejected);
        assertEq(_size(alice, ETH), size);
    }

    /// @dev Little gas makes no order go away: a batch that runs out of it leaves every order it did not execute.
    function test_executeBatch_losesNoOrder_whenGasIsShort() public {
        _fund(alice, 100_000e18);
        for (uint256 i; i < 3; ++i) _commit(alice, 1e18);
        _price(ETH, 2_000);
        uint256[] memory ids = new uint256[](3);
        (ids[0], ids[1], ids[2]) = (1, 2, 3);
        bytes memory data = abi.encodeCall(IDelayedOrders.executeBatch, (ids, keeper));
        for (uint256 gasLimit = 150_000; gasLimit < 1_500_000; gasLimit += 75_000) {
            uint256 snapshot = vm.snapshotState();
            (bool success, ) = address(orders).call{gas: gasLimit}(data);
            uint256 executed = uint256(_size(alice, ETH)) / 1e18;
            uint256 open;
            for (uint256 id = 1; id <= 3; ++id) {
                (, uint256 committedAt) = orders.orderOf(id);
                if (committedAt != 0) ++open;
            }
            assertEq(executed + open, 3, success ? "a batch lost an order" : "a failed batch did something");
            vm.revertToState(snapshot);
        }
    }

    function _batchOperatesTheFeed() private returns (Batch batch) {
        batch = new Batch();
        (bool success, ) = address(feeds[0]).call(
            abi.encodeWithSignature("transferOwnership(address)", address(batch))
        );
        assertTrue(success);
    }

    function _executeCall(uint256 id) private view returns (Batch.Call memory) {
        return Batch.Call(address(orders), abi.encodeCall(IDelayedOrders.execute, (id, keeper)));
    }
}
