// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title A feed's proxy
/// @notice Stands before an aggregator that can be exchanged, shaped as Chainlink's proxies are: each aggregator is a phase, and the phase is part
/// of the round's number, `phase · 2^64 + round of the aggregator`.
contract FeedProxy is AggregatorV3Interface, Ownable {
    /// @dev One slot.
    struct Phase {
        uint16 id;
        AggregatorV3Interface aggregator;
    }

    uint256 private constant PHASE_OFFSET = 64;

    Phase private _phase;
    /// @notice Contract that decides who may read; 0: everybody. Nothing here sets it; it is read as Chainlink's proxies read theirs.
    address public accessController;
    mapping(uint16 phaseId => AggregatorV3Interface aggregator) private _aggregatorOf;

    event AggregatorSet(uint16 indexed phaseId, address oldAggregator, address newAggregator);

    /// @notice Thrown when the proxy is closed to its reader.
    error ReaderWithoutAccess(address reader, address accessController);

    /// @notice Thrown when a round of a phase is asked for that never was.
    error PhaseNotFound(uint16 phaseId, uint16 latestPhaseId);

    constructor(address operator, AggregatorV3Interface aggregator) Ownable(operator) {
        _setAggregator(aggregator);
    }

    /// @notice Begins a new phase with another aggregator.
    function setAggregator(AggregatorV3Interface aggregator) external onlyOwner {
        _setAggregator(aggregator);
    }

    /// @notice The present phase.
    function phase() external view returns (uint16 id, AggregatorV3Interface aggregator) {
        return (_phase.id, _phase.aggregator);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        _requireAccess();
        Phase memory current = _phase;
        (roundId, answer, startedAt, updatedAt, answeredInRound) = current.aggregator.latestRoundData();
        roundId = _inPhase(roundId, current.id);
        answeredInRound = _inPhase(answeredInRound, current.id);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(
        uint80 ofRoundId
    )
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        _requireAccess();
        uint16 phaseId = uint16(ofRoundId >> PHASE_OFFSET);
        AggregatorV3Interface aggregator = _aggregatorOf[phaseId];
        if (address(aggregator) == address(0)) revert PhaseNotFound(phaseId, _phase.id);
        (roundId, answer, startedAt, updatedAt, answeredInRound) = aggregator.getRoundData(uint64(ofRoundId));
        roundId = _inPhase(roundId, phaseId);
        answeredInRound = _inPhase(answeredInRound, phaseId);
    }

    /// @inheritdoc AggregatorV3Interface
    function decimals() external view returns (uint8) {
        return _phase.aggregator.decimals();
    }

    /// @inheritdoc AggregatorV3Interface
    function description() external view returns (string memory) {
        return _phase.aggregator.description();
    }

    /// @inheritdoc AggregatorV3Interface
    function version() external view returns (uint256) {
        return _phase.aggregator.version();
    }

    function _setAggregator(AggregatorV3Interface aggregator) private {
        uint16 id = _phase.id + 1;
        emit AggregatorSet(id, address(_phase.aggregator), address(aggregator));
        _phase = Phase({id: id, aggregator: aggregator});
        _aggregatorOf[id] = aggregator;
    }

    function _requireAccess() private view {
        if (accessController != address(0)) revert ReaderWithoutAccess(msg.sender, accessController);
    }

    /// @dev The round's number with its phase.
    function _inPhase(uint80 roundId, uint16 phaseId) private pure returns (uint80) {
        return uint80((uint256(phaseId) << PHASE_OFFSET) | uint64(roundId));
    }
}
