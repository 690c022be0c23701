// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ShareMath} from "../../../contracts/libraries/ShareMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract ShareMathTest is LibraryTest {
    uint256 private constant VIRTUAL = 1e12;

    /* REVERTS */

    function test_burnUp_revertsWhenPoolIsWorthNothing() public {
        expectDivisionByZero();
        this.burnUp(1, 0, 1);
    }

    function test_mintDown_revertsWhenSharesHaveNoRoom() public {
        expectOverflow();
        this.mintDown(MAX, 0, MAX - VIRTUAL);
    }

    /* EDGES */

    function test_mintDown_isOneForOne_whenPoolHasNoShares() public pure {
        assertEq(ShareMath.mintDown(5e18, 0, 0), 5e18);
        // What the pool owns without shares belongs to nobody.
        assertEq(ShareMath.mintDown(5e18, 1_000_000e18, 0), 5e18);
        assertEq(ShareMath.entryPriceUp(1_000_000e18, 0), ONE);
        assertEq(ShareMath.mintDown(0, 5e18, 5e18), 0);
    }

    function test_entryPriceUp_isOne_whenEquityEqualsShares() public pure {
        assertEq(ShareMath.entryPriceUp(7e18, 7e18), ONE);
        assertEq(ShareMath.mintDown(3e18, 7e18, 7e18), 3e18);
        assertEq(ShareMath.entryPriceUp(14e18, 7e18), 2 * ONE - 142857122448);
    }

    function test_worthDown_keepsVirtualShare() public pure {
        assertEq(ShareMath.worthDown(0, 7e18, 7e18), 0);
        assertEq(ShareMath.worthDown(7e18, 0, 7e18), 0);
        // All shares together never empty the pool.
        assertLt(ShareMath.worthDown(7e18, 7e18, 7e18), 7e18);
        assertEq(ShareMath.worthDown(VIRTUAL, 2 * VIRTUAL, VIRTUAL), VIRTUAL);
        assertEq(ShareMath.exitPriceDown(0, 7e18), 0);
        assertLt(ShareMath.exitPriceDown(7e18, 7e18), ONE);
    }

    function test_burnUp_burnsAtLeastOne_whenPaymentIsOne() public pure {
        assertEq(ShareMath.burnUp(0, 7e18, 7e18), 0);
        assertEq(ShareMath.burnUp(1, 7e30, 7e18), 1);
    }

    function test_costUp_isOneForOne_whenPoolHasNoShares() public pure {
        assertEq(ShareMath.costUp(5e18, 1_000_000e18, 0), 5e18);
        assertEq(ShareMath.valueDown(5e18, 1_000_000e18, 0), 5e18);
    }

    function test_costUp_roundsUp_whenValueDownRoundsDown() public pure {
        assertEq(ShareMath.costUp(1, 2e18, 3e18), 1);
        assertEq(ShareMath.valueDown(1, 2e18, 3e18), 0);
        assertEq(ShareMath.costUp(3e18, 7e18, 7e18), 3e18);
        assertEq(ShareMath.valueDown(3e18, 7e18, 7e18), 3e18);
    }

    /// @dev (R·1)/(S + V), with a virtual part of a millionth of a share.
    function test_exitPriceDown_roundsDown() public pure {
        assertEq(ShareMath.exitPriceDown(0, 0), 0);
        assertEq(ShareMath.exitPriceDown(2e18, 0), 2e24, "the virtual part alone");
        assertEq(ShareMath.exitPriceDown(2e12, 0), 2e18);
        assertEq(ShareMath.exitPriceDown(3e12 - 1, 2e12), 1e18 - 333_334, "a third of a millionth, rounded down");
        assertEq(ShareMath.exitPriceDown(3e12, 2e12), 1e18);
    }

    /* FUZZ */

    /// @dev Whoever pays what a number of shares costs gets that number at least, and no unit less would do.
    function testFuzz_costUp_buysTheShares(uint256 shares, uint256 equity, uint256 supply) public pure {
        shares = spread(shares, 1, 1e30);
        equity = spread(equity, 1, 1e30);
        supply = spread(supply, 1, 1e30);
        uint256 cost = ShareMath.costUp(shares, equity, supply);
        assertGe(ShareMath.mintDown(cost, equity, supply), shares);
        assertLt(ShareMath.mintDown(cost - 1, equity, supply), shares);
        uint256 value = ShareMath.valueDown(shares, equity, supply);
        assertLe(cost - value, 1);
        assertGe(value, ShareMath.worthDown(shares, equity, supply));
    }

    /// @dev ROUND-1: in and out at one value never gains, and costs at most the virtual part and roundings.
    function testFuzz_ROUND1_mintDown_roundTripNeverGains(uint256 amount, uint256 equity, uint256 supply) public pure {
        amount = spread(amount, 1, 1e30);
        equity = spread(equity, 1, 1e30);
        supply = spread(supply, 1, 1e30);
        uint256 shares = ShareMath.mintDown(amount, equity, supply);
        uint256 back = ShareMath.worthDown(shares, equity + amount, supply + shares);
        assertLe(back, amount, "gained by going in and out");
        // Those who were there lose nothing: value per share, virtual ones included, has not fallen.
        assertTrue(
            atMost(equity + VIRTUAL, supply + shares + VIRTUAL, equity + amount + VIRTUAL, supply + VIRTUAL),
            "old shares were diluted"
        );
    }

    /// @dev S3: a gift to a nearly empty pool costs the giver more than it takes from the next depositor.
    function testFuzz_S3_mintDown_donationCannotPay(uint256 gift, uint256 amount) public pure {
        gift = spread(gift, 1, 1e30);
        amount = spread(amount, 1e18, 1e28);
        // The attacker holds one unit of share, gives, and leaves after the victim has come.
        uint256 shares = ShareMath.mintDown(amount, 1 + gift, 1);
        uint256 attackerGets = ShareMath.worthDown(1, 1 + gift + amount, 1 + shares);
        assertLe(attackerGets, 1 + gift, "the gift paid for itself");
        // A victim loses at most what two shares are worth, and a deposit below that is the victim's own limit price to refuse.
        uint256 victimGets = ShareMath.worthDown(shares, 1 + gift + amount, 1 + shares);
        uint256 lost = amount - victimGets;
        assertLe(
            lost,
            (2 * (1 + gift + amount)) / (VIRTUAL + 1 + shares) + (amount * (VIRTUAL + 1)) / (shares + VIRTUAL + 1) + 2
        );
    }

    function testFuzz_burnUp_paysForWorth(uint256 payment, uint256 redeemable, uint256 supply) public pure {
        redeemable = spread(redeemable, 1, 1e30);
        supply = spread(supply, 1, 1e30);
        payment = bound(payment, 0, redeemable);
        uint256 burned = ShareMath.burnUp(payment, redeemable, supply);
        assertGe(ShareMath.worthDown(burned, redeemable, supply), payment, "burned too few");
        if (burned != 0) assertLt(ShareMath.worthDown(burned - 1, redeemable, supply), payment, "burned too many");
    }

    function testFuzz_worthDown_isAdditiveAgainstLeavers(
        uint256 first,
        uint256 second,
        uint256 redeemable
    ) public pure {
        first = spread(first, 0, 1e30);
        second = spread(second, 0, 1e30);
        redeemable = spread(redeemable, 0, 1e30);
        uint256 supply = first + second;
        uint256 apart =
            ShareMath.worthDown(first, redeemable, supply) + ShareMath.worthDown(second, redeemable, supply);
        assertLe(apart, ShareMath.worthDown(supply, redeemable, supply));
        assertLe(apart, redeemable);
        // Entering is never cheaper than leaving.
        assertGe(
            ShareMath.entryPriceUp(redeemable, supply == 0 ? 1 : supply),
            ShareMath.exitPriceDown(redeemable, supply == 0 ? 1 : supply)
        );
    }

    /* CALLS */

    function burnUp(uint256 amount, uint256 redeemable, uint256 supply) external pure returns (uint256) {
        return ShareMath.burnUp(amount, redeemable, supply);
    }

    function mintDown(uint256 amount, uint256 equity, uint256 supply) external pure returns (uint256) {
        return ShareMath.mintDown(amount, equity, supply);
    }
}
