// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
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
contract LiquidationEngine is ILiquidationEngine, AccessManaged {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Liquidations may push the pool past its exposure cap by a quarter: × 5 / 4.
    uint256 private constant CAP_NUMERATOR = 5;
    uint256 private constant CAP_DENOMINATOR = 4;

    /// @dev D18{USD}. Booking a fill rounds equity down by less than two units more than `impactUsd` says: one in the quote leg, one in s·X.
    uint256 private constant BOOKING_DUST_USD = 2;

    /// @dev A size that fails by a rounding gives way by 1/1024 of itself, at least one lot.
    uint256 private constant RETREAT = 1024;

    IRiskEngine public immutable RISK_ENGINE;

    mapping(MarketId market => PackedTerms terms) private _terms;

    /// @dev What the steps of one plan share.
    struct Draft {
        PackedTerms terms;
        Reduction reduction;
        uint256 size;
        uint256 equityUsd;
        uint256 maintenanceUsd;
        uint256 capacityUsd;
        uint256 usedUsd;
        uint256 accountUsedRatio;
        uint256 penaltyRate;
        bool isSmall;
    }

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
        if (result.equityUsd < 0) return _refuse(result, PlanCode.Bankrupt);
        if (uint256(result.equityUsd) + graceUsd >= result.maintenanceUsd) return _refuse(result, PlanCode.Healthy);

        Draft memory draft = _draft(exposure, state, uint256(result.equityUsd), result.maintenanceUsd);
        (uint256 closeSize, PlanCode refusal) = _size(draft, exposure, state);
        if (closeSize == 0) return _refuse(result, refusal);
        return _charge(result, draft, exposure, state, closeSize);
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

    /// @dev Gathers terms, rates and the state of pacing.
    function _draft(
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 equityUsd,
        uint256 maintenanceUsd
    ) private view returns (Draft memory draft) {
        PackedTerms memory terms = _terms[exposure.market];
        if (terms.target == 0) revert LiquidationTermsNotSet(exposure.market);
        IRiskEngine.MarginRates memory rates = RISK_ENGINE.ratesOf(exposure.market);

        draft.terms = terms;
        draft.size = exposure.size.magnitude();
        uint256 notionalUsd = draft.size.mulWadUp(exposure.price);
        draft.reduction = Reduction({
            notionalUsd: notionalUsd,
            maintenanceRate: rates.maintenanceRate,
            sizeSlope: rates.sizeSlope,
            depthUsd: exposure.depthUsd,
            poolScaleUsd: state.skewScale.mulWadDown(exposure.price),
            skewCost: LiquidationMath.skewCostUp(-exposure.size, state.skew, state.skewScale)
        });
        draft.equityUsd = equityUsd;
        draft.maintenanceUsd = maintenanceUsd;
        draft.penaltyRate = LiquidationMath.penaltyRateDown(
            equityUsd,
            notionalUsd,
            terms.maxPenaltyRate * LiquidationParameters.RATE_STEP,
            terms.equityShare * LiquidationParameters.RATE_STEP
        );

        draft.capacityUsd = exposure.depthUsd.mulWadDown(terms.sliceShare * LiquidationParameters.RATE_STEP);
        draft.usedUsd = SliceBucket.usedAfter(
            state.bucketUsedUsd,
            draft.capacityUsd,
            block.timestamp - state.bucketAt,
            terms.windowSeconds
        );
        draft.accountUsedRatio = SliceBucket.ratioAfter(
            state.accountUsedRatio,
            block.timestamp - state.accountUsedAt,
            terms.windowSeconds
        );
        draft.isSmall =
            notionalUsd <= terms.smallNotional * WAD &&
            SliceBucket.coversWhole(draft.usedUsd, draft.capacityUsd, notionalUsd);
    }

    /// @dev How much to close: what the target needs, cut to what pacing, the account's health and the pool allow. D18{base}; 0 with the reason.
    function _size(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state
    ) private view returns (uint256 closeSize, PlanCode refusal) {
        closeSize = draft.isSmall ? draft.size : _targetSize(draft, exposure, state);

        if (!draft.isSmall) {
            uint256 roomUsd = SliceBucket.roomDown(draft.usedUsd, draft.capacityUsd, draft.accountUsedRatio);
            uint256 paced = _wholeLots(draft, state, roomUsd.divWadDown(exposure.price));
            if (paced == 0) return (0, PlanCode.Paced);
            if (closeSize > paced) closeSize = paced;
            // A rest too small to stand alone goes with it, on the terms of a small position.
            uint256 restUsd = (draft.size - closeSize).mulWadDown(exposure.price);
            if (
                restUsd < state.minNotionalUsd &&
                SliceBucket.coversWhole(draft.usedUsd, draft.capacityUsd, draft.reduction.notionalUsd)
            ) closeSize = draft.size;
        }

        uint256 affordable = _wholeLots(draft, state, _affordableSize(draft, exposure, state));
        if (affordable == 0) return (0, PlanCode.Unaffordable);
        if (closeSize > affordable) closeSize = affordable;

        closeSize = _wholeLots(draft, state, _poolRoom(draft, exposure, state, closeSize));
        if (closeSize == 0) return (0, PlanCode.PoolUnavailable);
    }

    /// @dev `cap` in whole lots, or all of a position it covers (tear-ups leave sizes that are no multiple of the lot). D18{base}.
    function _wholeLots(Draft memory draft, MarketState calldata state, uint256 cap) private pure returns (uint256) {
        return cap >= draft.size ? draft.size : cap - (cap % state.lotSize);
    }

    /// @dev x* in base, rounded up to the lot.
    function _targetSize(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state
    ) private pure returns (uint256) {
        uint256 targetUsd = LiquidationMath.targetWithinBandUp(
            draft.reduction,
            draft.equityUsd,
            draft.maintenanceUsd,
            draft.terms.target * LiquidationParameters.RATE_STEP,
            draft.penaltyRate,
            state.band
        );
        if (targetUsd >= draft.reduction.notionalUsd) return draft.size;
        uint256 lots = targetUsd.divWadUp(exposure.price).divUp(state.lotSize);
        return Math.min(lots * state.lotSize, draft.size);
    }

    /// @dev x_aff in base, at the dearer of the skew as it is and as it was on average: a skew made for the moment neither forces a
    /// liquidation that costs too much nor makes one look cheap.
    function _affordableSize(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state
    ) private pure returns (uint256) {
        Reduction memory reduction = draft.reduction;
        int256 actualCost = reduction.skewCost;
        int256 averageCost = exposure.size > 0 ? -state.averageSkewRatio : state.averageSkewRatio;
        int256 bestCost = -state.band.toInt();
        int256 dearest = actualCost > averageCost ? actualCost : averageCost;
        reduction.skewCost = dearest > bestCost ? dearest : bestCost;
        uint256 affordableUsd = LiquidationMath.affordableDown(
            reduction,
            draft.equityUsd.divWadDown(draft.maintenanceUsd)
        );
        reduction.skewCost = actualCost;
        return affordableUsd >= reduction.notionalUsd ? draft.size : affordableUsd.divWadDown(exposure.price);
    }

    /// @dev How much of `closeSize` the pool takes. Whatever does not enlarge its position always passes; beyond, the enlarged position must stay
    /// within its cap and be covered by its equity.
    function _poolRoom(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize
    ) private view returns (uint256) {
        int256 sizeDelta = exposure.size > 0 ? -closeSize.toInt() : closeSize.toInt();
        uint256 held = state.skew.magnitude();
        uint256 heldAfter = (state.skew + sizeDelta).magnitude();
        if (heldAfter <= held) return closeSize;

        uint256 allowed = Math.min(
            (state.exposureCap * CAP_NUMERATOR) / CAP_DENOMINATOR,
            _coveredSize(draft, exposure, state, heldAfter)
        );
        if (allowed < held) allowed = held;
        bool isCrossing = (state.skew > 0) == (sizeDelta < 0) && held != 0;
        return Math.min(closeSize, isCrossing ? allowed + held : allowed - held);
    }

    /// @dev Largest pool position up to `wantedSize` whose initial margin the pool's equity covers. D18{base}.
    function _coveredSize(
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 wantedSize
    ) private view returns (uint256) {
        uint256 equityUsd = state.poolEquityUsd.positivePart();
        uint256 wantedUsd = wantedSize.mulWadUp(exposure.price);
        uint256 requiredUsd = RISK_ENGINE.initialMarginOf(
            exposure.market,
            wantedUsd,
            exposure.depthUsd,
            exposure.openInterestUsd
        );
        if (equityUsd >= requiredUsd) return wantedSize;

        // The flat part of the requirement is its rate per notional; with it, the largest covered notional has a closed form.
        uint256 sizeSlope = draft.reduction.sizeSlope;
        uint256 slopedUsd = MarginMath.requirementUp(wantedUsd, 0, sizeSlope, exposure.depthUsd);
        uint256 flatRate = (requiredUsd - slopedUsd).divWadUp(wantedUsd);
        return
            LiquidationMath.coveredNotionalDown(equityUsd, flatRate, sizeSlope, exposure.depthUsd).divWadDown(
                exposure.price
            );
    }

    /// @dev Prices the reduction and fixes its penalty: φ₀·x, yielding to impact wherever both together would lower the health. Where a
    /// size just affordable fails by a rounding, a thousandth less does not.
    function _charge(
        Plan memory result,
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize
    ) private pure returns (Plan memory) {
        int256 leftUsd = _quote(result, draft, exposure, state, closeSize);
        if (leftUsd < 0) {
            closeSize -= closeSize / RETREAT;
            closeSize = ((closeSize - 1) / state.lotSize) * state.lotSize;
            leftUsd = _quote(result, draft, exposure, state, closeSize);
            if (closeSize == 0 || leftUsd < 0) return _refuse(result, PlanCode.Unaffordable);
        }
        result.code = closeSize == draft.size ? PlanCode.Full : PlanCode.Partial;
        result.closeSize = closeSize;

        uint256 closedUsd = closeSize.mulWadUp(exposure.price);
        result.penaltyUsd = Math.min(draft.penaltyRate.mulWadDown(closedUsd), uint256(leftUsd));
        result.keeperRewardUsd = result.penaltyUsd.mulWadDown(
            draft.terms.keeperShare * LiquidationParameters.RATE_STEP
        );
        result.gasFloorUsd = draft.terms.gasFloor * LiquidationParameters.GAS_FLOOR_STEP;
        result.bucketUsedUsd = draft.usedUsd + closedUsd;
        result.accountUsedRatio =
            draft.isSmall
                ? draft.accountUsedRatio
                : draft.accountUsedRatio + SliceBucket.ratioOfUp(closedUsd, draft.capacityUsd);
        return result;
    }

    /// @dev Writes price and impact of a reduction. Returns how much it may cost on top without lowering the health; negative if it is too dear already. D18{USD}.
    function _quote(
        Plan memory result,
        Draft memory draft,
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 closeSize
    ) private pure returns (int256 leftUsd) {
        int256 sizeDelta = exposure.size > 0 ? -closeSize.toInt() : closeSize.toInt();
        uint256 price = SkewMath.fillPrice(
            FillQuote({indexPrice: exposure.price, skew: state.skew, sizeDelta: sizeDelta, skewScale: state.skewScale})
        );
        if ((state.skew + sizeDelta).magnitude() <= state.skew.magnitude()) {
            price = SkewMath.clampToBand(price, exposure.price, state.band);
        }
        result.price = price;
        result.impactUsd = sizeDelta.mulWadCeil(price.toInt() - exposure.price.toInt());

        Reduction memory reduction = draft.reduction;
        uint256 restUsd = (draft.size - closeSize).mulWadUp(exposure.price);
        uint256 freedUsd =
            MarginMath.requirementUp(
                reduction.notionalUsd,
                reduction.maintenanceRate,
                reduction.sizeSlope,
                reduction.depthUsd
            ) - MarginMath.requirementUp(restUsd, reduction.maintenanceRate, reduction.sizeSlope, reduction.depthUsd);
        uint256 budgetUsd = LiquidationMath.healthBudgetDown(draft.equityUsd, draft.maintenanceUsd, freedUsd);
        return budgetUsd.toInt() - BOOKING_DUST_USD.toInt() - result.impactUsd;
    }
}
