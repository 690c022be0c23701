// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FundingInput, FundingMath} from "../../../contracts/libraries/FundingMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract FundingMathTest is LibraryTest {
    uint256 private constant SCALE = 250_000e18;
    uint256 private constant MAX_VELOCITY = 9e18;
    uint256 private constant MAX_RATE = 3e18;

    /* EDGES */

    function test_velocity_stopsAtScale() public pure {
        assertEq(FundingMath.velocity(0, SCALE, MAX_VELOCITY), 0);
        assertEq(FundingMath.velocity(25_000e18, SCALE, MAX_VELOCITY), 0.9e18);
        assertEq(FundingMath.velocity(-25_000e18, SCALE, MAX_VELOCITY), -0.9e18);
        assertEq(FundingMath.velocity(int256(SCALE) - 1, SCALE, MAX_VELOCITY), 9e18 - 1);
        assertEq(FundingMath.velocity(int256(SCALE), SCALE, MAX_VELOCITY), 9e18);
        assertEq(FundingMath.velocity(int256(SCALE) + 1, SCALE, MAX_VELOCITY), 9e18);
        assertEq(FundingMath.velocity(-int256(SCALE) - 1, SCALE, MAX_VELOCITY), -9e18);
        assertEq(
            FundingMath.velocity(type(int120).max, (1 << 120) - 1, 1 << 95),
            int256((uint256(1 << 95) * (1 << 119)) / (1 << 120)) - 1
        );
    }

    /// @dev FUND-1: an update in the same second changes nothing.
    function test_FUND1_advance_isNoOp_whenNoTimePassed() public pure {
        (int256 rate, int256 integral) = FundingMath.advance(input(0.5e18, 10_000e18, 0));
        assertEq(rate, 0.5e18);
        assertEq(integral, 0);
    }

    function test_advance_integratesTriangle_whenRateStartsAtZero() public pure {
        // v = 9·0.1 = 0.9/day²; after half a day r = 0.45 and ∫r = 0.45·½/2.
        (int256 rate, int256 integral) = FundingMath.advance(input(0, 25_000e18, 43_200));
        assertEq(rate, 0.45e18);
        assertEq(integral, 0.1125e18);
        (rate, integral) = FundingMath.advance(input(0, -25_000e18, 43_200));
        assertEq(rate, -0.45e18);
        assertEq(integral, -0.1125e18);
    }

    function test_advance_restsAtCap() public pure {
        // v = 9/day² reaches 3/day after a third of a day; then two thirds at the cap: ½·3·⅓ + 3·⅔.
        (int256 rate, int256 integral) = FundingMath.advance(input(0, int256(SCALE), 86_400));
        assertEq(rate, 3e18);
        assertEq(integral, 2.5e18);
        // Exactly at the cap is still the line.
        (rate, integral) = FundingMath.advance(input(0, int256(SCALE), 28_800));
        assertEq(rate, 3e18);
        assertEq(integral, 0.5e18);
        (rate, integral) = FundingMath.advance(input(0, int256(SCALE), 28_801));
        assertEq(rate, 3e18);
        assertApproxEqAbs(integral, 0.5e18 + int256(3e18) / 86_400, 2);
        // From one cap to the other.
        (rate, integral) = FundingMath.advance(input(3e18, -int256(SCALE), 86_400));
        assertEq(rate, -3e18);
        assertEq(integral, -1e18);
    }

    function test_advance_bindsLoweredCap_whenRateStandsAbove() public pure {
        (int256 rate, int256 integral) = FundingMath.advance(input(5e18, 0, 86_400));
        assertEq(rate, 3e18);
        assertEq(integral, 3e18);
        (rate, integral) = FundingMath.advance(input(-5e18, 0, 0));
        assertEq(rate, -3e18);
        assertEq(integral, 0);
    }

    function test_advance_isZero_whenTermsAreZero() public pure {
        FundingInput memory still = input(0, 10_000e18, 86_400);
        still.maxVelocity = 0;
        (int256 rate, int256 integral) = FundingMath.advance(still);
        assertEq(rate, 0);
        assertEq(integral, 0);
        FundingInput memory capped = input(0, 10_000e18, 86_400);
        capped.maxRate = 0;
        (rate, integral) = FundingMath.advance(capped);
        assertEq(rate, 0);
        assertEq(integral, 0);
    }

    /// @dev The least velocity there is moves a rate by a unit a day, and no further than the cap.
    function test_advance_restsAtCap_whenVelocityIsOneUnit() public pure {
        FundingInput memory slowest = input(3e18, int256(SCALE), 86_400);
        slowest.maxVelocity = 1;
        (int256 rate, int256 integral) = FundingMath.advance(slowest);
        assertEq(rate, 3e18);
        assertEq(integral, 3e18);
        (slowest.rate, slowest.skew) = (-3e18, -int256(SCALE));
        (rate, integral) = FundingMath.advance(slowest);
        assertEq(rate, -3e18);
        assertEq(integral, -3e18);
    }

    /// @dev A1: ten years at the widest stored rates stay inside their slots.
    function test_A1_advance_holdsForTenYears_whenRatesAreHighest() public pure {
        FundingInput memory widest = FundingInput({
            rate: 9e18,
            skew: type(int120).max,
            skewScale: 1e6,
            maxVelocity: 9e18,
            maxRate: 9e18,
            elapsedSeconds: 3_650 days
        });
        (int256 rate, int256 integral) = FundingMath.advance(widest);
        assertEq(rate, 9e18);
        assertEq(integral, 3_650 * 9e18);
        // The index keeps to its 112 bits up to a price of a million dollars, and far beyond at rates below the highest.
        assertLt(FundingMath.accrue(0, 1e6 * 1e18, integral), type(int112).max);
        assertLt(FundingMath.accrue(0, 1e12 * 1e18, integral / 100), type(int112).max);
    }

    function test_accrue_truncatesTowardsZero() public pure {
        assertEq(FundingMath.accrue(10, 1e18, 5), 15);
        assertEq(FundingMath.accrue(10, 1, 5), 10);
        assertEq(FundingMath.accrue(10, 1, -5), 10);
        assertEq(FundingMath.accrue(-10, 3e18, -2), -16);
        assertEq(FundingMath.accrue(7, 0, 1e30), 7);
        assertEq(FundingMath.accrue(0, 1e18, 1e18), 1e18);
    }

    function test_accrue_revertsWhenPriceIsNoInt256() public {
        expectUintTooWide(1 << 255);
        this.accrue(0, 1 << 255, 0);
        expectOverflow();
        this.accrue(0, 1 << 200, 1 << 60);
        expectOverflow();
        this.accrue(MAX_INT, 1e18, 1);
    }

    /* FUZZ */

    /// @dev FUND-1: n updates in place of one move the rate by at most n units and the integral by at most n·(1 + T).
    function testFuzz_FUND1_advance_isIndependentOfUpdates(
        int256 rate,
        int256 skew,
        uint256 scale,
        uint256 updates,
        uint256 gap
    ) public pure {
        FundingInput memory whole = anyInput(rate, skew, scale);
        updates = bound(updates, 1, 60);
        gap = bound(gap, 1, 6 hours);
        whole.elapsedSeconds = updates * gap;
        (int256 onceRate, int256 onceIntegral) = FundingMath.advance(whole);

        FundingInput memory part = anyInput(rate, skew, scale);
        part.elapsedSeconds = gap;
        int256 sum;
        for (uint256 i; i < updates; ++i) {
            int256 integral;
            (part.rate, integral) = FundingMath.advance(part);
            sum += integral;
        }
        assertApproxEqAbs(part.rate, onceRate, updates);
        uint256 allowed = updates + (updates * updates * gap) / 86_400 + updates;
        assertApproxEqAbs(sum, onceIntegral, allowed);
    }

    /// @dev The closed form against the midpoint rule in steps of one second, which is exact on a line and at most one step off where the line meets the cap.
    function testFuzz_advance_equalsManySmallSteps(int256 rate, int256 skew, uint256 scale, uint256 time) public pure {
        FundingInput memory given = anyInput(rate, skew, scale);
        given.elapsedSeconds = bound(time, 0, 500);
        (int256 closedRate, int256 closedIntegral) = FundingMath.advance(given);

        int256 slope = FundingMath.velocity(given.skew, given.skewScale, given.maxVelocity);
        int256 cap = int256(given.maxRate);
        // In D36 per second, so that steps do not round visibly.
        int256 scaled = clamp(given.rate, cap) * 1e18;
        int256 doubled;
        for (uint256 i; i < given.elapsedSeconds; ++i) {
            int256 next = clamp(scaled + (slope * 1e18) / 86_400, cap * 1e18);
            doubled += scaled + next;
            scaled = next;
        }
        assertApproxEqAbs(closedRate, scaled / 1e18, 1);
        int256 stepped = doubled / (2 * 86_400 * 1e18);
        uint256 kink = size(slope) / (uint256(8) * 86_400 * 86_400) + 3;
        assertApproxEqAbs(closedIntegral, stepped, kink);
    }

    function testFuzz_FUND1_advance_keepsRateWithinCap(
        int256 rate,
        int256 skew,
        uint256 scale,
        uint256 time
    ) public pure {
        FundingInput memory given = anyInput(rate, skew, scale);
        given.elapsedSeconds = bound(time, 0, 3_650 days);
        (int256 next, int256 integral) = FundingMath.advance(given);
        assertLe(size(next), given.maxRate);
        assertLe(size(integral), (given.maxRate * given.elapsedSeconds) / 86_400 + 1);
    }

    /// @dev Longs and shorts are treated alike: everything mirrored, up to the sign of the truncation.
    function testFuzz_advance_isSymmetric(int256 rate, int256 skew, uint256 scale, uint256 time) public pure {
        FundingInput memory given = anyInput(rate, skew, scale);
        given.elapsedSeconds = bound(time, 0, 30 days);
        (int256 next, int256 integral) = FundingMath.advance(given);
        (given.rate, given.skew) = (-given.rate, -given.skew);
        (int256 mirrored, int256 mirroredIntegral) = FundingMath.advance(given);
        assertEq(mirrored, -next);
        assertApproxEqAbs(mirroredIntegral, -integral, 1);
    }

    /* ARRANGE */

    function accrue(int256 index, uint256 price, int256 integral) external pure returns (int256) {
        return FundingMath.accrue(index, price, integral);
    }

    function input(int256 rate, int256 skew, uint256 time) private pure returns (FundingInput memory) {
        return FundingInput(rate, skew, SCALE, MAX_VELOCITY, MAX_RATE, time);
    }

    function anyInput(int256 rate, int256 skew, uint256 scale) private pure returns (FundingInput memory given) {
        given.skewScale = bound(scale, 1e6, (1 << 111));
        given.skew = bound(skew, -(1 << 112), 1 << 112);
        given.rate = bound(rate, -9e18, 9e18);
        // Terms drawn from the same numbers, so that caps above and below the rate both occur.
        given.maxVelocity = uint256(keccak256(abi.encode(rate))) % 9e18;
        given.maxRate = uint256(keccak256(abi.encode(skew))) % 9e18;
    }

    function clamp(int256 value, int256 cap) private pure returns (int256) {
        return value > cap ? cap : (value < -cap ? -cap : value);
    }
}
