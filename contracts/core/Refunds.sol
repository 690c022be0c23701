// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {HAS_CHARGES, HouseState, MAX_REFUNDS_PER_LIQUIDATION} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Touching} from "./Touching.sol";

/// @title Refunds before a liquidation
library Refunds {
    /// @dev Refunds already proven count before anybody is liquidated through a charge.
    function claimBefore(HouseState storage state, AccountId account, MarketId market) internal {
        if (Accounts.flagsOf(state, account) & HAS_CHARGES == 0) return;
        uint256 bucket = state.oracle.observe(market.bit(), Freshness.SameBlock)[0].bucket;
        if (Touching.applyEvents(state, account, market, bucket) != 0) return;
        MarketEvents.claimRefunds(state, account, market, MAX_REFUNDS_PER_LIQUIDATION);
    }
}
