// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @title Shares that bear losses of the house, and leave slowly
/// @notice What the staked vaults have in common. Leaving takes a cooldown: `requestCooldown`, then, from `COOLDOWN_SECONDS` on and for `WINDOW_SECONDS`, `redeem` or `withdraw` at the price of that
/// moment. Shares bear every loss meanwhile. Nothing is paid while losses are in sight that the vault may have to bear: accounts in distress miss more than `TOLERANCE_USD` in the house, or what
/// defaults left in a market is worth less than it cost by more than that. Shares that leave by transfer take nothing of a cooldown with them.
///
/// Whatever a vault's account owns when there are no shares belongs to nobody: the first deposit mints shares for it that the vault keeps for good.
interface IStakedShares {
    /* TYPES */

    /// @notice A holder's cooldown.
    /// @param shares D18{share} that may be redeemed in the window, never more than the holder's balance
    /// @param opensAt {s}, first second of the window; 0: none was asked for
    /// @param closesAt {s}, first second after it
    struct CooldownState {
        uint256 shares;
        uint256 opensAt;
        uint256 closesAt;
    }

    /* EVENTS */

    /// @notice `shares` may be redeemed from `opensAt` until before `closesAt`; this replaces what was asked for before. 0 shares: it was called off. D18{share}, {s}
    event CooldownRequested(address indexed owner, uint256 shares, uint256 opensAt, uint256 closesAt);
    /// @notice Shares left, so that `shares` of the cooldown are left. D18{share}
    event CooldownReduced(address indexed owner, uint256 shares);
    /// @notice What the account owned when there were no shares belongs to nobody from now on. D18{share}
    event SharesLocked(uint256 shares);

    /* ERRORS */

    /// @notice Thrown when a cooldown is asked for more shares than the caller has. D18{share}
    error CooldownAboveBalance(address owner, uint256 shares, uint256 balance);
    /// @notice Thrown when shares are redeemed without a cooldown for so many. D18{share}
    error CooldownTooSmall(address owner, uint256 shares, uint256 cooledShares);
    /// @notice Thrown when a cooldown is not over yet. {s}
    error CooldownRunning(address owner, uint256 opensAt, uint256 timestamp);
    /// @notice Thrown when the window after a cooldown has passed; ask for another. {s}
    error CooldownExpired(address owner, uint256 closedAt, uint256 timestamp);
    /// @notice Thrown when accounts in distress miss so much that nothing is paid. They are liquidated, taken over or resolved by anybody; `mark` corrects what has recovered. D18{USD}
    error ShortfallOpen(uint256 shortfallUsd, uint256 toleranceUsd);
    /// @notice Thrown when what defaults left in a market has lost so much that nothing is paid until it is sold; `unwind` and `tearUp` sell it. D18{USD}
    error InventoryLossOpen(MarketId market, uint256 lossUsd, uint256 toleranceUsd);
    /// @notice Thrown when an amount is not worth one unit of what it is exchanged for.
    error AmountTooSmall(uint256 assetsNative, uint256 shares);

    /* SHARES */

    /// @notice Asks to redeem `shares`: they may be, `COOLDOWN_SECONDS` from now, for `WINDOW_SECONDS`. Replaces what was asked for before and starts anew; 0 calls it off.
    /// @param shares D18{share}, at most the caller's balance
    /// @dev Reverts: CooldownAboveBalance.
    function requestCooldown(uint256 shares) external;

    /// @notice A holder's cooldown.
    function cooldownOf(address owner) external view returns (CooldownState memory);
}
