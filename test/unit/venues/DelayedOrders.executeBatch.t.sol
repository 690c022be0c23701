// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {DelayedOrdersTest} from "./DelayedOrdersTest.sol";

contract DelayedOrders_executeBatch_Test is DelayedOrdersTest {
    function test_executeBatch_doesNothing_whenEmpty() public {
        assertEq(orders.executeBatch(new uint256[](0), keeper).length, 0);
    }

    /// @dev One code each; what cannot be executed stays, and holds up nobody.
    function test_executeBatch_saysWhatBecameOfEach() public {
        _fund(alice, 10_000e18);
        _fund(bob, 10_000e18);
        IDelayedOrders.Order memory brief = _order(alice, 1e18);
        brief.expiry = vm.getBlockTimestamp() + 1;
        uint256 expired = _commit(brief);
        uint256 poor = _commit(carol, 1e18); // no cash
        uint256 good = _commit(alice, 1e18);
        uint256 waiting = _commit(_triggered(alice, -1e18, IDelayedOrders.TriggerKind.Stop, 1_950));
        uint256 good2 = _commit(bob, -2e18);
        _price(ETH, 2_000);
        uint256 awaiting = _commit(bob, 1e18);

        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderSkipped(expired, IDelayedOrders.ExecutionCode.Expired, "");
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderSkipped(
            poor,
            IDelayedOrders.ExecutionCode.Rejected,
            abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, carol, 0, 5e18)
        );
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderSkipped(waiting, IDelayedOrders.ExecutionCode.NotTriggered, "");
        vm.expectEmit(address(orders));
        emit IDelayedOrders.OrderSkipped(awaiting, IDelayedOrders.ExecutionCode.AwaitingPrice, "");
        IDelayedOrders.ExecutionCode[] memory codes = _executeBatch(expired, 7);

        _assertCode(codes[0], IDelayedOrders.ExecutionCode.Expired);
        _assertCode(codes[1], IDelayedOrders.ExecutionCode.Rejected);
        _assertCode(codes[2], IDelayedOrders.ExecutionCode.Executed);
        _assertCode(codes[3], IDelayedOrders.ExecutionCode.NotTriggered);
        _assertCode(codes[4], IDelayedOrders.ExecutionCode.Executed);
        _assertCode(codes[5], IDelayedOrders.ExecutionCode.AwaitingPrice);
        _assertCode(codes[6], IDelayedOrders.ExecutionCode.Unknown);
        assertEq(_size(alice, ETH), int256(1e18));
        assertEq(_size(bob, ETH), -int256(2e18));
        assertEq(_size(carol, ETH), int256(0));
        assertEq(_cash(keeper), 2 * MIN_FEE, "two were executed");
        _assertGone(good);
        _assertGone(good2);
        (, uint256 committedAt) = orders.orderOf(poor);
        assertGt(committedAt, 0, "the refused order stays");
    }

    function test_executeBatch_executesOnce_whenAnOrderIsNamedTwice() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (id, id);
        IDelayedOrders.ExecutionCode[] memory codes = orders.executeBatch(ids, keeper);
        _assertCode(codes[0], IDelayedOrders.ExecutionCode.Executed);
        _assertCode(codes[1], IDelayedOrders.ExecutionCode.Unknown);
        assertEq(_size(alice, ETH), int256(1e18));
    }

    /// @dev A keeper account that the house refuses costs the keeper the batch, not the orders.
    function test_executeBatch_rejectsAll_whenKeeperIsTheHouse() public {
        _fund(alice, 10_000e18);
        uint256 id = _commit(alice, 1e18);
        _price(ETH, 2_000);
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        _assertCode(orders.executeBatch(ids, house.systemAccountOf(ETH, 1))[0], IDelayedOrders.ExecutionCode.Rejected);
        _assertCode(orders.executeBatch(ids, keeper)[0], IDelayedOrders.ExecutionCode.Executed);
    }

    /// @dev COAL-1 in spirit: the codes and what the accounts have afterwards are those of executing one by one.
    function testFuzz_executeBatch_isExecuteOneByOne(uint256 seed) public {
        _fund(alice, 10_000e18);
        _fund(bob, 3_000e18);
        AccountId[3] memory actors = [alice, bob, carol];
        for (uint256 i; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            int256 lots = int256((seed >> 8) % 40_000) - 20_000;
            _commit(actors[seed % 3], (lots == 0 ? int256(1) : lots) * 0.001e18);
        }
        _price(ETH, 1_990 + (seed % 20));
        uint256 snapshot = vm.snapshotState();
        IDelayedOrders.ExecutionCode[] memory codes = _executeBatch(1, 6);
        bytes memory batch = _outcome();
        vm.revertToState(snapshot);
        for (uint256 id = 1; id <= 6; ++id) {
            try orders.execute(id, keeper) {
                _assertCode(codes[id - 1], IDelayedOrders.ExecutionCode.Executed);
            } catch {
                _assertCode(codes[id - 1], IDelayedOrders.ExecutionCode.Rejected);
            }
        }
        assertEq(_outcome(), batch);
    }

    function _outcome() private view returns (bytes memory) {
        return
            abi.encode(
                house.accountOf(alice),
                house.accountOf(bob),
                house.accountOf(carol),
                house.accountOf(keeper),
                house.marketOf(ETH),
                _size(alice, ETH),
                _size(bob, ETH)
            );
    }
}
