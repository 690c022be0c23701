// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IVolatility} from "../interfaces/IVolatility.sol";
import {BucketPrices, Variances, VolatilityMath} from "../libraries/VolatilityMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {FeedTerms} from "./FeedTerms.sol";
import {Observation, ObservationLib} from "./Observation.sol";

/// @notice Lowest, highest and mean price of a span. D18{USD/base}. One slot.
/// @param mean by time, as PriceMean packs it
struct Extremes {
    uint104 low;
    uint104 high;
    uint48 mean;
}

/// @notice How prices move, and when they came back. One slot.
/// @param resumedAt {s}, when the price was valid again after its clock had skipped some seconds; 0: never
/// @param opened D18{USD/base}, price that stood when the present bucket began
/// @param slow D18{1/s}, see VolatilityMath; over the buckets that have ended
/// @param fast D18{1/s}, likewise
struct Movement {
    uint40 resumedAt;
    uint104 opened;
    uint56 slow;
    uint56 fast;
}

/// @notice A round that moved beyond the jump band. One slot: 13 + 10 + 5 bytes.
/// @param price D18{USD/base}
/// @param publishedAt {s}
struct Jump {
    uint104 price;
    uint80 roundId;
    uint40 publishedAt;
}

/// @notice What is remembered of a market's prices. Five slots.
/// @param last the last valid price, and the clock
/// @param previous extremes of the previous bucket, with the price standing when it began
/// @param present extremes of the present bucket, likewise: the only one that a price within the bucket moves
/// @param jump the round waiting for confirmation, if `last.holdsJump()`
/// @param movement written only when a bucket begins, and when a price has come back
struct PriceHistory {
    Observation last;
    Extremes previous;
    Extremes present;
    Jump jump;
    Movement movement;
}

/// @title Means packed into 48 bits
/// @notice `price = mantissa · 2^shift`: 41 bits of mantissa above 7 of shift. What does not fit is cut off: less than 2⁻⁴⁰ of the price.
library PriceMean {
    uint256 private constant MANTISSA_BITS = 41;
    uint256 private constant SHIFT_BITS = 7;

    /// @param price D18{USD/base}, below 2¹⁰⁴
    function pack(uint256 price) internal pure returns (uint48) {
        // A shift below 64; the mantissa fits by the choice of it.
        unchecked {
            uint256 bits = price == 0 ? 0 : Math.log2(price) + 1;
            uint256 shift = bits > MANTISSA_BITS ? bits - MANTISSA_BITS : 0;
            return uint48(((price >> shift) << SHIFT_BITS) | shift);
        }
    }

    function unpack(uint48 mean) internal pure returns (uint256) {
        return uint256(mean >> SHIFT_BITS) << (mean & 0x7f);
    }
}

/// @title Maturity buckets of one market
/// @notice When the clock reaches a bucket's length, the next bucket begins with the price then standing; a bucket in which nothing was observed
/// consists of that price only.
library PriceHistoryLib {
    using SafeCast for uint256;

    /// @dev Stores a valid price, observed now.
    /// @param market only named in the event
    /// @param last `self.last`
    /// @param bucket as `last.clock` says
    /// @param liveSeconds as `last.clock` says
    /// @param terms those that `last.clock` was read with
    function record(
        PriceHistory storage self,
        MarketId market,
        Observation last,
        uint256 price,
        uint256 publishedAt,
        uint256 bucket,
        uint256 liveSeconds,
        FeedTerms terms
    ) internal {
        bool resumes = last.skipped(terms, bucket, liveSeconds);
        Extremes memory present;
        if (bucket == last.bucket()) {
            if (resumes) self.movement.resumedAt = uint40(block.timestamp);
            present = self.present;
            present.mean = _meanAt(present.mean, last, liveSeconds);
        } else {
            _measure(self, market, last, price, bucket, terms.bucketLength(), resumes);
            (self.previous, present) = _begun(self, last, price, bucket, terms);
        }
        self.present = _including(present, price);
        self.last = ObservationLib.observedNow(price, publishedAt, bucket, liveSeconds);
    }

    /// @dev Mean price over the previous and the present bucket, the latter `liveSeconds` old, when nothing was seen since `last`. D18{USD/base}, rounded down.
    function meanAfter(
        PriceHistory storage self,
        Observation last,
        uint256 bucket,
        uint256 liveSeconds,
        FeedTerms terms
    ) internal view returns (uint256) {
        if (last.price() == 0) return 0;
        Extremes memory previous;
        Extremes memory present;
        if (bucket == last.bucket()) {
            previous = self.previous;
            present = self.present;
            present.mean = _meanAt(present.mean, last, liveSeconds);
        } else {
            (previous, present) = _begun(self, last, last.price(), bucket, terms);
        }
        uint256 length = terms.bucketLength();
        uint256 sum = PriceMean.unpack(previous.mean) * length + PriceMean.unpack(present.mean) * liveSeconds;
        return sum / (length + liveSeconds);
    }

    /// @dev Lowest and highest price of the previous and the present bucket.
    function window(PriceHistory storage self) internal view returns (uint256 low, uint256 high) {
        return _span(self.previous, self.present);
    }

    /// @dev The same once `price` is observed in `bucket`.
    function windowAfter(
        PriceHistory storage self,
        Observation last,
        uint256 price,
        uint256 bucket
    ) internal view returns (uint256 low, uint256 high) {
        if (bucket == last.bucket()) return _span(self.previous, _including(self.present, price));
        Extremes memory standing = _flat(last.price() == 0 ? price : last.price());
        Extremes memory previous = _follows(last, bucket) ? self.present : standing;
        return _span(previous, _including(standing, price));
    }

    /// @dev Both buckets when a later `bucket` begins. The first of all begins with `price`, every other with the price that stood until now. One bucket on, the bucket just ended is the
    /// previous one; further on, the previous one had only the standing price.
    function _begun(
        PriceHistory storage self,
        Observation last,
        uint256 price,
        uint256 bucket,
        FeedTerms terms
    ) private view returns (Extremes memory previous, Extremes memory present) {
        present = _flat(last.price() == 0 ? price : last.price());
        if (!_follows(last, bucket)) return (present, present);
        previous = self.present;
        previous.mean = _meanAt(previous.mean, last, terms.bucketLength());
    }

    function _follows(Observation last, uint256 bucket) private pure returns (bool) {
        return last.price() != 0 && bucket == last.bucket() + 1;
    }

    /// @dev Mean of the bucket of `last` once it is `liveSeconds` old, the last price having stood since.
    function _meanAt(uint48 mean, Observation last, uint256 liveSeconds) private pure returns (uint48) {
        // A bucket only grows older; 2^104 times a day.
        unchecked {
            uint256 price = last.price();
            if (liveSeconds == 0) return PriceMean.pack(price);
            uint256 seconds_ = last.liveSeconds();
            uint256 sum = PriceMean.unpack(mean) * seconds_ + price * (liveSeconds - seconds_);
            return PriceMean.pack(sum / liveSeconds);
        }
    }

    /// @dev Enters the bucket that has ended into the averages: VolatilityMath. The present bucket, which has begun, is never part of them.
    function _measure(
        PriceHistory storage self,
        MarketId market,
        Observation last,
        uint256 price,
        uint256 bucket,
        uint256 length,
        bool resumes
    ) private {
        Movement memory movement = self.movement;
        if (resumes) movement.resumedAt = uint40(block.timestamp);
        uint256 close = last.price();
        if (close == 0) {
            movement.opened = price.toUint104();
        } else {
            Extremes memory ended = self.present;
            uint256 sampled = VolatilityMath.sample(BucketPrices(movement.opened, ended.low, ended.high, close));
            uint256 number = last.bucket();
            Variances memory variances = VolatilityMath.advance(
                Variances(movement.slow, movement.fast),
                sampled,
                length,
                number,
                bucket - number - 1
            );
            movement.opened = uint104(close);
            movement.slow = uint56(Math.min(variances.slow, type(uint56).max));
            movement.fast = uint56(Math.min(variances.fast, type(uint56).max));
            emit IVolatility.VolatilityMeasured(market, number, sampled, movement.slow, movement.fast);
        }
        self.movement = movement;
    }

    function _flat(uint256 price) private pure returns (Extremes memory) {
        uint104 only = price.toUint104();
        return Extremes({low: only, high: only, mean: PriceMean.pack(price)});
    }

    function _including(Extremes memory extremes, uint256 price) private pure returns (Extremes memory) {
        uint104 newPrice = price.toUint104();
        if (newPrice < extremes.low) extremes.low = newPrice;
        if (newPrice > extremes.high) extremes.high = newPrice;
        return extremes;
    }

    function _span(Extremes memory a, Extremes memory b) private pure returns (uint256 low, uint256 high) {
        low = a.low < b.low ? a.low : b.low;
        high = a.high > b.high ? a.high : b.high;
    }
}
