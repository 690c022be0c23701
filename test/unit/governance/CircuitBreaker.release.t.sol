// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
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
