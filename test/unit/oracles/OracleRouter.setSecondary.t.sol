// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {ISecondSource} from "../../../contracts/interfaces/ISecondSource.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {TwoSourceTest} from "./TwoSourceTest.sol";

contract OracleRouter_setSecondary_Test is TwoSourceTest {
    /* REVERTS */

    function test_setSecondary_revertsWhenCallerIsNotGovernor() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        sources.setSecondary(ETH, secondary(address(secondFeed)));
    }

    function test_setSecondary_revertsWhenThereIsNoPrimary() public {
        MarketId market = MarketId.wrap(7);
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.SecondaryWithoutPrimary.selector, market));
        sources.setSecondary(market, secondary(address(secondFeed)));
    }

    function test_setSecondary_revertsWhenItIsThePrimary() public {
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.SecondaryIsPrimary.selector, ETH, address(feed)));
        sources.setSecondary(ETH, secondary(address(feed)));
    }

    function test_setSecondary_revertsWhenMaxAgeIsOutOfRange() public {
        ISecondSource.SecondaryConfig memory terms = secondary(address(secondFeed));
        for (uint256 i; i < 2; ++i) {
            terms.maxAge = i == 0 ? 59 : 2 days + 1;
            vm.expectRevert(
                abi.encodeWithSelector(IOracleRouter.MaxAgeOutOfRange.selector, ETH, terms.maxAge, 60, 2 days)
            );
            sources.setSecondary(ETH, terms);
        }
    }

    /// @dev The market's jump band is 15 %: sources that take turns within their limit never jump.
    function test_setSecondary_revertsWhenLimitIsOutOfRange() public {
        ISecondSource.SecondaryConfig memory terms = secondary(address(secondFeed));
        for (uint256 i; i < 2; ++i) {
            terms.maxDeviation = i == 0 ? 0.0009e18 : JUMP_BAND + 1e14;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISecondSource.DeviationLimitOutOfRange.selector,
                    ETH,
                    terms.maxDeviation,
                    0.001e18,
                    JUMP_BAND
                )
            );
            sources.setSecondary(ETH, terms);
        }
        IOracleRouter.FeedConfig memory wide = config(address(feed));
        wide.jumpBand = 0.6e18;
        router.setFeed(ETH, wide);
        terms.maxDeviation = 0.2001e18;
        vm.expectRevert(
            abi.encodeWithSelector(ISecondSource.DeviationLimitOutOfRange.selector, ETH, 0.2001e18, 0.001e18, 0.2e18)
        );
        sources.setSecondary(ETH, terms);
        terms.maxDeviation = 0.2e18;
        sources.setSecondary(ETH, terms);
    }

    function test_setSecondary_revertsWhenLimitIsTooFine() public {
        ISecondSource.SecondaryConfig memory terms = secondary(address(secondFeed));
        terms.maxDeviation = LIMIT + 1;
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.DeviationLimitTooFine.selector, ETH, LIMIT + 1, 1e14));
        sources.setSecondary(ETH, terms);
    }

    function test_setSecondary_revertsWhenFeedIsNoFeed() public {
        address empty = makeAddr("no contract");
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.FeedHasNoCode.selector, empty));
        sources.setSecondary(ETH, secondary(empty));
        HostileFeed hostile = answering(newHostileFeed(), ANSWER);
        hostile.setDecimals(25);
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.FeedDecimalsOutOfRange.selector, address(hostile), 25, 24)
        );
        sources.setSecondary(ETH, secondary(address(hostile)));
        hostile.setDecimals(8);
        hostile.behave(HostileFeed.Behaviour.Reverts, 0);
        _refuse(address(hostile), PriceStatus.Invalid);
        setSequencer(1, vm.getBlockTimestamp());
        _refuse(address(secondFeed), PriceStatus.SequencerDown);
    }

    function test_setSecondary_revertsWhenItDisagreesWithThePrimary() public {
        pushSecond(2_040e18 + 1);
        _refuseDisagreeing(PRICE, 2_040e18 + 1);
        skipSeconds(1);
        pushSecond(2_040e18);
        pair();
        assertEq(observe().price, 2_040e18, "two per cent are within the limit");
    }

    /// @dev O5: decimals that are not the price's show as a distance.
    function test_setSecondary_revertsWhenItsDecimalsAreWrong() public {
        HostileFeed hostile = answering(newHostileFeed(), ANSWER);
        hostile.setDecimals(6);
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.FeedsDisagree.selector, ETH, PRICE, 200_000e18, LIMIT));
        sources.setSecondary(ETH, secondary(address(hostile)));
    }

    /// @dev While the primary is silent there is the last valid price to compare with, however old.
    function test_setSecondary_revertsWhenItDisagreesWithTheLastPrice() public {
        skipSeconds(MAX_AGE + 1);
        pushSecond(2_041e18);
        _refuseDisagreeing(PRICE, 2_041e18);
        skipSeconds(1);
        pushSecond(2_030e18);
        pair();
        assertEq(observe().price, 2_030e18, "it stands in");
    }

    /* SUCCESS */

    function test_setSecondary_storesIt() public {
        ISecondSource.SecondaryConfig memory none;
        vm.expectEmit(address(router));
        emit ISecondSource.SecondarySet(ETH, none, secondary(address(secondFeed)), 18);
        pair();
        (ISecondSource.SecondaryConfig memory stored, uint256 decimals, bool isLast) = sources.secondaryOf(ETH);
        assertEq(abi.encode(stored), abi.encode(secondary(address(secondFeed))), "config");
        assertEq(decimals, 18);
        assertFalse(isLast);
        (IOracleRouter.FeedConfig memory primary, uint256 primaryDecimals) = router.feedOf(ETH);
        assertEq(abi.encode(primary), abi.encode(config(address(feed))), "the primary is as it was");
        assertEq(primaryDecimals, 8);
    }

    /// @dev The feed of a stream has no price before its first report: it is silent, and the primary goes on alone.
    function test_setSecondary_takesASilentFeed() public {
        HostileFeed silent = newHostileFeed();
        silent.answerWith(HostileFeed.Words(0, 0, 0, 0, 0));
        sources.setSecondary(ETH, secondary(address(silent)));
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, PRICE);
    }

    function test_setSecondary_takesItAway() public {
        pair();
        ISecondSource.SecondaryConfig memory none;
        vm.expectEmit(address(router));
        emit ISecondSource.SecondarySet(ETH, secondary(address(secondFeed)), none, 0);
        sources.setSecondary(ETH, none);
        pushSecond(2_500e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, PRICE);
        (ISecondSource.SecondaryConfig memory stored, , ) = sources.secondaryOf(ETH);
        assertEq(abi.encode(stored), abi.encode(none));
    }

    /// @dev The clock of a price goes by the age of its source. Taken away, it stops until there is a price again.
    function test_setSecondary_interruptsThePrice_whenItStoodIn() public {
        pair();
        pushSecond(2_010e18);
        observe();
        assertTrue(isBySecond());
        ISecondSource.SecondaryConfig memory none;
        sources.setSecondary(ETH, none);
        assertFalse(isBySecond());
        assertTrue(router.recordOf(ETH).interrupted);
        uint256 before = router.recordOf(ETH).liveSeconds;
        skipSeconds(60);
        pushPrice(2_011e18);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(router.recordOf(ETH).liveSeconds, before);
        assertEq(router.resumedAtOf(ETH), vm.getBlockTimestamp());
    }

    /* CHANGING THE PRIMARY OF TWO */

    function test_setFeed_revertsWhenItIsTheSecondSource() public {
        pair();
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.SecondaryIsPrimary.selector, ETH, address(secondFeed)));
        router.setFeed(ETH, config(address(secondFeed)));
    }

    function test_setFeed_revertsWhenItDisagreesWithTheSecondSource() public {
        pair();
        (ReplayFeed other, FeedProxy proxy) = newFeed(8);
        push(other, 2_041e8);
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.FeedsDisagree.selector, ETH, PRICE, 2_041e18, LIMIT));
        router.setFeed(ETH, config(address(proxy)));
        push(other, 2_039e8);
        router.setFeed(ETH, config(address(proxy)));
        (ISecondSource.SecondaryConfig memory stored, , ) = sources.secondaryOf(ETH);
        assertEq(stored.feed, address(secondFeed), "the second source stays");
        skipSeconds(1);
        pushSecond(2_100e18);
        assertStatus(observe(), PriceStatus.Deviating);
    }

    function test_setFeed_revertsWhenTheBandIsBelowTheLimitOfTwo() public {
        pair();
        IOracleRouter.FeedConfig memory terms = config(address(feed));
        terms.jumpBand = 0.01e18;
        vm.expectRevert(
            abi.encodeWithSelector(ISecondSource.DeviationLimitOutOfRange.selector, ETH, LIMIT, 0.001e18, 0.01e18)
        );
        router.setFeed(ETH, terms);
    }

    /// @dev A primary that died is replaced while the second source stands in, and compared with it.
    function test_setFeed_replacesADeadPrimary_whenTheSecondStandsIn() public {
        pair();
        skipSeconds(MAX_AGE);
        pushSecond(2_200e18);
        assertEq(observe().price, 2_200e18);
        assertTrue(isBySecond());
        (ReplayFeed other, FeedProxy proxy) = newFeed(8);
        push(other, 2_190e8);
        router.setFeed(ETH, config(address(proxy)));
        assertFalse(isBySecond());
        assertEq(router.recordOf(ETH).price, 2_190e18);
        assertStatus(observe(), PriceStatus.Valid);
    }

    /* FUZZ */

    function testFuzz_setSecondary_storesEveryTermExactly(uint256 maxAge, uint256 limitBps) public {
        ISecondSource.SecondaryConfig memory terms = ISecondSource.SecondaryConfig({
            feed: address(secondFeed),
            maxAge: bound(maxAge, 60, 2 days),
            maxDeviation: bound(limitBps, 10, 1_500) * 1e14
        });
        sources.setSecondary(ETH, terms);
        (ISecondSource.SecondaryConfig memory stored, , ) = sources.secondaryOf(ETH);
        assertEq(abi.encode(stored), abi.encode(terms));
    }

    function _refuse(address newFeed_, PriceStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.FeedNotUsable.selector, ETH, newFeed_, status, 0));
        sources.setSecondary(ETH, secondary(newFeed_));
    }

    function _refuseDisagreeing(uint256 present, uint256 price) private {
        vm.expectRevert(abi.encodeWithSelector(ISecondSource.FeedsDisagree.selector, ETH, present, price, LIMIT));
        sources.setSecondary(ETH, secondary(address(secondFeed)));
    }
}
