// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../../../contracts/types/MarketId.sol";
import {OracleTest} from "./OracleTest.sol";

/// @notice Maturity buckets: their clock, and the lowest and highest price of two of them.
contract OracleRouter_windowOf_Test is OracleTest {
    uint256[] private _times;
    uint256[] private _prices;

    function test_windowOf_isZero_whenThereNeverWasAPrice() public view {
        assertWindow(MarketId.wrap(7), 0, 0);
    }

    function test_windowOf_holdsThePresentAndThePreviousBucket() public {
        _observeAt(1_900e18, 100);
        _observeAt(2_100e18, 100);
        assertWindow(ETH, 1_900e18, 2_100e18);
        skipSeconds(BUCKET - 201);
        _observeAt(2_050e18, 0); // bucket 2 begins with 2 100 standing
        assertEq(observe().bucket, 2);
        assertWindow(ETH, 1_900e18, 2_100e18);
        _observeAt(2_050e18, BUCKET); // bucket 3: the low of bucket 1 is gone, what stood when bucket 2 began is not
        assertEq(observe().bucket, 3);
        assertWindow(ETH, 2_050e18, 2_100e18);
        _observeAt(2_050e18, BUCKET);
        assertWindow(ETH, 2_050e18, 2_050e18);
    }

    /// @dev Buckets in which nobody observed consist of the price standing.
    function test_windowOf_holdsTheStandingPrice_whenNobodyObserved() public {
        _observeAt(2_200e18, 10);
        assertWindow(ETH, PRICE, 2_200e18);
        skipSeconds(3 * BUCKET);
        pushPrice(2_100e18);
        assertWindow(ETH, 2_100e18, 2_200e18);
        observe();
        assertWindow(ETH, 2_100e18, 2_200e18);
    }

    /// @dev PAID-1: nothing matures while the price is stale: its clock stops at its longest age.
    function test_windowOf_standsStill_whenPriceIsStale() public {
        assertEq(observe().bucket, 1);
        skipSeconds(10 * MAX_AGE);
        pushPrice(PRICE);
        uint256 live = MAX_AGE; // the round was one second old when it was stored
        assertEq(observe().bucket, 1 + live / BUCKET);
    }

    /// @dev PAID-1: nor while the sequencer was down, or just up again.
    function test_windowOf_standsStill_whenSequencerIsDown() public {
        skipSeconds(BUCKET - 100);
        pushPrice(PRICE);
        observe();
        vm.prank(address(batch));
        sequencer.goDown();
        skipSeconds(10 minutes);
        vm.prank(address(batch));
        sequencer.goUp();
        skipSeconds(GRACE);
        pushPrice(PRICE);
        assertEq(observe().bucket, 1);
        assertEq(router.recordOf(ETH).liveSeconds, BUCKET - 99);
    }

    /// @dev PAID-1: nor between two valid observations with a failure seen in between.
    function test_windowOf_standsStill_whenInterrupted() public {
        skipSeconds(100);
        push(aggregator, 0);
        observe();
        skipSeconds(BUCKET);
        push(aggregator, ANSWER);
        assertEq(observe().bucket, 1);
        assertEq(router.recordOf(ETH).liveSeconds, 0, "nothing since the last valid observation");
        skipSeconds(BUCKET);
        pushPrice(PRICE);
        assertEq(observe().bucket, 2, "the clock runs again");
    }

    /// @dev While the price is not valid the window is what it last was.
    function test_windowOf_staysAsItWas_whenPriceIsNotValid() public {
        _observeAt(1_900e18, 10);
        skipSeconds(2 * BUCKET);
        push(aggregator, 0);
        assertWindow(ETH, 1_900e18, PRICE);
        observe();
        assertWindow(ETH, 1_900e18, PRICE);
    }

    /// @dev A wick that nobody observed is in no window; one that somebody observed is.
    function test_windowOf_knowsOnlyObservedRounds() public {
        skipSeconds(10);
        pushPrice(1_800e18);
        skipSeconds(10);
        pushPrice(2_000e18);
        observe();
        assertWindow(ETH, PRICE, PRICE);
    }

    /// @dev Against a model that keeps every observation: all of this and the previous bucket, and the last one before.
    function testFuzz_windowOf_isThatOfTheModel(uint256 seed) public {
        uint256 startedAt = vm.getBlockTimestamp() - 1;
        _times.push(startedAt);
        _prices.push(PRICE);
        for (uint256 i; i < 25; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            skipSeconds(((seed >> 16) % (seed % 3 == 0 ? 3 * BUCKET : BUCKET / 2)) + 1);
            uint256 last = _prices[_prices.length - 1];
            uint256 price = (last * (90 + ((seed >> 128) % 21))) / 100;
            if (price > 15_000e18 || price < 200e18) price = last;
            price -= price % 1e10;
            pushPrice(price);
            (uint256 low, uint256 high) = router.windowOf(ETH);
            observe();
            assertWindow(ETH, low, high); // the view foresees what observing stores
            _times.push(vm.getBlockTimestamp());
            _prices.push(price);
            _assertModel(startedAt);
        }
    }

    function _assertModel(uint256 startedAt) private view {
        uint256 bucket = (vm.getBlockTimestamp() - startedAt) / BUCKET;
        uint256 previousStart = startedAt + (bucket == 0 ? 0 : bucket - 1) * BUCKET;
        uint256 low = type(uint256).max;
        uint256 high;
        for (uint256 i = _times.length; i != 0; --i) {
            uint256 price = _prices[i - 1];
            if (price < low) low = price;
            if (price > high) high = price;
            if (_times[i - 1] < previousStart) break; // the last one before them
        }
        assertWindow(ETH, low, high);
    }

    function _observeAt(uint256 price, uint256 delaySeconds) private {
        skipSeconds(delaySeconds);
        pushPrice(price);
        observe();
    }
}
