// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BreakerTest} from "./BreakerTest.sol";
import {CircuitBreakerTest} from "./CircuitBreakerTest.sol";

contract CircuitBreaker_release_Test is CircuitBreakerTest {
    function test_release_revertsWhenThereIsNoHalt() public {
        _refuse(IClearingHouse.MarketMode.Open);
        _guard(ETH);
        _refuse(IClearingHouse.MarketMode.ReduceOnly);
    }

    /// @dev AUTH-1: only the guardian's own halts end by themselves.
    function test_release_revertsWhenHaltedByTheGovernor() public {
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _refuse(IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICircuitBreaker.NoHaltToRelease.selector,
                NEVER_OPENED,
                IClearingHouse.MarketMode.Halted
            )
        );
        breaker.release(NEVER_OPENED);
    }

    /// @dev AUTH-1: the governor takes over a halt of the guardian for good.
    function test_release_revertsWhenTheGovernorTookOver() public {
        _halt(ETH, LOWEST);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        skipSeconds(LOWEST);
        _refuse(IClearingHouse.MarketMode.Halted);
    }

    function test_release_revertsWhenTheHaltIsNotOver() public {
        uint256 endsAt = _halt(ETH, 1 hours);
        skipSeconds(1 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltNotOver.selector, ETH, endsAt, endsAt - 1));
        breaker.release(ETH);
    }

    function test_release_revertsWhenReleasedAlready() public {
        _halt(ETH, LOWEST);
        skipSeconds(LOWEST);
        breaker.release(ETH);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _refuse(IClearingHouse.MarketMode.Halted);
    }

    /// @dev By anybody, to reductions, from an open market as from a guarded one: time adds no risk.
    function test_release_guardsTheMarket() public {
        uint256 endsAt = _halt(ETH, 1 hours);
        skipSeconds(1 hours);
        _expectMove(ETH, stranger, IClearingHouse.MarketMode.Halted, IClearingHouse.MarketMode.ReduceOnly, endsAt, 0);
        vm.prank(stranger);
        breaker.release(ETH);
        _assertMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _assertHalt(0, endsAt, endsAt + PAUSE);
    }

    /// @dev A stolen guardian's key: halted as long and as often as possible, a market is open to reductions at least half of the time.
    function test_release_leavesTimeToLeave_whenGuardianHaltsForEver() public {
        _open(alice, ETH, 10_000e18, 20e18);
        uint256 halted;
        uint256 reducible;
        for (uint256 day; day < 10; ++day) {
            if (house.modeOf(ETH) == IClearingHouse.MarketMode.Halted) {
                breaker.release(ETH);
            } else {
                _halt(ETH, HIGHEST);
            }
            skipSeconds(1 days);
            _price(ETH, 2_000);
            if (house.modeOf(ETH) == IClearingHouse.MarketMode.Halted) {
                ++halted;
            } else {
                ++reducible;
                _trade(alice, ETH, -1e18);
            }
        }
        assertEq(halted, 5, "days halted");
        assertEq(reducible, 5, "days on which alice could leave");
        assertEq(_size(alice, ETH), int256(15e18));
    }

    function _refuse(IClearingHouse.MarketMode mode) private {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NoHaltToRelease.selector, ETH, mode));
        breaker.release(ETH);
    }
}

/// @dev What an automatic halt leaves.
contract CircuitBreaker_release_automatic_Test is BreakerTest {
    function test_release_revertsWhenAnAutomaticHaltIsNotOver() public {
        _price(ETH, 1_700);
        _trip(MOVE);
        uint256 endsAt = vm.getBlockTimestamp() + SHORT_HALT;
        skipSeconds(SHORT_HALT - 1);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltNotOver.selector, ETH, endsAt, endsAt - 1));
        breaker.release(ETH);
    }

    function test_release_leavesAGuardThatRelaxes_whenItWasOpenBefore() public {
        _price(ETH, 1_700);
        _trip(MOVE);
        _releaseAndRelax();
    }

    function test_release_leavesAGuardThatRelaxes_whenATripGuardedBefore() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        _price(ETH, 1_700);
        _trip(MOVE);
        _releaseAndRelax();
    }

    /// @dev AUTH-1: what the guardian or the governor guarded is guarded afterwards, and relaxed by nobody.
    function test_release_leavesTheGuard_whenOthersGuardedBefore() public {
        _guard(ETH);
        _price(ETH, 1_700);
        _trip(MOVE);
        skipSeconds(SHORT_HALT);
        breaker.release(ETH);
        _assertMode(ETH, GUARDED);
        _assertRelaxable(0, false);
    }

    /// @dev AUTH-1: an automatic halt that the guardian extends is the guardian's.
    function test_release_leavesTheGuard_whenTheGuardianExtended() public {
        _price(ETH, 1_700);
        _trip(MOVE);
        _halt(ETH, 1 hours);
        skipSeconds(1 hours);
        breaker.release(ETH);
        _assertRelaxable(0, false);
        (, uint256 endsAt, uint256 haltableAt) = breaker.haltOf(ETH);
        assertEq(haltableAt, endsAt + PAUSE, "the guardian's pause");
    }

    function _releaseAndRelax() private {
        skipSeconds(SHORT_HALT);
        uint256 relaxableAt = vm.getBlockTimestamp() + GUARD;
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.GuardTimed(ETH, 0, relaxableAt);
        vm.prank(stranger);
        breaker.release(ETH);
        _assertMode(ETH, GUARDED);
        _assertRelaxable(relaxableAt, false);
        _wait(ETH, 1_700, 25 minutes);
        _relax();
        _assertMode(ETH, OPEN);
        // For a day nothing halts it again but the guardian, who is free to.
        assertEq(breaker.conditionOf(ETH).haltableAt, relaxableAt - GUARD + PAUSE, "pause");
        _halt(ETH, LOWEST);
    }
}
