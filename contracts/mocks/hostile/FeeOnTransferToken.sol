// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "../TestToken.sol";

/// @title A token that burns part of every transfer
contract FeeOnTransferToken is TestToken {
    uint256 private constant ONE_BPS = 10_000;

    /// @notice Part of a transfer that is burned, in basis points.
    uint256 public immutable feeBps;

    constructor(uint8 decimals_, uint256 feeBps_) TestToken("Fee on transfer", "FEE", decimals_, type(uint128).max) {
        feeBps = feeBps_;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : (amount * feeBps) / ONE_BPS;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, amount - fee);
    }
}
