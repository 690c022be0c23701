// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";

/// @title The one place prices come from
/// @notice Judges each market's feed and remembers, per market, the last valid price and the extremes of recent maturity buckets.
/// It knows no accounts. A price that fails a check is reported with its status, never repaired.
interface IOracleRouter {
    /// @notice Observes a set of markets: one price per market and transaction. Never reverts because of a feed.
    /// @param markets set of markets, one bit each
    /// @param freshness whether an observation stored earlier in this block is good enough
    /// @return prices one per market of the set, in ascending order of market
    function observe(uint256 markets, Freshness freshness) external returns (Price[] memory prices);

    /// @notice What `observe(markets, Latest)` would return, without storing.
    function peek(uint256 markets) external view returns (Price[] memory prices);

    /// @notice Lowest and highest valid price over the present and the previous maturity bucket, with the last price before them.
    /// After `observe` in the same transaction it reads storage only; otherwise it judges the feed first.
    /// @return low D18{USD/base}
    /// @return high D18{USD/base}
    function windowOf(MarketId market) external view returns (uint256 low, uint256 high);
}
