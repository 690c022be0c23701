// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingInput, FundingMath} from "../libraries/FundingMath.sol";
import {SkewMath} from "../libraries/SkewMath.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {HouseState, LOSS_DUST, LOSS_PENDING, LOSS_UNCOLLECTED, Market} from "./HouseState.sol";

/// @notice A market in memory while a call works on it: funding accrued to now, at this transaction's price.
/// @param price D18{USD/base}, the index, or the last valid one
/// @param x D18{USD/base}, X = P − F
/// @param longQuoteDelta D18{USD}, what this call adds to the stored sum; likewise for shorts
struct Book {
    MarketId id;
    PriceStatus status;
    IClearingHouse.MarketMode mode;
    uint8 alerts;
    uint256 price;
    uint256 bucket;
    int256 x;
    int256 fundingIndex;
    int256 fundingRate;
    int256 averageSkewRatio;
    uint256 longOpenInterest;
    uint256 shortOpenInterest;
    uint256 events;
    uint256 reserve;
    uint256 skewScale;
    int256 longQuoteDelta;
    int256 shortQuoteDelta;
}

/// @title Markets: loading and saving one market's books
/// @notice Loading accrues funding in memory, at the price before this transaction's; saving writes it. Both the views and the acting paths load alike.
library Markets {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for int256;

    /// @dev The books of market `id` now.
    function load(HouseState storage state, MarketId id, Price memory price) internal view returns (Book memory book) {
        Market storage market = state.markets[id];
        book.id = id;
        book.mode = market.mode;
        if (book.mode == IClearingHouse.MarketMode.Unlisted) revert IClearingHouse.MarketNotListed(id);
        book.status = price.status;
        book.price = price.price;
        book.bucket = price.bucket;
        book.alerts = market.alerts;
        book.longOpenInterest = market.longOpenInterest;
        book.shortOpenInterest = market.shortOpenInterest;
        book.events = market.events;
        book.reserve = market.reserve;
        book.skewScale = market.skewScale;
        book.fundingIndex = market.fundingIndex;
        book.fundingRate = market.fundingRate;
        book.averageSkewRatio = market.averageSkewRatio;

        uint256 elapsed = block.timestamp - market.updatedAt;
        if (elapsed != 0) {
            int256 traders = skewOf(book);
            int256 integral;
            (book.fundingRate, integral) = FundingMath.advance(
                FundingInput({
                    rate: book.fundingRate,
                    skew: traders,
                    skewScale: book.skewScale,
                    maxVelocity: market.maxFundingVelocity,
                    maxRate: market.maxFundingRate,
                    elapsedSeconds: elapsed
                })
            );
            // The price that stood while the time passed, not the one that ends it.
            book.fundingIndex = FundingMath.accrue(book.fundingIndex, market.lastPrice, integral);
            book.averageSkewRatio = SkewMath.averageRatio(book.averageSkewRatio, skewRatioOf(book), elapsed);
        }
        book.x = int256(book.price) - book.fundingIndex;
    }

    /// @dev Writes the books back.
    function save(HouseState storage state, Book memory book) internal {
        Market storage market = state.markets[book.id];
        market.longOpenInterest = book.longOpenInterest.toUint112();
        market.shortOpenInterest = book.shortOpenInterest.toUint112();
        market.fundingIndex = book.fundingIndex.toInt112();
        market.lastPrice = uint104(book.price); // the router's prices are at most 104 bits wide
        market.updatedAt = uint40(block.timestamp);
        market.reserve = book.reserve.toUint112();
        market.fundingRate = book.fundingRate.toInt64();
        market.averageSkewRatio = book.averageSkewRatio.toInt64();
        market.alerts = book.alerts;
        if (book.longQuoteDelta != 0 || book.shortQuoteDelta != 0) {
            market.longQuote = (market.longQuote + book.longQuoteDelta).toInt128();
            market.shortQuote = (market.shortQuote + book.shortQuoteDelta).toInt128();
            (book.longQuoteDelta, book.shortQuoteDelta) = (0, 0);
        }
    }

    /// @dev k_s: traders' net size; the pool holds the opposite. D18{base}
    function skewOf(Book memory book) internal pure returns (int256) {
        // Both sides are at most 112 bits wide.
        unchecked {
            return int256(book.longOpenInterest) - int256(book.shortOpenInterest);
        }
    }

    /// @dev k_s/K, kept within ±9 so that it fits its slot; beyond that a market is closed for everything but reductions anyway. D18{1}
    function skewRatioOf(Book memory book) internal pure returns (int256 ratio) {
        ratio = (skewOf(book) * 1e18) / int256(book.skewScale);
        if (ratio > 9e18) return 9e18;
        if (ratio < -9e18) return -9e18;
    }

    /// @dev Unsettled value U = s·X + v, rounded down. D18{USD}
    function valueOf(Book memory book, int256 size, int256 quote) internal pure returns (int256) {
        return size.mulWadFloor(book.x) + quote;
    }

    /// @dev Takes a position out of its side's sums and puts its new state in. The pool belongs to neither side.
    /// Tear-ups leave the stored sizes a few units above the booked side (fills truncate), hence the saturation.
    function moveSide(
        Book memory book,
        int256 oldSize,
        int256 oldQuote,
        int256 newSize,
        int256 newQuote
    ) internal pure {
        if (oldSize > 0) {
            book.longOpenInterest = _minus(book.longOpenInterest, uint256(oldSize));
            book.longQuoteDelta -= oldQuote;
        } else if (oldSize < 0) {
            book.shortOpenInterest = _minus(book.shortOpenInterest, uint256(-oldSize));
            book.shortQuoteDelta -= oldQuote;
        }
        if (newSize > 0) {
            book.longOpenInterest += uint256(newSize);
            book.longQuoteDelta += newQuote;
        } else if (newSize < 0) {
            book.shortOpenInterest += uint256(-newSize);
            book.shortQuoteDelta += newQuote;
        }
    }

    function _minus(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    /// @dev The alerts that L and the waiting deficits call for.
    function alertsOf(Market storage market) internal view returns (uint8) {
        return
            (market.pendingLoss != 0 ? LOSS_PENDING : 0) | (market.uncollectedLoss > LOSS_DUST ? LOSS_UNCOLLECTED : 0);
    }

    /// @dev The market's pool.
    function poolOf(Market storage market) internal view returns (AccountId) {
        return accountIdOf(market.pool, 0);
    }

    /// @dev One of the house's own accounts in a market. The house is `address(this)`: libraries run in its context.
    function systemAccount(MarketId id, uint256 kind) internal view returns (AccountId) {
        return accountIdOf(address(this), uint96(MarketId.unwrap(id)) * 4 + uint96(kind));
    }
}
