// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";

/// @notice Credit as the ledger handles it.
contract ClearingHouse_drawCredit_Test is CreditFixture {
    function test_drawCredit_revertsWhenCallerMayNotWithdraw() public {
        _pledge(alice, wbtc, 1e8);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(this), 2));
        house.drawCredit(alice, 1);
    }

    function test_drawCredit_revertsWhenZero() public {
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AmountZero.selector, alice));
        house.drawCredit(alice, 0);
    }

    function test_drawCredit_revertsWhenAboveTheLine() public {
        vm.startPrank(bob.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CreditLineTooLow.selector, bob, 0, 1));
        house.drawCredit(bob, 1);
        vm.stopPrank();
        _pledge(alice, wbtc, 1e8);
        vm.prank(alice.owner());
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CreditLineTooLow.selector, alice, 33_600e18, 33_600e18 + 1)
        );
        house.drawCredit(alice, 33_600e18 + 1);
    }

    function test_flagCredit_revertsWhenCallerIsNotTheVault() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CallerNotCreditVault.selector, address(this)));
        house.flagCredit(alice, true);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CallerNotCreditVault.selector, address(this)));
        house.requireCreditMargin(alice);
    }

    function test_flagCredit_revertsWhenItIsTheLendersAccount() public {
        AccountId lenders = vault.lenders();
        vm.startPrank(address(vault));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, lenders));
        house.flagCredit(lenders, true);
        AccountId system = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.flagCredit(system, true);
        vm.stopPrank();
    }

    function test_setModule_revertsWhenCreditIsSetAgain() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleFixed.selector, bytes32("credit"), address(vault)));
        house.setModule("credit", address(1));
        assertEq(house.moduleOf("credit"), address(vault));
    }

    function test_drawCredit_movesCashBetweenTwoAccountsAndNoToken() public {
        _pledge(alice, wbtc, 1e8);
        uint256 tokens = token.balanceOf(address(house));
        vm.expectEmit();
        emit IClearingHouse.CreditDrawn(alice, 10_000e18, 10_000e18, 2, LENT_USD - 10_000e18);
        _draw(alice, 10_000e18);
        assertEq(token.balanceOf(address(house)), tokens);
        assertEq(_cash(alice), 10_000e18);
        assertEq(house.accountOf(alice).version, 2);
        assertEq(vault.debtOf(alice), 10_000e18);
        assertEq(_equity(alice), 33_600e18, "equity is the same");
        _assertConserved(_creditUsers());
    }

    /// @dev The ledger takes the vault's word for no more than the lenders' cash.
    function test_lineOf_isCappedByTheLedger_whenTheVaultPromisesTooMuch() public {
        _pledge(alice, wbtc, 1e8);
        vm.mockCall(
            address(vault),
            abi.encodeCall(vault.lineOf, (alice, MarginKind.Initial)),
            abi.encode(uint256(1e30))
        );
        assertEq(house.portfolioOf(alice, MarginKind.Initial).creditLineUsd, LENT_USD);
        vm.mockCall(address(vault), vault.drawFor.selector, abi.encode(uint256(1e30)));
        _draw(alice, 5e18);
        assertEq(_cash(alice), 5e18, "not more than asked for");
        _assertConserved(_creditUsers());
    }

    function test_drawCredit_revertsWhenTheLendersHaveLessThanTheVaultPromises() public {
        _pledge(alice, wbtc, 1e8);
        vm.mockCall(address(vault), vault.drawFor.selector, abi.encode(uint256(1e30)));
        vm.prank(alice.owner());
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CreditLineTooLow.selector, alice, LENT_USD, LENT_USD + 1)
        );
        house.drawCredit(alice, LENT_USD + 1);
    }

    /// @dev The vault may take less than it is offered, never more.
    function test_repayCredit_takesNoMoreThanIsFree_whenTheVaultAsksForMore() public {
        _pledge(alice, wbtc, 1e8);
        _draw(alice, 10_000e18);
        vm.mockCall(address(vault), vault.repayFor.selector, abi.encode(uint256(0)));
        assertEq(house.repayCredit(alice, 4_000e18), 0);
        assertEq(_cash(alice), 10_000e18);
        vm.mockCall(address(vault), vault.repayFor.selector, abi.encode(uint256(1e30)));
        assertEq(house.repayCredit(alice, 4_000e18), 4_000e18);
        assertEq(_cash(alice), 6_000e18);
        assertEq(_cash(vault.lenders()), LENT_USD - 6_000e18);
        _assertConserved(_creditUsers());
    }

    function test_flagCredit_changesNothing_whenItSaysWhatIsKnown() public {
        uint256 version = house.accountOf(alice).version;
        vm.prank(address(vault));
        house.flagCredit(alice, false);
        assertEq(house.accountOf(alice).version, version);
        vm.prank(address(vault));
        house.flagCredit(alice, true);
        assertEq(house.accountOf(alice).version, version + 1);
        vm.prank(address(vault));
        house.flagCredit(alice, true);
        assertEq(house.accountOf(alice).version, version + 1);
    }

    function test_trade_drawsCostsAndMargin_whenTheAccountHasOnlyCollateral() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        // 5 % of 200 000 and what size adds to it, deposit, edge and fee: all borrowed.
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        uint256 line = vault.lineOf(alice, MarginKind.Initial);
        assertEq(equity - int256(line), int256(required), "its own margin, to the unit");
        assertGt(vault.debtOf(alice), 10_000e18);
        assertEq(house.accountOf(alice).depositUsd, DEPOSIT_USD);
        _assertConserved(_creditUsers());
    }

    /// @dev Both sides of an agreed fill live on credit: edge, fees, deposits and margins are all drawn.
    function test_matchOrders_drawsCostsAndMarginOfBothSides() public {
        _pledge(alice, wbtc, 1e8);
        _pledge(bob, weth, 20e18);
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: alice,
                taker: bob,
                market: ETH,
                sizeDelta: 100e18,
                price: 2_010e18,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
        assertGt(vault.debtOf(bob), 11_000e18, "margin and the edge of 1 000");
        assertGt(vault.debtOf(alice), 10_000e18);
        AccountId[2] memory sides = [alice, bob];
        for (uint256 i; i < 2; ++i) {
            (int256 equity, uint256 required) = house.marginOf(sides[i], MarginKind.Initial);
            assertEq(equity - int256(vault.lineOf(sides[i], MarginKind.Initial)), int256(required));
        }
        _assertConserved(_creditUsers());
    }

    /// @dev Insurance premiums are drawn like every other cost, and margin is still the account's own afterwards.
    function test_trade_drawsThePremium_whenTheAccountHasNoCash() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0, 0, 0, 0, 0.001e18));
        _pledge(alice, wbtc, 1e8);
        uint256 before = _cash(house.systemAccountOf(ETH, 3));
        (, uint256 fee) = _trade(alice, ETH, 100e18);
        uint256 premium = _cash(house.systemAccountOf(ETH, 3)) - before - fee / 5;
        assertGt(premium, 100e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity - int256(vault.lineOf(alice, MarginKind.Initial)), int256(required));
        assertGt(vault.debtOf(alice), required + fee + premium);
        _assertConserved(_creditUsers());
    }

    function test_trade_revertsWhenTheLineIsTooShort() public {
        _pledge(alice, wbtc, 0.1e8);
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        _trade(alice, ETH, 100e18);
    }

    function test_withdraw_drawsWhatMarginThenLacks() public {
        _open(alice, ETH, 20_000e18, 100e18);
        _pledge(alice, wbtc, 1e8);
        uint256 free = house.freeCashOf(alice);
        assertGt(free, 15_000e18, "all its cash: the line stands for the margin");
        _withdraw(alice, 15_000e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity - int256(vault.lineOf(alice, MarginKind.Initial)), int256(required));
        assertGt(vault.debtOf(alice), 5_000e18);
        _assertConserved(_creditUsers());
    }

    function test_settle_drawsLossesAndRepaysFromGains() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 20e18);
        _fund(bob, 100_000e18);
        _trade(bob, ETH, -20e18);
        uint256 debt = vault.debtOf(alice);
        _wait(ETH, 1_800, 1_200);
        _collateralPrices(40_000, 2_000);
        _settle(alice);
        assertGt(vault.debtOf(alice), debt + 1_500e18, "the loss was drawn");
        assertEq(house.portfolioOf(alice, MarginKind.Maintenance).exposures[0].valueUsd, int256(0), "settled");
        debt = vault.debtOf(alice);
        _wait(ETH, 2_200, 1_800);
        _collateralPrices(40_000, 2_000);
        _settle(bob);
        _settle(alice);
        assertLt(vault.debtOf(alice), debt - 4_000e18, "the gain repaid");
        _assertConserved(_creditUsers());
    }

    function test_repayCredit_keepsInitialMargin_whenAnybodyCalls() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        uint256 debt = vault.debtOf(alice);
        vm.prank(makeAddr("stranger"));
        assertEq(house.repayCredit(alice, type(uint256).max), 0, "its margin needs all of it");
        _fund(alice, 3_000e18);
        vm.prank(makeAddr("stranger"));
        assertEq(house.repayCredit(alice, type(uint256).max), 3_000e18);
        assertEq(vault.debtOf(alice), debt - 3_000e18);
        vm.prank(alice.owner());
        assertGt(house.repayCredit(alice, type(uint256).max), 5_000e18, "the owner may trust the line instead");
        _assertConserved(_creditUsers());
    }

    function test_liquidate_countsTheLineAndDrawsTheLoss() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        _price(ETH, 1_850);
        _collateralPrices(40_000, 2_000);
        assertGt(_health(alice), 1e18, "the line stands for what is lost");
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Healthy));
        _price(ETH, 1_690);
        _collateralPrices(40_000, 2_000);
        assertLt(_health(alice), 1e18);
        uint256 health = _health(alice);
        plan = house.liquidate(alice, ETH, keeper);
        assertGt(plan.closeSize, 0);
        assertGt(_health(alice), health, "LIQ-2");
        assertApproxEqAbs(vault.lineOf(alice, MarginKind.Initial), 33_600e18 - vault.debtOf(alice), 2);
        _assertConserved(_creditUsers());
    }

    function test_resolve_pullsTheLineBeforeItIsADeficit() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        _open(bob, ETH, 100_000e18, -100e18);
        uint256 fund = _cash(_fundAccount());
        _price(ETH, 1_600);
        _collateralPrices(40_000, 2_000);
        assertLt(_equity(alice), int256(0));
        _resolve(alice);
        assertEq(vault.lineOf(alice, MarginKind.Initial), 0, "all of it drawn");
        assertApproxEqAbs(vault.debtOf(alice) - vault.deficitOf(alice), 33_600e18, 2);
        // 40 000 lost, 33 600 of credit: the rest is the deficit.
        assertApproxEqAbs(vault.deficitOf(alice), 6_500e18, 100e18);
        assertLt(fund - _cash(_fundAccount()), 7_500e18);
        _assertConserved(_creditUsers());
    }

    function _fundAccount() private view returns (AccountId) {
        return AccountId.wrap(uint256(uint160(insurance)) << 96);
    }

    /// @dev Accounts without collateral pay nothing for credit: the vault is never asked.
    function test_trade_asksTheVaultForNobodyElse() public {
        vm.mockCallRevert(address(vault), vault.lineOf.selector, "asked");
        vm.mockCallRevert(address(vault), vault.drawFor.selector, "asked");
        _open(bob, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        house.liquidate(bob, ETH, keeper);
        _settle(bob);
        _price(ETH, 1_700);
        _resolve(bob);
        _assertConserved(_creditUsers());
    }
}
