// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IBackstopPool} from "../interfaces/IBackstopPool.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {ShareMath} from "../libraries/ShareMath.sol";

/// @notice What the backstop has been worth, and what it has gained and lost.
/// @param prices D18{USD/share} by second
/// @param results gain (high 104 bits) and loss so far, D18{USD}, by second
/// @param bookedUsd D18{USD}, equity that gain and loss account for, deposits and redemptions included
/// @param gainUsd D18{USD}
/// @param lossUsd D18{USD}
struct History {
    Checkpoints.Trace208 prices;
    Checkpoints.Trace208 results;
    int256 bookedUsd;
    uint104 gainUsd;
    uint104 lossUsd;
}

/// @title The history of the backstop
/// @notice Equity changes by deposits and redemptions, which are booked as such, and by gains and losses, which are all the rest.
library BackstopHistory {
    using SafeCast for uint256;
    using FixedPoint for int256;
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant RESULT_BITS = 104;

    /// @dev What equity has changed by since it was last booked is gain or loss.
    function book(History storage self, int256 equityUsd) internal {
        int256 change = equityUsd - self.bookedUsd;
        if (change > 0) self.gainUsd = (self.gainUsd + uint256(change)).toUint104();
        else if (change < 0) self.lossUsd = (self.lossUsd + change.magnitude()).toUint104();
        self.bookedUsd = equityUsd;
    }

    /// @dev A deposit, or, negative, a redemption.
    function flow(History storage self, int256 amountUsd) internal {
        self.bookedUsd += amountUsd;
    }

    /// @dev Records a point at what has been booked.
    function record(History storage self, uint256 supply) internal {
        int256 equityUsd = self.bookedUsd;
        uint256 price = equityUsd < 0 ? 0 : ShareMath.entryPriceUp(uint256(equityUsd), supply);
        uint48 now48 = uint48(block.timestamp);
        (uint256 gainUsd, uint256 lossUsd) = (self.gainUsd, self.lossUsd);
        self.prices.push(now48, price.toUint208());
        self.results.push(now48, uint208((gainUsd << RESULT_BITS) | lossUsd));
        emit IBackstopPool.HistoryRecorded(price, equityUsd, supply, gainUsd, lossUsd);
    }

    /// @dev Number of points.
    function length(History storage self) internal view returns (uint256) {
        return self.prices.length();
    }

    /// @dev Point number `index`.
    function pointAt(History storage self, uint256 index) internal view returns (IBackstopPool.HistoryPoint memory) {
        Checkpoints.Checkpoint208 memory price = self.prices.pos(index.toUint32());
        return _point(price._key, price._value, self.results.pos(index.toUint32())._value);
    }

    /// @dev The last point at or before `timestamp`.
    function before(
        History storage self,
        uint256 timestamp
    ) internal view returns (IBackstopPool.HistoryPoint memory point) {
        // Points are in order of time: the first one after it, less one.
        (uint256 low, uint256 high) = (0, self.prices.length());
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (self.prices.pos(uint32(middle))._key <= timestamp) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? point : pointAt(self, low - 1);
    }

    function _point(
        uint256 recordedAt,
        uint256 sharePrice,
        uint256 result
    ) private pure returns (IBackstopPool.HistoryPoint memory) {
        return
            IBackstopPool.HistoryPoint({
                recordedAt: recordedAt,
                sharePrice: sharePrice,
                gainUsd: result >> RESULT_BITS,
                lossUsd: uint104(result)
            });
    }
}
