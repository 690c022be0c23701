// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {CoverageLevel} from "../../contracts/types/CoverageLevel.sol";
import {CoverScenarios} from "../support/CoverScenarios.sol";

/// @notice Against those who would open on buffers that are gone, hide how large they are, or pay less than others for what insurance answers for.
contract Adversarial_Coverage_Test is CoverScenarios {
    /// @dev alice's second account.
    AccountId private second;

    function setUp() public override {
        super.setUp();
        second = accountIdOf(alice.owner(), 1);
        vm.prank(alice.owner());
        house.setDelegate(second, address(this), 1);
    }

    /* COVERAGE */

    /// @dev The level that stands is from before the price moved. Whoever opens measures first.
    function test_trade_isRefused_whenTheLevelIsOutOfDate() public {
        _wantCoverage();
        _open(alice, ETH, 400_000e18, 200e18);
        _price(ETH, 3_100);
        oracle.poke(ETH.bit());
        _price(ETH, 4_001);
        _assertLevel(CoverageLevel.Full);
        _fund(bob, 100_000e18);
        _refusal(abi.encodeCall(house.trade, (_request(bob, ETH, 1e18))), IClearingHouse.CoverageTooLow.selector);
        // Nor with a match, nor the other way round: the market is open to reductions only.
        _refusal(abi.encodeCall(house.trade, (_request(bob, ETH, -1e18))), IClearingHouse.CoverageTooLow.selector);
    }

    /// @dev Fees of the opening itself count: it brings money, so that is no way to be refused for want of it.
    function test_trade_isAllowed_whenItsOwnFeesFillTheBuffers() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.insuranceShare = 1e18;
        house.setMarketTerms(ETH, terms);
        // 5 bp of fee are wanted, four times as much would be the target.
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.002e18, 0, 0, 0, 0));
        _open(alice, ETH, 10_000e18, 50e18);
        _assertLevel(CoverageLevel.Low);
        assertEq(_trancheUsd(), 50e18);
    }

    /// @dev Less exposure is never refused, whoever asks for it: reductions, liquidations, take-overs, defaults, what changes hands.
    function test_trade_reduces_whenCoverageIsShort() public {
        _wantCoverage();
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _fund(carol, 100_000e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0, 0, 0));
        _price(ETH, 1_925);
        assertEq(uint256(house.refreshCoverage(ETH)), uint256(CoverageLevel.Short));

        _trade(alice, ETH, -1e18);
        _matchAt(bob, alice, -1e18, 1_925e18);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGt(plan.closeSize, 0);
        _price(ETH, 1_905);
        assertTrue(_mark(alice));
        skipSeconds(30);
        _price(ETH, 1_905);
        vm.prank(carol.owner());
        ILiquidationEngine.TakeOverPlan memory taken = house.takeOver(_take(alice, ETH, type(uint256).max));
        assertGt(taken.takeSize, 0);
        assertGt(_size(carol, ETH), int256(0), "taking over enlarges a position, but not the market");
        _price(ETH, 1_500);
        if (_size(alice, ETH) != 0) _resolve(alice);
        _trade(bob, ETH, -_size(bob, ETH));
        assertEq(_size(bob, ETH), int256(0));
    }

    /// @dev RAMP-1: buffers that shrink make nobody liquidatable; they only keep from opening and withdrawing.
    function test_RAMP1_refreshCoverage_liquidatesNobody_whenBuffersShrink() public {
        _wantCoverage();
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _price(ETH, 1_960);
        uint256 health = _health(alice);
        uint256 required = _initialMargin(alice);
        assertGt(health, 1e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0, 1e18, 0));
        house.refreshCoverage(ETH);
        assertGt(_initialMargin(alice), required, "coverage and concentration");
        assertEq(_health(alice), health);
        assertFalse(_mark(alice));
        assertEq(_code(house.liquidate(alice, ETH, keeper)), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(house.freeCashOf(alice), 0);
    }

    /* CONCENTRATION */

    /// @dev The margin of a large position is that account's own: whoever spreads it over accounts does not pay it, and is then as many small accounts as any
    /// other crowd. What a crowd may do is bounded by what grows with open interest whoever holds it: the target of the buffers, and the ramp.
    function test_trade_sparesConcentration_whenAnExposureIsSpread() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.015e18, 50_000e18, 1e18, 0.1e18, 0));
        _fund(alice, 500_000e18);
        _fund(second, 500_000e18);
        _trade(alice, ETH, 500e18);
        // 10 % of a million, less the bootstrap; the bare margin is 5 % and what size costs.
        assertEq(_initialMargin(alice), 50_000e18 + 500e18 + 50_000e18);
        uint256 target = house.coverageOf(ETH).targetUsd;
        _trade(alice, ETH, -250e18);
        _trade(second, ETH, 250e18);
        assertEq(_initialMargin(alice), 25_000e18 + 125e18);
        assertEq(_initialMargin(second), 25_000e18 + 125e18);
        assertEq(house.coverageOf(ETH).targetUsd, target, "the market needs no less for it");
    }

    /// @dev Others who leave make a position the larger part of what the buffers are for; that too is initial margin only.
    function test_RAMP1_trade_liquidatesNobody_whenOthersLeave() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.05e18, 0, 1e18, 0.1e18, 0));
        _open(bob, ETH, 400_000e18, 1_500e18);
        _open(alice, ETH, 55_000e18, 500e18);
        uint256 health = _health(alice);
        uint256 before = _initialMargin(alice);
        _trade(bob, ETH, -1_500e18);
        assertGt(_initialMargin(alice), before + 49_000e18);
        assertGe(_health(alice), health - 1e16);
        assertFalse(_mark(alice));
        // It can leave, in steps of its own choice.
        _trade(alice, ETH, -250e18);
        _trade(alice, ETH, -250e18);
        assertEq(_size(alice, ETH), int256(0));
    }

    /* PREMIUMS */

    /// @dev ROUND-1: fees, edges and premiums of the first piece only make the second dearer.
    function testFuzz_ROUND1_matchOrders_paysNoLess_whenAnOpeningIsSplit(
        uint256 whole,
        uint256 part,
        uint256 cash
    ) public {
        _wantPremiums();
        whole = bound(whole, 2, 200) * 1e18;
        part = bound(part, 1, whole / 1e18 - 1) * 1e18;
        // From all that the margin needs to a hundred times that.
        cash = bound(cash, (whole * 2_000 * 6) / 100, (whole * 2_000 * 5)) + 10e18;
        AccountId rich = _trader("rich");
        _fund(rich, 100_000_000e18);
        _fund(bob, cash);
        _fund(carol, cash);
        uint256 before = _trancheUsd();
        _matchOf(rich, bob, int256(whole));
        uint256 paid = _trancheUsd() - before;
        uint256 ofRich = (whole * 2_000 * 3) / 4_000;
        paid -= ofRich;

        before = _trancheUsd();
        _matchOf(rich, carol, int256(part));
        _matchOf(rich, carol, int256(whole - part));
        uint256 pieces = _trancheUsd() - before;
        assertGe(pieces, paid + ofRich);
        assertGe(_cash(bob), _cash(carol), "and carol is no better off");
    }

    /// @dev Equity that is there for the moment of an opening saves three quarters at most.
    function test_matchOrders_takesAQuarter_whenEquityIsBorrowedForIt() public {
        _wantPremiums();
        _fund(alice, 100_000_000e18);
        _fund(bob, 6_000e18 + 100_000_000e18);
        _match(50e18);
        uint256 kept = house.freeCashOf(bob);
        _withdraw(bob, kept);
        // 10 bp of 100 000 for a fresh account, a quarter of it, of each.
        assertEq(_trancheUsd(), 150e18);
    }

    /// @dev An account that was liquidated pays like one that never was; a second account of its owner no less.
    function test_trade_paysAsMuch_whenTheOwnerBeginsAnew() public {
        _wantPremiums();
        _open(alice, ETH, 10_000e18, 80e18);
        _fund(bob, 1_000_000e18);
        skipSeconds(41 days);
        _price(ETH, 1_930);
        house.liquidate(alice, ETH, keeper);
        assertEq(house.standingOf(alice), 0);
        _trade(alice, ETH, -_size(alice, ETH));
        uint256 cash = _cash(alice);
        _fund(second, cash);
        uint256 before = _trancheUsd();
        _matchAt(bob, alice, 4e18, 1_930e18);
        uint256 ofAlice = _trancheUsd() - before;
        before = _trancheUsd();
        _matchAt(bob, second, 4e18, 1_930e18);
        assertApproxEqRel(_trancheUsd() - before, ofAlice, 0.01e18);
    }

    function _matchAt(AccountId maker, AccountId taker, int256 takerDelta, uint256 price) private {
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: maker,
                taker: taker,
                market: ETH,
                sizeDelta: takerDelta,
                price: price,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
    }
}
