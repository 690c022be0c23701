// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidationMath, Reduction} from "../../../contracts/libraries/LiquidationMath.sol";
import {MarginMath} from "../../../contracts/libraries/MarginMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract LiquidationMathTest is LibraryTest {
    /// @dev A position to be reduced, in the protocol's terms.
    struct Case {
        uint256 notional;
        uint256 rate;
        uint256 slope;
        uint256 depth;
        uint256 poolScale;
        int256 skewCost;
        uint256 equity;
        uint256 maintenance;
        uint256 target;
        uint256 penalty;
        uint256 band;
    }

    /// @dev The brute force works in units of 1e-18 of a unit of USD.
    int256 private constant FINE = 1e18;

    /* EDGES */

    /// @dev The example of the reference: D = $10M, K·P = $1B, N = $1M, H = 0.9 closes $301k at φ = 1 %.
    function test_targetUp_equalsReferenceExample() public pure {
        Reduction memory position = LiquidationMath.reductionOf(
            1_000_000e18,
            0.03e18,
            0.005e18,
            10_000_000e18,
            1_000_000_000e18,
            0
        );
        uint256 answer = LiquidationMath.targetUp(position, 27_450e18, 30_500e18, 1.15e18, 0.01e18);
        assertApproxEqAbs(answer, 301_070e18, 1e18);
        Case memory example = Case({
            notional: 1_000_000e18,
            rate: 0.03e18,
            slope: 0.005e18,
            depth: 10_000_000e18,
            poolScale: 1_000_000_000e18,
            skewCost: 0,
            equity: 27_450e18,
            maintenance: 30_500e18,
            target: 1.15e18,
            penalty: 0.01e18,
            band: ONE
        });
        assertGe(surplus(example, answer, false), 0);
        assertLt(surplus(example, answer - 1e9, false), 0);
    }

    function test_targetUp_isZero_whenTargetIsMet() public pure {
        Reduction memory position = LiquidationMath.reductionOf(1_000e18, 0.03e18, 0, 1e24, 1e26, 0);
        assertEq(LiquidationMath.targetUp(position, 34.5e18, 30e18, 1.15e18, 0), 0);
        // One unit of equity less closes some units, the least that frees one.
        uint256 answer = LiquidationMath.targetUp(position, 34.5e18 - 1, 30e18, 1.15e18, 0);
        assertEq(answer, 29);
    }

    function test_targetUp_isEverything_whenCostEatsMargin() public pure {
        // φ alone costs what τ·m frees.
        Reduction memory position = LiquidationMath.reductionOf(1_000e18, 0.01e18, 0, 1e24, 1e26, 0);
        assertEq(LiquidationMath.targetUp(position, 9e18, 10e18, 1e18, 0.01e18), LiquidationMath.EVERYTHING);
        // One unit of rate below: a root exists, far beyond the position.
        assertGt(LiquidationMath.targetUp(position, 9e18, 10e18, 1e18, 0.01e18 - 1), 1_000e18);
        // The skew costs it.
        position = LiquidationMath.reductionOf(1_000e18, 0.01e18, 0, 1e24, 1e26, 0.01e18);
        assertEq(LiquidationMath.targetUp(position, 9e18, 10e18, 1e18, 0), LiquidationMath.EVERYTHING);
        // A thin pool: the root is not real.
        position = LiquidationMath.reductionOf(1_000e18, 0.01e18, 0, 1e24, 1e18, 0);
        assertEq(LiquidationMath.targetUp(position, 9e18, 10e18, 1e18, 0), LiquidationMath.EVERYTHING);
    }

    function test_reductionOf_countsThinDepthAndPoolAsOneDollar() public pure {
        Reduction memory one = LiquidationMath.reductionOf(1e18, 0.03e18, 0.005e18, 1e18, 1e18, 7);
        Reduction memory none = LiquidationMath.reductionOf(1e18, 0.03e18, 0.005e18, 0, 0, 7);
        assertEq(keccak256(abi.encode(one)), keccak256(abi.encode(none)));
        assertEq(one.marginalRate, 0.04e18);
        assertEq(one.sizeCurvature, 0.005e36);
        assertEq(one.poolCurvature, 0.5e36);
        assertEq(one.skewCost, 7);
    }

    function test_skewCostUp_dependsOnSideAndRoundsUp() public pure {
        // Longs outweigh: selling costs less than nothing, buying more.
        assertEq(LiquidationMath.skewCostUp(-1, 100e18, 10_000e18), -0.01e18);
        assertEq(LiquidationMath.skewCostUp(1, 100e18, 10_000e18), 0.01e18);
        assertEq(LiquidationMath.skewCostUp(0, 100e18, 10_000e18), 0.01e18);
        assertEq(LiquidationMath.skewCostUp(-1, -100e18, 10_000e18), 0.01e18);
        assertEq(LiquidationMath.skewCostUp(1, 1, 3e18), 1);
        assertEq(LiquidationMath.skewCostUp(-1, 1, 3e18), 0);
    }

    function test_skewCostUp_stopsAtSixteen() public pure {
        assertEq(LiquidationMath.skewCostUp(1, 16, 1), 16e18);
        assertEq(LiquidationMath.skewCostUp(1, 17, 1), 16e18);
        assertEq(LiquidationMath.skewCostUp(-1, 17, 1), -16e18);
        assertEq(LiquidationMath.skewCostUp(1, type(int120).max, 1), 16e18);
        assertEq(LiquidationMath.skewCostUp(-1, type(int120).max, 1), -16e18);
    }

    function test_penaltyRateDown_yieldsToEquity() public pure {
        assertEq(LiquidationMath.penaltyRateDown(27_450e18, 1_000_000e18, 0.01e18, 0.8e18), 0.01e18);
        assertEq(LiquidationMath.penaltyRateDown(10_000e18, 1_000_000e18, 0.01e18, 0.8e18), 0.008e18);
        assertEq(LiquidationMath.penaltyRateDown(0, 1_000_000e18, 0.01e18, 0.8e18), 0);
        assertEq(LiquidationMath.penaltyRateDown(1, 3, 1e18, 1e18), 333333333333333333);
    }

    function test_affordableDown_isZero_whenSkewCostsMoreThanMarginFreed() public pure {
        Reduction memory position = LiquidationMath.reductionOf(1_000e18, 0.03e18, 0, 1e24, 1e26, 0.027e18);
        assertEq(LiquidationMath.affordableDown(position, 0.9e18), 0);
        assertEq(LiquidationMath.affordableDown(position, 0), 0);
        position.skewCost -= 1;
        assertGt(LiquidationMath.affordableDown(position, 0.9e18), 0);
    }

    function test_healthBudgetDown_isShareOfEquity() public pure {
        assertEq(LiquidationMath.healthBudgetDown(27_450e18, 30_500e18, 30_500e18), 27_450e18);
        assertEq(LiquidationMath.healthBudgetDown(27_450e18, 30_500e18, 0), 0);
        assertEq(LiquidationMath.healthBudgetDown(0, 30_500e18, 1e18), 0);
        assertEq(LiquidationMath.healthBudgetDown(2, 3, 1), 0);
        assertEq(LiquidationMath.healthBudgetDown(2, 3, 2), 1);
    }

    function test_coveredNotionalDown_coversAll_whenNothingIsRequired() public pure {
        assertEq(LiquidationMath.coveredNotionalDown(0, 0, 0, 1e18), LiquidationMath.EVERYTHING);
        assertEq(LiquidationMath.coveredNotionalDown(1e18, 0, 0, 1e18), LiquidationMath.EVERYTHING);
        assertEq(LiquidationMath.coveredNotionalDown(0, 0.05e18, 0, 1e18), 0);
        assertEq(LiquidationMath.coveredNotionalDown(50e18, 0.05e18, 0, 1e18), 1_000e18);
    }

    /* FUZZ */

    /// @dev x* reaches the target, and a millionth less does not. `EVERYTHING`: no size up to four times the position does.
    function testFuzz_targetUp_isLeastSizeThatReachesTarget(Case memory raw) public pure {
        Case memory given = within(raw);
        Reduction memory position = reductionOf(given);
        uint256 answer = LiquidationMath.targetUp(
            position,
            given.equity,
            given.maintenance,
            given.target,
            given.penalty
        );
        _checkTarget(given, answer, false);
        // The working values of the position are left as they were.
        assertEq(keccak256(abi.encode(position)), keccak256(abi.encode(reductionOf(given))));
    }

    /// @dev The same where the pool pays at most the band.
    function testFuzz_targetWithinBandUp_isLeastSizeThatReachesTarget(Case memory raw) public pure {
        Case memory given = within(raw);
        Reduction memory position = reductionOf(given);
        uint256 answer = LiquidationMath.targetWithinBandUp(
            position,
            given.equity,
            given.maintenance,
            given.target,
            given.penalty,
            given.band
        );
        _checkTarget(given, answer, true);
        assertEq(keccak256(abi.encode(position)), keccak256(abi.encode(reductionOf(given))));
    }

    /// @dev x_aff: up to it impact stays within H·ΔMM, beyond it does not.
    function testFuzz_affordableDown_isLargestSizeThatKeepsHealth(Case memory raw, uint256 health) public pure {
        Case memory given = within(raw);
        health = bound(health, 0, ONE - 1);
        uint256 answer = LiquidationMath.affordableDown(reductionOf(given), health);
        if (answer < 4 * given.notional)
            assertGe(headroom(given, answer, health), -FINE * 4, "x_aff lowers the health");
        uint256 beyond = answer + answer / 1e6 + 1e12;
        if (beyond < 4 * given.notional) assertLt(headroom(given, beyond, health), FINE * 4, "more was affordable");
    }

    /// @dev LIQ-3: the whole position never pays more than its equity.
    function testFuzz_LIQ3_penaltyRateDown_leavesEquity(uint256 equity, uint256 notional, uint256 share) public pure {
        equity = bound(equity, 0, 1 << 111);
        notional = bound(notional, 1, 1 << 111);
        share = bound(share, 0, 0.95e18);
        uint256 rate = LiquidationMath.penaltyRateDown(equity, notional, 0.1e18, share);
        assertLe(rate, 0.1e18);
        assertLe((rate * notional) / ONE, (equity * share) / ONE);
    }

    function testFuzz_healthBudgetDown_neverExceedsEquity(
        uint256 equity,
        uint256 required,
        uint256 released
    ) public pure {
        equity = bound(equity, 0, 1 << 111);
        required = bound(required, 1, 1 << 111);
        released = bound(released, 0, required);
        uint256 budget = LiquidationMath.healthBudgetDown(equity, required, released);
        assertLe(budget, equity);
        // (E − budget)/(MM − ΔMM) ≥ E/MM
        assertGe((equity - budget) * required, equity * (required - released));
    }

    function testFuzz_coveredNotionalDown_isLargestCovered(
        uint256 equity,
        uint256 rate,
        uint256 slope,
        uint256 depth
    ) public pure {
        equity = spread(equity, 0, 1e30);
        rate = bound(rate, 0.001e18, 2e18);
        slope = bound(slope, 0, 0.2e18);
        depth = spread(depth, 1e18, 1e28);
        uint256 covered = LiquidationMath.coveredNotionalDown(equity, rate, slope, depth);
        // The requirement rounds each of its two terms up.
        assertLe(MarginMath.requirementUp(covered, rate, slope, depth), equity + 2);
        uint256 beyond = covered + covered / 1e12 + 4_000;
        assertGt(MarginMath.requirementUp(beyond, rate, slope, depth), equity);
    }

    /* REFERENCE: the account after closing x, in plain terms */

    /// @dev E − φx − impact(x) − τ·(MM − ΔMM(x)), times 1e18: not negative when the target is reached.
    function surplus(Case memory given, uint256 x, bool banded) private pure returns (int256) {
        int256 cost = int256(given.penalty * x) + impact(given, x, banded);
        int256 left = int256(given.maintenance) * FINE - freed(given, x);
        return
            int256(given.equity) * FINE -
            cost -
            (left / FINE) * int256(given.target) -
            ((left % FINE) * int256(given.target)) / FINE;
    }

    /// @dev H·ΔMM(x) − impact(x), times 1e18.
    function headroom(Case memory given, uint256 x, uint256 health) private pure returns (int256) {
        int256 gain = freed(given, x);
        return (gain / FINE) * int256(health) + ((gain % FINE) * int256(health)) / FINE - impact(given, x, false);
    }

    /// @dev What the pool's price costs, times 1e18: x·max(−band, i₀ + x/2KP).
    function impact(Case memory given, uint256 x, bool banded) private pure returns (int256) {
        int256 cost =
            given.skewCost * int256(x) +
                int256((x * x) / (2 * given.poolScale)) * FINE +
                int256((((x * x) % (2 * given.poolScale)) * 1e18) / (2 * given.poolScale));
        int256 best = -int256(given.band * x);
        return banded && cost < best ? best : cost;
    }

    /// @dev ΔMM(x) = x·m + μ·(2N − x)·x/D, times 1e18.
    function freed(Case memory given, uint256 x) private pure returns (int256) {
        int256 square = (2 * int256(given.notional) - int256(x)) * int256(x);
        int256 depth = int256(given.depth);
        int256 wholes = (square / depth) * int256(given.slope);
        return int256(x * given.rate) + wholes + ((square % depth) * int256(given.slope)) / depth;
    }

    function _checkTarget(Case memory given, uint256 answer, bool banded) private pure {
        if (answer == 0) {
            assertGe(surplus(given, 0, banded), 0, "nothing to close, yet below target");
            return;
        }
        if (answer <= 4 * given.notional) {
            assertGe(surplus(given, answer, banded), -FINE, "x* misses the target");
            uint256 less = answer / 1e6 + 1e9;
            if (answer > less) assertLt(surplus(given, answer - less, banded), _slack(given), "less would reach it");
        } else {
            for (uint256 i = 1; i <= 64; ++i) {
                uint256 x = (given.notional * i) / 16;
                assertLt(surplus(given, x, banded), _slack(given), "some size reaches the target");
            }
        }
    }

    /// @dev Where the root is nearly double, roundings of the rates (1e-18 each) decide: up to 4N·1e-17 in all.
    function _slack(Case memory given) private pure returns (int256) {
        return int256(given.notional) * 100 + FINE * 4;
    }

    function reductionOf(Case memory given) private pure returns (Reduction memory) {
        return
            LiquidationMath.reductionOf(
                given.notional,
                given.rate,
                given.slope,
                given.depth,
                given.poolScale,
                given.skewCost
            );
    }

    /// @dev Any account below target, its position worth from a dollar to a billion, in markets from thin to deep.
    function within(Case memory raw) private pure returns (Case memory given) {
        given.notional = spread(raw.notional, 1e18, 1e27);
        given.rate = spread(raw.rate, 0.0025e18, 4e18);
        given.slope = bound(raw.slope, 0, 0.2e18);
        given.depth = spread(raw.depth, 1e18, 1e28);
        given.poolScale = spread(raw.poolScale, 1e18, 1e30);
        given.skewCost = bound(raw.skewCost, -1e18, 1e18);
        uint256 own = MarginMath.requirementUp(given.notional, given.rate, given.slope, given.depth);
        given.maintenance = own + bound(raw.maintenance, 0, own);
        given.equity = bound(raw.equity, 0, given.maintenance - 1);
        given.target = bound(raw.target, 1.01e18, 2e18);
        given.penalty = bound(raw.penalty, 0, 0.1e18);
        given.band = bound(raw.band, 0.001e18, 0.2e18);
    }
}
