// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token for test networks
/// @notice An ERC-20 with a faucet: anyone may mint, so much per call.
contract TestToken is ERC20 {
    /// @notice Most that one call may mint. {qTok}
    uint256 public immutable mintCap;
    uint8 private immutable _decimals;

    /// @notice Thrown when a call asks the faucet for too much. {qTok}
    error MintAboveCap(uint256 amount, uint256 mintCap);

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 mintCap_) ERC20(name_, symbol_) {
        _decimals = decimals_;
        mintCap = mintCap_;
    }

    /// @notice Mints `amount` to `to`.
    function mint(address to, uint256 amount) external {
        if (amount > mintCap) revert MintAboveCap(amount, mintCap);
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public view virtual override returns (uint8) {
        return _decimals;
    }
}
