// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BreakerTest} from "./BreakerTest.sol";

contract CircuitBreaker_trip_Test is BreakerTest {
    function test_trip_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        breaker.trip(UNLISTED, MOVE);
    }

    function test_trip_revertsWhenMarketHasNoTerms() public {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.BreakerTermsNotSet.selector, BTC));
        breaker.trip(BTC, MOVE);
    }

    /// @dev AUTH-1: nothing is tripped while its condition does not hold.
    function test_trip_revertsWhenNoConditionHolds() public {
        _sampleTwice();
        for (uint256 i; i < 5; ++i) _refuseTrip(ICircuitBreaker.Trigger(i), 0);
        _assertMode(ETH, OPEN);
    }

    function test_trip_revertsWhenTheTriggerIsOff() public {
        ICircuitBreaker.BreakerTerms memory terms = _breakerTerms();
        (terms.moveGuard, terms.moveHalt) = (0, 0);
        _setTerms(ETH, terms);
        _price(ETH, 1_500);
        _refuseTrip(MOVE, 0.25e18);
    }

    function test_trip_revertsWhenGuardedAlready() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        _assertReading(MOVE, 0.06e18, vm.getBlockTimestamp(), UNLISTED_MODE);
        _refuseMode(GUARDED, GUARDED);
    }

    function test_trip_revertsWhenHalted() public {
        _setMode(ETH, HALTED);
        _price(ETH, 1_880);
        _refuseMode(HALTED, GUARDED);
        _price(ETH, 1_700);
        _refuseMode(HALTED, HALTED);
    }

    /// @dev The pause after a halt is for everybody's halts but the guardian's own after an automatic one.
    function test_trip_revertsWhenHaltedTooRecently() public {
        uint256 endsAt = _halt(ETH, LOWEST);
        skipSeconds(LOWEST);
        breaker.release(ETH);
        _price(ETH, 1_700);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.HaltTooSoon.selector, ETH, endsAt + PAUSE, vm.getBlockTimestamp())
        );
        _trip(MOVE);
        assertEq(breaker.conditionOf(ETH).haltableAt, endsAt + PAUSE, "haltable at");
    }

    /* PRICE */

    function test_trip_guards_whenThePriceFell() public {
        _price(ETH, 1_881);
        _refuseTrip(MOVE, 0.0595e18);
        _price(ETH, 1_880);
        _assertTrips(MOVE, 0.06e18, GUARDED);
        _assertRelaxable(vm.getBlockTimestamp() + GUARD, false);
        _assertMode(BTC, OPEN);
    }

    function test_trip_guards_whenThePriceRose() public {
        _price(ETH, 2_119);
        _refuseTrip(MOVE, 0.0595e18);
        _price(ETH, 2_120);
        _assertTrips(MOVE, 0.06e18, GUARDED);
    }

    /// @dev From the stronger limit on, whatever it was before.
    function test_trip_halts_whenThePriceMovedFar() public {
        _price(ETH, 1_701);
        _assertReading(MOVE, 0.1495e18, vm.getBlockTimestamp(), GUARDED);
        _price(ETH, 1_700);
        uint256 now_ = vm.getBlockTimestamp();
        _assertTrips(MOVE, 0.15e18, HALTED);
        (uint256 beganAt, uint256 endsAt, uint256 haltableAt) = breaker.haltOf(ETH);
        assertEq(beganAt, now_, "began");
        assertEq(endsAt, now_ + SHORT_HALT, "ends");
        assertEq(haltableAt, 0, "the guardian need not wait");
        _assertRelaxable(0, false);
    }

    function test_trip_halts_whenGuardedBefore() public {
        _price(ETH, 1_880);
        _trip(MOVE);
        _price(ETH, 1_700);
        _assertTrips(MOVE, 0.15e18, HALTED);
    }

    /// @dev In the pause after a halt an open market is guarded where it would be halted.
    function test_trip_guards_whenItMayNotHaltYet() public {
        _price(ETH, 1_700);
        _trip(MOVE);
        skipSeconds(SHORT_HALT);
        breaker.release(ETH);
        _setModeKeepingThePause();
        _price(ETH, 1_700);
        _assertTrips(MOVE, 0.15e18, GUARDED);
    }

    /// @dev Relaxed, so that it is open while the pause runs.
    function _setModeKeepingThePause() private {
        _wait(ETH, 1_700, 30 minutes);
        _relax();
        _assertMode(ETH, OPEN);
        for (uint256 i; i < 2; ++i) _wait(ETH, 1_700, 10 minutes);
        _price(ETH, 2_000);
        oracle.poke(ETH.bit());
    }

    /* BUFFERS */

    function test_trip_guards_whenBuffersWereDrawnOn() public {
        _sample();
        // Of half of the fund, which is all that stands behind the market.
        _drawFund(9_999e18);
        _refuseTrip(DRAWDOWN, 0.09999e18);
        _drawFund(1e18);
        _assertTrips(DRAWDOWN, 0.1e18, GUARDED);
    }

    function test_trip_halts_whenBuffersWereDrawnOnDeeply() public {
        _sample();
        _drawFund(30_000e18);
        _assertTrips(DRAWDOWN, 0.3e18, HALTED);
    }

    function test_trip_counts_whenBuffersAreTiny() public {
        _drawFund(99_000e18);
        _sample();
        // All of the 500 USD, of the 10,000 that count at least.
        _drawFund(1_000e18);
        _refuseTrip(DRAWDOWN, 0.05e18);
    }

    /* OPEN INTEREST */

    function test_trip_guards_whenOpenInterestDoubledAndStood() public {
        _sampleTwice();
        _fundPair();
        _match(SURGE - 1e15);
        _refuseTrip(INTEREST, 0.999998e18);
        _match(1e15);
        uint256 seenAt = vm.getBlockTimestamp();
        _sample();
        _pass(STAND - 1, 2_000);
        _assertReading(INTEREST, 1e18, seenAt + STAND, UNLISTED_MODE);
        _refuseEarlyTrip(INTEREST, seenAt + STAND);
        _pass(1, 2_000);
        _assertTrips(INTEREST, 1e18, GUARDED);
    }

    /// @dev Money alone never halts a market.
    function test_trip_guardsOnly_whenOpenInterestIsHuge() public {
        _sampleTwice();
        _fund(alice, 5_000_000e18);
        _fund(bob, 5_000_000e18);
        _match(20 * SURGE);
        _sample();
        _pass(STAND, 2_000);
        _assertTrips(INTEREST, 39e18, GUARDED);
        assertEq(_reading(INTEREST).haltLimit, 0);
        _refuseOnceGuarded(INTEREST);
    }

    /* POOL */

    function test_trip_guards_whenThePoolsCashLeft() public {
        _sampleTwice();
        _take(pools[0], 1_499_999e18);
        _refuseTrip(OUTFLOW, 0.2999998e18);
        _take(pools[0], 1e18);
        _assertTrips(OUTFLOW, 0.3e18, GUARDED);
        assertEq(_reading(OUTFLOW).haltLimit, 0);
    }

    function test_trip_guardsOnly_whenAllOfThePoolsCashLeft() public {
        _sampleTwice();
        _take(pools[0], POOL_USD);
        _assertTrips(OUTFLOW, 1e18, GUARDED);
        _refuseOnceGuarded(OUTFLOW);
    }

    /* ORACLE */

    function test_trip_guards_whenThePriceStaysInvalid() public {
        skipSeconds(3_601);
        _sample();
        uint256 seenAt = vm.getBlockTimestamp();
        skipSeconds(STAND - 1);
        _refuseEarlyTrip(ORACLE, seenAt + STAND);
        skipSeconds(1);
        _assertTrips(ORACLE, STAND, GUARDED);
    }

    /// @dev A price that cannot be trusted moves nothing.
    function test_trip_revertsWhenTheMovedPriceIsNotValid() public {
        _price(ETH, 1_700);
        oracle.poke(ETH.bit());
        skipSeconds(3_601);
        _assertReading(MOVE, 0, 0, UNLISTED_MODE);
    }

    function _refuseOnceGuarded(ICircuitBreaker.Trigger trigger) private {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.ModeNotStricter.selector, ETH, GUARDED, GUARDED));
        _trip(trigger);
    }

    function _refuseMode(IClearingHouse.MarketMode mode, IClearingHouse.MarketMode asked) private {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.ModeNotStricter.selector, ETH, mode, asked));
        _trip(MOVE);
    }
}
