// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @notice The breaker's terms in a market: rates in millionths, seconds; in the other two slots D18. `windowSeconds` is 0 while there are none.
struct StoredBreakerTerms {
    uint24 moveGuard;
    uint24 moveHalt;
    uint24 drawdownGuard;
    uint24 drawdownHalt;
    uint24 surgeGuard;
    uint24 outflowGuard;
    uint24 windowSeconds;
    uint16 standSeconds;
    uint24 guardSeconds;
    uint16 haltSeconds;
    uint128 calmBuffersUsd;
    uint128 calmPoolUsd;
    uint128 calmOpenInterest;
}

/// @title Terms of the breaker: bounds, and how they are kept
/// @notice Every bound is here, in code; no role can leave them. A limit may be 0, which switches off what it is for.
library BreakerParameters {
    /// @dev D18{1} per millionth.
    uint256 private constant PIP = 1e12;
    /// @dev D18{1}
    uint256 private constant LOWEST_MOVE_GUARD = 0.02e18;
    uint256 private constant HIGHEST_MOVE_GUARD = 0.5e18;
    uint256 private constant LOWEST_MOVE_HALT = 0.1e18;
    uint256 private constant LOWEST_DRAWDOWN_GUARD = 0.05e18;
    uint256 private constant LOWEST_DRAWDOWN_HALT = 0.25e18;
    uint256 private constant LOWEST_SURGE_GUARD = 0.25e18;
    uint256 private constant HIGHEST_SURGE_GUARD = 10e18;
    uint256 private constant LOWEST_OUTFLOW_GUARD = 0.1e18;
    /// @dev {s}
    uint256 private constant LOWEST_WINDOW = 10 minutes;
    uint256 private constant HIGHEST_WINDOW = 1 days;
    uint256 private constant LOWEST_STAND = 1 minutes;
    uint256 private constant HIGHEST_STAND = 1 hours;
    uint256 private constant LOWEST_GUARD = 1 minutes;
    uint256 private constant HIGHEST_GUARD = 1 days;
    uint256 private constant LOWEST_HALT = 1 minutes;
    uint256 private constant HIGHEST_HALT = 1 hours;

    /// @dev Checks terms and writes them, rounded down to what is kept. Without a window all other terms have to be 0.
    function write(
        StoredBreakerTerms storage stored,
        MarketId market,
        ICircuitBreaker.BreakerTerms calldata terms
    ) internal {
        bool isSet = terms.windowSeconds != 0;
        _requireLimits(market, terms, isSet);
        _requireTimes(market, terms, isSet);
        stored.moveGuard = uint24(terms.moveGuard / PIP);
        stored.moveHalt = uint24(terms.moveHalt / PIP);
        stored.drawdownGuard = uint24(terms.drawdownGuard / PIP);
        stored.drawdownHalt = uint24(terms.drawdownHalt / PIP);
        stored.surgeGuard = uint24(terms.surgeGuard / PIP);
        stored.outflowGuard = uint24(terms.outflowGuard / PIP);
        stored.windowSeconds = uint24(terms.windowSeconds);
        stored.standSeconds = uint16(terms.standSeconds);
        stored.guardSeconds = uint24(terms.guardSeconds);
        stored.haltSeconds = uint16(terms.haltSeconds);
        stored.calmOpenInterest = uint128(terms.calmOpenInterest);
        stored.calmBuffersUsd = uint128(terms.calmBuffersUsd);
        stored.calmPoolUsd = uint128(terms.calmPoolUsd);
    }

    /// @dev The terms as they are kept.
    function read(StoredBreakerTerms memory stored) internal pure returns (ICircuitBreaker.BreakerTerms memory terms) {
        terms.moveGuard = stored.moveGuard * PIP;
        terms.moveHalt = stored.moveHalt * PIP;
        terms.drawdownGuard = stored.drawdownGuard * PIP;
        terms.drawdownHalt = stored.drawdownHalt * PIP;
        terms.surgeGuard = stored.surgeGuard * PIP;
        terms.outflowGuard = stored.outflowGuard * PIP;
        terms.calmOpenInterest = stored.calmOpenInterest;
        terms.calmBuffersUsd = stored.calmBuffersUsd;
        terms.calmPoolUsd = stored.calmPoolUsd;
        terms.windowSeconds = stored.windowSeconds;
        terms.standSeconds = stored.standSeconds;
        terms.guardSeconds = stored.guardSeconds;
        terms.haltSeconds = stored.haltSeconds;
    }

    function _requireLimits(MarketId market, ICircuitBreaker.BreakerTerms calldata terms, bool isSet) private pure {
        _requireLimit(market, "moveGuard", terms.moveGuard, LOWEST_MOVE_GUARD, isSet ? HIGHEST_MOVE_GUARD : 0);
        // The stronger limit is never below the weaker one, nor there without it.
        uint256 lowest = terms.moveGuard > LOWEST_MOVE_HALT ? terms.moveGuard : LOWEST_MOVE_HALT;
        _requireLimit(market, "moveHalt", terms.moveHalt, lowest, terms.moveGuard == 0 ? 0 : WAD);
        _requireLimit(market, "drawdownGuard", terms.drawdownGuard, LOWEST_DRAWDOWN_GUARD, isSet ? WAD : 0);
        lowest = terms.drawdownGuard > LOWEST_DRAWDOWN_HALT ? terms.drawdownGuard : LOWEST_DRAWDOWN_HALT;
        _requireLimit(market, "drawdownHalt", terms.drawdownHalt, lowest, terms.drawdownGuard == 0 ? 0 : WAD);
        _requireLimit(market, "surgeGuard", terms.surgeGuard, LOWEST_SURGE_GUARD, isSet ? HIGHEST_SURGE_GUARD : 0);
        _requireLimit(market, "outflowGuard", terms.outflowGuard, LOWEST_OUTFLOW_GUARD, isSet ? WAD : 0);
        uint256 highest = isSet ? type(uint128).max : 0;
        _require(market, "calmOpenInterest", terms.calmOpenInterest, 0, highest);
        _require(market, "calmBuffersUsd", terms.calmBuffersUsd, 0, highest);
        _require(market, "calmPoolUsd", terms.calmPoolUsd, 0, highest);
    }

    function _requireTimes(MarketId market, ICircuitBreaker.BreakerTerms calldata terms, bool isSet) private pure {
        if (!isSet) {
            _require(market, "standSeconds", terms.standSeconds, 0, 0);
            _require(market, "guardSeconds", terms.guardSeconds, 0, 0);
            _require(market, "haltSeconds", terms.haltSeconds, 0, 0);
            return;
        }
        _require(market, "windowSeconds", terms.windowSeconds, LOWEST_WINDOW, HIGHEST_WINDOW);
        uint256 highestStand = terms.windowSeconds < HIGHEST_STAND ? terms.windowSeconds : HIGHEST_STAND;
        _require(market, "standSeconds", terms.standSeconds, LOWEST_STAND, highestStand);
        _require(market, "guardSeconds", terms.guardSeconds, LOWEST_GUARD, HIGHEST_GUARD);
        _require(market, "haltSeconds", terms.haltSeconds, LOWEST_HALT, HIGHEST_HALT);
    }

    /// @dev Off, or within its bounds.
    function _requireLimit(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value != 0) _require(market, term, value, lowest, highest);
    }

    function _require(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) {
            revert ICircuitBreaker.BreakerTermOutOfBounds(market, term, value, lowest, highest);
        }
    }
}
