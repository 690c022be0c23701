// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IReportFeeManager, IReportVerifier} from "../interfaces/IReportVerifier.sol";
import {IStreamsFeed} from "../interfaces/IStreamsFeed.sol";

/// @title StreamsFeed
/// @notice See IStreamsFeed. Owns the last report of one stream, in one slot; nobody has a power over it.
contract StreamsFeed is IStreamsFeed, ReentrancyGuardTransient {
    /// @dev The last report. Zero before the first.
    struct Round {
        uint128 price;
        uint40 observedAt;
        uint80 number;
    }

    /// @dev A crypto report (schema v3): stream, valid from, observed at, fee in the chain's coin, fee in LINK, expires at, price, bid, ask.
    struct Report {
        bytes32 streamId;
        uint256 observedAt;
        int256 price;
    }

    /* CONSTANTS */

    uint256 private constant LOWEST_MAX_AGE = 1 seconds;
    uint256 private constant HIGHEST_MAX_AGE = 60 seconds;
    uint256 private constant REPORT_LENGTH = 9 * 32;
    /// @dev First two bytes of a stream's identifier.
    uint16 private constant CRYPTO_SCHEMA = 3;

    /// @inheritdoc IStreamsFeed
    bytes32 public immutable STREAM_ID;
    /// @inheritdoc IStreamsFeed
    uint256 public immutable MAX_AGE;
    /// @notice Chainlink's `VerifierProxy`.
    IReportVerifier public immutable VERIFIER;
    /// @notice Decimals of the stream's prices: 18 for Chainlink's crypto streams.
    uint8 public immutable decimals;

    /* STORAGE */

    Round private _latest;
    /// @notice What the price is of.
    string public description;

    /// @param verifier Chainlink's `VerifierProxy` of this chain
    /// @param streamId identifier of a crypto stream (schema v3)
    /// @param places decimals of its prices
    /// @param maxAge {s}, see `MAX_AGE`: 1 to 60
    constructor(IReportVerifier verifier, bytes32 streamId, uint8 places, uint256 maxAge, string memory name) {
        if (uint16(bytes2(streamId)) != CRYPTO_SCHEMA) revert SchemaNotSupported(streamId);
        if (maxAge < LOWEST_MAX_AGE || maxAge > HIGHEST_MAX_AGE) {
            revert MaxAgeOutOfBounds(maxAge, LOWEST_MAX_AGE, HIGHEST_MAX_AGE);
        }
        (VERIFIER, STREAM_ID, decimals, MAX_AGE, description) = (verifier, streamId, places, maxAge, name);
    }

    /* UPDATING */

    /// @inheritdoc IStreamsFeed
    function update(bytes calldata signedReport) external payable nonReentrant returns (bool accepted) {
        (, bytes memory claimed) = abi.decode(signedReport, (bytes32[3], bytes));
        // Whoever comes second with the same report, or behind a newer one, pays for nothing.
        accepted = _read(claimed).observedAt > _latest.observedAt;
        if (accepted) {
            (uint256 feeWei, bytes memory payment) = _askFee(claimed);
            if (msg.value < feeWei) revert ReportFeeTooLow(msg.value, feeWei);
            // Not a coin more: where nobody takes fees, the verifier keeps what it is sent.
            _accept(_read(VERIFIER.verify{value: feeWei}(signedReport, payment)));
        }
        _refund();
    }

    /// @inheritdoc IStreamsFeed
    function feeOf(bytes calldata signedReport) external view returns (uint256 feeWei) {
        (, bytes memory claimed) = abi.decode(signedReport, (bytes32[3], bytes));
        (feeWei, ) = _askFee(claimed);
    }

    function _accept(Report memory report) private {
        uint256 observedAt = report.observedAt;
        if (report.streamId != STREAM_ID) revert StreamMismatch(report.streamId, STREAM_ID);
        if (observedAt > block.timestamp) revert ReportFromFuture(observedAt, block.timestamp);
        if (observedAt + MAX_AGE < block.timestamp) revert ReportTooOld(observedAt, block.timestamp - MAX_AGE);
        if (report.price <= 0 || report.price > int256(uint256(type(uint128).max))) {
            revert ReportPriceOutOfRange(report.price);
        }
        uint128 price = uint128(uint256(report.price));
        uint80 number = _latest.number + 1;
        _latest = Round({price: price, observedAt: uint40(observedAt), number: number});
        emit ReportAccepted(number, price, observedAt, msg.sender);
    }

    function _read(bytes memory report) private pure returns (Report memory) {
        if (report.length < REPORT_LENGTH) revert ReportTooShort(report.length, REPORT_LENGTH);
        (bytes32 streamId, , uint32 observedAt, , , , int192 price) = abi.decode(
            report,
            (bytes32, uint32, uint32, uint192, uint192, uint32, int192)
        );
        return Report({streamId: streamId, observedAt: observedAt, price: price});
    }

    /// @dev Fees are paid in the chain's own coin; where nobody takes any, the verifier looks at no payment.
    /// @return feeWei {wei}
    /// @return payment what the verifier is told about it
    function _askFee(bytes memory report) private view returns (uint256 feeWei, bytes memory payment) {
        address feeManager = VERIFIER.s_feeManager();
        if (feeManager == address(0)) return (0, "");
        address coin = IReportFeeManager(feeManager).i_nativeAddress();
        (IReportFeeManager.Asset memory fee, , ) = IReportFeeManager(feeManager).getFeeAndReward(
            address(this),
            report,
            coin
        );
        return (fee.amount, abi.encode(coin));
    }

    function _refund() private {
        uint256 left = address(this).balance;
        if (left == 0) return;
        (bool ok, ) = msg.sender.call{value: left}("");
        if (!ok) revert RefundFailed(msg.sender, left);
    }

    /* READING */

    /// @notice The last report as a round. Before the first, everything is 0, which no reader takes for a price.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return _roundData();
    }

    /// @notice The last report; older rounds are not kept.
    function getRoundData(
        uint80 roundId
    )
        external
        view
        returns (uint80 number, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        if (roundId != _latest.number) revert RoundNotKept(roundId, _latest.number);
        return _roundData();
    }

    /// @notice Version of the reports' schema.
    function version() external pure returns (uint256) {
        return CRYPTO_SCHEMA;
    }

    function _roundData() private view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _latest;
        return (round.number, int256(uint256(round.price)), round.observedAt, round.observedAt, round.number);
    }
}
