// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";
import {IStakedShares} from "./IStakedShares.sol";

/// @title The backstop: a staked pool that takes what nobody else takes
/// @notice An ERC-4626 vault over the settlement token whose money is an account of the house (owner: this contract, sub-account 0). With it the pool takes over
/// distressed positions that keepers and takers have left alone, and inventory of resolution accounts, by a rule that is published here and that anybody may apply
/// with `take`; it closes what it took in slices, with `unwind`. It earns the discounts and a share of liquidation penalties, and bears what it loses on the way out.
/// It opens nothing of its own, and shares its money with no other vault. As the last tier of the loss waterfall it
/// also pays, out of what is free and within its caps, for what defaults leave after a market's tranche, the fund and the protocol.
///
/// Two values of the account, both at the index:
///
///  equity      cash and everything unsettled, gains in full: what newcomers pay for their shares, so that they dilute nobody
///  redeemable  cash and unsettled losses, less what closing the positions would cost; gains count 0 until they are cash, because a default may still take them
///
/// Deposits and redemptions first claim refunds and settle the account, and need, while it is in a market, a valid price of that market published at most `MAX_PRICE_AGE_SECONDS`
/// ago: at an older one they would be timed by what the next will be.
///
/// Leaving is as IStakedShares says; besides, nothing is paid while deficits above `TOLERANCE_USD` wait in a market the pool is in: it may have to bear them.
interface IBackstopPool is IStakedShares {
    /* TYPES */

    /// @notice What the pool may do in a market. All zero: nothing.
    /// @param capUsd D18{USD}, largest notional of its position, at most 1 000 000 000
    /// @param epochCapUsd D18{USD}, most notional it takes in 24 hours (whole days since 1970), at most 1 000 000 000
    /// @param maxConcession D18{1} of the notional taken: so much more than the discount may closing it cost at the ten-minute average skew, at most 10 %; in millionths
    /// @param unwindShare D18{1}, largest slice in units of depth, 0.1 % to 100 %; in millionths
    /// @param unwindTolerance D18{1}, furthest a slice's price may be from the index on the costly side, at most 5 %; in millionths
    /// @param unwindIntervalSeconds {s}, least time between two slices, 10 to 86 400
    struct BackstopTerms {
        uint256 capUsd;
        uint256 epochCapUsd;
        uint256 maxConcession;
        uint256 unwindShare;
        uint256 unwindTolerance;
        uint256 unwindIntervalSeconds;
    }

    /// @notice Why the pool does not bid. `Plan`: the house plans nothing, see the plan's code. `NoTerms`: not in this market. `PriceNotValid`: one of its own markets has no valid price.
    /// `MarketCap`, `EpochCap`, `Leverage`: that cap leaves no room. `TooDear`: closing it would cost more than discount and concession. `TooSmall`: the pool's position would be below the market's minimum.
    enum BidRefusal {
        None,
        Plan,
        NoTerms,
        PriceNotValid,
        MarketCap,
        EpochCap,
        Leverage,
        TooDear,
        TooSmall
    }

    /// @notice What `take` would do.
    /// @param refusal `None` bids, all others do not
    /// @param plan the house's plan for what the caps leave
    /// @param roomSize D18{base}, unsigned, the most that caps and concession leave
    /// @param unwindCostUsd D18{USD}, what the pool's price would cost to close what is taken, at the ten-minute average skew
    struct Bid {
        BidRefusal refusal;
        ILiquidationEngine.TakeOverPlan plan;
        uint256 roomSize;
        uint256 unwindCostUsd;
    }

    /// @notice What the pool is worth now, as if settled.
    /// @param equityUsd D18{USD}, what newcomers pay for all of it, rounded up
    /// @param redeemableUsd D18{USD}, what those who leave share, rounded down
    /// @param notionalUsd D18{USD}, of all its positions, rounded up
    /// @param payableUsd D18{USD}, what may leave now: free cash, as far as leverage allows
    /// @param supply D18{share}
    struct BackstopValuation {
        int256 equityUsd;
        uint256 redeemableUsd;
        uint256 notionalUsd;
        uint256 payableUsd;
        uint256 supply;
    }

    /// @notice One point of the pool's history.
    /// @param recordedAt {s}
    /// @param sharePrice D18{USD/share}, equity per share, 0 when it owed more than it had
    /// @param gainUsd D18{USD}, sum of all increases of equity by anything but deposits, from one point to the next, since the pool exists
    /// @param lossUsd D18{USD}, sum of all decreases by anything but redemptions
    struct HistoryPoint {
        uint256 recordedAt;
        uint256 sharePrice;
        uint256 gainUsd;
        uint256 lossUsd;
    }

    /* EVENTS */

    /// @notice The pool took a position over; `epochUsd` D18{USD} is what it has taken in this market and epoch.
    event BackstopTook(
        AccountId indexed account,
        MarketId indexed market,
        uint256 takeSize,
        uint256 price,
        uint256 discountUsd,
        uint256 epochUsd
    );
    /// @notice The pool closed a slice; `size` D18{base} is what it still holds.
    event BackstopUnwound(MarketId indexed market, int256 sizeDelta, uint256 price, uint256 feeUsd, int256 size);
    /// @notice A point of the history; `equityUsd` and `supply` are the pool's at it.
    event HistoryRecorded(uint256 sharePrice, int256 equityUsd, uint256 supply, uint256 gainUsd, uint256 lossUsd);
    /// @notice The pool's terms in a market changed.
    event BackstopTermsSet(MarketId indexed market, BackstopTerms oldTerms, BackstopTerms newTerms);
    /// @notice The notional the pool may hold per equity changed. D18{1}
    event MaxLeverageSet(uint256 oldLeverage, uint256 newLeverage);

    /* ERRORS */

    /// @notice Thrown when deficits wait in a market that the pool is in; `bookLoss` books them. D18{USD}
    error DeficitOpen(MarketId market, uint256 pendingUsd, uint256 toleranceUsd);
    /// @notice Thrown when the pool's price of a market was published too long ago to enter or leave at. {s}
    error BackstopPriceNotFresh(MarketId market, uint256 publishedAt, uint256 maxAgeSeconds);
    /// @notice Thrown when the pool has lost so much that new shares would cost next to nothing. D18{USD}, D18{share}
    error BackstopDepleted(int256 equityUsd, uint256 supply);
    /// @notice Thrown when the pool does not bid for a position, and why.
    error BidRefused(AccountId account, MarketId market, BidRefusal refusal, ILiquidationEngine.PlanCode code);
    /// @notice Thrown when the pool has nothing to close in a market.
    error NothingHeld(MarketId market);
    /// @notice Thrown when the last slice is too recent. {s}
    error SliceTooEarly(MarketId market, uint256 allowedAt, uint256 timestamp);
    /// @notice Thrown when not a lot can be closed within the tolerance; skewRatio is the traders' net size over the skew scale. D18{1}
    error SliceTooCostly(MarketId market, int256 skewRatio, uint256 tolerance);
    /// @notice Thrown when a term lies outside the bounds that are fixed in code.
    error BackstopTermOutOfBounds(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest);
    /// @notice Thrown when the leverage lies outside the bounds that are fixed in code. D18{1}
    error LeverageOutOfBounds(uint256 value, uint256 lowest, uint256 highest);

    /* SHARES */

    /// @notice What the pool is worth now, at the last valid prices where there are none.
    function valuation() external view returns (BackstopValuation memory);

    /// @notice Account of the house that holds the pool's cash and positions.
    function account() external view returns (AccountId);

    /* TAKING AND CLOSING */

    /// @notice Takes over as much of a position as its rule allows: see IClearingHouse.previewBackstop for when and at what price, BackstopTerms for how much. Also inventory of a market's resolution account.
    /// @param from account whose position is taken over, or the market's resolution account
    /// @return plan what was done
    /// @dev Reverts: BidRefused (with the reason `previewTake` gives), and as IClearingHouse.takeOver.
    function take(AccountId from, MarketId market) external returns (ILiquidationEngine.TakeOverPlan memory plan);

    /// @notice What `take` would do now.
    function previewTake(AccountId from, MarketId market) external view returns (Bid memory);

    /// @notice Closes a slice of the pool's position in a market against the liquidity pool: at most `unwindShare` of depth per `unwindIntervalSeconds`, never further from the index than
    /// `unwindTolerance` on the costly side; what takes the skew towards zero costs nothing. A rest too small to stand alone goes with it.
    /// @return sizeDelta D18{base}, what the pool traded
    /// @dev Reverts: NothingHeld, SliceTooEarly, SliceTooCostly, and as IClearingHouse.trade.
    function unwind(MarketId market) external returns (int256 sizeDelta);

    /// @notice What `unwind` would trade now, or 0, and from when on it may. D18{base}, {s}
    function previewUnwind(MarketId market) external view returns (int256 sizeDelta, uint256 allowedAt);

    /* HISTORY */

    /// @notice Settles the account and records a point of the history. Deposits, redemptions, `take` and `unwind` do so by themselves.
    /// @dev Reverts: PriceNotValid.
    function checkpoint() external;

    /// @notice Number of points; at most one a second.
    function historyLength() external view returns (uint256);

    /// @notice Point number `index`, in order of time.
    function historyAt(uint256 index) external view returns (HistoryPoint memory);

    /// @notice The last point at or before `timestamp` {s}; zeros when there is none.
    function historyBefore(uint256 timestamp) external view returns (HistoryPoint memory);

    /* GOVERNANCE */

    /// @notice Sets what the pool may do in a market, within the bounds of BackstopTerms.
    /// @custom:access governor
    /// @dev Reverts: BackstopTermOutOfBounds.
    function setBackstopTerms(MarketId market, BackstopTerms calldata newTerms) external;

    /// @notice Sets the largest notional over all markets per redeemable value that a take or a redemption may leave.
    /// @param newLeverage D18{1}, 0.1 to 10
    /// @custom:access governor
    /// @dev Reverts: LeverageOutOfBounds.
    function setMaxLeverage(uint256 newLeverage) external;

    /// @notice The terms of a market as they are kept.
    function backstopTermsOf(MarketId market) external view returns (BackstopTerms memory);

    /// @notice D18{1}
    function maxLeverage() external view returns (uint256);

    /// @notice What the pool has taken in a market in the present epoch. D18{USD}
    function takenInEpoch(MarketId market) external view returns (uint256);
}
