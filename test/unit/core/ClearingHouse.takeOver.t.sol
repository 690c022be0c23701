// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";
import {Vm} from "../../support/Vm.sol";

/// @notice LIQ-1 to LIQ-3 for take-overs of one position: at the auction's price, no more than restores the account, zero-sum.
contract ClearingHouse_takeOver_Test is TakeOverScenarios {
    function _expectSkip(AccountId account, MarketId market, ILiquidationEngine.PlanCode code) private {
        bytes32 before = _fingerprint(account);
        bytes32 taker = _fingerprint(carol);
        vm.expectEmit(address(house));
        emit IClearingHouse.TakeOverSkipped(account, market, code);
        ILiquidationEngine.TakeOverPlan memory plan = house.takeOver(_take(account, market, ALL));
        assertEq(_codeOf(plan), uint256(code));
        assertEq(plan.takeSize, 0);
        assertEq(_fingerprint(account), before, "a skipped account is left alone");
        assertEq(_fingerprint(carol), taker);
        assertEq(_previewCode(account, market), uint256(code), "preview");
    }

    /* REVERTS */

    function test_takeOver_revertsWhenCallerMayNotTradeForTheTaker() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, carol, STRANGER, 1));
        vm.prank(STRANGER);
        house.takeOver(request);
        // The power to withdraw is not enough, the one to trade is.
        vm.prank(carol.owner());
        house.setDelegate(carol, STRANGER, 2);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, carol, STRANGER, 1));
        vm.prank(STRANGER);
        house.takeOver(request);
        vm.prank(carol.owner());
        house.setDelegate(carol, STRANGER, 1);
        vm.prank(STRANGER);
        assertGt(house.takeOver(request).takeSize, 0);
    }

    function test_takeOver_revertsWhenDeadlineHasPassed() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        uint256 now_ = vm.getBlockTimestamp();
        request.deadline = now_ - 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, now_ - 1, now_));
        house.takeOver(request);
        request.deadline = now_;
        assertGt(house.takeOver(request).takeSize, 0);
    }

    function test_takeOver_revertsWhenAccountHasChanged() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.expectedVersion = _version(alice);
        _fund(alice, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.AccountChanged.selector,
                alice,
                request.expectedVersion + 1,
                request.expectedVersion
            )
        );
        house.takeOver(request);
        request.expectedVersion += 1;
        _mark(alice);
        assertGt(house.takeOver(request).takeSize, 0, "a mark is no change");
    }

    function test_takeOver_revertsWhenTakerIsTheHouses() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, request.taker, address(this), 1));
        house.takeOver(request);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, request.taker));
        vm.prank(address(house));
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenTakerIsTheAccount() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = alice;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TakerIsAccount.selector, alice));
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenTakerIsThePool() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = pools[0];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, pools[0]));
        vm.prank(pools[0].owner());
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenAccountIsTheTearUpAccount() public {
        AccountId tearUp = house.systemAccountOf(ETH, 1);
        IClearingHouse.TakeOverRequest memory request = _take(tearUp, ETH, ALL);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, tearUp));
        house.takeOver(request);
        // And another market's resolution account.
        request.account = house.systemAccountOf(BTC, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, request.account));
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenPriceIsBeyondTheLimitOfALong() public {
        _distressAlice();
        _markAndWait(alice, 45);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        uint256 price = house.previewTakeOver(alice, ETH, ALL).price;
        assertLt(price, 1_925e18);
        request.limitPrice = price - 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceBeyondLimit.selector, price, price - 1));
        house.takeOver(request);
        request.limitPrice = price;
        assertEq(house.takeOver(request).price, price);
    }

    function test_takeOver_revertsWhenPriceIsBeyondTheLimitOfAShort() public {
        _distressBob();
        _markAndWait(bob, 45);
        IClearingHouse.TakeOverRequest memory request = _take(bob, ETH, ALL);
        uint256 price = house.previewTakeOver(bob, ETH, ALL).price;
        assertGt(price, 2_075e18);
        request.limitPrice = price + 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceBeyondLimit.selector, price, price + 1));
        house.takeOver(request);
        request.limitPrice = price;
        assertEq(house.takeOver(request).price, price);
        assertLt(_size(carol, ETH), 0);
    }

    function test_takeOver_revertsWhenTakerWouldBeBelowInitialMargin() public {
        _distressAlice();
        AccountId poor = _trader("poor");
        _fund(poor, 500e18);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = poor;
        bytes memory arguments = _refusal(
            abi.encodeCall(house.takeOver, (request)),
            IClearingHouse.AccountBelowInitialMargin.selector
        );
        (AccountId account, int256 equity, uint256 required) = abi.decode(arguments, (AccountId, int256, uint256));
        assertTrue(account == poor);
        assertApproxEqAbs(equity, 495e18, 1e18);
        assertGt(required, 500e18);
    }

    function test_takeOver_revertsWhenTakerHasNoCashForTheDeposit() public {
        _distressAlice();
        AccountId poor = _trader("poor");
        _fund(poor, 1e18);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, 1e18);
        request.taker = poor;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, poor, 1e18, DEPOSIT_USD));
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenTakerWouldHoldLessThanTheMinimum() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, 0.1e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, carol, 192.5e18, 250e18));
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenTheEngineWouldTurnThePosition() public {
        _distressAlice();
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        plan.takeSize = 80e18 + 1;
        vm.mockCall(address(liquidation), ILiquidationEngine.planTakeOver.selector, abi.encode(plan));
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(80e18), -int256(80e18) - 1)
        );
        house.takeOver(request);
    }

    function test_takeOver_revertsWhenTheEngineWouldGiveAwayMoreThanATenth() public {
        _distressAlice();
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        plan.takeSize = 1e18;
        plan.price = 1_925e18 - 192.5e18 - 1;
        vm.mockCall(address(liquidation), ILiquidationEngine.planTakeOver.selector, abi.encode(plan));
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DiscountTooHigh.selector, alice, 192.5e18 + 1, 192.5e18));
        house.takeOver(request);
        plan.price += 1;
        vm.mockCall(address(liquidation), ILiquidationEngine.planTakeOver.selector, abi.encode(plan));
        house.takeOver(request);
        assertEq(_size(carol, ETH), int256(1e18));
    }

    /* CODES THAT TAKE NOTHING */

    function test_takeOver_skips_whenHealthy() public {
        _distressAlice();
        _setHealth(1e18);
        _fund(alice, 1);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Healthy);
    }

    function test_takeOver_skips_whenBankrupt() public {
        _bankruptAlice();
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Bankrupt);
    }

    function test_takeOver_skips_whenThereIsNoPosition() public {
        _distressAlice();
        _expectSkip(alice, BTC, ILiquidationEngine.PlanCode.NoPosition);
        _expectSkip(keeper, ETH, ILiquidationEngine.PlanCode.NoPosition);
        _expectSkip(house.systemAccountOf(ETH, 0), ETH, ILiquidationEngine.PlanCode.NoPosition);
    }

    function test_takeOver_skips_whenThePriceIsStale() public {
        _distressAlice();
        skipSeconds(3_601);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.PriceNotValid);
    }

    function test_takeOver_skips_whenTheMarketIsHalted() public {
        _distressAlice();
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Halted);
    }

    function test_takeOver_skips_whenAccountIsThePool() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _expectSkip(pools[0], ETH, ILiquidationEngine.PlanCode.PoolUnavailable);
    }

    function test_takeOver_skips_whenTheTakerWantsLessThanALot() public {
        _distressAlice();
        assertEq(_codeOf(_takeOver(alice, ETH, 0.001e18 - 1)), uint256(ILiquidationEngine.PlanCode.TooSmall));
        assertEq(_codeOf(_takeOver(alice, ETH, 0)), uint256(ILiquidationEngine.PlanCode.TooSmall));
        assertEq(_size(carol, ETH), 0);
    }

    function test_takeOver_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        assertEq(_previewCode(bob, ETH), uint256(ILiquidationEngine.PlanCode.EventsPending));
        IClearingHouse.TakeOverRequest memory request = _take(bob, ETH, ALL);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16));
        house.takeOver(request);
    }

    /* CLAMPS */

    function test_takeOver_takesNoMoreThanRestoresTheAccount() public {
        _distressAlice();
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        assertEq(_codeOf(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertGe(_health(alice), 1.15e18, "the target is reached");
        assertLt(_health(alice), 1.151e18, "and not passed by more than a lot");
    }

    function test_takeOver_takesWholeLots_whenTheTakerWantsLess() public {
        _distressAlice();
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, 7.0009e18);
        assertEq(plan.takeSize, 7e18);
        assertEq(_size(carol, ETH), int256(7e18));
        assertEq(_size(alice, ETH), int256(73e18));
    }

    function test_takeOver_neverFailsForAUnit() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(
            alice,
            ETH,
            house.previewTakeOver(alice, ETH, ALL).takeSize
        );
        _fund(alice, 1);
        assertGt(house.takeOver(request).takeSize, 0);
        request = _take(alice, ETH, 1_000_000e18);
        _price(ETH, 1_900);
        request.deadline = vm.getBlockTimestamp();
        assertGt(house.takeOver(request).takeSize, 0);
    }

    function test_takeOver_takesTheRest_whenItWouldBeTooSmall() public {
        // 300 USD of which a part would do: the rest would be below 250.
        _open(bob, ETH, 10_000e18, -0.2e18);
        _open(alice, ETH, 26e18, 0.2e18);
        _price(ETH, 1_935);
        assertLt(_health(alice), 1e18);
        assertGt(_equity(alice), 0);
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        assertEq(_codeOf(plan), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.takeSize, 0.2e18);
        assertEq(house.accountOf(alice).depositUsd, 0, "released");
        _assertConserved(_users());
    }

    function test_takeOver_leavesAPositionOfTheMinimum_whenTheTakerWantsLess() public {
        _open(bob, ETH, 10_000e18, -0.2e18);
        _open(alice, ETH, 26e18, 0.2e18);
        _price(ETH, 1_935);
        uint256 minimum = (250e18 * uint256(1e18)) / 1_935e18 + 1;
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, 0.199e18);
        assertEq(plan.takeSize, ((0.2e18 - minimum) / 0.001e18) * 0.001e18);
    }

    function test_takeOver_worksInReduceOnlyMode() public {
        _distressAlice();
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        assertGt(_takeOver(alice, ETH, ALL).takeSize, 0);
    }

    /* PRICE */

    function test_takeOver_isAtTheIndexAndMarks_whenNotMarked() public {
        _distressAlice();
        skipSeconds(60);
        int256 equity = _equity(alice);
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, 5e18);
        assertEq(plan.elapsedSeconds, 0);
        assertEq(plan.discountUsd, 0);
        assertEq(plan.price, 1_925e18);
        assertApproxEqAbs(_equity(alice), equity, 2);
        assertEq(house.distressOf(alice).startedAt, vm.getBlockTimestamp(), "the clock starts with it");
    }

    function test_takeOver_discountGrowsLinearlyToItsBound() public {
        _distressAlice();
        _mark(alice);
        skipSeconds(AUCTION_SECONDS);
        uint256 highest = house.previewTakeOver(alice, ETH, 10e18).discountUsd;
        assertApproxEqRel(highest, 192.5e18, 0.02e18, "one per cent of 19 250, and a little impact");
        skipSeconds(3_000);
        assertEq(house.previewTakeOver(alice, ETH, 10e18).discountUsd, highest, "no further");
        vm.warp(vm.getBlockTimestamp() - 3_000 - AUCTION_SECONDS);
        for (uint256 second; second < AUCTION_SECONDS; second += 9) {
            uint256 discount = house.previewTakeOver(alice, ETH, 10e18).discountUsd;
            assertApproxEqAbs(discount, (highest * second) / AUCTION_SECONDS, 100);
            vm.warp(vm.getBlockTimestamp() + 9);
        }
    }

    function test_takeOver_discountIsBoundedByHealth_whenEquityIsSmall() public {
        _distressAlice();
        _price(ETH, 1_880);
        assertLt(_health(alice), 0.1e18);
        _markAndWait(alice, AUCTION_SECONDS);
        uint256 health = _health(alice);
        int256 equity = _equity(alice);
        _takeOver(alice, ETH, 40e18);
        assertGe(_health(alice), health, "LIQ-2");
        assertLt(_equity(alice), equity);
        assertGt(_equity(alice), 0);
    }

    /// @dev L11: a take at H = 0.99 costs no more than what a liquidation takes for the same size.
    function test_L11_takeOver_costsNoMoreThanTheLiquidation_whenHealthIsHigh() public {
        _distressAlice();
        _setHealth(0.99e18);
        _markAndWait(alice, 10 * AUCTION_SECONDS);
        ILiquidationEngine.Plan memory slice = house.previewLiquidation(alice, ETH);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, slice.closeSize);
        assertGt(plan.takeSize, 0);
        uint256 cost = uint256(int256(slice.penaltyUsd) + slice.impactUsd);
        assertLe(plan.discountUsd * slice.closeSize, cost * plan.takeSize, "L11");
        assertGt(plan.discountUsd, 0);
        int256 equity = _equity(alice);
        _takeOver(alice, ETH, slice.closeSize);
        assertLe(equity - _equity(alice), int256(cost) + 2);
    }

    function testFuzz_L11_takeOver_costsNoMoreThanTheLiquidation(uint256 health, uint256 skew, bool isLong) public {
        _distressAlice();
        _price(ETH, 1_890);
        _setHealth(bound(health, 0.5e18, 0.999e18));
        int256 side = int256(bound(skew, 1, 3_000)) * 1e18;
        _open(bob, ETH, 2_000_000e18, isLong ? side : -side);
        _markAndWait(alice, 700);
        ILiquidationEngine.Plan memory slice = house.previewLiquidation(alice, ETH);
        if (slice.closeSize == 0) return;
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, slice.closeSize);
        int256 cost = int256(slice.penaltyUsd) + slice.impactUsd;
        if (cost < 0) cost = 0;
        assertLe(plan.discountUsd * slice.closeSize, uint256(cost) * plan.takeSize + plan.takeSize, "L11");
    }

    /// @dev L12: whoever skews the pool so that slices are refused gets no better price for a take-over.
    function test_L12_takeOver_isNoCheaper_whenThePoolIsSkewedFirst() public {
        _distressAlice();
        _price(ETH, 1_905);
        _markAndWait(alice, AUCTION_SECONDS);
        uint256 fair = house.previewTakeOver(alice, ETH, 10e18).discountUsd;
        _open(bob, ETH, 3_000_000e18, -9_000e18);
        assertEq(
            uint256(house.previewLiquidation(alice, ETH).code),
            uint256(ILiquidationEngine.PlanCode.Unaffordable),
            "selling costs 1.8 %, health allows 1.5"
        );
        assertEq(house.previewTakeOver(alice, ETH, 10e18).discountUsd, fair, "L12");
        skipSeconds(30);
        assertLe(house.previewTakeOver(alice, ETH, 10e18).discountUsd, fair + fair / 5, "the average has hardly moved");
        _takeOver(alice, ETH, ALL);
        assertGe(_health(alice), 1.15e18, "and the account is restored all the same");
    }

    /* SUCCESS */

    function test_takeOver_emitsBothStatesAfterIt() public {
        _distressAlice();
        _markAndWait(alice, 45);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        uint256 snapshot = vm.snapshotState();
        house.takeOver(_take(alice, ETH, ALL));
        IClearingHouse.AccountState[2] memory states = [house.accountOf(alice), house.accountOf(carol)];
        int256[2] memory quotes = [_quote(alice, ETH), _quote(carol, ETH)];
        vm.revertToState(snapshot);

        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        vm.expectEmit(address(house));
        emit IClearingHouse.TakenOver({
            account: alice,
            market: ETH,
            taker: carol,
            sizeDelta: -int256(plan.takeSize),
            price: plan.price,
            discountUsd: plan.discountUsd,
            equityUsd: plan.equityUsd,
            maintenanceUsd: plan.maintenanceUsd,
            size: int256(80e18 - plan.takeSize),
            quote: quotes[0],
            cashUsd: states[0].cashUsd,
            version: states[0].version
        });
        vm.expectEmit(address(house));
        emit IClearingHouse.Matched({
            account: carol,
            market: ETH,
            counterparty: alice,
            sizeDelta: int256(plan.takeSize),
            price: plan.price,
            feeUsd: 0,
            size: int256(plan.takeSize),
            quote: quotes[1],
            cashUsd: states[1].cashUsd,
            version: states[1].version
        });
        house.takeOver(request);
        assertEq(house.accountOf(carol).depositUsd, DEPOSIT_USD, "the taker locks its deposit");
        assertEq(house.totalShortfallUsd(), 0);
    }

    /// @dev LIQ-3: what the one gives up the other gets; insurance, pool and keeper have no part in it.
    function test_takeOver_isZeroSum() public {
        _distressAlice();
        _markAndWait(alice, AUCTION_SECONDS);
        int256 victim = _equity(alice);
        int256 taker = _equity(carol);
        int256 pool = _equity(pools[0]);
        uint256 fund = _cash(_fundAccount());
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        int256 lost = victim - _equity(alice);
        assertApproxEqAbs(lost, int256(plan.discountUsd), 1e6);
        assertLe(lost, int256(plan.discountUsd) + 2);
        // The deposit that the taker locks counts no more as margin.
        assertApproxEqAbs(_equity(carol) + int256(DEPOSIT_USD) - taker, lost, 4, "LIQ-3");
        assertApproxEqAbs(_equity(pools[0]), pool, 2);
        assertEq(_cash(_fundAccount()), fund, "insurance pays nothing");
        assertEq(_quote(_fundAccount(), ETH), 0);
        _assertConserved(_users());
    }

    /// @dev L10: the victim has no cash at all: its discount is an unsettled loss, and the taker is paid like any gain.
    function test_L10_takeOver_leavesAnUnsettledLoss_whenTheVictimHasNoCash() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 40_000e18, -80e18);
        _price(ETH, 2_200);
        vm.prank(bob.owner());
        _settle(bob);
        _wait(ETH, 2_200, 1_500);
        _withdraw(alice, house.freeCashOf(alice));
        _settle(bob);
        _price(ETH, 2_060);
        assertLt(_health(alice), 1e18);
        assertLt(_cash(alice), DEPOSIT_USD + 10e18, "its margin is an unsettled gain");
        _mark(alice);
        _wait(ETH, 2_060, 300);
        uint256 health = _health(alice);
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        assertGt(plan.discountUsd, 100e18);
        assertGe(_cash(alice), DEPOSIT_USD);
        assertGt(_health(alice), health);
        _assertConserved(_users());
    }

    function test_takeOver_reducesTheTakersOppositePosition() public {
        _trade(carol, ETH, -100e18);
        _distressAlice();
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        assertEq(_size(carol, ETH), int256(plan.takeSize) - int256(100e18));
        _assertConserved(_users());
    }

    function test_takeOver_takesPartOfOneMarket_whenTheAccountIsInSeveral() public {
        _open(bob, BTC, 1_000_000e18, -1e18);
        _open(alice, BTC, 3_000e18, 1e18);
        _trade(carol, BTC, 0.5e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _trade(bob, ETH, -80e18);
        _price(ETH, 1_920);
        feeds[1].push(38_500e8);
        uint256 health = _health(alice);
        assertLt(health, 1e18);
        _markAndWait(alice, AUCTION_SECONDS);
        _takeOver(alice, BTC, 0.5e18);
        assertGe(_health(alice), health);
        assertEq(_size(carol, BTC), int256(1e18));
        assertEq(_size(alice, ETH), int256(80e18), "the other position is left alone");
        _assertConserved(_users());
    }

    function test_takeOver_saysNothingOfMarks_whenTheTakerHasNone() public {
        _distressAlice();
        _mark(alice);
        vm.recordLogs();
        _takeOver(alice, ETH, 1e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IClearingHouse.Unmarked.selector) continue;
            assertTrue(uint256(logs[i].topics[1]) != AccountId.unwrap(carol), "carol was not marked");
        }
    }

    function test_takeOver_clearsTheTakersMark() public {
        _distressAlice();
        AccountId dave = _trader("dave");
        _open(dave, ETH, 10_000e18, 80e18);
        _price(ETH, 1_850);
        _mark(dave);
        _fund(dave, 1_000_000e18);
        assertGt(house.distressOf(dave).startedAt, 0);
        _fund(alice, 4_000e18);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = dave;
        assertGt(house.takeOver(request).takeSize, 0);
        assertEq(house.distressOf(dave).startedAt, 0);
    }

    /* FUZZ */

    /// @dev LIQ-1, LIQ-2, LIQ-3 at any size, price, skew and time: acts only below maintenance margin, never turns the position, health does not
    /// fall, no equity appears or is lost.
    function testFuzz_takeOver_neverWorsensTheAccount(
        uint256 size,
        uint256 price,
        uint256 skew,
        uint256 elapsed,
        uint256 wanted,
        bool isLong
    ) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        int256 delta = sign * int256(bound(size, 200, 2_000_000) * 0.001e18);
        uint256 notional = ((uint256(delta * sign) * 2_000) / 1e18) * 1e18;
        _open(bob, ETH, 1_000_000e18, -sign * int256(bound(skew, 1, 3_000_000) * 0.001e18) - sign * 1e18);
        _open(alice, ETH, notional / 18 + 100e18 + ((notional / 1e10) * (notional / 1e10)) / 5e7 / 1e18, delta);
        uint256 move = bound(price, 20, 120);
        _price(ETH, isLong ? 2_000 - move : 2_000 + move);
        _markAndWait(alice, bound(elapsed, 0, 120));

        uint256 health = _health(alice);
        int256 equity = _equity(alice);
        int256 others = _equity(carol) + int256(house.accountOf(carol).depositUsd);
        uint256 deposit = house.accountOf(alice).depositUsd;
        _fund(carol, 10_000_000e18);
        others += 10_000_000e18;
        // Not less than the taker's own minimum.
        uint256 most = bound(wanted, 0.2e18, uint256(delta * sign) + 1e18);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, most);
        if (plan.takeSize == 0) {
            if (health < 1e18 && equity > 1e18) assertEq(_codeOf(plan), uint256(ILiquidationEngine.PlanCode.TooSmall));
            return;
        }
        if ((plan.takeSize * (isLong ? 2_000 - move : 2_000 + move)) / 1e18 < 250) return;
        _takeOver(alice, ETH, most);
        int256 sizeAfter = _size(alice, ETH) * sign;
        assertLt(health, 1e18, "LIQ-1");
        assertGe(sizeAfter, 0, "LIQ-2: no flip");
        assertEq(sizeAfter, delta * sign - int256(plan.takeSize));
        if (sizeAfter != 0) assertGe(_health(alice), health, "LIQ-2");
        assertGe(_equity(alice), 0, "LIQ-3: never more than there is");
        int256 freed = int256(deposit) - int256(house.accountOf(alice).depositUsd);
        int256 total = _equity(alice) - equity - freed;
        total += _equity(carol) + int256(house.accountOf(carol).depositUsd) - others;
        assertApproxEqAbs(total, 0, 4, "LIQ-3");
        _assertConserved(_users());
    }

    /* PRIVATE */

    /// @dev bob short 80 ETH at 2 000 with 10 000 USD; at 2 075 he is below maintenance margin.
    function _distressBob() private {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _price(ETH, 2_075);
        assertLt(_health(bob), 1e18);
        assertGt(_equity(bob), 0);
    }
}
