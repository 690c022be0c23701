// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FeedTerms} from "./FeedTerms.sol";

/// @notice The last valid price and the maturity clock. One slot: 13 + 5 + 5 + 4 + 3 + 1 + 1 = 32 bytes.
/// @param price D18{USD/base}, 0 when there never was one
/// @param publishedAt {s}, when the feed published it
/// @param observedAt {s}, when it was last stored as valid; the clock stands as of then
/// @param bucket number of the maturity bucket, from 1
/// @param liveSeconds {s}, how long that bucket has lasted
/// @param interrupted set when the feed was seen without a valid price since `observedAt`
/// @param jumpHeld set when a round waits for confirmation in `PriceHistory.jump`
struct Observation {
    uint104 price;
    uint40 publishedAt;
    uint40 observedAt;
    uint32 bucket;
    uint24 liveSeconds;
    bool interrupted;
    bool jumpHeld;
}

/// @notice Lowest and highest price of a span. D18{USD/base}. One slot.
struct Extremes {
    uint104 low;
    uint104 high;
}

/// @notice A round that moved beyond the jump band. One slot: 13 + 10 + 5 bytes.
struct Jump {
    uint104 price;
    uint80 roundId;
    uint40 publishedAt;
}

/// @notice What is remembered of a market's prices.
/// @param last the last valid price
/// @param window extremes of the present and the previous bucket, each with the price standing when it began
/// @param present extremes of the present bucket, with the price standing when it began
/// @param jump the round waiting for confirmation, if `last.jumpHeld`
struct PriceHistory {
    Observation last;
    Extremes window;
    Extremes present;
    Jump jump;
}

/// @title Maturity buckets of one market
/// @notice A bucket's clock counts only seconds in which the stored price was valid. When it reaches the bucket's length the next bucket begins
/// with the price then standing; a bucket in which nothing was observed consists of that price only.
library PriceHistoryLib {
    using SafeCast for uint256;

    /// @dev The clock, read now.
    /// @param terms the terms under which `last` was observed
    /// @param readyAt {s}, since when the sequencer has been ready
    /// @return bucket number of the present bucket
    /// @return liveSeconds {s}, how long it has lasted
    function clock(
        Observation memory last,
        FeedTerms memory terms,
        uint256 readyAt
    ) internal view returns (uint256 bucket, uint256 liveSeconds) {
        if (last.price == 0) return (1, 0);
        // Times are 40 bits, the bucket number grows by less than 2^18 a call.
        unchecked {
            liveSeconds = last.liveSeconds;
            if (!last.interrupted) {
                uint256 from = Math.max(last.observedAt, readyAt);
                uint256 to = Math.min(block.timestamp, uint256(last.publishedAt) + terms.maxAge);
                if (to > from) liveSeconds += to - from;
            }
            bucket = uint256(last.bucket) + liveSeconds / terms.bucketLength;
            liveSeconds %= terms.bucketLength;
        }
    }

    /// @dev The extremes once `price` is observed in `bucket`.
    function extremesAfter(
        PriceHistory storage self,
        Observation memory last,
        uint256 price,
        uint256 bucket
    ) internal view returns (Extremes memory window, Extremes memory present) {
        uint104 newPrice = price.toUint104();
        if (last.price == 0) {
            present = Extremes({low: newPrice, high: newPrice});
            return (present, present);
        }
        if (bucket == last.bucket) return (_including(self.window, newPrice), _including(self.present, newPrice));

        // The present bucket begins with the price that stood until now.
        present = _including(Extremes({low: last.price, high: last.price}), newPrice);
        // One bucket on, the bucket just ended is the previous one, and `last.price` is in it. Further on, the previous one had only that price.
        window = bucket == uint256(last.bucket) + 1 ? _including(self.present, newPrice) : present;
    }

    /// @dev Stores a valid price, observed now.
    /// @param bucket as `clock` says
    /// @param liveSeconds as `clock` says
    function record(
        PriceHistory storage self,
        Observation memory last,
        uint256 price,
        uint256 publishedAt,
        uint256 bucket,
        uint256 liveSeconds
    ) internal {
        if (price != last.price || bucket != last.bucket) {
            (self.window, self.present) = extremesAfter(self, last, price, bucket);
        }
        self.last = Observation({
            price: price.toUint104(),
            publishedAt: publishedAt.toUint40(),
            observedAt: block.timestamp.toUint40(),
            bucket: bucket.toUint32(),
            liveSeconds: liveSeconds.toUint24(),
            interrupted: false,
            jumpHeld: false
        });
    }

    function _including(Extremes memory extremes, uint104 price) private pure returns (Extremes memory) {
        if (price < extremes.low) extremes.low = price;
        if (price > extremes.high) extremes.high = price;
        return extremes;
    }
}
