// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
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
