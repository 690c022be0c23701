// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {IStakedShares} from "./IStakedShares.sol";

/// @title A vault of junior money
/// @notice An ERC-4626 vault over the settlement token whose money is an account of the house (owner: this contract, sub-account 0). As the house's module "protocol" it pays for what defaults leave
/// after a market's tranche and the shared fund, and before the staked backstop, within the loss waterfall's caps; it receives its written share of what tranches take in, and what inventory
/// later earns of what it paid. It opens no positions.
///
/// Two values of the account:
///
///  equity      cash, and claims on markets at their face: what newcomers pay for their shares, so that they dilute nobody
///  redeemable  cash alone: a claim counts nothing before it is paid
///
/// Neither needs a price. Leaving is as IStakedShares says.
interface IReserveVault is IStakedShares {
    /* ERRORS */

    /// @notice Thrown when somebody deposits into a vault that is one depositor's own.
    error DepositorNotAllowed(address caller, address soleDepositor);
    /// @notice Thrown when a vault has lost so much that new shares would cost next to nothing; money paid into its account makes it whole for the old ones. D18{USD}, D18{share}
    error ReserveDepleted(uint256 equityUsd, uint256 supply);

    /* VIEWS */

    /// @notice The only address that may deposit; zero: everybody.
    function SOLE_DEPOSITOR() external view returns (address);

    /// @notice Account of the house that holds the vault's money.
    function account() external view returns (AccountId);

    /// @notice What the vault is worth to newcomers, and to those who leave. D18{USD}
    function valuation() external view returns (uint256 equityUsd, uint256 redeemableUsd, uint256 supply);
}
