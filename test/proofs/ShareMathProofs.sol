// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ShareMath} from "../../contracts/libraries/ShareMath.sol";

/// @title Shares of pools (ROUND-1)
/// @notice Proved by `npm run prove`. Amounts and supplies are below 2¹¹².
contract ShareMathProofs {
    /// @notice A deposit and a redemption at one price return no more than was paid
    function prove_worthDown_returnsNoMoreThanPaid(uint256 amountUsd, uint256 equityUsd, uint256 supply) external pure {
        require(amountUsd < 1 << 112 && equityUsd < 1 << 112 && supply < 1 << 112 && supply != 0);
        uint256 minted = ShareMath.mintDown(amountUsd, equityUsd, supply);
        require(minted < 1 << 112);
        assert(ShareMath.worthDown(minted, equityUsd + amountUsd, supply + minted) <= amountUsd);
    }

    /// @notice Paying what shares cost mints at least them
    function prove_costUp_buysTheShares(uint256 shares, uint256 equityUsd, uint256 supply) external pure {
        require(shares < 1 << 100 && equityUsd < 1 << 100 && supply < 1 << 100);
        uint256 cost = ShareMath.costUp(shares, equityUsd, supply);
        require(cost < 1 << 112);
        assert(ShareMath.mintDown(cost, equityUsd, supply) >= shares);
    }

    /// @notice All shares together are worth at most what can be redeemed
    function prove_worthDown_staysWithinThePool(uint256 shares, uint256 redeemableUsd, uint256 supply) external pure {
        require(redeemableUsd < 1 << 112 && supply < 1 << 112 && shares <= supply);
        assert(ShareMath.worthDown(shares, redeemableUsd, supply) <= redeemableUsd);
    }

    /// @notice Burning what a payment takes is worth at least the payment
    function prove_burnUp_paysForThePayment(uint256 amountUsd, uint256 redeemableUsd, uint256 supply) external pure {
        require(amountUsd < 1 << 100 && redeemableUsd < 1 << 100 && redeemableUsd != 0 && supply < 1 << 100);
        uint256 burnt = ShareMath.burnUp(amountUsd, redeemableUsd, supply);
        require(burnt < 1 << 112);
        assert(ShareMath.worthDown(burnt, redeemableUsd, supply) >= amountUsd);
    }

    /// @notice Redeeming leaves the others no less per share
    function prove_worthDown_leavesTheOthersWhole(uint256 shares, uint256 redeemableUsd, uint256 supply) external pure {
        require(redeemableUsd < 1 << 100 && supply < 1 << 100 && shares <= supply);
        uint256 worth = ShareMath.worthDown(shares, redeemableUsd, supply);
        uint256 before = redeemableUsd * (supply - shares + ShareMath.VIRTUAL);
        assert((redeemableUsd - worth) * (supply + ShareMath.VIRTUAL) >= before);
    }
}
