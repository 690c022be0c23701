// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Accounts} from "./Accounts.sol";
import {Grace, HAS_CHARGES, HouseState, MAX_PENALTY_RATE, Market, TRANCHE} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Holding, PullScope, Settlement, Work} from "./Settlement.sol";
import {Standing} from "./Standing.sol";
import {Terms} from "./Terms.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @notice What liquidations pay out besides what their markets keep, credited once per call.
struct Proceeds {
    uint256 keeperUsd;
    uint256 backstopUsd;
}

/// @title Liquidations: the engine's plan, executed to the letter
/// @notice The account pays impact and penalty in cash as far as it has any; the rest of the impact stays an unsettled loss, the rest of the penalty
/// becomes a claim of the market's own tranche. `ΔE_victim + ΔE_pool + Δfunds = 0` at the index (LIQ-3).
library Liquidating {
    using SafeCast for uint256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev The engine's plan for market number `index` of a gathered account.
    /// @param graceUsd D18{USD}, charges so recent that nobody may be liquidated through them
    /// @param pool empty; filled with the market's pool where it comes to a plan
    function planFor(
        HouseState storage state,
        Work memory work,
        uint256 index,
        uint256 graceUsd,
        PoolSide memory pool
    ) internal view returns (ILiquidationEngine.Plan memory plan) {
        Book memory book = work.holdings[index].book;
        if (work.holdings[index].leg.size == 0) return plan0(ILiquidationEngine.PlanCode.NoPosition);
        if (Markets.modeOf(book) == IClearingHouse.MarketMode.Halted) return plan0(ILiquidationEngine.PlanCode.Halted);
        if (book.status != PriceStatus.Valid) return plan0(ILiquidationEngine.PlanCode.PriceNotValid);
        Market storage market = state.markets[book.id];
        if (work.account == Markets.poolOf(market)) return plan0(ILiquidationEngine.PlanCode.PoolUnavailable);
        PoolFills.read(pool, state, book);
        return
            state.liquidation.plan(
                Settlement.portfolioOf(state, work, MarginKind.Maintenance),
                index,
                graceUsd,
                pacedStateOf(state, work, book, pool)
            );
    }

    /// @dev The engine's plan for the same market, cut to what another account takes at `price`, which has to beat the pool's price for that size.
    /// @param makerSizeDelta D18{base}, signed, the most that account takes
    function planAgainst(
        HouseState storage state,
        Work memory work,
        uint256 index,
        uint256 graceUsd,
        int256 makerSizeDelta,
        uint256 price
    ) internal view returns (ILiquidationEngine.Plan memory plan) {
        PoolSide memory pool;
        plan = planFor(state, work, index, graceUsd, pool);
        if (!acts(plan)) return plan;
        Book memory book = work.holdings[index].book;
        Market storage market = state.markets[book.id];
        int256 size = work.holdings[index].leg.size;
        if ((makerSizeDelta > 0) != (size > 0))
            revert IClearingHouse.NotAReduction(work.account, size, -makerSizeDelta);
        uint256 closeSize = _cutSize(book, market, size.magnitude(), plan.closeSize, makerSizeDelta);
        int256 sizeDelta = size > 0 ? -closeSize.toInt() : closeSize.toInt();
        uint256 poolPrice = PoolFills.priceOf(book, sizeDelta, market.bandPips * Terms.PIP);
        if (size > 0 ? price <= poolPrice : price >= poolPrice) revert IClearingHouse.PriceNotBetter(price, poolPrice);
        return
            state.liquidation.cutPlan(
                plan,
                Settlement.portfolioOf(state, work, MarginKind.Maintenance).exposures[index],
                pacedStateOf(state, work, book, pool),
                closeSize,
                price
            );
    }

    /// @dev As much of a plan as the other side takes, in whole lots, and so that no rest falls below the least position. D18{base}
    function _cutSize(
        Book memory book,
        Market storage market,
        uint256 size,
        uint256 planned,
        int256 makerSizeDelta
    ) private view returns (uint256 cut) {
        cut = makerSizeDelta.magnitude();
        if (cut >= planned) return planned;
        uint256 least = uint256(market.minNotional).divWadUp(book.price);
        uint256 most = size > least ? size - least : 0;
        if (cut > most) cut = most;
        cut -= cut % market.lotSize;
        if (cut == 0) revert IClearingHouse.SizeNotInLots(makerSizeDelta, market.lotSize);
    }

    /// @dev A plan that closes nothing.
    function plan0(ILiquidationEngine.PlanCode code) internal pure returns (ILiquidationEngine.Plan memory plan) {
        plan.code = code;
    }

    /// @dev Whether a plan closes anything.
    function acts(ILiquidationEngine.Plan memory plan) internal pure returns (bool) {
        return plan.code >= ILiquidationEngine.PlanCode.Partial;
    }

    /// @dev Charges of applied events so recent that nobody may be liquidated through them. D18{USD}
    function graceOf(
        HouseState storage state,
        AccountId account,
        AccountHeader memory header
    ) internal view returns (uint256) {
        if (header.flags & HAS_CHARGES == 0) return 0;
        Grace memory grace = state.graces[account];
        return grace.until > block.timestamp ? grace.amount : 0;
    }

    /// @dev How much of its pacing allowance an account had used when it was last liquidated. D18{1}
    function sliceUsedRatioOf(AccountHeader memory header) internal pure returns (uint256) {
        return (header.sliceUsed * 1e18) / 255;
    }

    /// @dev A market as the engine wants to see it.
    function marketStateOf(
        Work memory work,
        Book memory book,
        Market storage market,
        PoolSide memory pool
    ) internal view returns (ILiquidationEngine.MarketState memory view_) {
        view_.skew = Markets.skewOf(book);
        view_.averageSkewRatio = Markets.averageSkewOf(market);
        view_.skewScale = book.skewScale;
        view_.poolEquityUsd = PoolFills.equityOf(book, pool);
        view_.band = market.bandPips * Terms.PIP;
        view_.exposureCap = market.exposureCap;
        view_.lotSize = market.lotSize;
        view_.minNotionalUsd = market.minNotional;
        view_.bucketUsedUsd = market.reserves.bucketUsedOf();
        view_.bucketAt = market.reserves.bucketAtOf();
        view_.accountUsedRatio = sliceUsedRatioOf(work.header);
        view_.accountUsedAt = work.header.slicedAt;
    }

    /// @dev The same with what says how fast the market may be liquidated. The price's range is only asked for where something was taken of bucket or allowance.
    function pacedStateOf(
        HouseState storage state,
        Work memory work,
        Book memory book,
        PoolSide memory pool
    ) internal view returns (ILiquidationEngine.MarketState memory view_) {
        view_ = marketStateOf(work, book, state.markets[book.id], pool);
        ILiquidationEngine.Stress memory stress = view_.stress;
        stress.isGuarded = Markets.modeOf(book) == IClearingHouse.MarketMode.ReduceOnly;
        stress.shortfallUsd = state.shortfall;
        stress.insuranceUsd =
            Accounts.cashOf(state, Markets.systemAccount(book.id, TRANCHE)) +
            Accounts.cashOf(state, accountIdOf(state.insurance, 0));
        if (view_.bucketUsedUsd != 0 || view_.accountUsedRatio != 0) {
            (stress.windowLow, stress.windowHigh) = state.oracle.windowOf(book.id);
        }
    }

    /// @dev Executes a plan that acts, against the pool it was made for.
    function execute(
        HouseState storage state,
        Work memory work,
        uint256 index,
        PoolSide memory pool,
        AccountId keeper,
        ILiquidationEngine.Plan memory plan,
        Proceeds memory proceeds
    ) internal {
        Holding memory holding = work.holdings[index];
        int256 sizeDelta = deltaOf(work, holding, plan);
        Settlement.pullLosses(state, work, index, PullScope.Acted);
        Book memory book = holding.book;
        uint256 price = PoolFills.priceOf(book, sizeDelta, state.markets[book.id].bandPips * Terms.PIP);
        uint256 depositCents = work.header.depositCents;
        PoolFills.fill(state, work, holding, pool, sizeDelta, price);
        conclude(state, work, holding, keeper, sizeDelta, price, depositCents, plan, proceeds);
    }

    /// @dev What a plan does to the position. The planner may be replaced; that it never turns or enlarges a position, nor takes more than a
    /// twentieth of what it closes, is the ledger's own rule.
    function deltaOf(
        Work memory work,
        Holding memory holding,
        ILiquidationEngine.Plan memory plan
    ) internal pure returns (int256 sizeDelta) {
        sizeDelta = reductionOf(work.account, holding.leg.size, plan.closeSize);
        uint256 highest = plan.closeSize.mulWadUp(holding.book.price).mulWadUp(MAX_PENALTY_RATE);
        if (plan.penaltyUsd > highest) revert IClearingHouse.PenaltyTooHigh(work.account, plan.penaltyUsd, highest);
    }

    /// @dev The fill that takes `closeSize` off a position of `size`; never more than there is, whatever the planner says.
    function reductionOf(AccountId account, int256 size, uint256 closeSize) internal pure returns (int256 sizeDelta) {
        sizeDelta = size > 0 ? -closeSize.toInt() : closeSize.toInt();
        if (closeSize > size.magnitude()) revert IClearingHouse.NotAReduction(account, size, sizeDelta);
    }

    /// @dev After the fill of a plan: penalty, reward, pacing.
    /// @param depositCents {USD/100}, the deposit before the fill: one that ends the last position releases it, and the keeper's gas comes first
    function conclude(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        AccountId keeper,
        int256 sizeDelta,
        uint256 price,
        uint256 depositCents,
        ILiquidationEngine.Plan memory plan,
        Proceeds memory proceeds
    ) internal {
        work.header.depositCents = depositCents;
        uint256 reward = _takePenalty(state, work, holding, plan, proceeds);
        if (work.header.markets == 0) work.header.depositCents = 0;
        _pace(state, work, holding.book, plan);
        Standing.restart(work.header);
        work.header.bump();
        _emitLiquidated(work, holding, keeper, sizeDelta, price, reward, plan);
    }

    /// @dev Credits what liquidations brought in to keeper and backstop.
    function payOut(HouseState storage state, AccountId keeper, Proceeds memory proceeds) internal {
        Accounts.credit(state, keeper, proceeds.keeperUsd);
        if (proceeds.backstopUsd != 0) Accounts.credit(state, accountIdOf(state.backstop, 0), proceeds.backstopUsd);
    }

    /// @dev Takes the penalty out of cash, the rest as a claim of the market's tranche, which has what the backstop has no share of (LIQ-3 counts both), and tops the keeper's reward up to the gas floor from half of the deposit (the
    /// other half is for whoever resolves the account, should it come to that).
    function _takePenalty(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        ILiquidationEngine.Plan memory plan,
        Proceeds memory proceeds
    ) private returns (uint256 reward) {
        uint256 available = Settlement.availableOf(state, work);
        uint256 paid = plan.penaltyUsd < available ? plan.penaltyUsd : available;
        reward = plan.keeperRewardUsd < paid ? plan.keeperRewardUsd : paid;
        work.header.takeCash(paid);
        uint256 toBackstop = (paid - reward).mulWadDown(state.backstopSharePips * Terms.PIP);
        proceeds.backstopUsd += toBackstop;
        AccountId tranche = Markets.systemAccount(holding.book.id, TRANCHE);
        Accounts.credit(state, tranche, paid - reward - toBackstop);

        if (reward < plan.gasFloorUsd) {
            uint256 topUpCents = (plan.gasFloorUsd - reward) / Accounts.CENT;
            uint256 spendable = work.header.depositCents / 2;
            if (topUpCents > spendable) topUpCents = spendable;
            if (topUpCents != 0) {
                work.header.depositCents -= topUpCents;
                work.header.takeCash(topUpCents * Accounts.CENT);
                reward += topUpCents * Accounts.CENT;
            }
        }
        proceeds.keeperUsd += reward;

        uint256 claim = plan.penaltyUsd - paid;
        if (claim != 0) {
            Leg memory leg = holding.leg;
            Settlement.store(
                state,
                work,
                holding,
                Leg({size: leg.size, quote: leg.quote - int256(claim), seen: leg.seen})
            );
            Settlement.creditClaim(state, holding.book, tranche, claim);
        }
    }

    /// @dev Writes what the slice took of the market's bucket and of the account's allowance.
    function _pace(
        HouseState storage state,
        Work memory work,
        Book memory book,
        ILiquidationEngine.Plan memory plan
    ) private {
        Market storage market = state.markets[book.id];
        market.reserves = market.reserves.withBucketUsedNow(plan.bucketUsedUsd);
        uint256 used = (plan.accountUsedRatio * 255 + 1e18 - 1) / 1e18;
        work.header.sliceUsed = used > 255 ? 255 : used;
        work.header.slicedAt = block.timestamp;
    }

    function _emitLiquidated(
        Work memory work,
        Holding memory holding,
        AccountId keeper,
        int256 sizeDelta,
        uint256 price,
        uint256 reward,
        ILiquidationEngine.Plan memory plan
    ) private {
        Leg memory leg = holding.leg;
        emit IClearingHouse.Liquidated({
            account: work.account,
            market: holding.book.id,
            keeper: keeper,
            sizeDelta: sizeDelta,
            price: price,
            penaltyUsd: plan.penaltyUsd,
            rewardUsd: reward,
            equityUsd: plan.equityUsd,
            maintenanceUsd: plan.maintenanceUsd,
            size: leg.size,
            quote: leg.quote,
            cashUsd: work.header.cash,
            version: work.header.version
        });
    }
}
