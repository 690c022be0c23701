// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {ISecondSource} from "../../../contracts/interfaces/ISecondSource.sol";
import {DecimalFloat} from "../../../contracts/libraries/DecimalFloat.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_setFeed_Test is OracleTest {
    MarketId private constant BTC = MarketId.wrap(63);

    /* REVERTS */

    function test_setFeed_revertsWhenCallerIsNotGovernor() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        router.setFeed(BTC, config(address(feed)));
    }

    function test_setFeed_revertsWhenMarketIsOutOfRange() public {
        MarketId market = MarketId.wrap(64);
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.MarketOutOfRange.selector, market, 63));
        router.setFeed(market, config(address(feed)));
    }

    function test_setFeed_revertsWhenMaxAgeIsOutOfRange() public {
        _refuseMaxAge(59);
        _refuseMaxAge(2 days + 1);
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.maxAge = 60;
        router.setFeed(BTC, terms);
        terms.maxAge = 2 days;
        router.setFeed(BTC, terms);
    }

    function test_setFeed_revertsWhenJumpBandIsOutOfRange() public {
        _refuseJumpBand(0.005e18 - 1e14);
        _refuseJumpBand(0.6e18 + 1e14);
    }

    function test_setFeed_revertsWhenJumpBandIsTooFine() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.jumpBand = 0.1e18 + 1;
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.JumpBandTooFine.selector, BTC, terms.jumpBand, 1e14));
        router.setFeed(BTC, terms);
    }

    function test_setFeed_revertsWhenBucketLengthIsOutOfRange() public {
        _refuseBucketLength(59);
        _refuseBucketLength(6 hours + 1);
    }

    function test_setFeed_revertsWhenCeilingIsTooHigh() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.ceiling = 2 ** 104;
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.CeilingTooHigh.selector, BTC, 2 ** 104, uint256(type(uint104).max))
        );
        router.setFeed(BTC, terms);
    }

    function test_setFeed_revertsWhenBoundsCross() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.floor = terms.ceiling;
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.PriceBoundsCrossed.selector, BTC, terms.floor, terms.ceiling)
        );
        router.setFeed(BTC, terms);
    }

    function test_setFeed_revertsWhenBoundsAreTooFine() public {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.floor = 1_001e18;
        vm.expectRevert(abi.encodeWithSelector(DecimalFloat.TooManySignificantDigits.selector, terms.floor, 999));
        router.setFeed(BTC, terms);
    }

    function test_setFeed_revertsWhenFeedHasNoCode() public {
        address empty = makeAddr("no contract");
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.FeedHasNoCode.selector, empty));
        router.setFeed(BTC, config(empty));
    }

    /// @dev O5
    function test_setFeed_revertsWhenDecimalsAreOutOfRange() public {
        HostileFeed hostile = answering(newHostileFeed(), ANSWER);
        hostile.setDecimals(25);
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.FeedDecimalsOutOfRange.selector, address(hostile), 25, 24)
        );
        router.setFeed(BTC, config(address(hostile)));
    }

    /// @dev A feed has to work when it is set. O5: wrong decimals show here, out of bounds.
    function test_setFeed_revertsWhenFeedIsNotUsable() public {
        HostileFeed hostile = answering(newHostileFeed(), ANSWER);
        hostile.behave(HostileFeed.Behaviour.Reverts, 0);
        _refuseFeed(address(hostile), PriceStatus.Invalid, 0);
        answering(hostile, 0);
        _refuseFeed(address(hostile), PriceStatus.Invalid, 0);
        answering(hostile, ANSWER).setDecimals(6);
        _refuseFeed(address(hostile), PriceStatus.OutOfBounds, 200_000e18);
        answering(hostile, ANSWER).setDecimals(10);
        _refuseFeed(address(hostile), PriceStatus.OutOfBounds, 20e18);
        hostile.setDecimals(8);
        answering(hostile, ANSWER);
        skipSeconds(MAX_AGE + 1);
        _refuseFeed(address(hostile), PriceStatus.Stale, PRICE);
        vm.prank(address(batch));
        sequencer.goDown();
        _refuseFeed(address(hostile), PriceStatus.SequencerDown, 0);
    }

    /// @dev A ratio, like a staked ether's to ether, whose leg in dollars was forgotten, is below any floor that fits the asset.
    function test_O5_setFeed_revertsWhenTheAnswerIsNoPriceInDollars() public {
        HostileFeed hostile = answering(newHostileFeed(), 1.17e18);
        hostile.setDecimals(18);
        _refuseFeed(address(hostile), PriceStatus.OutOfBounds, 1.17e18);
    }

    /// @dev Five per cent of the lower of both, whatever the band that comes with the new feed.
    function test_setFeed_revertsWhenNewFeedDisagreesWithTheOld() public {
        (ReplayFeed other, FeedProxy proxy) = newFeed(18);
        push(other, 2_100e18 + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISecondSource.FeedsDisagree.selector, ETH, PRICE, 2_100e18 + 1, 0.05e18)
        );
        router.setFeed(ETH, config(address(proxy)));
        skipSeconds(1);
        push(other, 2_100e18);
        router.setFeed(ETH, config(address(proxy)));
        assertEq(observe().price, 2_100e18);
    }

    /// @dev Regression: it was compared with the price that was last observed, however far the old feed had gone since.
    function test_setFeed_revertsWhenOldFeedHasMovedOn() public {
        skipSeconds(60);
        pushPrice(2_200e18);
        (ReplayFeed other, FeedProxy proxy) = newFeed(18);
        push(other, 2_050e18);
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.FeedsDisagree.selector, ETH, 2_200e18, 2_050e18, 0.05e18));
        router.setFeed(ETH, config(address(proxy)));
        skipSeconds(1);
        push(other, 2_195e18);
        router.setFeed(ETH, config(address(proxy)));
        assertEq(observe().price, 2_195e18);
    }

    /// @dev A feed that prints nonsense is replaced by one that agrees with the last price before it.
    function test_setFeed_replacesAFeedThatJumps() public {
        skipSeconds(60);
        pushPrice(3_000e18);
        assertStatus(observe(), PriceStatus.Jump);
        (ReplayFeed other, FeedProxy proxy) = newFeed(18);
        push(other, 2_020e18);
        router.setFeed(ETH, config(address(proxy)));
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 2_020e18);
    }

    /// @dev The old feed has no price, its last one is not old: the new one may be as far away as a round might.
    function test_setFeed_revertsWhenNewFeedDeviates() public {
        (ReplayFeed other, FeedProxy proxy) = newFeed(18);
        vm.prank(address(batch));
        aggregator.deny(address(feed));
        push(other, 2_300e18 + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.FeedDeviates.selector, ETH, PRICE, 2_300e18 + 1, JUMP_BAND)
        );
        router.setFeed(ETH, config(address(proxy)));
        skipSeconds(1);
        push(other, 2_300e18);
        router.setFeed(ETH, config(address(proxy)));
        assertEq(observe().price, 2_300e18);
    }

    /* SUCCESS */

    function test_setFeed_startsAMarket() public {
        (ReplayFeed other, FeedProxy proxy) = newFeed(6);
        push(other, 2_000e6);
        IOracleRouter.FeedConfig memory none;
        vm.expectEmit(address(router));
        emit IOracleRouter.FeedSet(BTC, none, config(address(proxy)), 6);
        router.setFeed(BTC, config(address(proxy)));
        (IOracleRouter.FeedConfig memory stored, uint256 decimals) = router.feedOf(BTC);
        assertEq(abi.encode(stored), abi.encode(config(address(proxy))), "config");
        assertEq(decimals, 6);
        assertStatus(observe(BTC), PriceStatus.Valid);
        assertEq(observe(BTC).bucket, 1);
        assertWindow(BTC, PRICE, PRICE);
    }

    function test_setFeed_replacesAFeedThatAgrees() public {
        skipSeconds(100);
        (ReplayFeed other, FeedProxy proxy) = newFeed(18);
        push(other, 2_100e18);
        IOracleRouter.FeedConfig memory terms = config(address(proxy));
        terms.maxAge = 100;
        vm.expectEmit(address(router));
        emit IOracleRouter.FeedSet(ETH, config(address(feed)), terms, 18);
        router.setFeed(ETH, terms);
        assertEq(observe().price, 2_100e18);
        assertWindow(ETH, PRICE, 2_100e18);
        assertEq(router.recordOf(ETH).liveSeconds, 101, "the clock goes on");
        skipSeconds(101);
        assertStatus(observe(), PriceStatus.Stale);
    }

    /// @dev After a dead feed there is nothing to compare with: the new one has to confirm its own price first.
    function test_setFeed_holdsTheNewPriceAsAJump_whenOldPriceIsStale() public {
        skipSeconds(MAX_AGE + 1);
        (ReplayFeed other, FeedProxy proxy) = newFeed(8);
        push(other, 900e8);
        router.setFeed(ETH, config(address(proxy)));
        assertStatus(observe(), PriceStatus.Jump);
        assertEq(observe().price, PRICE);
        skipSeconds(1);
        push(other, 910e8);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, 910e18);
    }

    function test_setFeed_restartsTheBucket_whenItsLengthChanges() public {
        skipSeconds(100);
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.bucketLength = 120;
        router.setFeed(ETH, terms);
        assertEq(router.recordOf(ETH).liveSeconds, 0);
        skipSeconds(119);
        assertEq(observe().bucket, 1);
        skipSeconds(1);
        assertEq(observe().bucket, 2);
    }

    /* FUZZ */

    function testFuzz_setFeed_storesEveryTermExactly(
        uint256 maxAge,
        uint256 bandBps,
        uint256 bucketLength,
        uint256 digits
    ) public {
        IOracleRouter.FeedConfig memory terms = IOracleRouter.FeedConfig({
            feed: address(feed),
            maxAge: bound(maxAge, 60, 2 days),
            floor: bound(digits, 0, 999) * 1e18,
            ceiling: bound(digits, 201, 999) * 1e19,
            jumpBand: bound(bandBps, 50, 6_000) * 1e14,
            bucketLength: bound(bucketLength, 60, 6 hours)
        });
        router.setFeed(BTC, terms);
        (IOracleRouter.FeedConfig memory stored, ) = router.feedOf(BTC);
        assertEq(abi.encode(stored), abi.encode(terms));
    }

    function _refuseMaxAge(uint256 maxAge) private {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.maxAge = maxAge;
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.MaxAgeOutOfRange.selector, BTC, maxAge, 1 minutes, 2 days)
        );
        router.setFeed(BTC, terms);
    }

    function _refuseJumpBand(uint256 band) private {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.jumpBand = band;
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.JumpBandOutOfRange.selector, BTC, band, 0.005e18, 0.6e18));
        router.setFeed(BTC, terms);
    }

    function _refuseBucketLength(uint256 length) private {
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.bucketLength = length;
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.BucketLengthOutOfRange.selector, BTC, length, 1 minutes, 6 hours)
        );
        router.setFeed(BTC, terms);
    }

    function _refuseFeed(address newFeed_, PriceStatus status, uint256 price) private {
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.FeedNotUsable.selector, BTC, newFeed_, status, price));
        router.setFeed(BTC, config(newFeed_));
    }
}
