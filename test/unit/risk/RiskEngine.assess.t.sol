// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

contract RiskEngine_assess_Test is RiskEngineTest {
    /* REVERTS */

    function test_assess_revertsWhenTermsAreNotSet() public {
        Portfolio memory portfolio = portfolioOf(0, anExposure(UNSET, 1e18, 0));
        expectUnset(UNSET);
        risk.assess(portfolio, MarginKind.Maintenance);
        expectUnset(UNSET);
        risk.assess(portfolio, MarginKind.Initial);
    }

    function test_assess_revertsWhenCashIsNoInt256() public {
        Portfolio memory portfolio;
        portfolio.cashUsd = uint256(type(int256).max);
        (int256 equityUsd, ) = maintenance(portfolio);
        assertEq(equityUsd, type(int256).max);
        portfolio.creditLineUsd = 1;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintToInt.selector, uint256(type(int256).max) + 1)
        );
        risk.assess(portfolio, MarginKind.Maintenance);
        portfolio.creditLineUsd = type(uint256).max;
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        risk.assess(portfolio, MarginKind.Maintenance);
    }

    /* EDGES */

    function test_assess_countsCashAndCredit_whenThereIsNoExposure() public view {
        Portfolio memory portfolio;
        portfolio.cashUsd = 7e18;
        portfolio.creditLineUsd = 5e18;
        _assertMaintenance(portfolio, 12e18, 0);
        _assertInitial(portfolio, 12e18, 0);
    }

    function test_assess_requiresNothing_whenSizeIsZero() public view {
        // A flat claim counts its value; a flat debt too.
        _assertMaintenance(portfolioOf(0, anExposure(ETH, 0, -9e18)), -9e18, 0);
        _assertInitial(portfolioOf(0, anExposure(ETH, 0, -9e18)), -9e18, 0);
        _assertMaintenance(portfolioOf(0, anExposure(ETH, 0, 9e18)), 9e18, 0);
    }

    function test_assess_roundsRequirementUp_whenSizeIsOneUnit() public view {
        Exposure memory tiny = anExposure(ETH, 1, 0);
        tiny.price = 1;
        _assertMaintenance(portfolioOf(0, tiny), 0, 2);
        _assertInitial(portfolioOf(0, tiny), 0, 2);
        tiny.size = -1;
        _assertMaintenance(portfolioOf(0, tiny), 0, 2);
    }

    /* SUCCESS */

    function test_assess_requiresReferenceMargins() public view {
        // N = $1M at D = $10M: 3 % + 0.05 %, 5 % + 0.05 %. Longs and shorts alike.
        _assertMaintenance(portfolioOf(40_000e18, anExposure(ETH, 250e18, -1_000e18)), 39_000e18, 30_500e18);
        _assertInitial(portfolioOf(40_000e18, anExposure(ETH, -250e18, -1_000e18)), 39_000e18, 50_500e18);
        // ALT's rates stand at 1.25 times: 15 % and 25 %, 1 % per depth.
        Exposure memory thin = anExposure(ALT, 25e18, 0);
        thin.depthUsd = 1_000_000e18;
        thin.openInterestUsd = 0;
        _assertMaintenance(portfolioOf(0, thin), 0, 15_100e18);
        _assertInitial(portfolioOf(0, thin), 0, 25_100e18);
    }

    function test_assess_countsGainsInFull_whenMaintenance() public view {
        Exposure memory gain = anExposure(ETH, 250e18, 60_000e18);
        gain.lossPending = true;
        _assertMaintenance(portfolioOf(0, gain), 60_000e18, 30_500e18);
    }

    function test_assess_countsShareOfMaturedGain_whenInitial() public view {
        Exposure memory gain = anExposure(ETH, 250e18, 60_000e18);
        _assertInitial(portfolioOf(0, gain), 0, 50_500e18);
        gain.maturedUsd = 50_000e18;
        _assertInitial(portfolioOf(0, gain), 45_000e18, 50_500e18);
        // More matured than there is: what there is.
        gain.maturedUsd = 70_000e18;
        _assertInitial(portfolioOf(0, gain), 54_000e18, 50_500e18);
        // A pending loss may still charge γ_max of it.
        gain.lossPending = true;
        _assertInitial(portfolioOf(0, gain), 43_200e18, 50_500e18);
        // A loss counts in full whatever is said to have matured.
        gain.valueUsd = -1;
        _assertInitial(portfolioOf(0, gain), -1, 50_500e18);
    }

    /// @dev PRICE-1: without a price that can be trusted nobody is liquidated, and nothing can be opened on it.
    function test_PRICE1_assess_shocksValue_whenPriceIsNotValid() public view {
        for (uint8 status; status <= uint8(PriceStatus.SequencerDown); ++status) {
            if (PriceStatus(status) == PriceStatus.Valid) continue;
            Exposure memory stale = anExposure(ETH, -250e18, -20_000e18);
            stale.status = PriceStatus(status);
            // m_I·ρ_max = 15 % of $1M in favour, nothing required.
            _assertMaintenance(portfolioOf(1_000e18, stale), 131_000e18, 0);
            // The same against, on top of the whole requirement.
            _assertInitial(portfolioOf(1_000e18, stale), -169_000e18, 50_500e18);
            // A gain is first moved against the account; what is left counts as far as matured.
            stale.valueUsd = 200_000e18;
            stale.maturedUsd = 30_000e18;
            _assertMaintenance(portfolioOf(0, stale), 350_000e18, 0);
            _assertInitial(portfolioOf(0, stale), 27_000e18, 50_500e18);
            stale.maturedUsd = 80_000e18;
            _assertInitial(portfolioOf(0, stale), 45_000e18, 50_500e18);
        }
    }

    function test_assess_addsMargin_whenMarketFillsUp() public view {
        Exposure memory crowded = anExposure(ETH, 250e18, 0);
        crowded.openInterestUsd = 50_000_000e18;
        _assertInitial(portfolioOf(0, crowded), 0, 50_500e18);
        // Half way m_OI is half of 95 %.
        crowded.openInterestUsd = 125_000_000e18;
        _assertInitial(portfolioOf(0, crowded), 0, 525_500e18);
        // At the end a position needs its whole notional, and the size term.
        crowded.openInterestUsd = 200_000_000e18;
        _assertInitial(portfolioOf(0, crowded), 0, 1_000_500e18);
        crowded.openInterestUsd = type(uint256).max;
        _assertInitial(portfolioOf(0, crowded), 0, 1_000_500e18);
        // Maintenance never rises with it.
        _assertMaintenance(portfolioOf(0, crowded), 0, 30_500e18);
    }

    function test_assess_sumsExposures() public view {
        Portfolio memory both;
        both.cashUsd = 100e18;
        both.exposures = new Exposure[](2);
        both.exposures[0] = anExposure(ETH, 250e18, 10_000e18);
        both.exposures[1] = anExposure(ALT, -25e18, -4_000e18);
        _assertMaintenance(both, 6_100e18, 30_500e18 + 15_010e18);
        (int256 equityUsd, uint256 requiredUsd) = initial(both);
        assertEq(equityUsd, -3_900e18);
        // ALT: 25 % + 0.01 % and, at $20M of open interest, the whole ramp: 80 %.
        assertEq(requiredUsd, 50_500e18 + 105_010e18);
    }

    /* FUZZ */

    struct Raw {
        uint8 kind;
        int256 size;
        uint256 price;
        int256 valueUsd;
        uint256 maturedUsd;
        uint256 depthUsd;
        uint256 openInterestUsd;
    }

    /// @dev HEALTH-1: what satisfies the initial requirement satisfies the maintenance requirement, in any state.
    function testFuzz_HEALTH1_assess_initialImpliesMaintenance(Raw memory raw, uint256 cash) public view {
        Exposure memory exposure = _anyExposure(raw);
        Portfolio memory portfolio = portfolioOf(bound(cash, 0, 1 << 96), exposure);
        (int256 equityUsd, uint256 requiredUsd) = maintenance(portfolio);
        (int256 openingUsd, uint256 initialUsd) = initial(portfolio);
        assertGe(initialUsd, requiredUsd);
        assertLe(openingUsd, equityUsd);
    }

    /// @dev Against the formulas, written a second time with the terms as numbers.
    function testFuzz_assess_equalsFormulas(Raw memory raw, uint256 cash) public view {
        Exposure memory e = _anyExposure(raw);
        IRiskEngine.RiskTerms memory t = e.market == ETH ? ethTerms() : altTerms();
        cash = bound(cash, 0, 1 << 96);
        uint256 notional = _up(uint256(e.size < 0 ? -e.size : e.size) * e.price, ONE);
        _assertMaintenance(e, t, cash, notional);
        _assertInitial(e, t, cash, notional);
    }

    function _assertMaintenance(
        Exposure memory e,
        IRiskEngine.RiskTerms memory t,
        uint256 cash,
        uint256 notional
    ) private view {
        uint256 depth = e.depthUsd < ONE ? ONE : e.depthUsd;
        uint256 sized = _up(notional * t.sizeSlope, ONE);
        // N·μN/D: the engine rounds once, here twice, so up to two units above.
        uint256 slope = (_up(notional, 1e9) * _up(sized, 1e9)) / (depth / 1e18);
        (int256 equityUsd, uint256 requiredUsd) = maintenance(portfolioOf(cash, e));
        if (e.status == PriceStatus.Valid) {
            assertEq(equityUsd, int256(cash) + e.valueUsd);
            uint256 flat = _up((notional * t.maintenanceMargin * t.multiplier) / ONE, ONE);
            assertGe(requiredUsd, flat);
            assertLe(requiredUsd - flat, slope + 2);
        } else {
            uint256 shock = (t.initialMargin * t.maxMultiplier) / ONE;
            assertEq(equityUsd, int256(cash) + e.valueUsd + int256((notional * shock) / ONE));
            assertEq(requiredUsd, 0);
        }
    }

    function _assertInitial(
        Exposure memory e,
        IRiskEngine.RiskTerms memory t,
        uint256 cash,
        uint256 notional
    ) private view {
        uint256 shock = (t.initialMargin * t.maxMultiplier) / ONE;
        int256 value = e.valueUsd;
        if (e.status != PriceStatus.Valid) value -= int256(_up(notional * shock, ONE));
        if (value > 0) {
            uint256 counted = uint256(value) < e.maturedUsd ? uint256(value) : e.maturedUsd;
            counted = (counted * t.gainShare) / ONE;
            if (e.lossPending) counted = (counted * (ONE - t.maxCharge)) / ONE;
            value = int256(counted);
        }
        (int256 equityUsd, uint256 requiredUsd) = initial(portfolioOf(cash, e));
        assertEq(equityUsd, int256(cash) + value);
        assertEq(requiredUsd, risk.initialMarginOf(e.market, notional, e.depthUsd, e.openInterestUsd));
    }

    function testFuzz_assess_isAdditive(Raw memory rawFirst, Raw memory rawSecond) public view {
        Portfolio memory both;
        both.exposures = new Exposure[](2);
        both.exposures[0] = _anyExposure(rawFirst);
        both.exposures[1] = _anyExposure(rawSecond);
        for (uint8 kind; kind < 2; ++kind) {
            (int256 equityUsd, uint256 requiredUsd) = risk.assess(both, MarginKind(kind));
            (int256 first, uint256 firstRequired) = risk.assess(portfolioOf(0, both.exposures[0]), MarginKind(kind));
            (int256 second, uint256 secondRequired) = risk.assess(portfolioOf(0, both.exposures[1]), MarginKind(kind));
            assertEq(equityUsd, first + second);
            assertEq(requiredUsd, firstRequired + secondRequired);
        }
    }

    function _anyExposure(Raw memory raw) private pure returns (Exposure memory) {
        return
            Exposure({
                market: raw.kind % 2 == 0 ? ETH : ALT,
                // Half of them valid.
                status: raw.kind % 4 < 2 ? PriceStatus.Valid : PriceStatus((raw.kind / 4) % 7),
                size: bound(raw.size, -1e26, 1e26),
                price: bound(raw.price, 0, 1e24),
                valueUsd: bound(raw.valueUsd, -1e30, 1e30),
                maturedUsd: bound(raw.maturedUsd, 0, 1e30),
                depthUsd: bound(raw.depthUsd, 0, 1e30),
                openInterestUsd: bound(raw.openInterestUsd, 0, 1e30),
                lossPending: raw.kind >= 128,
                coverageLow: false
            });
    }

    function _up(uint256 x, uint256 y) private pure returns (uint256) {
        return x == 0 ? 0 : (x - 1) / y + 1;
    }

    function _assertMaintenance(Portfolio memory portfolio, int256 equity, uint256 required) private view {
        (int256 equityUsd, uint256 requiredUsd) = maintenance(portfolio);
        assertEq(equityUsd, equity);
        assertEq(requiredUsd, required);
    }

    function _assertInitial(Portfolio memory portfolio, int256 equity, uint256 required) private view {
        (int256 equityUsd, uint256 requiredUsd) = initial(portfolio);
        assertEq(equityUsd, equity);
        assertEq(requiredUsd, required);
    }
}
