// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BreakerTest} from "./BreakerTest.sol";
import {CircuitBreakerTest} from "./CircuitBreakerTest.sol";

contract CircuitBreaker_guard_Test is CircuitBreakerTest {
    function test_guard_revertsWhenCallerIsNotGuardian() public {
        _expectUnauthorized(stranger);
        breaker.guard(ETH);
        _expectUnauthorized(governor);
        breaker.guard(ETH);
    }

    function test_guard_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        vm.prank(guardian);
        breaker.guard(UNLISTED);
    }

    /// @dev AUTH-1: guarding a halted market would be a step towards more risk.
    function test_guard_revertsWhenMarketIsNotOpen() public {
        _refuse(IClearingHouse.MarketMode.ReduceOnly);
        _refuse(IClearingHouse.MarketMode.Halted);
    }

    /// @dev AUTH-1
    function test_guard_revertsWhenMarketWasNeverOpened() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICircuitBreaker.ModeNotStricter.selector,
                NEVER_OPENED,
                IClearingHouse.MarketMode.Halted,
                IClearingHouse.MarketMode.ReduceOnly
            )
        );
        vm.prank(guardian);
        breaker.guard(NEVER_OPENED);
    }

    function test_guard_restrictsToReductions() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _expectMove(ETH, guardian, IClearingHouse.MarketMode.Open, IClearingHouse.MarketMode.ReduceOnly, 0, 0);
        _guard(ETH);
        _assertMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _assertMode(BTC, IClearingHouse.MarketMode.Open);

        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.ReduceOnly)
        );
        _trade(alice, ETH, 1e18);
        _trade(alice, ETH, -20e18);
        assertEq(_size(alice, ETH), int256(0));
    }

    /// @dev A broken oracle must not keep the guardian from acting.
    function test_guard_asksNoOracle() public {
        vm.mockCallRevert(address(oracle), bytes(""), "the oracle is broken");
        _guard(ETH);
        _assertMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _halt(ETH, HIGHEST);
        _assertMode(ETH, IClearingHouse.MarketMode.Halted);
    }

    function _refuse(IClearingHouse.MarketMode mode) private {
        _setMode(ETH, mode);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICircuitBreaker.ModeNotStricter.selector,
                ETH,
                mode,
                IClearingHouse.MarketMode.ReduceOnly
            )
        );
        vm.prank(guardian);
        breaker.guard(ETH);
    }
}

contract CircuitBreaker_guard_automatic_Test is BreakerTest {
    /// @dev A guard that anybody could have relaxed is the guardian's from then on.
    function test_guard_takesOver_whenATripGuarded() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        uint256 relaxableAt = vm.getBlockTimestamp() + GUARD;
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.GuardTimed(ETH, relaxableAt, 0);
        _expectMove(ETH, guardian, GUARDED, GUARDED, 0, 0);
        _guard(ETH);
        _assertRelaxable(0, false);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.ModeNotStricter.selector, ETH, GUARDED, GUARDED));
        _guard(ETH);
    }

    /// @dev The governor's mode forgets the guard: nothing is left to relax.
    function test_guard_isForgotten_whenTheGovernorSetsAMode() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        _setMode(ETH, OPEN);
        _assertRelaxable(0, false);
        _guard(ETH);
        _assertRelaxable(0, false);
    }

    /// @dev AUTH-1: a halt of the guardian over a tripped guard ends in a guard that stays.
    function test_guard_stays_whenTheGuardianHaltedATrippedMarket() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        _halt(ETH, LOWEST);
        skipSeconds(LOWEST);
        breaker.release(ETH);
        _assertRelaxable(0, false);
        _wait(ETH, 1_880, 25 minutes);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NoGuardToRelax.selector, ETH, GUARDED));
        _relax();
    }
}
