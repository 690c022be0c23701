// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @notice Figures of a market at one time. Two slots. Cash of an account fits 96 bits, buffers are two of them.
struct StoredSample {
    uint40 takenAt;
    uint104 poolUsd;
    uint104 buffersUsd;
    uint128 openInterest;
}

/// @notice What the breaker remembers of a market. Five slots.
/// @param relaxableAt {s}, from when the guard can be relaxed; 0: it is not an automatic one
/// @param surgeSince {s}, since when open interest has been seen above its limit, 0: it was not when last looked at
/// @param surgeSeenAt {s}, when it last was
/// @param outageSince likewise, for a price that is not valid
struct Watch {
    uint40 relaxableAt;
    uint40 surgeSince;
    uint40 surgeSeenAt;
    uint40 outageSince;
    uint40 outageSeenAt;
    StoredSample older;
    StoredSample newer;
}

/// @title What the breaker measures
/// @notice Reads a market's figures, keeps the two samples, and compares.
///
/// A sample is taken a window after the last one at the earliest, and then the newer becomes the older. What is compared with it is so at least a window away:
/// nobody chooses both moments of a comparison within one. A condition that money can bring about in one transaction (and an outage of seconds) has to be seen
/// again and again, at most `standSeconds` apart, for `standSeconds`, and anybody who sees that it does not hold ends it.
library BreakerWatch {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /// @dev How many windows a sample is good for.
    uint256 private constant WINDOWS = 3;

    /// @dev A market's figures now. `move` is 0 while there is no valid price.
    struct Figures {
        StoredSample sample;
        uint256 move;
        bool isPriceValid;
    }

    /// @dev Asks house and oracle.
    function measure(IClearingHouse house, MarketId market) internal view returns (Figures memory figures) {
        IOracleRouter oracle = IOracleRouter(house.moduleOf("oracle"));
        Price memory price = oracle.peek(market.bit())[0];
        figures.isPriceValid = price.status == PriceStatus.Valid;
        if (figures.isPriceValid) {
            (uint256 low, uint256 high) = oracle.windowOf(market);
            figures.move = _moveDown(price.price, low, high);
        }
        IClearingHouse.MarketState memory state = house.marketOf(market);
        figures.sample = StoredSample({
            takenAt: uint40(block.timestamp),
            poolUsd: house.accountOf(house.termsOf(market).pool).cashUsd.toUint104(),
            buffersUsd: _buffersOf(house, market).toUint104(),
            openInterest: _larger(state.longOpenInterest, state.shortOpenInterest).toUint128()
        });
    }

    /// @dev What is remembered once `figures` have been seen: the samples moved on if one is due, and the conditions that have to stand.
    function see(Watch memory watch, Figures memory figures, ICircuitBreaker.BreakerTerms memory terms) internal view {
        if (block.timestamp >= watch.newer.takenAt + terms.windowSeconds) {
            watch.older = watch.newer;
            watch.newer = figures.sample;
        }
        bool surges = _reaches(surgeOf(watch, figures, terms), terms.surgeGuard);
        (watch.surgeSince, watch.surgeSeenAt) = _seen(watch.surgeSince, watch.surgeSeenAt, surges, terms.standSeconds);
        (watch.outageSince, watch.outageSeenAt) = _seen(
            watch.outageSince,
            watch.outageSeenAt,
            !figures.isPriceValid,
            terms.standSeconds
        );
    }

    /// @dev A trigger's figure and limits, of a watch that has seen `figures`.
    function readingOf(
        Watch memory watch,
        Figures memory figures,
        ICircuitBreaker.BreakerTerms memory terms,
        ICircuitBreaker.Trigger trigger
    ) internal view returns (ICircuitBreaker.Reading memory reading) {
        if (trigger == ICircuitBreaker.Trigger.PriceMove) {
            (reading.figure, reading.guardLimit, reading.haltLimit) = (figures.move, terms.moveGuard, terms.moveHalt);
        } else if (trigger == ICircuitBreaker.Trigger.Drawdown) {
            reading.figure = drawdownOf(watch, figures, terms);
            (reading.guardLimit, reading.haltLimit) = (terms.drawdownGuard, terms.drawdownHalt);
        } else if (trigger == ICircuitBreaker.Trigger.OpenInterest) {
            reading.figure = surgeOf(watch, figures, terms);
            reading.guardLimit = terms.surgeGuard;
        } else if (trigger == ICircuitBreaker.Trigger.Outflow) {
            reading.figure = outflowOf(watch, figures, terms);
            reading.guardLimit = terms.outflowGuard;
        } else {
            reading.figure = watch.outageSince == 0 ? 0 : block.timestamp - watch.outageSince;
            reading.guardLimit = terms.standSeconds;
            reading.trippableAt = watch.outageSince == 0 ? 0 : watch.outageSince + terms.standSeconds;
            return reading;
        }
        if (!_reaches(reading.figure, reading.guardLimit)) return reading;
        bool hasToStand = trigger == ICircuitBreaker.Trigger.OpenInterest;
        reading.trippableAt = hasToStand ? watch.surgeSince + terms.standSeconds : block.timestamp;
    }

    /// @dev Whether a figure is such that the market is halted.
    function reachesHalt(ICircuitBreaker.Reading memory reading) internal pure returns (bool) {
        return _reaches(reading.figure, reading.haltLimit);
    }

    /// @dev Growth of open interest since the older sample. D18{1}, rounded down
    function surgeOf(
        Watch memory watch,
        Figures memory figures,
        ICircuitBreaker.BreakerTerms memory terms
    ) internal view returns (uint256) {
        if (!_counts(watch.older, terms)) return 0;
        uint256 base = _larger(watch.older.openInterest, terms.calmOpenInterest);
        uint256 now_ = figures.sample.openInterest;
        return base == 0 || now_ <= base ? 0 : (now_ - base).divWadDown(base);
    }

    /// @dev What the pool's cash lost since the older sample. D18{1}, rounded down
    function outflowOf(
        Watch memory watch,
        Figures memory figures,
        ICircuitBreaker.BreakerTerms memory terms
    ) internal view returns (uint256) {
        if (!_counts(watch.older, terms)) return 0;
        return _lostDown(watch.older.poolUsd, figures.sample.poolUsd, terms.calmPoolUsd);
    }

    /// @dev What the buffers lost since they were highest. Nobody can pay into them and have it back, so the newer sample may count too. D18{1}, rounded down
    function drawdownOf(
        Watch memory watch,
        Figures memory figures,
        ICircuitBreaker.BreakerTerms memory terms
    ) internal view returns (uint256) {
        uint256 highest = _counts(watch.older, terms) ? watch.older.buffersUsd : 0;
        if (_counts(watch.newer, terms)) highest = _larger(highest, watch.newer.buffersUsd);
        return _lostDown(highest, figures.sample.buffersUsd, terms.calmBuffersUsd);
    }

    /// @dev What the tranche would keep if it shared now, and the part of the fund that the market counts on: sharing takes nothing from it. D18{USD}
    function _buffersOf(IClearingHouse house, MarketId market) private view returns (uint256) {
        IClearingHouse.TrancheState memory tranche = house.trancheOf(market);
        uint256 buffers = house.coverageOf(market).buffersUsd;
        uint256 leaving = tranche.toFundUsd + tranche.toProtocolUsd;
        return buffers > leaving ? buffers - leaving : 0;
    }

    /// @dev How far a price is from the further end of its window: a fall in parts of the high, a rise in parts of the low. D18{1}, rounded down
    function _moveDown(uint256 price, uint256 low, uint256 high) private pure returns (uint256) {
        uint256 fall = high > price ? (high - price).divWadDown(high) : 0;
        return low == 0 || price <= low ? fall : _larger(fall, (price - low).divWadDown(low));
    }

    /// @dev D18{1}, rounded down
    function _lostDown(uint256 was, uint256 is_, uint256 calm) private pure returns (uint256) {
        return was <= is_ ? 0 : (was - is_).divWadDown(_larger(was, calm));
    }

    /// @dev Whether there is a sample, and not too old a one.
    function _counts(
        StoredSample memory sample,
        ICircuitBreaker.BreakerTerms memory terms
    ) private view returns (bool) {
        return sample.takenAt != 0 && block.timestamp <= sample.takenAt + WINDOWS * terms.windowSeconds;
    }

    /// @dev Since when, and when last, a condition was seen, after another look at it.
    function _seen(
        uint40 since,
        uint40 seenAt,
        bool holds,
        uint256 standSeconds
    ) private view returns (uint40 newSince, uint40 newSeenAt) {
        if (!holds) return (0, 0);
        bool goesOn = since != 0 && block.timestamp <= seenAt + standSeconds;
        return (goesOn ? since : uint40(block.timestamp), uint40(block.timestamp));
    }

    function _reaches(uint256 figure, uint256 limit) private pure returns (bool) {
        return limit != 0 && figure >= limit;
    }

    function _larger(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
