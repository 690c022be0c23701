// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OpenedRisk, PremiumMath} from "../../../contracts/libraries/PremiumMath.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract PremiumMathTest is LibraryTest {
    /// @dev D9, one basis point.
    uint256 private constant RATE = 100_000;
    /// @dev D18{1}, margin of the rate alone; notionals are whole dollars, so that nothing of it is rounded.
    uint256 private constant MARGIN = 0.05e18;

    function _opened(uint256 notional, uint256 margin, int256 equity) private pure returns (OpenedRisk memory) {
        return
            OpenedRisk({
                notionalUsd: notional,
                addedMarginUsd: (notional * MARGIN) / ONE,
                marginUsd: margin,
                equityUsd: equity,
                rateD9: RATE,
                goodDays: 30
            });
    }

    /// @dev From `held` to `held + added`, D18{USD}, with nothing else.
    function _premium(uint256 held, uint256 added, uint256 equity) private pure returns (uint256) {
        return PremiumMath.premiumUp(_opened(added, ((held + added) * MARGIN) / ONE, int256(equity)));
    }

    /* EDGES */

    function test_standingFactor_fallsFromThreeToOneInThirtyDays() public pure {
        assertEq(PremiumMath.standingFactor(0), 90);
        assertEq(PremiumMath.standingFactor(1), 88);
        assertEq(PremiumMath.standingFactor(15), 60);
        assertEq(PremiumMath.standingFactor(29), 32);
        assertEq(PremiumMath.standingFactor(30), 30);
        assertEq(PremiumMath.standingFactor(31), 30);
        assertEq(PremiumMath.standingFactor(MAX), 30);
    }

    function test_premiumUp_isTheRate_whenAllEquityIsUsedFromNothing() public pure {
        // One basis point of a million, of which 50 000 are margin and equity alike.
        assertEq(_premium(0, 1_000_000e18, 50_000e18), 100e18);
        // Half in use.
        assertEq(_premium(0, 1_000_000e18, 100_000e18), 50e18);
        // The second half is dearer than the first.
        assertEq(_premium(0, 500_000e18, 50_000e18), 25e18);
        assertEq(_premium(500_000e18, 500_000e18, 50_000e18), 75e18);
    }

    function test_premiumUp_isThreeTimesThat_whenTheAccountIsFresh() public pure {
        OpenedRisk memory opened = _opened(1_000_000e18, 50_000e18, 50_000e18);
        opened.goodDays = 0;
        assertEq(PremiumMath.premiumUp(opened), 300e18);
        opened.goodDays = 15;
        assertEq(PremiumMath.premiumUp(opened), 200e18);
    }

    function test_premiumUp_isAtLeastAQuarter_whenEquityIsPlenty() public pure {
        assertEq(_premium(0, 1_000_000e18, 200_000e18), 25e18);
        assertEq(_premium(0, 1_000_000e18, 1_000_000_000e18), 25e18);
        assertEq(_premium(0, 1_000_000e18, 199_999e18), 25.000125000625003126e18);
    }

    function test_premiumUp_isAtMostTwice_whenEquityIsShort() public pure {
        assertEq(_premium(1_000_000e18, 1_000_000e18, 75_000e18), 200e18);
        assertEq(_premium(0, 1_000_000e18, 1), 200e18);
        assertEq(_premium(0, 1_000_000e18, 0), 200e18);
        assertEq(PremiumMath.premiumUp(_opened(1_000_000e18, 50_000e18, type(int256).min)), 200e18);
    }

    function test_premiumUp_roundsUpOnce() public pure {
        assertEq(_premium(0, 0, 1e18), 0);
        assertEq(PremiumMath.premiumUp(_opened(1, 1, 1)), 1);
        OpenedRisk memory opened = _opened(1, 0, 1e18);
        opened.rateD9 = 0;
        assertEq(PremiumMath.premiumUp(opened), 0);
        // What was added is never more than there is; if it were, nothing would be in use.
        opened = _opened(1_000_000e18, 0, 1e18);
        assertEq(PremiumMath.premiumUp(opened), 25e18);
    }

    /* FUZZ */

    /// @dev ROUND-1: two openings never pay less than the one they make, whatever the first cost.
    function testFuzz_ROUND1_premiumUp_isNoLess_whenAnOpeningIsSplit(
        uint256 held,
        uint256 first,
        uint256 second,
        uint256 equity,
        uint256 cost,
        uint256 goodDays
    ) public pure {
        held = bound(held, 0, 1e9) * ONE;
        first = bound(first, 1, 1e9) * ONE;
        second = bound(second, 1, 1e9) * ONE;
        uint256 required = ((held + first + second) * MARGIN) / ONE;
        // The whole is carried, with its costs, in the end.
        equity = bound(equity, required, 100 * required);
        cost = bound(cost, 0, equity - required);
        OpenedRisk memory opened = _opened(first + second, required, int256(equity));
        opened.goodDays = bound(goodDays, 0, 40);
        uint256 whole = PremiumMath.premiumUp(opened);

        OpenedRisk memory piece = _opened(first, ((held + first) * MARGIN) / ONE, int256(equity));
        piece.goodDays = opened.goodDays;
        uint256 pieces = PremiumMath.premiumUp(piece);
        piece = _opened(second, required, int256(equity) - int256(cost + pieces));
        piece.goodDays = opened.goodDays;
        pieces += PremiumMath.premiumUp(piece);
        assertGe(pieces, whole);
    }

    /// @dev ROUND-1: two accounts that share notional and equity, in any way that carries both, never pay less than one.
    function testFuzz_ROUND1_premiumUp_isNoLess_whenAccountsShareAnOpening(
        uint256 one,
        uint256 other,
        uint256 ofOne,
        uint256 ofOther
    ) public pure {
        one = bound(one, 1, 1e9) * ONE;
        other = bound(other, 1, 1e9) * ONE;
        ofOne = bound(ofOne, (one * MARGIN) / ONE, one);
        ofOther = bound(ofOther, (other * MARGIN) / ONE, other);
        uint256 apart = _premium(0, one, ofOne) + _premium(0, other, ofOther);
        assertGe(apart, _premium(0, one + other, ofOne + ofOther));
    }

    /// @dev More notional, less equity, a shorter standing: never cheaper.
    function testFuzz_premiumUp_isMonotone(uint256 added, uint256 equity, uint256 goodDays) public pure {
        added = bound(added, 1, 1e9) * ONE;
        equity = bound(equity, 1, 1e30);
        OpenedRisk memory opened = _opened(added, (added * MARGIN) / ONE, int256(equity));
        opened.goodDays = bound(goodDays, 0, 40);
        uint256 premium = PremiumMath.premiumUp(opened);
        ++opened.goodDays;
        assertLe(PremiumMath.premiumUp(opened), premium);
        --opened.goodDays;
        --opened.equityUsd;
        assertGe(PremiumMath.premiumUp(opened), premium);
        // At most six times, at least a quarter of the rate.
        assertLe(premium, (added * 6 * RATE) / 1e9);
        assertGe(premium, (added * RATE) / 4e9);
    }
}
