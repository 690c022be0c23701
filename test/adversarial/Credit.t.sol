// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {CreditFixture} from "../support/CreditFixture.sol";
import {ITokenControl} from "../support/HouseFixture.sol";

interface IHooked {
    function setHook(address target, bytes calldata data) external;

    function hookCalls() external view returns (uint256);

    function lastHookSucceeded() external view returns (bool);

    function lastHookResult() external view returns (bytes memory);
}

/// @notice Attacks on lenders, on accounts that live on credit, and through the collateral tokens.
contract Credit_Test is CreditFixture {
    function _hooked() private returns (ITokenControl asset) {
        asset = ITokenControl(deploy("HookedToken", abi.encode(uint8(18))));
        vault.setCollateralTerms(address(asset), _collateralTerms(41, 1_000e18));
    }

    /* TOKENS */

    function test_depositCollateral_countsOnce_whenTheTokenCallsBack() public {
        ITokenControl asset = _hooked();
        asset.mint(alice.owner(), 20e18);
        // The token itself may act for alice, as if she had called in the middle.
        vm.prank(alice.owner());
        house.setDelegate(alice, address(asset), 3);
        vm.startPrank(alice.owner());
        asset.approve(address(vault), 20e18);
        IHooked(address(asset)).setHook(
            address(vault),
            abi.encodeCall(vault.depositCollateral, (address(asset), 1e18, alice))
        );
        vault.depositCollateral(address(asset), 10e18, alice);
        vm.stopPrank();
        assertEq(IHooked(address(asset)).hookCalls(), 1);
        assertFalse(IHooked(address(asset)).lastHookSucceeded());
        assertEq(
            IHooked(address(asset)).lastHookResult(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(vault.collateralOf(alice, address(asset)), 10e18);
    }

    function test_withdrawCollateral_lendsNothingOnTheWayOut_whenTheTokenCallsBack() public {
        ITokenControl asset = _hooked();
        _pledge(alice, asset, 10e18);
        vm.prank(alice.owner());
        house.setDelegate(alice, address(asset), 3);
        IHooked(address(asset)).setHook(address(house), abi.encodeCall(house.drawCredit, (alice, 1e18)));
        vm.prank(alice.owner());
        vault.withdrawCollateral(address(asset), 10e18, alice, alice.owner());
        assertEq(IHooked(address(asset)).hookCalls(), 1);
        assertFalse(IHooked(address(asset)).lastHookSucceeded(), "it is gone from the books before it leaves");
        assertEq(_cash(alice), 0);
    }

    function test_depositCollateral_revertsWhenTheTokenReturnsFalse() public {
        ITokenControl asset = ITokenControl(deploy("FalseReturningToken", abi.encode(uint8(18))));
        vault.setCollateralTerms(address(asset), _collateralTerms(41, 1_000e18));
        asset.mint(alice.owner(), 1e18);
        vm.startPrank(alice.owner());
        asset.approve(address(vault), 1e18);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(asset)));
        vault.depositCollateral(address(asset), 1e18, alice);
        vm.stopPrank();
    }

    /* LENDERS */

    /// @dev A run of the lenders takes what nobody has drawn. Margin in use has been drawn, so it liquidates nobody at an unchanged price.
    function test_withdraw_liquidatesNobody_whenLendersRun() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        uint256 most = vault.maxRedeem(lender);
        vm.prank(lender);
        vault.redeem(most, lender, lender);
        assertLe(vault.lineOf(alice, MarginKind.Initial), 2e12, "no line is left");
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertGe(equity, int256(required), "alice has her initial margin in cash");
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(plan.closeSize, 0);
        _assertConserved(_creditUsers());
    }

    /// @dev Another account drawing all there is does the same to her as a run.
    function test_drawCredit_liquidatesNobody_whenAnotherDrawsEverything() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        _pledge(bob, wbtc, 100e8);
        _draw(bob, vault.cashUsd());
        assertEq(vault.lineOf(alice, MarginKind.Initial), 0);
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0);
        _assertConserved(_creditUsers());
    }

    /// @dev Paying into the vault makes a line real only while the money is there; a liquidation it prevents is none that was due.
    function test_deposit_makesALineOnlyWhileTheMoneyIsThere() public {
        _pledge(bob, wbtc, 100e8);
        _draw(bob, LENT_USD);
        _open(alice, ETH, 10_000e18, 80e18);
        _pledge(alice, wbtc, 1e8);
        _price(ETH, 1_925);
        _collateralPrices(40_000, 2_000);
        assertLt(_health(alice), 1e18, "no cash, no line");
        _lend(carol.owner(), 50_000e18);
        assertGt(_health(alice), 1e18);
        vm.startPrank(carol.owner());
        vault.redeem(vault.maxRedeem(carol.owner()), carol.owner(), carol.owner());
        vm.stopPrank();
        assertLt(_health(alice), 1e18);
        assertGt(house.liquidate(alice, ETH, keeper).closeSize, 0);
        _assertConserved(_creditUsers());
    }

    /* FEEDS */

    /// @dev PRICE-1: a silent collateral feed neither liquidates nor seizes; it only ends new draws.
    function test_liquidate_closesNothing_whenOnlyTheCollateralFeedIsSilent() public {
        _pledge(alice, wbtc, 1e8);
        _trade(alice, ETH, 100e18);
        _price(ETH, 1_850);
        skipSeconds(3_590);
        _price(ETH, 1_850);
        assertEq(vault.valueOf(alice, MarginKind.Initial), 0, "stale");
        assertGt(_health(alice), 1e18);
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0);
        vm.expectPartialRevert(ICollateralAuction.CollateralPriceNotValid.selector);
        auction.start(alice, address(wbtc));
        _assertConserved(_creditUsers());
    }

    /// @dev A donor who stops interest by paying cash in pays for it.
    function test_accrue_losesNothing_whenDonationsLowerTheUtilization() public {
        _pledge(alice, wbtc, 100e8);
        _draw(alice, 800_000e18);
        skipSeconds(365 days);
        uint256 before = vault.totalAssets();
        _fund(vault.lenders(), 1_000_000e18);
        assertGt(vault.totalAssets(), before + 900_000e6, "worth more to lenders than the interest it saves");
    }

    /* CRASHES */

    /// @dev CREDIT-3: a collateral that falls through the floor of its auction costs the lenders, and nobody else a cent.
    function test_take_neverReachesTraders_whenTheCollateralCollapses() public {
        _pledge(alice, wbtc, 10e8);
        _draw(alice, 290_000e18);
        _withdraw(alice, 280_000e18);
        _trade(alice, ETH, 50e18);
        _open(bob, ETH, 20_000e18, -50e18);
        _open(carol, BTC, 20_000e18, 1e18);
        int256 bobBefore = _equity(bob);
        int256 carolBefore = _equity(carol);
        uint256 fundBefore = _cash(accountIdOf(insurance, 0));
        uint256 poolsBefore = _cash(pools[0]) + _cash(pools[1]);
        uint256 aliceBefore = _cash(alice);
        skipSeconds(12);
        _collateralPrices(18_000, 2_000);
        auction.start(alice, address(wbtc));
        skipSeconds(60);
        _collateralPrices(8_000, 2_000);
        skipSeconds(30);
        _take(alice, wbtc, 4e8);
        _take(alice, wbtc, type(uint256).max);
        assertEq(vault.collateralOf(alice, address(wbtc)), 0, "all of it sold");
        uint256 owed = vault.debtOf(alice);
        assertGt(owed, 200_000e18);
        vault.writeOff(alice);
        assertEq(vault.totalDebtUsd(), 0);
        assertLt(vault.totalAssets(), 800_000e6, "the lenders bear it");
        assertEq(_equity(bob), bobBefore, "bob");
        assertApproxEqAbs(_equity(carol), carolBefore, 1e15, "carol: but for her funding");
        assertEq(_cash(accountIdOf(insurance, 0)), fundBefore, "insurance");
        assertEq(_cash(pools[0]) + _cash(pools[1]), poolsBefore, "pools");
        assertEq(house.marketOf(ETH).pendingLossUsd + house.marketOf(ETH).uncollectedLossUsd, 0);
        // What her margin does not need has gone to the lenders; the rest still carries her position.
        assertLt(_cash(alice), aliceBefore);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity, int256(required));
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0);
        _assertConserved(_creditUsers());
    }
}
