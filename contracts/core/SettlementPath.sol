// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness} from "../types/Price.sol";
import {FreeCash} from "./FreeCash.sol";
import {HouseState} from "./HouseState.sol";
import {MarketEvents} from "./MarketEvents.sol";
import {PullScope, Settlement, Work} from "./Settlement.sol";
import {Touching} from "./Touching.sol";

/// @title Settling, touching, refunds, and what may be withdrawn: the entry points
/// @dev Deployed on its own and linked: it runs in the house's storage.
library SettlementPath {
    /// @dev Settles one account with the scope its caller is entitled to.
    function settle(HouseState storage state, AccountId account, PullScope scope) external {
        Touching.settle(state, account, scope, true);
    }

    /// @dev See IClearingHouse.touch.
    function touch(HouseState storage state, AccountId account, MarketId market, uint256 maxEvents) external {
        MarketEvents.touch(state, account, market, _bucketOf(state, market), maxEvents);
    }

    /// @dev See IClearingHouse.claimRefunds.
    function claimRefunds(
        HouseState storage state,
        AccountId account,
        MarketId market,
        uint256 maxRecords
    ) external returns (uint256 refundedUsd) {
        Touching.requireCurrent(state, account, market, _bucketOf(state, market));
        return MarketEvents.claimRefunds(state, account, market, maxRecords);
    }

    /// @dev Free cash now, with prices observed only where they are needed. D18{USD}
    function freeCash(HouseState storage state, AccountId account) external returns (uint256) {
        if (!FreeCash.needsPrices(state, account)) return FreeCash.flat(state, account);
        Work memory work = Touching.open(state, account, 0, Freshness.SameBlock);
        return FreeCash.gathered(state, work, Settlement.portfolioOf(state, work, MarginKind.Initial));
    }

    function _bucketOf(HouseState storage state, MarketId market) private returns (uint256) {
        return state.oracle.observe(market.bit(), Freshness.SameBlock)[0].bucket;
    }
}
