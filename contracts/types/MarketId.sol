// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A market: its number, 0 to 63, which is also its bit in an account's set of markets.
type MarketId is uint8;

using {bit, sameMarket as ==, otherMarket as !=} for MarketId global;

/// @dev The market's bit in a set of markets.
function bit(MarketId id) pure returns (uint256) {
    return uint256(1) << MarketId.unwrap(id);
}

function sameMarket(MarketId a, MarketId b) pure returns (bool) {
    return MarketId.unwrap(a) == MarketId.unwrap(b);
}

function otherMarket(MarketId a, MarketId b) pure returns (bool) {
    return MarketId.unwrap(a) != MarketId.unwrap(b);
}
