// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BreakerTest} from "./BreakerTest.sol";

contract CircuitBreaker_relax_Test is BreakerTest {
    function test_relax_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        breaker.relax(UNLISTED);
    }

    function test_relax_revertsWhenOpen() public {
        _refuse(OPEN);
    }

    /// @dev AUTH-1: what guardian or governor set is relaxed by nobody.
    function test_relax_revertsWhenGuardianGuarded() public {
        _guard(ETH);
        skipSeconds(GUARD);
        _refuse(GUARDED);
    }

    /// @dev AUTH-1
    function test_relax_revertsWhenGovernorSetTheMode() public {
        _setMode(ETH, GUARDED);
        _refuse(GUARDED);
        _setMode(ETH, HALTED);
        _refuse(HALTED);
    }

    /// @dev AUTH-1
    function test_relax_revertsWhenTakenOver() public {
        _tripByPrice();
        _guard(ETH);
        _passCalmly();
        _refuse(GUARDED);
    }

    function test_relax_revertsWhenTheGuardIsNotOver() public {
        uint256 relaxableAt = _tripByPrice();
        skipSeconds(GUARD - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.GuardNotOver.selector, ETH, relaxableAt, relaxableAt - 1)
        );
        _relax();
    }

    function test_relax_revertsWhenAConditionHolds() public {
        _tripByPrice();
        _pass(GUARD, 1_880);
        _assertRelaxable(vm.getBlockTimestamp(), false);
        _refuseWhile(MOVE, 0.06e18, 0.06e18);
    }

    /// @dev Another trigger than the one that tripped it keeps it guarded too, before it has stood.
    function test_relax_revertsWhenAnotherConditionHolds() public {
        _sampleTwice();
        _price(ETH, 2_120);
        _trip(MOVE);
        for (uint256 i; i < 5; ++i) _wait(ETH, 2_000, 5 minutes);
        skipSeconds(3_601);
        _refuseWhile(ORACLE, 0, STAND);
    }

    function test_relax_opensTheMarket() public {
        uint256 relaxableAt = _tripByPrice();
        _passCalmly();
        _assertRelaxable(relaxableAt, true);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.GuardTimed(ETH, relaxableAt, 0);
        _expectMove(ETH, stranger, GUARDED, OPEN, 0, 0);
        _relax();
        _assertMode(ETH, OPEN);
        _assertRelaxable(0, false);
        _refuse(OPEN);
    }

    /// @dev A surge that goes on keeps the guard until the samples have caught up with it.
    function test_relax_opensTheMarket_whenTheSurgeIsNoSurgeAnyMore() public {
        _surge();
        _trip(INTEREST);
        _pass(GUARD, 2_000);
        _refuseWhile(INTEREST, 1e18, 1e18);
        _pass(WINDOW, 2_000);
        _sample();
        _refuseWhile(INTEREST, 1e18, 1e18);
        _pass(WINDOW, 2_000);
        _relax();
        _assertMode(ETH, OPEN);
    }

    /// @dev No sample is needed for the passing of time to end a guard.
    function test_relax_opensTheMarket_whenNobodySampled() public {
        _sampleTwice();
        _take(pools[0], 2_000_000e18);
        _trip(OUTFLOW);
        _pass(GUARD, 2_000);
        _refuseWhile(OUTFLOW, 0.4e18, 0.3e18);
        _pass(3 * WINDOW, 2_000);
        _relax();
        _assertMode(ETH, OPEN);
    }

    /// @dev The governor ended the terms: nothing holds any more.
    function test_relax_opensTheMarket_whenTermsAreGone() public {
        _tripByPrice();
        ICircuitBreaker.BreakerTerms memory none;
        _setTerms(ETH, none);
        skipSeconds(GUARD);
        _relax();
        _assertMode(ETH, OPEN);
    }

    /// @dev AUTH-1: whatever is tripped, guarded, halted, released and relaxed in whatever order, a market never gets a more open mode than the governor left
    /// it in, nor than the guardian did since the last relaxable state.
    function testFuzz_relax_neverPassesTheGovernorsMode(uint256 seed, uint8 start) public {
        IClearingHouse.MarketMode limit = IClearingHouse.MarketMode(bound(uint256(start), 1, 3));
        _setMode(ETH, limit);
        for (uint256 i; i < 14; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 act = seed % 7;
            IClearingHouse.MarketMode before = house.modeOf(ETH);
            bool isAutomatic = breaker.conditionOf(ETH).relaxableAt != 0;
            if (act == 0) _pass((seed >> 8) % (2 * GUARD), 1_500 + ((seed >> 64) % 1_000));
            else if (act == 1) _try(guardian, abi.encodeCall(ICircuitBreaker.guard, (ETH)));
            else if (act == 2) _try(guardian, abi.encodeCall(ICircuitBreaker.halt, (ETH, (seed >> 8) % HIGHEST)));
            else if (act == 3) _try(stranger, abi.encodeCall(ICircuitBreaker.release, (ETH)));
            else if (act == 4) _try(stranger, abi.encodeCall(ICircuitBreaker.relax, (ETH)));
            else if (act == 5) _try(stranger, abi.encodeCall(ICircuitBreaker.sample, (ETH)));
            else _try(stranger, abi.encodeCall(ICircuitBreaker.trip, (ETH, MOVE)));
            IClearingHouse.MarketMode mode = house.modeOf(ETH);
            assertGe(uint256(mode), uint256(limit), "AUTH-1: more open than the governor left it");
            if (mode < before && before == GUARDED) assertTrue(isAutomatic, "AUTH-1: the guardian's guard was relaxed");
            if (mode < before && before == HALTED) assertEq(uint256(mode), uint256(GUARDED), "a halt ends guarded");
        }
    }

    /// @return relaxableAt {s}
    function _tripByPrice() private returns (uint256 relaxableAt) {
        _price(ETH, 1_880);
        _trip(MOVE);
        return vm.getBlockTimestamp() + GUARD;
    }

    /// @dev Until the oracle's window knows the new price only.
    function _passCalmly() private {
        _wait(ETH, 1_880, 25 minutes);
    }

    function _refuse(IClearingHouse.MarketMode mode) private {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NoGuardToRelax.selector, ETH, mode));
        _relax();
    }

    function _refuseWhile(ICircuitBreaker.Trigger trigger, uint256 figure, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.TriggerHolds.selector, ETH, trigger, figure, limit));
        _relax();
    }

    function _try(address caller, bytes memory data) private {
        vm.prank(caller);
        (bool done, ) = address(breaker).call(data);
        done;
    }
}
