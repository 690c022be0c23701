// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice Entering the backstop, by amount or by shares.
contract BackstopPool_deposit_Test is BackstopScenarios {
    /* REVERTS */

    function test_deposit_revertsWhenItIsNothing() public {
        _approved(lena, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 0, 0));
        vm.prank(lena);
        vault.deposit(0, lena);
    }

    function test_deposit_revertsWhenAPriceIsNotValid() public {
        _stake(lena, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        skipSeconds(3_601);
        _approved(luis, 100e18);
        assertEq(vault.maxDeposit(luis), 0);
        assertEq(vault.maxMint(luis), 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        vm.prank(luis);
        vault.deposit(100e18, luis);
    }

    function test_deposit_revertsWhenAPriceIsOld() public {
        _stake(lena, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        uint256 publishedAt = oracle.recordOf(ETH).publishedAt;
        _approved(luis, 300e18);
        vm.warp(publishedAt + MAX_PRICE_AGE);
        assertGt(vault.maxDeposit(luis), 0);
        vm.prank(luis);
        vault.deposit(100e18, luis);
        vm.warp(publishedAt + MAX_PRICE_AGE + 1);
        assertEq(vault.maxDeposit(luis), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IBackstopPool.BackstopPriceNotFresh.selector, ETH, publishedAt, MAX_PRICE_AGE)
        );
        vm.prank(luis);
        vault.deposit(100e18, luis);
    }

    function test_deposit_revertsWhenThePoolIsFull() public {
        _stake(lena, 999_999_999e18);
        _approved(luis, 3e18);
        assertEq(vault.maxDeposit(luis), 1e18);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, luis, 1e18 + 1, 1e18));
        vm.prank(luis);
        vault.deposit(1e18 + 1, luis);
        vm.prank(luis);
        vault.deposit(1e18, luis);
        assertEq(vault.maxMint(luis), 0);
    }

    /* SUCCESS */

    function test_deposit_mintsOneForOne_whenItIsTheFirst() public {
        assertEq(vault.previewDeposit(5_000e18), 5_000e18);
        assertEq(_stake(lena, 5_000e18), 5_000e18);
        assertEq(vault.balanceOf(lena), 5_000e18);
        assertEq(_cash(poolAccount), 5_000e18);
        assertEq(vault.totalAssets(), 5_000e18);
        assertEq(token.balanceOf(address(pool)), 0, "all of it is in the house");
        _assertConserved(_everybody());
    }

    /// @dev What was there before the first staker is nobody's.
    function test_deposit_locksWhatThePoolOwnsAlready_whenItIsTheFirst() public {
        _fund(poolAccount, 700e18);
        assertEq(vault.previewDeposit(5_000e18), 5_000e18);
        _stake(lena, 5_000e18);
        assertEq(vault.balanceOf(address(pool)), 700e18);
        assertEq(vault.totalSupply(), 5_700e18);
        assertLe(vault.previewRedeem(5_000e18), 5_000e18);
        assertApproxEqAbs(vault.previewRedeem(5_000e18), 5_000e18, 1e12);
    }

    function test_deposit_costsEquityPerShare_whenTheAccountHasGained() public {
        _stake(lena, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        int256 equity = _equityOfPool();
        assertGt(equity, 100_000e18, "the discount");
        uint256 redeemable = pool.valuation().redeemableUsd;
        assertLe(redeemable, 100_000e18, "which is not paid yet");
        uint256 shares = _stake(luis, 50_000e18);
        assertApproxEqRel(shares, (50_000e18 * 100_000e18) / uint256(equity), 1e9);
        assertLt(vault.previewRedeem(shares), 50_000e18);
    }

    function test_mint_costsWhatThePreviewSays() public {
        _stake(lena, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        _approved(luis, 100_000e18);
        uint256 cost = vault.previewMint(40_000e18);
        vm.prank(luis);
        assertEq(vault.mint(40_000e18, luis), cost);
        assertEq(vault.balanceOf(luis), 40_000e18);
        assertGe(cost, vault.convertToAssets(40_000e18));
    }

    function test_deposit_goesToTheReceiver() public {
        _approved(lena, 100e18);
        vm.prank(lena);
        vault.deposit(100e18, luis);
        assertEq(vault.balanceOf(luis), 100e18);
        assertEq(vault.balanceOf(lena), 0);
    }

    /// @dev The preview is the deed, and nobody is diluted.
    function testFuzz_deposit_dilutesNobody(uint256 first, uint256 amount, uint256 price) public {
        first = bound(first, 60_000e18, 10_000_000e18);
        amount = bound(amount, 1e6, 10_000_000e18);
        _stake(lena, first);
        _ripe();
        pool.take(alice, ETH);
        _price(ETH, bound(price, 1_890, 1_990));
        uint256 before = vault.convertToAssets(1e24);
        uint256 redeemable = vault.previewRedeem(first);
        uint256 shares = vault.previewDeposit(amount);
        if (shares == 0) return;
        assertEq(_stake(luis, amount), shares);
        assertGe(vault.convertToAssets(1e24) + 1, before, "equity per share fell");
        assertGe(vault.previewRedeem(first) + 1, redeemable, "redeemable value per share fell");
        assertLe(vault.previewRedeem(shares), amount, "ROUND-1");
    }
}
