// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {Test} from "../../support/Test.sol";

/// @notice The proxy numbers rounds as Chainlink's do, so that consumers are tested against what they will meet.
contract FeedProxy_Test is Test {
    uint80 private constant PHASE_1 = 1 << 64;
    uint80 private constant PHASE_2 = 2 << 64;

    ReplayFeed private first;
    ReplayFeed private second;
    FeedProxy private proxy;

    function setUp() public {
        first = ReplayFeed(deploy("ReplayFeed", abi.encode(address(this), "first", uint8(8))));
        second = ReplayFeed(deploy("ReplayFeed", abi.encode(address(this), "second", uint8(18))));
        proxy = FeedProxy(deploy("FeedProxy", abi.encode(address(this), first)));
        first.push(100);
        second.push(200);
    }

    function test_setAggregator_revertsWhenCallerIsNotOperator() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        proxy.setAggregator(second);
    }

    function test_getRoundData_revertsWhenPhaseNeverWas() public {
        vm.expectRevert(abi.encodeWithSelector(FeedProxy.PhaseNotFound.selector, 2, 1));
        proxy.getRoundData(PHASE_2 + 1);
        vm.expectRevert(abi.encodeWithSelector(ReplayFeed.RoundNotFound.selector, 2, 1));
        proxy.getRoundData(PHASE_1 + 2);
    }

    function test_latestRoundData_carriesThePhase() public {
        (uint80 roundId, int256 answer, , , uint80 answeredIn) = proxy.latestRoundData();
        assertEq(uint256(roundId), PHASE_1 + 1);
        assertEq(uint256(answeredIn), PHASE_1 + 1);
        assertEq(answer, int256(100));
        proxy.setAggregator(second);
        (roundId, answer, , , ) = proxy.latestRoundData();
        assertEq(uint256(roundId), PHASE_2 + 1);
        assertEq(answer, int256(200));
        (uint16 id, ) = proxy.phase();
        assertEq(uint256(id), 2);
    }

    function test_getRoundData_answersForEveryPhase() public {
        proxy.setAggregator(second);
        (uint80 roundId, int256 answer, , , ) = proxy.getRoundData(PHASE_1 + 1);
        assertEq(uint256(roundId), PHASE_1 + 1);
        assertEq(answer, int256(100));
        (roundId, answer, , , ) = proxy.getRoundData(PHASE_2 + 1);
        assertEq(uint256(roundId), PHASE_2 + 1);
        assertEq(answer, int256(200));
    }

    function test_decimals_areThoseOfTheAggregator() public {
        assertEq(uint256(proxy.decimals()), 8);
        assertEq(proxy.description(), "first");
        proxy.setAggregator(second);
        assertEq(uint256(proxy.decimals()), 18);
        assertEq(proxy.description(), "second");
    }
}
