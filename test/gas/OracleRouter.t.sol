// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {ISecondSource} from "../../contracts/interfaces/ISecondSource.sol";
import {FeedProxy} from "../../contracts/mocks/FeedProxy.sol";
import {ReplayFeed} from "../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {Freshness} from "../../contracts/types/Price.sol";
import {OracleTest} from "../unit/oracles/OracleTest.sol";

/// @notice What observing costs, in a transaction of its own, through proxied feeds, with the sequencer check.
contract OracleRouterGasTest is OracleTest {
    uint256 private constant TEN = 0x3ff;
    event GasUsed(string name, uint256 gas);

    ReplayFeed[] private _aggregators;

    function setUp() public override {
        super.setUp();
        _aggregators.push(aggregator);
        for (uint8 i = 1; i < 10; ++i) {
            (ReplayFeed other, FeedProxy proxy) = newFeed(8);
            push(other, ANSWER);
            router.setFeed(MarketId.wrap(i), config(address(proxy)));
            _aggregators.push(other);
        }
    }

    function test_observe_staysInBudget_whenRoundUnchanged() public {
        _assertGas("one market", 1, Freshness.Latest, 50_000);
        _assertGas("ten markets", TEN, Freshness.Latest, 292_000);
    }

    function test_observe_staysInBudget_whenRoundIsNew() public {
        _publish(ANSWER + 1e8);
        _assertGas("one market, new round", 1, Freshness.Latest, 65_000);
        _publish(ANSWER + 2e8);
        _assertGas("ten markets, new round", TEN, Freshness.Latest, 440_000);
    }

    /// @dev A second source costs its feed and a slot.
    function test_observe_staysInBudget_whenThereAreTwoSources() public {
        (ReplayFeed second, FeedProxy proxy) = newFeed(18);
        push(second, 2_000e18);
        ISecondSource(address(router)).setSecondary(
            ETH,
            ISecondSource.SecondaryConfig({feed: address(proxy), maxAge: MAX_AGE, maxDeviation: 0.02e18})
        );
        observe();
        _assertGas("one market, two sources", 1, Freshness.Latest, 72_000);
        skipSeconds(1);
        push(second, 2_001e18);
        _assertGas("one market, two sources, new round", 1, Freshness.Latest, 82_000);
    }

    function test_observe_staysInBudget_whenReused() public {
        router.poke(TEN);
        _assertGas("one market, reused", 1, Freshness.SameBlock, 9_000);
        _assertGas("ten markets, reused", TEN, Freshness.SameBlock, 45_000);
    }

    function _publish(int256 answer) private {
        for (uint256 i = 0; i < 10; ++i) push(_aggregators[i], answer);
    }

    function _assertGas(string memory name, uint256 markets, Freshness freshness, uint256 budget) private {
        uint256 used = batch.measure(address(router), abi.encodeCall(IOracleRouter.observe, (markets, freshness)));
        emit GasUsed(name, used);
        assertLt(used, budget, name);
    }
}
