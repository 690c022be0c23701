// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

contract LiquidityPool_constructor_Test is LiquidityPoolTest {
    function test_constructor_revertsWhenDelayIsOutOfRange() public {
        _refuse(1 hours - 1, 1 hours);
        _refuse(30 days + 1, 1 hours);
    }

    /// @dev Regression: nothing kept the delay longer than twice the maturity bucket, so that a request could be processed while gains that
    /// it was timed by were not yet paid.
    function test_constructor_revertsWhenDelayIsNotLongerThanTwoBuckets() public {
        (IOracleRouter.FeedConfig memory config, ) = oracle.feedOf(SOL);
        config.bucketLength = 45 minutes;
        oracle.setFeed(SOL, config);
        _refuse(90 minutes, 90 minutes + 1);
        this.deployPool(SOL, 90 minutes + 1);
    }

    function test_constructor_revertsWhenMarketHasNoFeed() public {
        MarketId none = MarketId.wrap(9);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, none, PriceStatus.Invalid));
        this.deployPool(none, DELAY);
    }

    function test_constructor_namesAccountMarketAndDelay() public {
        ILiquidityPool other = ILiquidityPool(this.deployPool(SOL, 1 hours));
        assertEq(other.account().owner(), address(other));
        assertEq(uint256(other.account().sub()), 0);
        assertEq(MarketId.unwrap(other.MARKET()), MarketId.unwrap(SOL));
        assertEq(other.DELAY_SECONDS(), 1 hours);
    }

    function deployPool(MarketId market, uint256 delaySeconds) external returns (address) {
        return deploy("LiquidityPool", abi.encode(house, market, delaySeconds, "pool", "pool"));
    }

    function _refuse(uint256 delaySeconds, uint256 lowest) private {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityPool.DelayOutOfRange.selector, delaySeconds, lowest, 30 days));
        this.deployPool(SOL, delaySeconds);
    }
}
