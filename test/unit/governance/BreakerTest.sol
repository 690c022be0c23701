// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {CircuitBreakerTest} from "./CircuitBreakerTest.sol";

/// @title Base of the tests of trips
/// @notice The ETH market has terms: it is compared with what it was an hour ago, guarded for 15 minutes, halted for 5. It counts on half of the insurance
/// fund's 100k USD, its pool has 5M USD. Everybody who trips, relaxes or samples is a stranger.
abstract contract BreakerTest is CircuitBreakerTest {
    uint256 internal constant WINDOW = 1 hours;
    uint256 internal constant STAND = 5 minutes;
    uint256 internal constant GUARD = 15 minutes;
    uint256 internal constant SHORT_HALT = 5 minutes;
    /// @dev D18{base}, from which on open interest has doubled: twice what counts as calm.
    int256 internal constant SURGE = 1_000e18;

    IClearingHouse.MarketMode internal constant UNLISTED_MODE = IClearingHouse.MarketMode.Unlisted;
    IClearingHouse.MarketMode internal constant OPEN = IClearingHouse.MarketMode.Open;
    IClearingHouse.MarketMode internal constant GUARDED = IClearingHouse.MarketMode.ReduceOnly;
    IClearingHouse.MarketMode internal constant HALTED = IClearingHouse.MarketMode.Halted;

    ICircuitBreaker.Trigger internal constant MOVE = ICircuitBreaker.Trigger.PriceMove;
    ICircuitBreaker.Trigger internal constant DRAWDOWN = ICircuitBreaker.Trigger.Drawdown;
    ICircuitBreaker.Trigger internal constant INTEREST = ICircuitBreaker.Trigger.OpenInterest;
    ICircuitBreaker.Trigger internal constant OUTFLOW = ICircuitBreaker.Trigger.Outflow;
    ICircuitBreaker.Trigger internal constant ORACLE = ICircuitBreaker.Trigger.Oracle;

    function setUp() public virtual override {
        super.setUp();
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0, 0, 0.5e18, 0, 0));
        _setTerms(ETH, _breakerTerms());
    }

    function _breakerTerms() internal pure returns (ICircuitBreaker.BreakerTerms memory) {
        return
            ICircuitBreaker.BreakerTerms({
                moveGuard: 0.06e18,
                moveHalt: 0.15e18,
                drawdownGuard: 0.1e18,
                drawdownHalt: 0.3e18,
                surgeGuard: 1e18,
                outflowGuard: 0.3e18,
                calmOpenInterest: 500e18,
                calmBuffersUsd: 10_000e18,
                calmPoolUsd: 500_000e18,
                windowSeconds: WINDOW,
                standSeconds: STAND,
                guardSeconds: GUARD,
                haltSeconds: SHORT_HALT
            });
    }

    /* ACT */

    function _setTerms(MarketId market, ICircuitBreaker.BreakerTerms memory terms) internal {
        vm.prank(governor);
        breaker.setBreakerTerms(market, terms);
    }

    function _sample() internal {
        vm.prank(stranger);
        breaker.sample(ETH);
    }

    function _trip(ICircuitBreaker.Trigger trigger) internal returns (IClearingHouse.MarketMode) {
        vm.prank(stranger);
        return breaker.trip(ETH, trigger);
    }

    function _relax() internal {
        vm.prank(stranger);
        breaker.relax(ETH);
    }

    /// @dev Lets time pass at a price that is published again at its end (whole USD).
    function _pass(uint256 duration, uint256 priceUsd) internal {
        skipSeconds(duration);
        feeds[0].push(int256(priceUsd * 1e8));
    }

    /// @dev Two samples, an hour apart, of the market as it is: from here on there is something to compare with.
    function _sampleTwice() internal {
        _sample();
        _pass(WINDOW, 2_000);
        _sample();
    }

    /// @dev A fill at the index between alice and bob, neither of whom takes a risk together: nobody's pool is asked.
    function _match(int256 sizeDelta) internal {
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: alice,
                taker: bob,
                market: ETH,
                sizeDelta: sizeDelta,
                price: 2_000e18,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
    }

    /// @dev Alice and bob get money for a surge.
    function _fundPair() internal {
        _fund(alice, 150_000e18);
        _fund(bob, 150_000e18);
    }

    /// @dev A surge that has been seen for long enough.
    function _surge() internal {
        _sampleTwice();
        _fundPair();
        _match(SURGE);
        _sample();
        _pass(STAND, 2_000);
    }

    /// @dev Takes money out of an account as its owner.
    function _take(AccountId account, uint256 amountUsd) internal {
        uint256 amountNative = _native(amountUsd);
        vm.prank(account.owner());
        house.withdraw(account, amountNative, address(0xd7a1));
    }

    function _drawFund(uint256 amountUsd) internal {
        _take(accountIdOf(insurance, 0), amountUsd);
    }

    /* EXPECT */

    function _reading(ICircuitBreaker.Trigger trigger) internal view returns (ICircuitBreaker.Reading memory) {
        return breaker.conditionOf(ETH).readings[uint256(trigger)];
    }

    function _assertReading(
        ICircuitBreaker.Trigger trigger,
        uint256 figure,
        uint256 trippableAt,
        IClearingHouse.MarketMode wouldSet
    ) internal view {
        ICircuitBreaker.Reading memory reading = _reading(trigger);
        assertEq(reading.figure, figure, "figure");
        assertEq(reading.trippableAt, trippableAt, "trippable at");
        assertEq(uint256(reading.wouldSet), uint256(wouldSet), "would set");
    }

    /// @dev The trip that the view announces is the one that is done, and the event says by which figure.
    function _assertTrips(ICircuitBreaker.Trigger trigger, uint256 figure, IClearingHouse.MarketMode newMode) internal {
        _assertReading(trigger, figure, _reading(trigger).trippableAt, newMode);
        ICircuitBreaker.Reading memory reading = _reading(trigger);
        bool halts = newMode == HALTED;
        uint256 until = vm.getBlockTimestamp() + (halts ? SHORT_HALT : GUARD);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.BreakerTripped(
            ETH,
            trigger,
            stranger,
            figure,
            halts ? reading.haltLimit : reading.guardLimit,
            newMode,
            until
        );
        assertEq(uint256(_trip(trigger)), uint256(newMode), "returned mode");
        _assertMode(ETH, newMode);
    }

    function _refuseTrip(ICircuitBreaker.Trigger trigger, uint256 figure) internal {
        ICircuitBreaker.Reading memory reading = _reading(trigger);
        _assertReading(trigger, figure, 0, UNLISTED_MODE);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.TriggerNotMet.selector, ETH, trigger, figure, reading.guardLimit)
        );
        _trip(trigger);
    }

    function _refuseEarlyTrip(ICircuitBreaker.Trigger trigger, uint256 trippableAt) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICircuitBreaker.TriggerNotStood.selector,
                ETH,
                trigger,
                trippableAt,
                vm.getBlockTimestamp()
            )
        );
        _trip(trigger);
    }

    function _assertRelaxable(uint256 relaxableAt, bool wouldRelax) internal view {
        ICircuitBreaker.Condition memory condition = breaker.conditionOf(ETH);
        assertEq(condition.relaxableAt, relaxableAt, "relaxable at");
        assertEq(condition.wouldRelax, wouldRelax, "would relax");
    }
}
