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
/// @param previous extremes of the previous bucket, with the price standing when it began
/// @param present extremes of the present bucket, likewise: the only one that a price within the bucket moves
/// @param jump the round waiting for confirmation, if `last.holdsJump()`
/// @param resumedAt {s}, when the price was valid again after its clock had skipped some seconds; 0: never
struct PriceHistory {
    Observation last;
    Extremes previous;
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
        if (bucket != last.bucket()) (self.previous, self.present) = _begun(self, last, price, bucket);
        else if (price != last.price()) self.present = _including(self.present, price);
        self.last = ObservationLib.observedNow(price, publishedAt, bucket, liveSeconds);
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
        (Extremes memory previous, Extremes memory present) = _begun(self, last, price, bucket);
        return _span(previous, present);
    }

    /// @dev Both buckets when `price` is the first of a later `bucket`, which begins with the price that stood until now. One bucket on, the bucket just ended
    /// is the previous one; further on, the previous one had only the standing price.
    function _begun(
        PriceHistory storage self,
        Observation last,
        uint256 price,
        uint256 bucket
    ) private view returns (Extremes memory previous, Extremes memory present) {
        uint104 standing = (last.price() == 0 ? price : last.price()).toUint104();
        present = _including(Extremes({low: standing, high: standing}), price);
        bool follows = last.price() != 0 && bucket == last.bucket() + 1;
        previous = follows ? self.present : Extremes({low: standing, high: standing});
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
