// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {DecimalFloat} from "../libraries/DecimalFloat.sol";
import {MarketId} from "../types/MarketId.sol";

/// @notice How one market's feed is judged, in one slot: 20 + 1 + 3 + 2 + 2 + 2 + 2 = 32 bytes. See `IOracleRouter.FeedConfig`.
/// @param decimals of the feed's answers
/// @param maxAge {s}
/// @param jumpBandBps basis points
/// @param bucketLength {s}
/// @param floor D18{USD/base} as DecimalFloat
/// @param ceiling D18{USD/base} as DecimalFloat
struct FeedTerms {
    address feed;
    uint8 decimals;
    uint24 maxAge;
    uint16 jumpBandBps;
    uint16 bucketLength;
    uint16 floor;
    uint16 ceiling;
}

/// @title Packing and bounding of feed configurations
library FeedTermsLib {
    using SafeCast for uint256;

    uint256 internal constant LOWEST_MAX_AGE = 1 minutes;
    uint256 internal constant HIGHEST_MAX_AGE = 2 days;
    uint256 internal constant LOWEST_JUMP_BAND = 0.005e18;
    uint256 internal constant HIGHEST_JUMP_BAND = 0.6e18;
    uint256 internal constant LOWEST_BUCKET_LENGTH = 1 minutes;
    uint256 internal constant HIGHEST_BUCKET_LENGTH = 6 hours;
    uint256 internal constant HIGHEST_DECIMALS = 24;
    /// @dev Prices are stored in 104 bits. D18{USD/base}
    uint256 internal constant HIGHEST_CEILING = type(uint104).max;
    /// @dev D18{1}
    uint256 internal constant BASIS_POINT = 1e14;

    /// @dev Checks `config` against the hard bounds, reads the feed's decimals, and packs both.
    function pack(IOracleRouter.FeedConfig calldata config, MarketId market) internal view returns (FeedTerms memory) {
        _requireInBounds(config, market);
        if (config.feed.code.length == 0) revert IOracleRouter.FeedHasNoCode(config.feed);
        uint8 decimals = AggregatorV3Interface(config.feed).decimals();
        if (decimals > HIGHEST_DECIMALS) {
            revert IOracleRouter.FeedDecimalsOutOfRange(config.feed, decimals, HIGHEST_DECIMALS);
        }
        return
            FeedTerms({
                feed: config.feed,
                decimals: decimals,
                maxAge: config.maxAge.toUint24(),
                jumpBandBps: (config.jumpBand / BASIS_POINT).toUint16(),
                bucketLength: config.bucketLength.toUint16(),
                floor: DecimalFloat.encode(config.floor),
                ceiling: DecimalFloat.encode(config.ceiling)
            });
    }

    /// @dev The configuration that was packed.
    function unpack(FeedTerms memory terms) internal pure returns (IOracleRouter.FeedConfig memory) {
        return
            IOracleRouter.FeedConfig({
                feed: terms.feed,
                maxAge: terms.maxAge,
                floor: DecimalFloat.decode(terms.floor),
                ceiling: DecimalFloat.decode(terms.ceiling),
                jumpBand: terms.jumpBandBps * BASIS_POINT,
                bucketLength: terms.bucketLength
            });
    }

    /// @dev Whether `price` is strictly between floor and ceiling: a feed that stands at its own limit is not a price.
    function contains(FeedTerms memory terms, uint256 price) internal pure returns (bool) {
        return price > DecimalFloat.decode(terms.floor) && price < DecimalFloat.decode(terms.ceiling);
    }

    /// @dev Whether `price` is more than the jump band away from `anchor`. Both at most 2^104.
    function jumps(FeedTerms memory terms, uint256 price, uint256 anchor) internal pure returns (bool) {
        // 2^104 · 10^4 < 2^118
        unchecked {
            uint256 move = price > anchor ? price - anchor : anchor - price;
            return move * 10_000 > anchor * terms.jumpBandBps;
        }
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
