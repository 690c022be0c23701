// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_claim_Test is LiquidityPoolTest {
    function test_claim_revertsWhenThereIsNothing() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.NothingToClaim.selector, lena));
        pool.claim(lena);
    }

    function test_claim_revertsWhenClaimedAlready() public {
        _redeemed();
        pool.claim(lena);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.NothingToClaim.selector, lena));
        pool.claim(lena);
    }

    /// @dev Anybody may send it on its way; it only goes to its owner.
    function test_claim_paysTheOwner_whenCalledByAnybody() public {
        uint256 amount = _redeemed();
        vm.expectEmit(address(pool));
        emit ILiquidityPool.Claimed(lena, amount);
        vm.prank(luis);
        assertEq(pool.claim(lena), amount);
        assertEq(token.balanceOf(lena), amount);
        assertEq(token.balanceOf(address(pool)), 0);
    }

    function _redeemed() private returns (uint256 amount) {
        _provide(10_000);
        _requestRedemption(lena, 400e18);
        skipSeconds(DELAY);
        pool.processRedemptions(1);
        amount = pool.claimableOf(lena);
        assertGt(amount, 399 * USD);
    }
}
