// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, SIGNED_WAD, WAD} from "./FixedPoint.sol";

/// @title Sharing a loss among unsettled gains
/// @notice A deficit r that no buffer covers is charged to the market's winners in proportion to their unsettled gain g at the event's price:
/// each pays γ·g with γ = r/G. Every function depends only on the position's own untouched state, so order and time of touching do not matter (SOC-1).
/// @dev Charges round up and refunds down, so what is collected is never below what was booked and no refund exceeds what was overpaid.
library LossMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Unsettled gain g = max(0, ⌊s·X⌋ + v) of a position or of a side. D18{USD}. Needs |s|, |X| below 2¹²⁷.
    function gainAt(int256 size, int256 x, int256 quote) internal pure returns (uint256) {
        return (size.mulWadFloor(x) + quote).positivePart();
    }

    /// @dev The base G a loss is shared over: max(B + r, Σ gains of the long, short and flat side + S − L). D18{USD}.
    /// The first form is what winners must own in total beyond the losers' dues, the second what the side sums show.
    /// @param reserveUsd B
    /// @param lossUsd r, the loss being booked
    /// @param sideGainsUsd Σ max(0, s_side·X + v_side) over long, short and flat
    /// @param surplusUsd S
    /// @param uncollectedUsd L before this loss
    function shareBase(
        uint256 reserveUsd,
        uint256 lossUsd,
        uint256 sideGainsUsd,
        uint256 surplusUsd,
        uint256 uncollectedUsd
    ) internal pure returns (uint256) {
        uint256 owned = reserveUsd + lossUsd;
        uint256 shown = sideGainsUsd + surplusUsd;
        // The subtraction happens only where it is positive.
        unchecked {
            shown = shown > uncollectedUsd ? shown - uncollectedUsd : 0;
        }
        return owned > shown ? owned : shown;
    }

    /// @dev γ = min(1, r/G), rounded up. D18{1}.
    function fractionUp(uint256 lossUsd, uint256 baseUsd) internal pure returns (uint256) {
        return lossUsd >= baseUsd ? (lossUsd == 0 ? 0 : WAD) : lossUsd.divWadUp(baseUsd);
    }

    /// @dev Charge ⌈γ·g⌉ of a position. D18{USD}, at most g because γ is at most 1.
    function chargeUp(uint256 gainUsd, uint256 fraction) internal pure returns (uint256) {
        return gainUsd.mulWadUp(fraction);
    }

    /// @dev What a charged position may get back: g·(γ − min(γ, r/A)) less what it received before, rounded down. D18{USD}. `A`, the gains revealed so
    /// far, only grows, so the due does too.
    /// @param gainUsd g of this position at the event
    /// @param fraction γ of the event
    /// @param lossUsd r of the event
    /// @param revealedUsd A of the event, at least `gainUsd`
    /// @param receivedUsd refunds this position had before
    function refundDue(
        uint256 gainUsd,
        uint256 fraction,
        uint256 lossUsd,
        uint256 revealedUsd,
        uint256 receivedUsd
    ) internal pure returns (uint256) {
        if (gainUsd == 0) return 0;
        uint256 charged = gainUsd.mulWadDown(fraction);
        uint256 kept = gainUsd.mulDivUp(lossUsd, revealedUsd) + receivedUsd;
        // The subtraction happens only where it is positive.
        unchecked {
            return charged > kept ? charged - kept : 0;
        }
    }

    /// @dev Size torn off a position when a fraction f of its side is closed: f·s, truncated towards zero. D18{base}, signed like the position.
    function tearUpFill(int256 size, uint256 fraction) internal pure returns (int256) {
        return (size * fraction.toInt()) / SIGNED_WAD;
    }
}
