// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {IClearingHouse} from "./IClearingHouse.sol";

/// @title Where positions would be liquidated
/// @notice Per market and direction, how much notional loses its maintenance margin at which price, in geometric buckets. Anybody may bring any account's entries up to date; what that costs depends on the account's
/// own markets only, not on how many accounts there are. Nothing depends on the map: it has no power, and the house does not know it.
///
/// The price of a position is the one at which the account's equity is its maintenance margin, its other markets staying where they are: as it is judged now, so funding, ramps and other prices move it until
/// somebody notes it again. For a risk engine under which equity less maintenance margin is linear in the price, as of the first one (depth D = K·P/100, so N·(m + μN/D) is linear), it is exact but for
/// rounding; for others it is searched for in a few steps. Credit against collateral counts as what it is now.
///
/// Warning: an entry is as old as its note. Whoever opens, notes and closes leaves a cluster that is not there until somebody notes again; compare `notedAtOf`, or note before reading.
interface ILiquidationMap {
    /// @notice Which way the price goes to the liquidation.
    enum Direction {
        None,
        Fall,
        Rise
    }

    /// @notice A position on the map.
    /// @param market where
    /// @param direction `Fall` for longs, `Rise` for shorts; `None` when no price would liquidate it, or it is flat
    /// @param price D18{USD/base}, at which it would be; 0 for none
    /// @param notionalUsd D18{USD}, its size at that price
    struct Entry {
        MarketId market;
        Direction direction;
        uint256 price;
        uint256 notionalUsd;
    }

    /// @notice An account's entry in a market is now this. `direction` `None`: it has none any more.
    event Noted(
        AccountId indexed account,
        MarketId indexed market,
        Direction direction,
        uint256 price,
        uint256 notionalUsd
    );

    /// @notice Thrown when a pool or an account of the house is to be noted: those are not liquidated as traders are.
    error AccountIsOfTheSystem(AccountId account);

    /// @notice Thrown when more buckets are asked for than fit one answer, or such that no price falls into.
    error BucketsOutOfRange(uint256 first, uint256 count, uint256 end);

    /// @notice Brings accounts' entries up to date. Positions in markets without a valid price keep theirs.
    /// @custom:access anyone
    function note(AccountId[] calldata accounts) external;

    /// @notice What `note` would make of an account's entries now: one for each market it has a position or an entry in.
    function previewNote(AccountId account) external view returns (Entry[] memory entries);

    /// @notice Notional in a row of buckets.
    /// @param first number of the first, see `bucketOf`
    /// @param count how many
    /// @return notionalsUsd D18{USD}
    function bucketsOf(
        MarketId market,
        Direction direction,
        uint256 first,
        uint256 count
    ) external view returns (uint256[] memory notionalsUsd);

    /// @notice An account's entry in a market as it was noted.
    function entryOf(AccountId account, MarketId market) external view returns (Entry memory);

    /// @notice {s}, when an account was noted last; 0 for never.
    function notedAtOf(AccountId account) external view returns (uint256);

    /// @notice Number of the bucket a price falls into: ⌊64·log₂(price)⌋ of the D18 price.
    /// @param price D18{USD/base}, above 0 and below 2¹¹²
    function bucketOf(uint256 price) external pure returns (uint256);

    /// @notice The house whose accounts these are.
    function HOUSE() external view returns (IClearingHouse);
}
