// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice The backstop pool empty, nearly empty, and with less than nothing.
contract BackstopPool_ends_Test is BackstopScenarios {
    /// @dev Only a test can: the pool's cash leaves.
    function _drain(uint256 amountUsd) private {
        vm.prank(address(pool));
        house.withdraw(poolAccount, amountUsd, address(0xd7a1));
    }

    /// @dev The resolution account of BTC holds 25 long at 32 000; bob is short 25.
    function _strandBtc() private returns (AccountId resolution) {
        _open(alice, BTC, 60_000e18, 25e18);
        _open(bob, BTC, 60_000e18, -25e18);
        _price(BTC, 32_000);
        _resolve(alice);
        resolution = house.systemAccountOf(BTC, 0);
        assertEq(_size(resolution, BTC), int256(25e18));
    }

    /* REVERTS */

    function test_withdraw_revertsWhenThePoolIsEmpty() public {
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, lena, 1e18, 0));
        vm.prank(lena);
        vault.withdraw(1e18, lena, lena);
    }

    function test_deposit_revertsWhenAUnitBuysNoShare() public {
        _stake(lena, 100e18);
        _fund(poolAccount, 100e18);
        _approved(luis, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 1, 0));
        vm.prank(luis);
        vault.deposit(1, luis);
    }

    function test_redeem_revertsWhenAShareIsWorthNoUnit() public {
        _stake(lena, 100e18);
        _cool(lena, 100e18);
        _passCooldown(2_000, 40_000);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 0, 1));
        _redeem(lena, 1);
    }

    function test_deposit_revertsWhenThePoolIsDepleted() public {
        _stake(lena, 10_000e18);
        _drain(9_990e18);
        assertGt(vault.maxDeposit(luis), 0, "a thousandth of the first price");
        _drain(1e18);
        assertEq(vault.maxDeposit(luis), 0);
        assertEq(vault.maxMint(luis), 0);
        _approved(luis, 10e18);
        vm.expectRevert(abi.encodeWithSelector(IBackstopPool.BackstopDepleted.selector, int256(9e18), 10_000e18));
        vm.prank(luis);
        vault.deposit(10e18, luis);
    }

    /// @dev A planner that plans otherwise when it acts than when it is asked.
    function test_take_revertsWhenTheHouseTakesNothing() public {
        _stake(lena, 1_000_000e18);
        _ripe();
        ILiquidationEngine.TakeOverPlan memory nothing;
        nothing.code = ILiquidationEngine.PlanCode.Paced;
        vm.mockCall(address(house), abi.encodeWithSelector(house.takeOver.selector), abi.encode(nothing));
        vm.expectRevert(_refused(alice, ETH, IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced));
        pool.take(alice, ETH);
    }

    /* SUCCESS */

    function test_previewWithdraw_isNothing_whenNothingIsAskedOfAnEmptyPool() public view {
        assertEq(vault.previewWithdraw(0), 0);
        assertEq(vault.previewWithdraw(1e18), type(uint256).max);
    }

    /// @dev Ten times its equity, and a fall by a seventh.
    function test_checkpoint_recordsAPriceOfZero_whenThePoolOwesMoreThanItHas() public {
        pool.setMaxLeverage(10e18);
        _stake(lena, 6_000e18);
        _ripe();
        _poolTakes(alice, ETH);
        assertGt(_size(poolAccount, ETH), 25e18);
        _price(ETH, 1_600);
        assertLt(_equityOfPool(), 0);
        assertEq(pool.valuation().payableUsd, 0);
        assertEq(vault.maxDeposit(luis), 0);
        assertEq(vault.totalAssets(), 0);
        _approved(luis, 10e18);
        vm.expectPartialRevert(IBackstopPool.BackstopDepleted.selector);
        vm.prank(luis);
        vault.deposit(10e18, luis);
        pool.checkpoint();
        assertEq(_lastPoint().sharePrice, 0);
        assertGt(_lastPoint().lossUsd, 6_000e18);
    }

    /// @dev A position in a market that is not the first: fresh prices are asked of that one.
    function test_maxRedeem_isZero_whenAPriceIsOlderThanTwoMinutes() public {
        _stake(lena, 1_000_000e18);
        _poolTakes(_strandBtc(), BTC);
        assertEq(_size(poolAccount, BTC), int256(25e18));
        _stake(luis, 1_000e18);
        _cool(lena, 1_000_000e18);
        _passCooldown(2_000, 32_000);
        assertGt(vault.maxRedeem(lena), 0);
        skipSeconds(MAX_PRICE_AGE);
        assertGt(vault.maxRedeem(lena), 0);
        skipSeconds(1);
        assertEq(vault.maxRedeem(lena), 0);
        assertEq(vault.maxWithdraw(lena), 0);
    }

    /// @dev Asked directly, the house gives the backstop no better price than anybody as long as it is not its turn.
    function test_takeOver_givesTheBackstopNoHeadStart_whenItIsNotItsTurn() public {
        _stake(lena, 1_000_000e18);
        _distressDeeply();
        _mark(alice);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = poolAccount;
        vm.prank(address(pool));
        ILiquidationEngine.TakeOverPlan memory plan = house.takeOver(request);
        assertGt(plan.takeSize, 0);
        assertEq(plan.elapsedSeconds, 0);
        assertEq(plan.discountUsd, 0);
    }
}
