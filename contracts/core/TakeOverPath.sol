// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {AuctionMath} from "../libraries/AuctionMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Distress} from "./Distress.sol";
import {HouseState, MARKED, RESOLUTION} from "./HouseState.sol";
import {InventoryPath} from "./InventoryPath.sol";
import {Liquidating} from "./Liquidating.sol";
import {Markets} from "./Markets.sol";
import {OrderRules} from "./OrderRules.sol";
import {PairFills} from "./PairFills.sol";
import {Positions} from "./Positions.sol";
import {Refunds} from "./Refunds.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Standing} from "./Standing.sol";
import {TakeOvers} from "./TakeOvers.sol";
import {Touching} from "./Touching.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title Take-overs: a healthy account takes a position at the price of a Dutch auction
/// @notice The engine's plan, executed to the letter. Size moves from one account to the other at one price, the discount is paid by the one and received by the
/// other, nobody else is part of it: `ΔE_victim + ΔE_taker = 0` at the index, and insurance pays nothing (LIQ-3). The taker ends with `E ≥ IM` (HEALTH-1).
/// @dev Deployed on its own and linked: it runs in the house's storage.
library TakeOverPath {
    using SafeCast for uint256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /* ONE POSITION */

    /// @dev See IClearingHouse.takeOver; the caller's power over the taker has been checked.
    function takeOver(
        HouseState storage state,
        IClearingHouse.TakeOverRequest calldata request,
        uint256 depositUsd
    ) external returns (ILiquidationEngine.TakeOverPlan memory plan) {
        (AccountId account, MarketId market) = (request.account, request.market);
        _requireParties(state, account, request.taker, request.expectedVersion);
        bool isInventory = account == Markets.systemAccount(market, RESOLUTION);
        if (!isInventory && account.owner() == address(this)) revert IClearingHouse.SystemAccount(account);
        if (Positions.sizeOf(state, account, market) != 0) {
            Refunds.claimBefore(state, account, market.bit(), Freshness.Latest);
            (Work memory victim, Work memory taker) = Touching.openPair(
                state,
                account,
                request.taker,
                market,
                Freshness.Latest
            );
            uint256 index = Touching.indexOf(victim, market);
            uint256 graceUsd = Liquidating.graceOf(state, account, victim.header);
            uint256 headStart = TakeOvers.headStartOf(state, victim, index, graceUsd, request.taker);
            plan =
                isInventory
                    ? TakeOvers.planInventory(state, victim, request.maxSize, headStart)
                    : TakeOvers.planFor(state, victim, index, graceUsd, request.maxSize, headStart);
            if (TakeOvers.acts(plan.code)) {
                _requirePrice(victim.holdings[index], plan.price, request.limitPrice);
                bool reduces = _transfer(state, victim, taker, index, plan);
                _closeTaker(state, taker, reduces ? 0 : depositUsd);
                if (!isInventory) Distress.update(state, victim);
                Settlement.finish(state, victim);
                if (isInventory) _closeInventory(state, victim.holdings[0]);
                return plan;
            }
        } else {
            plan.code = ILiquidationEngine.PlanCode.NoPosition;
        }
        emit IClearingHouse.TakeOverSkipped(account, market, plan.code);
    }

    /// @dev Once the inventory is gone, what it made or lost is the market's.
    function _closeInventory(HouseState storage state, Holding memory holding) private {
        if (holding.value == 0 || holding.leg.size.magnitude() >= state.markets[holding.book.id].lotSize) return;
        InventoryPath.closeTaken(state, holding.book.id);
    }

    /* THE WHOLE ACCOUNT */

    /// @dev See IClearingHouse.takeOverWhole; the caller's power over the taker has been checked.
    function takeOverWhole(
        HouseState storage state,
        IClearingHouse.TakeOverWholeRequest calldata request,
        uint256 depositUsd
    ) external returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) {
        AccountId account = request.account;
        _requireParties(state, account, request.taker, request.expectedVersion);
        if (account.owner() == address(this)) revert IClearingHouse.SystemAccount(account);
        uint256 markets = Accounts.marketsOf(state, account);
        Refunds.claimBefore(state, account, markets, Freshness.Latest);
        (Work memory victim, Work memory taker) = Touching.openPairOver(
            state,
            account,
            request.taker,
            markets,
            Freshness.Latest
        );
        (total, parts) = TakeOvers.planWhole(state, victim, Liquidating.graceOf(state, account, victim.header));
        if (!TakeOvers.acts(total.code)) {
            emit IClearingHouse.TakeOverWholeSkipped(account, total.code);
            return (total, parts);
        }
        if (total.discountUsd < request.minDiscountUsd) {
            revert IClearingHouse.DiscountBelowMinimum(total.discountUsd, request.minDiscountUsd);
        }
        for (uint256 i; i < parts.length; ++i) {
            if (TakeOvers.acts(parts[i].code)) _transfer(state, victim, taker, i, parts[i]);
        }
        _closeTaker(state, taker, depositUsd);
        // What is left of it owes no more than its cash covers, as far as there is any.
        Settlement.pullLosses(state, victim, 0, PullScope.All);
        Distress.update(state, victim);
        Settlement.finish(state, victim);
    }

    /* BOTH */

    /// @dev The account is the one that was looked at, and the taker is somebody else's or another account.
    function _requireParties(
        HouseState storage state,
        AccountId account,
        AccountId taker,
        uint256 expectedVersion
    ) private view {
        if (taker.owner() == address(this)) revert IClearingHouse.SystemAccount(taker);
        if (taker == account) revert IClearingHouse.TakerIsAccount(account);
        if (expectedVersion == 0) return;
        uint256 version = Accounts.load(state, account).version;
        if (version != expectedVersion) revert IClearingHouse.AccountChanged(account, version, expectedVersion);
    }

    /// @dev The taker buys what was long and sells what was short.
    function _requirePrice(Holding memory from, uint256 price, uint256 limitPrice) private pure {
        if (from.leg.size > 0 ? price > limitPrice : price < limitPrice) {
            revert IClearingHouse.PriceBeyondLimit(price, limitPrice);
        }
    }

    /// @dev Moves what a plan takes from market number `index` of one account to the other.
    /// @return reduces whether it brought the taker's position nearer to zero without crossing it
    function _transfer(
        HouseState storage state,
        Work memory victim,
        Work memory taker,
        uint256 index,
        ILiquidationEngine.TakeOverPlan memory plan
    ) private returns (bool reduces) {
        Holding memory from = victim.holdings[index];
        uint256 toIndex = Touching.indexOf(taker, from.book.id);
        Holding memory to = taker.holdings[toIndex];
        if (taker.account == Markets.poolOf(state.markets[from.book.id])) {
            revert IClearingHouse.SystemAccount(taker.account);
        }
        int256 sizeDelta = _sizeDeltaOf(victim, from, plan);
        _settleBoth(state, victim, index, taker, toIndex);
        reduces = _fill(state, victim, from, taker, to, sizeDelta, plan.price);
        Standing.restart(victim.header);
        _emitTaken(victim, from, taker, sizeDelta, plan);
        PairFills.emitMatched(taker, to, victim.account, -sizeDelta, plan.price, 0);
    }

    /// @dev What either side has lost in the market becomes cash of its reserve, what the taker has gained is paid.
    function _settleBoth(
        HouseState storage state,
        Work memory victim,
        uint256 index,
        Work memory taker,
        uint256 toIndex
    ) private {
        Settlement.pullLosses(state, victim, index, PullScope.Acted);
        Settlement.pullLosses(state, taker, toIndex, PullScope.Acted);
        Settlement.payGain(state, taker, taker.holdings[toIndex]);
    }

    /// @return reduces whether it brought the taker's position nearer to zero without crossing it
    function _fill(
        HouseState storage state,
        Work memory victim,
        Holding memory from,
        Work memory taker,
        Holding memory to,
        int256 sizeDelta,
        uint256 price
    ) private returns (bool reduces) {
        int256 held = to.leg.size;
        PairFills.fill(state, victim, from, taker, to, sizeDelta, price);
        victim.header.bump();
        taker.header.bump();
        int256 holds = to.leg.size;
        reduces = holds.magnitude() < held.magnitude() && (holds == 0 || (holds > 0) == (held > 0));
        // A position taken over as a whole may be as small as it has become: there are no more of its kind than before.
        if (from.leg.size != 0) OrderRules.requirePosition(taker, to, state.markets[to.book.id], reduces);
    }

    /// @dev The planner may be replaced; that it never turns or enlarges a position, nor gives away more than a tenth of what it takes, is the
    /// ledger's own rule.
    function _sizeDeltaOf(
        Work memory victim,
        Holding memory from,
        ILiquidationEngine.TakeOverPlan memory plan
    ) private pure returns (int256 sizeDelta) {
        sizeDelta = Liquidating.reductionOf(victim.account, from.leg.size, plan.takeSize);
        uint256 discount = sizeDelta.mulWadCeil(plan.price.toInt() - from.book.price.toInt()).positivePart();
        uint256 highest = plan.takeSize.mulWadUp(from.book.price).mulWadUp(AuctionMath.MAX_DISCOUNT_RATE);
        if (discount > highest) revert IClearingHouse.DiscountTooHigh(victim.account, discount, highest);
    }

    /// @dev The taker has its deposit and its margin, and is written.
    function _closeTaker(HouseState storage state, Work memory taker, uint256 depositUsd) private {
        if (taker.header.markets != 0) {
            // The edge of a take-over is the taker's gain: only the deposit has to be there.
            OrderRules.drawForCosts(state, taker, taker.holdings[0], 0, 0, 0, depositUsd);
            OrderRules.lockDeposit(state, taker, depositUsd);
        }
        OrderRules.requireInitialMargin(state, taker);
        if (taker.header.flags & MARKED != 0) Distress.clear(state, taker.account, taker.header);
        Settlement.finish(state, taker);
    }

    function _emitTaken(
        Work memory victim,
        Holding memory from,
        Work memory taker,
        int256 sizeDelta,
        ILiquidationEngine.TakeOverPlan memory plan
    ) private {
        Leg memory leg = from.leg;
        emit IClearingHouse.TakenOver({
            account: victim.account,
            market: from.book.id,
            taker: taker.account,
            sizeDelta: sizeDelta,
            price: plan.price,
            discountUsd: plan.discountUsd,
            equityUsd: plan.equityUsd,
            maintenanceUsd: plan.maintenanceUsd,
            size: leg.size,
            quote: leg.quote,
            cashUsd: victim.header.cash,
            version: victim.header.version
        });
    }
}
