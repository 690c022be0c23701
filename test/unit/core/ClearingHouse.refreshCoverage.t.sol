// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {CoverageLevel} from "../../../contracts/types/CoverageLevel.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {CoverScenarios} from "../../support/CoverScenarios.sol";

/// @notice How far the buffers of a market reach: 100 000 USD of fund, and half of the open interest wanted. ETH stands at 2 000 USD.
contract ClearingHouse_refreshCoverage_Test is CoverScenarios {
    function setUp() public override {
        super.setUp();
        _wantCoverage();
    }

    /* REVERTS */

    function test_refreshCoverage_revertsWhenThePriceIsNotValid() public {
        _stale(ETH, BTC, 40_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.refreshCoverage(ETH);
    }

    function test_refreshCoverage_revertsWhenTheMarketIsNotListed() public {
        MarketId none = MarketId.wrap(7);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, none));
        house.refreshCoverage(none);
    }

    function test_trade_revertsWhenCoverageIsShort() public {
        // 400.002 ETH of longs want 400 002 USD, of which a quarter is 100 000.50.
        _fund(alice, 200_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CoverageTooLow.selector, ETH, INSURANCE_USD, 100_000.5e18)
        );
        _trade(alice, ETH, 400.002e18);
        _trade(alice, ETH, 400e18);
        _assertLevel(CoverageLevel.Low);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CoverageTooLow.selector, ETH, INSURANCE_USD, 100_000.25e18)
        );
        _trade(alice, ETH, 0.001e18);
    }

    function test_matchOrders_revertsWhenCoverageIsShort() public {
        _fund(alice, 200_000e18);
        _fund(bob, 200_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CoverageTooLow.selector, ETH, INSURANCE_USD, 100_000.5e18)
        );
        _match(400.002e18);
        _match(400e18);
        _assertLevel(CoverageLevel.Low);
    }

    /// @dev One of the two opens, the other closes: the market is no larger than before.
    function test_matchOrders_changesHands_whenCoverageIsShort() public {
        _fund(alice, 200_000e18);
        _fund(bob, 200_000e18);
        _fund(carol, 200_000e18);
        _match(200e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0, 0, 0));
        // bob's long becomes carol's.
        _matchOf(carol, bob, -50e18);
        _assertLevel(CoverageLevel.Short);
        assertEq(_size(carol, ETH), int256(50e18));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CoverageTooLow.selector, ETH, 0, 50_250e18));
        _matchOf(alice, carol, 1e18);
    }

    /* SUCCESS */

    function test_refreshCoverage_doesNothing_whenNoTargetIsSet() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0, 1_000_000e18, 0, 0, 0));
        _open(alice, ETH, 20_000e18, 100e18);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Full));
        assertEq(house.coverageOf(ETH).targetUsd, 0);
    }

    function test_refreshCoverage_measuresAnew_whenThePriceMoved() public {
        _open(alice, ETH, 200_000e18, 200e18);
        _assertLevel(CoverageLevel.Full);
        // 200 ETH at 2 001 want 200 100: the half is not there any more.
        _price(ETH, 2_001);
        IClearingHouse.CoverageState memory coverage = house.coverageOf(ETH);
        assertEq(uint256(coverage.level), uint256(CoverageLevel.Full));
        assertEq(uint256(coverage.measuredLevel), uint256(CoverageLevel.Low));
        assertEq(coverage.openInterestUsd, 400_200e18);
        assertEq(coverage.buffersUsd, INSURANCE_USD);
        assertEq(coverage.targetUsd, 200_100e18);
        vm.expectEmit(address(house));
        emit IClearingHouse.CoverageChanged(ETH, CoverageLevel.Low, INSURANCE_USD, 200_100e18);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Low));
        _assertLevel(CoverageLevel.Low);
        _price(ETH, 3_100);
        oracle.poke(ETH.bit());
        _price(ETH, 4_001);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Short));
        _assertLevel(CoverageLevel.Short);
        _price(ETH, 2_000);
        vm.expectEmit(address(house));
        emit IClearingHouse.CoverageChanged(ETH, CoverageLevel.Full, INSURANCE_USD, 200_000e18);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Full));
        _assertLevel(CoverageLevel.Full);
    }

    function test_refreshCoverage_countsTheFund_whenTheMarketCountsOnIt() public {
        _open(alice, ETH, 200_000e18, 100e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0.25e18, 0, 0));
        assertEq(house.coverageOf(ETH).buffersUsd, 25_000e18);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Low), "a quarter exactly");
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0, 0, 0));
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Short));
        // A market that is larger than its bootstrap wants more than that, a smaller one no less.
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 300_000e18, 1e18, 0, 0));
        assertEq(house.coverageOf(ETH).targetUsd, 300_000e18);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Low));
    }

    function test_refreshCoverage_raisesInitialMargins_whenBelowHalf() public {
        _open(alice, ETH, 200_000e18, 200e18);
        uint256 before = _initialMargin(alice);
        (, uint256 maintenance) = house.marginOf(alice, MarginKind.Maintenance);
        assertEq(before, 20_080e18, "5 % of 400 000 and what its size costs");
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0.99e18, 0, 0));
        assertEq(_initialMargin(alice), before, "not before it has been measured");
        house.refreshCoverage(ETH);
        assertEq(_initialMargin(alice), 25_080e18, "a quarter more");
        assertTrue(house.portfolioOf(alice, MarginKind.Initial).exposures[0].coverageLow);
        assertFalse(house.portfolioOf(alice, MarginKind.Maintenance).exposures[0].coverageLow);
        (, uint256 after_) = house.marginOf(alice, MarginKind.Maintenance);
        assertEq(after_, maintenance, "RAMP-1");
    }

    /// @dev What a default takes of the buffers is measured when it is taken, before anybody opens or asks.
    function test_resolve_measuresCoverage_whenBuffersPay() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0.5e18, 0, 0));
        _open(alice, ETH, 12_000e18, 100e18);
        _open(bob, ETH, 12_000e18, -100e18);
        // Half of 160 000 is 80 000, and half of the fund more than half of that: until it has paid its 25 000.
        _price(ETH, 1_600);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Full));
        _resolve(alice);
        assertEq(_cash(_fundAccount()), INSURANCE_USD - 25_000e18, "the fund has paid");
        _assertLevel(CoverageLevel.Low);
        assertEq(house.coverageOf(ETH).buffersUsd, 37_500e18);
    }

    /// @dev A loss that is booked leaves what is known of the buffers alone, and the other way round.
    function test_bookLoss_leavesTheLevel_whenAlertsChange() public {
        _open(alice, ETH, 60_000e18, 400e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _assertLevel(CoverageLevel.Low);
        _uninsure(ETH);
        _price(ETH, 1_700);
        _resolve(alice);
        assertGt(house.marketOf(ETH).uncollectedLossUsd, 0);
        assertEq(uint256(house.coverageOf(ETH).level), uint256(house.coverageOf(ETH).measuredLevel));
        assertTrue(house.portfolioOf(bob, MarginKind.Initial).exposures[0].lossPending);
        _settle(bob);
        assertFalse(house.portfolioOf(bob, MarginKind.Initial).exposures[0].lossPending);
        assertEq(uint256(house.coverageOf(ETH).level), uint256(house.coverageOf(ETH).measuredLevel));
    }

    function testFuzz_refreshCoverage_saysWhatItMeasured(uint256 target, uint256 bootstrap, uint256 share) public {
        _open(alice, ETH, 200_000e18, 200e18);
        target = bound(target, 1, 5e8) * 1e9;
        share = bound(share, 0, 1e9) * 1e9;
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(target, bound(bootstrap, 0, 1e24), share, 0, 0));
        IClearingHouse.CoverageState memory before = house.coverageOf(ETH);
        uint256 level = uint256(house.refreshCoverage(ETH));
        assertEq(level, uint256(before.measuredLevel));
        assertEq(uint256(house.coverageOf(ETH).level), level);
        uint256 reached = before.buffersUsd;
        assertEq(
            level,
            reached * 2 >= before.targetUsd
                ? 0
                : reached * 4 >= before.targetUsd
                    ? 1
                    : 2
        );
    }
}
