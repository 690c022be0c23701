// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

/// @notice Plans of take-overs: 250 ETH at 4 000 need 30 500 of maintenance margin; H = 0.9 unless said otherwise.
contract LiquidationEngine_planTakeOver_Test is LiquidationEngineTest {
    uint256 private constant ALL = type(uint256).max;
    int256 private constant EQUITY = 27_450e18;

    function _plan(int256 equity, uint256 elapsed) private view returns (ILiquidationEngine.TakeOverPlan memory) {
        return engine.planTakeOver(anAccount(250e18, equity), 0, 0, aMarket(), elapsed, ALL);
    }

    function _code(ILiquidationEngine.TakeOverPlan memory plan) private pure returns (uint256) {
        return uint256(plan.code);
    }

    function test_setAuctionTerms_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        engine.setAuctionTerms(ETH, ILiquidationEngine.AuctionTerms(90));
    }

    function test_setAuctionTerms_revertsWhenDurationIsOutOfBounds() public {
        uint256[2] memory wrong = [uint256(9), 3_601];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILiquidationEngine.LiquidationTermOutOfBounds.selector,
                    ETH,
                    ILiquidationEngine.LiquidationTerm.AuctionSeconds,
                    wrong[i],
                    10,
                    3_600
                )
            );
            engine.setAuctionTerms(ETH, ILiquidationEngine.AuctionTerms(wrong[i]));
        }
        engine.setAuctionTerms(ETH, ILiquidationEngine.AuctionTerms(10));
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.AuctionTermsSet(
            ETH,
            ILiquidationEngine.AuctionTerms(10),
            ILiquidationEngine.AuctionTerms(3_600)
        );
        engine.setAuctionTerms(ETH, ILiquidationEngine.AuctionTerms(3_600));
        assertEq(engine.auctionTermsOf(ETH).durationSeconds, 3_600);
    }

    function test_planTakeOver_revertsWhenTermsWereNeverSet() public {
        MarketId other = MarketId.wrap(7);
        assertEq(engine.auctionTermsOf(other).durationSeconds, 0);
        risk.setRiskTerms(other, ethRisk());
        Portfolio memory account = anAccount(250e18, EQUITY);
        account.exposures[0].market = other;
        ILiquidationEngine.MarketState memory market = aMarket();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.AuctionTermsNotSet.selector, other));
        engine.planTakeOver(account, 0, 0, market, 0, ALL);
    }

    function test_planTakeOver_isHealthyFromMaintenanceMarginOn() public view {
        uint256 healthy = uint256(ILiquidationEngine.PlanCode.Healthy);
        assertEq(_code(_plan(30_500e18, 0)), healthy);
        assertEq(_code(_plan(30_500e18 - 1, 0)), uint256(ILiquidationEngine.PlanCode.Partial));
        ILiquidationEngine.TakeOverPlan memory inGrace = engine.planTakeOver(
            anAccount(250e18, 30_000e18),
            0,
            500e18,
            aMarket(),
            0,
            ALL
        );
        assertEq(_code(inGrace), healthy);
        assertEq(_code(_plan(-1, 0)), uint256(ILiquidationEngine.PlanCode.Bankrupt));
    }

    function test_planTakeOver_isUnaffordable_whenThereIsNoEquity() public view {
        assertEq(_code(_plan(0, 90)), uint256(ILiquidationEngine.PlanCode.Unaffordable));
    }

    function test_planTakeOver_needsNoPoolAndNoBucket() public view {
        ILiquidationEngine.MarketState memory broke = aMarket();
        broke.poolEquityUsd = -1;
        broke.bucketUsedUsd = 100_000_000e18;
        broke.accountUsedRatio = 1e18;
        ILiquidationEngine.TakeOverPlan memory plan = engine.planTakeOver(
            anAccount(250e18, EQUITY),
            0,
            0,
            broke,
            45,
            ALL
        );
        assertEq(keccak256(abi.encode(plan)), keccak256(abi.encode(_plan(EQUITY, 45))));
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Partial));
    }

    /// @dev The reference example's account: nothing is given away at first, a per cent and the impact at the end.
    function test_planTakeOver_growsWithTime() public view {
        ILiquidationEngine.TakeOverPlan memory start = _plan(EQUITY, 0);
        ILiquidationEngine.TakeOverPlan memory end = _plan(EQUITY, 90);
        assertEq(start.discountUsd, 0);
        assertEq(start.price, PRICE);
        uint256 taken = (end.takeSize * PRICE) / 1e18;
        assertApproxEqRel(end.discountUsd, taken / 100 + (taken * taken) / 2e27, 1e12, "as a liquidation would cost");
        assertGt(end.takeSize, start.takeSize, "a dearer reduction has to be larger");
        assertApproxEqAbs(taken, 301_070e18, 5e18, "the size of the liquidation of the reference");
        assertEq(keccak256(abi.encode(_plan(EQUITY, 1_000).discountUsd)), keccak256(abi.encode(end.discountUsd)));
    }

    function test_planTakeOver_usesTheCheaperSkew() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        uint256 fair = engine.planTakeOver(anAccount(250e18, EQUITY), 0, 0, market, 90, 50e18).discountUsd;
        market.skew = -2_500e18; // selling costs a per cent more, now
        assertEq(engine.planTakeOver(anAccount(250e18, EQUITY), 0, 0, market, 90, 50e18).discountUsd, fair);
        market.averageSkewRatio = -0.01e18; // and has for a while
        assertApproxEqAbs(
            engine.planTakeOver(anAccount(250e18, EQUITY), 0, 0, market, 90, 50e18).discountUsd,
            fair + 2_000e18,
            1e18
        );
        market.skew = 2_500e18; // but the pool would pay for it now
        assertLt(engine.planTakeOver(anAccount(250e18, EQUITY), 0, 0, market, 90, 50e18).discountUsd, 100e18);
    }

    function test_planTakeOver_neverLeavesDust_whenTheTakerWantsLess() public view {
        ILiquidationEngine.MarketState memory market = aMarket();
        market.minNotionalUsd = 100_000e18;
        // 25 ETH are the minimum: of 26 nothing can be left but all or 25.
        Portfolio memory account = anAccount(26e18, 1_000e18);
        ILiquidationEngine.TakeOverPlan memory plan = engine.planTakeOver(account, 0, 0, market, 0, 25.9e18);
        assertEq(plan.takeSize, 1e18);
        plan = engine.planTakeOver(account, 0, 0, market, 0, 26e18);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Full));
        account = anAccount(25e18, 1_000e18);
        plan = engine.planTakeOver(account, 0, 0, market, 0, 24.9e18);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.TooSmall));
    }

    function test_planTakeOverWhole_takesTheLongestAuctionOfItsMarkets() public {
        MarketId other = MarketId.wrap(7);
        risk.setRiskTerms(other, ethRisk());
        engine.setLiquidationTerms(other, ethLiquidation());
        engine.setAuctionTerms(other, ILiquidationEngine.AuctionTerms(180));
        Portfolio memory account;
        account.exposures = new Exposure[](2);
        account.exposures[0] = anAccount(250e18, 3_000e18).exposures[0];
        account.exposures[1] = anAccount(-100e18, 0).exposures[0];
        account.exposures[1].market = other;
        ILiquidationEngine.MarketState[] memory states = new ILiquidationEngine.MarketState[](2);
        (states[0], states[1]) = (aMarket(), aMarket());
        (ILiquidationEngine.TakeOverPlan memory half, ) = engine.planTakeOverWhole(account, 0, states, 90);
        (ILiquidationEngine.TakeOverPlan memory end, ILiquidationEngine.TakeOverPlan[] memory parts) = engine
            .planTakeOverWhole(account, 0, states, 180);
        assertApproxEqAbs(end.discountUsd, 2 * half.discountUsd, 4);
        assertEq(parts[0].takeSize, 250e18);
        assertEq(parts[1].takeSize, 100e18);
        assertLt(parts[0].price, PRICE);
        assertGt(parts[1].price, PRICE);
        assertLe(end.discountUsd, 3_000e18);
        // One without a price is left out; the other is not.
        account.exposures[1].status = PriceStatus.Stale;
        account.exposures[0].valueUsd = -10_000e18;
        (end, parts) = engine.planTakeOverWhole(account, 0, states, 180);
        if (end.code == ILiquidationEngine.PlanCode.Full) {
            assertEq(uint256(parts[1].code), uint256(ILiquidationEngine.PlanCode.PriceNotValid));
        } else {
            assertGe(uint256(end.equityUsd) * 3, end.maintenanceUsd);
        }
    }
}
