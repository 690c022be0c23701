// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {Freshness} from "../types/Price.sol";
import {HouseState, Market} from "./HouseState.sol";
import {Liquidating, Proceeds} from "./Liquidating.sol";
import {MatchSides, Side} from "./MatchSides.sol";
import {Matching} from "./Matching.sol";
import {PairFills} from "./PairFills.sol";
import {Positions} from "./Positions.sol";
import {Refunds} from "./Refunds.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Touching} from "./Touching.sol";

/// @title Slices of liquidations, matched with a signed order
/// @notice Keeps the rules of liquidations for the one side, and those of orders (MatchSides) for the other.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library LiquidationMatchPath {
    /// @dev See IClearingHouse.liquidateAgainst; the caller, and that the two accounts differ, has been checked.
    function liquidateAgainst(
        HouseState storage state,
        IClearingHouse.LiquidationMatch calldata request,
        uint256 depositUsd
    ) external returns (ILiquidationEngine.Plan memory plan) {
        if (Positions.sizeOf(state, request.account, request.market) == 0) {
            return _skip(request, Liquidating.plan0(ILiquidationEngine.PlanCode.NoPosition));
        }
        Refunds.claimBefore(state, request.account, request.market.bit(), Freshness.Latest);
        Work memory victim;
        Side memory maker;
        (victim, maker.work) = Touching.openPair(
            state,
            request.account,
            request.maker,
            request.market,
            Freshness.Latest
        );
        uint256 index = Touching.indexOf(victim, request.market);
        plan = Liquidating.planAgainst(
            state,
            victim,
            index,
            Liquidating.graceOf(state, request.account, victim.header),
            request.makerSizeDelta,
            request.price
        );
        if (!Liquidating.acts(plan)) return _skip(request, plan);

        maker.index = Touching.indexOf(maker.work, request.market);
        maker.holding = maker.work.holdings[maker.index];
        Market storage market = state.markets[request.market];
        MatchSides.requireTrader(state, market, request.maker);
        Matching.requireBand(maker.holding.book, market, request.price);
        _execute(state, victim, index, maker, request, plan, depositUsd);
    }

    /// @dev The plan against the maker: as against the pool, but for who is on the other side and that this side has to have the cash.
    function _execute(
        HouseState storage state,
        Work memory victim,
        uint256 index,
        Side memory maker,
        IClearingHouse.LiquidationMatch calldata request,
        ILiquidationEngine.Plan memory plan,
        uint256 depositUsd
    ) private {
        Holding memory holding = victim.holdings[index];
        int256 sizeDelta = Liquidating.deltaOf(victim, holding, plan);
        MatchSides.prepare(state, maker, -sizeDelta, request.makerReduceOnly);
        MatchSides.drawForCosts(state, maker, -sizeDelta, request.price, 0, depositUsd);
        Settlement.pullLosses(state, victim, index, PullScope.Acted);
        uint256 depositCents = victim.header.depositCents;
        (, uint256 unpaid) = PairFills.fill(
            state,
            victim,
            holding,
            maker.work,
            maker.holding,
            sizeDelta,
            request.price
        );
        Proceeds memory proceeds;
        Liquidating.conclude(
            state,
            victim,
            holding,
            request.keeper,
            sizeDelta,
            request.price,
            depositCents,
            plan,
            proceeds
        );
        MatchSides.charge(state, maker, 0, unpaid, depositUsd);
        MatchSides.requireHealthy(state, maker);
        MatchSides.emitMatched(maker, victim.account, -sizeDelta, request.price, 0);
        MatchSides.finish(state, victim, maker);
        Liquidating.payOut(state, request.keeper, proceeds);
    }

    function _skip(
        IClearingHouse.LiquidationMatch calldata request,
        ILiquidationEngine.Plan memory plan
    ) private returns (ILiquidationEngine.Plan memory) {
        emit IClearingHouse.LiquidationSkipped(request.account, request.market, plan.code);
        return plan;
    }
}
