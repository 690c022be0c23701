// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IStreamsFeed} from "../interfaces/IStreamsFeed.sol";

/// @title ReportRelay
/// @notice Brings feeds up to date and acts on their prices in one transaction: a keeper sends the newest reports with the orders or liquidations that need them. Everybody's, and nobody: it holds
/// nothing from one transaction to the next, and must never be given a power (an account that names it a delegate is open to all).
contract ReportRelay is ReentrancyGuardTransient {
    /// @param feed to bring up to date
    /// @param report signed, as the stream's API returns it
    /// @param value {wei} for the verifier's fee
    struct Update {
        IStreamsFeed feed;
        bytes report;
        uint256 value;
    }

    /// @param target contract to call, without value
    /// @param data of the call
    struct Call {
        address target;
        bytes data;
    }

    /// @notice Thrown when coins that are left over cannot be given back. {wei}
    error LeftoverStuck(address to, uint256 amount);

    /// @dev Feeds give back here what their verifier did not need.
    receive() external payable {}

    /// @notice Updates feeds, then makes calls, in the order given; all or nothing. What is left of the value sent is given back.
    /// @return results what each call returned
    /// @dev Reverts as the first feed or target that reverts, with its own error; Address.AddressEmptyCode where a target has no code; LeftoverStuck.
    function run(
        Update[] calldata updates,
        Call[] calldata calls
    ) external payable nonReentrant returns (bytes[] memory results) {
        for (uint256 i; i < updates.length; ++i) updates[i].feed.update{value: updates[i].value}(updates[i].report);
        results = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) results[i] = Address.functionCall(calls[i].target, calls[i].data);
        uint256 left = address(this).balance;
        if (left == 0) return results;
        (bool ok, ) = msg.sender.call{value: left}("");
        if (!ok) revert LeftoverStuck(msg.sender, left);
    }
}
