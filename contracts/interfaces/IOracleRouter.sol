// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title The one place prices come from
/// @notice Judges each market's feed and remembers, per market, the last valid price and the extremes of recent maturity buckets.
/// It knows no accounts. A price that fails a check is reported with its status, never repaired.
///
/// Checks, in this order; the first that fails gives the status:
///
///  `SequencerDown`  the L2 sequencer is down, or up for less than the grace period, or cannot be asked
///  `Invalid`        no feed; it reverts, burns its gas or returns junk; answer ≤ 0; round 0; published at 0, in the future, or before the
///                   last valid price; or beyond the jump band while the feed's decimals are not those it was set with
///  `Stale`          published more than `maxAge` ago
///  `Deviating`      two sources disagree: see ISecondSource, which also says which round of two is judged here
///  `OutOfBounds`    at or below the floor, at or above the ceiling
///  `Jump`           moved from the last valid price by more than the jump band, until a later round lands within the band of the round
///                   that jumped, or the guardian accepts it
///  `Valid`          all others
///
/// Maturity buckets are numbered from 1. Their clock counts only seconds during which the stored price was valid: not beyond its `maxAge`, not
/// before a restarted sequencer is ready, and nothing at all between two valid observations if a feed failure, a price out of bounds or a jump
/// was seen in between.
interface IOracleRouter {
    /* TYPES */

    /// @notice How one market's feed is judged.
    /// @param feed Chainlink `AggregatorV3Interface`; its decimals (0 to 24) are read when it is set
    /// @param maxAge {s}, heartbeat plus margin: 60 s to 2 days
    /// @param floor D18{USD/base}, a price here or below is out of bounds; at most three significant digits
    /// @param ceiling D18{USD/base}, a price here or above is out of bounds; at most three significant digits, below 2^104
    /// @param jumpBand D18{1}, largest move of one round against the last valid price: 0.5 % to 60 %, in whole basis points
    /// @param bucketLength {s}, T_v, length of a maturity bucket: 60 s to 6 h
    struct FeedConfig {
        address feed;
        uint256 maxAge;
        uint256 floor;
        uint256 ceiling;
        uint256 jumpBand;
        uint256 bucketLength;
    }

    /// @notice What is stored about a market.
    /// @param price D18{USD/base}, the last valid price, 0 when there never was one
    /// @param publishedAt {s}, when the feed published it
    /// @param observedAt {s}, when it was last stored as valid
    /// @param bucket number of the maturity bucket at `observedAt`, 0 before the first price
    /// @param liveSeconds {s}, how long that bucket had lasted at `observedAt`
    /// @param interrupted true when the feed was seen without a valid price since `observedAt`
    /// @param jumpPrice D18{USD/base}, price of the round that jumped and waits for confirmation, 0 when none waits
    /// @param jumpRoundId its round
    /// @param jumpPublishedAt {s}, when it was published
    struct PriceRecord {
        uint256 price;
        uint256 publishedAt;
        uint256 observedAt;
        uint256 bucket;
        uint256 liveSeconds;
        bool interrupted;
        uint256 jumpPrice;
        uint256 jumpRoundId;
        uint256 jumpPublishedAt;
    }

    /* EVENTS */

    /// @notice A market's feed, or how it is judged, changed. `oldConfig.feed` is 0 when the market had none.
    event FeedSet(MarketId indexed market, FeedConfig oldConfig, FeedConfig newConfig, uint256 decimals);

    /// @notice The sequencer's uptime feed changed; address 0 means that there is none to watch.
    event SequencerFeedSet(address oldFeed, uint256 oldGrace, address newFeed, uint256 newGrace);

    /// @notice A round moved beyond the jump band and waits for confirmation.
    /// @param lastPrice D18{USD/base}, the last valid price, which stays the one reported
    event JumpHeld(MarketId indexed market, uint256 indexed roundId, uint256 lastPrice, uint256 jumpPrice);

    /// @notice The guardian accepted the round that jumped.
    event JumpAccepted(MarketId indexed market, uint256 indexed roundId, uint256 lastPrice, uint256 jumpPrice);

    /* ERRORS */

    /// @notice Thrown when a market number has no bit in a set of markets.
    error MarketOutOfRange(MarketId market, uint256 highest);

    /// @notice Thrown when the longest age of a price is outside its bounds. {s}
    error MaxAgeOutOfRange(MarketId market, uint256 maxAge, uint256 lowest, uint256 highest);

    /// @notice Thrown when the jump band is outside its bounds. D18{1}
    error JumpBandOutOfRange(MarketId market, uint256 jumpBand, uint256 lowest, uint256 highest);

    /// @notice Thrown when the jump band is not a multiple of `step`. D18{1}
    error JumpBandTooFine(MarketId market, uint256 jumpBand, uint256 step);

    /// @notice Thrown when the length of a maturity bucket is outside its bounds. {s}
    error BucketLengthOutOfRange(MarketId market, uint256 bucketLength, uint256 lowest, uint256 highest);

    /// @notice Thrown when the floor is not below the ceiling. D18{USD/base}
    error PriceBoundsCrossed(MarketId market, uint256 floor, uint256 ceiling);

    /// @notice Thrown when prices up to the ceiling would not fit their storage. D18{USD/base}
    error CeilingTooHigh(MarketId market, uint256 ceiling, uint256 highest);

    /// @notice Thrown when a feed's address has no code.
    error FeedHasNoCode(address feed);

    /// @notice Thrown when a feed has more decimals than can be converted.
    error FeedDecimalsOutOfRange(address feed, uint256 decimals, uint256 highest);

    /// @notice Thrown when a feed to be set has no valid price under the configuration it is to be set with. D18{USD/base}
    error FeedNotUsable(MarketId market, address feed, PriceStatus status, uint256 price);

    /// @notice Thrown when a feed to be set disagrees by more than the jump band with a last valid price that is not stale. D18{USD/base}
    error FeedDeviates(MarketId market, uint256 lastPrice, uint256 newPrice, uint256 jumpBand);

    /// @notice Thrown when the sequencer's grace period is outside its bounds. {s}
    error SequencerGraceOutOfRange(uint256 grace, uint256 lowest, uint256 highest);

    /// @notice Thrown when a contract does not answer as an uptime feed does: 0 or 1, since a time that is not in the future.
    error NotASequencerFeed(address feed, int256 answer, uint256 startedAt);

    /// @notice Thrown when there is no jump to accept: `status` is not `Jump`.
    error JumpNotPending(MarketId market, PriceStatus status);

    /// @notice Thrown when the feed has moved on from the round whose jump was to be accepted.
    error JumpRoundChanged(MarketId market, uint256 expectedRoundId, uint256 roundId);

    /// @notice Thrown when a transaction that worked with an observation stored earlier in this block asks for the latest price, and the feed
    /// has changed in between: one transaction never sees two prices. Try again in the next block. D18{USD/base}
    error PriceSuperseded(MarketId market, uint256 usedPrice, uint256 latestPrice);

    /* OBSERVING */

    /// @notice Observes a set of markets: one price per market and transaction. Never reverts because of a feed.
    /// @dev A market's first price in a transaction is its price until the transaction ends, whatever the feed reports meanwhile. Only
    /// a transaction that mixes both kinds of freshness can fail, see `PriceSuperseded`. A market without a feed is `Invalid`. Storage is
    /// written on a new round, when the maturity bucket advances, and when a price stops or starts being valid.
    /// Warning: reverts with `GasTooLowForFeed` when less gas is left than a feed may use, so that nobody can make a good feed fail.
    /// @param markets set of markets, one bit each
    /// @param freshness whether an observation stored earlier in this block is good enough
    /// @return prices one per market of the set, in ascending order of market
    /// @custom:rounding down, feeds with more than 18 decimals only
    function observe(uint256 markets, Freshness freshness) external returns (Price[] memory prices);

    /// @notice Observes a set of markets and stores every valid price as observed now, so that what follows in this block may reuse it.
    /// @param markets set of markets, one bit each
    function poke(uint256 markets) external;

    /// @notice What `observe(markets, Latest)` would return, without storing.
    function peek(uint256 markets) external view returns (Price[] memory prices);

    /// @notice Lowest and highest valid price over the present and the previous maturity bucket, with the last price before them.
    /// After `observe` in the same transaction it reads storage only; otherwise it judges the feed first.
    /// @dev While the price is not valid this is the window as it last was; 0 and 0 before the first price.
    /// @return low D18{USD/base}
    /// @return high D18{USD/base}
    function windowOf(MarketId market) external view returns (uint256 low, uint256 high);

    /// @notice When the market's price was last valid again after it had not been for a while: stale, out of bounds, a jump, a feed or sequencer that failed.
    /// Auctions count from then. Like `windowOf` it tells what `observe` would store now.
    /// @return resumedAt {s}, 0 when the price never failed since the first
    function resumedAtOf(MarketId market) external view returns (uint256 resumedAt);

    /* GUARDIAN */

    /// @notice Accepts the round that jumped as the market's price, without waiting for its confirmation.
    /// @param roundId round of the feed that the caller has looked at
    /// @custom:access guardian
    function acceptJump(MarketId market, uint256 roundId) external;

    /* GOVERNANCE */

    /// @notice Sets a market's feed and how it is judged. The feed must have a valid price. It must agree within 5 % with the present price, if that is valid, and
    /// within their limit with a second source (ISecondSource.FeedsDisagree); within the jump band with a last valid price that is not stale. A different bucket
    /// length restarts the present bucket's clock.
    /// @custom:access governor
    function setFeed(MarketId market, FeedConfig calldata newConfig) external;

    /// @notice Sets the sequencer's uptime feed, for all markets.
    /// @param newFeed Chainlink L2 sequencer uptime feed; 0 on chains without one
    /// @param newGrace {s}, how long after a restart prices are not valid: 1 min to 1 day; 0 without a feed
    /// @custom:access governor
    function setSequencerFeed(address newFeed, uint256 newGrace) external;

    /* VIEWS */

    /// @notice How a market's feed is judged; all 0 when it has none.
    /// @return config see FeedConfig
    /// @return decimals of the feed's answers
    function feedOf(MarketId market) external view returns (FeedConfig memory config, uint256 decimals);

    /// @notice What is stored about a market, not rolled to now.
    function recordOf(MarketId market) external view returns (PriceRecord memory record);

    /// @notice The sequencer's uptime feed.
    /// @return feed 0 when there is none
    /// @return grace {s}
    function sequencerFeed() external view returns (address feed, uint256 grace);
}
