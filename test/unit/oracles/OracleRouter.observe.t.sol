// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {SafeFeedCall} from "../../../contracts/libraries/SafeFeedCall.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness, Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_observe_Test is OracleTest {
    MarketId private constant BTC = MarketId.wrap(5);
    MarketId private constant LAST = MarketId.wrap(63);
    MarketId private constant NONE = MarketId.wrap(7);

    /* REVERTS */

    /// @dev O7: nobody can make a good feed fail by giving the call little gas.
    function test_observe_revertsWhenGasIsTooLow() public {
        bytes memory data = abi.encodeCall(IOracleRouter.observe, (ETH_SET, Freshness.Latest));
        uint256 needed = SafeFeedCall.GAS_NEEDED;
        bool wasRefused;
        for (uint256 gasLimit = 20_000; gasLimit < 400_000; gasLimit += 20_000) {
            (bool success, bytes memory result) = address(router).call{gas: gasLimit}(data);
            if (success) {
                assertEq(uint256(priceOf(result).status), uint256(PriceStatus.Valid), "a good feed was made to fail");
            } else if (result.length != 0) {
                assertEq(bytes32(bytes4(result)), bytes32(SafeFeedCall.GasTooLowForFeed.selector));
                (uint256 gasLeft, uint256 gasNeeded) = abi.decode(_arguments(result), (uint256, uint256));
                assertEq(gasNeeded, needed);
                assertLt(gasLeft, needed);
                wasRefused = true;
            }
        }
        assertTrue(wasRefused, "no call was refused for its gas");
    }

    /* EDGES */

    function test_observe_returnsNothing_whenSetIsEmpty() public {
        assertEq(router.observe(0, Freshness.Latest).length, 0);
    }

    function test_observe_isInvalid_whenMarketHasNoFeed() public {
        assertEq(observe(NONE), Price(0, 0, 0, PriceStatus.Invalid));
        assertEq(router.observe(NONE.bit(), Freshness.SameBlock)[0], Price(0, 0, 0, PriceStatus.Invalid));
        assertEq(router.recordOf(NONE).price, 0);
    }

    /// @dev O1: the age limit is inclusive.
    function test_observe_isValid_whenAsOldAsAllowed() public {
        uint256 publishedAt = vm.getBlockTimestamp();
        pushPrice(2_100e18);
        skipSeconds(MAX_AGE);
        assertEq(observe(), Price(2_100e18, publishedAt, _bucketAfter(MAX_AGE + 1), PriceStatus.Valid));
    }

    /// @dev O1
    function test_observe_isStale_whenOneSecondTooOld() public {
        pushPrice(2_100e18);
        observe();
        skipSeconds(MAX_AGE + 1);
        Price memory price = observe();
        assertStatus(price, PriceStatus.Stale);
        assertEq(price.price, 2_100e18, "the last valid price");
        skipSeconds(1);
        pushPrice(2_100e18);
        assertStatus(observe(), PriceStatus.Valid);
    }

    function test_observe_answersInAscendingOrder_whenMarketsAreMany() public {
        (ReplayFeed btcAggregator, FeedProxy btcFeed) = newFeed(8);
        (ReplayFeed lastAggregator, FeedProxy lastFeed) = newFeed(18);
        push(btcAggregator, 3_000e8);
        push(lastAggregator, 4_000e18);
        router.setFeed(BTC, config(address(btcFeed)));
        router.setFeed(LAST, config(address(lastFeed)));
        uint256 markets = ETH.bit() | BTC.bit() | NONE.bit() | LAST.bit();
        Price[] memory prices = router.observe(markets, Freshness.Latest);
        assertEq(prices.length, 4);
        assertEq(prices[0].price, PRICE);
        assertEq(prices[1].price, 3_000e18);
        assertStatus(prices[2], PriceStatus.Invalid);
        assertEq(prices[3].price, 4_000e18);
        assertEq(abi.encode(router.peek(markets)), abi.encode(prices), "peek");
    }

    /* SUCCESS */

    function test_observe_returnsTheLatestRound_whenAllIsWell() public {
        pushPrice(2_200e18);
        uint256 publishedAt = vm.getBlockTimestamp();
        skipSeconds(30);
        assertEq(observe(), Price(2_200e18, publishedAt, 1, PriceStatus.Valid));
        IOracleRouter.PriceRecord memory record = router.recordOf(ETH);
        assertEq(record.price, 2_200e18);
        assertEq(record.publishedAt, publishedAt);
        assertEq(record.observedAt, vm.getBlockTimestamp());
        assertEq(record.liveSeconds, 31);
        assertFalse(record.interrupted);
    }

    /// @dev Reading an unchanged round writes nothing.
    function test_observe_storesNothing_whenRoundIsUnchanged() public {
        observe();
        IOracleRouter.PriceRecord memory before = router.recordOf(ETH);
        skipSeconds(60);
        observe();
        assertEq(abi.encode(router.recordOf(ETH)), abi.encode(before));
    }

    /// @dev PRICE-1: a round published in the middle of a transaction is of the next one.
    function test_observe_keepsOnePrice_whenFeedMovesWithinTheTransaction() public {
        bytes[] memory results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.Latest), pushCall(2_100e8), observeCall(ETH_SET, Freshness.Latest))
        );
        assertEq(priceOf(results[0]).price, PRICE);
        assertEq(priceOf(results[2]), priceOf(results[0]));
        assertEq(observe().price, 2_100e18, "the next transaction");
    }

    /// @dev PRICE-1: the status is fixed with the price, good or bad.
    function test_observe_keepsOneStatus_whenFeedFailsOrRecoversWithinTheTransaction() public {
        bytes[] memory results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.Latest), pushCall(0), observeCall(ETH_SET, Freshness.SameBlock))
        );
        assertStatus(priceOf(results[2]), PriceStatus.Valid);
        results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.SameBlock), pushCall(ANSWER), observeCall(ETH_SET, Freshness.Latest))
        );
        assertStatus(priceOf(results[0]), PriceStatus.Invalid);
        assertStatus(priceOf(results[2]), PriceStatus.Invalid);
        assertStatus(observe(), PriceStatus.Valid);
    }

    /// @dev PRICE-1: what was stored in this block serves `SameBlock`; asking for the latest afterwards fails once the feed has moved.
    function test_observe_revertsWhenAStoredPriceIsSuperseded() public {
        router.poke(ETH_SET);
        push(aggregator, 2_100e8);
        Price memory reused = router.observe(ETH_SET, Freshness.SameBlock)[0];
        assertEq(reused.price, PRICE, "stored in this block");
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.PriceSuperseded.selector, ETH, PRICE, uint256(2_100e18)));
        batch.run(callsOf(observeCall(ETH_SET, Freshness.SameBlock), observeCall(ETH_SET, Freshness.Latest)));
        assertEq(observe().price, 2_100e18, "a transaction that asks for the latest at once");
    }

    function test_observe_upgradesAReusedPrice_whenFeedStillSaysTheSame() public {
        router.poke(ETH_SET);
        push(aggregator, ANSWER);
        bytes[] memory results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.SameBlock), observeCall(ETH_SET, Freshness.Latest))
        );
        assertEq(priceOf(results[1]), priceOf(results[0]));
    }

    /// @dev Another block is another price, however fresh the stored one is.
    function test_observe_asksTheFeed_whenStoredInAnEarlierBlock() public {
        router.poke(ETH_SET);
        skipSeconds(1);
        push(aggregator, 2_100e8);
        assertEq(router.observe(ETH_SET, Freshness.SameBlock)[0].price, 2_100e18);
    }

    /// @dev A price that has been seen to fail in this block is not reused.
    function test_observe_asksTheFeed_whenInterruptedInThisBlock() public {
        router.poke(ETH_SET);
        push(aggregator, -1);
        observe();
        assertStatus(router.observe(ETH_SET, Freshness.SameBlock)[0], PriceStatus.Invalid);
        assertTrue(router.recordOf(ETH).interrupted);
        skipSeconds(10);
        push(aggregator, ANSWER);
        assertStatus(observe(), PriceStatus.Valid);
        assertFalse(router.recordOf(ETH).interrupted);
    }

    /// @dev One bad market changes nothing for the others.
    function test_observe_judgesEachMarketAlone() public {
        HostileFeed hostile = listHostile(BTC);
        hostile.behave(HostileFeed.Behaviour.BurnsGas, 0);
        Price[] memory prices = router.observe(ETH.bit() | BTC.bit(), Freshness.Latest);
        assertStatus(prices[0], PriceStatus.Valid);
        assertStatus(prices[1], PriceStatus.Invalid);
        assertEq(prices[1].price, PRICE, "the last valid price");
    }

    /* FUZZ */

    /// @dev O2, O3, O7: whatever five words a feed returns, only those that pass every check become the price.
    function testFuzz_observe_isValid_whenEveryCheckPasses(
        uint256 roundId,
        int256 answer,
        uint256 updatedAt,
        uint8 shape
    ) public {
        HostileFeed hostile = listHostile(BTC);
        Price memory last = observe(BTC);
        uint256 now_ = vm.getBlockTimestamp();
        if (shape & 1 != 0) roundId = bound(roundId, 0, 3);
        if (shape & 2 != 0) answer = bound(answer, 1_500e8, 2_500e8);
        if (shape & 4 != 0) updatedAt = bound(updatedAt, now_ - 2, now_ + 1);
        hostile.answerWith(HostileFeed.Words(roundId, answer, 0, updatedAt, 0));

        bool isRound = roundId != 0 && roundId < 1 << 80 && answer > 0;
        bool isTimely = updatedAt <= now_ && updatedAt >= last.publishedAt;
        bool isNear = answer >= 1_700e8 && answer <= 2_300e8;
        Price memory price = observe(BTC);
        if (isRound && isTimely && isNear) {
            assertEq(price, Price(uint256(answer) * 1e10, updatedAt, 1, PriceStatus.Valid));
        } else {
            assertNotEq(uint256(price.status), uint256(PriceStatus.Valid));
            assertEq(price.price, last.price, "the last valid price");
        }
    }

    /// @dev O5: an answer of a feed with any number of decimals.
    function testFuzz_observe_convertsAnyDecimals(uint8 decimals, uint256 cents) public {
        decimals = uint8(bound(decimals, 2, 24));
        cents = bound(cents, 170_000, 230_000);
        (ReplayFeed other, FeedProxy proxy) = newFeed(decimals);
        push(other, int256(2_000 * 10 ** decimals));
        router.setFeed(BTC, config(address(proxy)));
        skipSeconds(1);
        push(other, int256(cents * 10 ** (decimals - 2)));
        assertEq(observe(BTC).price, cents * 1e16);
    }

    function _arguments(bytes memory reason) private pure returns (bytes memory arguments) {
        arguments = new bytes(reason.length - 4);
        for (uint256 i; i < arguments.length; ++i) arguments[i] = reason[i + 4];
    }

    function _bucketAfter(uint256 liveSeconds) private pure returns (uint256) {
        return 1 + liveSeconds / BUCKET;
    }
}
