// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {HostileFeed} from "../../../contracts/mocks/HostileFeed.sol";
import {MockSequencerFeed} from "../../../contracts/mocks/MockSequencerFeed.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness, Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Batch} from "../../support/Batch.sol";
import {Test} from "../../support/Test.sol";

/// @title Base of the oracle tests
/// @notice A router that watches a sequencer, and one market, ETH, at $2,000 through a proxied feed. This contract is governor and guardian;
/// `batch` operates the feeds, so that a round can be published in the middle of a transaction.
abstract contract OracleTest is Test {
    MarketId internal constant ETH = MarketId.wrap(0);
    uint256 internal constant ETH_SET = 1;
    uint256 internal constant MAX_AGE = 1 hours + 5 minutes;
    uint256 internal constant BUCKET = 10 minutes;
    uint256 internal constant GRACE = 1 hours;
    uint256 internal constant JUMP_BAND = 0.15e18;
    uint256 internal constant FLOOR = 100e18;
    uint256 internal constant CEILING = 20_000e18;
    int256 internal constant ANSWER = 2_000e8;
    uint256 internal constant PRICE = 2_000e18;

    AccessManager internal manager;
    IOracleRouter internal router;
    MockSequencerFeed internal sequencer;
    ReplayFeed internal aggregator;
    FeedProxy internal feed;
    Batch internal batch;

    function setUp() public virtual {
        batch = new Batch();
        manager = new AccessManager(address(this));
        sequencer = MockSequencerFeed(
            deploy("MockSequencerFeed", abi.encode(batch, uint64(vm.getBlockTimestamp() - 1 days)))
        );
        router = IOracleRouter(deploy("OracleRouter", abi.encode(manager, proxyOf(sequencer), GRACE)));
        (aggregator, feed) = newFeed(8);
        push(aggregator, ANSWER);
        router.setFeed(ETH, config(address(feed)));
        skipSeconds(1);
    }

    /* BUILDERS */

    function newFeed(uint8 decimals) internal returns (ReplayFeed newAggregator, FeedProxy newProxy) {
        newAggregator = ReplayFeed(deploy("ReplayFeed", abi.encode(batch, "TEST / USD", decimals)));
        newProxy = proxyOf(newAggregator);
    }

    function proxyOf(AggregatorV3Interface newAggregator) internal returns (FeedProxy) {
        return FeedProxy(deploy("FeedProxy", abi.encode(batch, newAggregator)));
    }

    function newHostileFeed() internal returns (HostileFeed) {
        return HostileFeed(deploy("HostileFeed"));
    }

    function config(address newFeed_) internal pure returns (IOracleRouter.FeedConfig memory) {
        return
            IOracleRouter.FeedConfig({
                feed: newFeed_,
                maxAge: MAX_AGE,
                floor: FLOOR,
                ceiling: CEILING,
                jumpBand: JUMP_BAND,
                bucketLength: BUCKET
            });
    }

    /// @dev Answers as a good feed would, published now, until told otherwise.
    function answering(HostileFeed hostile, int256 answer) internal returns (HostileFeed) {
        uint256 now_ = vm.getBlockTimestamp();
        hostile.answerWith(HostileFeed.Words(1, answer, now_, now_, 1));
        return hostile;
    }

    /// @dev A market whose feed answered well when it was set, and may do anything from now on.
    function listHostile(MarketId market) internal returns (HostileFeed hostile) {
        hostile = answering(newHostileFeed(), ANSWER);
        router.setFeed(market, config(address(hostile)));
        skipSeconds(1);
    }

    /* ACTIONS */

    function push(ReplayFeed to, int256 answer) internal {
        vm.prank(address(batch));
        to.push(answer);
    }

    function pushPrice(uint256 price) internal {
        push(aggregator, int256(price / 1e10));
    }

    /// @dev `observe(…, Latest)` of one market, in a transaction of its own.
    function observe(MarketId market) internal returns (Price memory) {
        return router.observe(market.bit(), Freshness.Latest)[0];
    }

    function observe() internal returns (Price memory) {
        return observe(ETH);
    }

    /// @dev Sets the sequencer's status: 0 up, 1 down, since `startedAt`.
    function setSequencer(int112 answer, uint256 startedAt) internal {
        vm.prank(address(batch));
        sequencer.set(answer, uint64(startedAt));
    }

    /* CALLS OF A BATCH */

    function observeCall(uint256 markets, Freshness freshness) internal view returns (Batch.Call memory) {
        return Batch.Call(address(router), abi.encodeCall(IOracleRouter.observe, (markets, freshness)));
    }

    function pushCall(int256 answer) internal view returns (Batch.Call memory) {
        return Batch.Call(address(aggregator), abi.encodeCall(ReplayFeed.push, (answer)));
    }

    function callsOf(
        Batch.Call memory first,
        Batch.Call memory second
    ) internal pure returns (Batch.Call[] memory calls) {
        calls = new Batch.Call[](2);
        (calls[0], calls[1]) = (first, second);
    }

    function callsOf(
        Batch.Call memory first,
        Batch.Call memory second,
        Batch.Call memory third
    ) internal pure returns (Batch.Call[] memory calls) {
        calls = new Batch.Call[](3);
        (calls[0], calls[1], calls[2]) = (first, second, third);
    }

    function pricesOf(bytes memory result) internal pure returns (Price[] memory) {
        return abi.decode(result, (Price[]));
    }

    function priceOf(bytes memory result) internal pure returns (Price memory) {
        return pricesOf(result)[0];
    }

    /* ASSERTIONS */

    function assertStatus(Price memory price, PriceStatus status) internal pure {
        assertEq(uint256(price.status), uint256(status), "status");
    }

    function assertEq(Price memory left, Price memory right) internal pure {
        assertEq(abi.encode(left), abi.encode(right), "price");
    }

    function assertWindow(MarketId market, uint256 expectedLow, uint256 expectedHigh) internal view {
        (uint256 low, uint256 high) = router.windowOf(market);
        assertEq(low, expectedLow, "low");
        assertEq(high, expectedHigh, "high");
    }
}
