// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Defects the house once had, one test each.
contract ClearingHouse_regression_Test is HouseScenarios {
    /// @dev HEALTH-1, M3: a reduction of one lot could pay any fee to a keeper of one's own while only E ≥ 0 was asked for, which took the margin of an open
    /// position out of reach of initial margin.
    function test_trade_revertsWhenReductionPaysItsKeeperMoreThanTheBandAllows() public {
        _open(alice, ETH, 10_000e18, 80e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, -0.001e18);
        request.reduceOnly = true;
        request.keeper = accountIdOf(alice.owner(), 1);
        request.keeperFeeUsd = 5_000e18;
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(request);
    }

    /// @dev LIQ-5: closing a small position as a whole released the liquidation deposit before the keeper's gas floor was taken out of it.
    function test_liquidate_paysTheGasFloor_whenTheLastPositionIsClosed() public {
        _open(bob, ETH, 100_000e18, -200e18);
        _open(alice, ETH, 21e18, 0.126e18);
        _price(ETH, 1_925);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertLt(plan.keeperRewardUsd, plan.gasFloorUsd, "the penalty alone is no reward");
        assertEq(house.accountOf(alice).markets, 0, "nothing is left of the position");
        assertEq(house.accountOf(alice).depositUsd, 0, "nor of the deposit");
        assertApproxEqAbs(_cash(keeper), plan.gasFloorUsd, 0.01e18, "the floor is paid, in whole cents");
        assertGt(_cash(keeper), plan.keeperRewardUsd);
    }

    /// @dev LIQ-5: liquidations take their gas out of the deposit; an account that went on to open more never locked what they took again.
    function test_trade_locksWhatLiquidationsTookOfTheDeposit() public {
        _open(bob, ETH, 100_000e18, -200e18);
        _open(alice, ETH, 190e18, 1.5e18);
        _trade(alice, BTC, 0.0063e18);
        _price(ETH, 1_892);
        house.liquidate(alice, BTC, keeper);
        uint256 left = house.accountOf(alice).depositUsd;
        assertLt(left, DEPOSIT_USD, "a small position pays little");
        _fund(alice, 1_000e18);
        _trade(alice, ETH, -0.5e18);
        assertEq(house.accountOf(alice).depositUsd, left, "a reduction locks nothing");
        _trade(alice, ETH, 0.5e18);
        assertEq(house.accountOf(alice).depositUsd, DEPOSIT_USD);
    }

    /// @dev ROUND-1: an order through zero paid the taker's fee on all of itself, or the maker's; two orders, one up to zero, paid less.
    function test_previewTrade_chargesAWholeOrderNoMoreThanItsParts() public {
        _open(alice, ETH, 100_000e18, 100e18);
        (, uint256 whole) = house.previewTrade(ETH, -300e18);
        assertEq(whole, (100e18 * 2_000 * 2) / 10_000 + (200e18 * 2_000 * 5) / 10_000, "100 towards zero, 200 beyond");
        (, uint256 mirrored) = house.previewTrade(ETH, -200e18);
        assertEq(mirrored, (100e18 * 2_000 * 2) / 10_000 + (100e18 * 2_000 * 5) / 10_000);
    }

    /// @dev A tear-up leaves units of inventory by truncation. They could be torn up again and again, each time with a market event that every
    /// position then has to apply.
    function test_tearUp_revertsWhenLessThanALotIsLeft() public {
        _defaultAndTearUp();
        int256 dust = _size(house.systemAccountOf(ETH, 0), ETH);
        assertNotEq(dust, int256(0), "the fraction truncates");
        skipSeconds(3_000);
        _price(ETH, 1_600);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.tearUp(ETH);
    }

    /// @dev Inventory taken over while units of older inventory were left was as old as those: it could be torn up at once.
    function test_resolve_startsTheTearUpDelay_whenUnitsOfOlderInventoryAreLeft() public {
        _defaultAndTearUp();
        skipSeconds(86_400);
        _price(ETH, 1_600);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 30_000e18, 300e18);
        _price(ETH, 1_440);
        _resolve(dave);
        uint256 resolvedAt = vm.getBlockTimestamp();
        AccountId resolution = house.systemAccountOf(ETH, 0);
        int256 size = _size(resolution, ETH);
        assertGt(size, int256(299e18));
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.TearUpTooEarly.selector,
                ETH,
                resolvedAt + 600,
                uint256(-_equity(resolution)),
                (uint256(size) * 1_440) / 100
            )
        );
        house.tearUp(ETH);
    }

    /// @dev A profit on what defaults had left went to insurance while winners were charged for deficits of the same defaults that only waited for
    /// the gap between two loss events.
    function test_tearUp_meetsWaitingDeficitsFirst_whenTheInventoryMadeAProfit() public {
        waterfall.setInsuranceTerms(
            ETH,
            ILossWaterfall.InsuranceTerms({eventCap: 0, epochCap: 0, coinsurance: 0.1e18})
        );
        AccountId dave = _trader("dave");
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _open(dave, ETH, 40_000e18, 300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        _resolve(dave);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertGt(state.pendingLossUsd, 75_000e18, "dave's deficit waits");
        uint256 booked = house.eventOf(ETH, state.events).lossUsd;
        assertGt(booked, 120_000e18, "alice's is booked");

        skipSeconds(700);
        _price(ETH, 1_900);
        uint256 profitUsd = uint256(_equity(house.systemAccountOf(ETH, 0)));
        assertGt(profitUsd, state.pendingLossUsd + booked, "the inventory earned more than both");
        _tearUpAll(ETH);
        IClearingHouse.MarketState memory torn = house.marketOf(ETH);
        assertEq(torn.pendingLossUsd, 0, "nothing waits");
        assertEq(torn.events, state.events + 1, "and nobody was charged again");
        assertEq(house.eventOf(ETH, state.events).lossUsd, 0, "what was charged is all to be refunded");
        assertEq(
            uint256(_quote(_trancheOf(ETH), ETH)),
            profitUsd - state.pendingLossUsd - booked,
            "the tranche has the rest"
        );
    }

    /// @dev CASH-1: the views forgot the fill of a tear-up that had not reached the position yet, whose gain is too young to be counted: they showed more free
    /// cash than could be withdrawn.
    function test_freeCashOf_isWhatCanBeWithdrawn_whenATearUpWaits() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _open(carol, ETH, 60_000e18, -500e18);
        _price(ETH, 1_800);
        _resolve(alice);
        _wait(ETH, 1_800, 1_800);
        house.tearUp(ETH);
        assertGt(house.marketOf(ETH).events, house.positionOf(bob, ETH).eventsSeen, "bob's part of it waits");
        _price(ETH, 1_960);

        uint256 free = house.freeCashOf(bob);
        (int256 equity, uint256 required) = house.marginOf(bob, MarginKind.Initial);
        house.touch(bob, ETH, type(uint256).max);
        assertEq(house.freeCashOf(bob), free, "applied, another free cash");
        (int256 touchedEquity, uint256 touchedRequired) = house.marginOf(bob, MarginKind.Initial);
        assertEq(touchedEquity, equity, "applied, another equity");
        assertEq(touchedRequired, required, "applied, another requirement");
        assertLt(free, _cash(bob) - DEPOSIT_USD, "margin is needed");
        vm.prank(bob.owner());
        house.withdraw(bob, free / 1e12, bob.owner());
    }

    /// @dev SOC-1: while S did not cover all dues, claiming again and again took the shares of those who had not claimed yet.
    function test_claimRefunds_paysNothing_whenClaimedAgainOutOfAShortSurplus() public {
        AccountId dave = _overcharge(10_500e18);
        _touchWinners();
        // A second event takes part of the surplus: the dues are no longer covered.
        skipSeconds(120);
        _price(ETH, 1_650);
        _resolve(dave);
        house.touch(bob, ETH, 10);
        house.touch(carol, ETH, 10);
        uint256 surplus = house.marketOf(ETH).surplusUsd;
        uint256 first = house.claimRefunds(bob, ETH, 10);
        assertGt(first, 0);
        assertEq(house.claimRefunds(bob, ETH, 10), 0, "again");
        assertApproxEqRel(house.claimRefunds(carol, ETH, 10), first, 0.005e18, "the same share for the same charge");
        assertEq(house.claimRefunds(bob, ETH, 10), 0, "and again");
        assertGt(surplus, 2 * first, "S did not cover it all twice");
    }

    /// @dev The preview did not know the grace of charges that were not applied yet: it promised a slice that the call refused.
    function test_previewLiquidation_agrees_whenOnlyAWaitingChargeIsBelowMaintenance() public {
        _fund(bob, 60_000e18);
        _trade(bob, BTC, 15e18);
        _overcharge(60_000e18);
        _price(BTC, 35_850);
        assertLt(_health(bob), 1e18, "distressed by the charge");
        _assertPreviewIsHealthy();
    }

    /// @dev `resolve` counts a recent charge back; the plan did not, and had everybody try to resolve an account that nobody could.
    function test_previewLiquidation_isHealthy_whenOnlyARecentChargeIsBelowZero() public {
        _fund(bob, 60_000e18);
        _trade(bob, BTC, 15e18);
        _overcharge(60_000e18);
        _price(BTC, 36_000);
        _price(BTC, 34_000);
        (int256 equityUsd, ) = house.marginOf(bob, MarginKind.Maintenance);
        assertLt(equityUsd, int256(0), "below zero by the charge");
        for (uint256 i; i < 2; ++i) {
            assertEq(
                uint256(house.previewLiquidation(bob, BTC).code),
                uint256(ILiquidationEngine.PlanCode.Healthy),
                i == 0 ? "waiting" : "applied"
            );
            vm.expectPartialRevert(IClearingHouse.AccountNotBankrupt.selector);
            house.resolve(bob, new AccountId[](0), keeper);
            house.touch(bob, ETH, 10);
        }
        skipSeconds(301);
        feeds[0].push(1_600e8);
        feeds[1].push(33_000e8);
        _resolve(bob);
    }

    /// @dev Nor the refunds that the call claims before it plans.
    function test_previewLiquidation_agrees_whenARefundHeals() public {
        _fund(bob, 60_000e18);
        _trade(bob, BTC, 15e18);
        _overcharge(60_000e18);
        _touchWinners();
        skipSeconds(61);
        feeds[0].push(1_600e8);
        feeds[1].push(35_850e8);
        assertLt(_health(bob), 1e18, "distressed before the refund");
        _assertPreviewIsHealthy();
        assertGt(_health(bob), 1e18, "refunded");
    }

    /// @dev Nor those behind an event that waits, which the call applies first.
    function test_previewLiquidation_agrees_whenARefundWaitsBehindAnEvent() public {
        _fund(bob, 60_000e18);
        _trade(bob, BTC, 15e18);
        AccountId dave = _overcharge(10_500e18);
        _touchWinners();
        uint256 seen = house.marketOf(ETH).events;
        skipSeconds(120);
        feeds[0].push(1_650e8);
        feeds[1].push(35_850e8);
        _resolve(dave);
        skipSeconds(301);
        feeds[0].push(1_650e8);
        feeds[1].push(35_500e8);
        assertGt(house.marketOf(ETH).events, seen, "an event waits");
        ILiquidationEngine.Plan memory preview = house.previewLiquidation(bob, ETH);
        uint256 surplus = house.marketOf(ETH).surplusUsd;
        ILiquidationEngine.Plan memory plan = house.liquidate(bob, ETH, keeper);
        assertLt(house.marketOf(ETH).surplusUsd, surplus, "refunded");
        assertNotEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Healthy), "and acted upon");
        assertEq(keccak256(abi.encode(preview)), keccak256(abi.encode(plan)), "preview");
    }

    /// @dev For an account with charges one call applied events twice, and did what the preview said it could not.
    function test_previewLiquidation_agrees_whenMoreEventsWaitThanOneCallApplies() public {
        _bookLosses(33);
        house.touch(bob, ETH, 16);
        assertEq(uint256(house.previewLiquidation(bob, ETH).code), uint256(ILiquidationEngine.PlanCode.EventsPending));
        ILiquidationEngine.Plan memory plan = house.liquidate(bob, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.EventsPending));
        plan = house.liquidate(bob, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Healthy), "the first brought it nearer");
    }

    /// @dev Refunds were claimed at a price stored in the same block, and the fill then asked for the latest: a price published in between made it fail.
    function test_liquidateAgainst_readsTheLatestPriceFirst_whenItClaimsRefunds() public {
        _overcharge(60_000e18);
        _touchWinners();
        skipSeconds(12);
        oracle.poke(ETH.bit());
        feeds[0].push(1_605e8);
        ILiquidationEngine.Plan memory plan = house.liquidateAgainst(
            IClearingHouse.LiquidationMatch({
                account: bob,
                market: ETH,
                maker: carol,
                makerSizeDelta: -1e18,
                price: 1_605e18,
                makerReduceOnly: false,
                keeper: keeper
            })
        );
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Healthy));
    }

    /// @dev Locking the deposit out of cash that is held for a market without a price ended in an arithmetic panic.
    function test_trade_revertsWhenTheDepositWouldComeOutOfHeldCash() public {
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 400e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _price(BTC, 38_000);
        oracle.poke(BTC.bit());
        skipSeconds(3_601);
        _price(ETH, 1_600);
        _resolve(alice);
        uint256 held = house.accountOf(alice).heldUsd;
        assertGt(held, 3_000e18);
        assertApproxEqAbs(_cash(alice), held, 1, "all that is left is held");
        _fund(alice, 4e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, alice, 0, DEPOSIT_USD));
        house.trade(_request(alice, ETH, 1e18));
    }

    /// @dev A default of alice against bob and carol, torn up.
    function _defaultAndTearUp() private {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        _tearUpAll(ETH);
    }

    /// @dev A default of alice in which the gains of bob and carol, netted with dave's loss on the same side, are charged more than is missing.
    function _overcharge(uint256 daveCash) private returns (AccountId dave) {
        waterfall.setInsuranceTerms(
            ETH,
            ILossWaterfall.InsuranceTerms({eventCap: 0, epochCap: 0, coinsurance: 0.1e18})
        );
        _open(alice, ETH, 60_000e18, 500e18);
        if (_cash(bob) == 0) _fund(bob, 60_000e18);
        _trade(bob, ETH, -250e18);
        _open(carol, ETH, 60_000e18, -250e18);
        _price(ETH, 1_500);
        dave = _trader("dave");
        _open(dave, ETH, daveCash, -100e18);
        _price(ETH, 1_600);
        _resolve(alice);
    }

    function _touchWinners() private {
        house.touch(bob, ETH, 10);
        house.touch(carol, ETH, 10);
        assertGt(house.marketOf(ETH).surplusUsd, 1_000e18, "charged more than was missing");
    }

    function _assertPreviewIsHealthy() private {
        ILiquidationEngine.Plan memory preview = house.previewLiquidation(bob, ETH);
        ILiquidationEngine.Plan memory plan = house.liquidate(bob, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(keccak256(abi.encode(preview)), keccak256(abi.encode(plan)), "preview");
    }
}
