// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, AuctionMath} from "../../contracts/libraries/AuctionMath.sol";
import {WAD} from "../../contracts/libraries/FixedPoint.sol";
import {FillQuote, SkewMath} from "../../contracts/libraries/SkewMath.sol";

/// @title Prices of auctions and pools
/// @notice Proved by `npm run prove`. Notionals are below 2¹⁰⁰, sizes and scales below 2¹⁰⁰, prices below 2¹⁰⁰.
contract AuctionMathProofs {
    /// @notice f ≤ 1, and 1 at the end
    function prove_shareDown_isAtMostOne(uint256 elapsedSeconds, uint256 durationSeconds) external pure {
        require(durationSeconds != 0 && elapsedSeconds < 1 << 64);
        uint256 share = AuctionMath.shareDown(elapsedSeconds, durationSeconds);
        assert(share <= WAD);
        assert(elapsedSeconds < durationSeconds || share == WAD);
    }

    /// @notice A discount is at most the health budget and a tenth of the notional (LIQ-2)
    function prove_discountDown_isWithinItsBounds(
        Auction memory auction,
        uint256 notionalUsd,
        uint256 healthBudgetUsd
    ) external pure {
        require(notionalUsd < 1 << 100 && healthBudgetUsd < 1 << 100 && auction.share <= WAD);
        require(auction.penaltyRate <= WAD && auction.band <= WAD);
        require(auction.position.skewCost > -16e18 && auction.position.skewCost < 16e18);
        require(auction.position.poolCurvature != 0 && auction.position.poolCurvature < 1 << 120);
        uint256 discount = AuctionMath.discountDown(auction, notionalUsd, healthBudgetUsd);
        assert(discount <= healthBudgetUsd);
        assert(discount * 10 <= notionalUsd);
    }

    /// @notice The account that is taken from loses at most the discount
    function prove_priceOf_costsAtMostTheDiscount(
        uint256 indexPrice,
        uint256 discountUsd,
        uint256 size,
        bool isLong
    ) external pure {
        require(indexPrice < 1 << 100 && discountUsd < 1 << 100 && size != 0 && size < 1 << 100);
        uint256 price = AuctionMath.priceOf(indexPrice, discountUsd, size, isLong);
        uint256 distance = isLong ? indexPrice - price : price - indexPrice;
        assert(distance * size <= discountUsd * WAD);
    }

    /// @notice A pool buys no dearer than it sells at the same skew (ROUND-1)
    function prove_fillPrice_hasNoFreeRoundTrip(
        uint256 indexPrice,
        int256 skew,
        int256 size,
        uint256 skewScale
    ) external pure {
        require(indexPrice < 1 << 100 && skewScale != 0 && skewScale < 1 << 100);
        require(skew > -(1 << 100) && skew < 1 << 100 && size > 0 && size < 1 << 100);
        uint256 buy = SkewMath.fillPrice(FillQuote(indexPrice, skew, size, skewScale));
        uint256 sell = SkewMath.fillPrice(FillQuote(indexPrice, skew + size, -size, skewScale));
        assert(sell <= buy);
    }

    /// @notice A clamped price is within the band
    function prove_clampToBand_isWithinTheBand(uint256 price, uint256 indexPrice, uint256 band) external pure {
        require(price < 1 << 120 && indexPrice < 1 << 100 && band <= WAD);
        uint256 clamped = SkewMath.clampToBand(price, indexPrice, band);
        assert(clamped * WAD <= indexPrice * (WAD + band));
        assert(clamped * WAD >= indexPrice * (WAD - band));
    }

    /// @notice An average stays between what it was and what it moves to
    function prove_averageRatio_staysBetween(
        int256 previousAverage,
        int256 ratioSince,
        uint256 elapsedSeconds
    ) external pure {
        require(previousAverage > -(1 << 120) && previousAverage < 1 << 120);
        require(ratioSince > -(1 << 120) && ratioSince < 1 << 120);
        int256 average = SkewMath.averageRatio(previousAverage, ratioSince, elapsedSeconds);
        if (previousAverage <= ratioSince) assert(average >= previousAverage && average <= ratioSince);
        else assert(average <= previousAverage && average >= ratioSince);
    }
}
