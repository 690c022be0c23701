// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, WAD} from "../../contracts/libraries/FixedPoint.sol";
import {LossMath} from "../../contracts/libraries/LossMath.sol";

/// @title Socialized losses and tear-ups
/// @notice Proved by `npm run prove`. Amounts are below 2¹¹², as what is stored is.
contract LossMathProofs {
    /// @notice γ ≤ 1 (SOC-1)
    function prove_fractionUp_isAtMostOne(uint256 lossUsd, uint256 baseUsd) external pure {
        require(lossUsd < 1 << 112 && baseUsd < 1 << 112);
        assert(LossMath.fractionUp(lossUsd, baseUsd) <= WAD);
    }

    /// @notice γ·G ≥ r whenever G ≥ r: the fraction never asks less than the loss
    function prove_fractionUp_bringsInTheLoss(uint256 lossUsd, uint256 baseUsd) external pure {
        require(lossUsd < 1 << 112 && baseUsd < 1 << 112 && lossUsd <= baseUsd);
        assert(LossMath.fractionUp(lossUsd, baseUsd) * baseUsd >= lossUsd * WAD);
    }

    /// @notice γ is the least fraction that does
    function prove_fractionUp_isTheLeast(uint256 lossUsd, uint256 baseUsd) external pure {
        require(lossUsd < 1 << 112 && baseUsd < 1 << 112 && lossUsd <= baseUsd && lossUsd != 0);
        assert((LossMath.fractionUp(lossUsd, baseUsd) - 1) * baseUsd < lossUsd * WAD);
    }

    /// @notice A charge is at most the gain it is taken from (SOC-2)
    function prove_chargeUp_isAtMostTheGain(uint256 gainUsd, uint256 fraction) external pure {
        require(gainUsd < 1 << 112 && fraction <= WAD);
        assert(LossMath.chargeUp(gainUsd, fraction) <= gainUsd);
    }

    /// @notice No charge without a gain
    function prove_chargeUp_isNothingWithoutGain(uint256 fraction) external pure {
        require(fraction <= WAD);
        assert(LossMath.chargeUp(0, fraction) == 0);
    }

    /// @notice Two charges are together at least the charge of both gains: splitting a position saves nothing
    function prove_chargeUp_isNotSavedBySplitting(uint256 one, uint256 other, uint256 fraction) external pure {
        require(one < 1 << 112 && other < 1 << 112 && fraction <= WAD);
        uint256 together = LossMath.chargeUp(one + other, fraction);
        assert(LossMath.chargeUp(one, fraction) + LossMath.chargeUp(other, fraction) >= together);
    }

    /// @notice Winners whose gains are G pay at least r (here two of them; by the theorem before, more of them pay no less)
    function prove_chargeUp_collectsWhatWasBooked(uint256 one, uint256 other, uint256 lossUsd) external pure {
        require(one < 1 << 112 && other < 1 << 112 && lossUsd <= one + other && one + other != 0);
        uint256 fraction = LossMath.fractionUp(lossUsd, one + other);
        assert(LossMath.chargeUp(one, fraction) + LossMath.chargeUp(other, fraction) >= lossUsd);
    }

    /// @notice G covers r and what winners own beyond the losers' dues
    function prove_shareBase_coversTheLoss(
        uint256 reserveUsd,
        uint256 lossUsd,
        uint256 sideGainsUsd,
        uint256 surplusUsd,
        uint256 uncollectedUsd
    ) external pure {
        require(reserveUsd < 1 << 112 && lossUsd < 1 << 112 && sideGainsUsd < 1 << 200);
        require(surplusUsd < 1 << 112 && uncollectedUsd < 1 << 112);
        uint256 base = LossMath.shareBase(reserveUsd, lossUsd, sideGainsUsd, surplusUsd, uncollectedUsd);
        assert(base >= reserveUsd + lossUsd);
        assert(base + uncollectedUsd >= sideGainsUsd + surplusUsd);
    }

    /// @notice What a winner got back and gets back is at most its charge, whatever is revealed
    function prove_refundDue_isAtMostTheCharge(
        uint256 gainUsd,
        uint256 fraction,
        uint256 lossUsd,
        uint256 revealedUsd,
        uint256 receivedUsd
    ) external pure {
        require(gainUsd < 1 << 112 && fraction <= WAD && lossUsd < 1 << 112);
        require(revealedUsd >= gainUsd && revealedUsd < 1 << 112);
        uint256 charge = LossMath.chargeUp(gainUsd, fraction);
        require(receivedUsd <= charge);
        uint256 due = LossMath.refundDue(gainUsd, fraction, lossUsd, revealedUsd, receivedUsd);
        assert(receivedUsd + due <= charge);
    }

    /// @notice After its refund a winner has still paid its share of the loss, ⌈g·r/A⌉
    function prove_refundDue_leavesTheShareOfTheLoss(
        uint256 gainUsd,
        uint256 fraction,
        uint256 lossUsd,
        uint256 revealedUsd
    ) external pure {
        require(gainUsd < 1 << 112 && gainUsd != 0 && fraction <= WAD && lossUsd < 1 << 112);
        require(revealedUsd >= gainUsd && revealedUsd < 1 << 112);
        uint256 due = LossMath.refundDue(gainUsd, fraction, lossUsd, revealedUsd, 0);
        uint256 paid = LossMath.chargeUp(gainUsd, fraction) - due;
        assert(due == 0 || paid >= FixedPoint.mulDivUp(gainUsd, lossUsd, revealedUsd));
    }

    /// @notice A tear-up closes at most the position, and never turns it round
    function prove_tearUpFill_staysWithinThePosition(int256 size, uint256 fraction) external pure {
        require(size > -(1 << 112) && size < 1 << 112 && fraction <= WAD);
        int256 fill = LossMath.tearUpFill(size, fraction);
        if (size >= 0) assert(fill >= 0 && fill <= size);
        else assert(fill <= 0 && fill >= size);
    }

    /// @notice A whole tear-up closes everything: f = 1 leaves nothing
    function prove_tearUpFill_closesEverythingAtOne(int256 size) external pure {
        require(size > -(1 << 112) && size < 1 << 112);
        assert(LossMath.tearUpFill(size, WAD) == size);
    }

    /// @notice Fills of positions are together at most the fill of their sum: the mirror never owes more than it took (here two of them)
    function prove_tearUpFill_conserves(int256 one, int256 other, uint256 fraction) external pure {
        require(one >= 0 && one < 1 << 112 && other >= 0 && other < 1 << 112 && fraction <= WAD);
        int256 together = LossMath.tearUpFill(one + other, fraction);
        int256 apart = LossMath.tearUpFill(one, fraction) + LossMath.tearUpFill(other, fraction);
        assert(apart <= together && together - apart <= 1);
    }
}
