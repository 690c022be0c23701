// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FeedTerms} from "./FeedTerms.sol";
import {Observation, ObservationLib} from "./Observation.sol";

/// @notice Lowest and highest price of a span. D18{USD/base}. One slot.
struct Extremes {
    uint104 low;
    uint104 high;
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
/// @param window extremes of the present and the previous bucket, each with the price standing when it began
/// @param present extremes of the present bucket, with the price standing when it began
/// @param jump the round waiting for confirmation, if `last.holdsJump()`
/// @param resumedAt {s}, when the price was valid again after its clock had skipped some seconds; 0: never
struct PriceHistory {
    Observation last;
    Extremes window;
    Extremes present;
    Jump jump;
    uint40 resumedAt;
}

/// @title Maturity buckets of one market
/// @notice When the clock reaches a bucket's length, the next bucket begins with the price then standing; a bucket in which nothing was observed
/// consists of that price only.
library PriceHistoryLib {
    using SafeCast for uint256;

    /// @dev Stores a valid price, observed now.
    /// @param last `self.last`
    /// @param bucket as `last.clock` says
    /// @param liveSeconds as `last.clock` says
    /// @param terms those that `last.clock` was read with
    function record(
        PriceHistory storage self,
        Observation last,
        uint256 price,
        uint256 publishedAt,
        uint256 bucket,
        uint256 liveSeconds,
        FeedTerms terms
    ) internal {
        if (last.skipped(terms, bucket, liveSeconds)) self.resumedAt = uint40(block.timestamp);
        if (price != last.price() || bucket != last.bucket()) {
            (self.window, self.present) = extremesAfter(self, last, price, bucket);
        }
        self.last = ObservationLib.observedNow(price, publishedAt, bucket, liveSeconds);
    }

    /// @dev The extremes once `price` is observed in `bucket`.
    function extremesAfter(
        PriceHistory storage self,
        Observation last,
        uint256 price,
        uint256 bucket
    ) internal view returns (Extremes memory window, Extremes memory present) {
        uint104 newPrice = price.toUint104();
        uint104 lastPrice = last.price() == 0 ? newPrice : last.price().toUint104();
        if (bucket == last.bucket()) return (_including(self.window, newPrice), _including(self.present, newPrice));

        // The present bucket begins with the price that stood until now.
        present = _including(Extremes({low: lastPrice, high: lastPrice}), newPrice);
        // One bucket on, the bucket just ended is the previous one, and the last price is in it. Further on, the previous one had only that price.
        bool follows = last.price() != 0 && bucket == last.bucket() + 1;
        window = follows ? _including(self.present, newPrice) : present;
    }

    function _including(Extremes memory extremes, uint104 price) private pure returns (Extremes memory) {
        if (price < extremes.low) extremes.low = price;
        if (price > extremes.high) extremes.high = price;
        return extremes;
    }
}
