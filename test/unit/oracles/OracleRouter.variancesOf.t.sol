// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVolatility} from "../../../contracts/interfaces/IVolatility.sol";
import {VolatilityMath} from "../../../contracts/libraries/VolatilityMath.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {OracleTest} from "./OracleTest.sol";

/// @notice What buckets say about volatility, and the mean price over them.
contract OracleRouter_variancesOf_Test is OracleTest {
    function test_variancesOf_isZero_whenNoBucketHasEnded() public {
        _assertVariances(0, 0);
        pushPrice(2_200e18);
        observe();
        skipSeconds(BUCKET - 2);
        pushPrice(2_100e18);
        assertEq(observe().bucket, 1);
        _assertVariances(0, 0);
    }

    function test_variancesOf_takesFirstBucket_whenItHasEnded() public {
        pushPrice(2_200e18);
        observe();
        skipSeconds(BUCKET);
        // There and still there: ln(1.1)², whatever the price with which the next bucket begins.
        // The slow average takes no more than eight deviations of a fifth a year at first.
        uint256 slow = 64 * VolatilityMath.CLIP_FLOOR;
        uint256 fast = 9_084_030_374_332_734 / BUCKET + 1;
        pushPrice(2_500e18);
        vm.expectEmit(address(router));
        emit IVolatility.VolatilityMeasured(ETH, 1, 9_084_030_374_332_734, slow, fast);
        assertEq(observe().bucket, 2);
        _assertVariances(slow, fast);
    }

    function test_variancesOf_leavesOutThePresentBucket() public {
        skipSeconds(BUCKET);
        pushPrice(2_200e18);
        assertEq(observe().bucket, 2);
        _assertVariances(0, 0);
        pushPrice(2_000e18);
        observe();
        _assertVariances(0, 0);
        skipSeconds(BUCKET);
        pushPrice(2_000e18);
        observe();
        // The range of bucket 2 alone, from 2,000 to 2,200 and back: ln(1.1)²/(4·ln 2), and a flat one before it.
        (uint256 slow, uint256 fast) = _volatility().variancesOf(ETH);
        assertApproxEqAbs(fast, uint256(3_276_371_393_083_637) / BUCKET / 2, 1);
        assertEq(slow, 32 * VolatilityMath.CLIP_FLOOR);
    }

    /// @dev O6: a round beyond the band, seen and gone again, leaves no trace.
    function test_variancesOf_staysSame_whenPrintIsBad() public {
        _wander();
        (uint256 slow, uint256 fast) = _volatility().variancesOf(ETH);
        uint256 mean = _volatility().meanPriceOf(ETH);
        uint256 good = router.recordOf(ETH).price;
        pushPrice((good * 13) / 10);
        assertTrue(observe().status == PriceStatus.Jump);
        _assertVariances(slow, fast);
        pushPrice(good);
        assertTrue(observe().status == PriceStatus.Valid);
        _assertVariances(slow, fast);
        assertEq(_volatility().meanPriceOf(ETH), mean);
        skipSeconds(BUCKET);
        pushPrice(good);
        observe();
        (uint256 slowLater, uint256 fastLater) = _volatility().variancesOf(ETH);
        assertLe(slowLater, slow);
        assertLe(fastLater, fast);
    }

    /// @dev Time in which the price was not valid does not wear the averages down.
    function test_variancesOf_staysSame_whenPriceIsStale() public {
        _wander();
        (uint256 slow, uint256 fast) = _volatility().variancesOf(ETH);
        uint256 number = router.recordOf(ETH).bucket;
        skipSeconds(30 days);
        assertTrue(observe().status == PriceStatus.Stale);
        _assertVariances(slow, fast);
        pushPrice(router.recordOf(ETH).price);
        assertTrue(observe().status == PriceStatus.Valid);
        (uint256 slowLater, uint256 fastLater) = _volatility().variancesOf(ETH);
        // What the clock counted until the price was too old: the bucket that had begun, and six flat ones.
        assertGe(slowLater, (slow * (number - 1)) / (number + 6));
        assertGe(fastLater, (fast * (number - 1)) / (number + 6));
    }

    /// @dev A sample of the slow average is at most eight deviations: even a crash moves it by little once it is old.
    function test_variancesOf_movesFastAverageFirst_whenPriceCrashes() public {
        for (uint256 i; i < 400; ++i) {
            skipSeconds(BUCKET);
            pushPrice(i % 2 == 0 ? 2_005e18 : 2_000e18);
            observe();
        }
        (uint256 slow, uint256 fast) = _volatility().variancesOf(ETH);
        pushPrice(1_750e18);
        observe();
        skipSeconds(BUCKET);
        pushPrice(1_750e18);
        observe();
        (uint256 slowLater, uint256 fastLater) = _volatility().variancesOf(ETH);
        assertLe(slowLater, (slow * 117) / 100);
        assertGt(fastLater, 10 * fast);
    }

    function test_meanPriceOf_isZero_whenThereNeverWasAPrice() public view {
        assertEq(_volatility().meanPriceOf(MarketId.wrap(7)), 0);
    }

    function test_meanPriceOf_weighsByTime() public {
        skipSeconds(BUCKET - 1);
        pushPrice(2_100e18);
        assertEq(observe().bucket, 2);
        _assertMean(2_000e18);
        skipSeconds(300);
        _assertMean((2_000e18 * 600 + 2_100e18 * uint256(300)) / 900);
        pushPrice(2_200e18);
        observe();
        skipSeconds(200);
        _assertMean((2_000e18 * 600 + 2_100e18 * uint256(300) + 2_200e18 * uint256(200)) / 1_100);
        // The bucket ends: it is the previous one now, the one before is gone.
        skipSeconds(100);
        _assertMean((2_100e18 + 2_200e18) / uint256(2));
        // A gap counts at the price before it, until that is too old.
        skipSeconds(10 days);
        _assertMean(2_200e18);
    }

    function testFuzz_meanPriceOf_staysWithinWindow(uint256[8] memory pauses, uint256[8] memory moves) public {
        uint256 price = PRICE;
        for (uint256 i; i < pauses.length; ++i) {
            skipSeconds(bound(pauses[i], 1, 900));
            price = (price * bound(moves[i], 0.9e18, 1.1e18)) / 1e18;
            pushPrice(price);
            observe();
            (uint256 low, uint256 high) = router.windowOf(ETH);
            uint256 mean = _volatility().meanPriceOf(ETH);
            assertLe(mean, high);
            assertGe(mean, low - (low >> 38));
        }
    }

    function _wander() private {
        for (uint256 i; i < 6; ++i) {
            skipSeconds(BUCKET / 2 + 7);
            pushPrice(i % 2 == 0 ? 2_040e18 : 1_980e18);
            observe();
        }
        // A bucket has just begun: nothing more is measured for a while.
        skipSeconds(BUCKET - router.recordOf(ETH).liveSeconds);
        pushPrice(2_000e18);
        observe();
    }

    function _assertVariances(uint256 slow, uint256 fast) private view {
        (uint256 slowNow, uint256 fastNow) = _volatility().variancesOf(ETH);
        assertEq(slowNow, slow);
        assertEq(fastNow, fast);
    }

    function _assertMean(uint256 expected) private view {
        uint256 mean = _volatility().meanPriceOf(ETH);
        assertLe(mean, expected);
        assertGe(mean, expected - (expected >> 38));
    }

    function _volatility() private view returns (IVolatility) {
        return IVolatility(address(router));
    }
}
