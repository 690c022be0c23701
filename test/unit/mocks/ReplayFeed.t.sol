// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {Test} from "../../support/Test.sol";

contract ReplayFeed_Test is Test {
    ReplayFeed private feed;

    function setUp() public {
        feed = ReplayFeed(deploy("ReplayFeed", abi.encode(address(this), "TEST / USD", uint8(8))));
    }

    function test_push_revertsWhenCallerIsNotOperator() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        feed.push(1);
    }

    function test_pushAt_revertsWhenOutOfOrder() public {
        uint256 now_ = vm.getBlockTimestamp();
        feed.pushAt(1, now_ - 10);
        vm.expectRevert(abi.encodeWithSelector(ReplayFeed.PublicationOutOfOrder.selector, now_ - 11, now_ - 10, now_));
        feed.pushAt(2, now_ - 11);
        vm.expectRevert(abi.encodeWithSelector(ReplayFeed.PublicationOutOfOrder.selector, now_ + 1, now_ - 10, now_));
        feed.pushAt(2, now_ + 1);
    }

    function test_latestRoundData_revertsWhenNothingWasPublished() public {
        vm.expectRevert(abi.encodeWithSelector(ReplayFeed.RoundNotFound.selector, 0, 0));
        feed.latestRoundData();
    }

    function test_latestRoundData_revertsWhenReaderIsDenied() public {
        feed.push(1);
        address reader = makeAddr("reader");
        feed.deny(reader);
        vm.expectRevert(abi.encodeWithSelector(ReplayFeed.ReaderIsDenied.selector, reader));
        vm.prank(reader);
        feed.latestRoundData();
        feed.allow(reader);
        vm.prank(reader);
        feed.latestRoundData();
    }

    function test_getRoundData_keepsEveryRound() public {
        uint256 now_ = vm.getBlockTimestamp();
        feed.pushAt(-5, now_ - 10);
        feed.pushAt(7, now_ - 10);
        feed.push(9);
        (uint80 roundId, int256 answer, , uint256 updatedAt, ) = feed.getRoundData(1);
        assertEq(uint256(roundId), 1);
        assertEq(answer, int256(-5));
        assertEq(updatedAt, now_ - 10);
        (, answer, , , ) = feed.getRoundData(2);
        assertEq(answer, int256(7));
        (roundId, answer, , updatedAt, ) = feed.latestRoundData();
        assertEq(uint256(roundId), 3);
        assertEq(answer, int256(9));
        assertEq(updatedAt, now_);
    }
}
