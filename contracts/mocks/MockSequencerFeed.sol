// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title An L2 sequencer's uptime feed
/// @notice Answers as Chainlink's do: 0 up, 1 down, `startedAt` the time of the last change, 0 while unknown.
contract MockSequencerFeed is AggregatorV3Interface, Ownable {
    int112 private constant UP = 0;
    int112 private constant DOWN = 1;

    /// @inheritdoc AggregatorV3Interface
    uint8 public constant decimals = 0;
    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;
    /// @inheritdoc AggregatorV3Interface
    string public constant description = "L2 Sequencer Uptime Status Feed";

    /// @dev One slot, as in Chainlink's.
    struct Status {
        uint80 roundId;
        uint64 startedAt;
        int112 answer;
    }

    Status private _status;

    event StatusSet(uint80 indexed roundId, int256 answer, uint256 startedAt);

    /// @param operator who sets the status; the sequencer starts as up since `startedAt`
    constructor(address operator, uint64 startedAt) Ownable(operator) {
        _set(UP, startedAt);
    }

    /// @notice The sequencer goes down now.
    function goDown() external onlyOwner {
        _set(DOWN, uint64(block.timestamp));
    }

    /// @notice The sequencer comes up now.
    function goUp() external onlyOwner {
        _set(UP, uint64(block.timestamp));
    }

    /// @notice Sets any status.
    function set(int112 answer, uint64 startedAt) external onlyOwner {
        _set(answer, startedAt);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        Status memory status = _status;
        return (status.roundId, status.answer, status.startedAt, block.timestamp, status.roundId);
    }

    /// @inheritdoc AggregatorV3Interface
    /// @dev Only the latest status is kept; it stands for every round.
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        return (roundId, _status.answer, _status.startedAt, block.timestamp, roundId);
    }

    function _set(int112 answer, uint64 startedAt) private {
        uint80 roundId = _status.roundId + 1;
        _status = Status({roundId: roundId, startedAt: startedAt, answer: answer});
        emit StatusSet(roundId, answer, startedAt);
    }
}
