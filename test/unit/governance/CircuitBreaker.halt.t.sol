// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {CircuitBreakerTest} from "./CircuitBreakerTest.sol";

contract CircuitBreaker_halt_Test is CircuitBreakerTest {
    function test_halt_revertsWhenCallerIsNotGuardian() public {
        _expectUnauthorized(stranger);
        breaker.halt(ETH, HIGHEST);
        _expectUnauthorized(governor);
        breaker.halt(ETH, HIGHEST);
    }

    function test_halt_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        vm.prank(guardian);
        breaker.halt(UNLISTED, HIGHEST);
    }

    function test_halt_revertsWhenDurationIsOutOfRange() public {
        _refuseDuration(0);
        _refuseDuration(LOWEST - 1);
        _refuseDuration(HIGHEST + 1);
        _refuseDuration(type(uint256).max);
    }

    /// @dev AUTH-1: a market that the governor halted, or never opened, must not be released to reductions by the passing of a guardian's halt.
    function test_halt_revertsWhenHaltedByOthers() public {
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        bytes4 selector = ICircuitBreaker.ModeNotStricter.selector;
        IClearingHouse.MarketMode halted = IClearingHouse.MarketMode.Halted;
        vm.expectRevert(abi.encodeWithSelector(selector, ETH, halted, halted));
        vm.prank(guardian);
        breaker.halt(ETH, HIGHEST);
        vm.expectRevert(abi.encodeWithSelector(selector, NEVER_OPENED, halted, halted));
        vm.prank(guardian);
        breaker.halt(NEVER_OPENED, HIGHEST);
    }

    function test_halt_revertsWhenRunningHaltWouldNotLastLonger() public {
        uint256 endsAt = _halt(ETH, 1 hours);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltNotExtended.selector, ETH, endsAt, endsAt));
        vm.prank(guardian);
        breaker.halt(ETH, 1 hours);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.HaltNotExtended.selector, ETH, endsAt, endsAt - 1 hours + LOWEST)
        );
        vm.prank(guardian);
        breaker.halt(ETH, LOWEST);
    }

    function test_halt_revertsWhenExtendedBeyondTheHighest() public {
        uint256 beganAt = vm.getBlockTimestamp();
        _halt(ETH, 1 hours);
        skipSeconds(1);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.HaltTooLong.selector, ETH, beganAt + 1 + HIGHEST, beganAt + HIGHEST)
        );
        vm.prank(guardian);
        breaker.halt(ETH, HIGHEST);
    }

    /// @dev A halt cannot be renewed in place: what is over must be released first, and then waits.
    function test_halt_revertsWhenOverButNotReleased() public {
        uint256 endsAt = _halt(ETH, 1 hours);
        skipSeconds(1 hours);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltUnreleased.selector, ETH, endsAt));
        vm.prank(guardian);
        breaker.halt(ETH, 1 hours);
        skipSeconds(30 days);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltUnreleased.selector, ETH, endsAt));
        vm.prank(guardian);
        breaker.halt(ETH, 1 hours);
    }

    function test_halt_revertsWhenPauseHasNotPassed() public {
        _halt(ETH, HIGHEST);
        skipSeconds(HIGHEST + 1 hours);
        breaker.release(ETH);
        uint256 haltableAt = vm.getBlockTimestamp() + PAUSE;
        skipSeconds(PAUSE - 1);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.HaltTooSoon.selector, ETH, haltableAt, haltableAt - 1));
        vm.prank(guardian);
        breaker.halt(ETH, HIGHEST);
        skipSeconds(1);
        _halt(ETH, HIGHEST);
        _assertMode(ETH, IClearingHouse.MarketMode.Halted);
    }

    function test_halt_haltsForAsLongAsAsked() public {
        uint256 now_ = vm.getBlockTimestamp();
        _assertHalt(0, 0, 0);
        _expectMove(ETH, guardian, IClearingHouse.MarketMode.Open, IClearingHouse.MarketMode.Halted, 0, now_ + LOWEST);
        assertEq(_halt(ETH, LOWEST), now_ + LOWEST, "ends");
        _assertMode(ETH, IClearingHouse.MarketMode.Halted);
        _assertMode(BTC, IClearingHouse.MarketMode.Open);
        _assertHalt(now_, now_ + LOWEST, now_ + LOWEST + PAUSE);
    }

    function test_halt_extendsUpToTheHighest() public {
        uint256 beganAt = vm.getBlockTimestamp();
        _halt(ETH, 1 hours);
        skipSeconds(1 hours - 1);
        _expectMove(
            ETH,
            guardian,
            IClearingHouse.MarketMode.Halted,
            IClearingHouse.MarketMode.Halted,
            beganAt + 1 hours,
            beganAt + HIGHEST
        );
        _halt(ETH, HIGHEST - 1 hours + 1);
        _assertHalt(beganAt, beganAt + HIGHEST, beganAt + HIGHEST + PAUSE);
    }

    function test_halt_haltsAMarketThatIsGuarded() public {
        _guard(ETH);
        _halt(ETH, HIGHEST);
        _assertMode(ETH, IClearingHouse.MarketMode.Halted);
    }

    /// @dev A mode the governor sets is a new situation: the guardian is armed again.
    function test_halt_needsNoPause_whenTheGovernorReopened() public {
        _halt(ETH, HIGHEST);
        skipSeconds(1 hours);
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        uint256 now_ = vm.getBlockTimestamp();
        _halt(ETH, HIGHEST);
        _assertHalt(now_, now_ + HIGHEST, now_ + HIGHEST + PAUSE);
    }

    /// @dev LIVE-1: in every mode, whoever can be liquidated can deposit and reduce; while halted nobody is liquidated, and deposits still work.
    function test_halt_neverLiquidatesWhereReducingIsImpossible_whenDistressed() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        assertLt(_health(alice), 1e18, "distressed");
        _assertLive(true);
        _guard(ETH);
        _assertLive(true);
        _halt(ETH, HIGHEST);
        _assertLive(false);
        skipSeconds(HIGHEST);
        _price(ETH, 1_925);
        breaker.release(ETH);
        _assertLive(true);
    }

    /// @dev Liquidates, deposits and reduces, each on the same state.
    function _assertLive(bool liquidates) private {
        uint256 snapshot = vm.snapshotState();
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(
            uint256(plan.code),
            uint256(liquidates ? ILiquidationEngine.PlanCode.Partial : ILiquidationEngine.PlanCode.Halted)
        );
        vm.revertToState(snapshot);

        snapshot = vm.snapshotState();
        uint256 before = _cash(alice);
        _fund(alice, 1_000e18);
        assertEq(_cash(alice), before + 1_000e18, "LIVE-1: deposits work");
        if (liquidates) {
            _trade(alice, ETH, -10e18);
            assertEq(_size(alice, ETH), int256(70e18), "LIVE-1: reductions work");
        } else {
            vm.expectRevert(
                abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
            );
            _trade(alice, ETH, -10e18);
        }
        vm.revertToState(snapshot);
    }

    function _refuseDuration(uint256 durationSeconds) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICircuitBreaker.HaltDurationOutOfRange.selector,
                ETH,
                durationSeconds,
                LOWEST,
                HIGHEST
            )
        );
        vm.prank(guardian);
        breaker.halt(ETH, durationSeconds);
    }
}
