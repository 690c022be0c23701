// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IOffsetMargin} from "../../../contracts/interfaces/IOffsetMargin.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

abstract contract OffsetRiskEngineTest is RiskEngineTest {
    MarketId internal constant BTC = MarketId.wrap(1);
    MarketId internal constant SOL = MarketId.wrap(2);
    uint256 internal constant MAJORS = 1;

    IRiskEngine internal engine;
    IOffsetMargin internal offsets;

    function setUp() public virtual override {
        super.setUp();
        risk.setRiskTerms(BTC, ethTerms());
        risk.setRiskTerms(SOL, ethTerms());
        address manager = deploy("AccessManager", abi.encode(address(this)));
        address deployed = deploy("OffsetRiskEngine", abi.encode(manager, risk));
        (engine, offsets) = (IRiskEngine(deployed), IOffsetMargin(deployed));
        offsets.setGroup(ETH, MAJORS);
        offsets.setGroup(BTC, MAJORS);
        offsets.setCorrelation(MAJORS, 0.6e18);
    }

    /// @dev A million dollars long in ETH, and `other` in `market`, where a whole is 4 000 USD.
    function _hedge(MarketId market, int256 other) internal pure returns (Portfolio memory portfolio) {
        portfolio.cashUsd = 1_000_000e18;
        portfolio.exposures = new Exposure[](2);
        portfolio.exposures[0] = anExposure(ETH, 250e18, 0);
        portfolio.exposures[1] = anExposure(market, other, 0);
    }

    function _required(
        IRiskEngine judge,
        Portfolio memory portfolio,
        MarginKind kind
    ) internal view returns (uint256 usd) {
        (, usd) = judge.assess(portfolio, kind);
    }

    /// @dev What the engine in front takes off initial margin; equity and maintenance margin are the base's.
    function _assertOffset(Portfolio memory portfolio, uint256 offsetUsd) internal view {
        assertEq(offsets.offsetOf(portfolio), offsetUsd, "offset");
        uint256 plain = _required(risk, portfolio, MarginKind.Initial);
        assertEq(_required(engine, portfolio, MarginKind.Initial), plain - offsetUsd, "initial");
        uint256 maintenanceUsd = _required(risk, portfolio, MarginKind.Maintenance);
        assertEq(_required(engine, portfolio, MarginKind.Maintenance), maintenanceUsd, "maintenance");
        for (uint256 kind; kind < 2; ++kind) {
            (int256 equityUsd, ) = engine.assess(portfolio, MarginKind(kind));
            (int256 plainUsd, ) = risk.assess(portfolio, MarginKind(kind));
            assertEq(equityUsd, plainUsd, "equity");
        }
    }
}

contract OffsetRiskEngine_assess_Test is OffsetRiskEngineTest {
    function test_assess_asksLess_whenALegIsHedged() public view {
        // L = S = 50 000, M_M = 60 000: 2·0.6·50 000 = 60 000, but half of 100 000 − 60 000 = 20 000.
        _assertOffset(_hedge(BTC, -250e18), 20_000e18);
        // S = 5 000: 2·0.6·5 000 = 6 000 of 55 000 − 33 000.
        _assertOffset(_hedge(BTC, -25e18), 6_000e18);
    }

    function test_assess_asksAllOfIt_whenNothingIsHedged() public view {
        _assertOffset(_hedge(BTC, 250e18), 0);
        _assertOffset(_hedge(SOL, -250e18), 0);
        _assertOffset(_hedge(BTC, 0), 0);
        _assertOffset(portfolioOf(1e18, anExposure(ETH, 250e18, 0)), 0);
        Portfolio memory nothing;
        _assertOffset(nothing, 0);
    }

    function test_assess_asksAllOfIt_whenALegIsInDoubt() public view {
        Portfolio memory portfolio = _hedge(BTC, -250e18);
        portfolio.exposures[1].lossPending = true;
        _assertOffset(portfolio, 0);
        portfolio = _hedge(BTC, -250e18);
        portfolio.exposures[0].coverageLow = true;
        _assertOffset(portfolio, 0);
        for (uint256 status; status <= uint256(type(PriceStatus).max); ++status) {
            if (PriceStatus(status) == PriceStatus.Valid) continue;
            portfolio = _hedge(BTC, -250e18);
            portfolio.exposures[1].status = PriceStatus(status);
            _assertOffset(portfolio, 0);
        }
    }

    function test_assess_offsetsNothing_whenCorrelationsAreNotSet() public {
        offsets.setCorrelation(MAJORS, 0);
        _assertOffset(_hedge(BTC, -250e18), 0);
        offsets.setCorrelation(MAJORS, 0.8e18);
        offsets.setGroup(BTC, 0);
        _assertOffset(_hedge(BTC, -250e18), 0);
    }

    function test_assess_addsUpGroups() public {
        offsets.setGroup(SOL, 2);
        offsets.setGroup(ALT, 2);
        offsets.setCorrelation(2, 0.25e18);
        Portfolio memory portfolio = _hedge(BTC, -25e18);
        Exposure[] memory exposures = new Exposure[](4);
        exposures[0] = portfolio.exposures[0];
        exposures[1] = portfolio.exposures[1];
        exposures[2] = anExposure(SOL, -250e18, 0);
        exposures[3] = anExposure(ALT, 2.5e18, 0);
        portfolio.exposures = exposures;
        // The second group: L = 10 000 · 25 % = 2 500, S = 50 000, offset 2·0.25·2 500. ALT's market is beyond its ramp, which is asked in full.
        _assertOffset(portfolio, 6_000e18 + 1_250e18);
    }

    function test_assess_countsThreeLegsOfAGroupTogether() public {
        offsets.setGroup(SOL, MAJORS);
        Portfolio memory portfolio = _hedge(BTC, -25e18);
        Exposure[] memory exposures = new Exposure[](3);
        exposures[0] = portfolio.exposures[0];
        exposures[1] = portfolio.exposures[1];
        exposures[2] = anExposure(SOL, -25e18, 0);
        portfolio.exposures = exposures;
        _assertOffset(portfolio, 12_000e18);
    }

    /// @dev What a loss costs beyond doubt is still covered: initial margin with offsets is above maintenance margin, by at least half of what it was.
    function testFuzz_assess_leavesHalfTheDistance(
        int256 first,
        int256 second,
        int256 third,
        uint256 correlation
    ) public {
        offsets.setGroup(SOL, MAJORS);
        offsets.setCorrelation(MAJORS, bound(correlation, 0, 0.8e18));
        Portfolio memory portfolio = _hedge(BTC, bound(second, -3_000e18, 3_000e18));
        portfolio.exposures[0].size = bound(first, -3_000e18, 3_000e18);
        Exposure[] memory exposures = new Exposure[](3);
        exposures[0] = portfolio.exposures[0];
        exposures[1] = portfolio.exposures[1];
        exposures[2] = anExposure(SOL, bound(third, -3_000e18, 3_000e18), 0);
        portfolio.exposures = exposures;
        uint256 plain = _required(risk, portfolio, MarginKind.Initial);
        uint256 maintenanceUsd = _required(risk, portfolio, MarginKind.Maintenance);
        uint256 asked = _required(engine, portfolio, MarginKind.Initial);
        assertLe(asked, plain, "an offset never asks for more");
        assertGe(2 * (asked - maintenanceUsd) + 8, plain - maintenanceUsd, "half of the distance");
    }
}

contract OffsetRiskEngine_assessOpening_Test is OffsetRiskEngineTest {
    function test_assessOpening_asksLessAndTheSamePremium_whenALegIsHedged() public {
        risk.setCoverTerms(ETH, coverTerms());
        Portfolio memory portfolio = _hedge(BTC, -25e18);
        IRiskEngine.Opening memory opening = IRiskEngine.Opening(0, 250e18, 500e18, 0);
        (int256 plainEquity, uint256 plain, uint256 plainPremium) = risk.assessOpening(portfolio, opening);
        (int256 equity, uint256 required, uint256 premium) = engine.assessOpening(portfolio, opening);
        assertEq(equity, plainEquity);
        assertEq(required, plain - 6_000e18);
        assertEq(premium, plainPremium);
        assertGt(premium, 0);
    }
}

contract OffsetRiskEngine_terms_Test is OffsetRiskEngineTest {
    function test_setGroup_revertsWhenThereIsNoSuchGroup() public {
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.GroupOutOfBounds.selector, 256, 0, 255));
        offsets.setGroup(ETH, 256);
        offsets.setGroup(ETH, 255);
        assertEq(offsets.groupOf(ETH), 255);
    }

    function test_setCorrelation_revertsWhenOutOfBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.GroupOutOfBounds.selector, 0, 1, 255));
        offsets.setCorrelation(0, 0.1e18);
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.GroupOutOfBounds.selector, 256, 1, 255));
        offsets.setCorrelation(256, 0.1e18);
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.CorrelationTooHigh.selector, 1, 0.8e18 + 1, 0.8e18));
        offsets.setCorrelation(1, 0.8e18 + 1);
        offsets.setCorrelation(255, 0.8e18);
        assertEq(offsets.correlationOf(255), 0.8e18);
    }

    function test_setGroup_emitsWhatChanged() public {
        vm.expectEmit(address(offsets));
        emit IOffsetMargin.GroupSet(ETH, MAJORS, 3);
        offsets.setGroup(ETH, 3);
        vm.expectEmit(address(offsets));
        emit IOffsetMargin.CorrelationSet(MAJORS, 0.6e18, 0.5e18);
        offsets.setCorrelation(MAJORS, 0.5e18);
    }

    function test_setGroup_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        offsets.setGroup(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        offsets.setCorrelation(MAJORS, 0);
        vm.stopPrank();
    }

    function test_setRiskTerms_revertsBecauseTheyAreTheBases() public {
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.TermsSetElsewhere.selector, risk));
        engine.setRiskTerms(ETH, ethTerms());
        vm.expectRevert(abi.encodeWithSelector(IOffsetMargin.TermsSetElsewhere.selector, risk));
        engine.setCoverTerms(ETH, coverTerms());
    }

    function test_ratesOf_areTheBases() public {
        risk.setCoverTerms(ALT, coverTerms());
        assertEq(abi.encode(engine.ratesOf(ALT)), abi.encode(risk.ratesOf(ALT)));
        assertEq(abi.encode(engine.riskTermsOf(ALT)), abi.encode(risk.riskTermsOf(ALT)));
        assertEq(abi.encode(engine.coverTermsOf(ALT)), abi.encode(risk.coverTermsOf(ALT)));
        assertEq(engine.initialMarginOf(ALT, 1e24, 1e25, 3e24), risk.initialMarginOf(ALT, 1e24, 1e25, 3e24));
        assertEq(address(offsets.BASE()), address(risk));
    }
}
