// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {CreditMath, RAY} from "../libraries/CreditMath.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {RateTerms} from "../types/RateTerms.sol";

/// @notice One account's debt: what it owes is `scaled` times the index, and what was written off, which bears no interest.
/// @param scaled D18{USD} at index 1
/// @param writtenOffUsd D18{USD}
struct Debt {
    uint128 scaled;
    uint128 writtenOffUsd;
}

/// @notice All debts.
/// @param index D27{1}, 1 at the beginning
/// @param accruedAt {s}
/// @param totalScaled D18{USD} at index 1, what was written off not counted
/// @param deficits D18{USD}, losses of an account that others had to meet: owed to insurance, never to the lenders
struct DebtData {
    uint128 index;
    uint40 accruedAt;
    uint128 totalScaled;
    uint64 baseRate;
    uint64 kinkRate;
    uint64 maxRate;
    uint64 kinkUtilization;
    mapping(AccountId account => Debt) debts;
    mapping(AccountId account => uint256 deficitUsd) deficits;
}

/// @title Debts that grow by one index
/// @notice An account's debt rounds up and their sum down, so what lenders count on is never more than what is owed.
library DebtBook {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /// @dev D18{1/year}
    uint256 internal constant HIGHEST_RATE = 4 * WAD;

    /* TERMS */

    /// @dev Sets the interest curve within the hard bounds.
    function setTerms(DebtData storage self, RateTerms calldata terms) internal {
        _requireWithin("baseRate", terms.baseRate, 0, terms.kinkRate);
        _requireWithin("kinkRate", terms.kinkRate, 0, terms.maxRate);
        _requireWithin("maxRate", terms.maxRate, 0, HIGHEST_RATE);
        _requireWithin("kinkUtilization", terms.kinkUtilization, 0.1e18, 0.99e18);
        self.baseRate = terms.baseRate.toUint64();
        self.kinkRate = terms.kinkRate.toUint64();
        self.maxRate = terms.maxRate.toUint64();
        self.kinkUtilization = terms.kinkUtilization.toUint64();
    }

    function termsOf(DebtData storage self) internal view returns (RateTerms memory) {
        return
            RateTerms({
                baseRate: self.baseRate,
                kinkRate: self.kinkRate,
                maxRate: self.maxRate,
                kinkUtilization: self.kinkUtilization
            });
    }

    function _requireWithin(bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) {
            revert ICreditVault.RateTermOutOfBounds(term, value, lowest, highest);
        }
    }

    /* INTEREST */

    /// @dev Utilization, rate, and the index up to now, at the cash that lenders have had since the last accrual.
    function interest(
        DebtData storage self,
        uint256 cashUsd
    ) internal view returns (uint256 utilization, uint256 rate, uint256 index) {
        index = self.index;
        uint256 scaled = self.totalScaled;
        if (scaled == 0) return (0, self.baseRate, index);
        utilization = CreditMath.utilizationUp(scaled.mulDivDown(index, RAY), cashUsd);
        rate = CreditMath.rateUp(termsOf(self), utilization);
        uint256 elapsed = block.timestamp - self.accruedAt;
        if (elapsed != 0) index = CreditMath.indexUp(index, rate, elapsed);
    }

    /// @dev Brings the index up to now.
    function accrue(DebtData storage self, uint256 cashUsd) internal returns (uint256 index) {
        if (self.accruedAt == block.timestamp) return self.index;
        uint256 rate;
        (, rate, index) = interest(self, cashUsd);
        self.accruedAt = uint40(block.timestamp);
        if (index == self.index) return index;
        self.index = index.toUint128();
        emit ICreditVault.InterestAccrued(index, rate, totalDown(self, index));
    }

    /* DEBTS */

    /// @dev What all owe at an index. D18{USD}
    function totalDown(DebtData storage self, uint256 index) internal view returns (uint256) {
        return uint256(self.totalScaled).mulDivDown(index, RAY);
    }

    /// @dev What an account owes at an index, and how much of that was written off. D18{USD}
    function owedUp(
        DebtData storage self,
        AccountId account,
        uint256 index
    ) internal view returns (uint256 debtUsd, uint256 writtenOffUsd) {
        Debt memory debt = self.debts[account];
        writtenOffUsd = debt.writtenOffUsd;
        debtUsd = uint256(debt.scaled).mulDivUp(index, RAY) + writtenOffUsd;
    }

    /// @dev Adds to a debt; the index is up to now.
    function lend(DebtData storage self, AccountId account, uint256 amountUsd) internal {
        uint256 scaled = amountUsd.mulDivUp(RAY, self.index);
        Debt storage debt = self.debts[account];
        debt.scaled = (debt.scaled + scaled).toUint128();
        self.totalScaled = (self.totalScaled + scaled).toUint128();
        _emitChange(self, account, amountUsd.toInt256());
    }

    /// @dev Takes from a debt at most `amountUsd`, first from what counts and then from what was written off; the index is up to now.
    function repay(DebtData storage self, AccountId account, uint256 amountUsd) internal returns (uint256 repaidUsd) {
        uint256 index = self.index;
        Debt storage debt = self.debts[account];
        uint256 scaled = debt.scaled;
        uint256 live = scaled.mulDivUp(index, RAY);
        uint256 written = debt.writtenOffUsd;
        uint256 toLive = amountUsd < live ? amountUsd : live;
        uint256 toWritten = amountUsd - toLive < written ? amountUsd - toLive : written;
        repaidUsd = toLive + toWritten;
        if (toLive != 0) {
            uint256 cleared = toLive == live ? scaled : toLive.mulDivDown(RAY, index);
            debt.scaled = uint128(scaled - cleared);
            self.totalScaled -= uint128(cleared);
            _emitChange(self, account, -toLive.toInt256());
        }
        if (toWritten != 0) {
            debt.writtenOffUsd = uint128(written - toWritten);
            emit ICreditVault.WrittenOffRepaid(account, toWritten, written - toWritten);
        }
    }

    /// @dev Takes a debt out of what lenders count on; the index is up to now.
    function writeOff(DebtData storage self, AccountId account) internal returns (uint256 amountUsd) {
        Debt storage debt = self.debts[account];
        uint256 scaled = debt.scaled;
        amountUsd = scaled.mulDivUp(self.index, RAY);
        debt.scaled = 0;
        debt.writtenOffUsd = (debt.writtenOffUsd + amountUsd).toUint128();
        self.totalScaled -= uint128(scaled);
        emit ICreditVault.DebtWrittenOff(account, amountUsd, debt.writtenOffUsd, totalDown(self, self.index));
    }

    /* DEFICITS */

    /// @dev Adds losses of an account that others had to meet.
    function bear(DebtData storage self, AccountId account, uint256 amountUsd) internal {
        uint256 deficit = self.deficits[account] + amountUsd;
        self.deficits[account] = deficit;
        emit ICreditVault.DeficitOwed(account, amountUsd, deficit);
    }

    /// @dev Takes from them at most `amountUsd`.
    function makeGood(DebtData storage self, AccountId account, uint256 amountUsd) internal returns (uint256 paidUsd) {
        uint256 deficit = self.deficits[account];
        paidUsd = amountUsd < deficit ? amountUsd : deficit;
        if (paidUsd == 0) return 0;
        self.deficits[account] = deficit - paidUsd;
        emit ICreditVault.DeficitRepaid(account, paidUsd, deficit - paidUsd);
    }

    function _emitChange(DebtData storage self, AccountId account, int256 deltaUsd) private {
        uint256 index = self.index;
        (uint256 debtUsd, uint256 writtenOffUsd) = owedUp(self, account, index);
        emit ICreditVault.DebtChanged(account, deltaUsd, debtUsd - writtenOffUsd, totalDown(self, index));
    }
}
