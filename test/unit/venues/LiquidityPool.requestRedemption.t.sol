// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_requestRedemption_Test is LiquidityPoolTest {
    function test_requestRedemption_revertsWhenAmountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestEmpty.selector, lena));
        vm.prank(lena);
        pool.requestRedemption(0, 0);
    }

    function test_requestRedemption_revertsWhenSharesAreMissing() public {
        _provide(1_000);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, lena, 1_000e18, 1_000e18 + 1)
        );
        vm.prank(lena);
        pool.requestRedemption(1_000e18 + 1, 0);
    }

    function test_requestRedemption_takesTheSharesAndWaits() public {
        _provide(1_000);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(address(pool));
        emit ILiquidityPool.RedemptionRequested(1, lena, 400e18, 0.5e18, now_ + DELAY);
        vm.prank(lena);
        assertEq(pool.requestRedemption(400e18, 0.5e18), 1, "id");
        assertEq(shares.balanceOf(lena), 600e18);
        assertEq(shares.balanceOf(address(pool)), 400e18);
        assertEq(pool.valuation().supply, 1_000e18, "the shares still bear gains and losses");
        assertEq(
            abi.encode(pool.redemptionRequestOf(1)),
            abi.encode(ILiquidityPool.RedemptionRequest(lena, now_, 400e18, 0.5e18))
        );
        (uint256 first, uint256 next) = pool.redemptionQueue();
        assertEq(first, 1);
        assertEq(next, 2);
        _assertStatus(ILiquidityPool.RedemptionStatus.NotReady);
    }
}
