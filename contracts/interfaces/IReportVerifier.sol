// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What is asked of the verifier of Chainlink Data Streams
/// @notice The two functions of Chainlink's `VerifierProxy` that a feed needs, and the errors that it refuses reports with. Its own interface is pinned to an older compiler.
interface IReportVerifier {
    /// @notice Thrown by the verifier when it knows no signers of a report's configuration.
    error VerifierNotFound(bytes32 configDigest);
    /// @notice Thrown by the verifier when the configuration that a report was signed under has been switched off.
    error DigestInactive(bytes32 configDigest);
    /// @notice Thrown by the verifier when a report has fewer or more signatures than make it one.
    error IncorrectSignatureCount(uint256 numSigners, uint256 expectedNumSigners);
    /// @notice Thrown by the verifier when a signature is not that of a signer, or one signer's twice.
    error BadVerification();
    /// @notice Thrown by the verifier when only some may have reports verified, and the feed is none of them.
    error AccessForbidden();
    /// @notice Thrown by the fee manager when a report's quote has expired.
    error ExpiredReport();

    /// @notice Checks the signatures of a report and takes the fee, if one is asked.
    /// @param payload signed report: `abi.encode(bytes32[3] context, bytes report, bytes32[] rs, bytes32[] ss, bytes32 vs)`
    /// @param parameterPayload `abi.encode(address)` of the token that the fee is paid in
    /// @return report the report, as it was signed
    function verify(
        bytes calldata payload,
        bytes calldata parameterPayload
    ) external payable returns (bytes memory report);

    /// @notice Who takes fees; zero: nobody.
    // solhint-disable-next-line func-name-mixedcase
    function s_feeManager() external view returns (address);
}

/// @title What is asked of its fee manager
interface IReportFeeManager {
    /// @notice An amount of a token.
    struct Asset {
        address assetAddress;
        uint256 amount;
    }

    /// @notice What verifying a report costs `subscriber`.
    /// @param report as it was signed, without its signatures
    /// @param quoteAddress token to pay in
    function getFeeAndReward(
        address subscriber,
        bytes memory report,
        address quoteAddress
    ) external view returns (Asset memory fee, Asset memory reward, uint256 discount);

    /// @notice The token that stands for the chain's own coin.
    // solhint-disable-next-line func-name-mixedcase
    function i_nativeAddress() external view returns (address);
}
