// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";
import {Portfolio} from "../types/Portfolio.sol";
import {IRiskEngine} from "./IRiskEngine.sol";

/// @title Initial margin that knows hedges
/// @notice Markets that move together form a group with a stressed correlation κ: no more than what is left of it in a crash. Of an account that is long in one market of a group and short in
/// another, initial margin asks less by
///
///     min( 2κ·min(L, S), ½·(M_I − M_M) )
///
/// where L and S are the plain initial margins N·m_I·ρ of its longs and of its shorts there, M_I = L + S, and M_M the plain maintenance margins N·m_M·ρ of both. What size, a full market,
/// concentration and low coverage add is asked in full; positions in a market without a valid price, with low coverage or with losses not yet collected count as if they were not there.
///
/// Maintenance margin offsets nothing. A liquidation closes one leg at a time, each in its own market, and what stays is naked: if legs shared their maintenance margin, closing one could
/// ask for more, and two like legs could not be closed one after the other at all. So an offset that shrinks makes nobody liquidatable (RAMP-1), and at least half of the distance between
/// the two margins remains.
/// @dev What is asked covers the hedge. With L ≥ S and correlation κ the deviation of the pair is √(L² + S² − 2κLS), in units in which each leg alone needs its margin. The offset leaves at
/// least the larger of A = L + S − 2κS and B = (L + S)/2, and A² − (L² + S² − 2κLS) = 2S·(1 − κ)·(L − 2κS): enough where L ≥ 2κS. Elsewhere 2κS > L gives, with l = L/S ≥ 1,
/// B² − (L² + S² − 2κLS) > S²·(l + 3)·(l − 1)/4 ≥ 0.
interface IOffsetMargin {
    /* EVENTS */

    /// @notice A market joined a group, or left it for group 0.
    event GroupSet(MarketId indexed market, uint256 oldGroup, uint256 newGroup);

    /// @notice The stressed correlation of a group changed. D18{1}
    event CorrelationSet(uint256 indexed group, uint256 oldCorrelation, uint256 newCorrelation);

    /* ERRORS */

    /// @notice Thrown when there can be no such group. Choose one from `lowest` to `highest`.
    error GroupOutOfBounds(uint256 group, uint256 lowest, uint256 highest);

    /// @notice Thrown when a correlation is above what any group may be believed. D18{1}
    error CorrelationTooHigh(uint256 group, uint256 correlation, uint256 highest);

    /// @notice Thrown when terms of markets are to be set here. They are `engine`'s: set them there.
    error TermsSetElsewhere(IRiskEngine engine);

    /* GOVERNANCE */

    /// @notice Puts a market into a group; 0: into none.
    /// @custom:access restricted by the authority
    function setGroup(MarketId market, uint256 newGroup) external;

    /// @notice Sets the stressed correlation of a group. 0, as at the start, offsets nothing.
    /// @param newCorrelation D18{1}, κ, at most 0.8
    /// @custom:access restricted by the authority
    function setCorrelation(uint256 group, uint256 newCorrelation) external;

    /* VIEWS */

    /// @notice The engine that judges everything else and owns all other terms.
    function BASE() external view returns (IRiskEngine);

    /// @notice The group of a market; 0: none.
    function groupOf(MarketId market) external view returns (uint256 group);

    /// @notice The stressed correlation of a group. D18{1}
    function correlationOf(uint256 group) external view returns (uint256 correlation);

    /// @notice By how much hedges lower the initial margin of an account.
    /// @return offsetUsd D18{USD}
    /// @custom:rounding down
    function offsetOf(Portfolio calldata portfolio) external view returns (uint256 offsetUsd);
}
