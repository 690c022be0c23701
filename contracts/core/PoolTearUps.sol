// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Distress} from "./Distress.sol";
import {HouseState} from "./HouseState.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {TakeOvers} from "./TakeOvers.sol";
import {Touching} from "./Touching.sol";

/// @title Tear-ups against a pool: asking the engine for its plan
/// @notice The one place where the plan is made, for what acts and for the preview.
library PoolTearUps {
    using FixedPoint for int256;

    /// @dev The engine's plan for a gathered pool. Units that truncation left are worth no event: every position would have to apply it.
    function planFor(
        HouseState storage state,
        Work memory work,
        MarketId id,
        uint256 graceUsd
    ) internal view returns (ILiquidationEngine.PoolPlan memory plan) {
        uint256 index = Touching.indexOf(work, id);
        Holding memory holding = work.holdings[index];
        uint256 lotSize = state.markets[id].lotSize;
        if (holding.leg.size.magnitude() < lotSize) plan.code = ILiquidationEngine.PlanCode.NoPosition;
        else plan.code = TakeOvers.refusalOf(holding);
        if (!TakeOvers.acts(plan.code)) return plan;
        return
            state.liquidation.planPool(
                Settlement.portfolioOf(state, work, MarginKind.Maintenance),
                index,
                graceUsd,
                lotSize,
                _elapsedOf(state, work)
            );
    }

    /// @dev {s}, for how long the pool has been marked and not been torn up against.
    function _elapsedOf(HouseState storage state, Work memory work) private view returns (uint256) {
        uint256 untouched = block.timestamp - work.header.slicedAt;
        return Math.min(untouched, Distress.elapsedOf(state, work.account, work.header));
    }

    /// @dev Says why a plan does not act.
    function requireDue(MarketId id, ILiquidationEngine.PoolPlan memory plan) internal view {
        if (TakeOvers.acts(plan.code)) return;
        if (plan.code == ILiquidationEngine.PlanCode.Paced) {
            revert IClearingHouse.PoolTearUpTooEarly(id, plan.allowedAt, block.timestamp);
        }
        if (plan.code == ILiquidationEngine.PlanCode.Bankrupt) revert IClearingHouse.PoolBankrupt(id, plan.equityUsd);
        revert IClearingHouse.PoolNotDistressed(id, plan.equityUsd, plan.maintenanceUsd);
    }
}
