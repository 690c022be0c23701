// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBackstopPool} from "../interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {SkewMath} from "../libraries/SkewMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {BackstopParameters, StoredBackstopTerms} from "./BackstopParameters.sol";
import {BackstopValue, BackstopWorth} from "./BackstopValue.sol";

/// @notice What a bid depends on besides the house.
/// @param account the pool's
/// @param worth of that account
/// @param terms of the market, filled in by the rule
/// @param maxLeverage D18{1}
/// @param takenUsd D18{USD}, in this market and epoch
struct BidContext {
    IClearingHouse house;
    AccountId account;
    BackstopWorth worth;
    IBackstopPool.BackstopTerms terms;
    uint256 maxLeverage;
    uint256 takenUsd;
}

/// @title The rule by which the backstop bids and closes
/// @notice A bid takes x = min(plan, market cap, epoch cap, leverage, concession) at the price of the finished auction. With h what the pool holds in the same direction already and
/// d the discount per unit of notional: the unwinding of x costs −(±k/K) + (h + x/2)/K at the average skew, and may cost at most d plus the concession.
/// @dev Both what acts and what previews run these functions. Deployed on its own and linked, because of the size limit: it runs in the pool's storage.
library BackstopRule {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /* TAKING */

    /// @dev See IBackstopPool.previewTake.
    /// @param stored the pool's terms
    function bidFor(
        mapping(MarketId market => StoredBackstopTerms) storage stored,
        BidContext memory context,
        AccountId from,
        MarketId market
    ) external view returns (IBackstopPool.Bid memory bid) {
        int256 size = context.house.positionOf(from, market).size;
        context.terms = BackstopParameters.read(stored[market]);
        if (context.terms.unwindIntervalSeconds == 0) return _refuse(bid, IBackstopPool.BidRefusal.NoTerms);
        if (!context.worth.pricesValid) return _refuse(bid, IBackstopPool.BidRefusal.PriceNotValid);
        // What the house would not even plan for has no price that a room could be measured at.
        bid.plan = context.house.previewBackstop(from, market, type(uint256).max);
        if (!_acts(bid.plan)) return _refuse(bid, IBackstopPool.BidRefusal.Plan);

        uint256 price = IOracleRouter(context.house.moduleOf("oracle")).peek(market.bit())[0].price;
        int256 held = context.house.positionOf(context.account, market).size;
        uint256 wanted = bid.plan.takeSize;
        IBackstopPool.BidRefusal cap;
        (bid.roomSize, cap) = _room(context, size > 0 ? held : -held, held.magnitude(), price);
        if (wanted > bid.roomSize) _plan(bid, context.house, from, market);
        if (_acts(bid.plan)) _requireCheap(bid, context, from, market, size, price);
        if (bid.refusal != IBackstopPool.BidRefusal.None) return bid;
        bool cut = bid.plan.takeSize < wanted;
        if (!_acts(bid.plan)) return _refuse(bid, cut ? cap : IBackstopPool.BidRefusal.Plan);
        // A position of the pool is at least of the market's minimum, as everybody's, unless it was taken over as a whole.
        if (bid.plan.code == ILiquidationEngine.PlanCode.Full) return bid;
        uint256 left = ((size > 0 ? held : -held) + bid.plan.takeSize.toInt()).magnitude();
        if (left != 0 && left.mulWadDown(price) < context.house.termsOf(market).minNotionalUsd) {
            return _refuse(bid, cut ? cap : IBackstopPool.BidRefusal.TooSmall);
        }
    }

    /// @dev How much more the pool may take in a direction, and the cap that says so. D18{base}
    /// @param held D18{base}, what it holds already: positive in the direction that is taken
    function _room(
        BidContext memory context,
        int256 held,
        uint256 heldSize,
        uint256 price
    ) private pure returns (uint256 room, IBackstopPool.BidRefusal refusal) {
        uint256 capUsd = context.terms.capUsd;
        room = (capUsd.divWadDown(price).toInt() - held).positivePart();
        refusal = IBackstopPool.BidRefusal.MarketCap;

        uint256 otherUsd = context.worth.notionalUsd - Math.min(context.worth.notionalUsd, heldSize.mulWadUp(price));
        uint256 allowedUsd = context.worth.redeemableUsd.mulWadDown(context.maxLeverage);
        uint256 leveraged = allowedUsd > otherUsd ? (allowedUsd - otherUsd).divWadDown(price) : 0;
        uint256 next = (leveraged.toInt() - held).positivePart();
        if (next < room) (room, refusal) = (next, IBackstopPool.BidRefusal.Leverage);

        uint256 epochCapUsd = context.terms.epochCapUsd;
        next = epochCapUsd > context.takenUsd ? (epochCapUsd - context.takenUsd).divWadDown(price) : 0;
        if (next < room) (room, refusal) = (next, IBackstopPool.BidRefusal.EpochCap);
    }

    /// @dev Cuts a bid that would be too dear to what costs no more than the concession alone; refuses it if that is nothing.
    function _requireCheap(
        IBackstopPool.Bid memory bid,
        BidContext memory context,
        AccountId from,
        MarketId market,
        int256 size,
        uint256 price
    ) private view {
        uint256 skewScale = context.house.termsOf(market).skewScale;
        int256 average = context.house.marketOf(market).averageSkewRatio;
        int256 held = context.house.positionOf(context.account, market).size;
        uint256 same = (size > 0 ? held : -held).positivePart();
        if (_isCheap(bid, context.terms.maxConcession, size, same, average, skewScale, price)) return;

        int256 reach = context.terms.maxConcession.toInt() + (size > 0 ? average : -average);
        int256 most = (2 * reach.positivePart().mulWadDown(skewScale)).toInt() - (2 * same).toInt();
        bid.roomSize = Math.min(bid.roomSize, most.positivePart());
        if (bid.roomSize != 0) {
            _plan(bid, context.house, from, market);
            if (!_acts(bid.plan) || _isCheap(bid, context.terms.maxConcession, size, same, average, skewScale, price)) {
                return;
            }
        }
        bid.refusal = IBackstopPool.BidRefusal.TooDear;
    }

    /// @dev Writes what closing would cost; whether discount and concession cover it.
    function _isCheap(
        IBackstopPool.Bid memory bid,
        uint256 concession,
        int256 direction,
        uint256 held,
        int256 averageSkewRatio,
        uint256 skewScale,
        uint256 price
    ) private pure returns (bool) {
        uint256 takeSize = bid.plan.takeSize;
        uint256 notionalUsd = takeSize.mulWadUp(price);
        bid.unwindCostUsd = notionalUsd.mulWadUp(
            BackstopValue.impactRateUp(direction, takeSize, held, averageSkewRatio, skewScale)
        );
        return bid.unwindCostUsd <= bid.plan.discountUsd + notionalUsd.mulWadUp(concession);
    }

    function _plan(IBackstopPool.Bid memory bid, IClearingHouse house, AccountId from, MarketId market) private view {
        bid.plan = house.previewBackstop(from, market, bid.roomSize);
    }

    function _acts(ILiquidationEngine.TakeOverPlan memory plan) private pure returns (bool) {
        return plan.code >= ILiquidationEngine.PlanCode.Partial;
    }

    function _refuse(
        IBackstopPool.Bid memory bid,
        IBackstopPool.BidRefusal refusal
    ) private pure returns (IBackstopPool.Bid memory) {
        bid.refusal = refusal;
        return bid;
    }

    /* CLOSING */

    /// @dev How much of a position of `size` a slice closes at `price`: signed like a fill, 0 where not a lot is within tolerance. D18{base}
    /// @param stored the pool's terms
    function sliceOf(
        mapping(MarketId market => StoredBackstopTerms) storage stored,
        IClearingHouse house,
        MarketId market,
        int256 size,
        uint256 price
    ) external view returns (int256) {
        IBackstopPool.BackstopTerms memory terms = BackstopParameters.read(stored[market]);
        IClearingHouse.MarketTerms memory listed = house.termsOf(market);
        int256 skew = skewOf(house.marketOf(market));
        uint256 whole = size.magnitude();
        // Closing a long sells at P·(1 + (k − x/2)/K): the costly side of the index is reached at x = 2k.
        int256 reach = listed.skewScale.mulWadDown(terms.unwindTolerance).toInt() + (size > 0 ? skew : -skew);
        uint256 within = 2 * reach.positivePart();
        uint256 depth = SkewMath.depthUsd(listed.skewScale, WAD);
        uint256 slice = Math.min(Math.max(depth.mulWadDown(terms.unwindShare), listed.lotSize), within);
        uint256 minimum = listed.minNotionalUsd.divWadUp(price);
        uint256 amount = slice >= whole ? whole : slice - (slice % listed.lotSize);
        if (amount != whole && whole - amount < minimum) {
            // What would be left is too small to stand alone: it goes too, or so much stays that it is not.
            amount =
                within >= whole
                    ? whole
                    : whole > minimum
                        ? whole - minimum
                        : 0;
            if (amount != whole) amount -= amount % listed.lotSize;
        }
        return size > 0 ? -amount.toInt() : amount.toInt();
    }

    /// @dev k, the traders' net size. D18{base}
    function skewOf(IClearingHouse.MarketState memory state) internal pure returns (int256) {
        return state.longOpenInterest.toInt() - state.shortOpenInterest.toInt();
    }

    /// @dev Worst price of a slice: the index moved by the tolerance. D18{USD/base}
    function limitPriceOf(int256 sizeDelta, uint256 price, uint256 tolerance) internal pure returns (uint256) {
        // A unit more for the rounding of the pool's price.
        if (sizeDelta > 0) return price.mulWadUp(WAD + tolerance) + 1;
        uint256 lowest = price.mulWadDown(WAD - tolerance);
        return lowest == 0 ? 0 : lowest - 1;
    }
}
