// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint, WAD} from "./FixedPoint.sol";
import {LiquidationMath, Reduction} from "./LiquidationMath.sol";

/// @notice How a take-over of one position is priced at one moment.
/// @param position the position; its skew cost i₀ is the cheaper of the pool's skew now and on average, rounded down
/// @param equityUsd D18{USD}, E, below 2¹¹²
/// @param maintenanceUsd D18{USD}, MM, above E
/// @param share D18{1}, f: how far the auction has run, at most 1
/// @param penaltyRate D18{1}, φ₀ of a liquidation of the same position
/// @param band D18{1}, largest distance from the index at which the pool pays for a fill that reduces its skew
struct Auction {
    Reduction position;
    uint256 equityUsd;
    uint256 maintenanceUsd;
    uint256 share;
    uint256 penaltyRate;
    uint256 band;
}

/// @title Sizing and pricing of take-overs by Dutch auction
/// @notice A healthy account takes a notional x off a distressed one at a discount that grows from nothing to the least of three bounds:
///
///     d(x) = f·min( H·ΔMM(x), κ(x), x/10 ),     f = min(t, T₁)/T₁
///
/// - H·ΔMM(x) = E·ΔMM(x)/MM, because then E′ = E − d ≥ E·(MM − ΔMM)/MM = H·MM′: the health does not fall (LIQ-2). It never exceeds E.
/// - κ(x) = x·max(0, φ₀ + max(−band, i₀ + x/(2KP))), what a liquidation of the same size would cost: its penalty and the pool's impact. i₀ is the cheaper
///   of the skew now and its ten-minute average, so a skew made for the moment makes no take-over dearer (L12), and nobody pays more than a slice takes (L11).
///
/// - x/10, because no ledger should let a planner give away more.
///
/// They are written with ΔMM(x) = x·r − q·x², r = m + 2μN/D, q = μ/D (LiquidationMath).
///
/// x* is the least notional with E′ ≥ τ·MM′, that is with G(x) = τ·ΔMM(x) − d(x) ≥ C, C = τ·MM − E. Since d is the least of three costs, G is the greatest
/// of three functions, and the least x at which the greatest of them reaches C is the least of their least x:
///
///     x* = min( x_κ, x_H, x_10 )
///     x_κ : τ·ΔMM(x) − f·κ(x) = C     the sizing of a liquidation with φ, i₀, band and 1/(2KP) scaled by f
///     x_H : (τ − f·H)·ΔMM(x)  = C     the sizing of a free reduction with the target τ′ = τ − f·H and C′ = C
///     x_10: τ·ΔMM(x) − f·x/10  = C     the sizing of a liquidation with φ = f/10 and no pool
///
/// κ's outer maximum is inside the inner one: φ₀ + max(−band, i) ≥ 0 ⇔ the band is cut to φ₀, so x_κ is one call of `targetWithinBandUp`.
/// @dev Sizes round up, discounts down: for the account that is taken from.
library AuctionMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev One in D36.
    uint256 private constant D36 = 1e36;

    /// @dev D18{1} of the notional taken: no discount is larger, whatever the bounds say.
    uint256 internal constant MAX_DISCOUNT_RATE = 0.1e18;

    /// @dev f = min(t, T₁)/T₁. D18{1}, rounded down.
    /// @param elapsedSeconds {s}, t
    /// @param durationSeconds {s}, T₁, above 0
    function shareDown(uint256 elapsedSeconds, uint256 durationSeconds) internal pure returns (uint256) {
        return elapsedSeconds >= durationSeconds ? WAD : (elapsedSeconds * WAD) / durationSeconds;
    }

    /// @dev i₀ of a take-over: the cheaper of the pool's skew now and its average, one unit less than rounded up. D18{1}
    /// @param sizeDelta D18{base}, only its sign counts: negative takes from a long
    /// @param skew D18{base}, k, |k| below 2¹²⁰
    /// @param averageSkewRatio D18{1}, k/K averaged, |·| below 2⁶⁴
    /// @param skewScale D18{base}, K, above 0 and below 2¹²⁰
    function skewCostDown(
        int256 sizeDelta,
        int256 skew,
        int256 averageSkewRatio,
        uint256 skewScale
    ) internal pure returns (int256) {
        int256 cost = LiquidationMath.skewCostUp(sizeDelta, skew, skewScale);
        int256 average = sizeDelta < 0 ? -averageSkewRatio : averageSkewRatio;
        return (cost < average ? cost : average) - 1;
    }

    /// @dev x*: least notional whose take-over brings the account to E′ = τ·MM′. D18{USD}, rounded up; EVERYTHING if none does.
    /// @param target D18{1}, τ, between 1 and 2
    function targetUp(Auction memory auction, uint256 target) internal pure returns (uint256) {
        uint256 aim = auction.maintenanceUsd.mulWadUp(target);
        if (aim <= auction.equityUsd) return 0;
        uint256 least = Math.min(
            _likeLiquidationUp(auction, target),
            _likeHealthUp(auction, target, aim - auction.equityUsd)
        );
        uint256 highestRate = MAX_DISCOUNT_RATE.mulWadUp(auction.share);
        return
            Math.min(
                least,
                LiquidationMath.targetUp(
                    _free(auction.position),
                    auction.equityUsd,
                    auction.maintenanceUsd,
                    target,
                    highestRate
                )
            );
    }

    /// @dev x_κ: as a liquidation whose costs are scaled by f, each rounded up. D18{USD}, rounded up.
    function _likeLiquidationUp(Auction memory auction, uint256 target) private pure returns (uint256) {
        Reduction memory position = auction.position;
        uint256 share = auction.share;
        Reduction memory scaled = Reduction({
            notionalUsd: position.notionalUsd,
            marginalRate: position.marginalRate,
            sizeCurvature: position.sizeCurvature,
            poolCurvature: position.poolCurvature.mulWadUp(share),
            skewCost: position.skewCost.mulWadCeil(share.toInt())
        });
        return
            LiquidationMath.targetWithinBandUp(
                scaled,
                auction.equityUsd,
                auction.maintenanceUsd,
                target,
                auction.penaltyRate.mulWadUp(share),
                _bandOf(auction).mulWadDown(share)
            );
    }

    /// @dev x_H: no cost, the target τ′ = τ − f·H, and an account without equity whose requirement MM₀ is such that τ′·MM₀ = C. D18{USD}, rounded up.
    function _likeHealthUp(Auction memory auction, uint256 target, uint256 missingUsd) private pure returns (uint256) {
        uint256 healthUp = auction.equityUsd.divWadUp(auction.maintenanceUsd);
        uint256 weight = target - Math.min(healthUp.mulWadUp(auction.share), WAD);
        // τ is above 1, so something is left; below a billionth the answer would not fit, and is everything.
        if (weight < 1e9) return LiquidationMath.EVERYTHING;
        return LiquidationMath.targetUp(_free(auction.position), 0, missingUsd.divWadUp(weight), weight, 0);
    }

    /// @dev The position without a pool to pay.
    function _free(Reduction memory position) private pure returns (Reduction memory) {
        return
            Reduction({
                notionalUsd: position.notionalUsd,
                marginalRate: position.marginalRate,
                sizeCurvature: position.sizeCurvature,
                poolCurvature: 0,
                skewCost: 0
            });
    }

    /// @dev κ(x): what a liquidation of `notionalUsd` would cost. D18{USD}, rounded down, not below 0.
    function liquidationCostDown(Auction memory auction, uint256 notionalUsd) internal pure returns (uint256) {
        int256 impact = impactRateDown(auction.position, notionalUsd);
        int256 floor = -_bandOf(auction).toInt();
        if (impact < floor) impact = floor;
        return notionalUsd.mulWadDown((auction.penaltyRate.toInt() + impact).toUint());
    }

    /// @dev i₀ + x/(2KP), what the pool's price for `notionalUsd` costs per unit of it. D18{1}, rounded down.
    function impactRateDown(Reduction memory position, uint256 notionalUsd) internal pure returns (int256) {
        // The curvature was rounded up, so one unit less is rounded down.
        return position.skewCost + (((position.poolCurvature - 1) * notionalUsd) / D36).toInt();
    }

    /// @dev d(x) = f·min(H·ΔMM(x), κ(x), x/10). D18{USD}, rounded down.
    /// @param healthBudgetUsd D18{USD}, H·ΔMM(x), rounded down
    function discountDown(
        Auction memory auction,
        uint256 notionalUsd,
        uint256 healthBudgetUsd
    ) internal pure returns (uint256) {
        uint256 highest = Math.min(healthBudgetUsd, liquidationCostDown(auction, notionalUsd));
        highest = Math.min(highest, notionalUsd.mulWadDown(MAX_DISCOUNT_RATE));
        return highest.mulWadDown(auction.share);
    }

    /// @dev Discount on inventory of a resolution account: f·x·min(u_max, max(0, i₀ + x/(2KP))), what selling it to the pool would cost, within the
    /// tolerance of such sales. D18{USD}, rounded down.
    /// @param tolerance D18{1}, u_max
    function inventoryDiscountDown(
        Reduction memory position,
        uint256 notionalUsd,
        uint256 tolerance,
        uint256 share
    ) internal pure returns (uint256) {
        uint256 rate = Math.min(tolerance, impactRateDown(position, notionalUsd).positivePart());
        return notionalUsd.mulWadDown(rate).mulWadDown(share);
    }

    /// @dev The price at which `size` changes hands: the index, moved by the discount against the account that is taken from. D18{USD/base},
    /// rounded for that account: a long's up, a short's down.
    /// @param size D18{base}, unsigned, above 0
    function priceOf(
        uint256 indexPrice,
        uint256 discountUsd,
        uint256 size,
        bool isLong
    ) internal pure returns (uint256) {
        uint256 distance = discountUsd.divWadDown(size);
        return isLong ? indexPrice - Math.min(distance, indexPrice) : indexPrice + distance;
    }

    /// @dev The band, cut to φ₀: further down the whole rate would be negative.
    function _bandOf(Auction memory auction) private pure returns (uint256) {
        return Math.min(auction.band, auction.penaltyRate);
    }
}
