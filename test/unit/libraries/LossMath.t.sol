// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LossMath} from "../../../contracts/libraries/LossMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract LossMathTest is LibraryTest {
    uint256 private constant WINNERS = 12;

    /* REVERTS */

    function test_fractionUp_revertsWhenLossHasNoRoom() public {
        expectOverflow();
        this.fractionUp(MAX / ONE + 1, MAX);
    }

    function test_refundDue_revertsWhenNothingWasRevealed() public {
        expectDivisionByZero();
        this.refundDue(1, ONE, 1, 0, 0);
    }

    function test_tearUpFill_revertsWhenFractionIsNoInt256() public {
        expectUintTooWide(1 << 255);
        this.tearUpFill(1, 1 << 255);
        expectOverflow();
        this.tearUpFill(MAX_INT, 2);
    }

    /* EDGES */

    function test_gainAt_isZero_whenPositionLoses() public pure {
        assertEq(LossMath.gainAt(2e18, 3_000e18, -5_900e18), 100e18);
        assertEq(LossMath.gainAt(2e18, 3_000e18, -6_000e18), 0);
        assertEq(LossMath.gainAt(2e18, 3_000e18, -6_000e18 - 1), 0);
        assertEq(LossMath.gainAt(2e18, 3_000e18, -6_000e18 + 1), 1);
        assertEq(LossMath.gainAt(-2e18, 3_000e18, 6_100e18), 100e18);
        // X below zero: funding outgrew the price.
        assertEq(LossMath.gainAt(-2e18, -3_000e18, -5_900e18), 100e18);
        assertEq(LossMath.gainAt(0, 3_000e18, 7), 7);
        assertEq(LossMath.gainAt(0, 0, 0), 0);
        // ⌊s·X⌋: half a unit of gain counts nothing, half a unit of loss a whole.
        assertEq(LossMath.gainAt(1, 0.5e18, 0), 0);
        assertEq(LossMath.gainAt(-1, 0.5e18, 1), 0);
    }

    function test_shareBase_isLargerOfOwnedAndShown() public pure {
        assertEq(LossMath.shareBase(70, 30, 99, 0, 0), 100);
        assertEq(LossMath.shareBase(70, 30, 100, 0, 0), 100);
        assertEq(LossMath.shareBase(70, 30, 101, 0, 0), 101);
        assertEq(LossMath.shareBase(0, 0, 101, 9, 10), 100);
        assertEq(LossMath.shareBase(0, 0, 1, 9, 10), 0);
        assertEq(LossMath.shareBase(0, 0, 0, 0, MAX), 0);
        assertEq(LossMath.shareBase(0, 1, 0, 0, MAX), 1);
    }

    function test_fractionUp_isAtMostOne() public pure {
        assertEq(LossMath.fractionUp(0, 0), 0);
        assertEq(LossMath.fractionUp(0, 5), 0);
        assertEq(LossMath.fractionUp(5, 0), ONE);
        assertEq(LossMath.fractionUp(5, 5), ONE);
        assertEq(LossMath.fractionUp(6, 5), ONE);
        assertEq(LossMath.fractionUp(4, 5), 0.8e18);
        assertEq(LossMath.fractionUp(1, 3), 333333333333333334);
        assertEq(LossMath.fractionUp(1, type(uint128).max), 1);
    }

    function test_chargeUp_neverExceedsGain() public pure {
        assertEq(LossMath.chargeUp(0, ONE), 0);
        assertEq(LossMath.chargeUp(7, 0), 0);
        assertEq(LossMath.chargeUp(7, ONE), 7);
        assertEq(LossMath.chargeUp(1, 1), 1);
        assertEq(LossMath.chargeUp(3, 333333333333333334), 2);
    }

    function test_refundDue_isZero_whenNothingWasOvercharged() public pure {
        // Alone and charged exactly its share.
        assertEq(LossMath.refundDue(100e18, 0.3e18, 30e18, 100e18, 0), 0);
        // Another 100 revealed: both pay 15 instead of 30.
        assertEq(LossMath.refundDue(100e18, 0.3e18, 30e18, 200e18, 0), 15e18);
        assertEq(LossMath.refundDue(100e18, 0.3e18, 30e18, 200e18, 14e18), 1e18);
        assertEq(LossMath.refundDue(100e18, 0.3e18, 30e18, 200e18, 15e18), 0);
        assertEq(LossMath.refundDue(100e18, 0.3e18, 30e18, 200e18, 16e18), 0);
        assertEq(LossMath.refundDue(0, ONE, 5, 0, 0), 0);
        // A loss recovered in full is given back in full.
        assertEq(LossMath.refundDue(100e18, 0.3e18, 0, 200e18, 0), 30e18);
    }

    function test_tearUpFill_truncatesTowardsZero() public pure {
        assertEq(LossMath.tearUpFill(10, 0.25e18), 2);
        assertEq(LossMath.tearUpFill(-10, 0.25e18), -2);
        assertEq(LossMath.tearUpFill(10, ONE), 10);
        assertEq(LossMath.tearUpFill(-10, ONE), -10);
        assertEq(LossMath.tearUpFill(10, 0), 0);
        assertEq(LossMath.tearUpFill(1, ONE - 1), 0);
    }

    /* FUZZ */

    /// @dev SOC-1: where G is at most the gains that exist, the charges collect at least r, and no more than G's shortfall explains.
    function testFuzz_SOC1_chargeUp_collectsLoss(uint256 seed, uint256 loss, uint256 base) public pure {
        uint256[] memory gains = gainsOf(seed);
        uint256 total = sum(gains);
        if (total == 0) return;
        base = bound(base, 1, total);
        loss = bound(loss, 0, base);
        uint256 fraction = LossMath.fractionUp(loss, base);
        uint256 charged;
        for (uint256 i; i < WINNERS; ++i) {
            uint256 charge = LossMath.chargeUp(gains[i], fraction);
            assertLe(charge, gains[i]);
            charged += charge;
        }
        assertGe(charged, loss, "booked loss is not covered by charges");
        // r·ΣG/G, one unit of γ and one of each charge more.
        assertLe(charged, (loss * total) / base + total / ONE + 2 + WINNERS);
    }

    /// @dev SOC-1: whatever the order of touches, after all of them each has paid g·r/A, up to roundings, never less; refunds never exceed the overcharge.
    function testFuzz_SOC1_refundDue_isIndependentOfOrder(uint256 seed, uint256 loss, uint256 base) public pure {
        uint256[] memory gains = gainsOf(seed);
        uint256 total = sum(gains);
        if (total == 0) return;
        base = bound(base, 1, total);
        loss = bound(loss, 0, base);
        uint256 fraction = LossMath.fractionUp(loss, base);
        uint256[] memory received = new uint256[](WINNERS);
        uint256 revealed;
        uint256 collected;
        uint256 refunded;
        // Touched in an order of the fuzzer's choice; each touch claims what is due then.
        for (uint256 i; i < WINNERS; ++i) {
            uint256 who = (i * 5 + (seed % WINNERS)) % WINNERS;
            revealed += gains[who];
            collected += LossMath.chargeUp(gains[who], fraction);
            if (gains[who] == 0) continue;
            received[who] = LossMath.refundDue(gains[who], fraction, loss, revealed, 0);
            refunded += received[who];
            assertLe(
                refunded + (loss < collected ? loss : collected),
                collected + WINNERS,
                "refund of more than the surplus"
            );
        }
        for (uint256 i; i < WINNERS; ++i) {
            if (gains[i] == 0) continue;
            uint256 due = LossMath.refundDue(gains[i], fraction, loss, revealed, received[i]);
            received[i] += due;
            refunded += due;
            // Nothing is due twice.
            assertEq(LossMath.refundDue(gains[i], fraction, loss, revealed, received[i]), 0);
            uint256 atOnce = LossMath.refundDue(gains[i], fraction, loss, revealed, 0);
            assertEq(received[i], atOnce, "order of touching matters");
            assertGe(LossMath.chargeUp(gains[i], fraction), received[i]);
        }
        assertGe(collected, refunded + loss, "refunds cut into the booked loss");
        assertLe(collected - refunded, loss + 3 * WINNERS + (total / ONE + 1), "surplus stays unreturned");
    }

    /// @dev TEAR-1: every position of the side gives up the same fraction within one unit, and together no more than the booked sum.
    function testFuzz_TEAR1_tearUpFill_reducesAlike(uint256 seed, uint256 fraction, bool isLong) public pure {
        fraction = bound(fraction, 0, ONE);
        uint256[] memory sizes = gainsOf(seed);
        uint256 torn;
        for (uint256 i; i < WINNERS; ++i) {
            int256 position = isLong ? int256(sizes[i]) : -int256(sizes[i]);
            int256 fill = LossMath.tearUpFill(position, fraction);
            assertTrue(isLong ? fill >= 0 && fill <= position : fill <= 0 && fill >= position);
            uint256 exact = sizes[i] * fraction;
            assertTrue(size(fill) * ONE <= exact && (size(fill) + 1) * ONE > exact);
            torn += size(fill);
        }
        uint256 booked = (sum(sizes) * fraction) / ONE;
        assertLe(torn, booked);
        assertGe(torn + WINNERS, booked);
    }

    /* ARRANGE */

    function gainsOf(uint256 seed) private pure returns (uint256[] memory gains) {
        gains = new uint256[](WINNERS);
        for (uint256 i; i < WINNERS; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            // Zero, dust and whales together.
            gains[i] = drawn % 5 == 0 ? 0 : (drawn >> 8) % (1 << (1 + ((drawn >> 240) % 100)));
        }
    }

    function sum(uint256[] memory values) private pure returns (uint256 total) {
        for (uint256 i; i < values.length; ++i) total += values[i];
    }

    /* CALLS */

    function fractionUp(uint256 loss, uint256 base) external pure returns (uint256) {
        return LossMath.fractionUp(loss, base);
    }

    function refundDue(
        uint256 gain,
        uint256 fraction,
        uint256 loss,
        uint256 revealed,
        uint256 received
    ) external pure returns (uint256) {
        return LossMath.refundDue(gain, fraction, loss, revealed, received);
    }

    function tearUpFill(int256 position, uint256 fraction) external pure returns (int256) {
        return LossMath.tearUpFill(position, fraction);
    }
}
