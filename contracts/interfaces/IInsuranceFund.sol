// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title The insurance fund
/// @notice Owns an account of the house that receives its written share of what the markets' tranches take in, surplus and donations, and from which the house pays
/// what defaulting accounts and the market's own tranche cannot, as far as the loss waterfall allows.
///
/// There is no way to withdraw, for anybody. Money that somebody can take out is no buffer: it would leave before the loss it was meant
/// for, and whoever holds that power would be the one to attack. So the fund's cash leaves through defaults alone. (Providers who want to
/// earn on such a risk, and to leave, get a tier of their own with a delay.)
interface IInsuranceFund {
    /// @notice `cashUsd` is the fund's cash after it. D18{USD}
    event Donated(address indexed from, uint256 amountNative, uint256 cashUsd);

    /// @notice Adds to the fund, for good.
    /// @param amountNative {qTok}
    function donate(uint256 amountNative) external;

    /// @notice Account of the house that holds the fund.
    function account() external view returns (AccountId);

    /// @notice What the fund can pay now: its cash. Claims count 0. D18{USD}
    function assetsUsd() external view returns (uint256);

    /// @notice What `market` owes the fund (what inventory earned of what the fund had paid for it) at most. D18{USD}
    /// @dev Junior to the gains of traders and of the pool, so it may never be paid.
    function claimUsdOf(MarketId market) external view returns (uint256);
}
