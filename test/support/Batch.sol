// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Several calls in one transaction
/// @notice In tests each call is a transaction of its own; what is to happen within one goes through this.
contract Batch {
    struct Call {
        address target;
        bytes data;
    }

    /// @notice Makes the calls in order, and reverts with the error of the first that fails.
    function run(Call[] calldata calls) external returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            bool success;
            (success, results[i]) = calls[i].target.call(calls[i].data);
            if (!success) _revertWith(results[i]);
        }
    }

    /// @notice Makes one call and says what it used, the cost of a cold `target` included, the transaction's own cost not.
    function measure(address target, bytes calldata data) external returns (uint256 gasUsed) {
        uint256 gasBefore = gasleft();
        (bool success, bytes memory result) = target.call(data);
        gasUsed = gasBefore - gasleft();
        if (!success) _revertWith(result);
    }

    function _revertWith(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
