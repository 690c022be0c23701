// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";

/// @title Cash: settlement tokens in and out, native decimals to D18 and back
/// @notice The only token transfers of the house. Conversions round against the account; what a token with more than 18 decimals loses stays in the
/// house.
library Cash {
    using SafeERC20 for IERC20;

    /// @dev Native amount to D18{USD}, rounded down.
    function toUsdDown(uint256 amountNative, uint8 decimals) internal pure returns (uint256) {
        return decimals <= 18 ? amountNative * 10 ** (18 - decimals) : amountNative / 10 ** (decimals - 18);
    }

    /// @dev What a withdrawal of a native amount costs in D18{USD}, rounded up.
    function toUsdUp(uint256 amountNative, uint8 decimals) internal pure returns (uint256) {
        return
            decimals <= 18 ? amountNative * 10 ** (18 - decimals) : Math.ceilDiv(amountNative, 10 ** (decimals - 18));
    }

    /// @dev Takes tokens from `from`; the balance must grow by exactly the amount.
    function pull(IERC20 token, address from, uint256 amountNative) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amountNative);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amountNative) revert IClearingHouse.TokenAmountMismatch(received, amountNative);
    }

    /// @dev Sends tokens to `to`.
    function push(IERC20 token, address to, uint256 amountNative) internal {
        token.safeTransfer(to, amountNative);
    }
}
