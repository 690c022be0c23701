// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../interfaces/IBackstopPool.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @notice The backstop's terms in a market, in one slot: whole USD, rates in millionths, seconds.
struct StoredBackstopTerms {
    uint40 cap;
    uint40 epochCap;
    uint24 concessionPips;
    uint24 sharePips;
    uint24 tolerancePips;
    uint24 interval;
    // when the last slice was closed
    uint40 unwoundAt;
}

/// @title Terms of the backstop: bounds, and how they are kept
/// @notice Every bound is here, in code; no role can leave them.
library BackstopParameters {
    /// @dev D18{1} per millionth.
    uint256 private constant PIP = 1e12;
    /// @dev D18{USD}
    uint256 private constant HIGHEST_CAP_USD = 1_000_000_000e18;
    /// @dev D18{1}
    uint256 private constant HIGHEST_CONCESSION = 0.1e18;
    uint256 private constant LOWEST_SHARE = 0.001e18;
    uint256 private constant HIGHEST_TOLERANCE = 0.05e18;
    /// @dev {s}
    uint256 private constant LOWEST_INTERVAL_SECONDS = 10;
    uint256 private constant HIGHEST_INTERVAL_SECONDS = 1 days;

    /// @dev Checks terms and writes them, rounded down to what is kept.
    function write(
        StoredBackstopTerms storage stored,
        MarketId market,
        IBackstopPool.BackstopTerms calldata terms
    ) internal {
        _require(market, "capUsd", terms.capUsd, 0, HIGHEST_CAP_USD);
        _require(market, "epochCapUsd", terms.epochCapUsd, 0, HIGHEST_CAP_USD);
        _require(market, "maxConcession", terms.maxConcession, 0, HIGHEST_CONCESSION);
        _require(market, "unwindShare", terms.unwindShare, LOWEST_SHARE, WAD);
        _require(market, "unwindTolerance", terms.unwindTolerance, 0, HIGHEST_TOLERANCE);
        _require(
            market,
            "unwindIntervalSeconds",
            terms.unwindIntervalSeconds,
            LOWEST_INTERVAL_SECONDS,
            HIGHEST_INTERVAL_SECONDS
        );
        stored.cap = uint40(terms.capUsd / WAD);
        stored.epochCap = uint40(terms.epochCapUsd / WAD);
        stored.concessionPips = uint24(terms.maxConcession / PIP);
        stored.sharePips = uint24(terms.unwindShare / PIP);
        stored.tolerancePips = uint24(terms.unwindTolerance / PIP);
        stored.interval = uint24(terms.unwindIntervalSeconds);
    }

    /// @dev The terms as they are kept.
    function read(StoredBackstopTerms memory stored) internal pure returns (IBackstopPool.BackstopTerms memory) {
        return
            IBackstopPool.BackstopTerms({
                capUsd: stored.cap * WAD,
                epochCapUsd: stored.epochCap * WAD,
                maxConcession: stored.concessionPips * PIP,
                unwindShare: stored.sharePips * PIP,
                unwindTolerance: stored.tolerancePips * PIP,
                unwindIntervalSeconds: stored.interval
            });
    }

    /// @dev Furthest from the index at which a slice is closed. D18{1}
    function toleranceOf(StoredBackstopTerms storage stored) internal view returns (uint256) {
        return stored.tolerancePips * PIP;
    }

    function _require(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) {
            revert IBackstopPool.BackstopTermOutOfBounds(market, term, value, lowest, highest);
        }
    }
}
