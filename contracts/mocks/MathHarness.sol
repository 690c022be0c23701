// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, AuctionMath} from "../libraries/AuctionMath.sol";
import {CoverageMath} from "../libraries/CoverageMath.sol";
import {CollateralSale, CreditMath, Haircut} from "../libraries/CreditMath.sol";
import {DecimalFloat} from "../libraries/DecimalFloat.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingInput, FundingMath} from "../libraries/FundingMath.sol";
import {LiquidationMath, Reduction} from "../libraries/LiquidationMath.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {OpenedRisk, PremiumMath} from "../libraries/PremiumMath.sol";
import {ShareMath} from "../libraries/ShareMath.sol";
import {FillQuote, SkewMath} from "../libraries/SkewMath.sol";
import {TokenUnits} from "../libraries/TokenUnits.sol";
import {BucketPrices, Variances, VolatilityMath} from "../libraries/VolatilityMath.sol";
import {CoverageLevel} from "../types/CoverageLevel.sol";
import {RateTerms} from "../types/RateTerms.sol";

/// @title The pure libraries, callable from outside
/// @notice For tests that hold a mirror of the maths against the real thing: every function passes its arguments on. `tryAll` makes many view calls, to this
/// contract or another, in one.
contract MathHarness {
    /// @notice What one call did.
    /// @param ok false when it reverted
    /// @param data what it returned or reverted with
    struct Outcome {
        bool ok;
        bytes data;
    }

    /// @notice Calls `target` with each of `calls`; a revert stays its own.
    function tryAll(address target, bytes[] calldata calls) external view returns (Outcome[] memory outcomes) {
        outcomes = new Outcome[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            (outcomes[i].ok, outcomes[i].data) = target.staticcall(calls[i]);
        }
    }

    /* CREDIT */

    function collateralShareDown(Haircut memory haircut, uint256 amount) external pure returns (uint256) {
        return CreditMath.shareDown(haircut, amount);
    }

    function collateralValueDown(
        Haircut memory haircut,
        uint256 amount,
        uint256 price
    ) external pure returns (uint256) {
        return CreditMath.valueDown(haircut, amount, price);
    }

    function utilizationUp(uint256 debtUsd, uint256 cashUsd) external pure returns (uint256) {
        return CreditMath.utilizationUp(debtUsd, cashUsd);
    }

    function interestRateUp(RateTerms memory terms, uint256 utilization) external pure returns (uint256) {
        return CreditMath.rateUp(terms, utilization);
    }

    function interestIndexUp(uint256 index, uint256 rate, uint256 elapsed) external pure returns (uint256) {
        return CreditMath.indexUp(index, rate, elapsed);
    }

    function auctionPriceUp(
        uint256 indexPrice,
        uint256 maxDiscount,
        uint256 elapsed,
        uint256 duration
    ) external pure returns (uint256) {
        return CreditMath.auctionPriceUp(indexPrice, maxDiscount, elapsed, duration);
    }

    function restoringUp(Haircut memory haircut, CollateralSale memory sale) external pure returns (uint256) {
        return CreditMath.restoringUp(haircut, sale);
    }

    /* FIXED POINT */

    function mulWadDown(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.mulWadDown(x, y);
    }

    function mulWadUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.mulWadUp(x, y);
    }

    function divWadDown(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divWadDown(x, y);
    }

    function divWadUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divWadUp(x, y);
    }

    function divUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.divUp(x, y);
    }

    function mulDivDown(uint256 x, uint256 y, uint256 denominator) external pure returns (uint256) {
        return FixedPoint.mulDivDown(x, y, denominator);
    }

    function mulDivUp(uint256 x, uint256 y, uint256 denominator) external pure returns (uint256) {
        return FixedPoint.mulDivUp(x, y, denominator);
    }

    function mulWadFloor(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.mulWadFloor(x, y);
    }

    function mulWadCeil(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.mulWadCeil(x, y);
    }

    function divFloor(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.divFloor(x, y);
    }

    function divCeil(int256 x, int256 y) external pure returns (int256) {
        return FixedPoint.divCeil(x, y);
    }

    function mulDivFloor(int256 x, int256 y, uint256 denominator) external pure returns (int256) {
        return FixedPoint.mulDivFloor(x, y, denominator);
    }

    function mulDivCeil(int256 x, int256 y, uint256 denominator) external pure returns (int256) {
        return FixedPoint.mulDivCeil(x, y, denominator);
    }

    function magnitude(int256 x) external pure returns (uint256) {
        return FixedPoint.magnitude(x);
    }

    function positivePart(int256 x) external pure returns (uint256) {
        return FixedPoint.positivePart(x);
    }

    function toInt(uint256 x) external pure returns (int256) {
        return FixedPoint.toInt(x);
    }

    function toUint(int256 x) external pure returns (uint256) {
        return FixedPoint.toUint(x);
    }

    /* POOL PRICES */

    function fillPrice(FillQuote calldata quote) external pure returns (uint256) {
        return SkewMath.fillPrice(quote);
    }

    function clampToBand(uint256 price, uint256 indexPrice, uint256 band) external pure returns (uint256) {
        return SkewMath.clampToBand(price, indexPrice, band);
    }

    function depthUsd(uint256 skewScale, uint256 price) external pure returns (uint256) {
        return SkewMath.depthUsd(skewScale, price);
    }

    function averageRatio(
        int256 previousAverage,
        int256 ratioSince,
        uint256 elapsedSeconds
    ) external pure returns (int256) {
        return SkewMath.averageRatio(previousAverage, ratioSince, elapsedSeconds);
    }

    /* FUNDING */

    function velocity(int256 skew, uint256 skewScale, uint256 maxVelocity) external pure returns (int256) {
        return FundingMath.velocity(skew, skewScale, maxVelocity);
    }

    function advance(FundingInput calldata input) external pure returns (int256 newRate, int256 integral) {
        return FundingMath.advance(input);
    }

    function accrue(int256 fundingIndex, uint256 price, int256 integral) external pure returns (int256) {
        return FundingMath.accrue(fundingIndex, price, integral);
    }

    /* MARGIN */

    function requirementUp(
        uint256 notionalUsd,
        uint256 rate,
        uint256 sizeSlope,
        uint256 depth
    ) external pure returns (uint256) {
        return MarginMath.requirementUp(notionalUsd, rate, sizeSlope, depth);
    }

    function openInterestRateUp(
        uint256 openInterestUsd,
        uint256 rampStartUsd,
        uint256 rampEndUsd,
        uint256 initialRate
    ) external pure returns (uint256) {
        return MarginMath.openInterestRateUp(openInterestUsd, rampStartUsd, rampEndUsd, initialRate);
    }

    /* COVERAGE */

    function targetUsdUp(
        uint256 openInterestUsd,
        uint256 coverageTarget,
        uint256 bootstrapUsd
    ) external pure returns (uint256) {
        return CoverageMath.targetUp(openInterestUsd, coverageTarget, bootstrapUsd);
    }

    function buffersDown(uint256 trancheUsd, uint256 fundUsd, uint256 fundShare) external pure returns (uint256) {
        return CoverageMath.buffersDown(trancheUsd, fundUsd, fundShare);
    }

    function coverageLevelOf(uint256 buffersUsd, uint256 targetUsd) external pure returns (CoverageLevel) {
        return CoverageMath.levelOf(buffersUsd, targetUsd);
    }

    function raisedRateUp(uint256 rate) external pure returns (uint256) {
        return CoverageMath.raisedRateUp(rate);
    }

    function concentrationUp(
        uint256 notionalUsd,
        uint256 move,
        uint256 openInterestUsd,
        uint256 coverageTarget,
        uint256 bootstrapUsd
    ) external pure returns (uint256) {
        return CoverageMath.concentrationUp(notionalUsd, move, openInterestUsd, coverageTarget, bootstrapUsd);
    }

    function standingFactor(uint256 goodDays) external pure returns (uint256) {
        return PremiumMath.standingFactor(goodDays);
    }

    function premiumUp(OpenedRisk calldata opened) external pure returns (uint256) {
        return PremiumMath.premiumUp(opened);
    }

    /* LIQUIDATION */

    function reductionOf(
        uint256 notionalUsd,
        uint256 maintenanceRate,
        uint256 sizeSlope,
        uint256 depth,
        uint256 poolScaleUsd,
        int256 skewCost
    ) external pure returns (Reduction memory) {
        return LiquidationMath.reductionOf(notionalUsd, maintenanceRate, sizeSlope, depth, poolScaleUsd, skewCost);
    }

    function skewCostUp(int256 sizeDelta, int256 skew, uint256 skewScale) external pure returns (int256) {
        return LiquidationMath.skewCostUp(sizeDelta, skew, skewScale);
    }

    function penaltyRateDown(
        uint256 equityUsd,
        uint256 notionalUsd,
        uint256 maxPenaltyRate,
        uint256 equityShare
    ) external pure returns (uint256) {
        return LiquidationMath.penaltyRateDown(equityUsd, notionalUsd, maxPenaltyRate, equityShare);
    }

    function targetUp(
        Reduction calldata position,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 penaltyRate
    ) external pure returns (uint256) {
        return LiquidationMath.targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);
    }

    function targetWithinBandUp(
        Reduction calldata position,
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 target,
        uint256 penaltyRate,
        uint256 band
    ) external pure returns (uint256) {
        return LiquidationMath.targetWithinBandUp(position, equityUsd, maintenanceUsd, target, penaltyRate, band);
    }

    function affordableDown(Reduction calldata position, uint256 health) external pure returns (uint256) {
        return LiquidationMath.affordableDown(position, health);
    }

    function healthBudgetDown(
        uint256 equityUsd,
        uint256 maintenanceUsd,
        uint256 freedUsd
    ) external pure returns (uint256) {
        return LiquidationMath.healthBudgetDown(equityUsd, maintenanceUsd, freedUsd);
    }

    function coveredNotionalDown(
        uint256 equityUsd,
        uint256 rate,
        uint256 sizeSlope,
        uint256 depth
    ) external pure returns (uint256) {
        return LiquidationMath.coveredNotionalDown(equityUsd, rate, sizeSlope, depth);
    }

    /* AUCTIONS */

    function shareDown(uint256 elapsedSeconds, uint256 durationSeconds) external pure returns (uint256) {
        return AuctionMath.shareDown(elapsedSeconds, durationSeconds);
    }

    function skewCostDown(
        int256 sizeDelta,
        int256 skew,
        int256 averageSkewRatio,
        uint256 skewScale
    ) external pure returns (int256) {
        return AuctionMath.skewCostDown(sizeDelta, skew, averageSkewRatio, skewScale);
    }

    function auctionTargetUp(Auction calldata auction, uint256 target) external pure returns (uint256) {
        return AuctionMath.targetUp(auction, target);
    }

    function liquidationCostDown(Auction calldata auction, uint256 notionalUsd) external pure returns (uint256) {
        return AuctionMath.liquidationCostDown(auction, notionalUsd);
    }

    function discountDown(
        Auction calldata auction,
        uint256 notionalUsd,
        uint256 healthBudgetUsd
    ) external pure returns (uint256) {
        return AuctionMath.discountDown(auction, notionalUsd, healthBudgetUsd);
    }

    function inventoryDiscountDown(
        Reduction calldata position,
        uint256 notionalUsd,
        uint256 tolerance,
        uint256 share
    ) external pure returns (uint256) {
        return AuctionMath.inventoryDiscountDown(position, notionalUsd, tolerance, share);
    }

    function auctionPriceOf(
        uint256 indexPrice,
        uint256 discountUsd,
        uint256 size,
        bool isLong
    ) external pure returns (uint256) {
        return AuctionMath.priceOf(indexPrice, discountUsd, size, isLong);
    }

    /* LOSSES */

    function gainAt(int256 size, int256 x, int256 quote) external pure returns (uint256) {
        return LossMath.gainAt(size, x, quote);
    }

    function shareBase(
        uint256 reserveUsd,
        uint256 lossUsd,
        uint256 sideGainsUsd,
        uint256 surplusUsd,
        uint256 uncollectedUsd
    ) external pure returns (uint256) {
        return LossMath.shareBase(reserveUsd, lossUsd, sideGainsUsd, surplusUsd, uncollectedUsd);
    }

    function fractionUp(uint256 lossUsd, uint256 baseUsd) external pure returns (uint256) {
        return LossMath.fractionUp(lossUsd, baseUsd);
    }

    function chargeUp(uint256 gainUsd, uint256 fraction) external pure returns (uint256) {
        return LossMath.chargeUp(gainUsd, fraction);
    }

    function refundDue(
        uint256 gainUsd,
        uint256 fraction,
        uint256 lossUsd,
        uint256 revealedUsd,
        uint256 receivedUsd
    ) external pure returns (uint256) {
        return LossMath.refundDue(gainUsd, fraction, lossUsd, revealedUsd, receivedUsd);
    }

    function tearUpFill(int256 size, uint256 fraction) external pure returns (int256) {
        return LossMath.tearUpFill(size, fraction);
    }

    /* SHARES AND UNITS */

    function mintDown(uint256 amountUsd, uint256 equityUsd, uint256 supply) external pure returns (uint256) {
        return ShareMath.mintDown(amountUsd, equityUsd, supply);
    }

    function entryPriceUp(uint256 equityUsd, uint256 supply) external pure returns (uint256) {
        return ShareMath.entryPriceUp(equityUsd, supply);
    }

    function worthDown(uint256 shares, uint256 redeemableUsd, uint256 supply) external pure returns (uint256) {
        return ShareMath.worthDown(shares, redeemableUsd, supply);
    }

    function burnUp(uint256 amountUsd, uint256 redeemableUsd, uint256 supply) external pure returns (uint256) {
        return ShareMath.burnUp(amountUsd, redeemableUsd, supply);
    }

    function exitPriceDown(uint256 redeemableUsd, uint256 supply) external pure returns (uint256) {
        return ShareMath.exitPriceDown(redeemableUsd, supply);
    }

    function toUsdDown(uint256 amountNative, uint256 decimals) external pure returns (uint256) {
        return TokenUnits.toUsdDown(amountNative, decimals);
    }

    function toNativeDown(uint256 amountUsd, uint256 decimals) external pure returns (uint256) {
        return TokenUnits.toNativeDown(amountUsd, decimals);
    }

    function encode(uint256 value) external pure returns (uint16) {
        return DecimalFloat.encode(value);
    }

    function decode(uint16 packed) external pure returns (uint256) {
        return DecimalFloat.decode(packed);
    }

    /* VOLATILITY */

    function lnRatioDown(uint256 high, uint256 low) external pure returns (uint256) {
        return VolatilityMath.lnRatioDown(high, low);
    }

    function decay(uint256 elapsed, uint256 halfLife) external pure returns (uint256) {
        return VolatilityMath.decay(elapsed, halfLife);
    }

    function varianceSample(BucketPrices calldata bucket) external pure returns (uint256) {
        return VolatilityMath.sample(bucket);
    }

    function advanceVariances(
        Variances calldata before,
        uint256 sampled,
        uint256 length,
        uint256 number,
        uint256 flat
    ) external pure returns (Variances memory) {
        return VolatilityMath.advance(before, sampled, length, number, flat);
    }

    function combinedVariance(Variances calldata variances) external pure returns (uint256) {
        return VolatilityMath.combined(variances);
    }

    function varianceOfYearlyUp(uint256 yearly) external pure returns (uint256) {
        return VolatilityMath.varianceOfYearlyUp(yearly);
    }

    function volatilityMultiplierUp(
        uint256 variance,
        uint256 horizon,
        uint256 deviations,
        uint256 margin
    ) external pure returns (uint256) {
        return VolatilityMath.multiplierUp(variance, horizon, deviations, margin);
    }

    function rampedMultiplier(uint256 from, uint256 target, uint256 elapsed) external pure returns (uint256) {
        return VolatilityMath.ramped(from, target, elapsed);
    }
}
