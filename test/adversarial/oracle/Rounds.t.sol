// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {SafeFeedCall} from "../../../contracts/libraries/SafeFeedCall.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {MockSequencerFeed} from "../../../contracts/mocks/MockSequencerFeed.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness, Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Batch} from "../../support/Batch.sol";
import {OracleTest} from "../../unit/oracles/OracleTest.sol";

/// @notice Rounds that no honest feed would publish, and feeds that are none. O1 is in ActionMatrix.t.sol, for every action of the house.
contract OracleRouter_rounds_Test is OracleTest {
    MarketId private constant OTHER = MarketId.wrap(1);

    /* O2: ROUNDS THAT ARE NONE */

    function test_O2_observe_isInvalid_whenTheRoundIsNone() public {
        HostileFeed hostile = listHostile(OTHER);
        uint256 now_ = vm.getBlockTimestamp();
        _assertInvalid(hostile, HostileFeed.Words(2, 0, now_, now_, 2));
        _assertInvalid(hostile, HostileFeed.Words(2, -1, now_, now_, 2));
        _assertInvalid(hostile, HostileFeed.Words(2, type(int256).min, now_, now_, 2));
        _assertInvalid(hostile, HostileFeed.Words(2, ANSWER, now_, 0, 2));
        _assertInvalid(hostile, HostileFeed.Words(2, ANSWER, now_, now_ + 1, 2));
        _assertInvalid(hostile, HostileFeed.Words(2, ANSWER, now_, type(uint256).max, 2));
        _assertInvalid(hostile, HostileFeed.Words(0, ANSWER, now_, now_, 0));
        _assertInvalid(hostile, HostileFeed.Words(1 << 80, ANSWER, now_, now_, 2));
        hostile.answerWith(HostileFeed.Words(2, ANSWER, now_, now_, 2));
        assertStatus(observe(OTHER), PriceStatus.Valid);
    }

    /// @dev A feed that goes back to an older round (a reorganised or replaced aggregator) does not take the price back.
    function test_O2_observe_isInvalid_whenPublishedBeforeTheLastPrice() public {
        HostileFeed hostile = listHostile(OTHER);
        uint256 publishedAt = observe(OTHER).publishedAt;
        _assertInvalid(hostile, HostileFeed.Words(9, ANSWER, 0, publishedAt - 1, 9));
        hostile.answerWith(HostileFeed.Words(9, ANSWER, 0, publishedAt, 9));
        assertStatus(observe(OTHER), PriceStatus.Valid);
    }

    /* O3: FLOOR AND CEILING */

    /// @dev A feed that stands at its own limit is not a price (LUNA): the bounds themselves are out.
    function test_O3_observe_isOutOfBounds_whenAtFloorOrCeiling() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        (terms.floor, terms.ceiling) = (1_900e18, 2_100e18);
        router.setFeed(ETH, terms);
        _assertStatusAt(1_900e8, PriceStatus.OutOfBounds);
        _assertStatusAt(1_900e8 + 1, PriceStatus.Valid);
        _assertStatusAt(2_100e8, PriceStatus.OutOfBounds);
        assertEq(observe().price, 1_900.00000001e18, "the last valid price");
        _assertStatusAt(2_100e8 - 1, PriceStatus.Valid);
        _assertStatusAt(1, PriceStatus.OutOfBounds);
        _assertStatusAt(type(int192).max, PriceStatus.OutOfBounds);
    }

    /* O4: THE SEQUENCER */

    function test_O4_observe_isSequencerDown_whenItIs() public {
        _assertSequencer(1, vm.getBlockTimestamp() - 1 days, PriceStatus.SequencerDown);
        _assertSequencer(0, vm.getBlockTimestamp() - 1 days, PriceStatus.Valid);
        _assertSequencer(2, vm.getBlockTimestamp() - 1 days, PriceStatus.SequencerDown);
        _assertSequencer(-1, vm.getBlockTimestamp() - 1 days, PriceStatus.SequencerDown);
    }

    function test_O4_observe_isSequencerDown_whenGraceHasNotPassed() public {
        _assertSequencer(0, vm.getBlockTimestamp(), PriceStatus.SequencerDown);
        _assertSequencer(0, vm.getBlockTimestamp() - GRACE + 1, PriceStatus.SequencerDown);
        _assertSequencer(0, vm.getBlockTimestamp() - GRACE, PriceStatus.Valid);
    }

    /// @dev Chainlink: an uptime feed that has not started yet says 0.
    function test_O4_observe_isSequencerDown_whenStartIsUnknownOrAhead() public {
        _assertSequencer(0, 0, PriceStatus.SequencerDown);
        _assertSequencer(0, vm.getBlockTimestamp() + 1, PriceStatus.SequencerDown);
    }

    function test_O4_observe_isSequencerDown_whenUptimeFeedFails() public {
        HostileFeed uptime = newHostileFeed();
        uint256 since = vm.getBlockTimestamp() - GRACE;
        uptime.answerWith(HostileFeed.Words(1, 0, since, since, 1));
        router.setSequencerFeed(address(uptime), GRACE);
        assertStatus(observe(), PriceStatus.Valid);
        uptime.behave(HostileFeed.Behaviour.Reverts, 0);
        assertStatus(observe(), PriceStatus.SequencerDown);
        uptime.behave(HostileFeed.Behaviour.BurnsGas, 0);
        assertStatus(observe(), PriceStatus.SequencerDown);
        uptime.behave(HostileFeed.Behaviour.ReturnsAtLength, 64);
        assertStatus(observe(), PriceStatus.SequencerDown);
    }

    /// @dev Within a transaction the sequencer is asked once, for all markets.
    function test_O4_observe_keepsOneAnswer_whenSequencerStopsWithinTheTransaction() public {
        (ReplayFeed other, FeedProxy proxy) = newFeed(8);
        push(other, ANSWER);
        router.setFeed(OTHER, config(address(proxy)));
        Batch.Call memory stop = Batch.Call(address(sequencer), abi.encodeCall(MockSequencerFeed.goDown, ()));
        bytes[] memory results = batch.run(
            callsOf(
                observeCall(ETH_SET, Freshness.Latest),
                stop,
                observeCall(ETH.bit() | OTHER.bit(), Freshness.Latest)
            )
        );
        Price[] memory prices = pricesOf(results[2]);
        assertStatus(prices[0], PriceStatus.Valid);
        assertStatus(prices[1], PriceStatus.Valid);
        prices = router.observe(ETH.bit() | OTHER.bit(), Freshness.Latest);
        assertStatus(prices[0], PriceStatus.SequencerDown);
        assertStatus(prices[1], PriceStatus.SequencerDown);
    }

    /* O5: DECIMALS */

    /// @dev The aggregator behind a proxy is exchanged for one with other decimals: out of bounds wherever the bounds are as tight as they should be.
    function test_O5_observe_isOutOfBounds_whenSwappedAggregatorHasOtherDecimals() public {
        _swap(18, 2_000e18);
        assertStatus(observe(), PriceStatus.OutOfBounds);
        _swap(6, 2_000e6);
        assertStatus(observe(), PriceStatus.OutOfBounds);
        assertEq(observe().price, PRICE, "the last valid price");
        _swap(8, 2_010e8);
        assertEq(observe().price, 2_010e18);
    }

    /// @dev Regression: inside wide bounds the wrong magnitude was a jump, and the swapped aggregator's own next round confirmed it.
    function test_O5_observe_staysInvalid_whenSwappedAggregatorConfirmsItself() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        (terms.floor, terms.ceiling) = (1e15, 2.02e31);
        router.setFeed(ETH, terms);
        for (uint256 i; i < 2; ++i) {
            ReplayFeed swapped = i == 0 ? _swap(6, 2_000e6) : _swap(18, 2_000e18);
            int256 answer = i == 0 ? int256(2_001e6) : int256(2_001e18);
            for (uint256 round; round < 3; ++round) {
                assertStatus(observe(), PriceStatus.Invalid);
                assertEq(observe().price, PRICE, "the last valid price");
                skipSeconds(60);
                push(swapped, answer);
            }
            vm.expectRevert(abi.encodeWithSelector(IOracleRouter.JumpNotPending.selector, ETH, PriceStatus.Invalid));
            router.acceptJump(ETH, 1);
        }
        // The governor says so, and the decimals are read anew.
        router.setFeed(ETH, terms);
        assertEq(observe().price, 2_001e18);
    }

    /* O6: JUMPS */

    function test_O6_observe_isNotValid_whenOneRoundIsAbsurd() public {
        _assertStatusAt(2_000_000e8, PriceStatus.OutOfBounds); // ×1000
        _assertStatusAt(20_000_000, PriceStatus.OutOfBounds); // to 0.01 %
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        (terms.floor, terms.ceiling) = (0, 1e25);
        push(aggregator, ANSWER);
        router.setFeed(ETH, terms);
        _assertStatusAt(2_000_000e8, PriceStatus.Jump);
        _assertStatusAt(20_000_000, PriceStatus.Jump);
        _assertStatusAt(2_600e8, PriceStatus.Jump); // ×1.3
        assertEq(observe().price, PRICE, "the last valid price");
    }

    /// @dev The band itself is no jump.
    function test_O6_observe_jumps_whenBeyondTheBand() public {
        _assertStatusAt(2_300e8 + 1, PriceStatus.Jump);
        _assertStatusAt(2_300e8, PriceStatus.Valid);
        _assertStatusAt(1_955e8 - 1, PriceStatus.Jump);
        _assertStatusAt(1_955e8, PriceStatus.Valid);
    }

    /// @dev A later round within the band of the one that jumped confirms it; the round itself does not, however long it stands.
    function test_O6_observe_isValidAgain_whenALaterRoundConfirms() public {
        skipSeconds(60);
        push(aggregator, 2_600e8);
        vm.expectEmit(address(router));
        emit IOracleRouter.JumpHeld(ETH, (1 << 64) + 2, PRICE, 2_600e18);
        assertStatus(observe(), PriceStatus.Jump);
        skipSeconds(1 hours);
        assertStatus(observe(), PriceStatus.Jump);
        push(aggregator, 2_600e8);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_600e18);
        assertEq(router.recordOf(ETH).jumpPrice, 0, "nothing waits");
    }

    /// @dev A round of the same second is not later: two rounds pushed together confirm nothing.
    function test_O6_observe_staysAJump_whenTheNextRoundIsOfTheSameSecond() public {
        skipSeconds(60);
        push(aggregator, 2_600e8);
        observe();
        push(aggregator, 2_610e8);
        assertStatus(observe(), PriceStatus.Jump);
        assertEq(router.recordOf(ETH).jumpPrice, 2_600e18);
    }

    /// @dev A jump elsewhere replaces the one that waited.
    function test_O6_observe_holdsTheLatestJump_whenItJumpsAgain() public {
        skipSeconds(60);
        push(aggregator, 2_600e8);
        observe();
        skipSeconds(60);
        push(aggregator, 5_000e8);
        assertStatus(observe(), PriceStatus.Jump);
        skipSeconds(60);
        push(aggregator, 2_600e8); // near the first jump, not near the one that waits
        assertStatus(observe(), PriceStatus.Jump);
        skipSeconds(60);
        push(aggregator, 2_650e8);
        assertEq(observe().price, 2_650e18);
    }

    /// @dev A single wrong round passes without a trace in the window.
    function test_O6_observe_forgetsTheJump_whenTheNextRoundIsBack() public {
        skipSeconds(60);
        push(aggregator, 3_000e8);
        observe();
        skipSeconds(60);
        push(aggregator, 2_010e8);
        assertStatus(observe(), PriceStatus.Valid);
        assertWindow(ETH, PRICE, 2_010e18);
        assertEq(router.recordOf(ETH).jumpPrice, 0);
        skipSeconds(60);
        push(aggregator, 3_000e8);
        assertStatus(observe(), PriceStatus.Jump);
    }

    /// @dev A jump that nobody observed cannot confirm the next one.
    function test_O6_observe_holdsTheJump_whenTheFirstWentUnseen() public {
        skipSeconds(60);
        push(aggregator, 3_000e8);
        skipSeconds(60);
        push(aggregator, 3_000e8);
        assertStatus(observe(), PriceStatus.Jump);
    }

    /* O7: FEEDS THAT FAIL */

    function test_O7_observe_isInvalid_whenFeedMisbehaves() public {
        HostileFeed hostile = listHostile(OTHER);
        _assertHarmless(hostile, HostileFeed.Behaviour.Reverts, 0);
        _assertHarmless(hostile, HostileFeed.Behaviour.RevertsAtLength, 10_000);
        _assertHarmless(hostile, HostileFeed.Behaviour.RevertsAtLength, 1_000_000);
        _assertHarmless(hostile, HostileFeed.Behaviour.BurnsGas, 0);
        _assertHarmless(hostile, HostileFeed.Behaviour.ReturnsAtLength, 0);
        _assertHarmless(hostile, HostileFeed.Behaviour.ReturnsAtLength, 31);
        _assertHarmless(hostile, HostileFeed.Behaviour.ReturnsAtLength, 159);
        _assertHarmless(hostile, HostileFeed.Behaviour.ReturnsAtLength, 1_000_000);
        vm.etch(address(hostile), "");
        _assertOthersUnharmed();
        assertStatus(observe(OTHER), PriceStatus.Invalid);
    }

    /// @dev More than five words are as good as five, and cost the router nothing.
    function test_O7_observe_readsFiveWords_whenFeedReturnsMore() public {
        HostileFeed hostile = listHostile(OTHER);
        hostile.behave(HostileFeed.Behaviour.ReturnsAtLength, 160);
        assertStatus(observe(OTHER), PriceStatus.Valid);
        hostile.behave(HostileFeed.Behaviour.ReturnsAtLength, 10_000);
        assertStatus(observe(OTHER), PriceStatus.Valid);
    }

    /// @dev As Chainlink's access lists can.
    function test_O7_observe_isInvalid_whenTheRouterIsShutOut() public {
        vm.prank(address(batch));
        aggregator.deny(address(feed));
        assertStatus(observe(), PriceStatus.Invalid);
        vm.prank(address(batch));
        aggregator.allow(address(feed));
        assertStatus(observe(), PriceStatus.Valid);
    }

    /* HELPERS */

    function _assertInvalid(HostileFeed hostile, HostileFeed.Words memory words) private {
        hostile.answerWith(words);
        Price memory price = observe(OTHER);
        assertStatus(price, PriceStatus.Invalid);
        assertEq(price.price, PRICE, "the last valid price");
    }

    function _assertStatusAt(int256 answer, PriceStatus status) private {
        skipSeconds(60);
        push(aggregator, answer);
        assertStatus(observe(), status);
    }

    function _assertSequencer(int112 answer, uint256 startedAt, PriceStatus status) private {
        setSequencer(answer, startedAt);
        assertStatus(observe(), status);
    }

    /// @dev Exchanges the aggregator behind ETH's proxy.
    function _swap(uint8 decimals, int256 answer) private returns (ReplayFeed swapped) {
        (swapped, ) = newFeed(decimals);
        skipSeconds(60);
        push(swapped, answer);
        vm.prank(address(batch));
        feed.setAggregator(swapped);
    }

    function _assertHarmless(HostileFeed hostile, HostileFeed.Behaviour behaviour, uint256 length) private {
        hostile.behave(behaviour, length);
        Price memory price = observe(OTHER);
        assertStatus(price, PriceStatus.Invalid);
        assertEq(price.price, PRICE, "the last valid price");
        _assertOthersUnharmed();
    }

    /// @dev The market beside it has its price, and the bad feed used no more gas than it may.
    function _assertOthersUnharmed() private {
        uint256 alone = batch.measure(
            address(router),
            abi.encodeCall(IOracleRouter.observe, (ETH_SET, Freshness.Latest))
        );
        uint256 both = batch.measure(
            address(router),
            abi.encodeCall(IOracleRouter.observe, (ETH.bit() | OTHER.bit(), Freshness.Latest))
        );
        assertLt(both - alone, SafeFeedCall.GAS_LIMIT + 20_000, "gas");
        assertStatus(router.observe(ETH.bit() | OTHER.bit(), Freshness.Latest)[0], PriceStatus.Valid);
    }
}
