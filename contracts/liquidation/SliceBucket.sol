// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";

/// @title Pacing of liquidations
/// @notice A market's bucket holds a capacity in notional; every liquidation takes from it and it fills again linearly, the whole capacity in one window
/// (LIQ-4). One account takes at most a third of it per window. What is used rounds up, what is left rounds down.
library SliceBucket {
    using FixedPoint for uint256;

    /// @dev An account's allowance is the capacity divided by this.
    uint256 internal constant ACCOUNTS_PER_BUCKET = 3;

    /// @dev What is still used of a bucket after it filled for some time. D18{USD}.
    /// @param usedUsd D18{USD}, used at the start of that time
    /// @param capacityUsd D18{USD}
    /// @param elapsedSeconds {s}
    /// @param windowSeconds {s}, above 0
    function usedAfter(
        uint256 usedUsd,
        uint256 capacityUsd,
        uint256 elapsedSeconds,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        // Nothing is overdrawn by more than one capacity, unless the capacity has shrunk since: then it takes longer.
        uint256 filledUsd = capacityUsd.mulDivDown(elapsedSeconds, windowSeconds);
        return usedUsd > filledUsd ? usedUsd - filledUsd : 0;
    }

    /// @dev What a liquidation may take now. D18{USD}.
    /// @param accountUsedRatio D18{1}, used share of the account's own allowance
    function roomDown(uint256 usedUsd, uint256 capacityUsd, uint256 accountUsedRatio) internal pure returns (uint256) {
        if (usedUsd >= capacityUsd || accountUsedRatio >= WAD) return 0;
        uint256 marketUsd = capacityUsd - usedUsd;
        uint256 accountUsd = (capacityUsd * (WAD - accountUsedRatio)) / (ACCOUNTS_PER_BUCKET * WAD);
        return marketUsd < accountUsd ? marketUsd : accountUsd;
    }

    /// @dev True if `notionalUsd` may be taken at once as a whole, overdrawing the bucket by at most one capacity: for positions too small to slice.
    function coversWhole(uint256 usedUsd, uint256 capacityUsd, uint256 notionalUsd) internal pure returns (bool) {
        return usedUsd + notionalUsd <= 2 * capacityUsd;
    }

    /// @dev The used share of an account's allowance after it filled for some time. D18{1}.
    function ratioAfter(
        uint256 usedRatio,
        uint256 elapsedSeconds,
        uint256 windowSeconds
    ) internal pure returns (uint256) {
        uint256 filled = (elapsedSeconds * WAD) / windowSeconds;
        return usedRatio > filled ? usedRatio - filled : 0;
    }

    /// @dev The share of an account's allowance that `notionalUsd` is. D18{1}.
    function ratioOfUp(uint256 notionalUsd, uint256 capacityUsd) internal pure returns (uint256) {
        return notionalUsd.mulDivUp(ACCOUNTS_PER_BUCKET * WAD, capacityUsd);
    }
}
