// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AdaptiveTest} from "./AdaptiveTest.sol";

contract RiskEngine_refresh_Test is AdaptiveTest {
    function test_refresh_revertsWhenMarginsDoNotFollow() public {
        vm.expectRevert(abi.encodeWithSelector(IAdaptiveMargin.AdaptiveTermsNotSet.selector, ETH));
        margins.refresh(ETH);
    }

    function test_refresh_revertsWhenTermsWereNeverSet() public {
        expectUnset(UNSET);
        margins.refresh(UNSET);
    }

    function test_multipliersOf_isMultiplier_whenMarginsDoNotFollow() public view {
        IAdaptiveMargin.Multipliers memory now_ = margins.multipliersOf(ALT);
        assertEq(now_.initial, 1.25e18);
        assertEq(now_.maintenance, 1.25e18);
        assertEq(now_.refreshedAt, 0);
    }

    /// @dev Initial margin follows at once, without anybody's help; maintenance margin waits for the refresh and then its ramp.
    function test_refresh_startsRamp_whenVolatilityRises() public {
        follow();
        assertMultipliers(ONE, ONE);
        ask(2e18);
        assertMultipliers(2e18, ONE);
        assertEq(margins.multipliersOf(ETH).refreshed, ONE);
        skipSeconds(1 days);
        assertMultipliers(2e18, ONE);
        vm.expectEmit(address(risk));
        emit IAdaptiveMargin.MarginsRefreshed(ETH, 2e18, 2e18, ONE);
        vm.prank(makeAddr("anyone"));
        margins.refresh(ETH);
        assertMultipliers(2e18, ONE);
        assertEq(margins.multipliersOf(ETH).refreshed, 2e18);
        skipSeconds(1 hours);
        assertMultipliers(2e18, 1.095310179e18);
        skipSeconds(2 days);
        assertMultipliers(2e18, 2e18);
    }

    /// @dev Falls by a hundredth an hour, and initial margin never stands below maintenance margin.
    function test_refresh_startsSlowFall_whenVolatilityFalls() public {
        ask(2e18);
        follow();
        skipSeconds(2 days);
        assertMultipliers(2e18, 2e18);
        ask(1e18);
        // What was asked at the last refresh stands until the next.
        assertMultipliers(2e18, 2e18);
        margins.refresh(ETH);
        assertMultipliers(2e18, 2e18);
        skipSeconds(1 hours);
        assertMultipliers(1.980198020e18, 1.980198020e18);
        skipSeconds(1 days);
        assertLt(margins.multipliersOf(ETH).maintenance, 1.7e18);
        skipSeconds(10 days);
        assertMultipliers(ONE, ONE);
    }

    function test_refresh_staysWithinTerms_whenVolatilityIsExtreme() public {
        ask(100e18);
        follow();
        assertMultipliers(3e18, ONE);
        source.set(0, 0);
        margins.refresh(ETH);
        assertMultipliers(ONE, ONE);
    }

    function test_refresh_takesFastAverage_whenItIsHigher() public {
        source.set(CALM, 7 * CALM);
        follow();
        assertMultipliers(2e18, ONE);
    }

    /// @dev RAMP-1 whatever is refreshed how often: no more than a tenth up and a hundredth down within an hour.
    function testFuzz_refresh_staysWithinHourlyBounds(uint256[5] memory asks, uint256[5] memory pauses) public {
        ask(1.7e18);
        follow();
        skipSeconds(2 days);
        uint256 from = margins.multipliersOf(ETH).maintenance;
        uint256 left = 1 hours;
        for (uint256 i; i < asks.length; ++i) {
            ask(bound(asks[i], 0, 5e18));
            margins.refresh(ETH);
            uint256 pause = bound(pauses[i], 0, left);
            left -= pause;
            if (pause != 0) skipSeconds(pause);
            uint256 acting = margins.multipliersOf(ETH).maintenance;
            assertLe(acting, (from * 11) / 10);
            assertGe(acting, (from * 99) / 100);
            assertGe(margins.multipliersOf(ETH).initial, acting);
        }
    }

    /// @dev RAMP-1: nor do new risk terms raise what maintenance asks for in their block.
    function testFuzz_setRiskTerms_keepsMaintenanceRate_whenMarginsFollow(uint256 margin, uint256 multiplier) public {
        ask(1.7e18);
        follow();
        skipSeconds(3 hours);
        uint256 rate = risk.ratesOf(ETH).maintenanceRate;
        IRiskEngine.RiskTerms memory terms = ethTerms();
        terms.maintenanceMargin = bound(margin, 0.0025e18 / 1e9, 0.05e18 / 1e9) * 1e9;
        terms.multiplier = bound(multiplier, 1e9, 3e9) * 1e9;
        risk.setRiskTerms(ETH, terms);
        uint256 after_ = risk.ratesOf(ETH).maintenanceRate;
        assertLe(after_, rate);
        assertGe(after_, terms.maintenanceMargin * 4 < rate ? terms.maintenanceMargin * 4 : rate - 1e9);
        // What the rates show of initial margin follows at once.
        assertGe(risk.ratesOf(ETH).initialRate, (0.05e18 * terms.multiplier) / ONE);
        skipSeconds(30 days);
        uint256 target = margins.multipliersOf(ETH).asked;
        assertEq(risk.ratesOf(ETH).maintenanceRate, (terms.maintenanceMargin / 1e9) * (target / 1e9));
    }
}
