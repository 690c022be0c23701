// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

/// @notice How much of a pool's position closes at the index: no more than its target needs, to the lot.
contract LiquidationEngine_planPool_Test is LiquidationEngineTest {
    uint256 private constant LOT = 0.001e18;
    uint256 private constant WAIT = 20;

    function _plan(int256 size, int256 equity) private view returns (ILiquidationEngine.PoolPlan memory) {
        return engine.planPool(anAccount(size, equity), 0, 0, LOT, WAIT);
    }

    function _code(ILiquidationEngine.PoolPlan memory plan) private pure returns (uint256) {
        return uint256(plan.code);
    }

    function test_planPool_revertsWhenTermsWereNeverSet() public {
        MarketId unset = MarketId.wrap(9);
        IRiskEngine.RiskTerms memory terms = ethRisk();
        risk.setRiskTerms(unset, terms);
        Portfolio memory pool = anAccount(-1_000e18, 1e18);
        pool.exposures[0].market = unset;
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.LiquidationTermsNotSet.selector, unset));
        engine.planPool(pool, 0, 0, LOT, WAIT);
    }

    function test_planPool_isHealthyFromMaintenanceMarginOn() public view {
        (, uint256 required) = risk.assess(anAccount(-1_000e18, 0), MarginKind.Maintenance);
        ILiquidationEngine.PoolPlan memory plan = _plan(-1_000e18, int256(required));
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(plan.equityUsd, int256(required));
        assertEq(plan.maintenanceUsd, required);
        assertEq(plan.closeSize + plan.allowedAt, 0);
        assertEq(_code(_plan(-1_000e18, int256(required) - 1)), uint256(ILiquidationEngine.PlanCode.Partial));
    }

    function test_planPool_countsGraceBack() public view {
        (, uint256 required) = risk.assess(anAccount(1_000e18, 0), MarginKind.Maintenance);
        Portfolio memory pool = anAccount(1_000e18, int256(required) - 5);
        assertEq(_code(engine.planPool(pool, 0, 4, LOT, WAIT)), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(_code(engine.planPool(pool, 0, 5, LOT, WAIT)), uint256(ILiquidationEngine.PlanCode.Healthy));
        pool = anAccount(1_000e18, -5);
        assertEq(_code(engine.planPool(pool, 0, 4, LOT, WAIT)), uint256(ILiquidationEngine.PlanCode.Bankrupt));
        assertEq(_code(engine.planPool(pool, 0, 5, LOT, WAIT)), uint256(ILiquidationEngine.PlanCode.Healthy));
    }

    function test_planPool_saysWhy_whenNothingCanBeDone() public view {
        assertEq(_code(_plan(0, 1e18)), uint256(ILiquidationEngine.PlanCode.NoPosition));
        Portfolio memory pool = anAccount(1e18, 1);
        pool.exposures[0].status = PriceStatus.Stale;
        assertEq(_code(engine.planPool(pool, 0, 0, LOT, WAIT)), uint256(ILiquidationEngine.PlanCode.PriceNotValid));
    }

    /// @dev Twice w₀, which is 10 s.
    function test_planPool_isPacedForTwoWindows() public view {
        Portfolio memory pool = anAccount(-1_000e18, 1_000e18);
        uint256 now_ = vm.getBlockTimestamp();
        ILiquidationEngine.PoolPlan memory early = engine.planPool(pool, 0, 0, LOT, 19);
        assertEq(_code(early), uint256(ILiquidationEngine.PlanCode.Paced));
        assertEq(early.allowedAt, now_ + 1);
        assertEq(engine.planPool(pool, 0, 0, LOT, 0).allowedAt, now_ + 20);
        ILiquidationEngine.PoolPlan memory due = engine.planPool(pool, 0, 0, LOT, 20);
        assertEq(_code(due), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(due.allowedAt, now_);
        assertEq(due.closeSize, early.closeSize, "the same, later");
        assertEq(engine.planPool(pool, 0, 0, LOT, 120).allowedAt, now_ - 100);
    }

    function test_planPool_closesAll_whenNothingIsLeft() public view {
        ILiquidationEngine.PoolPlan memory plan = _plan(-1_000.0005e18, 0);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 1_000.0005e18, "a rest of a lot too");
    }

    /// @dev By hand: without a slope 1 000 000 USD at 3 % and τ = 1.15; 17 250 USD carry 500 000.
    function test_planPool_leavesWhatEquityCovers() public {
        IRiskEngine.RiskTerms memory terms = ethRisk();
        terms.sizeSlope = 0;
        risk.setRiskTerms(ETH, terms);
        ILiquidationEngine.PoolPlan memory plan = _plan(int256((1_000_000e18 * 1e18) / PRICE), 17_250e18 + 4);
        assertEq(plan.closeSize, (500_000e18 * 1e18) / PRICE);
    }

    /// @dev Were it in another market too, that one's margin would have to be there as well.
    function test_planPool_countsOtherMarkets() public view {
        Portfolio memory pool = anAccount(-1_000e18, 30_000e18);
        Portfolio memory both = Portfolio({cashUsd: 0, creditLineUsd: 0, exposures: new Exposure[](2)});
        (both.exposures[0], both.exposures[1]) = (pool.exposures[0], anAccount(-1_000e18, 0).exposures[0]);
        uint256 alone = engine.planPool(pool, 0, 0, LOT, WAIT).closeSize;
        ILiquidationEngine.PoolPlan memory plan = engine.planPool(both, 0, 0, LOT, WAIT);
        assertGt(plan.closeSize, alone);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Full), "none of it can stay");
    }

    /// @dev The closed form against the requirement itself: what is left meets the target, one lot less closed would not.
    function testFuzz_planPool_meetsTheTargetAndNoMore(
        uint256 size,
        uint256 equity,
        uint256 depth,
        uint256 slope,
        uint256 lots,
        bool isLong
    ) public {
        IRiskEngine.RiskTerms memory terms = ethRisk();
        terms.sizeSlope = bound(slope, 0, 50_000_000) * 1e9;
        risk.setRiskTerms(ETH, terms);
        uint256 lot = 10 ** bound(lots, 13, 19);
        uint256 whole = bound(size, 2 * lot, 10_000_000e18);
        Portfolio memory pool = anAccount(isLong ? int256(whole) : -int256(whole), 0);
        pool.exposures[0].depthUsd = bound(depth, 1e18, 1_000_000_000e18);
        (, uint256 required) = risk.assess(pool, MarginKind.Maintenance);
        equity = bound(equity, 0, required - 1);
        pool.exposures[0].valueUsd = int256(equity);
        ILiquidationEngine.PoolPlan memory plan = engine.planPool(pool, 0, 0, lot, WAIT);
        assertGe(_code(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertGt(plan.closeSize, 0);
        assertLe(plan.closeSize, whole);
        if (plan.closeSize != whole) {
            assertEq(plan.closeSize % lot, 0, "whole lots");
            assertGe(equity, _aimAfter(pool, whole - plan.closeSize), "the target is met");
        }
        uint256 less = plan.closeSize == whole ? whole - ((whole - 1) / lot) * lot : lot;
        if (plan.closeSize > less) {
            assertLt(equity, _aimAfter(pool, whole - plan.closeSize + less) + 8, "one lot less would miss it");
        }
    }

    /// @dev τ·MM of the pool with `size` left. D18{USD}, rounded up
    function _aimAfter(Portfolio memory pool, uint256 size) private view returns (uint256) {
        Portfolio memory rest = Portfolio({cashUsd: 0, creditLineUsd: 0, exposures: new Exposure[](1)});
        rest.exposures[0] = pool.exposures[0];
        rest.exposures[0].size = int256(size);
        (, uint256 required) = risk.assess(rest, MarginKind.Maintenance);
        return (required * 115 + 99) / 100;
    }
}
