// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @title Reading a feed that may do anything
/// @notice Whatever the feed does, the caller goes on: reverts, missing code and answers that are too short or malformed give `ok = false`; no
/// more than `GAS_LIMIT` is burned and no more than five words are copied, however much is returned.
library SafeFeedCall {
    /// @notice Gas one feed may use. A Chainlink proxy takes about 20,000 cold, a feed that combines two of them about 50,000.
    uint256 internal constant GAS_LIMIT = 150_000;

    /// @notice Gas that must be left before a call: a call gets at most 63/64 of what is left after its own cost (at most 2,600).
    uint256 internal constant GAS_NEEDED = (GAS_LIMIT * 64) / 63 + 3_000;

    /// @notice Thrown when so little gas is left that a good feed could be made to fail. Raise the gas limit of the transaction.
    error GasTooLowForFeed(uint256 gasLeft, uint256 gasNeeded);

    /// @notice `feed.latestRoundData()` without its last word, `answeredInRound`, which Chainlink no longer maintains.
    /// @dev Equivalent, but for the bounds on gas and return data:
    ///
    ///     (ok, data) = feed.staticcall{gas: GAS_LIMIT}(abi.encodeCall(AggregatorV3Interface.latestRoundData, ()));
    ///     ok = ok && data.length >= 160;
    ///     if (ok) (roundId, answer, startedAt, updatedAt, ) = abi.decode(data, (uint256, int256, uint256, uint256, uint256));
    ///     ok = ok && roundId <= type(uint80).max;
    ///
    /// All values are 0 when not ok.
    function latestRoundData(
        address feed
    ) internal view returns (bool ok, uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt) {
        uint256 gasLeft = gasleft();
        if (gasLeft < GAS_NEEDED) revert GasTooLowForFeed(gasLeft, GAS_NEEDED);
        uint256 gasLimit = GAS_LIMIT;
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        assembly ("memory-safe") {
            // Memory after the free pointer is free to use, and need not be left clean.
            let buffer := mload(0x40)
            mstore(buffer, selector)
            ok := staticcall(gasLimit, feed, buffer, 4, buffer, 0xa0)
            ok := and(ok, gt(returndatasize(), 0x9f))
            // A round number is 80 bits wide; anything wider is not the answer of a feed.
            ok := and(ok, iszero(shr(80, mload(buffer))))
            if ok {
                roundId := mload(buffer)
                answer := mload(add(buffer, 0x20))
                startedAt := mload(add(buffer, 0x40))
                updatedAt := mload(add(buffer, 0x60))
            }
        }
    }

    /// @notice `feed.decimals()`.
    /// @dev Equivalent, but for the bounds on gas and return data:
    ///
    ///     (ok, data) = feed.staticcall{gas: GAS_LIMIT}(abi.encodeCall(AggregatorV3Interface.decimals, ()));
    ///     ok = ok && data.length >= 32;
    ///     if (ok) places = abi.decode(data, (uint256));
    function decimals(address feed) internal view returns (bool ok, uint256 places) {
        uint256 gasLeft = gasleft();
        if (gasLeft < GAS_NEEDED) revert GasTooLowForFeed(gasLeft, GAS_NEEDED);
        uint256 gasLimit = GAS_LIMIT;
        bytes4 selector = AggregatorV3Interface.decimals.selector;
        assembly ("memory-safe") {
            // The scratch space is free to use.
            mstore(0, selector)
            ok := staticcall(gasLimit, feed, 0, 4, 0, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            if ok {
                places := mload(0)
            }
        }
    }
}
