// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {IVolatility} from "../interfaces/IVolatility.sol";
import {SafeFeedCall} from "../libraries/SafeFeedCall.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {FeedTerms, FeedTermsLib} from "./FeedTerms.sol";
import {Observation} from "./Observation.sol";
import {PriceCache} from "./PriceCache.sol";
import {Jump, Movement, PriceHistory, PriceHistoryLib} from "./PriceHistory.sol";

/// @title OracleRouter
/// @notice Owns the feeds' terms and the prices' history. Never repairs a price, never acts on one. Invariant: PRICE-1.
/// @dev Reading an unchanged round costs the feed, two slots, and once per transaction the sequencer's feed and slot.
contract OracleRouter is IOracleRouter, IVolatility, AccessManaged {
    using SafeCast for uint256;
    using FeedTermsLib for FeedConfig;
    using PriceHistoryLib for PriceHistory;

    /// @dev One market. Six slots, of which an unchanged round reads the first two.
    struct Market {
        FeedTerms terms;
        PriceHistory history;
    }

    /// @dev The sequencer's uptime feed and its grace period {s}. One slot.
    struct Sequencer {
        address feed;
        uint32 grace;
    }

    /// @dev A feed's latest round, judged.
    struct Reading {
        PriceStatus status;
        uint256 roundId;
        uint256 price;
        uint256 publishedAt;
    }

    /* CONSTANTS */

    uint256 private constant HIGHEST_MARKET = 63;
    uint256 private constant LOWEST_GRACE = 1 minutes;
    uint256 private constant HIGHEST_GRACE = 1 days;
    /// @dev Times at which a sequencer is ready: always, and never.
    uint256 private constant READY_ALWAYS = 1;
    uint256 private constant READY_NEVER = type(uint256).max;

    /* STORAGE */

    mapping(MarketId number => Market market) private _markets;
    Sequencer private _sequencer;

    /// @dev {s}, since when the sequencer has been ready, as asked in this transaction; 0: not asked yet.
    uint256 private transient _sequencerReadyAt;

    /// @param authority the AccessManager
    /// @param uptimeFeed see `setSequencerFeed`
    /// @param grace see `setSequencerFeed`
    constructor(address authority, address uptimeFeed, uint256 grace) AccessManaged(authority) {
        if (uptimeFeed != address(0) || grace != 0) _setSequencerFeed(uptimeFeed, grace);
    }

    /* OBSERVING */

    /// @inheritdoc IOracleRouter
    function observe(uint256 markets, Freshness freshness) external returns (Price[] memory prices) {
        prices = new Price[](_count(markets));
        uint256 index = 0;
        for (uint256 number = 0; markets != 0; ++number) {
            if (markets & 1 != 0) _observe(MarketId.wrap(uint8(number)), freshness, prices[index++]);
            markets >>= 1;
        }
    }

    /// @inheritdoc IOracleRouter
    function poke(uint256 markets) external {
        for (uint256 number = 0; markets != 0; ++number) {
            if (markets & 1 != 0) _poke(MarketId.wrap(uint8(number)));
            markets >>= 1;
        }
    }

    /// @inheritdoc IOracleRouter
    function peek(uint256 markets) external view returns (Price[] memory prices) {
        prices = new Price[](_count(markets));
        uint256 readyAt = _sequencerReadyAt;
        uint256 index = 0;
        for (uint256 number = 0; markets != 0; ++number) {
            if (markets & 1 != 0) readyAt = _peek(MarketId.wrap(uint8(number)), readyAt, prices[index++]);
            markets >>= 1;
        }
    }

    /// @inheritdoc IOracleRouter
    function windowOf(MarketId market) external view returns (uint256 low, uint256 high) {
        PriceHistory storage history = _markets[market].history;
        if (PriceCache.holds(market)) return history.window();
        FeedTerms terms = _markets[market].terms;
        Observation last = history.last;
        uint256 readyAt = _sequencerReadyAt == 0 ? _askSequencer() : _sequencerReadyAt;
        Reading memory reading = _judge(history, terms, last, readyAt);
        if (reading.status != PriceStatus.Valid) return history.window();
        (uint256 bucket, ) = last.clock(terms, readyAt);
        return history.windowAfter(last, reading.price, bucket);
    }

    /// @inheritdoc IOracleRouter
    function resumedAtOf(MarketId market) external view returns (uint256 resumedAt) {
        PriceHistory storage history = _markets[market].history;
        if (!PriceCache.holds(market)) {
            FeedTerms terms = _markets[market].terms;
            Observation last = history.last;
            uint256 readyAt = _sequencerReadyAt == 0 ? _askSequencer() : _sequencerReadyAt;
            if (_judge(history, terms, last, readyAt).status == PriceStatus.Valid) {
                (uint256 bucket, uint256 liveSeconds) = last.clock(terms, readyAt);
                if (last.skipped(terms, bucket, liveSeconds)) return block.timestamp;
            }
        }
        return history.movement.resumedAt;
    }

    /// @inheritdoc IVolatility
    function variancesOf(MarketId market) external view returns (uint256 slow, uint256 fast) {
        Movement memory movement = _markets[market].history.movement;
        return (movement.slow, movement.fast);
    }

    /// @inheritdoc IVolatility
    function meanPriceOf(MarketId market) external view returns (uint256 price) {
        PriceHistory storage history = _markets[market].history;
        FeedTerms terms = _markets[market].terms;
        Observation last = history.last;
        uint256 readyAt = _sequencerReadyAt == 0 ? _askSequencer() : _sequencerReadyAt;
        (uint256 bucket, uint256 liveSeconds) = last.clock(terms, readyAt);
        return history.meanAfter(last, bucket, liveSeconds, terms);
    }

    /* GUARDIAN */

    /// @inheritdoc IOracleRouter
    function acceptJump(MarketId market, uint256 roundId) external restricted {
        PriceHistory storage history = _markets[market].history;
        FeedTerms terms = _markets[market].terms;
        Observation last = history.last;
        uint256 readyAt = _askSequencerOnce();
        Reading memory reading = _judge(history, terms, last, readyAt);
        if (reading.status != PriceStatus.Jump) revert JumpNotPending(market, reading.status);
        if (reading.roundId != roundId) revert JumpRoundChanged(market, roundId, reading.roundId);

        // Perhaps nobody has observed the jump yet; it stops the clock all the same.
        (uint256 bucket, uint256 liveSeconds) = last.interrupted().clock(terms, readyAt);
        history.record(market, last, reading.price, reading.publishedAt, bucket, liveSeconds, terms);
        emit JumpAccepted(market, roundId, last.price(), reading.price);
    }

    /* GOVERNANCE */

    /// @inheritdoc IOracleRouter
    function setFeed(MarketId market, FeedConfig calldata newConfig) external restricted {
        if (MarketId.unwrap(market) > HIGHEST_MARKET) revert MarketOutOfRange(market, HIGHEST_MARKET);
        PriceHistory storage history = _markets[market].history;
        FeedTerms oldTerms = _markets[market].terms;
        FeedTerms newTerms = newConfig.pack(market);
        Observation last = history.last;
        uint256 readyAt = _askSequencerOnce();

        Reading memory reading = _read(newTerms, readyAt, 0);
        if (reading.status != PriceStatus.Valid) {
            revert FeedNotUsable(market, newConfig.feed, reading.status, reading.price);
        }
        if (last.price() == 0 || !newTerms.isJump(reading.price, last.price())) {
            (uint256 bucket, uint256 liveSeconds) = last.clock(oldTerms, readyAt);
            history.record(market, last, reading.price, reading.publishedAt, bucket, liveSeconds, oldTerms);
        } else if (block.timestamp <= last.publishedAt() + oldTerms.maxAge()) {
            revert FeedDeviates(market, last.price(), reading.price, newConfig.jumpBand);
        } else {
            // Nothing fresh to compare with: the new feed's price is a jump, to be confirmed by its own later rounds.
            history.last = last.interrupted().withoutJump();
        }
        // Seconds of a bucket of one length mean nothing in a bucket of another.
        if (newTerms.bucketLength() != oldTerms.bucketLength()) history.last = history.last.atBucketStart();
        _markets[market].terms = newTerms;
        emit FeedSet(market, oldTerms.unpack(), newConfig, newTerms.decimals());
    }

    /// @inheritdoc IOracleRouter
    function setSequencerFeed(address newFeed, uint256 newGrace) external restricted {
        _setSequencerFeed(newFeed, newGrace);
    }

    /* VIEWS */

    /// @inheritdoc IOracleRouter
    function feedOf(MarketId market) external view returns (FeedConfig memory config, uint256 decimals) {
        FeedTerms terms = _markets[market].terms;
        return (terms.unpack(), terms.decimals());
    }

    /// @inheritdoc IOracleRouter
    function recordOf(MarketId market) external view returns (PriceRecord memory record) {
        PriceHistory storage history = _markets[market].history;
        Observation last = history.last;
        record.price = last.price();
        record.publishedAt = last.publishedAt();
        record.observedAt = last.observedAt();
        record.bucket = last.bucket();
        record.liveSeconds = last.liveSeconds();
        record.interrupted = last.isInterrupted();
        if (last.holdsJump()) {
            Jump memory jump = history.jump;
            record.jumpPrice = jump.price;
            record.jumpRoundId = jump.roundId;
            record.jumpPublishedAt = jump.publishedAt;
        }
    }

    /// @inheritdoc IOracleRouter
    function sequencerFeed() external view returns (address feed, uint256 grace) {
        return (_sequencer.feed, _sequencer.grace);
    }

    /* INTERNALS: ONE MARKET */

    /// @dev `observe` for one market, into `price`.
    function _observe(MarketId market, Freshness freshness, Price memory price) private {
        (bool cached, Freshness had) = PriceCache.load(market, price);
        if (cached && _suffices(had, freshness)) return;

        Market storage stored = _markets[market];
        Observation last = stored.history.last;
        if (!cached && freshness == Freshness.SameBlock && last.isOfThisBlock()) {
            _fill(price, last, PriceStatus.Valid);
            PriceCache.store(market, price, Freshness.SameBlock);
            return;
        }

        FeedTerms terms = stored.terms;
        uint256 readyAt = _askSequencerOnce();
        Reading memory reading = _judge(stored.history, terms, last, readyAt);
        if (cached) {
            _requireSame(market, price, reading);
        } else {
            uint256 liveSeconds = _conclude(price, terms, last, reading, readyAt);
            if (reading.status == PriceStatus.Valid)
                _keepValid(market, stored.history, last, price, liveSeconds, terms, readyAt);
            else _keepInvalid(market, stored.history, last, reading);
        }
        PriceCache.store(market, price, Freshness.Latest);
    }

    /// @dev `peek` for one market, into `price`.
    /// @param readyAt {s}, 0: the sequencer was not asked yet
    /// @return askedAt `readyAt`, asked if it had to be
    function _peek(MarketId market, uint256 readyAt, Price memory price) private view returns (uint256 askedAt) {
        (bool cached, Freshness had) = PriceCache.load(market, price);
        if (cached && _suffices(had, Freshness.Latest)) return readyAt;

        Market storage stored = _markets[market];
        Observation last = stored.history.last;
        FeedTerms terms = stored.terms;
        askedAt = readyAt == 0 ? _askSequencer() : readyAt;
        Reading memory reading = _judge(stored.history, terms, last, askedAt);
        if (cached) _requireSame(market, price, reading);
        else _conclude(price, terms, last, reading, askedAt);
    }

    /// @dev `poke` for one market. What `_observe` did not store is the same price, standing since an earlier block.
    function _poke(MarketId market) private {
        Price memory price;
        _observe(market, Freshness.Latest, price);
        PriceHistory storage history = _markets[market].history;
        Observation last = history.last;
        if (price.status != PriceStatus.Valid || last.isOfThisBlock()) return;
        FeedTerms terms = _markets[market].terms;
        (uint256 bucket, uint256 liveSeconds) = last.clock(terms, _askSequencerOnce());
        history.record(market, last, last.price(), last.publishedAt(), bucket, liveSeconds, terms);
    }

    /// @dev Stores a valid price if it is new, ends an interruption, or begins a bucket.
    function _keepValid(
        MarketId market,
        PriceHistory storage history,
        Observation last,
        Price memory price,
        uint256 liveSeconds,
        FeedTerms terms,
        uint256 readyAt
    ) private {
        bool isNewRound = price.price != last.price() || price.publishedAt != last.publishedAt();
        // A restart of the sequencer may leave round and bucket as they were.
        bool wasInterrupted = last.isInterrupted() || readyAt > last.observedAt();
        if (isNewRound || price.bucket != last.bucket() || wasInterrupted) {
            history.record(market, last, price.price, price.publishedAt, price.bucket, liveSeconds, terms);
        }
    }

    /// @dev Stores a jump that waits, and that the price was interrupted.
    function _keepInvalid(
        MarketId market,
        PriceHistory storage history,
        Observation last,
        Reading memory reading
    ) private {
        if (reading.status == PriceStatus.Jump) {
            if (last.holdsJump() && !_isLater(reading, history.jump)) return;
            history.jump = Jump({
                price: reading.price.toUint104(),
                roundId: reading.roundId.toUint80(),
                publishedAt: reading.publishedAt.toUint40()
            });
            history.last = last.holdingJump();
            emit JumpHeld(market, reading.roundId, last.price(), reading.price);
        } else if (reading.status == PriceStatus.Invalid || reading.status == PriceStatus.OutOfBounds) {
            // Stale and SequencerDown need no mark: the clock knows from the times when they began and ended.
            if (last.price() != 0 && !last.isInterrupted()) history.last = last.interrupted();
        }
    }

    /* INTERNALS: JUDGING */

    /// @dev The feed's latest round, judged against the terms and the market's history.
    function _judge(
        PriceHistory storage history,
        FeedTerms terms,
        Observation last,
        uint256 readyAt
    ) private view returns (Reading memory reading) {
        reading = _read(terms, readyAt, last.publishedAt());
        if (reading.status != PriceStatus.Valid || last.price() == 0) return reading;
        if (!terms.isJump(reading.price, last.price())) return reading;
        // Other decimals than when the feed was set show as a jump, and their own later rounds would confirm it.
        (bool ok, uint256 decimals) = SafeFeedCall.decimals(terms.feed());
        if (!ok || decimals != terms.decimals()) {
            reading.status = PriceStatus.Invalid;
            return reading;
        }
        if (last.holdsJump()) {
            Jump memory held = history.jump;
            if (_isLater(reading, held) && !terms.isJump(reading.price, held.price)) return reading;
        }
        reading.status = PriceStatus.Jump;
    }

    /// @dev The feed's latest round, judged against the terms alone.
    /// @param notBefore {s}, earliest time of publication
    function _read(FeedTerms terms, uint256 readyAt, uint256 notBefore) private view returns (Reading memory reading) {
        if (readyAt > block.timestamp) {
            reading.status = PriceStatus.SequencerDown;
            return reading;
        }
        (bool ok, uint256 roundId, int256 answer, , uint256 updatedAt) = SafeFeedCall.latestRoundData(terms.feed());
        if (!ok || roundId == 0 || answer <= 0) return reading;
        if (updatedAt == 0 || updatedAt > block.timestamp || updatedAt < notBefore) return reading;

        reading.roundId = roundId;
        reading.publishedAt = updatedAt;
        reading.price = terms.toD18(uint256(answer));
        if (block.timestamp - updatedAt > terms.maxAge()) reading.status = PriceStatus.Stale;
        else if (!terms.contains(reading.price)) reading.status = PriceStatus.OutOfBounds;
        else reading.status = PriceStatus.Valid;
    }

    /// @dev Fills `price` with what a reading comes to.
    /// @return liveSeconds {s}, of the clock, if the reading is valid
    function _conclude(
        Price memory price,
        FeedTerms terms,
        Observation last,
        Reading memory reading,
        uint256 readyAt
    ) private view returns (uint256 liveSeconds) {
        if (reading.status != PriceStatus.Valid) {
            _fill(price, last, reading.status);
            return 0;
        }
        price.price = reading.price;
        price.publishedAt = reading.publishedAt;
        price.status = PriceStatus.Valid;
        (price.bucket, liveSeconds) = last.clock(terms, readyAt);
    }

    /// @dev Fills `price` with the last valid price and `status`.
    function _fill(Price memory price, Observation last, PriceStatus status) private pure {
        price.price = last.price();
        price.publishedAt = last.publishedAt();
        price.bucket = last.bucket();
        price.status = status;
    }

    /// @dev A transaction that used a stored observation may go on with the feed's latest round only if it is the same price.
    function _requireSame(MarketId market, Price memory used, Reading memory reading) private pure {
        if (reading.status != used.status || reading.price != used.price) {
            revert PriceSuperseded(market, used.price, reading.price);
        }
    }

    /// @dev Whether a reading can confirm or replace a jump: another round, published later.
    function _isLater(Reading memory reading, Jump memory held) private pure returns (bool) {
        return reading.roundId != held.roundId && reading.publishedAt > held.publishedAt;
    }

    /// @dev Whether an observation of one freshness answers a request for another.
    function _suffices(Freshness had, Freshness asked) private pure returns (bool) {
        return had == Freshness.Latest || asked == Freshness.SameBlock;
    }

    /* INTERNALS: SEQUENCER */

    /// @dev {s}, since when the sequencer has been ready; asked at most once per transaction.
    function _askSequencerOnce() private returns (uint256 readyAt) {
        readyAt = _sequencerReadyAt;
        if (readyAt == 0) {
            readyAt = _askSequencer();
            _sequencerReadyAt = readyAt;
        }
    }

    /// @dev {s}, since when the sequencer has been ready: the end of the grace period after its last restart.
    function _askSequencer() private view returns (uint256 readyAt) {
        Sequencer memory sequencer = _sequencer;
        if (sequencer.feed == address(0)) return READY_ALWAYS;
        (bool ok, , int256 answer, uint256 startedAt, ) = SafeFeedCall.latestRoundData(sequencer.feed);
        if (!ok || answer != 0 || startedAt == 0 || startedAt > block.timestamp) return READY_NEVER;
        return startedAt + sequencer.grace;
    }

    function _setSequencerFeed(address newFeed, uint256 newGrace) private {
        if (newFeed == address(0)) {
            if (newGrace != 0) revert SequencerGraceOutOfRange(newGrace, 0, 0);
        } else {
            if (newGrace < LOWEST_GRACE || newGrace > HIGHEST_GRACE) {
                revert SequencerGraceOutOfRange(newGrace, LOWEST_GRACE, HIGHEST_GRACE);
            }
            (bool ok, , int256 answer, uint256 startedAt, ) = SafeFeedCall.latestRoundData(newFeed);
            if (!ok || answer < 0 || answer > 1 || startedAt == 0 || startedAt > block.timestamp) {
                revert NotASequencerFeed(newFeed, answer, startedAt);
            }
        }
        emit SequencerFeedSet(_sequencer.feed, _sequencer.grace, newFeed, newGrace);
        _sequencer = Sequencer({feed: newFeed, grace: newGrace.toUint32()});
    }

    /// @dev How many bits are set.
    function _count(uint256 markets) private pure returns (uint256 count) {
        for (; markets != 0; ++count) markets &= markets - 1;
    }
}
