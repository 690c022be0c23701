// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./Test.sol";

/// @title InvariantTest
/// @notice Base of stateful tests: the runner calls random functions of the registered handlers, and after each call every
///         `invariant_…` function of this contract; after each sequence `afterInvariant`, if there is one.
/// @dev Register handlers in `setUp` with `targetHandler`; without any, the runner calls everything `setUp` deployed.
///      A handler call that reverts fails the run.
///      `afterInvariant` is also asked about the shortened sequences of a failure: demand what must have been reached only of
///      sequences of full length, or it hides the real counterexample.
abstract contract InvariantTest is Test {
    /// @dev Shape the runner asks for: which functions of a contract may be called.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address[] private _handlers;
    FuzzSelector[] private _selectors;
    address[] private _senders;

    /// @notice Lets the runner call the given functions of a handler, and nothing else of it.
    function targetHandler(address handler, bytes4[] memory selectors) internal {
        _handlers.push(handler);
        _selectors.push(FuzzSelector(handler, selectors));
    }

    /// @notice Limits the callers of handlers to the registered senders; any address without one.
    function targetSender(address sender) internal {
        _senders.push(sender);
    }

    function targetContracts() external view returns (address[] memory) {
        return _handlers;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function targetSenders() external view returns (address[] memory) {
        return _senders;
    }
}
