// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {BreakerTest} from "../unit/governance/BreakerTest.sol";

/// @notice Somebody wants a market guarded or halted that has no reason to be, kept so, or not guarded when it should be. Alice and bob are one attacker, who
/// fills orders against itself and so bears no price risk.
contract Breaker_adversarial_Test is BreakerTest {
    /// @dev D18{1}, of the notional, for one fill between two accounts: 2 bp of the maker, 5 bp of the taker.
    uint256 private constant BOTH_FEES = 0.0007e18;

    /* OPEN INTEREST */

    /// @dev F3: what stands for one block guards nothing, and has cost the fees of going in and out.
    function test_F3_trip_isRefused_whenASurgeStandsForABlock() public {
        _sampleTwice();
        _fundPair();
        uint256 before = _pairCash();
        uint256 othersBefore = _cash(pools[0]) + _cash(_trancheOf(ETH));
        _match(SURGE);
        _sample();
        _refuseEarlyTrip(INTEREST, vm.getBlockTimestamp() + STAND);
        _match(-SURGE);
        skipSeconds(12);
        _sample();
        _pass(STAND, 2_000);
        _refuseTrip(INTEREST, 0);
        uint256 cost = before - _pairCash();
        assertEq(cost, (2 * 2_000_000e18 * BOTH_FEES) / 1e18, "fees in and out");
        assertEq(_cash(pools[0]) + _cash(_trancheOf(ETH)) - othersBefore, cost, "all of it went to pool and tranche");
        assertEq(_cash(keeper), 0);
    }

    /// @dev F3: two flashes, with nobody looking in between, are not one surge that stood.
    function test_F3_trip_isRefused_whenASurgeFlashesTwice() public {
        _sampleTwice();
        _fundPair();
        for (uint256 i; i < 3; ++i) {
            _match(SURGE);
            _sample();
            _match(-SURGE);
            _pass(STAND + 1, 2_000);
        }
        _match(SURGE);
        _refuseEarlyTrip(INTEREST, vm.getBlockTimestamp() + STAND);
    }

    /// @dev Held for long enough, a surge is one: it guards, costs the same fees, harms nobody who wants to reduce, and the guard ends with it.
    function test_trip_guardsForAsLongAsTheSurgeIsPaidFor_whenItIsHeld() public {
        _open(carol, ETH, 10_000e18, 20e18);
        _surge();
        uint256 before = _pairCash();
        _trip(INTEREST);
        _trade(carol, ETH, -20e18);
        _match(-SURGE);
        assertGe(before - _pairCash(), (2_000_000e18 * BOTH_FEES) / 1e18, "the fees of going out");
        _pass(GUARD, 2_000);
        _relax();
        _assertMode(ETH, OPEN);
        vm.expectPartialRevert(ICircuitBreaker.TriggerNotMet.selector);
        _trip(INTEREST);
    }

    /// @dev Closing before a sample, and opening again after it, does not make a surge of what was there all the time.
    function test_sample_isNoHelp_whenTakenWhileTheAttackerIsOut() public {
        _fundPair();
        _match(SURGE);
        _sampleTwice();
        _pass(WINDOW, 2_000);
        _match(-SURGE);
        _sample();
        _match(SURGE);
        assertEq(_reading(INTEREST).figure, 0, "the older sample counts");
        // A window later it is the older: from now on it was out for a window, or paid for every sample.
        _pass(WINDOW, 2_000);
        _match(-SURGE);
        _sample();
        _pass(WINDOW, 2_000);
        _sample();
        _match(SURGE);
        assertEq(_reading(INTEREST).figure, 1e18, "out for a window and back is a surge");
    }

    /* MONEY THAT COMES AND GOES */

    /// @dev Money that is paid into the pool for a sample and leaves right after it looks like no outflow.
    function test_trip_isRefused_whenThePoolsMoneyComesAndGoes() public {
        _sample();
        _pass(WINDOW - 12, 2_000);
        _fund(pools[0], 20_000_000e18);
        skipSeconds(12);
        _sample();
        _take(pools[0], 20_000_000e18);
        _refuseTrip(OUTFLOW, 0);
    }

    /// @dev S3: what is given to the buffers cannot be had back, so it is never drawn down but by losses.
    function test_S3_trip_isRefused_whenBuffersAreDonatedTo() public {
        _fund(accountIdOf(insurance, 0), 1_000_000e18);
        _sampleTwice();
        _refuseTrip(DRAWDOWN, 0);
        // Nobody but the house pays into a tranche.
        token.mint(address(this), 1);
        AccountId tranche = _trancheOf(ETH);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, tranche));
        house.deposit(tranche, 1);
        // What the fund lost, and not what was ever paid into it, is a drawdown.
        _drawFund(100_000e18);
        assertEq(_reading(DRAWDOWN).figure, uint256(1e18) / 11, "of 1.1M that were there");
    }

    /* PRICES */

    /// @dev O6: a round beyond the band is no price, so nothing moved; if it goes on, the market is guarded for having no price.
    function test_O6_trip_isRefused_whenOneRoundIsAbsurd() public {
        skipSeconds(12);
        feeds[0].push(2_000_000e8);
        _refuseTrip(MOVE, 0);
        _sample();
        feeds[0].push(2_000e8);
        skipSeconds(STAND);
        _refuseTrip(ORACLE, 0);
        _refuseTrip(MOVE, 0);
    }

    /// @dev O7: a feed that fails keeps neither the other triggers nor the guardian from acting.
    function test_O7_trip_goesOn_whenTheFeedFails() public {
        _sampleTwice();
        vm.mockCallRevert(address(feeds[0]), bytes(""), "gone");
        _refuseTrip(MOVE, 0);
        _take(pools[0], 2_000_000e18);
        assertEq(uint256(_trip(OUTFLOW)), uint256(GUARDED), "outflow");
        _halt(ETH, LOWEST);
        _assertMode(ETH, HALTED);
    }

    /// @dev A wick that is gone tripped the market while it stood; afterwards it cannot, and the guard relaxes once the window has forgotten it.
    function test_trip_isShort_whenAWickIsGone() public {
        _price(ETH, 1_880);
        oracle.poke(ETH.bit());
        _price(ETH, 1_990);
        oracle.poke(ETH.bit());
        // From the low of the window it is a rise of 5.85 %.
        assertLt(_reading(MOVE).figure, 0.06e18);
        vm.expectPartialRevert(ICircuitBreaker.TriggerNotMet.selector);
        _trip(MOVE);
    }

    /* LOCKING IN */

    /// @dev However the price moves, and whoever trips whenever it can be, a market is halted for five minutes a day at most.
    function test_trip_locksNobodyIn_whenThePriceMovesAllTheTime() public {
        _open(alice, ETH, 200_000e18, 100e18);
        uint256 halted;
        uint256 hours_ = 72;
        for (uint256 i; i < hours_; ++i) {
            _price(ETH, i % 2 == 0 ? 1_650 : 2_000);
            try breaker.trip(ETH, MOVE) returns (IClearingHouse.MarketMode newMode) {
                if (newMode == HALTED) {
                    ++halted;
                    skipSeconds(SHORT_HALT);
                    breaker.release(ETH);
                }
            } catch {}
            _assertMode(ETH, GUARDED);
            _price(ETH, i % 2 == 0 ? 1_650 : 2_000);
            _trade(alice, ETH, -1e18);
            skipSeconds(1 hours - SHORT_HALT);
        }
        assertEq(_size(alice, ETH), int256(100e18 - hours_ * 1e18), "alice left hour by hour");
        assertGe(halted, 2, "it was halted");
        assertLe(halted, 3, "once a day at most");
    }

    /// @dev A stolen guardian's key and a crash: the guardian's halt may follow an automatic one, then neither may for a day.
    function test_halt_leavesADayToLeave_whenATripCameFirst() public {
        _open(alice, ETH, 100_000e18, 20e18);
        _price(ETH, 1_700);
        _trip(MOVE);
        skipSeconds(SHORT_HALT);
        breaker.release(ETH);
        _halt(ETH, HIGHEST);
        skipSeconds(HIGHEST);
        breaker.release(ETH);
        uint256 haltableAt = vm.getBlockTimestamp() + PAUSE;
        _price(ETH, 1_400);
        vm.expectPartialRevert(ICircuitBreaker.HaltTooSoon.selector);
        _trip(MOVE);
        vm.prank(guardian);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.HaltTooSoon.selector, ETH, haltableAt, vm.getBlockTimestamp())
        );
        breaker.halt(ETH, LOWEST);
        _trade(alice, ETH, -20e18);
        assertEq(_size(alice, ETH), int256(0));
    }

    /// @dev LIVE-1: a market that was tripped liquidates only while deposits and reductions are possible.
    function test_trip_keepsReducingPossible_whenItLiquidates() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_930);
        oracle.poke(ETH.bit());
        assertLt(_health(alice), 1.3e18, "near");
        _price(ETH, 1_880);
        _trip(MOVE);
        _fund(alice, 3_000e18);
        assertLt(_health(alice), 1e18, "distressed");
        uint256 snapshot = vm.snapshotState();
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial), "liquidates");
        vm.revertToState(snapshot);
        _trade(alice, ETH, -10e18);
        assertEq(_size(alice, ETH), int256(70e18), "LIVE-1: reductions work");

        _price(ETH, 1_700);
        _trip(MOVE);
        plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Halted), "halted liquidates nobody");
        uint256 cash = _cash(alice);
        _fund(alice, 1e18);
        assertEq(_cash(alice), cash + 1e18, "LIVE-1: deposits work");
    }

    function _pairCash() private view returns (uint256) {
        return _cash(alice) + _cash(bob) + house.accountOf(alice).depositUsd + house.accountOf(bob).depositUsd;
    }
}
