// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILens} from "../../../contracts/interfaces/ILens.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LensTest} from "./LensTest.sol";

contract LensAccountsTest is LensTest {
    function test_accounts_revertsWhenPageTooLong() public {
        AccountId[] memory ids = new AccountId[](101);
        vm.expectRevert(abi.encodeWithSelector(ILens.PageTooLong.selector, 101, 100));
        lens.accounts(ids);
    }

    function test_accounts_isEmpty_whenNoneAsked() public view {
        assertEq(lens.accounts(new AccountId[](0)).length, 0);
    }

    function test_accounts_reportsEverything_whenHealthy() public {
        answerAccount(alice, 965e18, 400e18);
        ILens.AccountReport memory report = _only(alice);

        assertEq(AccountId.unwrap(report.account), AccountId.unwrap(alice));
        assertEq(report.failure, "");
        assertEq(report.marginFailure, "");
        assertEq(report.freeCashFailure, "");
        assertEq(report.state.cashUsd, 1_000e18);
        assertEq(report.state.version, 7);
        assertEq(report.freeCashUsd, 123e18);
        assertEq(report.equityUsd, 965e18);
        assertEq(report.maintenanceUsd, 400e18);
        assertEq(report.openingEquityUsd, 900e18);
        assertEq(report.initialUsd, 800e18);
        assertEq(report.health, 2.4125e18);
        assertFalse(report.resolvable);

        assertEq(report.positions.length, 2);
        assertTrue(report.positions[0].market == ETH);
        assertEq(report.positions[0].size, 2e18);
        assertEq(report.positions[0].quote, -6_050e18);
        assertEq(report.positions[0].pendingEvents, 0);
        assertTrue(report.positions[0].status == PriceStatus.Valid);
        assertEq(report.positions[0].price, 3_000e18);
        assertEq(report.positions[0].valueUsd, -50e18);
        assertTrue(report.positions[1].market == BTC);
        assertEq(report.positions[1].pendingEvents, 2);
        assertTrue(report.positions[1].status == PriceStatus.Stale);
        // Nobody asked for plans: the stand-in would have failed.
        assertEq(report.positions[0].planFailure, "");
        assertTrue(report.positions[0].plan.code == ILiquidationEngine.PlanCode.Healthy);
        assertEq(report.positions[0].plan.maintenanceUsd, 400e18);
    }

    /// @dev Regression: a position that events had emptied looked behind for ever, and keepers touched it for ever.
    function test_accounts_showsNoWaitingEvents_whenThePositionIsEmpty() public {
        answerAccount(alice, 965e18, 400e18);
        answerPosition(alice, BTC, 0, 0, 1);
        assertEq(_only(alice).positions[1].pendingEvents, 0);
    }

    /// @dev LIQ-1: healthy at exactly the maintenance margin.
    function test_accounts_asksForNoPlan_whenEquityEqualsMaintenance() public {
        answerAccount(alice, 400e18, 400e18);
        assertTrue(_only(alice).positions[0].plan.code == ILiquidationEngine.PlanCode.Healthy);
        assertEq(_only(alice).health, 1e18);
    }

    /// @dev LIQ-1: one wei below, the house's plan is reported.
    function test_accounts_reportsPlan_whenOneWeiBelowMaintenance() public {
        answerAccount(alice, 400e18 - 1, 400e18);
        answerPlan(alice, ETH, ILiquidationEngine.PlanCode.Partial);
        answerPlan(alice, BTC, ILiquidationEngine.PlanCode.PriceNotValid);
        ILens.AccountReport memory report = _only(alice);
        assertTrue(report.positions[0].plan.code == ILiquidationEngine.PlanCode.Partial);
        assertEq(report.positions[0].plan.closeSize, 5e17);
        assertTrue(report.positions[1].plan.code == ILiquidationEngine.PlanCode.PriceNotValid);
        assertLt(report.health, 1e18);
        assertFalse(report.resolvable);
    }

    function test_accounts_reportsResolvable_whenBankrupt() public {
        answerAccount(alice, -1, 400e18);
        answerPlan(alice, ETH, ILiquidationEngine.PlanCode.Bankrupt);
        answerPlan(alice, BTC, ILiquidationEngine.PlanCode.PriceNotValid);
        assertTrue(_only(alice).resolvable);
        assertEq(_only(alice).health, 0);
    }

    function test_accounts_reportsNotResolvable_whenBankruptInHaltedMarket() public {
        answerAccount(alice, -1, 400e18);
        answerPlan(alice, ETH, ILiquidationEngine.PlanCode.Bankrupt);
        answerPlan(alice, BTC, ILiquidationEngine.PlanCode.Halted);
        assertFalse(_only(alice).resolvable);
    }

    /// @dev A recent charge counts back: the planner then finds the account not bankrupt.
    function test_accounts_reportsNotResolvable_whenInGrace() public {
        answerAccount(alice, -1, 400e18);
        answerPlan(alice, ETH, ILiquidationEngine.PlanCode.Healthy);
        answerPlan(alice, BTC, ILiquidationEngine.PlanCode.PriceNotValid);
        assertFalse(_only(alice).resolvable);
    }

    function test_accounts_hasHighestHealth_whenNothingRequired() public {
        answerAccount(alice, 0, 0);
        assertEq(_only(alice).health, type(uint256).max);
    }

    function test_accounts_keepsPosition_whenNotJudgeable() public {
        answerAccount(alice, 0, 0);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.EventsPending.selector, alice, BTC, 20, 16);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.portfolioOf, (alice, MarginKind.Maintenance)), reason);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.freeCashOf, (alice)), reason);
        ILens.AccountReport memory report = _only(alice);
        assertEq(report.failure, "");
        assertEq(report.marginFailure, reason);
        assertEq(report.freeCashFailure, reason);
        assertEq(report.state.cashUsd, 1_000e18);
        assertEq(report.positions[1].size, -1e18);
        assertEq(report.positions[1].pendingEvents, 2);
        assertFalse(report.resolvable);
    }

    function test_accounts_marksPlan_whenPreviewReverts() public {
        answerAccount(alice, -1, 400e18);
        answerPlan(alice, ETH, ILiquidationEngine.PlanCode.Bankrupt);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, BTC);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.previewLiquidation, (alice, BTC)), reason);
        ILens.AccountReport memory report = _only(alice);
        assertEq(report.positions[1].planFailure, reason);
        assertEq(report.positions[0].planFailure, "");
        assertFalse(report.resolvable);
    }

    function test_accounts_marksMargin_whenInitialSideReverts() public {
        answerAccount(alice, 965e18, 400e18);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, BTC);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.marginOf, (alice, MarginKind.Initial)), reason);
        ILens.AccountReport memory report = _only(alice);
        assertEq(report.marginFailure, reason);
        assertEq(report.equityUsd, 965e18);
        assertEq(report.initialUsd, 0);
    }

    function test_accounts_keepsOthers_whenOneCannotBeRead() public {
        answerAccount(alice, 965e18, 400e18);
        AccountId broken = AccountId.wrap(99);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, broken);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.accountOf, (broken)), reason);
        AccountId[] memory ids = new AccountId[](3);
        (ids[0], ids[1], ids[2]) = (alice, broken, alice);
        ILens.AccountReport[] memory reports = lens.accounts(ids);
        assertEq(reports[0].equityUsd, 965e18);
        assertEq(AccountId.unwrap(reports[1].account), 99);
        assertEq(reports[1].failure, reason);
        assertEq(reports[2].equityUsd, 965e18);
        assertEq(reports[2].failure, "");
    }

    /// @dev O7: a module that burns all the gas it is given.
    function test_accounts_neverHasEmptyFailure_whenReadRunsOutOfGas() public {
        answerAccount(alice, 965e18, 400e18);
        AccountId burner = AccountId.wrap(98); // the house was told nothing of it: an invalid opcode
        AccountId[] memory ids = new AccountId[](2);
        (ids[0], ids[1]) = (burner, alice);
        ILens.AccountReport[] memory reports = lens.accounts{gas: 30_000_000}(ids);
        assertEq(reports[0].failure, abi.encodeWithSelector(ILens.ReadFailed.selector));
        assertEq(reports[1].failure, abi.encodeWithSelector(ILens.ReportNotReached.selector, alice));
    }

    function test_accounts_saysWhatWasNotReached_whenGasRunsShort() public {
        answerAccount(alice, 965e18, 400e18);
        AccountId[] memory ids = new AccountId[](100);
        for (uint256 i; i < 100; ++i) ids[i] = alice;
        ILens.AccountReport[] memory reports = lens.accounts{gas: 9_000_000}(ids);
        assertEq(reports[0].failure, "");
        assertEq(reports[0].equityUsd, 965e18);
        assertEq(reports[99].failure, abi.encodeWithSelector(ILens.ReportNotReached.selector, alice));
        assertEq(AccountId.unwrap(reports[99].account), AccountId.unwrap(alice));
    }

    function _only(AccountId account) private view returns (ILens.AccountReport memory) {
        AccountId[] memory ids = new AccountId[](1);
        ids[0] = account;
        return lens.accounts(ids)[0];
    }
}
