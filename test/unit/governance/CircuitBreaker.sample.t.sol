// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {BreakerTest} from "./BreakerTest.sol";

contract CircuitBreaker_sample_Test is BreakerTest {
    function test_sample_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        breaker.sample(UNLISTED);
    }

    function test_sample_revertsWhenMarketHasNoTerms() public {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.BreakerTermsNotSet.selector, BTC));
        breaker.sample(BTC);
    }

    function test_sample_takesTheMarketAsItIs() public {
        _fundPair();
        _match(70e18);
        uint256 buffersUsd = 50_000e18 + _cash(_trancheOf(ETH));
        uint256 poolUsd = _cash(pools[0]);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.BreakerSampled(ETH, 70e18, poolUsd, buffersUsd);
        _sample();
        (ICircuitBreaker.Sample memory older, ICircuitBreaker.Sample memory newer, , ) = breaker.samplesOf(ETH);
        assertEq(older.takenAt, 0, "none before");
        assertEq(newer.takenAt, vm.getBlockTimestamp());
        assertEq(newer.openInterest, 70e18);
        assertEq(newer.poolUsd, poolUsd);
        assertEq(newer.buffersUsd, buffersUsd);
    }

    /// @dev Nobody moves the samples on before a window has passed.
    function test_sample_changesNothing_whenItIsNotDue() public {
        uint256 firstAt = vm.getBlockTimestamp();
        _sample();
        assertEq(breaker.conditionOf(ETH).sampleableAt, firstAt + WINDOW);
        _pass(WINDOW - 1, 2_000);
        _sample();
        _assertSampledAt(0, firstAt);
        _pass(1, 2_000);
        _sample();
        _assertSampledAt(firstAt, firstAt + WINDOW);
    }

    /// @dev Sharing takes nothing from what the tranche keeps, so it looks like no loss.
    function test_sample_countsWhatTheTrancheKeeps() public {
        _fundPair();
        _match(SURGE);
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms({fund: 0.4e18, protocol: 0.3e18}));
        _sample();
        (, ICircuitBreaker.Sample memory before, , ) = breaker.samplesOf(ETH);
        uint256 cash = _cash(_trancheOf(ETH));
        house.distribute(ETH);
        assertLt(_cash(_trancheOf(ETH)), cash, "it shared");
        _pass(WINDOW, 2_000);
        _sample();
        (, ICircuitBreaker.Sample memory then, , ) = breaker.samplesOf(ETH);
        assertGe(then.buffersUsd, before.buffersUsd, "buffers");
        assertEq(_reading(DRAWDOWN).figure, 0, "no drawdown");
    }

    function test_sample_notesASurge() public {
        _sampleTwice();
        _fundPair();
        _match(SURGE);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.ConditionSeen(ETH, INTEREST, now_);
        _sample();
        _assertSeen(now_, 0);
        // Seen again in time: it goes on.
        _pass(STAND, 2_000);
        _sample();
        _assertSeen(now_, 0);
        // Not seen for longer: it begins anew.
        _pass(STAND + 1, 2_000);
        _sample();
        _assertSeen(vm.getBlockTimestamp(), 0);
        _match(-SURGE);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.ConditionSeen(ETH, INTEREST, 0);
        _sample();
        _assertSeen(0, 0);
    }

    function test_sample_notesAnOutage() public {
        skipSeconds(3_601);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.ConditionSeen(ETH, ORACLE, now_);
        _sample();
        _assertSeen(0, now_);
        _price(ETH, 2_000);
        _sample();
        _assertSeen(0, 0);
    }

    /// @dev What is too old to compare with is not compared with.
    function test_sample_isForgotten_whenNobodyTakesAnotherForThreeWindows() public {
        _sampleTwice();
        _take(pools[0], 4_000_000e18);
        _pass(2 * WINDOW, 2_000);
        assertEq(_reading(OUTFLOW).figure, 0.8e18, "three windows old is not too old");
        _pass(1, 2_000);
        // Taking another one now, the older of the two is two windows old, and counts.
        assertEq(_reading(OUTFLOW).figure, 0.8e18, "the newer takes its place");
        _pass(WINDOW, 2_000);
        assertEq(_reading(OUTFLOW).figure, 0, "nothing to compare with");
    }

    function _assertSampledAt(uint256 older, uint256 newer) private view {
        (ICircuitBreaker.Sample memory first, ICircuitBreaker.Sample memory second, , ) = breaker.samplesOf(ETH);
        assertEq(first.takenAt, older, "older");
        assertEq(second.takenAt, newer, "newer");
    }

    function _assertSeen(uint256 surgeSince, uint256 outageSince) private view {
        (, , uint256 surge, uint256 outage) = breaker.samplesOf(ETH);
        assertEq(surge, surgeSince, "surge since");
        assertEq(outage, outageSince, "outage since");
    }
}
