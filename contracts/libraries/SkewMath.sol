// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @notice A fill against a market's pool.
/// @param indexPrice D18{USD/base}, P, below 2¹¹²
/// @param skew D18{base}, k, the traders' net size before the fill, |k| below 2¹²⁰
/// @param sizeDelta D18{base}, Δ, change of the trader's size, |Δ| below 2¹²⁰
/// @param skewScale D18{base}, K, above 0 and below 2¹²⁰
struct FillQuote {
    uint256 indexPrice;
    int256 skew;
    int256 sizeDelta;
    uint256 skewScale;
}

/// @title Prices of a market's pool
/// @notice The pool's marginal price moves linearly with the traders' net size k: p(k) = P·(1 + k/K). A fill of Δ pays its average,
/// P·(1 + (k + Δ/2)/K), so no split into smaller fills is cheaper than the whole (ROUND-1).
library SkewMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev {s}, the time over which the skew is averaged.
    int256 internal constant AVERAGING_SECONDS = 600;

    /// @dev Price of a fill. D18{USD/base}; 0 where a sale would push the price below zero. Rounds against the trader: a buy up, a sale down.
    function fillPrice(FillQuote memory quote) internal pure returns (uint256 price) {
        // p = P·(2K + 2k + Δ) / 2K. With K, |k|, |Δ| < 2¹²⁰ the sum stays below 2¹²³, and times P < 2¹¹² below 2²³⁵.
        unchecked {
            uint256 doubleScale = 2 * quote.skewScale;
            int256 weight = int256(doubleScale) + 2 * quote.skew + quote.sizeDelta;
            if (weight <= 0) return 0;
            uint256 product = quote.indexPrice * uint256(weight);
            return quote.sizeDelta > 0 ? product.divUp(doubleScale) : product / doubleScale;
        }
    }

    /// @dev `price`, brought to within `band` (D18{1}, at most 1) of the index. For fills that reduce the skew, whose price is better than the index: both
    /// edges round towards the index, so a clamped buy pays up and a clamped sale gets down.
    function clampToBand(uint256 price, uint256 indexPrice, uint256 band) internal pure returns (uint256) {
        uint256 reach = indexPrice.mulWadDown(band);
        if (price > indexPrice + reach) return indexPrice + reach;
        if (price + reach < indexPrice) return indexPrice - reach;
        return price;
    }

    /// @dev Notional that moves the marginal price by 1 %: K·P/100. D18{USD}, rounded down.
    function depthUsd(uint256 skewScale, uint256 price) internal pure returns (uint256) {
        return (skewScale * price) / (100 * WAD);
    }

    /// @dev Average of k/K, D18{1}: it moves from `previousAverage` to `ratioSince`, the ratio that held for the last `elapsedSeconds`,
    /// linearly over ten minutes: avg′ = ratio + (avg − ratio)·max(0, 1 − Δt/600). The difference truncates towards zero.
    function averageRatio(
        int256 previousAverage,
        int256 ratioSince,
        uint256 elapsedSeconds
    ) internal pure returns (int256) {
        // Ratios below 2¹²⁰ times 600; the cast is exact below 600.
        unchecked {
            if (elapsedSeconds >= uint256(AVERAGING_SECONDS)) return ratioSince;
            int256 left = AVERAGING_SECONDS - int256(elapsedSeconds);
            return ratioSince + ((previousAverage - ratioSince) * left) / AVERAGING_SECONDS;
        }
    }
}
