// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {AdaptiveTest} from "./AdaptiveTest.sol";

contract RiskEngine_raiseRegime_Test is AdaptiveTest {
    IAdaptiveMargin.RegimeComponent private constant MACRO = IAdaptiveMargin.RegimeComponent.Macro;
    IAdaptiveMargin.RegimeComponent private constant CLUSTER = IAdaptiveMargin.RegimeComponent.Cluster;

    function test_raiseRegime_revertsWhenCallerIsNotAuthorized() public {
        follow();
        address caller = makeAddr("caller");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
        margins.raiseRegime(ETH, MACRO, 0.1e18, 1 hours);
    }

    function test_raiseRegime_revertsWhenMarginsDoNotFollow() public {
        vm.expectRevert(abi.encodeWithSelector(IAdaptiveMargin.AdaptiveTermsNotSet.selector, ETH));
        margins.raiseRegime(ETH, MACRO, 0.1e18, 1 hours);
    }

    function test_raiseRegime_revertsWhenAboveCap() public {
        follow();
        vm.expectRevert(abi.encodeWithSelector(IAdaptiveMargin.RegimeAboveCap.selector, ETH, MACRO, 0.21e18, 0.2e18));
        margins.raiseRegime(ETH, MACRO, 0.21e18, 1 hours);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdaptiveMargin.AdaptiveTermTooFine.selector,
                IAdaptiveMargin.AdaptiveTerm.RegimeCap,
                0.105e18,
                0.01e18
            )
        );
        margins.raiseRegime(ETH, MACRO, 0.105e18, 1 hours);
    }

    function test_raiseRegime_revertsWhenLifetimeIsOutOfBounds() public {
        follow();
        uint256[2] memory lifetimes = [uint256(59), 3 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdaptiveMargin.AdaptiveTermOutOfBounds.selector,
                    IAdaptiveMargin.AdaptiveTerm.LifetimeSeconds,
                    lifetimes[i],
                    1 minutes,
                    3 days
                )
            );
            margins.raiseRegime(ETH, MACRO, 0.1e18, lifetimes[i]);
        }
    }

    function test_raiseRegime_revertsWhenItWouldLower() public {
        follow();
        margins.raiseRegime(ETH, MACRO, 0.2e18, 1 hours);
        uint256 until = vm.getBlockTimestamp() + 1 hours;
        vm.expectRevert(
            abi.encodeWithSelector(IAdaptiveMargin.RegimeNotRaised.selector, ETH, MACRO, 0.19e18, 0.2e18, until)
        );
        margins.raiseRegime(ETH, MACRO, 0.19e18, 3 days);
        // Once it has expired it may be anything.
        skipSeconds(1 hours);
        margins.raiseRegime(ETH, MACRO, 0.01e18, 1 hours);
        assertEq(margins.multipliersOf(ETH).regime, 1.01e18);
    }

    /// @dev RAMP-1, and R goes by itself.
    function test_raiseRegime_rampsAndExpires() public {
        follow();
        uint256 until = vm.getBlockTimestamp() + 2 hours;
        vm.expectEmit(address(risk));
        emit IAdaptiveMargin.RegimeRaised(ETH, MACRO, 0.2e18, until);
        margins.raiseRegime(ETH, MACRO, 0.2e18, 2 hours);
        margins.raiseRegime(ETH, CLUSTER, 0.25e18, 1 hours);
        assertMultipliers(1.45e18, ONE);
        skipSeconds(30 minutes);
        assertMultipliers(1.45e18, 1.047655089e18);
        skipSeconds(30 minutes);
        // The cluster has gone: maintenance margin goes on to what is left.
        assertMultipliers(1.2e18, 1.095310179e18);
        skipSeconds(1 hours);
        assertEq(margins.multipliersOf(ETH).regime, ONE);
        assertMultipliers(ONE, ONE);
    }

    /// @dev A longer life that stood is not shortened by a raise.
    function test_raiseRegime_keepsLongerLife() public {
        follow();
        margins.raiseRegime(ETH, MACRO, 0.1e18, 3 days);
        margins.raiseRegime(ETH, MACRO, 0.2e18, 1 hours);
        skipSeconds(2 days);
        assertEq(margins.multipliersOf(ETH).regime, 1.2e18);
    }

    /// @dev ρ·R never asks for more than four times the calm margin, nor for more than the notional.
    function test_raiseRegime_staysBelowHighest() public {
        ask(3e18);
        follow();
        margins.raiseRegime(ETH, MACRO, 0.2e18, 3 days);
        margins.raiseRegime(ETH, CLUSTER, 0.25e18, 3 days);
        assertMultipliers(4e18, ONE);
        skipSeconds(2 days);
        assertMultipliers(4e18, 4e18);
    }

    /// @dev RAMP-1 through every component, refreshed at any time.
    function testFuzz_raiseRegime_neverRaisesMaintenanceInItsBlock(uint256[4] memory raises, uint256 pause) public {
        follow();
        for (uint256 i; i < raises.length; ++i) {
            uint256 before = margins.multipliersOf(ETH).maintenance;
            uint256 cap = adaptiveTerms().regimeCaps[i];
            uint256 excess = bound(raises[i], 0, cap / 0.01e18) * 0.01e18;
            margins.raiseRegime(ETH, IAdaptiveMargin.RegimeComponent(i), excess, 3 days);
            margins.refresh(ETH);
            assertEq(margins.multipliersOf(ETH).maintenance, before);
            uint256 waited = bound(pause >> (i * 32), 1, 1 hours);
            skipSeconds(waited);
            assertLe(margins.multipliersOf(ETH).maintenance, (before * (100 hours + 10 * waited)) / 100 hours);
        }
    }

    /* CONGESTION */

    function test_setCongestionTerms_revertsWhenFeesCross() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdaptiveMargin.AdaptiveTermOutOfBounds.selector,
                IAdaptiveMargin.AdaptiveTerm.FullBaseFee,
                5,
                6,
                type(uint128).max
            )
        );
        margins.setCongestionTerms(IAdaptiveMargin.CongestionTerms({calm: 5, full: 5}));
        address caller = makeAddr("caller");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
        margins.setCongestionTerms(IAdaptiveMargin.CongestionTerms({calm: 5, full: 6}));
    }

    function test_setCongestionTerms_turnsOff_whenZero() public {
        margins.setCongestionTerms(IAdaptiveMargin.CongestionTerms({calm: 1, full: 2}));
        IAdaptiveMargin.CongestionTerms memory none;
        vm.expectEmit(address(risk));
        emit IAdaptiveMargin.CongestionTermsSet(IAdaptiveMargin.CongestionTerms({calm: 1, full: 2}), none);
        margins.setCongestionTerms(none);
        assertEq(margins.congestionTerms().full, 0);
    }
}
