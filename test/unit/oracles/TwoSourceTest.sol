// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISecondSource} from "../../../contracts/interfaces/ISecondSource.sol";
import {FeedProxy} from "../../../contracts/mocks/FeedProxy.sol";
import {ReplayFeed} from "../../../contracts/mocks/ReplayFeed.sol";
import {OracleTest} from "./OracleTest.sol";

/// @title Base of the tests of two sources
/// @notice ETH's primary has the base's long age; its second source, with 18 decimals, lives for ten minutes and may be 2 % away, as a stream's feed would.
abstract contract TwoSourceTest is OracleTest {
    uint256 internal constant SECOND_MAX_AGE = 10 minutes;
    uint256 internal constant LIMIT = 0.02e18;

    ISecondSource internal sources;
    ReplayFeed internal second;
    FeedProxy internal secondFeed;

    function setUp() public virtual override {
        super.setUp();
        sources = ISecondSource(address(router));
        (second, secondFeed) = newFeed(18);
        pushSecond(PRICE);
    }

    /// @dev Sets the second source, which has just agreed with the primary.
    function pair() internal {
        sources.setSecondary(ETH, secondary(address(secondFeed)));
        skipSeconds(1);
    }

    function secondary(address newFeed_) internal pure returns (ISecondSource.SecondaryConfig memory) {
        return ISecondSource.SecondaryConfig({feed: newFeed_, maxAge: SECOND_MAX_AGE, maxDeviation: LIMIT});
    }

    function pushSecond(uint256 price) internal {
        push(second, int256(price));
    }

    /// @dev Whether the last valid price came from the second source.
    function isBySecond() internal view returns (bool isLast) {
        (, , isLast) = sources.secondaryOf(ETH);
    }
}
