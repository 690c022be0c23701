// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assertions} from "./Assertions.sol";

/// @title Test
/// @notice Base of every Solidity test: cheatcodes, assertions, deployment, time, fuzz bounds.
/// @dev A test contract runs `setUp` before each `test…` function. Contracts under test are deployed by name with `deploy`, so they
///      have their production bytecode and the test stays quick to compile: `new Engine()` would compile the engine into the test.
///      Time is read with `vm.getBlockTimestamp()`: the optimizer takes `block.timestamp` for a constant within a function.
abstract contract Test is Assertions {
    error BoundsCrossed(string kind, int256 lowest, int256 highest);

    /// @notice Deploys a contract by artifact name: its own name, or `path/File.sol:Name` when two share it.
    /// @param artifact which contract
    /// @param arguments ABI encoding of the constructor's arguments, empty for none
    function deploy(string memory artifact, bytes memory arguments) internal returns (address deployed) {
        bytes memory creation = bytes.concat(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 0x20), mload(creation))
            if iszero(deployed) {
                // Pass the constructor's own error on.
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
        vm.label(deployed, artifact);
    }

    function deploy(string memory artifact) internal returns (address) {
        return deploy(artifact, "");
    }

    /// @notice A labelled address without code, the same for the same name in every test.
    function makeAddr(string memory name) internal returns (address account) {
        (account, ) = makeAccount(name);
    }

    /// @notice A labelled account and the key that signs for it.
    function makeAccount(string memory name) internal returns (address account, uint256 privateKey) {
        privateKey = uint256(keccak256(bytes(name)));
        account = vm.addr(privateKey);
        vm.label(account, name);
    }

    /// @notice Moves time forward and mines one block.
    function skipSeconds(uint256 duration) internal {
        vm.warp(vm.getBlockTimestamp() + duration);
        vm.roll(vm.getBlockNumber() + 1);
    }

    /// @notice Folds a fuzzed value into [lowest, highest]; values in range stay, and the ends are reached often.
    function bound(uint256 value, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        if (lowest > highest) revert BoundsCrossed("uint256", int256(lowest), int256(highest));
        if (value >= lowest && value <= highest) return value;
        unchecked {
            uint256 count = highest - lowest + 1; // 0 for the whole range, which has returned above
            // Fuzzers like tiny and huge inputs: they become the ends.
            if (value <= 3 && value < count) return lowest + value;
            if (value >= type(uint256).max - 3 && type(uint256).max - value < count) {
                return highest - (type(uint256).max - value);
            }
            return lowest + (value % count);
        }
    }

    /// @notice `bound` for signed values.
    function bound(int256 value, int256 lowest, int256 highest) internal pure returns (int256) {
        if (lowest > highest) revert BoundsCrossed("int256", lowest, highest);
        return _fromOrdinal(bound(_ordinal(value), _ordinal(lowest), _ordinal(highest)));
    }

    /// @dev Maps int256 onto uint256 keeping the order.
    function _ordinal(int256 value) private pure returns (uint256) {
        return uint256(value) ^ (1 << 255);
    }

    function _fromOrdinal(uint256 value) private pure returns (int256) {
        return int256(value ^ (1 << 255));
    }
}
