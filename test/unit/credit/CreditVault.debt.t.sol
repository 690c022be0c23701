// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";

/// @notice Debts: who may make and take them, how they grow, and what happens when nothing stands behind them.
contract CreditVault_repay_Test is CreditFixture {
    function test_drawFor_revertsWhenCallerIsNotTheHouse() public {
        vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.CallerNotHouse.selector, address(this), address(house)));
        vault.drawFor(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.CallerNotHouse.selector, address(this), address(house)));
        vault.repayFor(alice, 1);
    }

    function test_sell_revertsWhenCallerIsNotTheAuction() public {
        ICreditVault.Sale memory sale;
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CallerNotAuction.selector, address(this)));
        vault.sell(sale);
    }

    function test_writeOff_revertsWhenThereIsCollateral() public {
        _pledge(alice, wbtc, 1e8);
        _draw(alice, 1_000e18);
        _withdraw(alice, 1_000e18);
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.NotToWriteOff.selector, alice, 1_000e18, 33_600e18));
        vault.writeOff(alice);
    }

    function test_writeOff_revertsWhenThereIsNoDebt() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.NotToWriteOff.selector, alice, 0, 0));
        vault.writeOff(alice);
    }

    function test_repay_takesAtMostTheDebt() public {
        _pledge(alice, wbtc, 1e8);
        _draw(alice, 1_000e18);
        token.mint(address(this), 5_000e6);
        token.approve(address(vault), 5_000e6);
        uint256 paid = vault.repay(alice, 5_000e6);
        assertEq(paid, 1_000e6);
        assertEq(vault.debtOf(alice), 0);
        assertEq(_cash(alice), 1_000e18, "somebody else paid");
        assertEq(_cash(vault.lenders()), LENT_USD);
        assertEq(vault.repay(alice, 5_000e6), 0);
        _assertConserved(_creditUsers());
    }

    function test_accrue_changesNothingThatWasShown() public {
        _pledge(alice, wbtc, 100e8);
        _draw(alice, 500_000e18);
        skipSeconds(1_000_000);
        (uint256 debt, uint256 assets) = (vault.debtOf(alice), vault.totalAssets());
        vault.accrue();
        assertEq(vault.debtOf(alice), debt);
        assertEq(vault.totalAssets(), assets);
    }

    /// @dev CREDIT-2: debts only grow by themselves, and lenders never count on more than is owed.
    function testFuzz_debtOf_neverFalls_whenTimePasses(uint256 first, uint256 second, uint256 t1, uint256 t2) public {
        _pledge(alice, wbtc, 100e8);
        _pledge(bob, weth, 5_000e18);
        _draw(alice, bound(first, 1, 500_000e18));
        skipSeconds(bound(t1, 0, 365 days));
        _collateralPrices(40_000, 2_000);
        _draw(bob, bound(second, 1, 499_000e18));
        uint256 debts = vault.debtOf(alice) + vault.debtOf(bob);
        assertLe(vault.totalDebtUsd(), debts, "CREDIT-2");
        uint256 assets = vault.totalAssets();
        skipSeconds(bound(t2, 0, 365 days));
        assertGe(vault.debtOf(alice) + vault.debtOf(bob), debts, "monotone");
        assertGe(vault.totalAssets(), assets, "monotone");
        assertLe(vault.totalDebtUsd(), vault.debtOf(alice) + vault.debtOf(bob), "CREDIT-2");
        _assertConserved(_creditUsers());
    }

    /// @dev A round trip of debt costs its rounding, never less.
    function testFuzz_repay_neverLeavesADebtorRicher(uint256 amount, uint256 part, uint256 time) public {
        _pledge(alice, wbtc, 100e8);
        amount = bound(amount, 1, 1_000_000e18);
        _draw(alice, amount);
        assertGe(vault.debtOf(alice), amount);
        skipSeconds(bound(time, 0, 30 days));
        uint256 debt = vault.debtOf(alice);
        part = bound(part, 1, amount);
        vm.prank(alice.owner());
        uint256 repaid = house.repayCredit(alice, part);
        assertEq(repaid, part);
        assertGe(vault.debtOf(alice) + repaid, debt, "rounded for the lenders");
        _assertConserved(_creditUsers());
    }

    /// @dev CREDIT-3: what the collateral does not bring is the lenders' loss, at once and in full view; what comes back is theirs too.
    function test_writeOff_isTheLendersLossUntilRepaid() public {
        _pledge(alice, wbtc, 10e8);
        _draw(alice, 280_000e18);
        _withdraw(alice, 280_000e18);
        // Worth nothing any more: the price is below the feed's floor for good.
        wbtcFeed.push(1);
        skipSeconds(3 days + 1);
        uint256 debt = vault.debtOf(alice);
        vault.writeOff(alice);
        assertEq(vault.totalDebtUsd(), 0);
        assertEq(vault.totalAssets(), 720_000e6);
        assertEq(vault.debtOf(alice), debt, "still owed");
        assertEq(vault.writtenOffOf(alice), debt);
        skipSeconds(365 days);
        assertEq(vault.debtOf(alice), debt, "without interest");
        _collateralPrices(40_000, 2_000);
        assertLt(vault.lineOf(alice, MarginKind.Maintenance), 336_000e18 - 280_000e18, "counts against the line");
        token.mint(address(this), 300_000e6);
        token.approve(address(vault), 300_000e6);
        vault.repay(alice, 300_000e6);
        assertEq(vault.writtenOffOf(alice), 0);
        assertGe(vault.totalAssets(), 1_000_000e6, "recovered");
        _assertConserved(_creditUsers());
    }
}
