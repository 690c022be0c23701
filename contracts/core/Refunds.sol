// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {HAS_CHARGES, HouseState, MAX_EVENTS_PER_TOUCH, MAX_REFUNDS_PER_LIQUIDATION} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {Markets} from "./Markets.sol";
import {Touching} from "./Touching.sol";

/// @title Refunds before a liquidation
library Refunds {
    /// @dev Refunds already proven in a set of markets count before anybody is liquidated, taken over or torn up through a charge.
    function claimBefore(HouseState storage state, AccountId account, uint256 markets, Freshness freshness) internal {
        if (Accounts.flagsOf(state, account) & HAS_CHARGES == 0) return;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                MarketId id = MarketId.wrap(number);
                uint256 bucket = state.oracle.observe(id.bit(), freshness)[0].bucket;
                bucket = Markets.bucketOf(state.markets[id], bucket);
                // One call applies so many events and no more: where others wait, the plan will say so.
                if (Touching.pendingEvents(state, account, id) <= MAX_EVENTS_PER_TOUCH) {
                    Touching.applyEvents(state, account, id, bucket);
                    MarketEvents.claimRefunds(state, account, id, MAX_REFUNDS_PER_LIQUIDATION);
                }
            }
            markets >>= 1;
        }
    }
}
