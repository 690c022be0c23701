// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {ISecondSource} from "../interfaces/ISecondSource.sol";
import {MarketId} from "../types/MarketId.sol";
import {FeedTerms, FeedTermsLib} from "./FeedTerms.sol";

/// @notice A market's second source, in one word; see `ISecondSource.SecondaryConfig`. 0: there is none.
///
///  bits   0–159  feed
///  bits 160–167  decimals      of the feed's answers
///  bits 168–191  maxAge        {s}
///  bits 192–207  maxDeviation  {basis points}
///
/// @dev The first three stand where FeedTerms has them, so both words together are the terms that the second source is read with.
type SecondSource is uint256;

using SecondSourceLib for SecondSource global;

/// @title Packing, bounding and reading of second sources
library SecondSourceLib {
    using SafeCast for uint256;

    /// @dev D18{1}
    uint256 internal constant LOWEST_DEVIATION = 0.001e18;
    uint256 internal constant HIGHEST_DEVIATION = 0.2e18;
    uint256 private constant ONE_BPS = 10_000;
    /// @dev Feed, decimals and maxAge, here and in FeedTerms.
    uint256 private constant OWN = (1 << 192) - 1;

    SecondSource internal constant NONE = SecondSource.wrap(0);

    /* WRITING */

    /// @dev Checks `config` against the hard bounds and the primary's terms, reads the feed's decimals, and packs both.
    function pack(
        ISecondSource.SecondaryConfig calldata config,
        MarketId market,
        FeedTerms primary
    ) internal view returns (SecondSource) {
        address feed_ = config.feed;
        if (feed_ == primary.feed()) revert ISecondSource.SecondaryIsPrimary(market, feed_);
        uint256 age = config.maxAge;
        if (age < FeedTermsLib.LOWEST_MAX_AGE || age > FeedTermsLib.HIGHEST_MAX_AGE) {
            revert IOracleRouter.MaxAgeOutOfRange(
                market,
                age,
                FeedTermsLib.LOWEST_MAX_AGE,
                FeedTermsLib.HIGHEST_MAX_AGE
            );
        }
        uint256 limit = config.maxDeviation;
        if (limit % FeedTermsLib.BASIS_POINT != 0) {
            revert ISecondSource.DeviationLimitTooFine(market, limit, FeedTermsLib.BASIS_POINT);
        }
        requireWithinBand(limit, market, primary);
        return
            SecondSource.wrap(
                uint256(uint160(feed_)) |
                    (FeedTermsLib.decimalsOf(feed_) << 160) |
                    (uint256(age.toUint24()) << 168) |
                    (uint256((limit / FeedTermsLib.BASIS_POINT).toUint16()) << 192)
            );
    }

    /// @dev Sources may take turns: a turn within their limit must never be a jump.
    function requireWithinBand(uint256 limit, MarketId market, FeedTerms primary) internal pure {
        uint256 highest = Math.min(HIGHEST_DEVIATION, primary.jumpBand());
        if (limit < LOWEST_DEVIATION || limit > highest) {
            revert ISecondSource.DeviationLimitOutOfRange(market, limit, LOWEST_DEVIATION, highest);
        }
    }

    /* READING */

    /// @dev The configuration that was packed.
    function unpack(SecondSource self) internal pure returns (ISecondSource.SecondaryConfig memory) {
        FeedTerms own = FeedTerms.wrap(SecondSource.unwrap(self));
        return
            ISecondSource.SecondaryConfig({feed: own.feed(), maxAge: own.maxAge(), maxDeviation: maxDeviation(self)});
    }

    function isNone(SecondSource self) internal pure returns (bool) {
        return SecondSource.unwrap(self) == 0;
    }

    function decimals(SecondSource self) internal pure returns (uint256) {
        return FeedTerms.wrap(SecondSource.unwrap(self)).decimals();
    }

    /// @dev D18{1}
    function maxDeviation(SecondSource self) internal pure returns (uint256) {
        return uint256(uint16(SecondSource.unwrap(self) >> 192)) * FeedTermsLib.BASIS_POINT;
    }

    /// @dev The terms that this source is read and judged with: its own feed, decimals and age, the rest as the primary's.
    function under(SecondSource self, FeedTerms primary) internal pure returns (FeedTerms) {
        return FeedTerms.wrap((SecondSource.unwrap(self) & OWN) | (FeedTerms.unwrap(primary) & ~OWN));
    }

    /// @dev Whether two prices are further apart than the limit.
    function separates(SecondSource self, uint256 a, uint256 b) internal pure returns (bool) {
        return areApart(a, b, uint16(SecondSource.unwrap(self) >> 192));
    }

    /// @dev Whether two prices are more than `limitBps` of the lower apart. Answers of feeds may be of any size.
    function areApart(uint256 a, uint256 b, uint256 limitBps) internal pure returns (bool) {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        // What is further from a price of 104 bits is of no size to compare.
        if (high > type(uint128).max) return low <= type(uint128).max;
        // 2^128 · 10^4 < 2^142
        unchecked {
            return (high - low) * ONE_BPS > low * limitBps;
        }
    }
}
