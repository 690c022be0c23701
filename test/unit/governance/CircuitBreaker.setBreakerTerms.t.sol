// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BreakerTest} from "./BreakerTest.sol";

contract CircuitBreaker_setBreakerTerms_Test is BreakerTest {
    function test_setBreakerTerms_revertsWhenCallerIsNotGovernor() public {
        _expectUnauthorized(stranger);
        breaker.setBreakerTerms(ETH, _breakerTerms());
        _expectUnauthorized(guardian);
        breaker.setBreakerTerms(ETH, _breakerTerms());
    }

    function test_setBreakerTerms_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        vm.prank(governor);
        breaker.setBreakerTerms(UNLISTED, _breakerTerms());
    }

    function test_setBreakerTerms_revertsWhenALimitIsOutOfBounds() public {
        ICircuitBreaker.BreakerTerms memory terms = _breakerTerms();
        terms.moveGuard = 0.02e18 - 1;
        _refuse(terms, "moveGuard", terms.moveGuard, 0.02e18, 0.5e18);
        terms.moveGuard = 0.5e18 + 1;
        _refuse(terms, "moveGuard", terms.moveGuard, 0.02e18, 0.5e18);
        terms.moveGuard = 0.2e18;
        _refuse(terms, "moveHalt", 0.15e18, 0.2e18, 1e18);
        terms.moveGuard = 0.06e18;
        terms.moveHalt = 0.1e18 - 1;
        _refuse(terms, "moveHalt", terms.moveHalt, 0.1e18, 1e18);
        terms.moveGuard = 0;
        _refuse(terms, "moveHalt", terms.moveHalt, 0.1e18, 0);
        terms = _breakerTerms();
        terms.drawdownGuard = 0.05e18 - 1;
        _refuse(terms, "drawdownGuard", terms.drawdownGuard, 0.05e18, 1e18);
        terms.drawdownGuard = 0.4e18;
        _refuse(terms, "drawdownHalt", 0.3e18, 0.4e18, 1e18);
        terms.drawdownGuard = 0.1e18;
        terms.drawdownHalt = 0.25e18 - 1;
        _refuse(terms, "drawdownHalt", terms.drawdownHalt, 0.25e18, 1e18);
    }

    /// @dev Triggers that money alone can pull cannot be made finer than this by anybody.
    function test_setBreakerTerms_revertsWhenMoneysLimitIsTooFine() public {
        ICircuitBreaker.BreakerTerms memory terms = _breakerTerms();
        terms.surgeGuard = 0.25e18 - 1;
        _refuse(terms, "surgeGuard", terms.surgeGuard, 0.25e18, 10e18);
        terms.surgeGuard = 10e18 + 1;
        _refuse(terms, "surgeGuard", terms.surgeGuard, 0.25e18, 10e18);
        terms = _breakerTerms();
        terms.outflowGuard = 0.1e18 - 1;
        _refuse(terms, "outflowGuard", terms.outflowGuard, 0.1e18, 1e18);
        terms = _breakerTerms();
        terms.calmPoolUsd = 1 << 128;
        _refuse(terms, "calmPoolUsd", terms.calmPoolUsd, 0, (1 << 128) - 1);
    }

    function test_setBreakerTerms_revertsWhenATimeIsOutOfBounds() public {
        ICircuitBreaker.BreakerTerms memory terms = _breakerTerms();
        terms.windowSeconds = 10 minutes - 1;
        _refuse(terms, "windowSeconds", terms.windowSeconds, 10 minutes, 1 days);
        terms.windowSeconds = 10 minutes;
        terms.standSeconds = 10 minutes + 1;
        _refuse(terms, "standSeconds", terms.standSeconds, 1 minutes, 10 minutes);
        terms.windowSeconds = 1 days;
        terms.standSeconds = 1 hours + 1;
        _refuse(terms, "standSeconds", terms.standSeconds, 1 minutes, 1 hours);
        terms = _breakerTerms();
        terms.guardSeconds = 1 days + 1;
        _refuse(terms, "guardSeconds", terms.guardSeconds, 1 minutes, 1 days);
        terms = _breakerTerms();
        terms.haltSeconds = 1 hours + 1;
        _refuse(terms, "haltSeconds", terms.haltSeconds, 1 minutes, 1 hours);
        terms.haltSeconds = 0;
        _refuse(terms, "haltSeconds", 0, 1 minutes, 1 hours);
    }

    /// @dev Without a window there are no terms, so nothing else may be set.
    function test_setBreakerTerms_revertsWhenTermsAreSetWithoutAWindow() public {
        ICircuitBreaker.BreakerTerms memory terms;
        terms.moveGuard = 0.06e18;
        _refuse(terms, "moveGuard", 0.06e18, 0.02e18, 0);
        terms.moveGuard = 0;
        terms.guardSeconds = 1;
        _refuse(terms, "guardSeconds", 1, 0, 0);
    }

    /// @dev In millionths, rounded down.
    function test_setBreakerTerms_keepsTerms() public {
        ICircuitBreaker.BreakerTerms memory old = breaker.breakerTermsOf(ETH);
        ICircuitBreaker.BreakerTerms memory terms = _breakerTerms();
        assertEq(keccak256(abi.encode(old)), keccak256(abi.encode(terms)), "as set");
        terms.moveGuard = 0.0712345e18;
        terms.windowSeconds = 1 days;
        terms.calmOpenInterest = type(uint128).max;
        ICircuitBreaker.BreakerTerms memory kept = _breakerTerms();
        kept.moveGuard = 0.071234e18;
        kept.windowSeconds = 1 days;
        kept.calmOpenInterest = type(uint128).max;
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.BreakerTermsSet(ETH, old, kept);
        _setTerms(ETH, terms);
        assertEq(keccak256(abi.encode(breaker.breakerTermsOf(ETH))), keccak256(abi.encode(kept)), "as kept");
    }

    function test_setBreakerTerms_endsTheAutomaticPart() public {
        ICircuitBreaker.BreakerTerms memory none;
        _setTerms(ETH, none);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.BreakerTermsNotSet.selector, ETH));
        breaker.conditionOf(ETH);
    }

    function _refuse(
        ICircuitBreaker.BreakerTerms memory terms,
        bytes32 term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.BreakerTermOutOfBounds.selector, ETH, term, value, lowest, highest)
        );
        _setTerms(ETH, terms);
    }
}
