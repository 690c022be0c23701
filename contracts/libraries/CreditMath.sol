// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateTerms} from "../types/RateTerms.sol";
import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @dev One in D27: the scale of the interest index.
uint256 constant RAY = 1e27;

/// @notice How much of a collateral's worth is lent against: `clamp(h₀ − h₁·a/D, h_min, h₀)` for an amount `a`.
/// @param topShare D18{1}, h₀
/// @param minShare D18{1}, h_min, from half of h₀ to h₀
/// @param sizeSlope D18{1}, h₁: how much an amount of one depth takes off
/// @param depth D18{tok}, D > 0
struct Haircut {
    uint256 topShare;
    uint256 minShare;
    uint256 sizeSlope;
    uint256 depth;
}

/// @notice An account above its line, and the collateral that is for sale.
/// @param amount D18{tok}, what the account has of it
/// @param indexPrice D18{USD/tok}
/// @param price D18{USD/tok}, what takers pay
/// @param otherValueUsd D18{USD}, what is lent against its other collateral
/// @param debtUsd D18{USD}
struct CollateralSale {
    uint256 amount;
    uint256 indexPrice;
    uint256 price;
    uint256 otherValueUsd;
    uint256 debtUsd;
}

/// @title Lines, interest and the price of collateral auctions
/// @notice Everything rounds for the lenders: values down, debts, rates and prices up.
library CreditMath {
    using FixedPoint for uint256;

    /// @dev {s}
    uint256 internal constant YEAR = 365 days;
    /// @dev D18{1}, an auction sells until the debt is down to this share of what is lent against the rest; otherwise the next second of interest would
    /// start another.
    uint256 internal constant RESTORED_SHARE = 0.95e18;
    /// @dev D18{USD}, a rest worth less is sold with the last take.
    uint256 internal constant SMALLEST_REST_USD = 10e18;
    /// @dev Halvings of the interval in which the amount that restores a line is searched.
    uint256 internal constant SEARCH_STEPS = 40;

    /* LINES */

    /// @dev clamp(h₀ − h₁·a/D, h_min, h₀). D18{1}
    function shareDown(Haircut memory haircut, uint256 amount) internal pure returns (uint256) {
        uint256 cut = haircut.sizeSlope.mulDivUp(amount, haircut.depth);
        uint256 deepest = haircut.topShare - haircut.minShare;
        return haircut.topShare - (cut < deepest ? cut : deepest);
    }

    /// @dev a·P·share(a). D18{USD}
    function valueDown(Haircut memory haircut, uint256 amount, uint256 price) internal pure returns (uint256) {
        return amount.mulDivDown(price, WAD).mulDivDown(shareDown(haircut, amount), WAD);
    }

    /* INTEREST */

    /// @dev Debt as a share of all that lenders own. D18{1}
    function utilizationUp(uint256 debtUsd, uint256 cashUsd) internal pure returns (uint256) {
        return debtUsd == 0 ? 0 : debtUsd.mulDivUp(WAD, debtUsd + cashUsd);
    }

    /// @dev The kinked curve. D18{1/year}
    function rateUp(RateTerms memory terms, uint256 utilization) internal pure returns (uint256) {
        uint256 kink = terms.kinkUtilization;
        if (utilization <= kink) {
            return terms.baseRate + (terms.kinkRate - terms.baseRate).mulDivUp(utilization, kink);
        }
        return terms.kinkRate + (terms.maxRate - terms.kinkRate).mulDivUp(utilization - kink, WAD - kink);
    }

    /// @dev The interest index after `elapsed` {s} at `rate` D18{1/year}. D27{1}
    function indexUp(uint256 index, uint256 rate, uint256 elapsed) internal pure returns (uint256) {
        return index + index.mulDivUp(rate * elapsed, YEAR * WAD);
    }

    /* AUCTIONS */

    /// @dev From the index down to `1 − maxDiscount` of it over `duration` {s}, then it stays there. D18{USD/tok}
    function auctionPriceUp(
        uint256 indexPrice,
        uint256 maxDiscount,
        uint256 elapsed,
        uint256 duration
    ) internal pure returns (uint256) {
        uint256 discount = elapsed < duration ? maxDiscount.mulDivDown(elapsed, duration) : maxDiscount;
        return indexPrice.mulWadUp(WAD - discount);
    }

    /// @dev How much has to be sold so that the debt is back below `RESTORED_SHARE` of what is lent against the rest: 0 within the line, all of it where
    /// that does not suffice or leaves next to nothing. D18{tok}, at most 2⁻⁴⁰ of the amount above the exact number.
    ///
    /// Each unit sold brings `price` and takes at most `h₀·P` off the line; terms keep `price` above that, so what is missing falls with every unit.
    function restoringUp(Haircut memory haircut, CollateralSale memory sale) internal pure returns (uint256) {
        uint256 lent = sale.otherValueUsd + valueDown(haircut, sale.amount, sale.indexPrice);
        if (sale.debtUsd <= lent) return 0;
        if (!_restores(haircut, sale, sale.amount)) return sale.amount;
        (uint256 low, uint256 high) = (0, sale.amount);
        for (uint256 step; step < SEARCH_STEPS && high - low > 1; ++step) {
            uint256 middle = (low + high) / 2;
            if (_restores(haircut, sale, middle)) high = middle;
            else low = middle;
        }
        uint256 restUsd = (sale.amount - high).mulWadDown(sale.indexPrice);
        return restUsd < SMALLEST_REST_USD ? sale.amount : high;
    }

    function _restores(Haircut memory haircut, CollateralSale memory sale, uint256 sold) private pure returns (bool) {
        uint256 lent = sale.otherValueUsd + valueDown(haircut, sale.amount - sold, sale.indexPrice);
        return lent.mulWadDown(RESTORED_SHARE) + sold.mulWadDown(sale.price) >= sale.debtUsd;
    }
}
