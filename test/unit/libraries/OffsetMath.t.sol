// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GroupMargins, OffsetMath} from "../../../contracts/libraries/OffsetMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract OffsetMathTest is LibraryTest {
    uint256 private constant KAPPA = 0.6e18;

    /* EDGES */

    function test_offsetDown_isNothing_whenOneSideIsEmpty() public pure {
        assertEq(OffsetMath.offsetDown(GroupMargins(7e18, 0, 0), KAPPA), 0);
        assertEq(OffsetMath.offsetDown(GroupMargins(0, 7e18, 0), KAPPA), 0);
        assertEq(OffsetMath.offsetDown(GroupMargins(7e18, 7e18, 0), 0), 0);
    }

    function test_offsetDown_isNothing_whenBothMarginsAreAlike() public pure {
        assertEq(OffsetMath.offsetDown(GroupMargins(5e18, 5e18, 10e18), KAPPA), 0);
        assertEq(OffsetMath.offsetDown(GroupMargins(5e18, 5e18, 10e18 + 1), KAPPA), 0);
        assertEq(OffsetMath.offsetDown(GroupMargins(5e18, 5e18, 10e18 - 1), KAPPA), 0);
        assertEq(OffsetMath.offsetDown(GroupMargins(5e18, 5e18, 10e18 - 2), KAPPA), 1);
    }

    function test_offsetDown_takesTwiceTheSmallerLeg_whenMuchRemains() public pure {
        // 2 · 0.6 · 1 of 11, of whose distance of 4.4 to maintenance margin 2.2 would be allowed.
        assertEq(OffsetMath.offsetDown(GroupMargins(10e18, 1e18, 6.6e18), KAPPA), 1.2e18);
        assertEq(OffsetMath.offsetDown(GroupMargins(1e18, 10e18, 6.6e18), KAPPA), 1.2e18);
    }

    function test_offsetDown_leavesHalfTheDistance_whenLegsAreAlike() public pure {
        // 2 · 0.6 · 5 = 6 of 10; half of 10 − 6 is 2.
        assertEq(OffsetMath.offsetDown(GroupMargins(5e18, 5e18, 6e18), KAPPA), 2e18);
    }

    function test_offsetDown_roundsDown() public pure {
        assertEq(OffsetMath.offsetDown(GroupMargins(10, 1, 0), KAPPA), 1);
        assertEq(OffsetMath.offsetDown(GroupMargins(10, 1, 0), 0.5e18 - 1), 0);
    }

    /* PROPERTIES */

    /// @dev What is left is at least √(L² + S² − 2κLS), with its square taken instead of its root.
    function testFuzz_offsetDown_leavesTheDeviation(
        uint256 longUsd,
        uint256 shortUsd,
        uint256 maintenanceUsd,
        uint256 correlation
    ) public pure {
        longUsd = bound(longUsd, 0, 1e30);
        shortUsd = bound(shortUsd, 0, 1e30);
        maintenanceUsd = bound(maintenanceUsd, 0, longUsd + shortUsd);
        correlation = bound(correlation, 0, OffsetMath.MAX_CORRELATION);
        uint256 offsetUsd = OffsetMath.offsetDown(GroupMargins(longUsd, shortUsd, maintenanceUsd), correlation);
        uint256 left = longUsd + shortUsd - offsetUsd;
        // As D18, exact: 10⁷⁸ does not fit, so both sides are divided by 10¹⁸ against the claim.
        uint256 squares = longUsd * longUsd + shortUsd * shortUsd;
        uint256 product = 2 * longUsd * shortUsd;
        uint256 saved = (product / 1e18) * correlation;
        assertGe(left * left + 1, squares - (saved > squares ? squares : saved) - (product % 1e18));
    }

    /// @dev The same where nothing else lowers the offset: the bound by half of the sum is needed, and reached.
    function testFuzz_offsetDown_growsWithTheCorrelation(
        uint256 longUsd,
        uint256 shortUsd,
        uint256 maintenanceUsd,
        uint256 lower,
        uint256 higher
    ) public pure {
        longUsd = bound(longUsd, 0, 1e40);
        shortUsd = bound(shortUsd, 0, 1e40);
        maintenanceUsd = bound(maintenanceUsd, 0, longUsd + shortUsd);
        higher = bound(higher, 0, OffsetMath.MAX_CORRELATION);
        lower = bound(lower, 0, higher);
        GroupMargins memory margins = GroupMargins(longUsd, shortUsd, maintenanceUsd);
        uint256 offsetUsd = OffsetMath.offsetDown(margins, higher);
        assertLe(OffsetMath.offsetDown(margins, lower), offsetUsd);
        // Initial margin stays above maintenance margin by half of what it was.
        assertGe(2 * (longUsd + shortUsd - offsetUsd - maintenanceUsd), longUsd + shortUsd - maintenanceUsd);
    }
}
