// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "../TestToken.sol";

/// @title A token whose transfers fail without reverting
/// @notice `transfer` and `transferFrom` return false and move nothing.
contract FalseReturningToken is TestToken {
    constructor(uint8 decimals_) TestToken("False returning", "FALSE", decimals_, type(uint128).max) {}

    /// @inheritdoc ERC20
    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }

    /// @inheritdoc ERC20
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}
