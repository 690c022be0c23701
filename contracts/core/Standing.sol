// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountHeader} from "./Words.sol";

/// @title How long an account has been in good standing
/// @notice Counted in whole days from the day after the first opening, or after the last time somebody had to reduce the account: a liquidation, a take-over or a
/// default makes it fresh again.
library Standing {
    /// @dev An account that opens for the first time begins to count.
    function begin(AccountHeader memory header) internal view {
        if (header.goodSince == 0) restart(header);
    }

    /// @dev The count begins again tomorrow. Days fit until the year 2149; later ones count as that.
    function restart(AccountHeader memory header) internal view {
        uint256 tomorrow = block.timestamp / 1 days + 1;
        header.goodSince = tomorrow < type(uint16).max ? tomorrow : type(uint16).max;
    }

    /// @dev {days}, rounded down; 0 of an account that never opened anything.
    function daysOf(AccountHeader memory header) internal view returns (uint256) {
        uint256 today = block.timestamp / 1 days;
        return header.goodSince != 0 && today > header.goodSince ? today - header.goodSince : 0;
    }
}
