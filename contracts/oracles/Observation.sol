// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FeedTerms} from "./FeedTerms.sol";

/// @notice The last valid price of a market and its maturity clock, in one word. 0: there never was a price.
///
///  bits   0–103  price        D18{USD/base}
///  bits 104–143  publishedAt  {s}, when the feed published it
///  bits 144–175  bucket       number of the maturity bucket, from 1
///  bits 176–215  observedAt   {s}, when it was last stored as valid; the clock stands as of then
///  bits 216–239  liveSeconds  {s}, how long the bucket has lasted
///  bit  240      interrupted  the feed was seen without a valid price since `observedAt`
///  bit  241      holdsJump    a round waits for confirmation
///  bit  242      bySecond     it came from the second source
///
/// @dev A word, not a struct: it is read on every observation, and a struct would be spread over memory each time.
type Observation is uint256;

using ObservationLib for Observation global;

/// @title Reading of observations, and their clock
library ObservationLib {
    using SafeCast for uint256;

    uint256 private constant INTERRUPTED = 1 << 240;
    uint256 private constant HOLDS_JUMP = 1 << 241;
    uint256 private constant BY_SECOND = 1 << 242;

    /// @dev A valid price, observed now.
    function observedNow(
        uint256 price_,
        uint256 publishedAt_,
        uint256 bucket_,
        uint256 liveSeconds_
    ) internal view returns (Observation) {
        return
            Observation.wrap(
                uint256(price_.toUint104()) |
                    (uint256(publishedAt_.toUint40()) << 104) |
                    (uint256(bucket_.toUint32()) << 144) |
                    (uint256(block.timestamp.toUint40()) << 176) |
                    (uint256(liveSeconds_.toUint24()) << 216)
            );
    }

    /// @dev The same, with the mark that the feed was seen without a valid price.
    function interrupted(Observation self) internal pure returns (Observation) {
        return Observation.wrap(Observation.unwrap(self) | INTERRUPTED);
    }

    /// @dev The same, with the mark that a round waits for confirmation.
    function holdingJump(Observation self) internal pure returns (Observation) {
        return Observation.wrap(Observation.unwrap(self) | INTERRUPTED | HOLDS_JUMP);
    }

    /// @dev The same, with no round waiting for confirmation.
    function withoutJump(Observation self) internal pure returns (Observation) {
        return Observation.wrap(Observation.unwrap(self) & ~HOLDS_JUMP);
    }

    /// @dev The same, as a price of the second source, or of the primary.
    function bySource(Observation self, bool bySecond) internal pure returns (Observation) {
        uint256 word = Observation.unwrap(self);
        return Observation.wrap(bySecond ? word | BY_SECOND : word & ~BY_SECOND);
    }

    /// @dev The same, at the begin of its bucket.
    function atBucketStart(Observation self) internal pure returns (Observation) {
        return Observation.wrap(Observation.unwrap(self) & ~(uint256(type(uint24).max) << 216));
    }

    function price(Observation self) internal pure returns (uint256) {
        return uint104(Observation.unwrap(self));
    }

    function publishedAt(Observation self) internal pure returns (uint256) {
        return uint40(Observation.unwrap(self) >> 104);
    }

    function bucket(Observation self) internal pure returns (uint256) {
        return uint32(Observation.unwrap(self) >> 144);
    }

    function observedAt(Observation self) internal pure returns (uint256) {
        return uint40(Observation.unwrap(self) >> 176);
    }

    function liveSeconds(Observation self) internal pure returns (uint256) {
        return uint24(Observation.unwrap(self) >> 216);
    }

    function isInterrupted(Observation self) internal pure returns (bool) {
        return Observation.unwrap(self) & INTERRUPTED != 0;
    }

    function holdsJump(Observation self) internal pure returns (bool) {
        return Observation.unwrap(self) & HOLDS_JUMP != 0;
    }

    function isBySecond(Observation self) internal pure returns (bool) {
        return Observation.unwrap(self) & BY_SECOND != 0;
    }

    /// @dev Whether the price was stored as valid in this block, and has not been seen to fail since.
    function isOfThisBlock(Observation self) internal view returns (bool) {
        return observedAt(self) == block.timestamp && !isInterrupted(self);
    }

    /// @dev The clock, read now. It counted only seconds in which the price was valid.
    /// @param terms the terms under which it was observed
    /// @param readyAt {s}, since when the sequencer has been ready
    /// @return bucketNow number of the present bucket
    /// @return secondsNow {s}, how long it has lasted
    function clock(
        Observation self,
        FeedTerms terms,
        uint256 readyAt
    ) internal view returns (uint256 bucketNow, uint256 secondsNow) {
        if (price(self) == 0) return (1, 0);
        // Times are 40 bits wide; a bucket lasts a minute or more, so its number grows by less than 2^20.
        unchecked {
            bucketNow = bucket(self);
            secondsNow = liveSeconds(self);
            if (!isInterrupted(self)) {
                uint256 from = Math.max(observedAt(self), readyAt);
                uint256 to = Math.min(block.timestamp, publishedAt(self) + terms.maxAge());
                if (to > from) secondsNow += to - from;
            }
            uint256 length = terms.bucketLength();
            if (secondsNow >= length) {
                bucketNow += secondsNow / length;
                secondsNow %= length;
            }
        }
    }

    /// @dev Whether the clock, read now, has skipped seconds since the observation: in them the price was not valid.
    /// @param terms the terms under which it was observed
    /// @param bucketNow as `clock` says
    /// @param secondsNow as `clock` says
    function skipped(
        Observation self,
        FeedTerms terms,
        uint256 bucketNow,
        uint256 secondsNow
    ) internal view returns (bool) {
        if (price(self) == 0) return false;
        // The clock only advances; widths as above.
        unchecked {
            uint256 counted = (bucketNow - bucket(self)) * terms.bucketLength() + secondsNow - liveSeconds(self);
            return counted != block.timestamp - observedAt(self);
        }
    }
}
