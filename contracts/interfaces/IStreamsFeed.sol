// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @title A price feed that whoever needs a price brings up to date
/// @notice Takes reports of one Chainlink Data Stream, signed off chain, has them verified on chain, and shows the last one as a round of an ordinary feed: the oracle router reads it like any other.
///
/// Whoever calls `update` chooses *when* a report arrives, so which of the stream's prices the house gets to see. That choice is bounded by `MAX_AGE`: a report that was observed longer ago is
/// refused, and so is one from the future. Time never runs backwards: a report no newer than the last one changes nothing.
interface IStreamsFeed is AggregatorV3Interface {
    /// @notice A newer report was accepted.
    /// @param price of the feed's decimals
    /// @param observedAt {s}
    event ReportAccepted(uint80 indexed roundId, uint256 price, uint256 observedAt, address indexed by);

    /// @notice Thrown when a report is of another stream.
    error StreamMismatch(bytes32 streamId, bytes32 expected);
    /// @notice Thrown when a report has fewer words than a crypto report (schema v3) has. {bytes}
    error ReportTooShort(uint256 length, uint256 least);
    /// @notice Thrown when a report was observed longer ago than the feed accepts. {s}
    error ReportTooOld(uint256 observedAt, uint256 oldest);
    /// @notice Thrown when a report claims to be from the future. {s}
    error ReportFromFuture(uint256 observedAt, uint256 timestamp);
    /// @notice Thrown when a report's price is not positive, or too high to be kept.
    error ReportPriceOutOfRange(int256 price);
    /// @notice Thrown when an older round is asked for: only the last is kept.
    error RoundNotKept(uint80 roundId, uint80 latest);
    /// @notice Thrown when a feed is made with a longest age outside its bounds. {s}
    error MaxAgeOutOfBounds(uint256 maxAge, uint256 lowest, uint256 highest);
    /// @notice Thrown when a feed is made for a stream whose reports are not crypto reports (schema v3).
    error SchemaNotSupported(bytes32 streamId);
    /// @notice Thrown when less was sent along than the verifier asks for a report. {wei}
    error ReportFeeTooLow(uint256 sentWei, uint256 feeWei);
    /// @notice Thrown when coins that were not needed cannot be given back. {wei}
    error RefundFailed(address to, uint256 amount);

    /// @notice Accepts a report if it is newer than the last. Anybody may call. Where the verifier asks a fee, it is paid out of the value sent; what is left over is given back.
    /// @param signedReport as the stream's API returns it (`fullReport`)
    /// @return accepted false when the feed had a report at least as new: nothing was verified or paid
    /// @dev Reverts: StreamMismatch, ReportTooShort, ReportTooOld, ReportFromFuture, ReportPriceOutOfRange, ReportFeeTooLow, RefundFailed; and as the verifier does where signatures are wrong, see
    /// IReportVerifier.
    function update(bytes calldata signedReport) external payable returns (bool accepted);

    /// @notice What has to be sent along with a report: what the verifier asks of this feed for it, 0 where it asks nothing.
    /// @param signedReport as for `update`
    /// @return feeWei {wei}
    function feeOf(bytes calldata signedReport) external view returns (uint256 feeWei);

    /// @notice Identifier of the stream.
    function STREAM_ID() external view returns (bytes32);

    /// @notice {s}, from the observation of a report to the last block that it is accepted in.
    function MAX_AGE() external view returns (uint256);
}
