// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @dev One market's LiquidationTerms in one slot: 5 × 4 + 2 + 2 × 5 bytes. Rates D9{1}; `smallNotional` {USD}; `gasFloor` D6{USD}. A target of zero means never set.
struct PackedTerms {
    uint32 target;
    uint32 equityShare;
    uint32 maxPenaltyRate;
    uint32 keeperShare;
    uint32 sliceShare;
    uint16 windowSeconds;
    uint40 smallNotional;
    uint40 gasFloor;
}

/// @title Storage of liquidation terms
/// @notice Bounds, packs and unpacks LiquidationTerms.
library LiquidationParameters {
    using SafeCast for uint256;

    /// @dev Rates are stored with nine decimals, the small notional in dollars, the gas floor in millionths.
    uint256 internal constant RATE_STEP = 1e9;
    uint256 internal constant GAS_FLOOR_STEP = 1e12;

    /// @dev Reverts with LiquidationTermOutOfBounds or LiquidationTermTooFine, else packs.
    function pack(
        MarketId market,
        ILiquidationEngine.LiquidationTerms calldata terms
    ) internal pure returns (PackedTerms memory packed) {
        packed.target = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.Target,
            terms.target,
            1.01e18,
            2 * WAD,
            RATE_STEP
        ).toUint32();
        packed.equityShare = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.EquityShare,
            terms.equityShare,
            0,
            0.95e18,
            RATE_STEP
        ).toUint32();
        packed.maxPenaltyRate = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.MaxPenaltyRate,
            terms.maxPenaltyRate,
            0,
            0.1e18,
            RATE_STEP
        ).toUint32();
        packed.keeperShare = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.KeeperShare,
            terms.keeperShare,
            0,
            WAD,
            RATE_STEP
        ).toUint32();
        packed.sliceShare = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.SliceShare,
            terms.sliceShare,
            0.01e18,
            WAD,
            RATE_STEP
        ).toUint32();
        packed.windowSeconds = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.WindowSeconds,
            terms.windowSeconds,
            1,
            3_600,
            1
        ).toUint16();
        packed.smallNotional = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.SmallNotionalUsd,
            terms.smallNotionalUsd,
            0,
            1_000_000 * WAD,
            WAD
        ).toUint40();
        packed.gasFloor = inSteps(
            market,
            ILiquidationEngine.LiquidationTerm.GasFloorUsd,
            terms.gasFloorUsd,
            0,
            1_000 * WAD,
            GAS_FLOOR_STEP
        ).toUint40();
    }

    /// @dev The terms as they were set; all zero when never set.
    function unpack(PackedTerms memory packed) internal pure returns (ILiquidationEngine.LiquidationTerms memory) {
        return
            ILiquidationEngine.LiquidationTerms({
                target: packed.target * RATE_STEP,
                equityShare: packed.equityShare * RATE_STEP,
                maxPenaltyRate: packed.maxPenaltyRate * RATE_STEP,
                keeperShare: packed.keeperShare * RATE_STEP,
                sliceShare: packed.sliceShare * RATE_STEP,
                windowSeconds: packed.windowSeconds,
                smallNotionalUsd: packed.smallNotional * WAD,
                gasFloorUsd: packed.gasFloor * GAS_FLOOR_STEP
            });
    }

    /// @dev `value` as a number of steps, within its bounds.
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
