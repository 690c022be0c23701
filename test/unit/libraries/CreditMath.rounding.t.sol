// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollateralSale, CreditMath, Haircut} from "../../../contracts/libraries/CreditMath.sol";
import {RateTerms} from "../../../contracts/types/RateTerms.sol";
import {Test} from "../../support/Test.sol";

/// @notice ROUND-1 of credit, to the unit: each result lies on the side of the lenders, and no further from the exact number than its rounding.
contract CreditMath_rounding_Test is Test {
    /// @dev Collateral against which nothing is lent: a sale restores as soon as it has brought the debt.
    function _nothingLent() private pure returns (Haircut memory) {
        return Haircut({topShare: 0, minShare: 0, sizeSlope: 0, depth: 1e18});
    }

    function _sale(uint256 amount, uint256 debt) private pure returns (CollateralSale memory) {
        return CollateralSale({amount: amount, indexPrice: 1e37, price: 1e18, otherValueUsd: 0, debtUsd: debt});
    }

    function test_shareDown_roundsTheCutUp() public pure {
        Haircut memory haircut = Haircut({topShare: 0.85e18, minShare: 0.5e18, sizeSlope: 0.5e18, depth: 3e18});
        assertEq(CreditMath.shareDown(haircut, 1), 0.85e18 - 1, "a sixth of a unit");
    }

    function test_valueDown_roundsDownTwice() public pure {
        Haircut memory whole = Haircut({topShare: 1e18, minShare: 1e18, sizeSlope: 0, depth: 1e18});
        assertEq(CreditMath.valueDown(whole, 3, 0.5e18), 1, "one and a half units of worth");
        Haircut memory half = Haircut({topShare: 0.5e18, minShare: 0.5e18, sizeSlope: 0, depth: 1e18});
        assertEq(CreditMath.valueDown(half, 3, 1e18), 1, "half of three units");
    }

    function test_utilizationUp_roundsUp() public pure {
        assertEq(CreditMath.utilizationUp(1, 2), 333_333_333_333_333_334);
    }

    function test_rateUp_roundsUpOnBothSidesOfTheKink() public pure {
        RateTerms memory terms = RateTerms({baseRate: 0, kinkRate: 10, maxRate: 20, kinkUtilization: 3});
        assertEq(CreditMath.rateUp(terms, 1), 4, "ten thirds");
        terms.kinkUtilization = 1e18 - 3;
        assertEq(CreditMath.rateUp(terms, 1e18 - 2), 14, "ten and ten thirds");
    }

    function test_rateUp_needsNoSecondSlope_whenTheKinkIsAtTheEnd() public pure {
        RateTerms memory terms = RateTerms({baseRate: 0, kinkRate: 10, maxRate: 20, kinkUtilization: 1e18});
        assertEq(CreditMath.rateUp(terms, 1e18), 10);
    }

    function test_indexUp_doublesInAYearAtAHundredPercent() public pure {
        assertEq(CreditMath.indexUp(1e27, 1e18, 365 days), 2e27);
    }

    function test_indexUp_roundsUp() public pure {
        assertEq(CreditMath.indexUp(1, 1, 1), 2);
    }

    function test_auctionPriceUp_roundsUp() public pure {
        assertEq(CreditMath.auctionPriceUp(1e18, 10, 1, 3), 1e18 - 3, "a third of the discount, rounded down");
        assertEq(CreditMath.auctionPriceUp(1, 10, 3, 3), 1, "a price of one unit");
    }

    function test_auctionPriceUp_isTheFloor_whenItTakesNoTime() public pure {
        assertEq(CreditMath.auctionPriceUp(1e18, 0.1e18, 0, 0), 0.9e18);
    }

    /// @dev Amounts below 2⁴⁰ are searched to the unit.
    function test_restoringUp_isExact_whenTheAmountIsSmall() public pure {
        for (uint256 debt = 1; debt <= 60; ++debt) {
            assertEq(CreditMath.restoringUp(_nothingLent(), _sale(100, debt)), debt);
        }
    }

    /// @dev Forty halvings of 2⁶⁰ end on a multiple of 2²⁰: the first at which the debt is met.
    function test_restoringUp_halvesTheIntervalFortyTimes() public pure {
        uint256 debt = 1_000 * (1 << 21) + 5;
        assertEq(CreditMath.restoringUp(_nothingLent(), _sale(1 << 60, debt)), 1_000 * (1 << 21) + (1 << 20));
    }

    function test_restoringUp_isEverything_whenAllIsNotEnough() public pure {
        assertEq(CreditMath.restoringUp(_nothingLent(), _sale(100, 101)), 100);
    }

    /// @dev A rest of ten dollars stays, one unit less goes with the last take.
    function test_restoringUp_takesTheRest_whenItIsBelowTenDollars() public pure {
        CollateralSale memory sale = _sale(1_000, 999);
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), 999, "a rest of ten dollars");
        sale.indexPrice = 1e37 - 1;
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), 1_000, "a unit less");
    }

    function test_restoringUp_countsWhatIsSoldDown() public pure {
        CollateralSale memory sale = _sale(100, 3);
        sale.price = 0.5e18;
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), 6, "five units bring two and a half");
    }

    function test_restoringUp_countsWhatIsLentDown() public pure {
        CollateralSale memory sale = _sale(100, 5);
        sale.otherValueUsd = 1;
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), 5, "95 % of one unit is nothing");
    }

    /// @dev 95 %, to the unit: the amount needed stands just above, and just at, a step of the search.
    function test_restoringUp_leavesFivePercentFree() public pure {
        uint256 step = 1 << 16;
        uint256 needed = (0.06e18 / step) * step;
        CollateralSale memory sale = _sale(1 << 56, 0.95e18 + needed + 1);
        sale.otherValueUsd = 1e18;
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), needed + step, "one unit above a step");
        sale.debtUsd -= 1;
        assertEq(CreditMath.restoringUp(_nothingLent(), sale), needed, "a step");
    }
}
