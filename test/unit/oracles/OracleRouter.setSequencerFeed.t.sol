// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_setSequencerFeed_Test is OracleTest {
    function test_setSequencerFeed_revertsWhenCallerIsNotGovernor() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        router.setSequencerFeed(address(0), 0);
    }

    function test_setSequencerFeed_revertsWhenGraceIsOutOfRange() public {
        _refuseGrace(address(sequencer), 59, 1 minutes, 1 days);
        _refuseGrace(address(sequencer), 1 days + 1, 1 minutes, 1 days);
        _refuseGrace(address(0), 1, 0, 0);
    }

    /// @dev A price feed in place of an uptime feed, and everything else that does not answer like one.
    function test_setSequencerFeed_revertsWhenNotAnUptimeFeed() public {
        HostileFeed hostile = newHostileFeed();
        uint256 now_ = vm.getBlockTimestamp();
        hostile.answerWith(HostileFeed.Words(1, 2, now_, now_, 1));
        _refuseFeed(address(hostile), 2, now_);
        hostile.answerWith(HostileFeed.Words(1, -1, now_, now_, 1));
        _refuseFeed(address(hostile), -1, now_);
        hostile.answerWith(HostileFeed.Words(1, 0, 0, now_, 1));
        _refuseFeed(address(hostile), 0, 0);
        hostile.answerWith(HostileFeed.Words(1, 0, now_ + 1, now_, 1));
        _refuseFeed(address(hostile), 0, now_ + 1);
        hostile.behave(HostileFeed.Behaviour.Reverts, 0);
        _refuseFeed(address(hostile), 0, 0);
        _refuseFeed(address(feed), ANSWER, now_ - 1);
        _refuseFeed(makeAddr("no contract"), 0, 0);
    }

    function test_setSequencerFeed_takesASequencerThatIsDown() public {
        setSequencer(1, vm.getBlockTimestamp());
        router.setSequencerFeed(address(sequencer), GRACE);
        assertStatus(observe(), PriceStatus.SequencerDown);
    }

    function test_setSequencerFeed_changesFeedAndGrace() public {
        (address oldFeed, uint256 oldGrace) = router.sequencerFeed();
        vm.expectEmit(address(router));
        emit IOracleRouter.SequencerFeedSet(oldFeed, oldGrace, address(sequencer), 1 days);
        router.setSequencerFeed(address(sequencer), 1 days);
        (address newFeed_, uint256 newGrace) = router.sequencerFeed();
        assertEq(newFeed_, address(sequencer));
        assertEq(newGrace, 1 days);
        setSequencer(0, vm.getBlockTimestamp() - 1 days + 1);
        assertStatus(observe(), PriceStatus.SequencerDown);
        skipSeconds(1);
        assertStatus(observe(), PriceStatus.Valid);
    }

    function test_setSequencerFeed_watchesNothing_whenRemoved() public {
        setSequencer(1, vm.getBlockTimestamp());
        assertStatus(observe(), PriceStatus.SequencerDown);
        router.setSequencerFeed(address(0), 0);
        assertStatus(observe(), PriceStatus.Valid);
    }

    /// @dev The constructor takes and refuses the same.
    function test_setSequencerFeed_bindsTheConstructorToo() public {
        IOracleRouter bare = IOracleRouter(deploy("OracleRouter", abi.encode(manager, address(0), 0)));
        (address none, uint256 grace) = bare.sequencerFeed();
        assertEq(none, address(0));
        assertEq(grace, 0);
        try this.deployRouter(59) {
            fail("a grace of 59 seconds was taken");
        } catch (bytes memory reason) {
            assertEq(
                reason,
                abi.encodeWithSelector(IOracleRouter.SequencerGraceOutOfRange.selector, 59, 1 minutes, 1 days)
            );
        }
    }

    function deployRouter(uint256 grace) external returns (address) {
        return deploy("OracleRouter", abi.encode(manager, sequencer, grace));
    }

    function _refuseGrace(address newFeed_, uint256 grace, uint256 lowest, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(IOracleRouter.SequencerGraceOutOfRange.selector, grace, lowest, highest)
        );
        router.setSequencerFeed(newFeed_, grace);
    }

    function _refuseFeed(address newFeed_, int256 answer, uint256 startedAt) private {
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.NotASequencerFeed.selector, newFeed_, answer, startedAt));
        router.setSequencerFeed(newFeed_, GRACE);
    }
}
