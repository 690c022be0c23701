// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {CoverageLevel} from "../types/CoverageLevel.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Coverage} from "./Coverage.sol";
import {HouseState} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {OrderRules} from "./OrderRules.sol";
import {Standing} from "./Standing.sol";

/// @title Coverage: measured by anybody, at any time
/// @dev Deployed on its own and linked: it runs in the house's storage.
library CoveragePath {
    /// @dev See IClearingHouse.refreshCoverage.
    function refresh(HouseState storage state, MarketId id) external returns (CoverageLevel level) {
        Book memory book = Markets.load(state, id, state.oracle.observe(id.bit(), Freshness.SameBlock)[0]);
        OrderRules.requirePrice(book);
        level = Coverage.renew(state, book);
        Markets.save(state, book);
    }

    /// @dev See IClearingHouse.coverageOf.
    function coverageOf(
        HouseState storage state,
        MarketId id
    ) external view returns (IClearingHouse.CoverageState memory coverage) {
        Book memory book = Markets.load(state, id, state.oracle.peek(id.bit())[0]);
        coverage.level = Coverage.levelIn(book.rates.alertsOf());
        coverage.openInterestUsd = Markets.largerSideUsdUp(book);
        (coverage.measuredLevel, coverage.buffersUsd, coverage.targetUsd) = Coverage.measure(
            state,
            id,
            coverage.openInterestUsd
        );
    }

    /// @dev See IClearingHouse.standingOf.
    function standingOf(HouseState storage state, AccountId account) external view returns (uint256 goodDays) {
        return Standing.daysOf(Accounts.load(state, account));
    }
}
