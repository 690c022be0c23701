// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";

/// @notice The lenders' side: ERC-4626 over an account of the house.
contract CreditVault_deposit_Test is CreditFixture {
    function test_withdraw_revertsWhenMoreThanTheCashLeft() public {
        _pledge(alice, wbtc, 100e8);
        _draw(alice, 700_000e18);
        assertEq(vault.maxWithdraw(lender), 300_000e6, "as far as cash is there");
        vm.prank(lender);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, lender, 300_000e6 + 1, 300_000e6)
        );
        vault.withdraw(300_000e6 + 1, lender, lender);
        vm.prank(lender);
        vault.withdraw(300_000e6, lender, lender);
        assertEq(token.balanceOf(lender), 300_000e6);
        assertEq(vault.maxWithdraw(lender), 0, "utilization 100 %");
        assertEq(vault.maxRedeem(lender), 0);
        (uint256 utilization, uint256 rate, ) = vault.interest();
        assertEq(utilization, 1e18);
        assertEq(rate, 1e18, "the steepest rate calls lenders back");
        _assertConserved(_creditUsers());
    }

    function test_deposit_putsTheCashIntoAnAccountOfTheHouse() public view {
        assertEq(_cash(vault.lenders()), LENT_USD);
        assertEq(vault.totalAssets(), 1_000_000e6);
        assertEq(vault.decimals(), 12);
        assertEq(token.balanceOf(address(vault)), 0, "the vault itself holds nothing");
        _assertConserved(_creditUsers());
    }

    function test_deposit_takesNothing_whenZero() public {
        vm.startPrank(lender);
        assertEq(vault.deposit(0, lender), 0);
        assertEq(vault.withdraw(0, lender, lender), 0);
        vm.stopPrank();
        assertEq(vault.totalAssets(), 1_000_000e6);
    }

    function test_totalAssets_growsByTheInterestOfTheAccounts() public {
        _pledge(alice, wbtc, 100e8);
        _draw(alice, 800_000e18);
        skipSeconds(365 days);
        // At the kink: 10 % of 800 000.
        assertEq(vault.totalDebtUsd(), 880_000e18);
        assertEq(vault.totalAssets(), 1_080_000e6);
        assertEq(vault.debtOf(alice), 880_000e18, "what the one owes the others own");
    }

    function test_redeem_paysInterestToThoseWhoWereThere() public {
        _pledge(alice, wbtc, 100e8);
        _draw(alice, 800_000e18);
        skipSeconds(365 days);
        address late = makeAddr("late");
        _lend(late, 1_080_000e18);
        uint256 shares = vault.balanceOf(late);
        assertLe(vault.convertToAssets(shares), 1_080_000e6, "bought into no gain");
        vm.startPrank(lender);
        uint256 paid = vault.redeem(vault.maxRedeem(lender), lender, lender);
        vm.stopPrank();
        assertApproxEqAbs(paid, 1_080_000e6, 2, "principal and interest");
    }

    /// @dev A donation before the first deposit, the classic theft: it costs the thief more than the victim.
    function test_deposit_losesNextToNothing_whenADonorInflatesTheShare() public {
        vm.startPrank(lender);
        vault.redeem(vault.balanceOf(lender), lender, lender);
        vm.stopPrank();
        uint256 dust = vault.totalAssets();
        address thief = makeAddr("thief");
        token.mint(thief, 1);
        vm.startPrank(thief);
        token.approve(address(vault), 1);
        vault.deposit(1, thief);
        vm.stopPrank();
        // The donation goes straight into the lenders' account of the house.
        _fund(vault.lenders(), 100_000e18);
        address victim = makeAddr("victim");
        _lend(victim, 50_000e18);
        assertGe(vault.convertToAssets(vault.balanceOf(victim)) + 1e6 + dust, 50_000e6, "at most a unit lost");
        assertLt(vault.convertToAssets(vault.balanceOf(thief)), 60_000e6, "the thief gave most of it away");
    }

    /// @dev ROUND-1: no round trip of a lender gains, whatever the share price has become.
    function testFuzz_deposit_neverGains_whenRedeemed(
        uint256 assets,
        uint256 donation,
        uint256 lent,
        uint256 time
    ) public {
        lent = bound(lent, 0, 900_000e18);
        _pledge(alice, wbtc, 200e8);
        if (lent != 0) _draw(alice, lent);
        skipSeconds(bound(time, 0, 365 days));
        donation = bound(donation, 0, 1_000_000e18);
        if (_native(donation) != 0) _fund(vault.lenders(), donation);
        assets = bound(assets, 1, 10_000_000e6);
        address visitor = makeAddr("visitor");
        token.mint(visitor, assets);
        uint256 worthBefore = vault.convertToAssets(vault.balanceOf(lender));
        vm.startPrank(visitor);
        token.approve(address(vault), assets);
        uint256 preview = vault.previewDeposit(assets);
        uint256 shares = vault.deposit(assets, visitor);
        assertEq(shares, preview, "preview");
        uint256 back = vault.redeem(
            shares < vault.maxRedeem(visitor) ? shares : vault.maxRedeem(visitor),
            visitor,
            visitor
        );
        vm.stopPrank();
        assertLe(back, assets, "ROUND-1");
        assertGe(vault.convertToAssets(vault.balanceOf(lender)), worthBefore, "nobody else lost");
        _assertConserved(_creditUsers());
    }

    /// @dev ROUND-1 for the other pair of entry points.
    function testFuzz_mint_neverGains_whenWithdrawn(uint256 shares, uint256 donation) public {
        donation = bound(donation, 0, 1_000_000e18);
        if (_native(donation) != 0) _fund(vault.lenders(), donation);
        shares = bound(shares, 1, 1_000_000e12);
        address visitor = makeAddr("visitor");
        uint256 cost = vault.previewMint(shares);
        token.mint(visitor, cost);
        vm.startPrank(visitor);
        token.approve(address(vault), cost);
        assertEq(vault.mint(shares, visitor), cost, "preview");
        uint256 most = vault.maxWithdraw(visitor);
        assertLe(most, cost, "ROUND-1");
        uint256 expected = vault.previewWithdraw(most);
        assertEq(vault.withdraw(most, visitor, visitor), expected, "preview");
        vm.stopPrank();
        _assertConserved(_creditUsers());
    }
}
