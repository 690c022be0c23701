// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint, SIGNED_WAD, WAD} from "../libraries/FixedPoint.sol";
import {FundingInput, FundingMath} from "../libraries/FundingMath.sol";
import {SkewMath} from "../libraries/SkewMath.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {
    COVERAGE_ALERTS,
    HouseState,
    LOSS_DUST,
    LOSS_PENDING,
    LOSS_UNCOLLECTED,
    Market,
    WIND_DOWN_BUCKET,
    WIND_DOWN_PAUSE
} from "./HouseState.sol";
import {Funding, Rates, Sides} from "./MarketWords.sol";
import {Words} from "./Words.sol";

/// @notice A market in memory while a call works on it: funding accrued to now, at this transaction's price.
/// @param rates as they will be saved: funding rate, mode and alerts as the call leaves them
/// @param price D18{USD/base}, the index, or the last valid one
/// @param x D18{USD/base}, X = P − F
/// @param reserveDelta D18{USD}, what this call adds to the stored reserve
/// @param longQuoteDelta D18{USD}, what this call adds to the stored sum; likewise for shorts
struct Book {
    MarketId id;
    PriceStatus status;
    Rates rates;
    uint256 price;
    uint256 bucket;
    int256 x;
    int256 fundingIndex;
    uint256 longOpenInterest;
    uint256 shortOpenInterest;
    uint256 events;
    uint256 skewScale;
    int256 reserveDelta;
    int256 longQuoteDelta;
    int256 shortQuoteDelta;
}

/// @title Markets: loading and saving one market's books
/// @notice Loading accrues funding in memory, at the price before this transaction's; saving writes it. Both the views and the acting paths load alike.
library Markets {
    using FixedPoint for int256;
    using FixedPoint for uint256;
    using SafeCast for uint256;
    using SafeCast for int256;
    using Words for uint256;

    /// @dev The books of market `id` now.
    function load(HouseState storage state, MarketId id, Price memory price) internal view returns (Book memory book) {
        read(book, state, id, price);
    }

    /// @dev Fills `book`, which is empty, with the books of market `id` now.
    function read(Book memory book, HouseState storage state, MarketId id, Price memory price) internal view {
        Market storage market = state.markets[id];
        Rates rates = market.rates;
        if (rates.modeOf() == IClearingHouse.MarketMode.Unlisted) revert IClearingHouse.MarketNotListed(id);
        Sides sides = market.sides;
        Funding funding = market.funding;
        book.id = id;
        book.rates = rates;
        book.status = price.status;
        book.price = price.price;
        book.bucket = price.bucket;
        book.longOpenInterest = sides.longOf();
        book.shortOpenInterest = sides.shortOf();
        book.events = sides.eventsOf();
        book.skewScale = rates.skewScaleOf();
        book.fundingIndex = funding.indexOf();
        uint256 elapsed = elapsedOf(funding);
        if (rates.modeOf() == IClearingHouse.MarketMode.WoundDown) {
            // An ordinary market whose price never changes again, whatever its feed does.
            (book.status, book.price, book.bucket) = (PriceStatus.Valid, funding.lastPriceOf(), endedBucket());
        } else if (elapsed != 0) {
            (int256 rate, int256 integral) = FundingMath.advance(
                FundingInput({
                    rate: rates.rateOf(),
                    skew: skewOf(book),
                    skewScale: book.skewScale,
                    maxVelocity: rates.maxVelocityOf(),
                    maxRate: rates.maxRateOf(),
                    elapsedSeconds: elapsed
                })
            );
            book.rates = rates.withRate(rate);
            // The price that stood while the time passed, not the one that ends it.
            book.fundingIndex = FundingMath.accrue(book.fundingIndex, funding.lastPriceOf(), integral);
        }
        book.x = int256(book.price) - book.fundingIndex;
    }

    /// @dev Present maturity bucket of a wound-down market: time goes on though no feed does. Above every number that an oracle's buckets reach.
    function endedBucket() internal view returns (uint256) {
        return (1 << 31) + block.timestamp / WIND_DOWN_BUCKET;
    }

    /// @dev Present maturity bucket of a market, `bucket` being the oracle's.
    function bucketOf(Market storage market, uint256 bucket) internal view returns (uint256) {
        return modeOf(market) == IClearingHouse.MarketMode.WoundDown ? endedBucket() : bucket;
    }

    /// @dev Lowest and highest price that a gain has to stand. D18{USD/base}
    function windowOf(HouseState storage state, Book memory book) internal view returns (uint256 low, uint256 high) {
        if (modeOf(book) == IClearingHouse.MarketMode.WoundDown) return (book.price, book.price);
        return state.oracle.windowOf(book.id);
    }

    /// @dev Whether gains of the market have still to wait for the defaults that its end brought to light.
    function isPaused(HouseState storage state, Book memory book) internal view returns (bool) {
        return
            modeOf(book) == IClearingHouse.MarketMode.WoundDown &&
            block.timestamp < state.windDowns[book.id].endedAt + WIND_DOWN_PAUSE;
    }

    /// @dev Writes the books back.
    function save(HouseState storage state, Book memory book) internal {
        Market storage market = state.markets[book.id];
        // The average runs on with the skew that stood until now, so before the sides are written.
        market.reserves = market.reserves.withAverageSkew(averageSkewOf(market)).withReserve(reserveOf(market, book));
        book.reserveDelta = 0;
        market.sides = Sides.wrap(
            uint256(book.longOpenInterest.toUint112()) |
                (uint256(book.shortOpenInterest.toUint112()) << 112) |
                (uint256(book.events.toUint32()) << 224)
        );
        market.funding = Funding.wrap(
            uint256(uint112(book.fundingIndex.toInt112())) |
                (uint256(book.price.toUint104()) << 112) |
                (uint256(uint40(block.timestamp)) << 216)
        );
        market.rates = book.rates;
        if (book.longQuoteDelta != 0 || book.shortQuoteDelta != 0) {
            addQuotes(market, book.longQuoteDelta, book.shortQuoteDelta);
            (book.longQuoteDelta, book.shortQuoteDelta) = (0, 0);
        }
    }

    /// @dev {s} since the market was last saved.
    function elapsedOf(Funding funding) internal view returns (uint256) {
        // Nothing is saved in the future.
        unchecked {
            return block.timestamp - funding.updatedAtOf();
        }
    }

    /// @dev B, this call's changes included. D18{USD}
    function reserveOf(Market storage market, Book memory book) internal view returns (uint256) {
        return (int256(market.reserves.reserveOf()) + book.reserveDelta).toUint256();
    }

    /// @dev Average of k/K over the last ten minutes before this call. D18{1}
    function averageSkewOf(Market storage market) internal view returns (int256) {
        uint256 elapsed = elapsedOf(market.funding);
        int256 average = market.reserves.averageSkewOf();
        if (elapsed == 0) return average;
        Sides sides = market.sides;
        // Both sides are 112 bits wide.
        int256 skew;
        unchecked {
            skew = int256(sides.longOf()) - int256(sides.shortOf());
        }
        return SkewMath.averageRatio(average, skewRatioOf(skew, market.rates.skewScaleOf()), elapsed);
    }

    /// @dev Adds to the stored quote legs of the sides.
    function addQuotes(Market storage market, int256 longDelta, int256 shortDelta) internal {
        (int256 long, int256 short) = market.quotes.toQuotes();
        market.quotes = Words.packQuotes(long + longDelta, short + shortDelta);
    }

    /// @dev Quote legs of the sides, this call's changes included. D18{USD}
    function quotesOf(Market storage market, Book memory book) internal view returns (int256 long, int256 short) {
        (long, short) = market.quotes.toQuotes();
        return (long + book.longQuoteDelta, short + book.shortQuoteDelta);
    }

    /// @dev Number of the market's last event.
    function eventsOf(Market storage market) internal view returns (uint256) {
        return market.sides.eventsOf();
    }

    /// @dev Sets the number of the market's last event.
    function setEvents(Market storage market, uint256 number) internal {
        market.sides = market.sides.withEvents(number);
    }

    /// @dev Starts the market's clock.
    function setUpdatedAt(Market storage market) internal {
        market.funding = market.funding.startedNow();
    }

    /// @dev How far the market is open.
    function modeOf(Market storage market) internal view returns (IClearingHouse.MarketMode) {
        return market.rates.modeOf();
    }

    /// @dev Sets how far the market is open.
    function setMode(Market storage market, IClearingHouse.MarketMode mode) internal {
        market.rates = market.rates.withMode(mode);
    }

    /// @dev Sets the market's alerts.
    function setAlerts(Market storage market, uint256 alerts) internal {
        market.rates = market.rates.withAlerts(alerts);
    }

    /// @dev k_s: traders' net size; the pool holds the opposite. D18{base}
    function skewOf(Book memory book) internal pure returns (int256) {
        // Both sides are at most 112 bits wide.
        unchecked {
            return int256(book.longOpenInterest) - int256(book.shortOpenInterest);
        }
    }

    /// @dev The larger side. D18{USD}, rounded up
    function largerSideUsdUp(Book memory book) internal pure returns (uint256) {
        (uint256 long, uint256 short) = (book.longOpenInterest, book.shortOpenInterest);
        // 112 times 104 bits.
        unchecked {
            return ((long > short ? long : short) * book.price).divUp(WAD);
        }
    }

    /// @dev k_s/K, kept within ±9 so that it fits its slot; beyond that a market is closed for everything but reductions anyway. D18{1}
    function skewRatioOf(int256 skew, uint256 skewScale) internal pure returns (int256 ratio) {
        // |k| < 2¹¹² times 10¹⁸; K is above 0 and below 2¹¹².
        unchecked {
            ratio = (skew * SIGNED_WAD) / int256(skewScale);
        }
        if (ratio > 9e18) return 9e18;
        if (ratio < -9e18) return -9e18;
    }

    /// @dev Unsettled value U = s·X + v, rounded down. D18{USD}
    function valueOf(Book memory book, int256 size, int256 quote) internal pure returns (int256) {
        // Sizes and quote legs are 112 bits wide, X stays below 2¹³².
        unchecked {
            return (size * book.x).divFloor(SIGNED_WAD) + quote;
        }
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

    /// @dev How far the market is open.
    function modeOf(Book memory book) internal pure returns (IClearingHouse.MarketMode) {
        return book.rates.modeOf();
    }

    /// @dev Defaults are recognised, sold and booked at a valid price of a market that is not halted.
    function requireOpen(Book memory book) internal pure {
        if (book.status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(book.id, book.status);
        IClearingHouse.MarketMode mode = modeOf(book);
        if (mode == IClearingHouse.MarketMode.Halted) revert IClearingHouse.MarketNotOpen(book.id, mode);
    }

    /// @dev Whether `requireOpen` would pass.
    function isOpen(Book memory book) internal pure returns (bool) {
        return book.status == PriceStatus.Valid && modeOf(book) != IClearingHouse.MarketMode.Halted;
    }

    /// @dev Gives the book the alerts that L and the waiting deficits call for, and leaves it those of its coverage.
    function renewAlerts(Book memory book, Market storage market) internal view {
        book.rates = book.rates.withAlerts((book.rates.alertsOf() & COVERAGE_ALERTS) | _lossAlertsOf(market));
    }

    /// @dev The alerts that L and the waiting deficits call for, and those stored of its coverage.
    function alertsOf(Market storage market) internal view returns (uint256) {
        return (market.rates.alertsOf() & COVERAGE_ALERTS) | _lossAlertsOf(market);
    }

    function _lossAlertsOf(Market storage market) private view returns (uint256) {
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
