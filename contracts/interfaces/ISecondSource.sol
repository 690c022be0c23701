// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @title A second source of a market's price
/// @notice What the oracle router offers beyond IOracleRouter: a market may have a second feed beside the first, its primary.
///
/// A source *speaks* while its latest round is a price: positive, of no time to come, and no older than the source's own `maxAge`. Otherwise it is silent, whatever the reason.
///
///  both speak, within the limit of each other   the round published later is used; at the same second the primary's
///  both speak, further apart                    `Deviating`: neither is used
///  one speaks                                   it alone is used, as if there were no other
///  none speaks                                  the primary's status
///
/// So a source that dies leaves a market as safe, and as exposed, as one source makes it; one that lies by more than the limit stops the market as long as both speak. Everything else is judged
/// as for one source: bounds, and jumps against the last valid price, whichever source it came from.
///
/// Time runs forward in each source. Between them it may run back: when the source of the last price has fallen silent, an older round of the other stands in, if it is within the limit of that
/// price; otherwise it is `Deviating`. An order is executed at a price published after it all the same. While the other source's round stands in that was already there when the last price
/// was observed, the maturity clock has no gap.
interface ISecondSource {
    /// @notice A market's second source.
    /// @param feed Chainlink `AggregatorV3Interface`, or a StreamsFeed; its decimals (0 to 24) are read when it is set; 0 for none
    /// @param maxAge {s}, from its publication until a round is no price any more: 60 s to 2 days
    /// @param maxDeviation D18{1}, largest distance between both prices, of the lower: 0.1 % to 20 % and to the market's jump band, in whole basis points
    struct SecondaryConfig {
        address feed;
        uint256 maxAge;
        uint256 maxDeviation;
    }

    /// @notice A market's second source changed. `feed` is 0 where there was, or is, none.
    event SecondarySet(MarketId indexed market, SecondaryConfig oldConfig, SecondaryConfig newConfig, uint256 decimals);

    /// @notice Thrown when a second source is to be set where there is no first.
    error SecondaryWithoutPrimary(MarketId market);

    /// @notice Thrown when both sources of a market would be the same feed: it would agree with itself.
    error SecondaryIsPrimary(MarketId market, address feed);

    /// @notice Thrown when the limit between both sources is outside its bounds, or above the market's jump band. D18{1}
    error DeviationLimitOutOfRange(MarketId market, uint256 maxDeviation, uint256 lowest, uint256 highest);

    /// @notice Thrown when the limit between both sources is not a whole number of basis points. D18{1}
    error DeviationLimitTooFine(MarketId market, uint256 maxDeviation, uint256 step);

    /// @notice Thrown when a feed to be set is further than a limit from the price it would replace or stand beside: that of the feed before it, of the other source, or, where that is silent, the
    /// last valid one. D18{USD/base}, `limit` D18{1} of the lower
    error FeedsDisagree(MarketId market, uint256 presentPrice, uint256 newPrice, uint256 limit);

    /// @notice Sets, replaces or takes away a market's second source. One that speaks has to agree with the primary, or, while that is silent, with the last valid price; one that is silent, as the
    /// feed of a stream before its first report, has to answer.
    /// @dev If the last price came from the source that is replaced, the price counts as interrupted until it is next observed.
    /// @custom:access governor
    function setSecondary(MarketId market, SecondaryConfig calldata newConfig) external;

    /// @notice A market's second source; all 0 when it has none.
    /// @return config see SecondaryConfig
    /// @return decimals of the feed's answers
    /// @return isLast whether the last valid price came from it
    function secondaryOf(
        MarketId market
    ) external view returns (SecondaryConfig memory config, uint256 decimals, bool isLast);
}
