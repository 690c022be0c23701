// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../contracts/interfaces/ILiquidityPool.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {IFeedControl} from "../support/HouseFixture.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice A pool that a loss event charged too much.
contract LiquidityPool_refunds_Test is HouseScenarios {
    MarketId private constant SOL = MarketId.wrap(2);
    uint256 private constant POOL_NATIVE = 5_000_000e6;

    ILiquidityPool private _pool;
    IFeedControl private _feed;

    function setUp() public override {
        super.setUp();
        _feed = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "test feed", uint8(8))));
        _feed.push(2_000e8);
        oracle.setFeed(
            SOL,
            IOracleRouter.FeedConfig({
                feed: address(_feed),
                maxAge: 3_600,
                floor: 1e18,
                ceiling: 1_000_000e18,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
        risk.setRiskTerms(SOL, _riskTerms());
        liquidation.setLiquidationTerms(SOL, _liquidationTerms());
        _uninsure(SOL);
        _pool = ILiquidityPool(deploy("LiquidityPool", abi.encode(house, SOL, 1 hours, "Pool of SOL", "pSOL")));
        house.listMarket(SOL, _terms(_pool.account(), 500_000e18, 0.001e18));
        house.setMarketMode(SOL, IClearingHouse.MarketMode.Open);
        token.approve(address(_pool), type(uint256).max);
        _pool.processDeposit(_requestDeposit());
    }

    /// @dev ROUND-1: refunds due to the pool were not in its value. Whoever entered before they were claimed took part in them.
    function test_processDeposit_claimsRefundsFirst() public {
        uint256 late = _requestDeposit();
        skipSeconds(3_600);
        _publish(2_000);
        _open(alice, SOL, 60_000e18, 500e18);
        _open(bob, SOL, 60_000e18, -250e18);
        _publish(1_500);
        // A loser on the winners' side: netted with bob's, their gains are charged more than is missing.
        _open(carol, SOL, 60_000e18, -100e18);
        _publish(1_600);
        _resolve(alice);
        house.touch(bob, SOL, 10);
        assertGt(house.marketOf(SOL).surplusUsd, 1_000e18, "charged more than was missing");

        uint256 shares = _pool.processDeposit(late);
        uint256 worth = (uint256(_pool.valuation().equityUsd) * shares) / _pool.valuation().supply;
        assertEq(house.claimRefunds(_pool.account(), SOL, 16), 0, "nothing was left to claim");
        uint256 after_ = (uint256(_pool.valuation().equityUsd) * shares) / _pool.valuation().supply;
        assertEq(after_, worth, "entering gained nothing");
        assertApproxEqAbs(worth, 5_000_000e18, 1e18, "and cost nothing");
    }

    function _requestDeposit() private returns (uint256 id) {
        token.mint(address(this), POOL_NATIVE);
        return _pool.requestDeposit(POOL_NATIVE, type(uint128).max);
    }

    function _publish(uint256 priceUsd) private {
        skipSeconds(12);
        _feed.push(int256(priceUsd * 1e8));
    }
}
