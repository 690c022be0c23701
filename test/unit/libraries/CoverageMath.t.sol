// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CoverageMath} from "../../../contracts/libraries/CoverageMath.sol";
import {CoverageLevel} from "../../../contracts/types/CoverageLevel.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract CoverageMathTest is LibraryTest {
    /* EDGES */

    function test_targetUp_isTheLargerOfBoth() public pure {
        assertEq(CoverageMath.targetUp(0, 0.015e18, 10_000e18), 10_000e18);
        assertEq(CoverageMath.targetUp(1_000_000e18, 0.015e18, 10_000e18), 15_000e18);
        assertEq(CoverageMath.targetUp(1_000_000e18, 0.015e18, 15_000e18 + 1), 15_000e18 + 1);
        assertEq(CoverageMath.targetUp(1, 0.015e18, 0), 1);
    }

    function test_buffersDown_addsAShareOfTheFund() public pure {
        assertEq(CoverageMath.buffersDown(7e18, 100e18, 0.5e18), 57e18);
        assertEq(CoverageMath.buffersDown(7e18, 100e18, 0), 7e18);
        assertEq(CoverageMath.buffersDown(0, 1, 0.999e18), 0);
    }

    function test_levelOf_changesAtAHalfAndAQuarter() public pure {
        _assertLevel(50e18, 100e18, CoverageLevel.Full);
        _assertLevel(50e18 - 1, 100e18, CoverageLevel.Low);
        _assertLevel(25e18, 100e18, CoverageLevel.Low);
        _assertLevel(25e18 - 1, 100e18, CoverageLevel.Short);
        _assertLevel(0, 100e18, CoverageLevel.Short);
        _assertLevel(0, 0, CoverageLevel.Full);
        _assertLevel(0, 1, CoverageLevel.Short);
    }

    function test_raisedRateUp_addsAQuarter() public pure {
        assertEq(CoverageMath.raisedRateUp(0.05e18), 0.0625e18);
        assertEq(CoverageMath.raisedRateUp(0), 0);
        assertEq(CoverageMath.raisedRateUp(1), 2);
        assertEq(CoverageMath.raisedRateUp(4), 5);
    }

    function test_concentrationUp_asksForWhatTheTargetDoesNotReach() public pure {
        // 10 % of 3 million, less 1.5 % of 10 million.
        assertEq(CoverageMath.concentrationUp(3_000_000e18, 0.1e18, 10_000_000e18, 0.015e18, 0), 150_000e18);
        // The bootstrap stands in for a small market.
        assertEq(CoverageMath.concentrationUp(3_000_000e18, 0.1e18, 3_000_000e18, 0.015e18, 250_000e18), 50_000e18);
        assertEq(CoverageMath.concentrationUp(1_500_000e18, 0.1e18, 10_000_000e18, 0.015e18, 0), 0);
        assertEq(CoverageMath.concentrationUp(1_500_000e18 + 1, 0.1e18, 10_000_000e18, 0.015e18, 0), 1);
        assertEq(CoverageMath.concentrationUp(0, 0.1e18, 0, 0.015e18, 0), 0);
    }

    /* FUZZ */

    /// @dev What the engine relies on to spare itself the look: with N ≤ OI and q·OI ≤ bootstrap nobody is concentrated.
    function testFuzz_concentrationUp_isNothing_whenTheMarketIsCalm(
        uint256 interest,
        uint256 notional,
        uint256 move,
        uint256 target
    ) public pure {
        interest = bound(interest, 0, 1e30);
        notional = bound(notional, 0, interest);
        move = bound(move, 0, ONE);
        target = bound(target, 0, ONE);
        uint256 bootstrap = (interest * move + ONE - 1) / ONE;
        assertEq(CoverageMath.concentrationUp(notional, move, interest, target, bootstrap), 0);
    }

    /// @dev Margin and buffers together reach what a move of q costs: q·N ≤ concentration + max(bootstrap, t·OI).
    function testFuzz_concentrationUp_leavesNothingToOthers(
        uint256 interest,
        uint256 notional,
        uint256 move,
        uint256 target,
        uint256 bootstrap
    ) public pure {
        interest = bound(interest, 0, 1e30);
        notional = bound(notional, 0, 1e30);
        move = bound(move, 0, ONE);
        target = bound(target, 0, ONE);
        bootstrap = bound(bootstrap, 0, 1e30);
        uint256 own = CoverageMath.concentrationUp(notional, move, interest, target, bootstrap);
        assertGe(own + CoverageMath.targetUp(interest, target, bootstrap), (notional * move) / ONE);
        // A larger position never needs less.
        assertGe(CoverageMath.concentrationUp(notional + 1, move, interest, target, bootstrap), own);
        if (own != 0) assertEq(own + _targetDown(interest, target, bootstrap), (notional * move + ONE - 1) / ONE);
    }

    function testFuzz_levelOf_onlyRisesWithBuffers(uint256 buffers, uint256 target, uint256 more) public pure {
        buffers = bound(buffers, 0, 1e40);
        target = bound(target, 0, 1e40);
        more = bound(more, 0, 1e40);
        uint256 level = uint256(CoverageMath.levelOf(buffers, target));
        assertLe(uint256(CoverageMath.levelOf(buffers + more, target)), level);
        assertGe(uint256(CoverageMath.levelOf(buffers, target + more)), level);
    }

    function _targetDown(uint256 interest, uint256 target, uint256 bootstrap) private pure returns (uint256) {
        uint256 wanted = (interest * target) / ONE;
        return wanted > bootstrap ? wanted : bootstrap;
    }

    function _assertLevel(uint256 buffers, uint256 target, CoverageLevel level) private pure {
        assertEq(uint256(CoverageMath.levelOf(buffers, target)), uint256(level));
    }
}
