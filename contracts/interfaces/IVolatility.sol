// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @title What accepted prices say about how they move
/// @notice Averages over maturity buckets, as VolatilityMath takes them. Only seconds in which the price was valid count, so nothing decays while it is not; a round that is held as a jump
/// counts once it is confirmed.
interface IVolatility {
    /// @notice A maturity bucket has ended and entered the averages. D18{1/s}
    /// @param bucket its number
    /// @param sampled D18{1}, the variance it showed
    event VolatilityMeasured(MarketId indexed market, uint256 bucket, uint256 sampled, uint256 slow, uint256 fast);

    /// @notice Average variances of the price's logarithm over the buckets that had ended when the price was last stored; the present bucket never counts.
    /// @return slow D18{1/s}, half-life of 30 days, no sample above eight deviations; 0 before the first bucket has ended
    /// @return fast D18{1/s}, half-life of 12 hours
    /// @custom:rounding to the nearest
    function variancesOf(MarketId market) external view returns (uint256 slow, uint256 fast);

    /// @notice Mean price by time over the previous maturity bucket and the present one so far; what is missing since the last observation counts at its price.
    /// @return price D18{USD/base}, 0 before the first price
    /// @custom:rounding down, and by less than 2⁻³⁹ of itself
    function meanPriceOf(MarketId market) external view returns (uint256 price);
}
