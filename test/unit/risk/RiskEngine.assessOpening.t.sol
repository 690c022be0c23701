// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

contract RiskEngine_assessOpening_Test is RiskEngineTest {
    function setUp() public override {
        super.setUp();
        risk.setCoverTerms(ETH, coverTerms());
    }

    function _opening(uint256 size) private pure returns (IRiskEngine.Opening memory) {
        return IRiskEngine.Opening({index: 0, size: size, costsUsd: 0, goodDays: 30});
    }

    /* REVERTS */

    function test_assessOpening_revertsWhenTermsAreNotSet() public {
        Portfolio memory portfolio = portfolioOf(0, anExposure(UNSET, 1e18, 0));
        expectUnset(UNSET);
        risk.assessOpening(portfolio, _opening(1e18));
    }

    function test_assessOpening_revertsWhenTheIndexIsNone() public {
        Portfolio memory portfolio = portfolioOf(0, anExposure(ETH, 1e18, 0));
        IRiskEngine.Opening memory opening = _opening(1e18);
        opening.index = 1;
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        risk.assessOpening(portfolio, opening);
    }

    /* SUCCESS */

    function test_assessOpening_asksForThePremium_whenTheMarketHasOne() public {
        // A million of notional needs 50 000 by its rate; so much is there: one basis point.
        Portfolio memory portfolio = portfolioOf(50_000e18, anExposure(ETH, 250e18, 0));
        IRiskEngine.Opening memory opening = _opening(250e18);
        (int256 equity, uint256 required, uint256 premium) = risk.assessOpening(portfolio, opening);
        assertEq(equity, 50_000e18);
        assertEq(required, 50_500e18, "the premium is not part of it");
        assertEq(premium, 100e18);
        opening.goodDays = 0;
        (, , premium) = risk.assessOpening(portfolio, opening);
        assertEq(premium, 300e18);
        // What the fill cost was there before.
        portfolio.cashUsd = 40_000e18;
        opening = _opening(250e18);
        opening.costsUsd = 60_000e18;
        (, , premium) = risk.assessOpening(portfolio, opening);
        assertEq(premium, 50e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.015e18, 0, 0, 0, 0));
        (, , premium) = risk.assessOpening(portfolio, opening);
        assertEq(premium, 0);
    }

    function test_assessOpening_countsAllMarkets_whenEquityServesSeveral() public view {
        Portfolio memory both;
        both.cashUsd = 300_000e18;
        both.exposures = new Exposure[](2);
        both.exposures[0] = anExposure(ETH, 250e18, 0);
        both.exposures[1] = anExposure(ALT, -250e18, 0);
        both.exposures[1].openInterestUsd = 0;
        // 50 000 and 250 000 of margin are all there is; the fill added the 50 000.
        (, , uint256 premium) = risk.assessOpening(both, _opening(250e18));
        assertEq(premium, 183.333333333333333334e18);
        // The market of the fill says what it costs.
        IRiskEngine.Opening memory opening = _opening(250e18);
        opening.index = 1;
        (, , premium) = risk.assessOpening(both, opening);
        assertEq(premium, 0);
    }

    /* COVERAGE AND CONCENTRATION */

    function test_assess_raisesInitialMarginByAQuarter_whenCoverageIsLow() public view {
        Exposure memory exposure = anExposure(ETH, 250e18, 0);
        exposure.coverageLow = true;
        (, uint256 required) = initial(portfolioOf(0, exposure));
        assertEq(required, 63_000e18, "6.25 % and the size");
        // RAMP-1: what buffers do liquidates nobody.
        (, required) = maintenance(portfolioOf(0, exposure));
        assertEq(required, 30_500e18);
    }

    function test_assess_asksALargePositionForWhatBuffersDoNotReach() public view {
        // 10 % of 5 million is 500 000; 1.5 % of 20 million 300 000.
        (, uint256 required) = initial(portfolioOf(0, aNotional(5_000_000e18, 20_000_000e18)));
        assertEq(required, 250_000e18 + 200_000e18 + 1);
        (, required) = initial(portfolioOf(0, aNotional(3_000_000e18, 20_000_000e18)));
        assertEq(required, 150_000e18 + 1);
        // Alone in its market it is all the buffers have to be there for.
        (, required) = initial(portfolioOf(0, aNotional(5_000_000e18, 5_000_000e18)));
        assertEq(required, 250_000e18 + 250_000e18 + 1);
        (, required) = maintenance(portfolioOf(0, aNotional(5_000_000e18, 5_000_000e18)));
        assertEq(required, 150_000e18 + 1);
        // A pool is never kept from taking the other side by it.
        assertEq(risk.initialMarginOf(ETH, 5_000_000e18, 1e58, 5_000_000e18), 250_000e18 + 1);
    }

    /// @dev Both views agree in whatever is not the premium's.
    function testFuzz_assessOpening_assessesAlike(
        int256 size,
        uint256 cash,
        uint256 interest,
        uint256 opened,
        bool low
    ) public view {
        Exposure memory exposure = anExposure(ETH, bound(size, -1e26, 1e26), 0);
        exposure.openInterestUsd = bound(interest, 0, 1e30);
        exposure.coverageLow = low;
        Portfolio memory portfolio = portfolioOf(bound(cash, 0, 1 << 96), exposure);
        (int256 equity, uint256 required, ) = risk.assessOpening(portfolio, _opening(bound(opened, 0, 1e26)));
        (int256 expectedEquity, uint256 expected) = risk.assess(portfolio, MarginKind.Initial);
        assertEq(equity, expectedEquity);
        assertEq(required, expected);
    }
}
