// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

contract RiskEngine_initialMarginOf_Test is RiskEngineTest {
    function test_initialMarginOf_revertsWhenTermsAreNotSet() public {
        expectUnset(UNSET);
        risk.initialMarginOf(UNSET, 0, 0, 0);
    }

    function test_ratesOf_revertsWhenTermsAreNotSet() public {
        expectUnset(UNSET);
        risk.ratesOf(UNSET);
    }

    function test_initialMarginOf_isZero_whenNotionalIsZero() public view {
        assertEq(risk.initialMarginOf(ETH, 0, 0, type(uint256).max), 0);
    }

    function test_initialMarginOf_addsSizeAndCrowd() public view {
        assertEq(risk.initialMarginOf(ETH, 1_000_000e18, 10_000_000e18, 0), 50_500e18);
        assertEq(risk.initialMarginOf(ETH, 1_000_000e18, 10_000_000e18, 125_000_000e18), 525_500e18);
        assertEq(risk.initialMarginOf(ALT, 1_000_000e18, 1_000_000e18, 0), 260_000e18);
    }

    /// @dev What is stored to spare the ramp's slot is coarser than the ramp: it begins at its start all the same.
    function test_initialMarginOf_rampsFromItsVeryStart_whenStartIsBetweenSteps() public {
        IRiskEngine.RiskTerms memory terms = ethTerms();
        (terms.rampStartUsd, terms.rampEndUsd) = (50_000_999e18, 50_000_999e18 + 95);
        risk.setRiskTerms(ETH, terms);
        assertEq(risk.initialMarginOf(ETH, 1e18, 1e40, 50_000_000e18), 0.05e18 + 1);
        assertEq(risk.initialMarginOf(ETH, 1e18, 1e40, 50_000_999e18), 0.05e18 + 1);
        assertEq(risk.initialMarginOf(ETH, 1e18, 1e40, 50_000_999e18 + 1), 0.06e18 + 1);
    }

    function test_ratesOf_multipliesByRho() public view {
        IRiskEngine.MarginRates memory rates = risk.ratesOf(ALT);
        assertEq(rates.initialRate, 0.25e18);
        assertEq(rates.maintenanceRate, 0.15e18);
        assertEq(rates.sizeSlope, 0.01e18);
    }

    /// @dev The requirement of a larger position, a thinner or a fuller market is never smaller.
    function testFuzz_initialMarginOf_isMonotone(uint256 notional, uint256 depth, uint256 interest) public view {
        notional = bound(notional, 0, 1e30);
        depth = bound(depth, 1, 1e30);
        interest = bound(interest, 0, 1e30);
        uint256 required = risk.initialMarginOf(ETH, notional, depth, interest);
        assertGe(risk.initialMarginOf(ETH, notional + 1, depth, interest), required);
        assertGe(risk.initialMarginOf(ETH, notional, depth - 1, interest), required);
        assertGe(risk.initialMarginOf(ETH, notional, depth, interest + 1e24), required);
        assertGe(required, (notional * 0.05e18) / ONE);
    }
}
