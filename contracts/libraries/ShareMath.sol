// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, WAD} from "./FixedPoint.sol";

/// @title Shares of a pool
/// @notice A pool always has `VIRTUAL` shares more than were minted, and, for those who enter, as many units of value more than it owns. They belong to nobody:
/// whoever donates to a nearly empty pool to make shares dear gives the donation away, and a price never divides by zero.
/// @dev Everything rounds against the actor, so no number of deposits and redemptions at one price gains anything (ROUND-1): a round trip of
/// any size costs at most `VIRTUAL` and the rounding.
library ShareMath {
    using FixedPoint for uint256;

    /// @dev A millionth of a share, and of a USD.
    uint256 internal constant VIRTUAL = 1e12;

    /// @dev Shares for a deposit: d·(S + V)/(E + V). D18{share}. Into a pool without shares 1 for 1, whatever it owns: that belongs to nobody.
    /// @param amountUsd D18{USD}, d
    /// @param equityUsd D18{USD}, E before the deposit
    /// @param supply D18{share}, S before the deposit
    function mintDown(uint256 amountUsd, uint256 equityUsd, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return amountUsd;
        return amountUsd.mulDivDown(supply + VIRTUAL, equityUsd + VIRTUAL);
    }

    /// @dev Price of a number of shares: n·(E + V)/(S + V). D18{USD}; `mintDown` of it is at least n.
    /// @param shares D18{share}, n
    function costUp(uint256 shares, uint256 equityUsd, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return shares;
        return shares.mulDivUp(equityUsd + VIRTUAL, supply + VIRTUAL);
    }

    /// @dev The same, rounded down. D18{USD}
    function valueDown(uint256 shares, uint256 equityUsd, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return shares;
        return shares.mulDivDown(equityUsd + VIRTUAL, supply + VIRTUAL);
    }

    /// @dev Price of a share for those who enter. D18{USD/share}
    function entryPriceUp(uint256 equityUsd, uint256 supply) internal pure returns (uint256) {
        return supply == 0 ? WAD : (equityUsd + VIRTUAL).mulDivUp(WAD, supply + VIRTUAL);
    }

    /// @dev Worth of shares to those who leave: n·R/(S + V). D18{USD}. For all shares together it stays below R.
    /// @param shares D18{share}, n
    /// @param redeemableUsd D18{USD}, R
    /// @param supply D18{share}, S, `shares` included
    function worthDown(uint256 shares, uint256 redeemableUsd, uint256 supply) internal pure returns (uint256) {
        return shares.mulDivDown(redeemableUsd, supply + VIRTUAL);
    }

    /// @dev Shares to burn for a payment: x·(S + V)/R. D18{share}
    function burnUp(uint256 amountUsd, uint256 redeemableUsd, uint256 supply) internal pure returns (uint256) {
        return amountUsd.mulDivUp(supply + VIRTUAL, redeemableUsd);
    }

    /// @dev Price of a share for those who leave. D18{USD/share}
    function exitPriceDown(uint256 redeemableUsd, uint256 supply) internal pure returns (uint256) {
        return redeemableUsd.mulDivDown(WAD, supply + VIRTUAL);
    }
}
