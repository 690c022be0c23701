// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {ISecondSource} from "../interfaces/ISecondSource.sol";
import {IVolatility} from "../interfaces/IVolatility.sol";
import {SafeFeedCall} from "../libraries/SafeFeedCall.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {FeedTerms, FeedTermsLib} from "./FeedTerms.sol";
import {Observation} from "./Observation.sol";
import {PriceCache} from "./PriceCache.sol";
import {Jump, Movement, PriceHistory, PriceHistoryLib} from "./PriceHistory.sol";
import {SecondSource, SecondSourceLib} from "./SecondSource.sol";

/// @title OracleRouter
/// @notice Owns the feeds' terms and the prices' history. Never repairs a price, never acts on one. Invariant: PRICE-1.
/// @dev Reading an unchanged round costs the feed, two slots, and once per transaction the sequencer's feed and slot. A second source costs its feed and a slot more.
contract OracleRouter is IOracleRouter, ISecondSource, IVolatility, AccessManaged {
    using SafeCast for uint256;
    using FeedTermsLib for FeedConfig;
    using SecondSourceLib for SecondaryConfig;
    using PriceHistoryLib for PriceHistory;

    /// @dev One market. Seven slots, of which an unchanged round reads the first two, and the last if `terms.isPaired()`.
    struct Market {
        FeedTerms terms;
        PriceHistory history;
        SecondSource second;
    }

    /// @dev The sequencer's uptime feed and its grace period {s}. One slot.
    struct Sequencer {
        address feed;
        uint32 grace;
    }

    /// @dev A feed's latest round, judged.
    struct Reading {
        PriceStatus status;
        bool bySecond;
        uint256 roundId;
        uint256 price;
        uint256 publishedAt;
    }

    /* CONSTANTS */

    uint256 private constant HIGHEST_MARKET = 63;
    uint256 private constant LOWEST_GRACE = 1 minutes;
    uint256 private constant HIGHEST_GRACE = 1 days;
    /// @dev {basis points}, most that a feed may be away from the valid price that it replaces.
    uint256 private constant HIGHEST_FEED_CHANGE_BPS = 500;
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
        Reading memory reading = _judge(_markets[market], terms, last, readyAt);
        if (reading.status != PriceStatus.Valid) return history.window();
        (uint256 bucket, ) = last.clock(_clockTerms(_markets[market], terms, last, reading), readyAt);
        return history.windowAfter(last, reading.price, bucket);
    }

    /// @inheritdoc IOracleRouter
    function resumedAtOf(MarketId market) external view returns (uint256 resumedAt) {
        PriceHistory storage history = _markets[market].history;
        if (!PriceCache.holds(market)) {
            FeedTerms terms = _markets[market].terms;
            Observation last = history.last;
            uint256 readyAt = _sequencerReadyAt == 0 ? _askSequencer() : _sequencerReadyAt;
            Reading memory reading = _judge(_markets[market], terms, last, readyAt);
            if (reading.status == PriceStatus.Valid) {
                (uint256 bucket, uint256 liveSeconds) = last.clock(
                    _clockTerms(_markets[market], terms, last, reading),
                    readyAt
                );
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
        (uint256 bucket, uint256 liveSeconds) = last.clock(_clockTerms(_markets[market], terms, last), readyAt);
        return history.meanAfter(last, bucket, liveSeconds, terms);
    }

    /* GUARDIAN */

    /// @inheritdoc IOracleRouter
    function acceptJump(MarketId market, uint256 roundId) external restricted {
        PriceHistory storage history = _markets[market].history;
        FeedTerms terms = _markets[market].terms;
        Observation last = history.last;
        uint256 readyAt = _askSequencerOnce();
        Reading memory reading = _judge(_markets[market], terms, last, readyAt);
        if (reading.status != PriceStatus.Jump) revert JumpNotPending(market, reading.status);
        if (reading.roundId != roundId) revert JumpRoundChanged(market, roundId, reading.roundId);

        // Perhaps nobody has observed the jump yet; it stops the clock all the same.
        (uint256 bucket, uint256 liveSeconds) = last.interrupted().clock(terms, readyAt);
        history.record(market, last, reading.price, reading.publishedAt, bucket, liveSeconds, terms);
        if (reading.bySecond) history.last = history.last.bySource(true);
        emit JumpAccepted(market, roundId, last.price(), reading.price);
    }

    /* GOVERNANCE */

    /// @inheritdoc IOracleRouter
    function setFeed(MarketId market, FeedConfig calldata newConfig) external restricted {
        if (MarketId.unwrap(market) > HIGHEST_MARKET) revert MarketOutOfRange(market, HIGHEST_MARKET);
        Market storage stored = _markets[market];
        FeedTerms oldTerms = stored.terms;
        FeedTerms newTerms = newConfig.pack(market).paired(oldTerms.isPaired());
        uint256 readyAt = _askSequencerOnce();

        Reading memory reading = _read(newTerms, readyAt, 0);
        if (reading.status != PriceStatus.Valid) {
            revert FeedNotUsable(market, newConfig.feed, reading.status, reading.price);
        }
        if (newTerms.isPaired()) _requireFits(market, stored.second, newTerms, reading, readyAt);
        _replace(market, stored, oldTerms, newTerms, reading, readyAt);
        // Seconds of a bucket of one length mean nothing in a bucket of another.
        if (newTerms.bucketLength() != oldTerms.bucketLength()) {
            stored.history.last = stored.history.last.atBucketStart();
        }
        stored.terms = newTerms;
        emit FeedSet(market, oldTerms.unpack(), newConfig, newTerms.decimals());
    }

    /// @inheritdoc ISecondSource
    function setSecondary(MarketId market, SecondaryConfig calldata newConfig) external restricted {
        Market storage stored = _markets[market];
        FeedTerms terms = stored.terms;
        if (terms.feed() == address(0)) revert SecondaryWithoutPrimary(market);
        Observation last = stored.history.last;
        SecondSource second = SecondSourceLib.NONE;
        if (newConfig.feed != address(0)) {
            second = newConfig.pack(market, terms);
            _requireAgrees(market, second, terms, last);
        }
        // The clock of the last price goes by the age of its source, which is about to be another's.
        if (last.isBySecond()) stored.history.last = last.interrupted().bySource(false);
        emit SecondarySet(market, stored.second.unpack(), second.unpack(), second.decimals());
        stored.second = second;
        stored.terms = terms.paired(!second.isNone());
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

    /// @inheritdoc ISecondSource
    function secondaryOf(
        MarketId market
    ) external view returns (SecondaryConfig memory config, uint256 decimals, bool isLast) {
        SecondSource second = _markets[market].second;
        return (second.unpack(), second.decimals(), _markets[market].history.last.isBySecond());
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
        Reading memory reading = _judge(stored, terms, last, readyAt);
        if (cached) {
            _requireSame(market, price, reading);
        } else {
            FeedTerms clocked = _clockTerms(stored, terms, last, reading);
            uint256 liveSeconds = _conclude(price, clocked, last, reading, readyAt);
            if (reading.status == PriceStatus.Valid) {
                _keepValid(market, stored.history, last, price, liveSeconds, clocked, readyAt);
                if (terms.isPaired()) _keepSource(stored.history, reading.bySecond);
            } else {
                _keepInvalid(market, stored.history, last, reading);
            }
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
        Reading memory reading = _judge(stored, terms, last, askedAt);
        if (cached) _requireSame(market, price, reading);
        else _conclude(price, _clockTerms(stored, terms, last, reading), last, reading, askedAt);
    }

    /// @dev `poke` for one market. What `_observe` did not store is the same price, standing since an earlier block.
    function _poke(MarketId market) private {
        Price memory price;
        _observe(market, Freshness.Latest, price);
        PriceHistory storage history = _markets[market].history;
        Observation last = history.last;
        if (price.status != PriceStatus.Valid || last.isOfThisBlock()) return;
        FeedTerms terms = _clockTerms(_markets[market], _markets[market].terms, last);
        (uint256 bucket, uint256 liveSeconds) = last.clock(terms, _askSequencerOnce());
        history.record(market, last, last.price(), last.publishedAt(), bucket, liveSeconds, terms);
        if (last.isBySecond()) history.last = history.last.bySource(true);
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

    /// @dev Stores which source the last price, just found valid, came from.
    function _keepSource(PriceHistory storage history, bool bySecond) private {
        Observation last = history.last;
        if (last.isBySecond() != bySecond) history.last = last.bySource(bySecond);
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
        } else if (reading.status != PriceStatus.Stale && reading.status != PriceStatus.SequencerDown) {
            // Those two need no mark: the clock knows from the times when they began and ended.
            if (last.price() != 0 && !last.isInterrupted()) history.last = last.interrupted();
        }
    }

    /* INTERNALS: JUDGING */

    /// @dev The latest round of the feed, or of that of two which is used, judged against the terms and the market's history.
    function _judge(
        Market storage stored,
        FeedTerms terms,
        Observation last,
        uint256 readyAt
    ) private view returns (Reading memory reading) {
        reading =
            terms.isPaired() ? _route(stored.second, terms, last, readyAt) : _read(terms, readyAt, last.publishedAt());
        if (reading.status != PriceStatus.Valid || last.price() == 0) return reading;
        if (!terms.isJump(reading.price, last.price())) return reading;
        // Other decimals than when the feed was set show as a jump, and their own later rounds would confirm it.
        FeedTerms used = reading.bySecond ? stored.second.under(terms) : terms;
        (bool ok, uint256 decimals) = SafeFeedCall.decimals(used.feed());
        if (!ok || decimals != used.decimals()) {
            reading.status = PriceStatus.Invalid;
            return reading;
        }
        if (last.holdsJump()) {
            Jump memory held = stored.history.jump;
            if (_isLater(reading, held) && !terms.isJump(reading.price, held.price)) return reading;
        }
        reading.status = PriceStatus.Jump;
    }

    /// @dev The round that is used of two sources: ISecondSource has the rule.
    function _route(
        SecondSource second,
        FeedTerms terms,
        Observation last,
        uint256 readyAt
    ) private view returns (Reading memory used) {
        used = _read(terms, readyAt, 0);
        if (used.status == PriceStatus.SequencerDown) return used;
        Reading memory other = _read(second.under(terms), readyAt, 0);
        other.bySecond = true;
        bool speaks = _speaks(used);
        if (_speaks(other)) {
            if (speaks && second.separates(used.price, other.price)) {
                used.status = PriceStatus.Deviating;
                return used;
            }
            if (!speaks || other.publishedAt > used.publishedAt) used = other;
        } else if (!speaks) {
            return used;
        }
        // A source that goes back is no source; the other one may stand in with an older round that says the same.
        if (used.publishedAt < last.publishedAt()) {
            if (used.bySecond == last.isBySecond()) used.status = PriceStatus.Invalid;
            else if (second.separates(used.price, last.price())) used.status = PriceStatus.Deviating;
        }
    }

    /// @dev Whether a source has a price at all, be it out of bounds.
    function _speaks(Reading memory reading) private pure returns (bool) {
        return reading.status == PriceStatus.Valid || reading.status == PriceStatus.OutOfBounds;
    }

    /// @dev The terms that the clock of the last price goes by: those of its source.
    function _clockTerms(Market storage stored, FeedTerms terms, Observation last) private view returns (FeedTerms) {
        return last.isBySecond() ? stored.second.under(terms) : terms;
    }

    /// @dev The same now that `reading` is found. Where the other source stands in with a round that was there when the last price was observed, there was a price all the time.
    function _clockTerms(
        Market storage stored,
        FeedTerms terms,
        Observation last,
        Reading memory reading
    ) private view returns (FeedTerms clocked) {
        if (!terms.isPaired()) return terms;
        clocked = _clockTerms(stored, terms, last);
        if (reading.bySecond == last.isBySecond() || reading.publishedAt > last.observedAt()) return clocked;
        // The last price was published before now.
        unchecked {
            return clocked.lasting(block.timestamp - last.publishedAt());
        }
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

    /* INTERNALS: CHANGING FEEDS */

    /// @dev Refuses a primary that is further from its second source, which speaks, than their limit, or the same.
    function _requireFits(
        MarketId market,
        SecondSource second,
        FeedTerms newTerms,
        Reading memory reading,
        uint256 readyAt
    ) private view {
        FeedTerms own = second.under(newTerms);
        if (own.feed() == newTerms.feed()) revert SecondaryIsPrimary(market, own.feed());
        SecondSourceLib.requireWithinBand(second.maxDeviation(), market, newTerms);
        Reading memory other = _read(own, readyAt, 0);
        if (_speaks(other) && second.separates(other.price, reading.price)) {
            revert FeedsDisagree(market, other.price, reading.price, second.maxDeviation());
        }
    }

    /// @dev Refuses a second source that does not answer, or speaks and is further than their limit from the primary; while that is silent, from the last valid price.
    function _requireAgrees(MarketId market, SecondSource second, FeedTerms terms, Observation last) private {
        uint256 readyAt = _askSequencerOnce();
        FeedTerms own = second.under(terms);
        (bool ok, , , , ) = SafeFeedCall.latestRoundData(own.feed());
        Reading memory reading = _read(own, readyAt, 0);
        if (!ok || reading.status == PriceStatus.SequencerDown) {
            revert FeedNotUsable(market, own.feed(), reading.status, 0);
        }
        if (!_speaks(reading)) return;
        Reading memory primary = _read(terms, readyAt, 0);
        uint256 present = _speaks(primary) ? primary.price : last.price();
        if (second.separates(present, reading.price)) {
            revert FeedsDisagree(market, present, reading.price, second.maxDeviation());
        }
    }

    /// @dev Takes the price of the feed to be set, `reading`, after comparing it with what was there.
    function _replace(
        MarketId market,
        Market storage stored,
        FeedTerms oldTerms,
        FeedTerms newTerms,
        Reading memory reading,
        uint256 readyAt
    ) private {
        Observation last = stored.history.last;
        Reading memory present = _judge(stored, oldTerms, last, readyAt);
        if (
            present.status == PriceStatus.Valid &&
            SecondSourceLib.areApart(present.price, reading.price, HIGHEST_FEED_CHANGE_BPS)
        ) {
            revert FeedsDisagree(
                market,
                present.price,
                reading.price,
                HIGHEST_FEED_CHANGE_BPS * FeedTermsLib.BASIS_POINT
            );
        }
        FeedTerms clocked = _clockTerms(stored, oldTerms, last);
        if (last.price() == 0 || !newTerms.isJump(reading.price, last.price())) {
            (uint256 bucket, uint256 liveSeconds) = last.clock(clocked, readyAt);
            stored.history.record(market, last, reading.price, reading.publishedAt, bucket, liveSeconds, oldTerms);
        } else if (block.timestamp <= last.publishedAt() + clocked.maxAge()) {
            revert FeedDeviates(market, last.price(), reading.price, newTerms.jumpBand());
        } else {
            // Nothing fresh to compare with: the new feed's price is a jump, to be confirmed by its own later rounds.
            stored.history.last = last.interrupted().withoutJump();
        }
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
