// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationMap} from "../interfaces/ILiquidationMap.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LogBuckets} from "../libraries/LogBuckets.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @notice price {112 bits} | notional {112} | direction {2}
type PackedEntry is uint256;

/// @notice An account judged at other prices of one of its markets. All of it is memory that the caller keeps.
/// @param tried the exposure of `portfolio` that is moved
/// @param present what it is at the market's own price
struct Trial {
    IRiskEngine risk;
    Portfolio portfolio;
    Exposure tried;
    Exposure present;
}

/// @title Where positions would be liquidated
/// @notice See ILiquidationMap. Owns its entries and buckets; reads the house, and is asked by nobody on chain.
/// Invariant: a bucket is the sum of the entries whose price falls into it.
contract LiquidationMap is ILiquidationMap {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Prices and notionals from this on have no entry.
    uint256 private constant END = 1 << 112;
    /// @dev Buckets that prices fall into: 64 for each of 112 doublings.
    uint256 private constant BUCKETS = 64 * 112;
    /// @dev Buckets in one answer.
    uint256 private constant MAX_COUNT = 1_024;
    /// @dev Steps of the search for a price; where slack is linear in it, the second lands on it. One that has come within a bucket after the last is good enough.
    uint256 private constant STEPS = 5;
    /// @dev Slack that counts as none: 2⁻³⁰ of what is required, and this. D18{USD}
    uint256 private constant DUST_USD = 1e9;

    /// @inheritdoc ILiquidationMap
    IClearingHouse public immutable HOUSE;

    /// @dev When an account was noted, and in which markets it has entries.
    struct Note {
        uint64 notedAt;
        uint64 markets;
    }

    mapping(uint256 key => uint256 notionalUsd) private _buckets;
    mapping(AccountId account => mapping(MarketId market => PackedEntry)) private _entries;
    mapping(AccountId account => Note noted) private _notes;

    constructor(IClearingHouse house) {
        HOUSE = house;
    }

    /* ANYONE */

    /// @inheritdoc ILiquidationMap
    function note(AccountId[] calldata accounts) external {
        for (uint256 i; i < accounts.length; ++i) {
            AccountId account = accounts[i];
            uint256 markets = _notes[account].markets;
            Entry[] memory entries = _plan(account, markets);
            for (uint256 j; j < entries.length; ++j) markets = _move(account, entries[j], markets);
            _notes[account] = Note(uint64(block.timestamp), uint64(markets));
        }
    }

    /* VIEWS */

    /// @inheritdoc ILiquidationMap
    function previewNote(AccountId account) external view returns (Entry[] memory entries) {
        return _plan(account, _notes[account].markets);
    }

    /// @inheritdoc ILiquidationMap
    function bucketsOf(
        MarketId market,
        Direction direction,
        uint256 first,
        uint256 count
    ) external view returns (uint256[] memory notionalsUsd) {
        if (count > MAX_COUNT || first > BUCKETS || first + count > BUCKETS) {
            revert BucketsOutOfRange(first, count, BUCKETS);
        }
        notionalsUsd = new uint256[](count);
        for (uint256 i; i < count; ++i) notionalsUsd[i] = _buckets[_key(market, direction, first + i)];
    }

    /// @inheritdoc ILiquidationMap
    function entryOf(AccountId account, MarketId market) external view returns (Entry memory) {
        return _unpacked(market, _entries[account][market]);
    }

    /// @inheritdoc ILiquidationMap
    function notedAtOf(AccountId account) external view returns (uint256) {
        return _notes[account].notedAt;
    }

    /// @inheritdoc ILiquidationMap
    function bucketOf(uint256 price) external pure returns (uint256) {
        if (price == 0 || price >= END) revert BucketsOutOfRange(price, 1, END);
        return LogBuckets.bucketOf(price);
    }

    /* PRIVATE */

    /// @dev Takes an account's entry out of its bucket and puts the new one into its own.
    /// @param markets set of those in which the account has entries
    /// @return the set afterwards
    function _move(AccountId account, Entry memory entry, uint256 markets) private returns (uint256) {
        MarketId market = entry.market;
        PackedEntry packed = _packed(entry);
        PackedEntry before = _entries[account][market];
        if (PackedEntry.unwrap(before) != PackedEntry.unwrap(packed)) {
            Entry memory old = _unpacked(market, before);
            uint256 oldKey = _keyOf(old);
            uint256 newKey = _keyOf(entry);
            if (oldKey == newKey) {
                _buckets[newKey] = _buckets[newKey] - old.notionalUsd + entry.notionalUsd;
            } else {
                if (old.direction != Direction.None) _buckets[oldKey] -= old.notionalUsd;
                if (entry.direction != Direction.None) _buckets[newKey] += entry.notionalUsd;
            }
            _entries[account][market] = packed;
            emit Noted(account, market, entry.direction, entry.price, entry.notionalUsd);
        }
        return entry.direction == Direction.None ? markets & ~market.bit() : markets | market.bit();
    }

    /// @dev One entry for each market in which the account has a position or, of the set `noted`, an entry.
    function _plan(AccountId account, uint256 noted) private view returns (Entry[] memory entries) {
        if (account.owner() == address(HOUSE)) revert AccountIsOfTheSystem(account);
        Portfolio memory portfolio = HOUSE.portfolioOf(account, MarginKind.Maintenance);
        IRiskEngine risk = IRiskEngine(HOUSE.moduleOf("risk"));
        uint256 count = portfolio.exposures.length;
        uint256 left = noted;
        for (uint256 i; i < count; ++i) left &= ~portfolio.exposures[i].market.bit();
        uint256 gone = _count(left);
        entries = new Entry[](count + gone);
        (int256 slackUsd, ) = _slack(risk, portfolio);
        for (uint256 i; i < count; ++i) {
            MarketId market = portfolio.exposures[i].market;
            if (AccountId.unwrap(HOUSE.termsOf(market).pool) == AccountId.unwrap(account)) {
                revert AccountIsOfTheSystem(account);
            }
            entries[i] =
                portfolio.exposures[i].status == PriceStatus.Valid || portfolio.exposures[i].size == 0
                    ? _entryFor(risk, portfolio, i, slackUsd)
                    : _unpacked(market, _entries[account][market]);
        }
        for (uint8 m; left != 0; ++m) {
            if (left & 1 != 0) entries[count++].market = MarketId.wrap(m);
            left >>= 1;
        }
    }

    /// @dev What one exposure's entry is now.
    function _entryFor(
        IRiskEngine risk,
        Portfolio memory portfolio,
        uint256 index,
        int256 slackUsd
    ) private view returns (Entry memory entry) {
        Exposure memory exposure = portfolio.exposures[index];
        entry.market = exposure.market;
        if (exposure.size == 0) return entry;
        uint256 price = _liquidationPrice(risk, portfolio, index, slackUsd);
        uint256 notionalUsd = price == 0 ? 0 : exposure.size.magnitude().mulWadDown(price);
        if (notionalUsd == 0 || notionalUsd >= END) return entry;
        entry.direction = exposure.size > 0 ? Direction.Fall : Direction.Rise;
        (entry.price, entry.notionalUsd) = (price, notionalUsd);
    }

    /// @dev The price of one exposure's market at which slack is none, the others staying. D18{USD/base}; 0 where there is none.
    function _liquidationPrice(
        IRiskEngine risk,
        Portfolio memory portfolio,
        uint256 index,
        int256 slackUsd
    ) private view returns (uint256 price) {
        Exposure memory present = portfolio.exposures[index];
        portfolio.exposures[index] = _copy(present);
        price = _search(Trial(risk, portfolio, portfolio.exposures[index], present), slackUsd);
        portfolio.exposures[index] = present;
    }

    /// @dev From the price now to the one at which the position's own value has used the slack up, and on along the line through the last two. Changes what is tried.
    function _search(Trial memory trial, int256 slackUsd) private view returns (uint256) {
        int256 size = trial.present.size;
        int256 price = trial.present.price.toInt();
        int256 move = (slackUsd * 1e18) / size;
        for (uint256 step; step < STEPS && move != 0; ++step) {
            // A fall to nothing leaves slack: margin falls with the price too.
            if (price <= move || price - move >= int256(END)) return 0;
            price -= move;
            (int256 left, bool isNone) = _slackAt(trial, uint256(price));
            if (isNone) return uint256(price);
            // What the price costs a long position when it falls, it gives when it rises; of one so large that its margin grows faster than its value, it is not so.
            int256 lostUsd = slackUsd - left;
            if (lostUsd == 0 || (lostUsd > 0) != ((move > 0) == (size > 0))) return 0;
            move = left.mulDivFloor(lostUsd > 0 ? move : -move, lostUsd.magnitude());
            slackUsd = left;
        }
        return move.magnitude() <= uint256(price) >> 7 ? uint256(price) : 0;
    }

    /// @dev Slack with one exposure at another price, and whether it is as good as none.
    function _slackAt(Trial memory trial, uint256 price) private view returns (int256 leftUsd, bool isNone) {
        _moveTo(trial.tried, trial.present, price);
        uint256 toleranceUsd;
        (leftUsd, toleranceUsd) = _slack(trial.risk, trial.portfolio);
        isNone = leftUsd.magnitude() <= toleranceUsd + trial.present.size.magnitude() / 1e18;
    }

    /// @dev Equity less what is required, and how little of it counts as none. D18{USD}
    function _slack(
        IRiskEngine risk,
        Portfolio memory portfolio
    ) private view returns (int256 slackUsd, uint256 toleranceUsd) {
        (int256 equityUsd, uint256 requiredUsd) = risk.assess(portfolio, MarginKind.Maintenance);
        return (equityUsd - requiredUsd.toInt(), (requiredUsd >> 30) + DUST_USD);
    }

    /// @dev Makes `exposure` what `present` is at another price of its market.
    function _moveTo(Exposure memory exposure, Exposure memory present, uint256 price) private pure {
        exposure.price = price;
        exposure.valueUsd = present.valueUsd + present.size.mulWadFloor(price.toInt() - present.price.toInt());
        exposure.depthUsd = present.depthUsd.mulDivDown(price, present.price);
    }

    function _copy(Exposure memory exposure) private pure returns (Exposure memory) {
        return
            Exposure({
                market: exposure.market,
                status: exposure.status,
                size: exposure.size,
                price: exposure.price,
                valueUsd: exposure.valueUsd,
                maturedUsd: exposure.maturedUsd,
                depthUsd: exposure.depthUsd,
                openInterestUsd: exposure.openInterestUsd,
                lossPending: exposure.lossPending,
                coverageLow: exposure.coverageLow
            });
    }

    /// @dev Where an entry's bucket is; 0 for none.
    function _keyOf(Entry memory entry) private pure returns (uint256) {
        if (entry.direction == Direction.None) return 0;
        return _key(entry.market, entry.direction, LogBuckets.bucketOf(entry.price));
    }

    function _key(MarketId market, Direction direction, uint256 bucket) private pure returns (uint256) {
        return (uint256(MarketId.unwrap(market)) << 24) | (uint256(direction) << 16) | bucket;
    }

    function _packed(Entry memory entry) private pure returns (PackedEntry) {
        return PackedEntry.wrap((entry.price << 144) | (entry.notionalUsd << 32) | uint256(entry.direction));
    }

    function _unpacked(MarketId market, PackedEntry packed) private pure returns (Entry memory) {
        uint256 word = PackedEntry.unwrap(packed);
        return
            Entry({
                market: market,
                direction: Direction(word & 3),
                price: word >> 144,
                notionalUsd: (word >> 32) & (END - 1)
            });
    }

    /// @dev Members of a set.
    function _count(uint256 set) private pure returns (uint256 members) {
        for (; set != 0; set &= set - 1) ++members;
    }
}
