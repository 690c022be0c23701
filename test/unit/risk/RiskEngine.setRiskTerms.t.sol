// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

contract RiskEngine_setRiskTerms_Test is RiskEngineTest {
    IRiskEngine.RiskTerms private terms;

    function setUp() public override {
        super.setUp();
        terms = ethTerms();
    }

    /* REVERTS */

    function test_setRiskTerms_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        risk.setRiskTerms(ETH, terms);
    }

    function test_setRiskTerms_revertsWhenInitialMarginIsOutOfBounds() public {
        terms.maintenanceMargin = 0.0025e18;
        terms.initialMargin = 0.005e18 - 1;
        _expectOutside(IRiskEngine.RiskTerm.InitialMargin, 0.005e18 - 1, 0.005e18, ONE);
        terms.initialMargin = 0.005e18;
        _set();
        terms.maxMultiplier = ONE;
        terms.initialMargin = ONE;
        _set();
        terms.initialMargin = ONE + 1;
        _expectOutside(IRiskEngine.RiskTerm.InitialMargin, ONE + 1, 0.005e18, ONE);
        terms.initialMargin = 0;
        _expectOutside(IRiskEngine.RiskTerm.InitialMargin, 0, 0.005e18, ONE);
    }

    function test_setRiskTerms_revertsWhenMaintenanceMarginIsOutOfBounds() public {
        terms.maintenanceMargin = 0.0025e18 - 1;
        _expectOutside(IRiskEngine.RiskTerm.MaintenanceMargin, 0.0025e18 - 1, 0.0025e18, 0.05e18);
        terms.maintenanceMargin = 0.0025e18;
        _set();
        terms.maintenanceMargin = 0.05e18;
        _set();
        terms.maintenanceMargin = 0.05e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.MaintenanceMargin, 0.05e18 + 1, 0.0025e18, 0.05e18);
    }

    function test_setRiskTerms_revertsWhenSizeSlopeIsOutOfBounds() public {
        terms.sizeSlope = 0;
        _set();
        terms.sizeSlope = 0.2e18;
        _set();
        terms.sizeSlope = 0.2e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.SizeSlope, 0.2e18 + 1, 0, 0.2e18);
    }

    function test_setRiskTerms_revertsWhenGainShareIsOutOfBounds() public {
        terms.gainShare = 0;
        _set();
        terms.gainShare = ONE;
        _set();
        terms.gainShare = ONE + 1;
        _expectOutside(IRiskEngine.RiskTerm.GainShare, ONE + 1, 0, ONE);
    }

    function test_setRiskTerms_revertsWhenMultiplierIsOutOfBounds() public {
        terms.multiplier = ONE - 1;
        _expectOutside(IRiskEngine.RiskTerm.Multiplier, ONE - 1, ONE, 3e18);
        terms.multiplier = 3e18;
        _set();
        terms.multiplier = 3e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.Multiplier, 3e18 + 1, ONE, 3e18);
    }

    function test_setRiskTerms_revertsWhenMaxMultiplierIsOutOfBounds() public {
        terms.maxMultiplier = ONE;
        _set();
        terms.maxMultiplier = 4e18;
        _set();
        terms.maxMultiplier = 4e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.MaxMultiplier, 4e18 + 1, ONE, 4e18);
        // The shock m_I·ρ_max never passes the notional: 1/0.3 = 3.333333333.
        terms.initialMargin = 0.3e18;
        terms.maxMultiplier = 3.333333333e18;
        _set();
        terms.maxMultiplier = 3.333333334e18;
        _expectOutside(IRiskEngine.RiskTerm.MaxMultiplier, 3.333333334e18, ONE, 3.333333333e18);
        terms.initialMargin = ONE;
        terms.maxMultiplier = ONE + 1e9;
        _expectOutside(IRiskEngine.RiskTerm.MaxMultiplier, ONE + 1e9, ONE, ONE);
    }

    /// @dev Regression: the multiplier used to be blamed, for leaving a range that ended before it began.
    function test_setRiskTerms_revertsWhenMaxMultiplierIsBelowOne() public {
        terms.maxMultiplier = 0.9e18;
        _expectOutside(IRiskEngine.RiskTerm.MaxMultiplier, 0.9e18, ONE, 4e18);
    }

    function test_setRiskTerms_revertsWhenMaxChargeIsOutOfBounds() public {
        terms.maxCharge = 0;
        _set();
        terms.maxCharge = ONE;
        _set();
        terms.maxCharge = ONE + 1;
        _expectOutside(IRiskEngine.RiskTerm.MaxCharge, ONE + 1, 0, ONE);
    }

    function test_setRiskTerms_revertsWhenRampIsOutOfBounds() public {
        uint256 widest = type(uint128).max;
        terms.rampStartUsd = 0;
        terms.rampEndUsd = 0;
        _expectOutside(IRiskEngine.RiskTerm.RampEndUsd, 0, 1, widest);
        terms.rampEndUsd = 1;
        _set();
        terms.rampEndUsd = widest;
        _set();
        terms.rampEndUsd = widest + 1;
        _expectOutside(IRiskEngine.RiskTerm.RampEndUsd, widest + 1, 1, widest);
        terms.rampEndUsd = widest;
        terms.rampStartUsd = widest - 1;
        _set();
        terms.rampStartUsd = widest;
        _expectOutside(IRiskEngine.RiskTerm.RampStartUsd, widest, 0, widest - 1);
        terms.rampStartUsd = 100;
        terms.rampEndUsd = 100;
        _expectOutside(IRiskEngine.RiskTerm.RampEndUsd, 100, 101, widest);
    }

    function test_setRiskTerms_revertsWhenRateIsTooFine() public {
        terms.initialMargin = 0.05e18 + 1;
        _expectTooFine(IRiskEngine.RiskTerm.InitialMargin, 0.05e18 + 1);
        terms = ethTerms();
        terms.maintenanceMargin = 0.03e18 + 1e8;
        _expectTooFine(IRiskEngine.RiskTerm.MaintenanceMargin, 0.03e18 + 1e8);
        terms = ethTerms();
        terms.sizeSlope = 1;
        _expectTooFine(IRiskEngine.RiskTerm.SizeSlope, 1);
        terms = ethTerms();
        terms.gainShare = 0.9e18 + 1;
        _expectTooFine(IRiskEngine.RiskTerm.GainShare, 0.9e18 + 1);
        terms = ethTerms();
        terms.multiplier = ONE + 1;
        _expectTooFine(IRiskEngine.RiskTerm.Multiplier, ONE + 1);
        terms = ethTerms();
        terms.maxMultiplier = 3e18 + 1;
        _expectTooFine(IRiskEngine.RiskTerm.MaxMultiplier, 3e18 + 1);
        terms = ethTerms();
        terms.maxCharge = 1e9 - 1;
        _expectTooFine(IRiskEngine.RiskTerm.MaxCharge, 1e9 - 1);
    }

    /* SUCCESS */

    function test_setRiskTerms_emitsOldAndNew() public {
        IRiskEngine.RiskTerms memory oldTerms = ethTerms();
        terms.multiplier = 2e18;
        vm.expectEmit(address(risk));
        emit IRiskEngine.RiskTermsSet(ETH, oldTerms, terms);
        risk.setRiskTerms(ETH, terms);
        assertEq(abi.encode(risk.riskTermsOf(ETH)), abi.encode(terms));
        // Another market's terms are its own.
        assertEq(abi.encode(risk.riskTermsOf(ALT)), abi.encode(altTerms()));
    }

    function test_riskTermsOf_isZero_whenNeverSet() public view {
        IRiskEngine.RiskTerms memory none;
        assertEq(abi.encode(risk.riskTermsOf(UNSET)), abi.encode(none));
    }

    function testFuzz_setRiskTerms_keepsWhatWasSet(IRiskEngine.RiskTerms memory raw) public {
        IRiskEngine.RiskTerms memory given;
        given.initialMargin = bound(raw.initialMargin, 5_000_000, 1e9) * 1e9;
        given.maintenanceMargin = bound(raw.maintenanceMargin, 2_500_000, given.initialMargin / 1e9) * 1e9;
        given.sizeSlope = bound(raw.sizeSlope, 0, 2e8) * 1e9;
        given.gainShare = bound(raw.gainShare, 0, 1e9) * 1e9;
        uint256 highest = 1e27 / given.initialMargin;
        given.maxMultiplier = bound(raw.maxMultiplier, 1e9, highest < 4e9 ? highest : 4e9) * 1e9;
        given.multiplier = bound(raw.multiplier, 1e9, given.maxMultiplier / 1e9) * 1e9;
        given.maxCharge = bound(raw.maxCharge, 0, 1e9) * 1e9;
        given.rampStartUsd = bound(raw.rampStartUsd, 0, type(uint128).max - 1);
        given.rampEndUsd = bound(raw.rampEndUsd, given.rampStartUsd + 1, type(uint128).max);
        risk.setRiskTerms(UNSET, given);
        assertEq(abi.encode(risk.riskTermsOf(UNSET)), abi.encode(given));
        IRiskEngine.MarginRates memory rates = risk.ratesOf(UNSET);
        assertEq(rates.initialRate, (given.initialMargin * given.multiplier) / ONE);
        assertEq(rates.maintenanceRate, (given.maintenanceMargin * given.multiplier) / ONE);
        assertEq(rates.sizeSlope, given.sizeSlope);
    }

    function _set() private {
        risk.setRiskTerms(ETH, terms);
        assertEq(abi.encode(risk.riskTermsOf(ETH)), abi.encode(terms));
    }

    function _expectOutside(IRiskEngine.RiskTerm term, uint256 value, uint256 lowest, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRiskEngine.RiskTermOutOfBounds.selector, ETH, term, value, lowest, highest)
        );
        risk.setRiskTerms(ETH, terms);
    }

    function _expectTooFine(IRiskEngine.RiskTerm term, uint256 value) private {
        vm.expectRevert(abi.encodeWithSelector(IRiskEngine.RiskTermTooFine.selector, ETH, term, value, 1e9));
        risk.setRiskTerms(ETH, terms);
    }
}
