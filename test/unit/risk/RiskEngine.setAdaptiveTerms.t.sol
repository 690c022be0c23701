// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {IVolatility} from "../../../contracts/interfaces/IVolatility.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {AdaptiveTest} from "./AdaptiveTest.sol";

contract RiskEngine_setAdaptiveTerms_Test is AdaptiveTest {
    function test_setAdaptiveTerms_revertsWhenCallerIsNotAuthorized() public {
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        address caller = makeAddr("caller");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
        margins.setAdaptiveTerms(ETH, terms);
    }

    function test_setAdaptiveTerms_revertsWhenRiskTermsWereNeverSet() public {
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        expectUnset(UNSET);
        margins.setAdaptiveTerms(UNSET, terms);
    }

    function test_setAdaptiveTerms_revertsWhenTermIsOutOfBounds() public {
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        terms.horizonSeconds = 59;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.HorizonSeconds, 59, 60, 1 days);
        terms.horizonSeconds = 1 days + 1;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.HorizonSeconds, 1 days + 1, 60, 1 days);
        terms = adaptiveTerms();
        terms.deviations = 0.1e18 - 1;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.Deviations, 0.1e18 - 1, 0.1e18, 20e18);
        terms.deviations = 20e18 + 1;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.Deviations, 20e18 + 1, 0.1e18, 20e18);
        terms = adaptiveTerms();
        terms.regimeCaps[3] = 1e18 + 1;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.RegimeCap, 1e18 + 1, 0, 1e18);
        terms.regimeCaps[3] = 0.41e18;
        _expectOutOfBounds(terms, IAdaptiveMargin.AdaptiveTerm.RegimeCapSum, 1.01e18, 0, 1e18);
    }

    function test_setAdaptiveTerms_revertsWhenTermIsTooFine() public {
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        terms.deviations += 1;
        _expectTooFine(terms, IAdaptiveMargin.AdaptiveTerm.Deviations, 2e18 + 1, 1e15);
        terms = adaptiveTerms();
        terms.regimeCaps[0] = 0.125e18;
        _expectTooFine(terms, IAdaptiveMargin.AdaptiveTerm.RegimeCap, 0.125e18, 0.01e18);
    }

    function test_setAdaptiveTerms_emitsOldAndNew() public {
        IAdaptiveMargin.AdaptiveTerms memory none;
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        vm.expectEmit(address(risk));
        emit IAdaptiveMargin.AdaptiveTermsSet(ETH, none, terms);
        margins.setAdaptiveTerms(ETH, terms);
        assertEq(abi.encode(margins.adaptiveTermsOf(ETH)), abi.encode(terms));
        assertEq(abi.encode(margins.adaptiveTermsOf(ALT)), abi.encode(none));
    }

    /// @dev Without a source what is left of ρ is the risk terms' own; maintenance margin goes there along the ramp.
    function test_setAdaptiveTerms_rampsDown_whenSourceGoes() public {
        ask(2e18);
        follow();
        skipSeconds(2 days);
        assertMultipliers(2e18, 2e18);
        IAdaptiveMargin.AdaptiveTerms memory terms = adaptiveTerms();
        terms.source = IVolatility(address(0));
        margins.setAdaptiveTerms(ETH, terms);
        assertMultipliers(2e18, 2e18);
        skipSeconds(50 hours);
        assertMultipliers(1.333333334e18, 1.333333334e18);
        skipSeconds(50 hours);
        assertMultipliers(ONE, ONE);
    }

    /* IMPLIED */

    function test_setImpliedTerms_revertsWhenTermIsOutOfBounds() public {
        address feed = makeAddr("feed");
        _expectImpliedOutOfBounds(feed, 59, 1, IAdaptiveMargin.AdaptiveTerm.MaxAgeSeconds, 59, 60, 2 days);
        _expectImpliedOutOfBounds(feed, 60, 0, IAdaptiveMargin.AdaptiveTerm.WholeAnswer, 0, 1, type(uint64).max);
        address caller = makeAddr("caller");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
        margins.setImpliedTerms(ETH, IAdaptiveMargin.ImpliedTerms(feed, 60, 1));
    }

    /// @dev 0.8 of what is implied is the least that counts; a feed that is old or broken counts nothing.
    function test_refresh_takesImpliedVolatility_whenItIsHigher() public {
        ReplayFeed feed = ReplayFeed(deploy("ReplayFeed", abi.encode(address(this), "ETH DVOL", uint8(8))));
        // 280.8 % a year, of which 0.8 is 3 % an hour at two deviations: ρ = 1.6.
        feed.push(280.8e8);
        IAdaptiveMargin.ImpliedTerms memory none;
        IAdaptiveMargin.ImpliedTerms memory terms = IAdaptiveMargin.ImpliedTerms(address(feed), 1 hours, 100e8);
        vm.expectEmit(address(risk));
        emit IAdaptiveMargin.ImpliedTermsSet(ETH, none, terms);
        margins.setImpliedTerms(ETH, terms);
        assertEq(abi.encode(margins.impliedTermsOf(ETH)), abi.encode(terms));
        follow();
        assertApproxEqAbs(margins.multipliersOf(ETH).asked, 1.6e18, 0.001e18);
        ask(2e18);
        margins.refresh(ETH);
        assertEq(margins.multipliersOf(ETH).asked, 2e18);
        ask(0);
        margins.refresh(ETH);
        assertApproxEqAbs(margins.multipliersOf(ETH).asked, 1.6e18, 0.001e18);
        skipSeconds(1 hours + 1);
        margins.refresh(ETH);
        assertEq(margins.multipliersOf(ETH).asked, ONE);
        feed.push(-1);
        margins.refresh(ETH);
        assertEq(margins.multipliersOf(ETH).asked, ONE);
        feed.push(type(int112).max);
        margins.refresh(ETH);
        assertEq(margins.multipliersOf(ETH).asked, 3e18);
    }

    function _expectOutOfBounds(
        IAdaptiveMargin.AdaptiveTerms memory terms,
        IAdaptiveMargin.AdaptiveTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAdaptiveMargin.AdaptiveTermOutOfBounds.selector, term, value, lowest, highest)
        );
        margins.setAdaptiveTerms(ETH, terms);
    }

    function _expectTooFine(
        IAdaptiveMargin.AdaptiveTerms memory terms,
        IAdaptiveMargin.AdaptiveTerm term,
        uint256 value,
        uint256 step
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IAdaptiveMargin.AdaptiveTermTooFine.selector, term, value, step));
        margins.setAdaptiveTerms(ETH, terms);
    }

    function _expectImpliedOutOfBounds(
        address feed,
        uint256 maxAge,
        uint256 whole,
        IAdaptiveMargin.AdaptiveTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAdaptiveMargin.AdaptiveTermOutOfBounds.selector, term, value, lowest, highest)
        );
        margins.setImpliedTerms(ETH, IAdaptiveMargin.ImpliedTerms(feed, maxAge, whole));
    }
}
