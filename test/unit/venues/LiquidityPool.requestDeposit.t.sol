// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_requestDeposit_Test is LiquidityPoolTest {
    function test_requestDeposit_revertsWhenAmountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.RequestEmpty.selector, lena));
        vm.prank(lena);
        pool.requestDeposit(0, ANY_PRICE);
    }

    /// @dev A2: a token that moves less than it was asked to.
    function test_requestDeposit_revertsWhenTokensDoNotArrive() public {
        _approved(lena, 100 * USD);
        vm.mockCall(address(token), IERC20.transferFrom.selector, abi.encode(true));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TokenAmountMismatch.selector, 0, 100 * USD));
        vm.prank(lena);
        pool.requestDeposit(100 * USD, ANY_PRICE);
    }

    function test_requestDeposit_revertsWhenFiguresAreTooWide() public {
        uint256 tooWide = 2 ** 128;
        bytes memory reason = abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, tooWide);
        vm.expectRevert(reason);
        pool.requestDeposit(tooWide, ANY_PRICE);
        vm.expectRevert(reason);
        pool.requestDeposit(1, tooWide);
    }

    function test_requestDeposit_takesTheTokensAndWaits() public {
        _approved(lena, 100 * USD);
        uint256 now_ = vm.getBlockTimestamp();
        assertEq(pool.nextDepositId(), 1);
        vm.expectEmit(address(pool));
        emit ILiquidityPool.DepositRequested(1, lena, 100 * USD, 2e18, now_ + DELAY);
        vm.prank(lena);
        assertEq(pool.requestDeposit(100 * USD, 2e18), 1, "id");
        assertEq(token.balanceOf(lena), 0);
        assertEq(token.balanceOf(address(pool)), 100 * USD);
        assertEq(pool.nextDepositId(), 2);
        assertEq(
            abi.encode(pool.depositRequestOf(1)),
            abi.encode(ILiquidityPool.DepositRequest(lena, now_, 100 * USD, 2e18))
        );
        assertEq(pool.valuation().supply, 0, "no shares yet");
        assertEq(_cash(_account()), 0, "nothing in the house yet");
    }
}
