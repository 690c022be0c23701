// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {Auction, AuctionMath} from "../libraries/AuctionMath.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {LiquidationMath, Reduction} from "../libraries/LiquidationMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {FillQuote, SkewMath} from "../libraries/SkewMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {LiquidationParameters, PackedTerms} from "./LiquidationParameters.sol";
import {SliceBucket} from "./SliceBucket.sol";

/// @title The planner of partial liquidations
/// @notice Owns the liquidation terms of every market; holds no account, bucket or price, all of which the house hands over.
///
/// A plan closes min(x*, pacing, affordable, pool), where x* just reaches the target health. It keeps:
/// LIQ-1 nothing is closed while E ≥ MM; LIQ-2 penalty and impact together stay within H·ΔMM, so health never falls; LIQ-3 the penalty never
/// exceeds what equity is left; LIQ-4 no more than the bucket's capacity and refill, except for positions too small to slice.
/// A take-over takes min(x*, what the taker wants) at a discount within H·ΔMM and the cost of a liquidation (AuctionMath).
/// @dev Widths, kept by the house: sizes below 2¹¹¹, prices below 2¹²⁸, notionals and equities below 2¹¹², K below 2¹²⁰.
contract LiquidationEngine is ILiquidationEngine, AccessManaged {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev What the steps of one plan share.
    struct Draft {
        PackedTerms terms;
        Reduction reduction;
        uint256 size;
        uint256 price;
        uint256 equityUsd;
        uint256 maintenanceUsd;
        uint256 maintenanceRate;
        uint256 sizeSlope;
        uint256 capacityUsd;
        uint256 windowSeconds;
        uint256 usedUsd;
        uint256 accountUsedRatio;
        uint256 penaltyRate;
        bool isSmall;
        bool isDeep;
    }

    /// @dev Liquidations may push the pool past its exposure cap by a quarter: × 5 / 4.
    uint256 private constant CAP_NUMERATOR = 5;
    uint256 private constant CAP_DENOMINATOR = 4;

    /// @dev A whole account is taken over once its equity times this is below its maintenance margin: H < ⅓.
    uint256 private constant DEEP = 3;

    /// @dev D18{USD}. Booking a fill lowers equity by less than two units more than `impactUsd` says: one in the quote leg, one in s·X.
    int256 private constant BOOKING_DUST_USD = 2;

    /// @dev D18{USD}. The same two units, and τ times the one by which a requirement rounds up twice.
    int256 private constant POOL_DUST_USD = 4;

    /// @dev A pool is left to itself for so many windows w₀ before the side opposite to it is torn up.
    uint256 private constant POOL_WINDOWS = 2;

    /// @dev A size that fails by a rounding gives way by 1/1024 of itself, at least one lot.
    uint256 private constant RETREAT = 1024;

    /// @notice Judges the accounts whose liquidation is planned.
    IRiskEngine public immutable RISK_ENGINE;

    mapping(MarketId market => PackedTerms terms) private _terms;
    mapping(MarketId market => AuctionTerms terms) private _auctions;

    constructor(address initialAuthority, IRiskEngine riskEngine) AccessManaged(initialAuthority) {
        RISK_ENGINE = riskEngine;
    }

    /* GOVERNANCE */

    /// @inheritdoc ILiquidationEngine
    function setLiquidationTerms(MarketId market, LiquidationTerms calldata newTerms) external restricted {
        LiquidationTerms memory oldTerms = LiquidationParameters.unpack(_terms[market]);
        _terms[market] = LiquidationParameters.pack(market, newTerms);
        emit LiquidationTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc ILiquidationEngine
    function setAuctionTerms(MarketId market, AuctionTerms calldata newTerms) external restricted {
        LiquidationParameters.requireAuctionSeconds(market, newTerms.durationSeconds);
        AuctionTerms memory oldTerms = _auctions[market];
        _auctions[market] = newTerms;
        emit AuctionTermsSet(market, oldTerms, newTerms);
    }

    /* VIEWS */

    /// @inheritdoc ILiquidationEngine
    function plan(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state
    ) external view returns (Plan memory result) {
        Exposure calldata exposure = portfolio.exposures[index];
        if (exposure.size == 0) return _refuse(result, PlanCode.NoPosition);
        if (exposure.status != PriceStatus.Valid) return _refuse(result, PlanCode.PriceNotValid);

        (result.equityUsd, result.maintenanceUsd) = RISK_ENGINE.assess(portfolio, MarginKind.Maintenance);
        if (result.equityUsd < 0) {
            return _refuse(result, graceUsd < result.equityUsd.magnitude() ? PlanCode.Bankrupt : PlanCode.Healthy);
        }
        if (uint256(result.equityUsd) + graceUsd >= result.maintenanceUsd) return _refuse(result, PlanCode.Healthy);

        Draft memory draft = _draft(exposure, state, uint256(result.equityUsd), result.maintenanceUsd);
        (uint256 closeSize, PlanCode refusal) = _size(draft, exposure, state);
        if (closeSize == 0) return _refuse(result, refusal);
        return _charge(result, draft, exposure.size, exposure.depthUsd, state, closeSize);
    }

    /// @inheritdoc ILiquidationEngine
    function cutPlan(
        Plan calldata planned,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize,
        uint256 price
    ) external view returns (Plan memory result) {
        (result.equityUsd, result.maintenanceUsd) = (planned.equityUsd, planned.maintenanceUsd);
        Draft memory draft = _draft(exposure, state, uint256(planned.equityUsd), planned.maintenanceUsd);
        result.price = price;
        int256 leftUsd = _leftUsd(result, draft, _reducing(exposure.size, closeSize), exposure.depthUsd);
        if (leftUsd < 0) return _refuse(result, PlanCode.Unaffordable);
        uint256 shareUsd = planned.penaltyUsd.mulDivDown(closeSize, planned.closeSize);
        _close(result, draft, closeSize, Math.min(shareUsd, uint256(leftUsd)));
        result.gasFloorUsd = planned.gasFloorUsd.mulDivDown(closeSize, planned.closeSize);
    }

    /// @inheritdoc ILiquidationEngine
    function planTakeOver(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory result) {
        Exposure calldata exposure = portfolio.exposures[index];
        result.elapsedSeconds = elapsedSeconds;
        result.code = _codeOf(exposure);
        if (result.code != PlanCode.Full) return result;
        (result.code, result.equityUsd, result.maintenanceUsd) = _judge(portfolio, graceUsd);
        if (result.code != PlanCode.Full) return result;

        uint256 share = AuctionMath.shareDown(elapsedSeconds, _durationOf(exposure.market));
        Draft memory draft = _draft(exposure, state, uint256(result.equityUsd), result.maintenanceUsd);
        Auction memory auction = _auction(draft, exposure, state, share);
        uint256 wanted = _dustless(
            draft,
            state,
            _inLots(draft, state.lotSize, AuctionMath.targetUp(auction, draft.terms.rateOf(LiquidationTerm.Target))),
            maxSize
        );
        return _priceTake(result, draft, auction, exposure, wanted);
    }

    /// @inheritdoc ILiquidationEngine
    function planTakeOverWhole(
        Portfolio calldata portfolio,
        uint256 graceUsd,
        MarketState[] calldata states,
        uint256 elapsedSeconds
    ) external view returns (TakeOverPlan memory total, TakeOverPlan[] memory parts) {
        uint256 count = portfolio.exposures.length;
        parts = new TakeOverPlan[](count);
        total.elapsedSeconds = elapsedSeconds;
        (total.code, total.equityUsd, total.maintenanceUsd) = _judge(portfolio, graceUsd);
        if (total.code != PlanCode.Full) return (total, parts);
        if (uint256(total.equityUsd) * DEEP >= total.maintenanceUsd) {
            total.code = PlanCode.NotDeep;
            return (total, parts);
        }
        uint256 share = AuctionMath.shareDown(elapsedSeconds, _longestDurationOf(portfolio.exposures));
        total.code = PlanCode.NoPosition;
        for (uint256 i; i < count; ++i) {
            Exposure calldata exposure = portfolio.exposures[i];
            TakeOverPlan memory part = parts[i];
            (part.equityUsd, part.maintenanceUsd) = (total.equityUsd, total.maintenanceUsd);
            part.elapsedSeconds = elapsedSeconds;
            part.code = _codeOf(exposure);
            if (part.code == PlanCode.Full) {
                Draft memory draft = _draft(exposure, states[i], uint256(total.equityUsd), total.maintenanceUsd);
                _priceTake(part, draft, _auction(draft, exposure, states[i], share), exposure, draft.size);
            }
            if (part.code == PlanCode.Full) {
                total.discountUsd += part.discountUsd;
                total.code = PlanCode.Full;
            } else if (total.code == PlanCode.NoPosition) {
                total.code = part.code;
            }
        }
    }

    /// @inheritdoc ILiquidationEngine
    function planInventory(
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 tolerance,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory result) {
        (result.equityUsd, result.elapsedSeconds) = (exposure.valueUsd, elapsedSeconds);
        result.code = _codeOf(exposure);
        if (result.code != PlanCode.Full) return result;

        uint256 size = exposure.size.magnitude();
        uint256 takeSize = maxSize >= size ? size : maxSize - (maxSize % state.lotSize);
        if (takeSize == 0) {
            result.code = PlanCode.TooSmall;
            return result;
        }
        Reduction memory reduction = LiquidationMath.reductionOf(
            0,
            0,
            0,
            0,
            state.skewScale.mulWadDown(exposure.price),
            _auctionSkewCost(exposure, state)
        );
        result.discountUsd = AuctionMath.inventoryDiscountDown(
            reduction,
            takeSize.mulWadDown(exposure.price),
            tolerance,
            AuctionMath.shareDown(elapsedSeconds, _durationOf(exposure.market))
        );
        return _finishTake(result, exposure, takeSize);
    }

    /// @inheritdoc ILiquidationEngine
    function planPool(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        uint256 lotSize,
        uint256 elapsedSeconds
    ) external view returns (PoolPlan memory result) {
        Exposure calldata exposure = portfolio.exposures[index];
        result.code = _codeOf(exposure);
        if (result.code != PlanCode.Full) return result;
        (result.code, result.equityUsd, result.maintenanceUsd) = _judge(portfolio, graceUsd);
        if (result.code != PlanCode.Full) return result;

        PackedTerms terms = _termsOf(exposure.market);
        result.closeSize = _poolSize(
            exposure,
            uint256(result.equityUsd),
            result.maintenanceUsd,
            terms.rateOf(LiquidationTerm.Target),
            lotSize
        );
        result.allowedAt = block.timestamp + POOL_WINDOWS * terms.windowOf() - elapsedSeconds;
        if (block.timestamp < result.allowedAt) result.code = PlanCode.Paced;
        else if (result.closeSize != exposure.size.magnitude()) result.code = PlanCode.Partial;
    }

    /// @inheritdoc ILiquidationEngine
    function pacingOf(
        Portfolio calldata portfolio,
        uint256 index,
        MarketState calldata state
    ) external view returns (Pacing memory pacing) {
        Exposure calldata exposure = portfolio.exposures[index];
        (int256 equityUsd, uint256 maintenanceUsd) = RISK_ENGINE.assess(portfolio, MarginKind.Maintenance);
        Draft memory draft = _draft(exposure, state, equityUsd.positivePart(), maintenanceUsd);
        (uint256 usedUsd, uint256 capacityUsd) = (draft.usedUsd, draft.capacityUsd);
        (uint256 used, uint256 window) = (draft.accountUsedRatio, draft.windowSeconds);
        uint256 leastUsd = Math.min(state.lotSize, draft.size).mulWadUp(draft.price);
        uint256 wait = SliceBucket.secondsUntilRoom(usedUsd, capacityUsd, used, draft.isDeep, leastUsd, window);
        if (draft.reduction.notionalUsd <= draft.terms.smallNotionalOf()) {
            uint256 notionalUsd = draft.reduction.notionalUsd;
            wait = Math.min(wait, SliceBucket.secondsUntilWhole(usedUsd, capacityUsd, notionalUsd, window));
        }
        pacing.capacityUsd = capacityUsd;
        pacing.windowSeconds = window;
        pacing.roomUsd =
            draft.isSmall
                ? draft.reduction.notionalUsd
                : SliceBucket.roomDown(usedUsd, capacityUsd, used, draft.isDeep);
        pacing.nextAt = wait == type(uint256).max ? wait : block.timestamp + wait;
        pacing.fullAt = block.timestamp + SliceBucket.secondsUntilFull(usedUsd, capacityUsd, used, window);
        pacing.fullRoomUsd = SliceBucket.roomDown(0, capacityUsd, 0, draft.isDeep);
    }

    /// @inheritdoc ILiquidationEngine
    function auctionTermsOf(MarketId market) external view returns (AuctionTerms memory terms) {
        return _auctions[market];
    }

    /// @inheritdoc ILiquidationEngine
    function liquidationTermsOf(MarketId market) external view returns (LiquidationTerms memory terms) {
        return LiquidationParameters.unpack(_terms[market]);
    }

    /* PRIVATE */

    /// @dev A plan that closes nothing, and why.
    function _refuse(Plan memory result, PlanCode code) private pure returns (Plan memory) {
        result.code = code;
        (result.price, result.impactUsd) = (0, 0);
        return result;
    }

    function _termsOf(MarketId market) private view returns (PackedTerms terms) {
        terms = _terms[market];
        if (PackedTerms.unwrap(terms) == 0) revert LiquidationTermsNotSet(market);
    }

    /// @dev Gathers terms, rates and the state of pacing.
    function _draft(
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 equityUsd,
        uint256 maintenanceUsd
    ) private view returns (Draft memory draft) {
        PackedTerms terms = _termsOf(exposure.market);
        IRiskEngine.MarginRates memory rates = RISK_ENGINE.ratesOf(exposure.market);

        draft.terms = terms;
        draft.size = exposure.size.magnitude();
        draft.price = exposure.price;
        draft.equityUsd = equityUsd;
        draft.maintenanceUsd = maintenanceUsd;
        draft.maintenanceRate = rates.maintenanceRate;
        draft.sizeSlope = rates.sizeSlope;
        uint256 notionalUsd = draft.size.mulWadUp(draft.price);
        draft.reduction = LiquidationMath.reductionOf(
            notionalUsd,
            rates.maintenanceRate,
            rates.sizeSlope,
            exposure.depthUsd,
            state.skewScale.mulWadDown(draft.price),
            LiquidationMath.skewCostUp(-exposure.size, state.skew, state.skewScale)
        );
        draft.penaltyRate = LiquidationMath.penaltyRateDown(
            equityUsd,
            notionalUsd,
            terms.rateOf(LiquidationTerm.MaxPenaltyRate),
            terms.rateOf(LiquidationTerm.EquityShare)
        );

        _pace(draft, exposure.depthUsd, state);
    }

    /// @dev Adds the state of pacing to a draft.
    function _pace(Draft memory draft, uint256 depthUsd, MarketState calldata state) private view {
        PackedTerms terms = draft.terms;
        uint256 window = SliceBucket.windowUp(terms.windowOf(), terms.referenceRangeOf(), state.stress);
        draft.windowSeconds = window;
        draft.capacityUsd = SliceBucket.capacityDown(depthUsd, terms.rateOf(LiquidationTerm.SliceShare), state.stress);
        draft.usedUsd = SliceBucket.usedAfter(
            state.bucketUsedUsd,
            draft.capacityUsd,
            block.timestamp - state.bucketAt,
            window
        );
        draft.accountUsedRatio = SliceBucket.ratioAfter(
            state.accountUsedRatio,
            block.timestamp - state.accountUsedAt,
            window
        );
        draft.isDeep = draft.equityUsd * DEEP < draft.maintenanceUsd;
        uint256 notionalUsd = draft.reduction.notionalUsd;
        draft.isSmall =
            notionalUsd <= terms.smallNotionalOf() &&
            SliceBucket.coversWhole(draft.usedUsd, draft.capacityUsd, notionalUsd);
    }

    /// @dev How much to close: what the target needs, cut to what pacing, the account's health and the pool allow. D18{base}; 0 with the reason.
    function _size(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state
    ) private view returns (uint256 closeSize, PlanCode refusal) {
        uint256 lotSize = state.lotSize;
        closeSize = draft.size;
        if (!draft.isSmall) {
            closeSize = _pacedSize(draft, state, lotSize);
            if (closeSize == 0) return (0, PlanCode.Paced);
        }

        uint256 affordable = _wholeLots(draft, lotSize, _affordableSize(draft, exposure.size > 0, state));
        if (affordable == 0) return (0, PlanCode.Unaffordable);
        if (closeSize > affordable) closeSize = affordable;

        closeSize = _wholeLots(draft, lotSize, _poolRoom(draft, exposure, state, closeSize));
        if (closeSize == 0) return (0, PlanCode.PoolUnavailable);
    }

    /// @dev What the target needs, as far as the bucket and the account's part of it go. A rest too small to stand alone goes with it, on the terms
    /// of a small position. D18{base}
    function _pacedSize(
        Draft memory draft,
        MarketState calldata state,
        uint256 lotSize
    ) private pure returns (uint256) {
        uint256 roomUsd = SliceBucket.roomDown(draft.usedUsd, draft.capacityUsd, draft.accountUsedRatio, draft.isDeep);
        uint256 paced = _wholeLots(draft, lotSize, roomUsd.divWadDown(draft.price));
        if (paced == 0) return 0;

        paced = Math.min(paced, _targetSize(draft, state.band, lotSize));
        // Never more than the size.
        uint256 rest;
        unchecked {
            rest = draft.size - paced;
        }
        bool isDust = rest.mulWadDown(draft.price) < state.minNotionalUsd;
        uint256 notionalUsd = draft.reduction.notionalUsd;
        return isDust && SliceBucket.coversWhole(draft.usedUsd, draft.capacityUsd, notionalUsd) ? draft.size : paced;
    }

    /// @dev x* in base, rounded up to the lot.
    function _targetSize(Draft memory draft, uint256 band, uint256 lotSize) private pure returns (uint256) {
        uint256 targetUsd = LiquidationMath.targetWithinBandUp(
            draft.reduction,
            draft.equityUsd,
            draft.maintenanceUsd,
            draft.terms.rateOf(LiquidationTerm.Target),
            draft.penaltyRate,
            band
        );
        return _inLots(draft, lotSize, targetUsd);
    }

    /// @dev A notional in base, rounded up to the lot, at most the position.
    function _inLots(Draft memory draft, uint256 lotSize, uint256 targetUsd) private pure returns (uint256) {
        if (targetUsd >= draft.reduction.notionalUsd) return draft.size;
        uint256 lots = targetUsd.divWadUp(draft.price).divUp(lotSize);
        return Math.min(lots * lotSize, draft.size);
    }

    /// @dev x_aff in base, at the dearer of the skew as it is and as it was on average: a skew made for the moment neither forces a
    /// liquidation that costs too much nor makes one look cheap.
    function _affordableSize(
        Draft memory draft,
        bool isLong,
        MarketState calldata state
    ) private pure returns (uint256) {
        Reduction memory reduction = draft.reduction;
        int256 averageCost = isLong ? -state.averageSkewRatio : state.averageSkewRatio;
        int256 bestCost = -state.band.toInt();
        if (reduction.skewCost < averageCost) reduction.skewCost = averageCost;
        if (reduction.skewCost < bestCost) reduction.skewCost = bestCost;
        uint256 affordableUsd = LiquidationMath.affordableDown(
            reduction,
            draft.equityUsd.divWadDown(draft.maintenanceUsd)
        );
        return affordableUsd >= reduction.notionalUsd ? draft.size : affordableUsd.divWadDown(draft.price);
    }

    /// @dev `cap` in whole lots, or all of a position it covers (tear-ups leave sizes that are no multiple of the lot). D18{base}
    function _wholeLots(Draft memory draft, uint256 lotSize, uint256 cap) private pure returns (uint256) {
        // The rest of a division is at most the dividend.
        unchecked {
            return cap >= draft.size ? draft.size : cap - (cap % lotSize);
        }
    }

    /// @dev How much of `closeSize` the pool takes. Whatever does not enlarge its position always passes; beyond, the enlarged position must stay
    /// within its cap and be covered by its equity. D18{base}
    function _poolRoom(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize
    ) private view returns (uint256) {
        int256 skew = state.skew;
        int256 sizeDelta = _reducing(exposure.size, closeSize);
        uint256 held = skew.magnitude();
        uint256 heldAfter = (skew + sizeDelta).magnitude();
        if (heldAfter <= held) return closeSize;

        uint256 allowed = Math.min(
            (state.exposureCap * CAP_NUMERATOR) / CAP_DENOMINATOR,
            _coveredSize(draft, exposure, state, heldAfter)
        );
        if (allowed < held) allowed = held;
        // A fill against the skew first takes the pool to zero and then out on the other side.
        bool isCrossing = (skew > 0 && sizeDelta < 0) || (skew < 0 && sizeDelta > 0);
        return Math.min(closeSize, isCrossing ? allowed + held : allowed - held);
    }

    /// @dev Largest pool position up to `wantedSize` whose initial margin the pool's equity covers. D18{base}
    function _coveredSize(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 wantedSize
    ) private view returns (uint256) {
        uint256 equityUsd = state.poolEquityUsd.positivePart();
        uint256 wantedUsd = wantedSize.mulWadUp(draft.price);
        uint256 depthUsd = exposure.depthUsd;
        uint256 requiredUsd = RISK_ENGINE.initialMarginOf(
            exposure.market,
            wantedUsd,
            depthUsd,
            exposure.openInterestUsd
        );
        if (equityUsd >= requiredUsd) return wantedSize;

        // The flat part of the requirement is its rate per notional; with it, the largest covered notional has a closed form.
        uint256 slopedUsd = MarginMath.requirementUp(wantedUsd, 0, draft.sizeSlope, depthUsd);
        uint256 flatRate = (requiredUsd - slopedUsd).divWadUp(wantedUsd);
        return
            LiquidationMath.coveredNotionalDown(equityUsd, flatRate, draft.sizeSlope, depthUsd).divWadDown(draft.price);
    }

    /// @dev Prices the reduction and fixes its penalty: φ₀·x, yielding to impact wherever both together would lower the health. Where a
    /// size just affordable fails by a rounding, a thousandth less does not.
    function _charge(
        Plan memory result,
        Draft memory draft,
        int256 size,
        uint256 depthUsd,
        MarketState calldata state,
        uint256 closeSize
    ) private pure returns (Plan memory) {
        int256 leftUsd = _quote(result, draft, size, depthUsd, state, closeSize);
        if (leftUsd < 0) {
            // closeSize is not zero.
            unchecked {
                closeSize -= closeSize / RETREAT;
                closeSize -= 1 + ((closeSize - 1) % state.lotSize);
            }
            leftUsd = _quote(result, draft, size, depthUsd, state, closeSize);
            if (closeSize == 0 || leftUsd < 0) return _refuse(result, PlanCode.Unaffordable);
        }
        uint256 penaltyUsd = draft.penaltyRate.mulWadDown(closeSize.mulWadUp(draft.price));
        _close(result, draft, closeSize, Math.min(penaltyUsd, uint256(leftUsd)));
        result.gasFloorUsd = draft.terms.gasFloorOf();
        return result;
    }

    /// @dev Writes what closing takes: the penalty and its split, the market's bucket, the account's allowance.
    function _close(Plan memory result, Draft memory draft, uint256 closeSize, uint256 penaltyUsd) private pure {
        result.code = closeSize == draft.size ? PlanCode.Full : PlanCode.Partial;
        result.closeSize = closeSize;
        result.penaltyUsd = penaltyUsd;
        result.keeperRewardUsd = penaltyUsd.mulWadDown(draft.terms.rateOf(LiquidationTerm.KeeperShare));
        uint256 closedUsd = closeSize.mulWadUp(draft.price);
        result.bucketUsedUsd = draft.usedUsd + closedUsd;
        result.accountUsedRatio = draft.accountUsedRatio;
        if (!draft.isSmall) result.accountUsedRatio += SliceBucket.ratioOfUp(closedUsd, draft.capacityUsd);
    }

    /// @dev Writes price and impact of a reduction. Returns how much it may cost on top without lowering the health; negative if it is too dear already. D18{USD}
    function _quote(
        Plan memory result,
        Draft memory draft,
        int256 size,
        uint256 depthUsd,
        MarketState calldata state,
        uint256 closeSize
    ) private pure returns (int256 leftUsd) {
        uint256 indexPrice = draft.price;
        int256 skew = state.skew;
        int256 sizeDelta = _reducing(size, closeSize);
        uint256 price = SkewMath.fillPrice(
            FillQuote({indexPrice: indexPrice, skew: skew, sizeDelta: sizeDelta, skewScale: state.skewScale})
        );
        if ((skew + sizeDelta).magnitude() <= skew.magnitude()) {
            price = SkewMath.clampToBand(price, indexPrice, state.band);
        }
        result.price = price;
        return _leftUsd(result, draft, sizeDelta, depthUsd);
    }

    /// @dev Writes what a reduction at `result.price` costs against the index. Returns how much it may cost on top without lowering the health. D18{USD}
    function _leftUsd(
        Plan memory result,
        Draft memory draft,
        int256 sizeDelta,
        uint256 depthUsd
    ) private pure returns (int256) {
        // Widths as above: sizes times prices stay below 2²⁴⁰, and a casted value is below 2²⁴⁰.
        unchecked {
            result.impactUsd = sizeDelta.mulWadCeil(int256(result.price) - int256(draft.price));
            return _budget(draft, depthUsd, sizeDelta.magnitude()) - result.impactUsd;
        }
    }

    /// @dev H·ΔMM, less what booking a fill may lower equity by: what a reduction may cost. D18{USD}, rounded down.
    function _budget(Draft memory draft, uint256 depthUsd, uint256 closeSize) private pure returns (int256) {
        (uint256 rate, uint256 slope) = (draft.maintenanceRate, draft.sizeSlope);
        // Widths as above, and a part never exceeds its whole.
        unchecked {
            uint256 restUsd = ((draft.size - closeSize) * draft.price).divUp(WAD);
            uint256 freedUsd =
                MarginMath.requirementUp(draft.reduction.notionalUsd, rate, slope, depthUsd) -
                    MarginMath.requirementUp(restUsd, rate, slope, depthUsd);
            uint256 budgetUsd = LiquidationMath.healthBudgetDown(draft.equityUsd, draft.maintenanceUsd, freedUsd);
            return int256(budgetUsd) - BOOKING_DUST_USD;
        }
    }

    /* PRIVATE: TAKE-OVERS */

    /// @dev Whether an exposure could be taken over at all: `Full`, or why not.
    function _codeOf(Exposure calldata exposure) private pure returns (PlanCode) {
        if (exposure.size == 0) return PlanCode.NoPosition;
        return exposure.status == PriceStatus.Valid ? PlanCode.Full : PlanCode.PriceNotValid;
    }

    /// @dev Equity and requirement; `Full` for an account in distress, or why not.
    function _judge(
        Portfolio calldata portfolio,
        uint256 graceUsd
    ) private view returns (PlanCode code, int256 equityUsd, uint256 maintenanceUsd) {
        (equityUsd, maintenanceUsd) = RISK_ENGINE.assess(portfolio, MarginKind.Maintenance);
        if (equityUsd < 0) {
            code = graceUsd < equityUsd.magnitude() ? PlanCode.Bankrupt : PlanCode.Healthy;
        } else {
            code = uint256(equityUsd) + graceUsd >= maintenanceUsd ? PlanCode.Healthy : PlanCode.Full;
        }
    }

    /// @dev The auction of a position that a liquidation was drafted for.
    function _auction(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 share
    ) private pure returns (Auction memory auction) {
        auction.position = draft.reduction;
        auction.position.skewCost = _auctionSkewCost(exposure, state);
        auction.equityUsd = draft.equityUsd;
        auction.maintenanceUsd = draft.maintenanceUsd;
        auction.share = share;
        auction.penaltyRate = draft.penaltyRate;
        auction.band = state.band;
    }

    function _auctionSkewCost(Exposure calldata exposure, MarketState calldata state) private pure returns (int256) {
        return AuctionMath.skewCostDown(-exposure.size, state.skew, state.averageSkewRatio, state.skewScale);
    }

    /// @dev What is taken of `targetSize`: the minimum at least, for the taker has to hold that; a rest under the minimum goes with it; where the taker wants
    /// less, whole lots that leave no such rest. D18{base}
    function _dustless(
        Draft memory draft,
        MarketState calldata state,
        uint256 targetSize,
        uint256 maxSize
    ) private pure returns (uint256) {
        uint256 size = draft.size;
        uint256 minimum = state.minNotionalUsd.divWadUp(draft.price);
        if (targetSize < minimum) targetSize = Math.min(minimum.divUp(state.lotSize) * state.lotSize, size);
        if (targetSize != size && size - targetSize < minimum) targetSize = size;
        if (targetSize <= maxSize) return targetSize;
        if (minimum >= size) return 0;
        uint256 most = Math.min(maxSize, size - minimum);
        return most - (most % state.lotSize);
    }

    /// @dev Fills in discount and price for taking `takeSize`.
    function _priceTake(
        TakeOverPlan memory result,
        Draft memory draft,
        Auction memory auction,
        Exposure calldata exposure,
        uint256 takeSize
    ) private pure returns (TakeOverPlan memory) {
        if (takeSize == 0) {
            result.code = PlanCode.TooSmall;
            return result;
        }
        int256 budget = _budget(draft, exposure.depthUsd, takeSize);
        if (budget < 0) {
            result.code = PlanCode.Unaffordable;
            return result;
        }
        result.discountUsd = AuctionMath.discountDown(auction, takeSize.mulWadDown(draft.price), uint256(budget));
        return _finishTake(result, exposure, takeSize);
    }

    function _finishTake(
        TakeOverPlan memory result,
        Exposure calldata exposure,
        uint256 takeSize
    ) private pure returns (TakeOverPlan memory) {
        result.code = takeSize == exposure.size.magnitude() ? PlanCode.Full : PlanCode.Partial;
        result.takeSize = takeSize;
        result.price = AuctionMath.priceOf(exposure.price, result.discountUsd, takeSize, exposure.size > 0);
        return result;
    }

    /// @dev What of a pool's position closes at the index so that E ≥ τ·MM, rounded up to the lot. Such a fill moves no equity, so what may stay is the largest
    /// R with
    ///
    ///     τ·(R·m_M·ρ + μR²/D) ≤ E   ⇔   R ≤ 2E/τ / ( m_M·ρ + √( (m_M·ρ)² + 4μ(E/τ)/D ) ),
    ///
    /// rounded down, and x = N − R: one lot less would miss the target. Were the account in other markets, what those require would come off E/τ. D18{base}
    function _poolSize(
        Exposure calldata exposure,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 lotSize
    ) private view returns (uint256) {
        IRiskEngine.MarginRates memory rates = RISK_ENGINE.ratesOf(exposure.market);
        (uint256 rate, uint256 slope, uint256 depthUsd) = (rates.maintenanceRate, rates.sizeSlope, exposure.depthUsd);
        uint256 size = exposure.size.magnitude();
        uint256 othersUsd =
            maintenanceUsd - MarginMath.requirementUp(size.mulWadUp(exposure.price), rate, slope, depthUsd);
        uint256 coveredUsd = (equityUsd.toInt() - POOL_DUST_USD).positivePart().divWadDown(target);
        coveredUsd = coveredUsd > othersUsd ? coveredUsd - othersUsd : 0;
        uint256 restUsd = LiquidationMath.coveredNotionalDown(coveredUsd, rate, slope, depthUsd);
        uint256 rest = Math.min(restUsd.divWadDown(exposure.price), size);
        return Math.min((size - rest).divUp(lotSize) * lotSize, size);
    }

    function _durationOf(MarketId market) private view returns (uint256 durationSeconds) {
        durationSeconds = _auctions[market].durationSeconds;
        if (durationSeconds == 0) revert AuctionTermsNotSet(market);
    }

    function _longestDurationOf(Exposure[] calldata exposures) private view returns (uint256 longest) {
        for (uint256 i; i < exposures.length; ++i) longest = Math.max(longest, _durationOf(exposures[i].market));
    }

    /// @dev The fill that takes `closeSize` off a position of `size`. D18{base}
    function _reducing(int256 size, uint256 closeSize) private pure returns (int256) {
        // closeSize is at most |size|.
        unchecked {
            return size > 0 ? -int256(closeSize) : int256(closeSize);
        }
    }
}
