// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @dev D18{1}, one unit of a stored rate.
uint256 constant LIQUIDATION_RATE_STEP = 1e9;

/// @dev D18{USD}, one unit of a stored gas floor.
uint256 constant GAS_FLOOR_STEP = 1e12;

/// @dev D18{1}, one unit of a stored range.
uint256 constant RANGE_STEP = 1e12;

/// @dev One market's LiquidationTerms in one word, from the lowest bit: the five rates in order, 32 bits each, as D9; the window in 16 bits; the small
/// notional in 24 bits, {USD}; the gas floor in 32 bits, D6{USD}; the reference range in 24 bits, D6. Zero means never set.
type PackedTerms is uint256;

using {rateOf, windowOf, smallNotionalOf, gasFloorOf, referenceRangeOf} for PackedTerms global;

/// @dev One of the rates, D18{1}.
function rateOf(PackedTerms packed, ILiquidationEngine.LiquidationTerm term) pure returns (uint256) {
    // 2³²·10⁹ fits.
    unchecked {
        return uint32(PackedTerms.unwrap(packed) >> (32 * uint256(term))) * LIQUIDATION_RATE_STEP;
    }
}

/// @dev {s}
function windowOf(PackedTerms packed) pure returns (uint256) {
    return uint16(PackedTerms.unwrap(packed) >> 160);
}

/// @dev D18{USD}
function smallNotionalOf(PackedTerms packed) pure returns (uint256) {
    return uint256(uint24(PackedTerms.unwrap(packed) >> 176)) * WAD;
}

/// @dev D18{USD}
function gasFloorOf(PackedTerms packed) pure returns (uint256) {
    return uint256(uint32(PackedTerms.unwrap(packed) >> 200)) * GAS_FLOOR_STEP;
}

/// @dev D18{1}
function referenceRangeOf(PackedTerms packed) pure returns (uint256) {
    return (PackedTerms.unwrap(packed) >> 232) * RANGE_STEP;
}

/// @title Storage of liquidation terms
/// @notice Bounds, packs and unpacks LiquidationTerms.
library LiquidationParameters {
    /// @dev Reverts with LiquidationTermOutOfBounds or LiquidationTermTooFine, else packs.
    function pack(
        MarketId market,
        ILiquidationEngine.LiquidationTerms calldata terms
    ) internal pure returns (PackedTerms) {
        uint256 word = packRate(market, ILiquidationEngine.LiquidationTerm.Target, terms.target, 1.01e18, 2 * WAD);
        word |= packRate(market, ILiquidationEngine.LiquidationTerm.EquityShare, terms.equityShare, 0, 0.95e18);
        word |= packRate(market, ILiquidationEngine.LiquidationTerm.MaxPenaltyRate, terms.maxPenaltyRate, 0, 0.1e18);
        word |= packRate(market, ILiquidationEngine.LiquidationTerm.KeeperShare, terms.keeperShare, 0, WAD);
        word |= packRate(market, ILiquidationEngine.LiquidationTerm.SliceShare, terms.sliceShare, 0.01e18, WAD);
        word |=
            inSteps(market, ILiquidationEngine.LiquidationTerm.WindowSeconds, terms.windowSeconds, 1, 3_600, 1) << 160;
        word |=
            inSteps(
                market,
                ILiquidationEngine.LiquidationTerm.SmallNotionalUsd,
                terms.smallNotionalUsd,
                0,
                1_000_000 * WAD,
                WAD
            ) << 176;
        word |=
            inSteps(
                market,
                ILiquidationEngine.LiquidationTerm.GasFloorUsd,
                terms.gasFloorUsd,
                0,
                1_000 * WAD,
                GAS_FLOOR_STEP
            ) << 200;
        word |=
            inSteps(
                market,
                ILiquidationEngine.LiquidationTerm.ReferenceRange,
                terms.referenceRange,
                0.0001e18,
                WAD,
                RANGE_STEP
            ) << 232;
        return PackedTerms.wrap(word);
    }

    /// @dev Reverts with LiquidationTermOutOfBounds unless an auction lasts from ten seconds to an hour.
    function requireAuctionSeconds(MarketId market, uint256 durationSeconds) internal pure {
        inSteps(market, ILiquidationEngine.LiquidationTerm.AuctionSeconds, durationSeconds, 10, 3_600, 1);
    }

    /// @dev The terms as they were set; all zero when never set.
    function unpack(PackedTerms packed) internal pure returns (ILiquidationEngine.LiquidationTerms memory) {
        return
            ILiquidationEngine.LiquidationTerms({
                target: packed.rateOf(ILiquidationEngine.LiquidationTerm.Target),
                equityShare: packed.rateOf(ILiquidationEngine.LiquidationTerm.EquityShare),
                maxPenaltyRate: packed.rateOf(ILiquidationEngine.LiquidationTerm.MaxPenaltyRate),
                keeperShare: packed.rateOf(ILiquidationEngine.LiquidationTerm.KeeperShare),
                sliceShare: packed.rateOf(ILiquidationEngine.LiquidationTerm.SliceShare),
                windowSeconds: packed.windowOf(),
                smallNotionalUsd: packed.smallNotionalOf(),
                gasFloorUsd: packed.gasFloorOf(),
                referenceRange: packed.referenceRangeOf()
            });
    }

    /// @dev `value` as D9 at its term's place in the word.
    function packRate(
        MarketId market,
        ILiquidationEngine.LiquidationTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure returns (uint256) {
        return inSteps(market, term, value, lowest, highest, LIQUIDATION_RATE_STEP) << (32 * uint256(term));
    }

    /// @dev `value` as a number of steps, within its bounds: at most 2·10⁹, 3 600, 10⁶, 10⁹ and 10⁶, so each fits its place.
    function inSteps(
        MarketId market,
        ILiquidationEngine.LiquidationTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest,
        uint256 step
    ) private pure returns (uint256) {
        if (value < lowest || value > highest) {
            revert ILiquidationEngine.LiquidationTermOutOfBounds(market, term, value, lowest, highest);
        }
        if (value % step != 0) revert ILiquidationEngine.LiquidationTermTooFine(market, term, value, step);
        return value / step;
    }
}
