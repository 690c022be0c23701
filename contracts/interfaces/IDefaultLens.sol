// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {IClearingHouse} from "./IClearingHouse.sol";

/// @title What a default would cost whom
/// @notice Answers what accounts would pay of their unsettled gains in a market if others defaulted there at a price: what the defaulters leave, what buffers pay of it, which fraction of every gain the rest
/// comes to. Reads only; nothing depends on it.
///
/// It runs the formulas of `resolve` and of a loss event on the house's books as they are. For one defaulter whose events are applied the answer is what would happen, to the unit. For several it is
/// never less than what would be charged, since it takes their deficits for one, of which buffers pay once, where they may pay again and again up to their caps. Charges may be refunded later; the
/// preview says what would be charged first.
interface IDefaultLens {
    /// @notice What a default would leave and who would meet it. D18{USD}
    /// @param x D18{USD/base}, X = price − F
    /// @param deficitUsd what the defaulters cannot pay in this market
    /// @param coveredUsd what buffers pay of it
    /// @param lossUsd what is shared, with what waits already
    /// @param fraction D18{1}, γ: of every gain; 0 where the loss is too small to be booked, and waits
    /// @param shareBaseUsd G
    struct Default {
        int256 x;
        uint256 deficitUsd;
        uint256 coveredUsd;
        uint256 lossUsd;
        uint256 fraction;
        uint256 shareBaseUsd;
    }

    /// @notice What one account would pay. D18{USD}
    /// @param gainUsd g, its unsettled gain in the market at the price
    /// @param chargeUsd ⌈γ·g⌉; 0 for a defaulter
    struct Payer {
        AccountId account;
        uint256 gainUsd;
        uint256 chargeUsd;
    }

    /// @notice Thrown when a price of 0 is asked about, or one that does not fit a price. D18{USD/base}
    error PreviewPriceOutOfRange(MarketId market, uint256 price, uint256 highest);

    /// @notice Thrown when an account is named as a defaulter twice.
    error DefaulterTwice(AccountId account);

    /// @notice What each of a list of accounts would leave in the market at a price: 0 for those that could pay. D18{USD}
    /// @dev Its other markets at their present prices; one without a valid price counts at its last. Gains elsewhere count as far as a settlement would pay them now, credit as far as it can be
    /// drawn now.
    function deficitsOf(
        MarketId market,
        AccountId[] calldata accounts,
        uint256 price
    ) external view returns (uint256[] memory deficitsUsd);

    /// @notice What payers would be charged if all of `defaulters` that are bankrupt at the price defaulted.
    /// @param market where
    /// @param defaulters accounts, each once; those that could pay at the price change nothing
    /// @param price D18{USD/base}, of this market
    /// @param payers accounts to ask about
    function previewDefault(
        MarketId market,
        AccountId[] calldata defaulters,
        uint256 price,
        AccountId[] calldata payers
    ) external view returns (Default memory outcome, Payer[] memory charges);

    /// @notice The house.
    function HOUSE() external view returns (IClearingHouse);
}
