// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {CoverageLevel} from "../../../contracts/types/CoverageLevel.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";

/// @notice Views and orders where what they are about is nothing, all there is, or less than it costs.
contract ClearingHouse_ends_Test is TakeOverScenarios {
    /* VIEWS */

    function test_previewCover_paysNothing_whenThereIsNoDeficit() public view {
        IClearingHouse.TierCover[4] memory tiers = house.previewCover(ETH, 0);
        for (uint256 i; i < 4; ++i) assertEq(tiers[i].paidUsd, 0);
        assertEq(tiers[1].availableUsd, INSURANCE_USD);
    }

    function test_previewPacing_isEmpty_whenThereIsNoPosition() public view {
        ILiquidationEngine.Pacing memory pacing = house.previewPacing(alice, ETH);
        assertEq(pacing.capacityUsd, 0);
        assertEq(pacing.windowSeconds, 0);
    }

    /// @dev The tear-up account mirrors what others have still to give up: nobody takes that over.
    function test_previewTakeOver_isRefused_whenTheAccountIsTheHousesOwn() public {
        _bankruptAlice();
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        _tearUpAll(ETH);
        AccountId mirror = house.systemAccountOf(ETH, 1);
        assertNotEq(_size(mirror, ETH), int256(0));
        assertEq(_previewCode(mirror, ETH), uint256(ILiquidationEngine.PlanCode.NoPosition));
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(mirror);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.NoPosition));
    }

    function test_previewTakeOverWhole_isRefused_whenMoreEventsWaitThanACallApplies() public {
        _bookLosses(17);
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(bob);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.EventsPending));
        house.touch(bob, ETH, 1);
        (total, ) = house.previewTakeOverWhole(bob);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.Healthy));
    }

    /// @dev The caller, which answers no callback, is not called where there is nothing to take.
    function test_takeOverWhole_callsNobody_whenTheAccountIsHealthy() public {
        _open(alice, ETH, 10_000e18, 80e18);
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        request.data = "anything";
        bytes32 before = _fingerprint(carol);
        vm.expectEmit(address(house));
        emit IClearingHouse.TakeOverWholeSkipped(alice, ILiquidationEngine.PlanCode.Healthy);
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.takeOverWhole(request);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(_fingerprint(carol), before);
    }

    /* COVERAGE */

    /// @dev The least that is not short of a target of 4n + 1 is n + 1.
    function test_trade_namesTheLeastBuffersRoundedUp_whenCoverageIsShort() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.insuranceShare = 0;
        house.setMarketTerms(ETH, terms);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 400_000e18 + 1, 1e18, 0, 0));
        _fund(alice, 10_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CoverageTooLow.selector, ETH, INSURANCE_USD, INSURANCE_USD + 1)
        );
        _trade(alice, ETH, 1e18);
    }

    function test_refreshCoverage_asksTheTrancheFirst_whenItSuffices() public {
        _open(alice, ETH, 10_000e18, 80e18);
        // 16 USD of fees against a target of 8.
        assertEq(_cash(_trancheOf(ETH)), 16e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.0001e18, 8e18, 1e18, 0, 0));
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Full));
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0, 0, 0));
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Short), "no fund to count on");
    }

    /* ORDERS */

    /// @dev Without fees an opening that brings the pool nearer to zero costs nothing: no costs are put back where the opening is judged.
    function test_trade_opensWithoutCosts_whenTheFillIsBetterThanTheIndex() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        (terms.takerFee, terms.makerFee) = (0, 0);
        house.setMarketTerms(ETH, terms);
        _open(alice, ETH, 20_000e18, 100e18);
        _open(bob, ETH, 20_000e18, -10e18);
        uint256 cash = _cash(bob);
        (uint256 price, uint256 fee) = _trade(bob, ETH, -10e18);
        assertEq(fee, 0);
        assertGt(price, 2_000e18, "sold above the index");
        assertEq(_cash(bob), cash);
        _assertConserved(_users());
    }

    /// @dev A spread of the whole price leaves nothing to sell for.
    function test_trade_revertsWhenTheSpreadTakesThePrice() public {
        _fund(alice, 1_000e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, -1e18);
        request.spread = 1e18;
        vm.expectPartialRevert(IClearingHouse.CashTooLow.selector);
        house.trade(request);
    }

    /// @dev The keeper comes first, and takes no more than there is; the market's fee stays a debt, which nobody may leave behind.
    function test_trade_revertsWhenTheKeepersFeeIsAllThatIsLeft() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _price(ETH, 1_877);
        _settle(alice);
        uint256 free = _cash(alice) - DEPOSIT_USD;
        assertGt(free, 0);
        assertLt(free, 100e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, -80e18);
        request.keeperFeeUsd = 100e18;
        vm.expectPartialRevert(IClearingHouse.AccountBankrupt.selector);
        house.trade(request);
    }

    /// @dev The pool pays the edge of whoever closes out of its cash, as far as there is any; the rest stays a loss that it has still to settle.
    function test_trade_leavesTheRestUnsettled_whenThePoolHasNoCashForTheEdge() public {
        _open(alice, ETH, 30_000e18, 80e18);
        _wait(ETH, 1_850, 1_800);
        uint256 free = house.freeCashOf(pools[0]);
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], free, pools[0].owner());
        assertEq(_cash(pools[0]), 0);
        int256 quote = _quote(pools[0], ETH);
        _trade(alice, ETH, -80e18);
        assertNotEq(_quote(pools[0], ETH), quote);
        _assertConserved(_users());
    }

    /// @dev Whoever closes against somebody in distress may be in distress too: both marks are judged anew.
    function test_matchOrders_clearsTheMarksOfBothSides() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        _open(bob, ETH, 10_000e18, -80e18);
        assertTrue(_mark(alice));
        _price(ETH, 2_020);
        assertFalse(_mark(alice), "health is back");
        _price(ETH, 1_925);
        assertTrue(_mark(alice));
        _fund(carol, 100_000e18);
        house.matchOrders(_matchOf(carol, alice, -80e18, 1_925e18));
        assertEq(house.totalShortfallUsd(), 0, "the taker's mark is gone");
        _price(ETH, 2_040);
        assertTrue(_mark(bob));
        house.matchOrders(_matchOf(bob, carol, -80e18, 2_040e18));
        assertEq(house.totalShortfallUsd(), 0, "the maker's mark is gone");
        _assertConserved(_users());
    }

    function _matchOf(
        AccountId maker,
        AccountId taker,
        int256 sizeDelta,
        uint256 price
    ) private pure returns (IClearingHouse.MatchRequest memory) {
        return
            IClearingHouse.MatchRequest({
                maker: maker,
                taker: taker,
                market: ETH,
                sizeDelta: sizeDelta,
                price: price,
                makerReduceOnly: false,
                takerReduceOnly: false
            });
    }

    /* LIQUIDATIONS */

    /// @dev A position below the market's minimum leaves no rest at all: whoever takes less than all of it takes nothing.
    function test_liquidateAgainst_revertsWhenAPositionBelowTheMinimumIsToBeCut() public {
        _trade(carol, ETH, 1e18);
        _open(alice, ETH, 20e18, 0.13e18);
        _open(bob, ETH, 10_000e18, -10e18);
        _price(ETH, 1_900);
        assertLt(_health(alice), 1e18);
        assertGt(_equity(alice), 0);
        IClearingHouse.LiquidationMatch memory request = IClearingHouse.LiquidationMatch({
            account: alice,
            market: ETH,
            maker: carol,
            makerSizeDelta: 0.1e18,
            price: 1_910e18,
            makerReduceOnly: false,
            keeper: keeper
        });
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, int256(0.1e18), uint256(0.001e18))
        );
        house.liquidateAgainst(request);
        request.makerSizeDelta = 0.13e18;
        house.liquidateAgainst(request);
        assertEq(_size(alice, ETH), int256(0));
    }
}
