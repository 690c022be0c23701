// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVolatility} from "../../../contracts/interfaces/IVolatility.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {TwoSourceTest} from "../../unit/oracles/TwoSourceTest.sol";

/// @notice Two sources of one price: which of them is used, and what happens when one lies, falls silent, or goes back. The rule is in ISecondSource.
contract TwoSources_Test is TwoSourceTest {
    function setUp() public override {
        super.setUp();
        pair();
    }

    /* BOTH SPEAK */

    function test_observe_takesTheLaterRound_whenBothAgree() public {
        assertEq(observe().price, PRICE, "the second's is the later one");
        assertTrue(isBySecond());
        pushPrice(2_010e18);
        assertEq(observe().price, 2_010e18);
        assertFalse(isBySecond());
        skipSeconds(1);
        pushSecond(2_005e18);
        assertEq(observe().price, 2_005e18);
        assertTrue(isBySecond());
    }

    function test_observe_takesThePrimary_whenBothPublishAtOnce() public {
        pushSecond(2_001e18);
        pushPrice(2_002e18);
        assertEq(observe().price, 2_002e18);
        assertFalse(isBySecond());
    }

    /// @dev Two per cent of the lower are within the limit.
    function test_observe_deviates_whenFurtherApartThanTheLimit() public {
        pushPrice(2_040e18);
        assertStatus(observe(), PriceStatus.Valid);
        skipSeconds(1);
        pushPrice(2_040.00000001e18);
        assertStatus(observe(), PriceStatus.Deviating);
        assertEq(observe().price, 2_040e18, "the last valid price");
        skipSeconds(1);
        pushSecond(2_020e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_020e18);
    }

    /// @dev O6: one source lies. Neither its first round nor its next ones are believed, although they confirm each other.
    function test_O6_observe_deviates_whenOneSourceLies() public {
        for (uint256 i; i < 3; ++i) {
            skipSeconds(60);
            pushPrice(2_600e18);
            pushSecond(2_003e18);
            assertStatus(observe(), PriceStatus.Deviating);
            assertEq(observe().price, PRICE);
        }
        assertEq(router.recordOf(ETH).jumpPrice, 0, "no jump waits");
        assertTrue(router.recordOf(ETH).interrupted, "the clock stands");
    }

    /// @dev O6: what both say is judged as what one says.
    function test_O6_observe_jumps_whenBothMoveBeyondTheBand() public {
        _pushBoth(2_400e18);
        assertStatus(observe(), PriceStatus.Jump);
        skipSeconds(60);
        _pushBoth(2_410e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_410e18);
    }

    /// @dev O3
    function test_O3_observe_isOutOfBounds_whenBothStandAtTheFloor() public {
        _pushBoth(FLOOR);
        assertStatus(observe(), PriceStatus.OutOfBounds);
    }

    /// @dev O3: a source that stands at its own floor still speaks, and disagrees.
    function test_O3_observe_deviates_whenOneStandsAtTheFloor() public {
        pushPrice(FLOOR);
        assertStatus(observe(), PriceStatus.Deviating);
    }

    /// @dev O5: a swapped aggregator of other decimals disagrees by powers of ten.
    function test_O5_observe_deviates_whenSwappedAggregatorHasOtherDecimals() public {
        (ReplayFeed swapped, ) = newFeed(6);
        push(swapped, 2_000e6);
        vm.prank(address(batch));
        feed.setAggregator(swapped);
        assertStatus(observe(), PriceStatus.Deviating);
        // Alone it is caught by the decimals it was set with.
        skipSeconds(SECOND_MAX_AGE + 1);
        push(swapped, 2_000e6);
        assertStatus(observe(), PriceStatus.OutOfBounds);
    }

    /* ONE SPEAKS */

    function test_O1_observe_takesTheOther_whenOneIsStale() public {
        observe();
        assertTrue(isBySecond());
        skipSeconds(SECOND_MAX_AGE - 1);
        assertTrue(isBySecond());
        assertStatus(observe(), PriceStatus.Valid);
        skipSeconds(1);
        pushPrice(2_300e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_300e18, "a silent source disagrees with nothing");
        assertFalse(isBySecond());
        // And the other way round.
        skipSeconds(MAX_AGE + 1);
        pushSecond(2_100e18);
        assertEq(observe().price, 2_100e18);
        assertTrue(isBySecond());
    }

    /// @dev The second source's round stands in for a silent primary, and the primary's older round for a silent second source.
    function test_observe_standsIn_whenTheOlderRoundSaysTheSame() public {
        pushSecond(2_010e18);
        observe();
        uint256 clockBefore = router.recordOf(ETH).liveSeconds;
        skipSeconds(SECOND_MAX_AGE + 1);
        Price memory price = observe();
        assertStatus(price, PriceStatus.Valid);
        assertEq(price.price, PRICE);
        assertLt(price.publishedAt + SECOND_MAX_AGE, vm.getBlockTimestamp());
        assertFalse(isBySecond());
        // It was there all the time: the clock has no gap.
        assertEq(router.resumedAtOf(ETH), 0, "nothing was interrupted");
        uint256 counted = (router.recordOf(ETH).bucket - 1) * BUCKET + router.recordOf(ETH).liveSeconds;
        assertEq(counted, clockBefore + SECOND_MAX_AGE + 1);
    }

    /// @dev While an old round is beyond the limit of the newer price, it says nothing about now.
    function test_observe_deviates_whenTheOlderRoundSaysOtherwise() public {
        pushPrice(PRICE);
        pushSecond(PRICE);
        observe();
        skipSeconds(SECOND_MAX_AGE + 1);
        pushSecond(2_035e18);
        observe();
        assertTrue(isBySecond());
        skipSeconds(60);
        pushSecond(2_045e18); // beyond 2 % of the primary's round, which still speaks
        assertStatus(observe(), PriceStatus.Deviating);
        skipSeconds(SECOND_MAX_AGE + 1);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, PRICE, "within the limit of the last valid price, 2 035");
    }

    function test_observe_deviates_whenTheOnlyRoundIsOlderAndFarFromTheLast() public {
        // The primary falls silent for a moment, in which the second source moves on.
        _mute(true);
        pushSecond(2_100e18);
        assertEq(observe().price, 2_100e18);
        skipSeconds(SECOND_MAX_AGE + 1);
        _mute(false);
        assertStatus(observe(), PriceStatus.Deviating);
        assertEq(observe().price, 2_100e18);
        pushPrice(2_110e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_110e18);
    }

    /// @dev O2: time runs forward in each source.
    function test_O2_observe_isInvalid_whenTheSourceOfTheLastPriceGoesBack() public {
        _mute(true);
        pushSecond(2_010e18);
        observe();
        (ReplayFeed older, ) = newFeed(18);
        uint256 before = vm.getBlockTimestamp() - 60;
        vm.prank(address(batch));
        older.pushAt(2_010e18, before);
        vm.prank(address(batch));
        secondFeed.setAggregator(older);
        assertStatus(observe(), PriceStatus.Invalid);
    }

    /// @dev O7: whatever one source does, the other is a price.
    function test_O7_observe_staysValid_whenOneSourceMisbehaves() public {
        HostileFeed hostile = answering(newHostileFeed(), ANSWER);
        sources.setSecondary(ETH, secondary(address(hostile)));
        pushPrice(2_001e18);
        for (uint256 i = 1; i <= uint256(HostileFeed.Behaviour.ReturnsAtLength); ++i) {
            hostile.behave(HostileFeed.Behaviour(i), 96);
            assertStatus(observe(), PriceStatus.Valid);
            assertEq(observe().price, 2_001e18);
        }
        hostile.answerWith(HostileFeed.Words(1, 0, vm.getBlockTimestamp(), vm.getBlockTimestamp(), 1));
        assertStatus(observe(), PriceStatus.Valid);
        hostile.answerWith(HostileFeed.Words(1, 1e8, vm.getBlockTimestamp(), vm.getBlockTimestamp() + 1, 1));
        assertStatus(observe(), PriceStatus.Valid);
    }

    /* NONE SPEAKS */

    function test_observe_hasThePrimarysStatus_whenNoneSpeaks() public {
        skipSeconds(MAX_AGE + 1);
        assertStatus(observe(), PriceStatus.Stale);
        _mute(true);
        assertStatus(observe(), PriceStatus.Invalid);
    }

    /// @dev O4
    function test_O4_observe_isSequencerDown_whenBothSpeak() public {
        setSequencer(1, vm.getBlockTimestamp());
        assertStatus(observe(), PriceStatus.SequencerDown);
    }

    /* ONE PRICE PER TRANSACTION, ONE CLOCK */

    /// @dev PRICE-1: what `peek` says is what `observe` stores, whichever source it comes from.
    function testFuzz_peek_equalsObserve(uint256 first, uint256 other, uint256 wait, bool secondLast) public {
        observe();
        skipSeconds(bound(wait, 1, 2 * MAX_AGE));
        uint256 a = bound(first, 1_700e18, 2_300e18) / 1e10;
        uint256 b = bound(other, 1_700e18, 2_300e18) / 1e10;
        if (secondLast) {
            pushPrice(a * 1e10);
            skipSeconds(1);
            pushSecond(b * 1e10);
        } else {
            pushSecond(b * 1e10);
        }
        Price memory peeked = router.peek(ETH_SET)[0];
        (uint256 low, uint256 high) = router.windowOf(ETH);
        uint256 resumedAt = router.resumedAtOf(ETH);
        assertEq(observe(), peeked);
        assertWindow(ETH, low, high);
        assertEq(router.resumedAtOf(ETH), resumedAt);
        uint256 apart = a > b ? a - b : b - a;
        bool separated = apart * 10_000 > (a < b ? a : b) * 200;
        if (secondLast) assertEq(peeked.status == PriceStatus.Deviating, separated, "the rule");
    }

    /// @dev What is stored again without a new round keeps its source, and so its age.
    function test_poke_keepsTheSource() public {
        pushSecond(2_010e18);
        observe();
        skipSeconds(60);
        router.poke(ETH_SET);
        assertTrue(isBySecond());
        assertEq(router.recordOf(ETH).observedAt, vm.getBlockTimestamp());
        _mute(true);
        skipSeconds(SECOND_MAX_AGE);
        assertStatus(observe(), PriceStatus.Invalid);
        pushSecond(2_010e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(router.resumedAtOf(ETH), vm.getBlockTimestamp(), "the round of ten minutes was over before");
    }

    function test_acceptJump_acceptsTheSecondSourcesRound() public {
        _mute(true);
        pushSecond(3_000e18);
        assertStatus(observe(), PriceStatus.Jump);
        uint256 roundId = router.recordOf(ETH).jumpRoundId;
        router.acceptJump(ETH, roundId);
        assertTrue(isBySecond());
        assertEq(router.recordOf(ETH).price, 3_000e18);
        _mute(false);
        assertStatus(observe(), PriceStatus.Deviating);
    }

    /// @dev What sources say that disagree reaches neither the mean nor the window.
    function test_meanPriceOf_staysSame_whenSourcesDisagree() public {
        observe();
        skipSeconds(60);
        pushPrice(2_250e18);
        observe();
        assertWindow(ETH, PRICE, PRICE);
        // The mean is kept in 41 bits.
        uint256 mean = IVolatility(address(router)).meanPriceOf(ETH);
        assertLe(mean, PRICE);
        assertGt(mean, PRICE - PRICE / 1e12);
    }

    function _pushBoth(uint256 price) private {
        pushPrice(price);
        pushSecond(price);
    }

    /// @dev Shuts the primary's readers out, or lets them in again.
    function _mute(bool muted) private {
        vm.prank(address(batch));
        if (muted) aggregator.deny(address(feed));
        else aggregator.allow(address(feed));
    }
}
