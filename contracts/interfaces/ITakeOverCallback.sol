// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";

/// @title What a taker contract may implement to fund itself within a take-over
/// @notice The house calls whoever asked for a take-over with data, before it takes its lock and before it reads anything for it: there is no state in between,
/// and the plan is made anew afterwards. So a taker borrows, swaps and deposits in here.
interface ITakeOverCallback {
    /// @notice Called once before the take-over of a position that would act.
    /// @param account whose position is to be taken over
    /// @param market where
    /// @param plan what the take-over would do now
    /// @param data the request's
    function onTakeOver(
        AccountId account,
        MarketId market,
        ILiquidationEngine.TakeOverPlan calldata plan,
        bytes calldata data
    ) external;

    /// @notice Called once before the take-over of a whole account that would act.
    /// @param account whose positions are to be taken over
    /// @param total the whole
    /// @param parts one plan per market of the account, in ascending order of market
    /// @param data the request's
    function onTakeOverWhole(
        AccountId account,
        ILiquidationEngine.TakeOverPlan calldata total,
        ILiquidationEngine.TakeOverPlan[] calldata parts,
        bytes calldata data
    ) external;
}
