// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "../TestToken.sol";

/// @title A token whose balances change by themselves
/// @notice Balances and transfers are shares times `index`; anyone may set the index.
contract RebasingToken is TestToken {
    uint256 private constant ONE = 1e18;

    /// @notice D18{1}
    uint256 public index = ONE;

    constructor(uint8 decimals_) TestToken("Rebasing", "REBASE", decimals_, type(uint128).max) {}

    /// @notice Multiplies every balance by `newIndex / index`.
    function rebase(uint256 newIndex) external {
        index = newIndex;
    }

    /// @inheritdoc ERC20
    function balanceOf(address account) public view override returns (uint256) {
        return (super.balanceOf(account) * index) / ONE;
    }

    /// @inheritdoc ERC20
    function totalSupply() public view override returns (uint256) {
        return (super.totalSupply() * index) / ONE;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, (amount * ONE) / index);
    }
}
