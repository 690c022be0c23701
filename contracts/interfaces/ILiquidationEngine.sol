// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {Exposure, Portfolio} from "../types/Portfolio.sol";

/// @title The planner of partial liquidations
/// @notice View only. Says how much of one position a liquidation closes now, and what it costs; the house executes exactly that.
interface ILiquidationEngine {
    /// @notice Why a plan closes what it closes, or nothing.
    /// `Healthy` E ≥ MM, or E would be without charges so recent that they count back. `Bankrupt` E < 0, such charges counted back: resolve instead; while
    /// they are all that makes E negative, nothing is done. `NoPosition` nothing to close in that market. `PriceNotValid`, `Halted`: not at this
    /// price or in this mode. `Paced` the bucket is empty. `Unaffordable` one lot would cost more health than it frees.
    /// `PoolUnavailable` the pool can not take it. `EventsPending` too many market events wait to be applied: touch first (said by the house).
    /// For the tear-up against a pool `Paced` means marked or torn up against too recently.
    /// For a bid of the backstop `Paced` means marked or sliced too recently, `NotDeep` H ≥ ⅔ (said by the house).
    /// `TooSmall` what a take-over may take is less than a lot, or would leave a position under the minimum. `NotDeep` H ≥ ⅓: a whole account is not yet taken.
    /// `Partial` closes part; `Full` closes the position.
    enum PlanCode {
        Healthy,
        Bankrupt,
        NoPosition,
        PriceNotValid,
        Halted,
        Paced,
        Unaffordable,
        PoolUnavailable,
        EventsPending,
        TooSmall,
        NotDeep,
        Partial,
        Full
    }

    /// @notice What says how fast a market may be liquidated.
    /// @param windowLow D18{USD/base}, lowest price of the last ten to twenty minutes (the maturity window); 0 with `windowHigh` where no pacing is under way
    /// @param windowHigh D18{USD/base}, highest
    /// @param shortfallUsd D18{USD}, MM − E summed over all accounts whose distress clock runs
    /// @param insuranceUsd D18{USD}, cash of the market's tranche and of the insurance fund
    /// @param isGuarded whether the market only takes reductions
    struct Stress {
        uint256 windowLow;
        uint256 windowHigh;
        uint256 shortfallUsd;
        uint256 insuranceUsd;
        bool isGuarded;
    }

    /// @notice State of a market that a plan needs.
    /// @param skew D18{base}, traders' net size (the pool holds the opposite)
    /// @param averageSkewRatio D18{1}, skew/K averaged over ten minutes
    /// @param skewScale D18{base}, K
    /// @param poolEquityUsd D18{USD}, equity of the market's pool
    /// @param exposureCap D18{base}, largest size the pool takes by orders (liquidations may exceed it by a quarter)
    /// @param lotSize D18{base}, smallest unit of a fill
    /// @param minNotionalUsd D18{USD}, smallest position that may remain
    /// @param band D18{1}, largest distance from the index at which the pool pays for a fill that reduces its skew
    /// @param bucketUsedUsd D18{USD}, notional taken from the pacing bucket, as of `bucketAt`; negative never, above capacity when overdrawn
    /// @param bucketAt {s}
    /// @param accountUsedRatio D18{1}, how much of its own allowance (a third of the bucket) the account had used, as of `accountUsedAt`
    /// @param accountUsedAt {s}
    /// @param stress see Stress; plans of take-overs do without it
    struct MarketState {
        int256 skew;
        int256 averageSkewRatio;
        uint256 skewScale;
        int256 poolEquityUsd;
        uint256 exposureCap;
        uint256 lotSize;
        uint256 minNotionalUsd;
        uint256 band;
        uint256 bucketUsedUsd;
        uint256 bucketAt;
        uint256 accountUsedRatio;
        uint256 accountUsedAt;
        Stress stress;
    }

    /// @notice What a liquidation will do.
    /// @param code see PlanCode; `Partial` and `Full` act, all others close nothing
    /// @param equityUsd D18{USD} before
    /// @param maintenanceUsd D18{USD} before
    /// @param closeSize D18{base}, unsigned, taken off the position
    /// @param price D18{USD/base}, the pool's price for it
    /// @param impactUsd D18{USD}, what the pool's price costs against the index (negative: it pays)
    /// @param penaltyUsd D18{USD}, taken from the account; never more than its remaining equity
    /// @param keeperRewardUsd D18{USD}, part of the penalty for the keeper
    /// @param gasFloorUsd D18{USD}, least reward of a keeper; what `keeperRewardUsd` lacks comes out of the liquidation deposit
    /// @param bucketUsedUsd D18{USD}, the bucket after this liquidation, as of now
    /// @param accountUsedRatio D18{1}, how much of its allowance the account has used after this liquidation, as of now
    struct Plan {
        PlanCode code;
        int256 equityUsd;
        uint256 maintenanceUsd;
        uint256 closeSize;
        uint256 price;
        int256 impactUsd;
        uint256 penaltyUsd;
        uint256 keeperRewardUsd;
        uint256 gasFloorUsd;
        uint256 bucketUsedUsd;
        uint256 accountUsedRatio;
    }

    /// @notice When pacing lets a position be liquidated. Health, price and pool may still refuse.
    /// @param capacityUsd D18{USD}, of the market's bucket as it is now
    /// @param windowSeconds {s}, w: in which an empty bucket fills
    /// @param roomUsd D18{USD}, notional that may be closed now
    /// @param nextAt {s}, from when at least one lot may be closed; the largest number if never at this capacity
    /// @param fullAt {s}, from when bucket and allowance are full again
    /// @param fullRoomUsd D18{USD}, notional that may then be closed at once
    struct Pacing {
        uint256 capacityUsd;
        uint256 windowSeconds;
        uint256 roomUsd;
        uint256 nextAt;
        uint256 fullAt;
        uint256 fullRoomUsd;
    }

    /// @notice What a take-over will do with one position.
    /// @param code see PlanCode; `Partial` and `Full` act, all others take nothing
    /// @param equityUsd D18{USD} before, of the account that is taken from
    /// @param maintenanceUsd D18{USD} before
    /// @param elapsedSeconds {s}, how long the auction has run
    /// @param takeSize D18{base}, unsigned, taken off the position
    /// @param price D18{USD/base} at which it changes hands
    /// @param discountUsd D18{USD}, what that price gives the taker against the index at most
    struct TakeOverPlan {
        PlanCode code;
        int256 equityUsd;
        uint256 maintenanceUsd;
        uint256 elapsedSeconds;
        uint256 takeSize;
        uint256 price;
        uint256 discountUsd;
    }

    /// @notice How much of a pool's position has to be closed at the index.
    /// @param code see PlanCode; `Partial` and `Full` act; `Paced` it is too early
    /// @param equityUsd D18{USD} before
    /// @param maintenanceUsd D18{USD} before
    /// @param closeSize D18{base}, unsigned, after which E ≥ τ·MM; also while `Paced`
    /// @param allowedAt {s}, from when it may be closed; for a pool that is not marked, were it marked now. 0 where neither acting nor `Paced`
    struct PoolPlan {
        PlanCode code;
        int256 equityUsd;
        uint256 maintenanceUsd;
        uint256 closeSize;
        uint256 allowedAt;
    }

    /// @notice How a market's positions are taken over.
    /// @param durationSeconds {s}, T₁: time in which the discount grows to its bound, 10 to 3 600
    struct AuctionTerms {
        uint256 durationSeconds;
    }

    /// @notice How a market's positions are liquidated. Rates are multiples of 1e-9.
    /// @param target D18{1}, τ: closes until equity is τ × maintenance margin, 1.01 to 2
    /// @param equityShare D18{1}, η: most of the health-proportional equity a penalty takes, at most 0.95
    /// @param maxPenaltyRate D18{1}, φ_max of the notional closed, at most 10 %
    /// @param keeperShare D18{1} of the penalty, at most 1
    /// @param sliceShare D18{1}, β: capacity of the pacing bucket in units of depth, 1 % to 100 %
    /// @param windowSeconds {s}, w₀: time in which an empty bucket fills at the reference range, 1 to 3 600
    /// @param smallNotionalUsd D18{USD}, N_small: up to it a position closes at once; whole dollars, at most 1 000 000
    /// @param gasFloorUsd D18{USD}, least reward of a keeper; a multiple of 1e-6, at most 1 000
    /// @param referenceRange D18{1}, range of the price over the maturity window, relative to its low, at which w = w₀; a multiple of 1e-6, 0.01 % to 100 %
    struct LiquidationTerms {
        uint256 target;
        uint256 equityShare;
        uint256 maxPenaltyRate;
        uint256 keeperShare;
        uint256 sliceShare;
        uint256 windowSeconds;
        uint256 smallNotionalUsd;
        uint256 gasFloorUsd;
        uint256 referenceRange;
    }

    /// @notice The fields of LiquidationTerms and AuctionTerms, to name one in an error.
    enum LiquidationTerm {
        Target,
        EquityShare,
        MaxPenaltyRate,
        KeeperShare,
        SliceShare,
        WindowSeconds,
        SmallNotionalUsd,
        GasFloorUsd,
        ReferenceRange,
        AuctionSeconds
    }

    /// @notice The terms of a market changed.
    event LiquidationTermsSet(MarketId indexed market, LiquidationTerms oldTerms, LiquidationTerms newTerms);

    /// @notice The terms of take-overs in a market changed.
    event AuctionTermsSet(MarketId indexed market, AuctionTerms oldTerms, AuctionTerms newTerms);

    /// @notice Thrown when a plan is asked for in a market whose liquidation terms were never set.
    error LiquidationTermsNotSet(MarketId market);

    /// @notice Thrown when a take-over is planned in a market whose auction terms were never set.
    error AuctionTermsNotSet(MarketId market);

    /// @notice Thrown when a term is outside its hard bounds. Choose a value from `lowest` to `highest`.
    error LiquidationTermOutOfBounds(
        MarketId market,
        LiquidationTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    );

    /// @notice Thrown when a term has more decimals than are stored. Choose a multiple of `step`.
    error LiquidationTermTooFine(MarketId market, LiquidationTerm term, uint256 value, uint256 step);

    /// @notice Plans the liquidation of exposure number `index` of `portfolio`.
    /// @param portfolio the account, gathered by the house
    /// @param index which of `portfolio.exposures` to reduce
    /// @param graceUsd D18{USD}, charges of loss events so recent that nobody may be liquidated through them
    /// @param state the market's state
    function plan(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state
    ) external view returns (Plan memory);

    /// @notice A plan that acts, cut to `closeSize` and executed at `price` instead of the pool's: its penalty pro rata at most, and never so much that health
    /// falls; the reward's floor pro rata.
    /// @param planned what `plan` said for the same exposure and state
    /// @param exposure the position
    /// @param state the market's state
    /// @param closeSize D18{base}, at most that of the plan
    /// @param price D18{USD/base}
    function cutPlan(
        Plan calldata planned,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize,
        uint256 price
    ) external view returns (Plan memory);

    /// @notice When pacing lets exposure number `index` of `portfolio` be liquidated, should it be in distress.
    /// @param portfolio the account, gathered by the house
    /// @param index which of `portfolio.exposures`
    /// @param state the market's state
    /// @custom:rounding rooms down, times up
    function pacingOf(
        Portfolio calldata portfolio,
        uint256 index,
        MarketState calldata state
    ) external view returns (Pacing memory);

    /// @notice The terms of `market` as set.
    function liquidationTermsOf(MarketId market) external view returns (LiquidationTerms memory terms);

    /// @notice Sets the terms of `market`; they act at once.
    /// @custom:access restricted by the authority
    function setLiquidationTerms(MarketId market, LiquidationTerms calldata newTerms) external;

    /* TAKE-OVERS */

    /// @notice Plans the take-over of as much of exposure number `index` as restores the account, at most `maxSize`.
    /// @param portfolio the account, gathered by the house
    /// @param index which of `portfolio.exposures` is taken over
    /// @param graceUsd D18{USD}, charges of loss events so recent that nobody may be taken over through them
    /// @param state the market's state
    /// @param elapsedSeconds {s}, how long the account's auctions have run
    /// @param maxSize D18{base}, unsigned, the most that the taker wants
    /// @custom:rounding size up, discount down, for the account that is taken from
    function planTakeOver(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory);

    /// @notice Plans the take-over of all positions with a valid price together, each at its own bound, of an account with H < ⅓.
    /// @param states one per exposure, in their order
    /// @return total code of the whole (`Full` acts) and the sum of the discounts; size and price are 0
    /// @return parts one per exposure, in their order
    /// @custom:rounding discounts down, for the account that is taken from
    function planTakeOverWhole(
        Portfolio calldata portfolio,
        uint256 graceUsd,
        MarketState[] calldata states,
        uint256 elapsedSeconds
    ) external view returns (TakeOverPlan memory total, TakeOverPlan[] memory parts);

    /// @notice Plans the sale of a resolution account's inventory.
    /// @param exposure the inventory; its value becomes the plan's equity
    /// @param state the market's state
    /// @param tolerance D18{1}, u_max of the market's terms
    /// @param elapsedSeconds {s}, how long the inventory has been for sale
    /// @param maxSize D18{base}, unsigned, the most that the taker wants
    /// @custom:rounding discount down, for the resolution account
    function planInventory(
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 tolerance,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory);

    /// @notice Plans the tear-up of the side opposite to a pool: how much of exposure number `index` closes at the index, without penalty or impact, for E ≥ τ·MM.
    /// @param portfolio the pool, gathered by the house; it is in one market only
    /// @param index which of `portfolio.exposures`
    /// @param graceUsd D18{USD}, charges of loss events so recent that nobody may be torn up through them
    /// @param lotSize D18{base}, smallest unit of a fill
    /// @param elapsedSeconds {s}, for how long the pool has been marked and not been torn up against
    /// @custom:rounding size up
    function planPool(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        uint256 lotSize,
        uint256 elapsedSeconds
    ) external view returns (PoolPlan memory);

    /// @notice The terms of take-overs in `market` as set; 0 when never set.
    function auctionTermsOf(MarketId market) external view returns (AuctionTerms memory terms);

    /// @notice Sets the terms of take-overs in `market`; they act at once.
    /// @custom:access restricted by the authority
    /// @dev Reverts: LiquidationTermOutOfBounds.
    function setAuctionTerms(MarketId market, AuctionTerms calldata newTerms) external;
}
