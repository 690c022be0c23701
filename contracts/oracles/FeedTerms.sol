// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {DecimalFloat} from "../libraries/DecimalFloat.sol";
import {MarketId} from "../types/MarketId.sol";

/// @notice How one market's feed is judged, in one word; see `IOracleRouter.FeedConfig`. 0: the market has no feed.
///
///  bits   0–159  feed
///  bits 160–166  decimals      of the feed's answers
///  bit  167      paired        there is a second source: SecondSource
///  bits 168–191  maxAge        {s}
///  bits 192–207  jumpBand      {basis points}
///  bits 208–223  bucketLength  {s}
///  bits 224–239  floor         D18{USD/base} as DecimalFloat
///  bits 240–255  ceiling       D18{USD/base} as DecimalFloat
///
/// @dev A word, not a struct: it is read on every observation, and a struct would be spread over memory each time.
type FeedTerms is uint256;

using FeedTermsLib for FeedTerms global;

/// @title Packing, bounding and reading of feed terms
library FeedTermsLib {
    using SafeCast for uint256;

    uint256 internal constant LOWEST_MAX_AGE = 1 minutes;
    uint256 internal constant HIGHEST_MAX_AGE = 2 days;
    /// @dev D18{1}
    uint256 internal constant LOWEST_JUMP_BAND = 0.005e18;
    uint256 internal constant HIGHEST_JUMP_BAND = 0.6e18;
    uint256 internal constant LOWEST_BUCKET_LENGTH = 1 minutes;
    uint256 internal constant HIGHEST_BUCKET_LENGTH = 6 hours;
    uint256 internal constant HIGHEST_DECIMALS = 24;
    /// @dev Prices are stored in 104 bits. D18{USD/base}
    uint256 internal constant HIGHEST_CEILING = type(uint104).max;
    /// @dev D18{1}
    uint256 internal constant BASIS_POINT = 1e14;
    uint256 private constant ONE_BPS = 10_000;
    uint256 private constant D18_DECIMALS = 18;
    uint256 private constant PAIRED = 1 << 167;

    /* WRITING */

    /// @dev Checks `config` against the hard bounds, reads the feed's decimals, and packs both.
    function pack(IOracleRouter.FeedConfig calldata config, MarketId market) internal view returns (FeedTerms) {
        _requireInBounds(config, market);
        return
            FeedTerms.wrap(
                uint256(uint160(config.feed)) |
                    (decimalsOf(config.feed) << 160) |
                    (uint256(config.maxAge.toUint24()) << 168) |
                    (uint256((config.jumpBand / BASIS_POINT).toUint16()) << 192) |
                    (uint256(config.bucketLength.toUint16()) << 208) |
                    (uint256(DecimalFloat.encode(config.floor)) << 224) |
                    (uint256(DecimalFloat.encode(config.ceiling)) << 240)
            );
    }

    /// @dev Decimals of a feed that is to be set.
    function decimalsOf(address newFeed) internal view returns (uint256 places) {
        if (newFeed.code.length == 0) revert IOracleRouter.FeedHasNoCode(newFeed);
        places = AggregatorV3Interface(newFeed).decimals();
        if (places > HIGHEST_DECIMALS) {
            revert IOracleRouter.FeedDecimalsOutOfRange(newFeed, places, HIGHEST_DECIMALS);
        }
    }

    /// @dev The same with, or without, the mark that there is a second source.
    function paired(FeedTerms self, bool isPaired_) internal pure returns (FeedTerms) {
        uint256 word = FeedTerms.unwrap(self);
        return FeedTerms.wrap(isPaired_ ? word | PAIRED : word & ~PAIRED);
    }

    /// @dev The same with a maxAge of at least `age` {s}, as far as it can be.
    function lasting(FeedTerms self, uint256 age) internal pure returns (FeedTerms) {
        if (age <= maxAge(self)) return self;
        if (age > type(uint24).max) age = type(uint24).max;
        return FeedTerms.wrap((FeedTerms.unwrap(self) & ~(uint256(type(uint24).max) << 168)) | (age << 168));
    }

    /* READING */

    /// @dev The configuration that was packed.
    function unpack(FeedTerms self) internal pure returns (IOracleRouter.FeedConfig memory) {
        return
            IOracleRouter.FeedConfig({
                feed: feed(self),
                maxAge: maxAge(self),
                floor: DecimalFloat.decode(uint16(FeedTerms.unwrap(self) >> 224)),
                ceiling: DecimalFloat.decode(uint16(FeedTerms.unwrap(self) >> 240)),
                jumpBand: jumpBand(self),
                bucketLength: bucketLength(self)
            });
    }

    function feed(FeedTerms self) internal pure returns (address) {
        return address(uint160(FeedTerms.unwrap(self)));
    }

    function decimals(FeedTerms self) internal pure returns (uint256) {
        return (FeedTerms.unwrap(self) >> 160) & 0x7f;
    }

    function isPaired(FeedTerms self) internal pure returns (bool) {
        return FeedTerms.unwrap(self) & PAIRED != 0;
    }

    /// @dev {s}
    function maxAge(FeedTerms self) internal pure returns (uint256) {
        return uint24(FeedTerms.unwrap(self) >> 168);
    }

    /// @dev D18{1}
    function jumpBand(FeedTerms self) internal pure returns (uint256) {
        return _jumpBandBps(self) * BASIS_POINT;
    }

    /// @dev {s}
    function bucketLength(FeedTerms self) internal pure returns (uint256) {
        return uint16(FeedTerms.unwrap(self) >> 208);
    }

    /// @dev An answer of the feed as D18{USD/base}, rounded down. Answers too large for any ceiling become the largest number.
    function toD18(FeedTerms self, uint256 answer) internal pure returns (uint256) {
        if (answer > type(uint128).max) return type(uint256).max;
        uint256 places = decimals(self);
        // 2^128 · 10^18 < 2^188; at most 24 decimals
        unchecked {
            if (places <= D18_DECIMALS) return answer * 10 ** (D18_DECIMALS - places);
            return answer / 10 ** (places - D18_DECIMALS);
        }
    }

    /// @dev Whether `price` is strictly between floor and ceiling: a feed that stands at its own limit is not a price.
    function contains(FeedTerms self, uint256 price) internal pure returns (bool) {
        return
            price > DecimalFloat.decode(uint16(FeedTerms.unwrap(self) >> 224)) &&
            price < DecimalFloat.decode(uint16(FeedTerms.unwrap(self) >> 240));
    }

    /// @dev Whether `price` is more than the jump band away from `anchor`. Both at most 2^104.
    function isJump(FeedTerms self, uint256 price, uint256 anchor) internal pure returns (bool) {
        // 2^104 · 10^4 < 2^118
        unchecked {
            uint256 move = price > anchor ? price - anchor : anchor - price;
            return move * ONE_BPS > anchor * _jumpBandBps(self);
        }
    }

    function _jumpBandBps(FeedTerms self) private pure returns (uint256) {
        return uint16(FeedTerms.unwrap(self) >> 192);
    }

    function _requireInBounds(IOracleRouter.FeedConfig calldata config, MarketId market) private pure {
        uint256 value = config.maxAge;
        if (value < LOWEST_MAX_AGE || value > HIGHEST_MAX_AGE) {
            revert IOracleRouter.MaxAgeOutOfRange(market, value, LOWEST_MAX_AGE, HIGHEST_MAX_AGE);
        }
        value = config.jumpBand;
        if (value < LOWEST_JUMP_BAND || value > HIGHEST_JUMP_BAND) {
            revert IOracleRouter.JumpBandOutOfRange(market, value, LOWEST_JUMP_BAND, HIGHEST_JUMP_BAND);
        }
        if (value % BASIS_POINT != 0) revert IOracleRouter.JumpBandTooFine(market, value, BASIS_POINT);
        value = config.bucketLength;
        if (value < LOWEST_BUCKET_LENGTH || value > HIGHEST_BUCKET_LENGTH) {
            revert IOracleRouter.BucketLengthOutOfRange(market, value, LOWEST_BUCKET_LENGTH, HIGHEST_BUCKET_LENGTH);
        }
        value = config.ceiling;
        if (value > HIGHEST_CEILING) revert IOracleRouter.CeilingTooHigh(market, value, HIGHEST_CEILING);
        if (config.floor >= value) revert IOracleRouter.PriceBoundsCrossed(market, config.floor, value);
    }
}
