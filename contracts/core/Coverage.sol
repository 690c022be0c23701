// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {CoverageMath} from "../libraries/CoverageMath.sol";
import {accountIdOf} from "../types/AccountId.sol";
import {CoverageLevel} from "../types/CoverageLevel.sol";
import {MarketId} from "../types/MarketId.sol";
import {Accounts} from "./Accounts.sol";
import {COVERAGE_ALERTS, COVERAGE_LOW, COVERAGE_SHORT, HouseState, TRANCHE} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";

/// @title How far a market's buffers reach
/// @notice The level stands in the market's alerts, where judging an account finds it for nothing. Whatever opens measures it anew, as does every deficit that is
/// covered, and whoever asks for it: a level that is out of date can neither be used to open nor be kept.
library Coverage {
    /// @dev What an opening does before it is judged: measures, and refuses where less than a quarter of the target is there.
    function requireOpen(HouseState storage state, Book memory book) internal {
        if (renew(state, book) != CoverageLevel.Short) return;
        (, uint256 buffers, uint256 target) = measure(state, book.id, Markets.largerSideUsdUp(book));
        // The least buffers that are not short of it.
        revert IClearingHouse.CoverageTooLow(book.id, buffers, target / 4 + (target % 4 == 0 ? 0 : 1));
    }

    /// @dev Measures a market's coverage and writes its level into the book, which the caller saves.
    function renew(HouseState storage state, Book memory book) internal returns (CoverageLevel level) {
        uint256 openInterest = Markets.largerSideUsdUp(book);
        IRiskEngine.CoverTerms memory terms = state.risk.coverTermsOf(book.id);
        level = _levelOf(state, book.id, openInterest, terms);
        uint256 alerts = book.rates.alertsOf();
        if (level == levelIn(alerts)) return level;

        book.rates = book.rates.withAlerts((alerts & ~COVERAGE_ALERTS) | _alertsFor(level));
        (uint256 buffers, uint256 target) = _measure(state, book.id, openInterest, terms);
        emit IClearingHouse.CoverageChanged(book.id, level, buffers, target);
    }

    /// @dev Level, buffers and target of a market with an open interest of `openInterestUsd`. D18{USD}
    function measure(
        HouseState storage state,
        MarketId id,
        uint256 openInterestUsd
    ) internal view returns (CoverageLevel level, uint256 buffersUsd, uint256 targetUsd) {
        IRiskEngine.CoverTerms memory terms = state.risk.coverTermsOf(id);
        (buffersUsd, targetUsd) = _measure(state, id, openInterestUsd, terms);
        level = _levelOf(state, id, openInterestUsd, terms);
    }

    /// @dev The level that a market's alerts say.
    function levelIn(uint256 alerts) internal pure returns (CoverageLevel) {
        if (alerts & COVERAGE_LOW == 0) return CoverageLevel.Full;
        return alerts & COVERAGE_SHORT == 0 ? CoverageLevel.Low : CoverageLevel.Short;
    }

    function _alertsFor(CoverageLevel level) private pure returns (uint256) {
        if (level == CoverageLevel.Full) return 0;
        return level == CoverageLevel.Low ? COVERAGE_LOW : COVERAGE_LOW | COVERAGE_SHORT;
    }

    /// @dev A market without a target is always covered. The fund is only asked where the tranche alone is not enough.
    function _levelOf(
        HouseState storage state,
        MarketId id,
        uint256 openInterestUsd,
        IRiskEngine.CoverTerms memory terms
    ) private view returns (CoverageLevel level) {
        if (terms.coverageTarget == 0) return CoverageLevel.Full;
        uint256 target = CoverageMath.targetUp(openInterestUsd, terms.coverageTarget, terms.bootstrapUsd);
        uint256 tranche = Accounts.cashOf(state, Markets.systemAccount(id, TRANCHE));
        level = CoverageMath.levelOf(tranche, target);
        if (level == CoverageLevel.Full || terms.fundShare == 0) return level;
        return CoverageMath.levelOf(_buffersOf(state, tranche, terms.fundShare), target);
    }

    function _measure(
        HouseState storage state,
        MarketId id,
        uint256 openInterestUsd,
        IRiskEngine.CoverTerms memory terms
    ) private view returns (uint256 buffersUsd, uint256 targetUsd) {
        uint256 tranche = Accounts.cashOf(state, Markets.systemAccount(id, TRANCHE));
        buffersUsd = _buffersOf(state, tranche, terms.fundShare);
        if (terms.coverageTarget == 0) return (buffersUsd, 0);
        targetUsd = CoverageMath.targetUp(openInterestUsd, terms.coverageTarget, terms.bootstrapUsd);
    }

    function _buffersOf(
        HouseState storage state,
        uint256 trancheUsd,
        uint256 fundShare
    ) private view returns (uint256) {
        return CoverageMath.buffersDown(trancheUsd, Accounts.cashOf(state, accountIdOf(state.insurance, 0)), fundShare);
    }
}
