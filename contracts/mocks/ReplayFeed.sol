// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title A price feed that replays prices
/// @notice Chainlink-shaped aggregator whose rounds its owner publishes. Keeps every round.
/// @dev Reads as many slots as Chainlink's aggregators do: access, latest round, the round itself. So gas measured over it is honest.
contract ReplayFeed is AggregatorV3Interface, Ownable {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev One slot.
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    /// @inheritdoc AggregatorV3Interface
    uint8 public immutable decimals;
    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;
    /// @inheritdoc AggregatorV3Interface
    string public description;

    uint80 private _latestRoundId;
    mapping(uint80 roundId => Round round) private _rounds;
    mapping(address reader => bool denied) private _isDenied;

    event RoundPublished(uint80 indexed roundId, int256 answer, uint256 updatedAt);
    event ReaderDenied(address indexed reader);
    event ReaderAllowed(address indexed reader);

    /// @notice Thrown when a round is asked for that was not published.
    error RoundNotFound(uint80 roundId, uint80 latestRoundId);

    /// @notice Thrown when a round would be published before its predecessor or in the future.
    error PublicationOutOfOrder(uint256 updatedAt, uint256 earliest, uint256 latest);

    /// @notice Thrown when the reader was shut out.
    error ReaderIsDenied(address reader);

    constructor(address operator, string memory description_, uint8 decimals_) Ownable(operator) {
        description = description_;
        decimals = decimals_;
    }

    /// @notice Publishes a round now.
    function push(int256 answer) external onlyOwner {
        _publish(answer, block.timestamp);
    }

    /// @notice Publishes a round as of `updatedAt`, not before the latest round and not in the future.
    function pushAt(int256 answer, uint256 updatedAt) external onlyOwner {
        _publish(answer, updatedAt);
    }

    /// @notice Shuts `reader` out, as Chainlink's access lists can: its reads revert.
    function deny(address reader) external onlyOwner {
        _isDenied[reader] = true;
        emit ReaderDenied(reader);
    }

    /// @notice Lets `reader` in again.
    function allow(address reader) external onlyOwner {
        _isDenied[reader] = false;
        emit ReaderAllowed(reader);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return _roundData(_latestRoundId);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        return _roundData(roundId);
    }

    function _publish(int256 answer, uint256 updatedAt) private {
        uint80 roundId = _latestRoundId;
        uint256 earliest = _rounds[roundId].updatedAt;
        if (updatedAt < earliest || updatedAt > block.timestamp) {
            revert PublicationOutOfOrder(updatedAt, earliest, block.timestamp);
        }
        ++roundId;
        _latestRoundId = roundId;
        _rounds[roundId] = Round({answer: answer.toInt192(), updatedAt: updatedAt.toUint64()});
        emit RoundPublished(roundId, answer, updatedAt);
    }

    function _roundData(uint80 roundId) private view returns (uint80, int256, uint256, uint256, uint80) {
        if (_isDenied[msg.sender]) revert ReaderIsDenied(msg.sender);
        Round memory round = _rounds[roundId];
        if (round.updatedAt == 0) revert RoundNotFound(roundId, _latestRoundId);
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }
}
