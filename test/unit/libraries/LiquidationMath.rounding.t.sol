// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidationMath, Reduction} from "../../../contracts/libraries/LiquidationMath.sol";
import {Test} from "../../support/Test.sol";

/// @notice ROUND-1 of liquidations, to the unit: sizes that reach a target round up, sizes that can be afforded down.
contract LiquidationMath_rounding_Test is Test {
    /// @dev The pool pays half the index for the first unit, a tenth at most; what is closed frees nothing else.
    function _paid(uint256 poolCurvature) private pure returns (Reduction memory) {
        return Reduction(0, 0, 0, poolCurvature, -0.5e18);
    }

    function test_reductionOf_roundsCurvaturesUp() public pure {
        Reduction memory position = LiquidationMath.reductionOf(0, 0, 1e18, 1e18, 1.5e18, 0);
        assertEq(position.sizeCurvature, 1e36);
        assertEq(position.poolCurvature, 333_333_333_333_333_333_333_333_333_333_333_334, "a third, rounded up");
    }

    function test_skewCostUp_stopsAtSixteen_whenAUnitMore() public pure {
        assertEq(LiquidationMath.skewCostUp(1, 16e18 + 1, 1e18), 16e18);
        assertEq(LiquidationMath.skewCostUp(-1, 16e18 + 1, 1e18), -16e18);
    }

    /// @dev Nothing is missing, so it does not matter that closing frees nothing.
    function test_targetUp_isZero_whenTargetIsMetAndClosingOnlyCosts() public pure {
        assertEq(LiquidationMath.targetUp(Reduction(0, 0, 0, 1, 0), 10, 10, 1e18, 0.01e18), 0);
    }

    /// @dev A unit of rate is left of what closing frees: one dollar missing takes 10¹⁸ of them. Nothing left: no size suffices.
    function test_targetUp_computesWithTheLastUnitOfRate() public pure {
        Reduction memory position = Reduction(0, 1e18, 0, 0, 0);
        assertEq(LiquidationMath.targetUp(position, 0, 1e18, 1e18, 1e18 - 1), 1e36);
        assertEq(LiquidationMath.targetUp(position, 0, 1e18, 1e18, 1e18), LiquidationMath.EVERYTHING);
    }

    /// @dev x − x²/4 = 1 has the double root 2.
    function test_targetUp_isTheDoubleRoot_whenBothRootsMeet() public pure {
        assertEq(LiquidationMath.targetUp(Reduction(0, 1e18, 0, 0.25e36, 0), 0, 1e18, 1e18, 0), 2e18);
    }

    /// @dev At a tenth of the index, ten dollars closed bring the one that is missing, wherever the flat part ends at ten or beyond.
    function test_targetWithinBandUp_isFlatToItsEnd() public pure {
        assertEq(LiquidationMath.targetWithinBandUp(_paid(1e18), 0, 1e18, 1e18, 0, 0.1e18), 10e18, "far within");
        assertEq(LiquidationMath.targetWithinBandUp(_paid(0.04e36), 0, 1e18, 1e18, 0, 0.1e18), 10e18, "at its end");
        assertEq(
            LiquidationMath.targetWithinBandUp(_paid(0.05e36), 0, 1e18, 1e18, 0, 0.1e18),
            LiquidationMath.EVERYTHING,
            "flat until eight"
        );
    }

    /// @dev Flat until a unit below 0.4: the rest is the line's, whose root 0.4 rounds up.
    function test_targetWithinBandUp_endsTheFlatPartDown() public pure {
        Reduction memory position = Reduction(0, 0.9e18, 0, 1e36 + 1, -0.5e18);
        assertEq(LiquidationMath.targetWithinBandUp(position, 0, 0.4e18, 1e18, 0, 0.1e18), 0.4e18 + 1);
    }

    function test_affordableDown_isZero_whenClosingNeitherFreesNorCosts() public pure {
        assertEq(LiquidationMath.affordableDown(Reduction(1e18, 0, 0, 0, 0), 0.9e18), 0);
    }

    function test_affordableDown_isExact_whenTheQuotientIs() public pure {
        assertEq(LiquidationMath.affordableDown(Reduction(0, 0, 0, 1e18, -1e18), 0), 1e36);
    }

    /// @dev √(4/3) counts as 2, √1 as 1.
    function test_coveredNotionalDown_roundsTheRootUp() public pure {
        assertEq(LiquidationMath.coveredNotionalDown(1, 0, 1, 3e18), 1e18);
        assertEq(LiquidationMath.coveredNotionalDown(1, 0, 1, 4e18), 2e18);
    }
}
