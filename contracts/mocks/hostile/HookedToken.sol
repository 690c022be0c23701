// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "../TestToken.sol";

/// @title A token that calls out in the middle of a transfer
/// @notice Each transfer between accounts makes the call it was told, before it moves anything, and remembers how it ended. Calls made by the call
/// itself are not repeated.
contract HookedToken is TestToken {
    address private _target;
    bytes private _data;
    bool private _inHook;

    /// @notice Calls made so far, and whether the last one succeeded.
    uint256 public hookCalls;
    bool public lastHookSucceeded;
    /// @notice What the last one returned, or the error it reverted with.
    bytes public lastHookResult;

    constructor(uint8 decimals_) TestToken("Hooked", "HOOK", decimals_, type(uint128).max) {}

    /// @notice Makes transfers call `target` with `data`; address 0 ends it.
    function setHook(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 amount) internal override {
        if (_target != address(0) && !_inHook && from != address(0) && to != address(0)) {
            _inHook = true;
            (lastHookSucceeded, lastHookResult) = _target.call(_data);
            ++hookCalls;
            _inHook = false;
        }
        super._update(from, to, amount);
    }
}
