// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice When the backstop takes, at what price, and how much.
contract BackstopPool_take_Test is BackstopScenarios {
    function setUp() public override {
        super.setUp();
        _stake(lena, 500_000e18);
    }

    function _expectRefusal(IBackstopPool.BidRefusal refusal, ILiquidationEngine.PlanCode code) private {
        assertEq(_refusalOf(alice, ETH), uint256(refusal));
        vm.expectRevert(_refused(alice, ETH, refusal, code));
        pool.take(alice, ETH);
    }

    function _setTerms(uint256 capUsd, uint256 epochCapUsd, uint256 concession) private {
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        (terms.capUsd, terms.epochCapUsd, terms.maxConcession) = (capUsd, epochCapUsd, concession);
        pool.setBackstopTerms(ETH, terms);
    }

    /* WHEN */

    function test_take_revertsWhenTheAccountIsHealthy() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Healthy);
    }

    function test_take_revertsWhenTheAccountIsNotMarked() public {
        _distressDeeply();
        skipSeconds(600);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced);
    }

    function test_take_revertsWhenMarkedTooRecently() public {
        _distressDeeply();
        _markAndWait(alice, PAUSE - 1);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced);
        skipSeconds(1);
        _poolTakes(alice, ETH);
    }

    function test_take_revertsWhenASliceIsTooRecent() public {
        _distressDeeply();
        _mark(alice);
        _price(ETH, 1_907);
        // A slice that the bucket keeps small, so that the account stays deep in distress.
        ILiquidationEngine.LiquidationTerms memory terms = _liquidationTerms();
        (terms.sliceShare, terms.smallNotionalUsd) = (0.01e18, 0);
        liquidation.setLiquidationTerms(ETH, terms);
        assertEq(_code(house.liquidate(alice, ETH, keeper)), uint256(ILiquidationEngine.PlanCode.Partial));
        assertLt(_health(alice), 0.66e18);
        skipSeconds(PAUSE - 1);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced);
        skipSeconds(1);
        _poolTakes(alice, ETH);
    }

    /// @dev Slices that go on and on make it wait until the auction is over, and no longer.
    function test_take_ignoresARecentSlice_whenTheAuctionIsOver() public {
        _distressDeeply();
        _mark(alice);
        ILiquidationEngine.LiquidationTerms memory terms = _liquidationTerms();
        (terms.sliceShare, terms.smallNotionalUsd) = (0.01e18, 0);
        liquidation.setLiquidationTerms(ETH, terms);
        skipSeconds(AUCTION_SECONDS - PAUSE + 1);
        assertEq(_code(house.liquidate(alice, ETH, keeper)), uint256(ILiquidationEngine.PlanCode.Partial));
        assertLt(_health(alice), 0.66e18);
        skipSeconds(PAUSE - 2);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced);
        skipSeconds(1);
        _poolTakes(alice, ETH);
    }

    /// @dev At two thirds of the maintenance margin it does not bid, a unit below it does.
    function test_take_revertsWhenTwoThirdsOfTheMarginAreLeft() public {
        _distressDeeply();
        _mark(alice);
        skipSeconds(PAUSE);
        uint256 snapshot = vm.snapshotState();
        _setHealth((uint256(2e18) / 3) + 1);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.NotDeep);
        vm.revertToState(snapshot);
        _setHealth((uint256(2e18) / 3) - 1);
        _poolTakes(alice, ETH);
    }

    function test_take_waitsAnew_whenAHaltEnds() public {
        _ripe();
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Halted);
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Paced);
        skipSeconds(PAUSE);
        _poolTakes(alice, ETH);
    }

    function test_take_revertsWhenTheAccountIsBankrupt() public {
        _bankruptAlice();
        _mark(alice);
        skipSeconds(PAUSE);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.Bankrupt);
    }

    /* AT WHAT PRICE */

    /// @dev The end of the curve, which others would see seventy seconds later.
    function test_take_isAtTheEndOfTheCurve() public {
        _ripe();
        ILiquidationEngine.TakeOverPlan memory others = house.previewTakeOver(alice, ETH, ALL);
        assertEq(others.elapsedSeconds, PAUSE);
        int256 victimBefore = _equity(alice);
        int256 poolBefore = _equity(poolAccount);
        uint256 health = _health(alice);
        ILiquidationEngine.TakeOverPlan memory plan = _poolTakes(alice, ETH);
        assertEq(plan.elapsedSeconds, AUCTION_SECONDS);
        assertGt(plan.discountUsd, others.discountUsd);
        assertEq(_size(poolAccount, ETH), int256(plan.takeSize));
        // LIQ-3: what the one gives up the other has; nobody pays for it.
        int256 gained = _equity(poolAccount) + int256(house.accountOf(poolAccount).depositUsd) - poolBefore;
        assertApproxEqAbs(gained, victimBefore - _equity(alice), 3, "LIQ-3");
        assertApproxEqAbs(gained, int256(plan.discountUsd), 1e6);
        assertGe(_health(alice), health, "LIQ-2");
        _assertConserved(_everybody());
    }

    function test_take_isWhatOthersGet_whenTheAuctionIsOver() public {
        _ripe();
        skipSeconds(AUCTION_SECONDS);
        ILiquidationEngine.TakeOverPlan memory others = house.previewTakeOver(alice, ETH, ALL);
        ILiquidationEngine.TakeOverPlan memory plan = _poolTakes(alice, ETH);
        assertEq(plan.discountUsd, others.discountUsd);
        assertEq(plan.takeSize, others.takeSize);
    }

    /// @dev Nobody else's auction is over for it, and the pool's only for what it takes itself.
    function test_take_givesNobodyElseTheEndOfTheCurve() public {
        _ripe();
        uint256 early = house.previewTakeOver(alice, ETH, ALL).discountUsd;
        assertLt(early, house.previewBackstop(alice, ETH, ALL).discountUsd);
        assertEq(_takeOver(alice, ETH, ALL).discountUsd, early);
    }

    /// @dev Where its rule does not let it bid the pool would be a taker like any other, but it never is.
    function test_take_isNoOrdinaryTakeOver() public {
        _distressAlice();
        _markAndWait(alice, AUCTION_SECONDS);
        assertGt(_health(alice), 0.67e18);
        assertGt(house.previewTakeOver(alice, ETH, ALL).takeSize, 0);
        _expectRefusal(IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.NotDeep);
    }

    function test_take_buysAShort() public {
        _open(bob, ETH, 10_000e18, -80e18);
        _open(alice, ETH, 20_000e18, 80e18);
        _price(ETH, 2_090);
        assertLt(_health(bob), 0.66e18);
        _markAndWait(bob, PAUSE);
        ILiquidationEngine.TakeOverPlan memory plan = _poolTakes(bob, ETH);
        assertEq(_size(poolAccount, ETH), -int256(plan.takeSize));
        assertGt(plan.price, 2_090e18);
        _assertConserved(_everybody());
    }

    /* INVENTORY */

    function test_take_takesInventoryAtOnce() public {
        AccountId resolution = _strand();
        ILiquidationEngine.TakeOverPlan memory plan = _poolTakes(resolution, ETH);
        assertEq(plan.takeSize, 500e18);
        // 500 of 500 000 move the pool by 0.1 %: on average half of it, of 800 000.
        assertApproxEqRel(plan.discountUsd, 400e18, 1e9);
        assertEq(_size(resolution, ETH), 0);
        assertEq(_size(poolAccount, ETH), int256(500e18));
        _assertConserved(_everybody());
    }

    function test_take_revertsWhenThereIsNothing() public {
        AccountId resolution = house.systemAccountOf(ETH, 0);
        vm.expectRevert(
            _refused(resolution, ETH, IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.NoPosition)
        );
        pool.take(resolution, ETH);
    }

    function test_take_revertsWhenItIsAnotherAccountOfTheHouse() public {
        for (uint256 kind = 1; kind < 3; ++kind) {
            AccountId system = house.systemAccountOf(ETH, kind);
            vm.expectRevert(
                _refused(system, ETH, IBackstopPool.BidRefusal.Plan, ILiquidationEngine.PlanCode.NoPosition)
            );
            pool.take(system, ETH);
        }
    }

    /* HOW MUCH */

    function test_take_revertsWhenTheMarketHasNoTerms() public {
        _ripe();
        address fresh = deploy("BackstopPool", abi.encode(house, address(this), "Backstop", "bwSTOP"));
        house.setModule("backstop", fresh);
        vm.expectRevert(_refused(alice, ETH, IBackstopPool.BidRefusal.NoTerms, ILiquidationEngine.PlanCode.Healthy));
        IBackstopPool(fresh).take(alice, ETH);
    }

    function test_take_isCutToTheMarketCap() public {
        _ripe();
        _setTerms(19_080e18, 4_000_000e18, 0.01e18);
        assertEq(_poolTakes(alice, ETH).takeSize, 10e18);
        _expectRefusal(IBackstopPool.BidRefusal.MarketCap, ILiquidationEngine.PlanCode.TooSmall);
        // A thousandth of an ETH, which is a lot, costs 1.91 USD.
        _setTerms(19_081e18, 4_000_000e18, 0.01e18);
        _expectRefusal(IBackstopPool.BidRefusal.MarketCap, ILiquidationEngine.PlanCode.TooSmall);
        _setTerms(19_082e18, 4_000_000e18, 0.01e18);
        assertEq(_poolTakes(alice, ETH).takeSize, 0.001e18);
    }

    /// @dev A position of the pool's is no smaller than anybody's.
    function test_take_revertsWhenItsPositionWouldBeTooSmall() public {
        _ripe();
        _setTerms(249e18, 4_000_000e18, 0.01e18);
        _expectRefusal(IBackstopPool.BidRefusal.MarketCap, ILiquidationEngine.PlanCode.Partial);
        _setTerms(252e18, 4_000_000e18, 0.01e18);
        assertEq(_poolTakes(alice, ETH).takeSize, 0.132e18);
    }

    function test_take_isCutToTheEpochCap() public {
        _ripe();
        _setTerms(2_000_000e18, 19_080e18, 0.01e18);
        assertEq(_poolTakes(alice, ETH).takeSize, 10e18);
        assertEq(pool.takenInEpoch(ETH), 19_080e18);
        _expectRefusal(IBackstopPool.BidRefusal.EpochCap, ILiquidationEngine.PlanCode.TooSmall);
        uint256 next = (vm.getBlockTimestamp() / 1 days + 1) * 1 days;
        vm.warp(next - 1);
        _publish(1_908, 40_000);
        assertEq(pool.takenInEpoch(ETH), 19_080e18);
        vm.warp(next);
        _publish(1_908, 40_000);
        assertEq(pool.takenInEpoch(ETH), 0);
        // The outage of the night started its clock anew.
        oracle.poke(ETH.bit());
        skipSeconds(PAUSE);
        assertEq(_poolTakes(alice, ETH).takeSize, 10e18);
    }

    function test_take_isCutToTheLeverage() public {
        _ripe();
        pool.setMaxLeverage(0.1e18);
        // A tenth of 500 000 is 50 000: 26.2 ETH at 1 908, in lots of a thousandth.
        assertEq(_poolTakes(alice, ETH).takeSize, 26.205e18);
        _expectRefusal(IBackstopPool.BidRefusal.Leverage, ILiquidationEngine.PlanCode.TooSmall);
        _stake(luis, 200_000e18);
        assertGt(_poolTakes(alice, ETH).takeSize, 9e18);
    }

    /// @dev Positions in other markets count too, those that a take reduces count back.
    function test_take_countsAllMarketsInItsLeverage() public {
        _ripe();
        _poolTakes(alice, ETH);
        int256 held = _size(poolAccount, ETH);
        uint256 notional = pool.valuation().notionalUsd;
        assertApproxEqAbs(notional, (uint256(held) * 1_908e18) / 1e18, 1);
        pool.setMaxLeverage((notional * 1e18) / pool.valuation().redeemableUsd);
        _trade(carol, BTC, 4e18);
        vm.prank(carol.owner());
        house.withdraw(carol, 991_000e18, carol.owner());
        _open(bob, BTC, 100_000e18, -4e18);
        _price(BTC, 38_400);
        _price(ETH, 1_908);
        assertLt(_health(carol), 0.66e18);
        _markAndWait(carol, PAUSE);
        vm.expectRevert(_refused(carol, BTC, IBackstopPool.BidRefusal.Leverage, ILiquidationEngine.PlanCode.TooSmall));
        pool.take(carol, BTC);
    }

    function test_take_isCutToWhatTheConcessionCovers() public {
        AccountId resolution = _strand();
        // At most a ten thousandth of impact: Δ/2K ≤ 0.0001 → 100 ETH.
        _setTerms(2_000_000e18, 4_000_000e18, 0.0001e18);
        // The discount on inventory is the impact as long as that is within the tolerance: it covers itself.
        assertEq(pool.previewTake(resolution, ETH).plan.takeSize, 500e18);
        // With a skew that makes closing dearer than the tolerance it does not: 1 500 short are 0.3 %.
        _trade(carol, ETH, -1_500e18);
        for (uint256 i; i < 3; ++i) _wait(ETH, 1_600, 300);
        house.takeOver(_take(resolution, ETH, 1e18));
        assertEq(_refusalOf(resolution, ETH), uint256(IBackstopPool.BidRefusal.TooDear));
        _setTerms(2_000_000e18, 4_000_000e18, 0.0032e18);
        IBackstopPool.Bid memory bid = pool.previewTake(resolution, ETH);
        assertEq(uint256(bid.refusal), uint256(IBackstopPool.BidRefusal.None));
        uint256 notional = (bid.plan.takeSize * 1_600e18) / 1e18;
        assertLe(bid.unwindCostUsd, bid.plan.discountUsd + (notional * 0.0032e18) / 1e18 + 1);
        _poolTakes(resolution, ETH);
    }

    function test_take_revertsWhenOneOfItsOwnMarketsHasNoPrice() public {
        _ripe();
        _poolTakes(alice, ETH);
        _stale(ETH, BTC, 40_000);
        assertEq(_refusalOf(house.systemAccountOf(BTC, 0), BTC), uint256(IBackstopPool.BidRefusal.PriceNotValid));
    }

    /* FUZZ */

    /// @dev Whatever the account, the price and the caps: conserved, healthier, within the caps, as previewed, and the pool's gain is the victim's loss.
    function testFuzz_take_conserves(uint256 price, uint256 cash, uint256 cap, uint256 leverage) public {
        _open(alice, ETH, bound(cash, 9_000e18, 12_000e18), 80e18);
        _open(bob, ETH, 40_000e18, -80e18);
        price = bound(price, 1_880, 1_930);
        _price(ETH, price);
        _mark(alice);
        skipSeconds(PAUSE);
        cap = bound(cap, 0, 300_000) * 1e18;
        _setTerms(cap, bound(cap, 0, 200_000e18), 0.01e18);
        pool.setMaxLeverage(bound(leverage, 0.1e18, 3e18));
        if (_refusalOf(alice, ETH) != 0) return;
        uint256 health = _health(alice);
        int256 sum = _equity(alice) + _equity(poolAccount);
        uint256 fund = _cash(_fundAccount());
        ILiquidationEngine.TakeOverPlan memory plan = _poolTakes(alice, ETH);
        assertGe(_health(alice) + 1, health, "LIQ-2");
        int256 after_ = _equity(alice) + _equity(poolAccount) + int256(house.accountOf(poolAccount).depositUsd);
        if (house.accountOf(alice).markets == 0) after_ -= int256(DEPOSIT_USD);
        assertApproxEqAbs(after_, sum, 1e6, "LIQ-3");
        assertEq(_cash(_fundAccount()), fund, "insurance pays nothing");
        assertLe((plan.takeSize * price), cap, "cap");
        IBackstopPool.BackstopValuation memory worth = pool.valuation();
        assertLe(worth.notionalUsd, (worth.redeemableUsd * pool.maxLeverage()) / 1e18 + 1e22, "leverage");
        _assertConserved(_everybody());
    }
}
