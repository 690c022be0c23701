// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Pausable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Pausable.sol";
import {TestToken} from "../TestToken.sol";

/// @title A token that can be paused
/// @notice Anyone may pause and unpause it.
contract PausableToken is TestToken, ERC20Pausable {
    constructor(uint8 decimals_) TestToken("Pausable", "PAUSE", decimals_, type(uint128).max) {}

    function pause() external {
        _pause();
    }

    function unpause() external {
        _unpause();
    }

    /// @inheritdoc ERC20
    function decimals() public view override(TestToken, ERC20) returns (uint8) {
        return TestToken.decimals();
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Pausable) {
        super._update(from, to, amount);
    }
}
