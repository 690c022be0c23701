// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {CreditFixture} from "../support/CreditFixture.sol";

/// @notice An account that lives on its credit line: it never pays a cent of the settlement token in, trades, loses, is liquidated in part, sees its collateral
/// fall and auctioned, recovers, repays, and leaves. The books are whole after every step.
contract CreditLine_Test is CreditFixture {
    function test_story_anAccountLivesOnItsCreditLine() public {
        // Alice has one WBTC and ten WETH, and no dollar.
        _pledge(alice, wbtc, 1e8);
        _pledge(alice, weth, 10e18);
        assertEq(vault.lineOf(alice, MarginKind.Initial), 50_500e18);

        // She opens: deposit, edge, fee and margin are borrowed.
        _trade(alice, ETH, 150e18);
        uint256 opened = vault.debtOf(alice);
        assertGt(opened, 15_000e18);
        assertLt(opened, 15_500e18);
        _assertConserved(_creditUsers());

        // The market falls: a stranger's settle turns more of the line into cash, and the cash into the market's reserve.
        _wait(ETH, 1_900, 1_500);
        _collateralPrices(40_000, 2_000);
        address stranger = makeAddr("stranger");
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = alice;
        vm.prank(stranger);
        house.settle(accounts);
        assertGe(house.marketOf(ETH).reserveUsd, 15_000e18, "winners find cash, not a promise");
        assertGt(vault.debtOf(alice), opened);
        assertGt(_health(alice), 1e18);
        _assertConserved(_creditUsers());

        // It falls on: now even the line does not carry all of it, and keepers close a part.
        _price(ETH, 1_690);
        _collateralPrices(40_000, 2_000);
        assertLt(_health(alice), 1e18);
        uint256 health = _health(alice);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGt(plan.closeSize, 0);
        assertLt(plan.closeSize, 150e18, "a part");
        assertGt(_health(alice), health, "LIQ-2");
        _assertConserved(_creditUsers());

        // She closes the rest, and owes what she lost.
        _trade(alice, ETH, -_size(alice, ETH));
        _settle(alice);
        assertGe(_quote(alice, ETH), int256(0), "no loss is left unsettled");
        // What the pool gave her for reducing its skew has to stand before it is paid; then the deposit is free too.
        _wait(ETH, 1_690, 1_500);
        _settle(alice);
        assertEq(house.accountOf(alice).markets, 0);
        uint256 owed = vault.debtOf(alice);
        assertGt(owed, 40_000e18);
        assertLt(owed, 50_500e18);
        assertLt(_cash(alice), 1e18, "every dollar has repaid");
        _assertConserved(_creditUsers());

        // The collateral falls below what she owes: a part of it is auctioned.
        skipSeconds(12);
        _collateralPrices(37_000, 1_900);
        assertGt(vault.debtOf(alice), vault.valueOf(alice, MarginKind.Maintenance));
        auction.start(alice, address(wbtc));
        skipSeconds(20);
        assertLt(_take(alice, wbtc, type(uint256).max).amountNative, 1e8, "a part");
        assertLe(vault.debtOf(alice), vault.valueOf(alice, MarginKind.Maintenance));
        assertGe(vault.totalAssets(), 1_000_000e6, "lenders lost nothing");
        _assertConserved(_creditUsers());

        // She repays from outside, takes the rest of her collateral, and is an account like any other again.
        uint256 debt = vault.debtOf(alice);
        token.mint(alice.owner(), _native(debt) + 1);
        vm.startPrank(alice.owner());
        token.approve(address(vault), type(uint256).max);
        vault.repay(alice, _native(debt) + 1);
        assertEq(vault.debtOf(alice), 0);
        vault.withdrawCollateral(address(wbtc), vault.collateralOf(alice, address(wbtc)), alice, alice.owner());
        vault.withdrawCollateral(address(weth), 10e18, alice, alice.owner());
        vm.stopPrank();
        assertEq(weth.balanceOf(alice.owner()), 10e18);
        assertEq(house.portfolioOf(alice, MarginKind.Initial).creditLineUsd, 0);

        // And the lender leaves with the interest.
        vm.startPrank(lender);
        uint256 paid = vault.redeem(vault.maxRedeem(lender), lender, lender);
        vm.stopPrank();
        assertGe(paid, 1_000_000e6);
        _assertConserved(_creditUsers());
    }
}
