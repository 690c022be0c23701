// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Distress} from "./Distress.sol";
import {HouseState, MARKED} from "./HouseState.sol";
import {Liquidating, Proceeds} from "./Liquidating.sol";
import {PoolSide} from "./PoolFills.sol";
import {Positions} from "./Positions.sol";
import {Refunds} from "./Refunds.sol";
import {Settlement, Work} from "./Settlement.sol";
import {Observed, Touching} from "./Touching.sol";

/// @title Liquidations: the entry points
/// @dev Deployed on its own and linked: it runs in the house's storage.
library LiquidationPath {
    /// @dev See IClearingHouse.liquidate.
    function liquidate(
        HouseState storage state,
        AccountId account,
        MarketId market,
        AccountId keeper
    ) external returns (ILiquidationEngine.Plan memory plan) {
        Proceeds memory proceeds;
        Observed memory observed;
        plan = _liquidate(state, account, market, keeper, proceeds, observed);
        Liquidating.payOut(state, keeper, proceeds);
    }

    /// @dev See IClearingHouse.liquidateBatch.
    function liquidateBatch(
        HouseState storage state,
        IClearingHouse.LiquidationItem[] calldata items,
        AccountId keeper
    ) external returns (ILiquidationEngine.PlanCode[] memory codes) {
        codes = new ILiquidationEngine.PlanCode[](items.length);
        Proceeds memory proceeds;
        Observed memory observed;
        for (uint256 i; i < items.length; ++i) {
            codes[i] = _liquidate(state, items[i].account, items[i].market, keeper, proceeds, observed).code;
        }
        Liquidating.payOut(state, keeper, proceeds);
    }

    /// @dev One liquidation. A position that is gone costs one storage read.
    function _liquidate(
        HouseState storage state,
        AccountId account,
        MarketId market,
        AccountId keeper,
        Proceeds memory proceeds,
        Observed memory observed
    ) private returns (ILiquidationEngine.Plan memory plan) {
        if (Positions.sizeOf(state, account, market) == 0 || account.owner() == address(this)) {
            plan.code = ILiquidationEngine.PlanCode.NoPosition;
        } else {
            Refunds.claimBefore(state, account, market.bit(), Freshness.SameBlock);
            Work memory work;
            (bool current, ) = Touching.tryOpen(work, state, account, market.bit(), Freshness.SameBlock, observed);
            if (current) {
                uint256 index = Touching.indexOf(work, market);
                uint256 graceUsd = Liquidating.graceOf(state, account, work.header);
                PoolSide memory pool;
                plan = Liquidating.planFor(state, work, index, graceUsd, pool);
                if (Liquidating.acts(plan)) {
                    Liquidating.execute(state, work, index, pool, keeper, plan, proceeds);
                    if (work.header.flags & MARKED != 0) Distress.update(state, work);
                    Settlement.finish(state, work);
                    return plan;
                }
            } else {
                plan.code = ILiquidationEngine.PlanCode.EventsPending;
            }
        }
        emit IClearingHouse.LiquidationSkipped(account, market, plan.code);
    }
}
