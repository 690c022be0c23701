// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {ICollateralAuction} from "../../../contracts/interfaces/ICollateralAuction.sol";
import {ILens} from "../../../contracts/interfaces/ILens.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";

/// @notice Every way out of an account and of a market's inventory, in one read of a house with a backstop and without credit.
contract LensRoutes_Test is BackstopScenarios {
    ILens private lens;

    function setUp() public override {
        super.setUp();
        lens = ILens(deploy("Lens", abi.encode(house)));
        _stake(lena, 500_000e18);
    }

    function test_routesOf_showsEachWayAsTheHouseDoes() public {
        _ripe();
        ILens.AccountRoutes memory routes = lens.routesOf(alice);
        assertEq(routes.report.positions.length, 1);
        assertEq(routes.positions.length, 1);
        assertTrue(routes.positions[0].market == ETH);
        assertEq(_hash(abi.encode(routes.report)), _hash(abi.encode(lens.accountReport(alice))));
        assertEq(_hash(abi.encode(routes.positions[0].pacing)), _hash(abi.encode(house.previewPacing(alice, ETH))));
        assertEq(_hash(abi.encode(routes.positions[0].backstop)), _hash(abi.encode(pool.previewTake(alice, ETH))));
        assertTrue(routes.positions[0].backstop.refusal == IBackstopPool.BidRefusal.None, "it bids");
        assertGt(routes.positions[0].backstop.plan.takeSize, 0);
        assertEq(routes.positions[0].pacingFailure, "");
        assertEq(routes.positions[0].backstopFailure, "");
        assertEq(routes.credit.collateral.length, 0, "no vault");
        assertEq(routes.creditFailure, "");
    }

    function test_routesOf_isEmpty_whenTheAccountHasNoPosition() public view {
        assertEq(lens.routesOf(carol).positions.length, 0);
    }

    /// @dev One that fails says why, and hides nothing else.
    function test_routesOf_keepsTheOthers_whenOneFails() public {
        _ripe();
        bytes memory reason = abi.encodeWithSelector(ILiquidationEngine.AuctionTermsNotSet.selector, ETH);
        vm.mockCallRevert(address(pool), abi.encodeCall(pool.previewTake, (alice, ETH)), reason);
        ILens.AccountRoutes memory routes = lens.routesOf(alice);
        assertEq(routes.positions[0].backstopFailure, reason);
        assertGt(routes.positions[0].pacing.capacityUsd, 0);
    }

    function test_marketRoutesOf_showsEachWayAsTheHouseDoes() public {
        AccountId resolution = _strand();
        skipSeconds(30);
        ILens.MarketRoutes memory routes = lens.marketRoutesOf(ETH);
        assertEq(_hash(abi.encode(routes.report)), _hash(abi.encode(lens.marketReport(ETH))));
        assertEq(_hash(abi.encode(routes.inventory)), _hash(abi.encode(house.previewInventory(ETH))));
        assertEq(_hash(abi.encode(routes.backstop)), _hash(abi.encode(pool.previewTake(resolution, ETH))));
        assertLt(routes.inventory.unwindDelta, 0);
        assertEq(routes.inventoryFailure, "");
        assertEq(routes.backstopFailure, "");
    }

    function test_marketRoutesOf_keepsTheOthers_whenOneFails() public {
        AccountId resolution = _strand();
        vm.mockCallRevert(address(pool), abi.encodeCall(pool.previewTake, (resolution, ETH)), hex"");
        ILens.MarketRoutes memory routes = lens.marketRoutesOf(ETH);
        assertEq(routes.backstopFailure, abi.encodeWithSelector(ILens.ReadFailed.selector));
        assertEq(routes.inventory.size, int256(500e18));
    }

    function _hash(bytes memory data) private pure returns (bytes32) {
        return keccak256(data);
    }
}

/// @notice What the lens shows of accounts that live on credit.
contract LensCredit_Test is CreditFixture {
    ILens private lens;

    function setUp() public override {
        super.setUp();
        lens = ILens(deploy("Lens", abi.encode(house)));
    }

    /// @dev A silent feed's collateral keeps an account from being liquidated, not from being resolved.
    function test_accountReport_isResolvable_whenOnlyASilentFeedCarriesTheAccount() public {
        _pledge(alice, wbtc, 5e8);
        _open(bob, ETH, 50_000e18, -100e18);
        _trade(alice, ETH, 100e18);
        _price(ETH, 1_800);
        _collateralPrices(40_000, 2_000);
        assertFalse(lens.accountReport(alice).resolvable, "carried by a line that can be drawn");
        skipSeconds(12);
        wbtcFeed.push(1);
        ILens.AccountReport memory report = lens.accountReport(alice);
        assertGt(report.equityUsd, int256(report.maintenanceUsd), "nobody liquidates");
        assertTrue(report.resolvable);
        _resolve(alice);
        assertFalse(lens.accountReport(alice).resolvable);
    }

    function test_creditReport_showsDebtCollateralAndAuctions() public {
        _pledge(alice, wbtc, 5e8);
        _pledge(alice, weth, 2e18);
        _draw(alice, 160_000e18);
        _withdraw(alice, 160_000e18);
        skipSeconds(12);
        _collateralPrices(36_000, 2_000);
        auction.start(alice, address(wbtc));
        skipSeconds(45);
        _collateralPrices(36_000, 2_000);

        ILens.CreditReport memory report = lens.creditReport(alice);
        assertEq(report.debtUsd, vault.debtOf(alice));
        assertEq(report.valueUsd, vault.valueOf(alice, MarginKind.Maintenance));
        assertEq(report.lineUsd, 0);
        assertGt(report.debtUsd, report.valueUsd, "above the line");
        assertEq(report.collateral.length, 2);
        assertEq(report.collateral[0].asset, address(wbtc));
        assertEq(report.collateral[0].amountNative, 5e8);
        assertEq(report.collateral[0].expiresAt, report.collateral[0].startedAt + 270);
        ICollateralAuction.TakePlan memory plan = auction.previewTake(alice, address(wbtc), type(uint256).max);
        assertGt(plan.amountNative, 0);
        assertEq(report.collateral[0].take.amountNative, plan.amountNative);
        assertEq(report.collateral[0].take.paymentNative, plan.paymentNative);
        assertEq(report.collateral[1].asset, address(weth));
        assertEq(report.collateral[1].amountNative, 2e18);
        assertEq(report.collateral[1].startedAt, 0);
        assertEq(
            keccak256(abi.encode(lens.routesOf(alice).credit)),
            keccak256(abi.encode(report)),
            "among the routes too"
        );
    }

    /// @dev This house has no backstop pool.
    function test_routesOf_saysWhichModuleIsMissing() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 1e18);
        ILens.PositionRoutes memory routes = lens.routesOf(alice).positions[0];
        assertEq(routes.backstopFailure, abi.encodeWithSelector(ILens.ModuleMissing.selector, bytes32("backstop")));
        assertGt(routes.pacing.capacityUsd, 0);
    }

    function test_routesOf_saysWhyCreditIsNotKnown() public {
        bytes memory reason = abi.encodeWithSignature("Broken()");
        vm.mockCallRevert(address(vault), abi.encodeCall(vault.debtOf, (alice)), reason);
        assertEq(lens.routesOf(alice).creditFailure, reason);
    }
}
