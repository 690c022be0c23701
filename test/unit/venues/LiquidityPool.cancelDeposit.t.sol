// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_cancelDeposit_Test is LiquidityPoolTest {
    uint256 private id;
    uint256 private readyAt;

    function setUp() public override {
        super.setUp();
        _provide(10_000);
        id = _request(luis, 500);
        readyAt = vm.getBlockTimestamp() + DELAY;
    }

    function test_cancelDeposit_revertsWhenThereIsNoRequest() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestUnknown.selector, 99));
        vm.prank(luis);
        pool.cancelDeposit(99);
    }

    function test_cancelDeposit_revertsWhenOwnedByAnother() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestNotOwned.selector, id, luis, lena));
        vm.prank(lena);
        pool.cancelDeposit(id);
    }

    /// @dev Once it is ready, whoever could wait and choose would have an option for nothing.
    function test_cancelDeposit_revertsWhenAnybodyCouldProcessIt() public {
        skipSeconds(DELAY);
        _refuse();
        skipSeconds(CANCEL_AFTER - 1);
        _refuse();
        skipSeconds(1);
        _cancel();
    }

    function test_cancelDeposit_revertsWhenProcessed() public {
        skipSeconds(DELAY);
        pool.processDeposit(id);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestUnknown.selector, id));
        vm.prank(luis);
        pool.cancelDeposit(id);
    }

    function test_cancelDeposit_returnsTheTokens_whenNotYetReady() public {
        skipSeconds(DELAY - 1);
        vm.expectEmit(address(pool));
        emit ILiquidityPool.DepositCancelled(id, luis, 500 * USD);
        _cancel();
        assertEq(pool.depositRequestOf(id).owner, address(0));
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestUnknown.selector, id));
        pool.processDeposit(id);
    }

    function _cancel() private {
        vm.prank(luis);
        pool.cancelDeposit(id);
        assertEq(token.balanceOf(luis), 500 * USD);
    }

    function _refuse() private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILiquidityPool.RequestNotCancellable.selector,
                id,
                readyAt,
                readyAt + CANCEL_AFTER,
                vm.getBlockTimestamp()
            )
        );
        vm.prank(luis);
        pool.cancelDeposit(id);
    }
}
