// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {Exposure, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

/// @notice What the planner refuses, whoever asks.
contract LiquidationEngine_refusals_Test is LiquidationEngineTest {
    function _assertCode(ILiquidationEngine.PlanCode code, ILiquidationEngine.PlanCode expected) private pure {
        assertEq(uint256(code), uint256(expected));
    }

    /// @dev Long 250 ETH at 4 000 USD; 30 500 USD are required, 27 450 there.
    function _distressed() private pure returns (Portfolio memory) {
        return anAccount(250e18, 27_450e18);
    }

    function test_cutPlan_isUnaffordable_whenThePriceCostsMoreThanTheHealthAllows() public view {
        Portfolio memory portfolio = _distressed();
        ILiquidationEngine.MarketState memory market = aMarket();
        ILiquidationEngine.Plan memory planned = engine.plan(portfolio, 0, 0, market);
        Exposure memory exposure = portfolio.exposures[0];
        ILiquidationEngine.Plan memory cut = engine.cutPlan(planned, exposure, market, 1e18, PRICE);
        _assertCode(cut.code, ILiquidationEngine.PlanCode.Partial);
        cut = engine.cutPlan(planned, exposure, market, 1e18, PRICE / 2);
        _assertCode(cut.code, ILiquidationEngine.PlanCode.Unaffordable);
        assertEq(cut.closeSize, 0);
        assertEq(cut.penaltyUsd, 0);
    }

    function test_planTakeOver_isRefused_whenThereIsNoPositionOrPrice() public view {
        Portfolio memory portfolio = _distressed();
        portfolio.exposures[0].status = PriceStatus.Stale;
        ILiquidationEngine.TakeOverPlan memory plan = engine.planTakeOver(portfolio, 0, 0, aMarket(), 90, 250e18);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.PriceNotValid);
        portfolio.exposures[0].size = 0;
        plan = engine.planTakeOver(portfolio, 0, 0, aMarket(), 90, 250e18);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.NoPosition);
        assertEq(plan.takeSize, 0);
    }

    function test_planInventory_isRefused_whenThereIsNoPositionOrPrice() public view {
        Exposure memory exposure = _distressed().exposures[0];
        ILiquidationEngine.TakeOverPlan memory plan = engine.planInventory(exposure, aMarket(), 0.001e18, 90, 1e18);
        assertEq(plan.takeSize, 1e18);
        exposure.status = PriceStatus.Stale;
        plan = engine.planInventory(exposure, aMarket(), 0.001e18, 90, 1e18);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.PriceNotValid);
        exposure.size = 0;
        plan = engine.planInventory(exposure, aMarket(), 0.001e18, 90, 1e18);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.NoPosition);
        assertEq(plan.takeSize, 0);
    }

    /// @dev A market that the account has a claim in only says why it is left out.
    function test_planTakeOverWhole_takesTheOthers_whenAMarketHasNoSize() public view {
        Portfolio memory deep = anAccount(250e18, 5_000e18);
        Portfolio memory portfolio = Portfolio(deep.cashUsd, deep.creditLineUsd, new Exposure[](2));
        portfolio.exposures[0] = anAccount(0, 0).exposures[0];
        portfolio.exposures[1] = deep.exposures[0];
        ILiquidationEngine.MarketState[] memory states = new ILiquidationEngine.MarketState[](2);
        (states[0], states[1]) = (aMarket(), aMarket());
        (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) = engine
            .planTakeOverWhole(portfolio, 0, states, 90);
        _assertCode(total.code, ILiquidationEngine.PlanCode.Full);
        _assertCode(parts[0].code, ILiquidationEngine.PlanCode.NoPosition);
        assertEq(parts[1].takeSize, 250e18);
        assertEq(total.discountUsd, parts[1].discountUsd);
    }

    /// @dev 5.2M USD with a rest below the market's minimum: more than two capacities of 2.5M, so it is sliced nevertheless.
    function test_plan_slicesARestBelowTheMinimum_whenTwoCapacitiesDoNotCoverIt() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.minNotionalUsd = 10_000_000e18;
        ILiquidationEngine.Plan memory plan = engine.plan(anAccount(1_300e18, 150_000e18), 0, 0, market);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.Partial);
        assertLt(plan.closeSize, 300e18, "a third of a capacity");
        plan = engine.plan(anAccount(1_250e18, 140_000e18), 0, 0, market);
        _assertCode(plan.code, ILiquidationEngine.PlanCode.Full);
    }
}
