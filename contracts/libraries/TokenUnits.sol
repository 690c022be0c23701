// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "./FixedPoint.sol";

/// @title Amounts of the settlement token
/// @notice Converts between a token's own decimals, 0 to 77, and D18{USD}: one whole token is one USD.
library TokenUnits {
    using FixedPoint for uint256;

    /// @dev D18{USD}, rounded down; exact for tokens of up to 18 decimals.
    function toUsdDown(uint256 amountNative, uint256 decimals) internal pure returns (uint256) {
        return decimals > 18 ? amountNative / 10 ** (decimals - 18) : amountNative * 10 ** (18 - decimals);
    }

    /// @dev {qTok}, rounded down; exact for tokens of 18 decimals or more.
    function toNativeDown(uint256 amountUsd, uint256 decimals) internal pure returns (uint256) {
        return decimals > 18 ? amountUsd * 10 ** (decimals - 18) : amountUsd / 10 ** (18 - decimals);
    }

    /// @dev D18{USD}, rounded up; exact for tokens of up to 18 decimals.
    function toUsdUp(uint256 amountNative, uint256 decimals) internal pure returns (uint256) {
        return decimals > 18 ? amountNative.divUp(10 ** (decimals - 18)) : amountNative * 10 ** (18 - decimals);
    }

    /// @dev {qTok}, rounded up; exact for tokens of 18 decimals or more.
    function toNativeUp(uint256 amountUsd, uint256 decimals) internal pure returns (uint256) {
        return decimals > 18 ? amountUsd * 10 ** (decimals - 18) : amountUsd.divUp(10 ** (18 - decimals));
    }
}
