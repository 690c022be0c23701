// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {Portfolio} from "../../../contracts/types/Portfolio.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

/// @notice How fast a market is liquidated, and what the plan view says about when (6.3, LIQ-4). D = $10M, β = 25 %, w₀ = 10 s, reference range 0.6 %.
contract LiquidationEngine_pacingOf_Test is LiquidationEngineTest {
    /// @dev A quarter of the depth.
    uint256 private constant CAPACITY = 2_500_000e18;
    /// @dev A position of $1M in distress, H about 0.9.
    int256 private constant SIZE = 250e18;

    function _pacing(
        ILiquidationEngine.MarketState memory market
    ) private view returns (ILiquidationEngine.Pacing memory) {
        return engine.pacingOf(anAccount(SIZE, 30_000e18), 0, market);
    }

    function test_pacingOf_isTheTermsAsSet_whenTheMarketIsCalm() public view {
        ILiquidationEngine.Pacing memory pacing = _pacing(aMarket());
        assertEq(pacing.capacityUsd, CAPACITY);
        assertEq(pacing.windowSeconds, 10);
        assertEq(pacing.roomUsd, CAPACITY / 3);
        assertEq(pacing.fullRoomUsd, CAPACITY / 3);
        assertEq(pacing.nextAt, vm.getBlockTimestamp());
        assertEq(pacing.fullAt, vm.getBlockTimestamp());
    }

    function test_pacingOf_doublesTheBucket_whenShortfallsPassAQuarterOfInsurance() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.stress.shortfallUsd = market.stress.insuranceUsd / 4;
        assertEq(_pacing(market).capacityUsd, CAPACITY, "a quarter is not more than a quarter");
        market.stress.shortfallUsd += 1;
        assertEq(_pacing(market).capacityUsd, 2 * CAPACITY);
        market.stress.insuranceUsd = 0;
        market.stress.shortfallUsd = 0;
        assertEq(_pacing(market).capacityUsd, CAPACITY, "nobody is short of anything");
    }

    function test_pacingOf_isFourTenthsOfTheBucket_whenTheMarketIsGuarded() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.stress.isGuarded = true;
        assertEq(_pacing(market).capacityUsd, (CAPACITY * 4) / 10);
        market.stress.shortfallUsd = market.stress.insuranceUsd;
        assertEq(_pacing(market).capacityUsd, (CAPACITY * 8) / 10);
    }

    function test_pacingOf_neverExceedsTheDepth_whenTheShareIsDoubled() public {
        ILiquidationEngine.LiquidationTerms memory terms = engine.liquidationTermsOf(ETH);
        terms.sliceShare = 0.75e18;
        engine.setLiquidationTerms(ETH, terms);
        ILiquidationEngine.MarketState memory market = aMarket();
        market.stress.shortfallUsd = market.stress.insuranceUsd;
        assertEq(_pacing(market).capacityUsd, 10_000_000e18);
    }

    function test_pacingOf_stretchesTheWindow_whenThePriceRanges() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.stress.windowHigh = (PRICE * 1_012) / 1_000;
        assertEq(_pacing(market).windowSeconds, 20, "twice the range");
        market.stress.windowHigh = 2 * PRICE;
        assertEq(_pacing(market).windowSeconds, 40, "at most four times");
        market.stress.windowHigh = PRICE;
        assertEq(_pacing(market).windowSeconds, 5, "at least half");
        (market.stress.windowLow, market.stress.windowHigh) = (0, 0);
        assertEq(_pacing(market).windowSeconds, 10, "unknown");
    }

    function test_pacingOf_letsTheWholeBucketGo_whenDistressIsDeep() public view {
        // MM of $1M: 3 % and 0.5 % · 1M/10M make 30 500.
        ILiquidationEngine.MarketState memory market = aMarket();
        assertEq(
            engine.pacingOf(anAccount(SIZE, 10_167e18), 0, market).fullRoomUsd,
            CAPACITY / 3,
            "H just above a third"
        );
        assertEq(engine.pacingOf(anAccount(SIZE, 10_166e18), 0, market).fullRoomUsd, CAPACITY, "H just below");
        market.accountUsedRatio = 1e18;
        assertEq(engine.pacingOf(anAccount(SIZE, 10_166e18), 0, market).roomUsd, CAPACITY, "its allowance is no limit");
    }

    function test_pacingOf_saysNever_whenALotIsMoreThanTheBucket() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.lotSize = 1_000_000e18;
        Portfolio memory portfolio = anAccount(2_000_000e18, 30_000e18);
        assertEq(engine.pacingOf(portfolio, 0, market).nextAt, type(uint256).max);
    }

    function test_pacingOf_countsTheRuleForSmallPositions_whenItIsOne() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        // $4 000 at once, although the bucket is overdrawn by almost a capacity.
        market.bucketUsedUsd = 2 * CAPACITY - 4_000e18;
        assertEq(engine.pacingOf(anAccount(1e18, 100e18), 0, market).roomUsd, 4_000e18);
        market.bucketUsedUsd = 2 * CAPACITY - 4_000e18 + 1;
        ILiquidationEngine.Pacing memory pacing = engine.pacingOf(anAccount(1e18, 100e18), 0, market);
        assertEq(pacing.roomUsd, 0);
        assertEq(pacing.nextAt, vm.getBlockTimestamp() + 1);
    }

    /// @dev `nextAt` is exact: pacing lets a lot go then, and does not a second before.
    function testFuzz_pacingOf_nextAtIsTheFirstSecondThatIsNotPaced(
        uint256 used,
        uint256 accountUsed,
        uint256 high,
        uint256 lots,
        bool isGuarded
    ) public {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.bucketUsedUsd = bound(used, 0, 2 * CAPACITY);
        market.accountUsedRatio = bound(accountUsed, 0, 1e18);
        market.stress.windowHigh = bound(high, PRICE, 2 * PRICE);
        market.stress.isGuarded = isGuarded;
        market.lotSize = bound(lots, 1, 50) * 1e18;
        ILiquidationEngine.Pacing memory pacing = _pacing(market);
        Portfolio memory portfolio = anAccount(SIZE, 30_000e18);
        uint256 start = vm.getBlockTimestamp();
        assertEq(pacing.roomUsd >= (market.lotSize * PRICE) / 1e18, pacing.nextAt == start, "room now");
        if (pacing.nextAt == start) return;
        skipSeconds(pacing.nextAt - start - 1);
        assertEq(uint8(engine.plan(portfolio, 0, 0, market).code), uint8(ILiquidationEngine.PlanCode.Paced), "before");
        skipSeconds(1);
        assertNotEq(uint8(engine.plan(portfolio, 0, 0, market).code), uint8(ILiquidationEngine.PlanCode.Paced), "then");
        if (pacing.fullAt > vm.getBlockTimestamp()) skipSeconds(pacing.fullAt - vm.getBlockTimestamp());
        assertEq(_pacing(market).roomUsd, pacing.fullRoomUsd, "full");
    }
}
