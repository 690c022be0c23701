// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollateralSale, CreditMath, Haircut, RAY} from "../../../contracts/libraries/CreditMath.sol";
import {RateTerms} from "../../../contracts/types/RateTerms.sol";
import {Test} from "../../support/Test.sol";

contract CreditMath_Test is Test {
    Haircut private _haircut = Haircut({topShare: 0.85e18, minShare: 0.5e18, sizeSlope: 0.5e18, depth: 50e18});

    function test_shareDown_fallsWithTheAmountAndStops() public view {
        assertEq(CreditMath.shareDown(_haircut, 0), 0.85e18);
        assertEq(CreditMath.shareDown(_haircut, 10e18), 0.75e18);
        assertEq(CreditMath.shareDown(_haircut, 35e18), 0.5e18);
        assertEq(CreditMath.shareDown(_haircut, 1_000e18), 0.5e18);
    }

    function test_rateUp_bendsAtTheKink() public pure {
        RateTerms memory terms = RateTerms(0.02e18, 0.1e18, 1e18, 0.8e18);
        assertEq(CreditMath.rateUp(terms, 0), 0.02e18);
        assertEq(CreditMath.rateUp(terms, 0.4e18), 0.06e18);
        assertEq(CreditMath.rateUp(terms, 0.8e18), 0.1e18);
        assertEq(CreditMath.rateUp(terms, 0.9e18), 0.55e18);
        assertEq(CreditMath.rateUp(terms, 1e18), 1e18);
    }

    function test_utilizationUp_isZero_whenThereIsNoDebt() public pure {
        assertEq(CreditMath.utilizationUp(0, 0), 0);
        assertEq(CreditMath.utilizationUp(1, 0), 1e18);
        assertEq(CreditMath.utilizationUp(1e18, 3e18), 0.25e18);
    }

    function test_auctionPriceUp_fallsToTheFloorAndStays() public pure {
        assertEq(CreditMath.auctionPriceUp(40_000e18, 0.1e18, 0, 90), 40_000e18);
        assertEq(CreditMath.auctionPriceUp(40_000e18, 0.1e18, 45, 90), 38_000e18);
        assertEq(CreditMath.auctionPriceUp(40_000e18, 0.1e18, 90, 90), 36_000e18);
        assertEq(CreditMath.auctionPriceUp(40_000e18, 0.1e18, 9_000, 90), 36_000e18);
    }

    function test_restoringUp_isZero_whenWithinTheLine() public view {
        CollateralSale memory sale = CollateralSale(10e18, 40_000e18, 36_000e18, 0, 300_000e18);
        assertEq(CreditMath.restoringUp(_haircut, sale), 0, "exactly the line");
        sale.debtUsd += 1;
        assertGt(CreditMath.restoringUp(_haircut, sale), 0);
    }

    function test_restoringUp_isEverything_whenThatDoesNotSuffice() public view {
        CollateralSale memory sale = CollateralSale(10e18, 40_000e18, 36_000e18, 0, 360_000e18 + 1);
        assertEq(CreditMath.restoringUp(_haircut, sale), 10e18);
    }

    /// @dev Enough, and one step less would not be.
    function testFuzz_restoringUp_restoresWithTheLeast(
        uint256 amount,
        uint256 discount,
        uint256 other,
        uint256 debt
    ) public view {
        amount = bound(amount, 1e15, 10_000e18);
        uint256 price = CreditMath.auctionPriceUp(2_000e18, bound(discount, 0.01e18, 0.12e18), 1, 1);
        other = bound(other, 0, 1_000_000e18);
        uint256 lent = other + CreditMath.valueDown(_haircut, amount, 2_000e18);
        debt = lent + bound(debt, 1, lent);
        uint256 sold = CreditMath.restoringUp(_haircut, CollateralSale(amount, 2_000e18, price, other, debt));
        assertGt(sold, 0);
        assertLe(sold, amount);
        if (sold == amount) return;
        assertTrue(_restored(amount, sold, price, other, debt), "enough");
        uint256 step = amount / 2 ** 39 + 1;
        if (sold > step) assertFalse(_restored(amount, sold - step, price, other, debt), "no more than needed");
    }

    function _restored(
        uint256 amount,
        uint256 sold,
        uint256 price,
        uint256 other,
        uint256 debt
    ) private view returns (bool) {
        uint256 lent = other + CreditMath.valueDown(_haircut, amount - sold, 2_000e18);
        return (lent * 0.95e18) / 1e18 + (sold * price) / 1e18 >= debt;
    }

    /// @dev More collateral never counts less, while h_min is at least half of h₀.
    function testFuzz_valueDown_neverFalls_whenTheAmountGrows(
        uint256 amount,
        uint256 more,
        uint256 slope,
        uint256 top,
        uint256 min
    ) public pure {
        top = bound(top, 0, 0.95e18);
        min = bound(min, (top + 1) / 2, top);
        Haircut memory haircut = Haircut(top, min, bound(slope, 0, 100e18), 50e18);
        amount = bound(amount, 0, 1e30);
        more = bound(more, 0, 1e30);
        // Each of the divisions may lose a unit at the larger amount, times its price and amount.
        assertGe(
            CreditMath.valueDown(haircut, amount + more, 1e18) + (amount + more) / 1e18 + 2,
            CreditMath.valueDown(haircut, amount, 1e18)
        );
    }

    function testFuzz_indexUp_neverFalls(uint256 index, uint256 rate, uint256 elapsed) public pure {
        index = bound(index, RAY, 1e36);
        rate = bound(rate, 0, 4e18);
        elapsed = bound(elapsed, 0, 10 * 365 days);
        uint256 later = CreditMath.indexUp(index, rate, elapsed);
        assertGe(later, index);
        assertGe(CreditMath.indexUp(index, rate, elapsed + 1), later);
        assertLe(later - index, (index * rate * elapsed) / (365 days * 1e18) + 1);
    }
}
