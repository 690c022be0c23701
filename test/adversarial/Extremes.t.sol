// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../../contracts/interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {IFeedControl} from "../support/HouseFixture.sol";
import {TakeOverScenarios} from "../support/TakeOverScenarios.sol";

/// @notice A1: every way out of distress at prices from a hundred-millionth of a dollar to a trillion, with positions from cents to millions: nothing is too wide for
/// its word, nothing reverts that has to work (LIQ-5), and the books stay whole.
contract Extremes_Test is TakeOverScenarios {
    MarketId private constant ODD = MarketId.wrap(2);

    /// @dev A market with a feed of 18 decimals.
    function _listAt(uint256 price, uint256 skewScale, uint256 lotSize) private {
        address feed = deploy("ReplayFeed", abi.encode(address(this), "odd feed", uint8(18)));
        feeds[2] = IFeedControl(feed);
        feeds[2].push(int256(price));
        oracle.setFeed(
            ODD,
            IOracleRouter.FeedConfig({
                feed: feed,
                maxAge: 3_600,
                floor: 1e6,
                ceiling: 1e31,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
        risk.setRiskTerms(ODD, _riskTerms());
        liquidation.setLiquidationTerms(ODD, _liquidationTerms());
        liquidation.setAuctionTerms(ODD, ILiquidationEngine.AuctionTerms({durationSeconds: AUCTION_SECONDS}));
        waterfall.setInsuranceTerms(
            ODD,
            ILossWaterfall.InsuranceTerms({eventCap: 0.25e18, epochCap: 0.5e18, coinsurance: 0.1e18})
        );
        pools[2] = accountIdOf(makeAddr("odd pool"), 0);
        house.listMarket(ODD, _terms(pools[2], skewScale, lotSize));
        house.setMarketMode(ODD, IClearingHouse.MarketMode.Open);
        _fund(pools[2], POOL_USD);
    }

    function _push(uint256 price) private {
        skipSeconds(12);
        feeds[2].push(int256(price));
    }

    function _assertBooks() private view {
        AccountId[] memory users = _users();
        IClearingHouse.MarketState memory state = house.marketOf(ODD);
        (int256 sizes, int256 quotes) = _sums(ODD, users);
        assertEq(sizes, int256(0), "CONS-2: sizes do not cancel");
        assertEq(
            quotes,
            int256(state.reserveUsd) + int256(state.uncollectedLossUsd) - int256(state.surplusUsd),
            "CONS-2: quote legs differ from B + L - S"
        );
    }

    /// @dev Slice, take-over, take-over of all, default, sale, tear-up and loss event of a position of `notionalUsd` either way.
    function _live(uint256 price, uint256 notionalUsd, bool isLong, uint256 lotSize) private {
        int256 size = int256(((notionalUsd * 1e18) / price / lotSize) * lotSize);
        if (!isLong) size = -size;
        _fund(alice, notionalUsd / 10 + 10e18);
        _fund(bob, notionalUsd + 10e18);
        _trade(bob, ODD, -size);
        _trade(alice, ODD, size);

        // Against alice by a twelfth: she has less than her maintenance margin left.
        _push(isLong ? price - (price * 83) / 1_000 : price + (price * 83) / 1_000);
        _toHealth(0.9e18);
        _mark(alice);
        uint256 health = _health(alice);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ODD, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial), "LIQ-5: no slice");
        if (_size(alice, ODD) != 0) assertGe(_health(alice), health, "LIQ-2: slice");
        _assertBooks();
        if (_size(alice, ODD) == 0) return;

        skipSeconds(100);
        _push(isLong ? price - (price * 12) / 100 : price + (price * 12) / 100);
        _toHealth(0.6e18);
        health = _health(alice);
        ILiquidationEngine.TakeOverPlan memory taken = _takeOver(alice, ODD, ALL);
        assertGt(taken.takeSize, 0, "LIQ-5: no take-over");
        if (_size(alice, ODD) != 0) assertGe(_health(alice), health, "LIQ-2: take-over");
        _assertBooks();
        if (_size(alice, ODD) == 0) return;

        _push(isLong ? price - (price * 45) / 100 : price + (price * 45) / 100);
        if (_equity(alice) >= 0) return;
        _mark(alice);
        _resolve(alice);
        assertEq(_size(alice, ODD), int256(0), "LIQ-5: not resolved");
        _assertBooks();
        skipSeconds(700);
        _push(isLong ? price - (price * 45) / 100 : price + (price * 45) / 100);
        if (_size(house.systemAccountOf(ODD, 0), ODD) != 0) house.tearUp(ODD);
        house.touch(bob, ODD, 16);
        _assertBooks();
    }

    /// @dev Pays alice up to a health; leaves her alone where she has more.
    function _toHealth(uint256 health) private {
        if (_health(alice) < health) _setHealth(health);
    }

    function testFuzz_A1_liquidate_goesOn_whenThePriceIsTiny(uint256 notionalUsd, bool isLong) public {
        _listAt(1e10, 1e33, 1e18);
        _live(1e10, bound(notionalUsd, 6_000e18, 200_000e18), isLong, 1e18);
    }

    function testFuzz_A1_liquidate_goesOn_whenThePriceIsHuge(uint256 notionalUsd, bool isLong) public {
        _listAt(1e30, 1e15, 1);
        _live(1e30, bound(notionalUsd, 6_000e18, 5_000_000e18), isLong, 1);
    }
}
