// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

contract LiquidationEngine_plan_Test is LiquidationEngineTest {
    uint256 private constant ONE = 1e18;
    /// @dev MM of $1M in ETH at a depth of $10M: 3 % + 0.05 %.
    int256 private constant MAINTENANCE = 30_500e18;

    /* REVERTS */

    function test_plan_revertsWhenTermsAreNotSet() public {
        MarketId other = MarketId.wrap(5);
        risk.setRiskTerms(other, ethRisk());
        Portfolio memory portfolio = anAccount(250e18, 20_000e18);
        portfolio.exposures[0].market = other;
        ILiquidationEngine.MarketState memory market = aMarket();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.LiquidationTermsNotSet.selector, other));
        engine.plan(portfolio, 0, 0, market);
        // A healthy account needs no terms.
        portfolio.cashUsd = 100_000e18;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Healthy);
    }

    function test_plan_revertsWhenRiskTermsAreNotSet() public {
        MarketId other = MarketId.wrap(6);
        Portfolio memory portfolio = anAccount(250e18, 20_000e18);
        portfolio.exposures[0].market = other;
        ILiquidationEngine.MarketState memory market = aMarket();
        vm.expectRevert(abi.encodeWithSelector(IRiskEngine.RiskTermsNotSet.selector, other));
        engine.plan(portfolio, 0, 0, market);
    }

    function test_plan_revertsWhenIndexIsBeyondPortfolio() public {
        Portfolio memory portfolio = anAccount(250e18, 20_000e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        engine.plan(portfolio, 1, 0, market);
    }

    /* REFUSALS, each with its code */

    function test_plan_refuses_whenThereIsNoPosition() public view {
        _assertRefused(_plan(0, -1), ILiquidationEngine.PlanCode.NoPosition);
    }

    /// @dev PRICE-1
    function test_PRICE1_plan_refuses_whenPriceIsNotValid() public view {
        Portfolio memory portfolio = anAccount(250e18, 0);
        for (uint8 status; status <= uint8(PriceStatus.SequencerDown); ++status) {
            if (PriceStatus(status) == PriceStatus.Valid) continue;
            portfolio.exposures[0].status = PriceStatus(status);
            _assertRefused(engine.plan(portfolio, 0, 0, aMarket()), ILiquidationEngine.PlanCode.PriceNotValid);
        }
    }

    function test_plan_refuses_whenAccountIsBankrupt() public view {
        ILiquidationEngine.Plan memory plan = _plan(250e18, -1);
        _assertRefused(plan, ILiquidationEngine.PlanCode.Bankrupt);
        assertEq(plan.equityUsd, -1);
        assertEq(plan.maintenanceUsd, uint256(MAINTENANCE));
    }

    /// @dev LIQ-1, to the unit.
    function test_LIQ1_plan_acts_whenEquityIsOneBelowMaintenance() public view {
        ILiquidationEngine.Plan memory plan = _plan(250e18, MAINTENANCE - 1);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        _assertRefused(_plan(250e18, MAINTENANCE), ILiquidationEngine.PlanCode.Healthy);
        _assertRefused(_plan(250e18, MAINTENANCE + 1), ILiquidationEngine.PlanCode.Healthy);
        // Shorts alike.
        assertEq(uint256(_plan(-250e18, MAINTENANCE - 1).code), uint256(ILiquidationEngine.PlanCode.Partial));
        _assertRefused(_plan(-250e18, MAINTENANCE), ILiquidationEngine.PlanCode.Healthy);
    }

    function test_plan_refuses_whenGraceCoversWhatIsMissing() public view {
        Portfolio memory portfolio = anAccount(250e18, MAINTENANCE - 100);
        assertEq(uint256(engine.plan(portfolio, 0, 99, aMarket()).code), uint256(ILiquidationEngine.PlanCode.Partial));
        _assertRefused(engine.plan(portfolio, 0, 100, aMarket()), ILiquidationEngine.PlanCode.Healthy);
        _assertRefused(engine.plan(portfolio, 0, 101, aMarket()), ILiquidationEngine.PlanCode.Healthy);
        // Nor is anybody resolved through a recent charge: the house would refuse to.
        _assertRefused(engine.plan(anAccount(250e18, -100), 0, 99, aMarket()), ILiquidationEngine.PlanCode.Bankrupt);
        _assertRefused(engine.plan(anAccount(250e18, -100), 0, 100, aMarket()), ILiquidationEngine.PlanCode.Healthy);
    }

    function test_LIQ4_plan_refuses_whenBucketIsEmpty() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        // β·D = $2.5M; one lot is worth $4.
        market.bucketUsedUsd = 2_500_000e18;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Paced);
        market.bucketUsedUsd = 2_500_000e18 - 4e18 + 1;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Paced);
        market.bucketUsedUsd = 2_500_000e18 - 4e18;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        assertEq(plan.closeSize, 0.001e18);
        assertEq(plan.bucketUsedUsd, 2_500_000e18);
    }

    function test_LIQ4_plan_refuses_whenAccountUsedItsThird() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        market.accountUsedRatio = ONE;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Paced);
        // One half of the window later half of its third is free: $416 666.
        market.accountUsedAt -= 5;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        assertApproxEqAbs(plan.closeSize, 301_070e18 / 4_000, 0.002e18);
        assertApproxEqAbs(plan.accountUsedRatio, 0.5e18 + 0.361284e18, 1e13);
    }

    function test_plan_refuses_whenClosingOneLotCostsMoreThanItFrees() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        // Selling at 3 % below: H·(m + 2μN/D) is 2.79 %.
        market.skew = -7_500e18;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Unaffordable);
        // The same on average, though not now: a skew made for the moment decides nothing.
        market.skew = 0;
        market.averageSkewRatio = -0.03e18;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Unaffordable);
        // For a short it is the opposite.
        market.averageSkewRatio = 0.03e18;
        _assertRefused(
            engine.plan(anAccount(-250e18, 27_450e18), 0, 0, market),
            ILiquidationEngine.PlanCode.Unaffordable
        );
    }

    function test_plan_refuses_whenNothingIsLeftToPayWith() public view {
        // E = 0: any cost lowers a health of zero below it, so it stays for the auction or for resolution.
        _assertRefused(_plan(250e18, 0), ILiquidationEngine.PlanCode.Unaffordable);
    }

    function test_plan_refuses_whenPoolIsFull() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        // The pool holds 5 000 long already, a quarter above its cap of 4 000.
        market.skew = -5_000e18;
        market.exposureCap = 4_000e18;
        market.skewScale = 1_000_000e18;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.PoolUnavailable);
        // One lot below it takes one lot.
        market.skew = -5_000e18 + 0.001e18;
        assertEq(engine.plan(portfolio, 0, 0, market).closeSize, 0.001e18);
        // What reduces the pool always passes.
        market.skew = 5_000e18;
        assertGt(engine.plan(portfolio, 0, 0, market).closeSize, 60e18);
    }

    function test_plan_refuses_whenPoolHasNoEquity() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        market.poolEquityUsd = -1;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.PoolUnavailable);
        market.poolEquityUsd = 0;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.PoolUnavailable);
        // $1 000 cover N·(5 % + 0.5 %·N/D): just under $20 000.
        market.poolEquityUsd = 1_000e18;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        assertLe(risk.initialMarginOf(ETH, (plan.closeSize * PRICE) / ONE, 10_000_000e18, 20_000_000e18), 1_000e18);
        assertGt(
            risk.initialMarginOf(ETH, ((plan.closeSize + 0.001e18) * PRICE) / ONE, 10_000_000e18, 20_000_000e18),
            1_000e18
        );
    }

    /* SUCCESS */

    /// @dev The example of the protocol's reference: D = $10M, N = $1M, H = 0.9 closes about $301k.
    function test_plan_closesReferenceExample() public view {
        ILiquidationEngine.Plan memory plan = _plan(250e18, 27_450e18);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.equityUsd, 27_450e18);
        assertEq(plan.maintenanceUsd, 30_500e18);
        assertApproxEqAbs(plan.closeSize, 301_070e18 / 4_000, 0.001e18);
        assertEq(plan.closeSize % 0.001e18, 0);
        // Half the marginal move of $301k against K·P = $1B: 1.5 bp, less than the penalty of 1 %.
        assertApproxEqRel(plan.price, 3_999.4e18, 1e13);
        assertApproxEqRel(uint256(plan.impactUsd), 45.3e18, 0.01e18);
        assertEq(plan.penaltyUsd, (plan.closeSize * PRICE) / ONE / 100);
        assertEq(plan.keeperRewardUsd, (plan.penaltyUsd * 4) / 10);
        assertEq(plan.gasFloorUsd, 5e18);
        assertEq(plan.bucketUsedUsd, (plan.closeSize * PRICE) / ONE);
        // The target is reached, and one lot less would miss it.
        assertGe(_shortfallAfter(plan, plan.closeSize), 0);
        assertLt(_shortfallAfter(plan, plan.closeSize - 0.001e18), 0);
    }

    function test_plan_closesAll_whenPositionIsSmall() public view {
        // $5 000 at 3 %: one unit below maintenance closes all at once.
        Portfolio memory portfolio = anAccount(1.25e18, 150e18);
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, aMarket());
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        // It debits the bucket, not the account's allowance.
        assertEq(plan.bucketUsedUsd, 5_000e18);
        assertEq(plan.accountUsedRatio, 0);
        // A lot more is sliced: to 115 %.
        plan = engine.plan(anAccount(1.251e18, 150e18), 0, 0, aMarket());
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        assertGt(plan.accountUsedRatio, 0);
    }

    function test_LIQ4_plan_overdrawsBucketOnce_whenPositionIsSmall() public view {
        Portfolio memory portfolio = anAccount(1.25e18, 150e18);
        ILiquidationEngine.MarketState memory market = aMarket();
        // Up to twice the capacity of $2.5M in all.
        market.bucketUsedUsd = 5_000_000e18 - 5_000e18;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.bucketUsedUsd, 5_000_000e18);
        market.bucketUsedUsd += 1;
        _assertRefused(engine.plan(portfolio, 0, 0, market), ILiquidationEngine.PlanCode.Paced);
        // It fills by a whole capacity a window.
        market.bucketAt -= 1;
        plan = engine.plan(portfolio, 0, 0, market);
        assertEq(plan.bucketUsedUsd, 4_750_000e18 + 1);
    }

    function test_plan_closesRest_whenItIsBelowMinimum() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        Portfolio memory portfolio = anAccount(2.5e18, 270e18);
        uint256 partly = engine.plan(portfolio, 0, 0, market).closeSize;
        // With the minimum at what would remain, it may stand; a unit above, it goes too.
        market.minNotionalUsd = ((2.5e18 - partly) * PRICE) / ONE;
        assertEq(engine.plan(portfolio, 0, 0, market).closeSize, partly);
        market.minNotionalUsd += 1;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 2.5e18);
    }

    function test_plan_closesOddSizeWhole_whenTearUpLeftIt() public view {
        ILiquidationEngine.Plan memory plan = _plan(1.0000000000000003e18, 100e18);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 1.0000000000000003e18);
    }

    /// @dev L10, L13: a fill that pays the account is clamped to the band.
    function test_plan_earnsAtMostBand_whenPoolIsSkewed() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.skew = 25_000e18; // k/K = 10 %
        market.averageSkewRatio = 0.1e18;
        ILiquidationEngine.Plan memory plan = engine.plan(anAccount(250e18, 27_450e18), 0, 0, market);
        assertEq(plan.price, 4_080e18);
        assertEq(plan.impactUsd, -int256((plan.closeSize * 80e18) / ONE));
    }

    /// @dev The second position of an account is judged with the first, and closed alone.
    function test_plan_judgesWholeAccount() public view {
        Portfolio memory portfolio = anAccount(250e18, 27_450e18);
        Exposure[] memory exposures = new Exposure[](2);
        exposures[0] = anAccount(-10e18, 500e18).exposures[0];
        exposures[1] = portfolio.exposures[0];
        portfolio.exposures = exposures;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 1, 0, aMarket());
        assertEq(plan.equityUsd, 27_950e18);
        assertEq(plan.maintenanceUsd, 30_500e18 + 1_200.8e18);
        assertGt(plan.closeSize, 75e18);
        // The small one frees too little to reach the target: all of it.
        plan = engine.plan(portfolio, 0, 0, aMarket());
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 10e18);
    }

    /* FUZZ */

    struct Case {
        int256 size;
        uint256 health;
        uint256 other;
        int256 skew;
        uint256 pool;
        uint256 depth;
        uint256 used;
        uint256 lot;
    }

    /// @dev LIQ-2, LIQ-3: whatever the account and the market, health never falls, the position shrinks without turning, and the cost stays within equity.
    function testFuzz_LIQ2_plan_neverLowersHealth(Case memory raw) public view {
        (Portfolio memory portfolio, ILiquidationEngine.MarketState memory market) = _arrange(raw);
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        if (plan.code < ILiquidationEngine.PlanCode.Partial) {
            assertEq(plan.closeSize, 0);
            assertEq(plan.penaltyUsd, 0);
            return;
        }
        uint256 held = _size(portfolio.exposures[0].size);
        assertGt(plan.closeSize, 0);
        assertLe(plan.closeSize, held);
        assertTrue(plan.closeSize == held || plan.closeSize % market.lotSize == 0);
        assertEq(plan.code == ILiquidationEngine.PlanCode.Full, plan.closeSize == held);
        assertLe(int256(plan.penaltyUsd) + plan.impactUsd, plan.equityUsd);
        assertLe(plan.penaltyUsd, uint256(plan.equityUsd) + (plan.impactUsd < 0 ? uint256(-plan.impactUsd) : 0));
        assertLe(plan.keeperRewardUsd, plan.penaltyUsd);
        // E'/MM' ≥ E/MM, with the two units that booking may cost.
        int256 equityAfter = plan.equityUsd - plan.impactUsd - int256(plan.penaltyUsd) - 2;
        uint256 requiredAfter = _requiredAfter(portfolio, plan.closeSize);
        assertGe(equityAfter, 0);
        assertLe(requiredAfter, plan.maintenanceUsd);
        assertGe(uint256(equityAfter) * plan.maintenanceUsd, uint256(plan.equityUsd) * requiredAfter);
    }

    /// @dev LIQ-2: where nothing but the target limits it, one lot less would miss the target, and the size reaches it.
    function testFuzz_LIQ2_plan_closesNoMoreThanNeeded(Case memory raw) public view {
        (Portfolio memory portfolio, ILiquidationEngine.MarketState memory market) = _arrange(raw);
        // Room everywhere: the pacing of a deep market, a rich pool that is even, and no minimum.
        market.skew = 0;
        market.averageSkewRatio = 0;
        market.bucketUsedUsd = 0;
        market.poolEquityUsd = 1e33;
        market.exposureCap = 1e33;
        market.minNotionalUsd = 0;
        Exposure memory exposure = portfolio.exposures[0];
        uint256 notional = (_size(exposure.size) * exposure.price) / ONE;
        exposure.depthUsd = notional * 40 + 1_000_000e18;
        market.skewScale = (exposure.depthUsd * 100 * ONE) / exposure.price;
        exposure.openInterestUsd = 0;
        // A lot that no rounding of a rate (1e-18 of the notional) reaches.
        market.lotSize = bound(raw.lot, 1e12 + _size(exposure.size) / 1e8, 1e17 + _size(exposure.size) / 1e8);
        uint256 required = _requiredAfter(portfolio, 0);
        // At a health above 0.6 the affordable size exceeds the target.
        exposure.valueUsd = int256((required * bound(raw.health, 0.6e18, 0.999e18)) / ONE);
        portfolio.cashUsd = 0;
        ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
        if (notional <= 5_000e18) return;
        assertTrue(plan.code >= ILiquidationEngine.PlanCode.Partial, "nothing is closed");
        assertGe(_shortfall(portfolio, market, plan, plan.closeSize), -4, "the target is missed");
        if (plan.closeSize > market.lotSize) {
            uint256 less =
                plan.closeSize % market.lotSize == 0
                    ? plan.closeSize - market.lotSize
                    : plan.closeSize - (plan.closeSize % market.lotSize);
            assertLt(_shortfall(portfolio, market, plan, less), 4, "one lot less reaches the target");
        }
    }

    /// @dev LIQ-4: over any sequence of plans the notional taken within a window stays within one capacity and what refilled; small ones overdraw once.
    function testFuzz_LIQ4_plan_keepsWithinBucket(uint256 seed) public {
        ILiquidationEngine.MarketState memory market = aMarket();
        uint256 capacity = 2_500_000e18;
        uint256 start = vm.getBlockTimestamp();
        uint256 taken;
        uint256 takenSmall;
        for (uint256 i; i < 12; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            skipSeconds(drawn % 4);
            bool small = (drawn >> 8) % 4 == 0;
            int256 size = small ? int256(1.2e18) : int256(((drawn >> 16) % 2_000) + 100) * 1e18;
            Portfolio memory portfolio = anAccount(size, 0);
            portfolio.exposures[0].valueUsd = int256((_requiredAfter(portfolio, 0) * 9) / 10);
            market.accountUsedRatio = 0; // each a new account
            ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
            if (plan.code < ILiquidationEngine.PlanCode.Partial) continue;
            uint256 closed = (plan.closeSize * PRICE) / ONE;
            if (small) takenSmall += closed;
            else assertLe(closed, capacity / 3, "one account took more than its third");
            taken += closed;
            market.bucketUsedUsd = plan.bucketUsedUsd;
            market.bucketAt = vm.getBlockTimestamp();
            uint256 refilled = (capacity * (vm.getBlockTimestamp() - start)) / 10;
            assertLe(taken, capacity + refilled + takenSmall, "the bucket gave more than it holds");
            assertLe(plan.bucketUsedUsd, 2 * capacity);
        }
        assertGt(taken, 0);
    }

    /// @dev The account's third, slice by slice within one window.
    function test_LIQ4_plan_limitsAccountToThird_whenSlicedAgain() public {
        ILiquidationEngine.MarketState memory market = aMarket();
        int256 size = 2_500e18; // $10M: x* is far beyond a slice
        uint256 required = _requiredAfter(anAccount(size, 0), 0);
        uint256 taken;
        for (uint256 i; i < 4; ++i) {
            Portfolio memory portfolio = anAccount(size, int256((required * 9) / 10));
            ILiquidationEngine.Plan memory plan = engine.plan(portfolio, 0, 0, market);
            if (i == 1) {
                _assertRefused(plan, ILiquidationEngine.PlanCode.Paced);
            }
            if (plan.code == ILiquidationEngine.PlanCode.Partial) {
                taken += (plan.closeSize * PRICE) / ONE;
                (market.bucketUsedUsd, market.bucketAt) = (plan.bucketUsedUsd, vm.getBlockTimestamp());
                (market.accountUsedRatio, market.accountUsedAt) = (plan.accountUsedRatio, vm.getBlockTimestamp());
            }
            if (i == 0) assertApproxEqRel(taken, 833_333e18, 1e13);
            if (i == 1) skipSeconds(5);
        }
        // A third at once, and half of it again after half a window.
        assertApproxEqRel(taken, 1_250_000e18, 1e13);
    }

    /* ARRANGE */

    function _arrange(
        Case memory raw
    ) private view returns (Portfolio memory portfolio, ILiquidationEngine.MarketState memory market) {
        int256 size = bound(raw.size, 0.001e18, 100_000e18);
        portfolio = anAccount(raw.health % 2 == 0 ? size : -size, 0);
        market = aMarket();
        Exposure memory exposure = portfolio.exposures[0];
        exposure.depthUsd = bound(raw.depth, 10_000e18, 100_000_000e18);
        market.skewScale = (exposure.depthUsd * 100 * ONE) / PRICE;
        market.lotSize = bound(raw.lot, 1, 0.1e18);
        int256 reach = int256(market.skewScale) / 8;
        market.skew = bound(raw.skew, -reach, reach);
        market.averageSkewRatio = (market.skew * int256(ONE)) / int256(market.skewScale);
        market.poolEquityUsd = int256(bound(raw.pool, 0, 50_000_000e18));
        market.exposureCap = market.skewScale / 10;
        market.bucketUsedUsd = bound(raw.used, 0, exposure.depthUsd / 2);
        uint256 required = _requiredAfter(portfolio, 0);
        // Part of what it holds is cash, part of what it requires comes from elsewhere.
        exposure.valueUsd = -int256(bound(raw.other, 0, required));
        uint256 equity = (required * bound(raw.health, 0, 1.05e18)) / ONE;
        portfolio.cashUsd = equity + uint256(-exposure.valueUsd);
    }

    function _plan(int256 size, int256 equityUsd) private view returns (ILiquidationEngine.Plan memory) {
        return engine.plan(anAccount(size, equityUsd), 0, 0, aMarket());
    }

    /* ASSERT */

    function _assertRefused(ILiquidationEngine.Plan memory plan, ILiquidationEngine.PlanCode code) private pure {
        assertEq(uint256(plan.code), uint256(code));
        assertEq(plan.closeSize, 0);
        assertEq(plan.price, 0);
        assertEq(plan.impactUsd, int256(0));
        assertEq(plan.penaltyUsd, 0);
        assertEq(plan.keeperRewardUsd, 0);
        assertEq(plan.gasFloorUsd, 0);
        assertEq(plan.bucketUsedUsd, 0);
        assertEq(plan.accountUsedRatio, 0);
    }

    /// @dev What the account requires after closing `closed` of its first position.
    function _requiredAfter(Portfolio memory portfolio, uint256 closed) private view returns (uint256 requiredUsd) {
        Exposure memory exposure = portfolio.exposures[0];
        int256 size = exposure.size;
        exposure.size = size > 0 ? size - int256(closed) : size + int256(closed);
        (, requiredUsd) = risk.assess(portfolio, MarginKind.Maintenance);
        exposure.size = size;
    }

    /// @dev E' − τ·MM' of the reference account after closing `closed`.
    function _shortfallAfter(ILiquidationEngine.Plan memory plan, uint256 closed) private view returns (int256) {
        return _shortfall(anAccount(250e18, 27_450e18), aMarket(), plan, closed);
    }

    /// @dev E' − τ·MM' after closing `closed` at the pool's price for it, with a penalty of φ₀.
    function _shortfall(
        Portfolio memory portfolio,
        ILiquidationEngine.MarketState memory market,
        ILiquidationEngine.Plan memory plan,
        uint256 closed
    ) private view returns (int256) {
        Exposure memory exposure = portfolio.exposures[0];
        uint256 notional = (_size(exposure.size) * exposure.price) / ONE;
        uint256 rate = (uint256(plan.equityUsd) * 0.8e18) / notional;
        if (rate > 0.01e18) rate = 0.01e18;
        uint256 closedUsd = (closed * exposure.price) / ONE;
        uint256 penalty = (closedUsd * rate) / ONE;
        // An even pool: half the marginal move, P·x²/2K in base.
        uint256 impact = (closedUsd * closed) / (2 * market.skewScale);
        uint256 required = (_requiredAfter(portfolio, closed) * 1.15e18) / ONE;
        return plan.equityUsd - int256(penalty) - int256(impact) - int256(required);
    }

    function _size(int256 size) private pure returns (uint256) {
        return uint256(size < 0 ? -size : size);
    }
}
