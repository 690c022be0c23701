// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

contract LiquidationEnginePlanTest is LiquidationEngineTest {
    /// @dev The example of the protocol's reference: D = $10M, N = $1M, H = 0.9 closes about $301k.
    function test_plan_closesReferenceExample() public view {
        int256 maintenance = 30_500e18;
        ILiquidationEngine.Plan memory plan = engine.plan(anAccount(250e18, (maintenance * 9) / 10), 0, 0, aMarket());
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.maintenanceUsd, 30_500e18);
        assertApproxEqAbs(plan.closeSize, 301_068e18 / 4_000, 0.001e18);
    }
}
