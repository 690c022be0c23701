// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdaptiveMargin} from "../interfaces/IAdaptiveMargin.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {CoverageMath} from "../libraries/CoverageMath.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {OpenedRisk, PremiumMath} from "../libraries/PremiumMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Congestion, Following, Implied, MarginMultipliers, Pace} from "./MarginMultipliers.sol";
import {Cover, PackedRates, RATE_STEP, Ramp, RiskParameters} from "./RiskParameters.sol";

/// @title The judge of accounts
/// @notice Owns the risk terms of every market. It never reads a price, an account or the ledger: all it judges is what it is handed. What it asks for is how prices move (IVolatility).
/// Invariant: RAMP-1.
contract RiskEngine is IRiskEngine, IAdaptiveMargin, AccessManaged {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using RiskParameters for RiskParameters.Data;
    using MarginMultipliers for MarginMultipliers.Data;

    RiskParameters.Data private _parameters;
    MarginMultipliers.Data private _multipliers;

    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /* GOVERNANCE */

    /// @inheritdoc IRiskEngine
    function setRiskTerms(MarketId market, RiskTerms calldata newTerms) external restricted {
        RiskTerms memory oldTerms = _parameters.unpack(market);
        PackedRates before = _parameters.rates[market];
        _parameters.store(market, newTerms);
        _multipliers.rescale(market, before, _parameters.rates[market]);
        emit RiskTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc IRiskEngine
    function setCoverTerms(MarketId market, CoverTerms calldata newTerms) external restricted {
        CoverTerms memory oldTerms = _parameters.unpackCover(market);
        _parameters.storeCover(market, newTerms);
        emit CoverTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc IAdaptiveMargin
    function setAdaptiveTerms(MarketId market, AdaptiveTerms calldata newTerms) external restricted {
        AdaptiveTerms memory oldTerms = _adaptiveTermsOf(market);
        _multipliers.setFollowing(market, newTerms, _parameters.load(market));
        emit AdaptiveTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc IAdaptiveMargin
    function setImpliedTerms(MarketId market, ImpliedTerms calldata newTerms) external restricted {
        ImpliedTerms memory oldTerms = _impliedTermsOf(market);
        _multipliers.setImplied(market, newTerms);
        emit ImpliedTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc IAdaptiveMargin
    function setCongestionTerms(CongestionTerms calldata newTerms) external restricted {
        CongestionTerms memory oldTerms = _congestionTerms();
        _multipliers.setCongestion(newTerms);
        emit CongestionTermsSet(oldTerms, newTerms);
    }

    /* STEWARD */

    /// @inheritdoc IAdaptiveMargin
    function raiseRegime(
        MarketId market,
        RegimeComponent component,
        uint256 excess,
        uint256 lifetimeSeconds
    ) external restricted {
        PackedRates packed = _parameters.load(market);
        uint256 until = _multipliers.raise(market, component, excess, lifetimeSeconds, packed);
        emit RegimeRaised(market, component, excess, until);
    }

    /* ANYONE */

    /// @inheritdoc IAdaptiveMargin
    function refresh(MarketId market) external {
        (uint256 asked, uint256 target, uint256 acting) = _multipliers.refresh(market, _parameters.load(market));
        emit MarginsRefreshed(market, asked * RATE_STEP, target * RATE_STEP, acting * RATE_STEP);
    }

    /* VIEWS */

    /// @inheritdoc IRiskEngine
    function assess(
        Portfolio calldata portfolio,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd) {
        equityUsd = (portfolio.cashUsd + portfolio.creditLineUsd).toInt();
        Exposure[] calldata exposures = portfolio.exposures;
        for (uint256 i; i < exposures.length; ++i) {
            (int256 valueUsd, uint256 marginUsd) = kind == MarginKind.Maintenance
                ? _maintenance(exposures[i])
                : _initialOf(exposures[i]);
            equityUsd += valueUsd;
            requiredUsd += marginUsd;
        }
    }

    /// @inheritdoc IRiskEngine
    function assessOpening(
        Portfolio calldata portfolio,
        Opening calldata opening
    ) external view returns (int256 equityUsd, uint256 requiredUsd, uint256 premiumUsd) {
        equityUsd = (portfolio.cashUsd + portfolio.creditLineUsd).toInt();
        Exposure[] calldata exposures = portfolio.exposures;
        OpenedRisk memory opened;
        uint256 openedRate;
        for (uint256 i; i < exposures.length; ++i) {
            PackedRates packed = _parameters.load(exposures[i].market);
            uint256 rate = _initialRate(exposures[i].market, packed);
            (int256 valueUsd, uint256 marginUsd) = _initial(exposures[i], packed, rate);
            equityUsd += valueUsd;
            requiredUsd += marginUsd;
            opened.marginUsd += _notionalUp(exposures[i]).mulWadUp(rate);
            if (i == opening.index) openedRate = rate;
        }
        Exposure calldata exposure = exposures[opening.index];
        opened.rateD9 = _parameters.covers[exposure.market].premiumRate;
        if (opened.rateD9 == 0) return (equityUsd, requiredUsd, 0);

        opened.notionalUsd = opening.size.mulWadUp(exposure.price);
        opened.addedMarginUsd = opened.notionalUsd.mulWadDown(openedRate);
        opened.equityUsd = equityUsd + opening.costsUsd.toInt();
        opened.goodDays = opening.goodDays;
        premiumUsd = PremiumMath.premiumUp(opened);
    }

    /// @inheritdoc IRiskEngine
    function ratesOf(MarketId market) external view returns (MarginRates memory rates) {
        PackedRates packed = _parameters.load(market);
        rates.initialRate = _refreshedRate(market, packed);
        rates.maintenanceRate = _maintenanceRate(market, packed);
        rates.sizeSlope = packed.rateD18(RiskTerm.SizeSlope);
    }

    /// @inheritdoc IRiskEngine
    function initialMarginOf(
        MarketId market,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) external view returns (uint256 requiredUsd) {
        PackedRates packed = _parameters.load(market);
        uint256 rate = _refreshedRate(market, packed);
        if (openInterestUsd > packed.calmUsd()) rate += _rampRate(market, packed, openInterestUsd);
        return MarginMath.requirementUp(notionalUsd, rate, packed.rateD18(RiskTerm.SizeSlope), depthUsd);
    }

    /// @inheritdoc IRiskEngine
    function riskTermsOf(MarketId market) external view returns (RiskTerms memory terms) {
        return _parameters.unpack(market);
    }

    /// @inheritdoc IRiskEngine
    function coverTermsOf(MarketId market) external view returns (CoverTerms memory terms) {
        return _parameters.unpackCover(market);
    }

    /// @inheritdoc IAdaptiveMargin
    function multipliersOf(MarketId market) external view returns (Multipliers memory multipliers) {
        PackedRates packed = _parameters.load(market);
        Pace pace = _multipliers.paces[market];
        multipliers.initial = _multipliers.initial(market, packed) * RATE_STEP;
        multipliers.refreshed = _multipliers.refreshed(market, packed) * RATE_STEP;
        multipliers.maintenance = _multipliers.maintenance(market, packed) * RATE_STEP;
        multipliers.asked = pace.asked() * RATE_STEP;
        multipliers.regime = (pace.regime() * WAD) / 100;
        multipliers.refreshedAt = pace.since();
    }

    /// @inheritdoc IAdaptiveMargin
    function adaptiveTermsOf(MarketId market) external view returns (AdaptiveTerms memory) {
        return _adaptiveTermsOf(market);
    }

    /// @inheritdoc IAdaptiveMargin
    function impliedTermsOf(MarketId market) external view returns (ImpliedTerms memory) {
        return _impliedTermsOf(market);
    }

    /// @inheritdoc IAdaptiveMargin
    function congestionTerms() external view returns (CongestionTerms memory) {
        return _congestionTerms();
    }

    /* PRIVATE */

    function _adaptiveTermsOf(MarketId market) private view returns (AdaptiveTerms memory terms) {
        Following memory following = _multipliers.followings[market];
        terms.source = following.source;
        terms.horizonSeconds = following.horizonSeconds;
        terms.deviations = following.deviations * MarginMultipliers.DEVIATIONS_STEP;
        for (uint256 i; i < 4; ++i) {
            uint256 cap = _multipliers.capOf(market, RegimeComponent(i));
            terms.regimeCaps[i] = cap * MarginMultipliers.PERCENT;
        }
    }

    function _impliedTermsOf(MarketId market) private view returns (ImpliedTerms memory) {
        Implied memory implied = _multipliers.implieds[market];
        return ImpliedTerms(implied.feed, implied.maxAgeSeconds, implied.wholeAnswer);
    }

    function _congestionTerms() private view returns (CongestionTerms memory) {
        Congestion memory congestion = _multipliers.congestion;
        return CongestionTerms(congestion.calm, congestion.full);
    }

    /// @dev See `_initial`.
    function _initialOf(Exposure calldata exposure) private view returns (int256 valueUsd, uint256 requiredUsd) {
        PackedRates packed = _parameters.load(exposure.market);
        return _initial(exposure, packed, _initialRate(exposure.market, packed));
    }

    /// @dev Gains and losses in full. Without a valid price: the value, moved in the account's favour by the largest initial rate, and no
    /// requirement, so that nobody is liquidated on a price that cannot be trusted (PRICE-1).
    function _maintenance(Exposure calldata exposure) private view returns (int256 valueUsd, uint256 requiredUsd) {
        PackedRates packed = _parameters.load(exposure.market);
        uint256 notionalUsd = _notionalUp(exposure);
        if (exposure.status != PriceStatus.Valid) {
            return (exposure.valueUsd + notionalUsd.mulWadDown(_shockRate(packed)).toInt(), 0);
        }
        valueUsd = exposure.valueUsd;
        requiredUsd = MarginMath.requirementUp(
            notionalUsd,
            _maintenanceRate(exposure.market, packed),
            packed.rateD18(RiskTerm.SizeSlope),
            exposure.depthUsd
        );
    }

    /// @dev Losses in full, gains as the share of their matured part that may be lent against. Without a valid price: first moved against the
    /// account by the largest initial rate.
    /// @param rate D18{1}, m_I·ρ
    function _initial(
        Exposure calldata exposure,
        PackedRates packed,
        uint256 rate
    ) private view returns (int256 valueUsd, uint256 requiredUsd) {
        uint256 notionalUsd = _notionalUp(exposure);
        requiredUsd = _initialMargin(exposure, packed, rate, notionalUsd);
        valueUsd = exposure.valueUsd;
        if (exposure.status != PriceStatus.Valid) valueUsd -= notionalUsd.mulWadUp(_shockRate(packed)).toInt();
        if (valueUsd <= 0) return (valueUsd, requiredUsd);

        uint256 gainUsd = Math.min(uint256(valueUsd), exposure.maturedUsd);
        gainUsd = gainUsd.mulWadDown(packed.rateD18(RiskTerm.GainShare));
        if (exposure.lossPending) gainUsd = gainUsd.mulWadDown(WAD - packed.rateD18(RiskTerm.MaxCharge));
        valueUsd = gainUsd.toInt();
    }

    /// @dev N·(m_I·ρ + μN/D) + N·m_OI, the rate a quarter higher where coverage is low, and what a move of q costs beyond the buffers' target. D18{USD}, rounded up.
    function _initialMargin(
        Exposure calldata exposure,
        PackedRates packed,
        uint256 rate,
        uint256 notionalUsd
    ) private view returns (uint256 requiredUsd) {
        if (exposure.coverageLow) rate = CoverageMath.raisedRateUp(rate);
        uint256 openInterestUsd = exposure.openInterestUsd;
        if (openInterestUsd > packed.calmUsd()) {
            rate += _rampRate(exposure.market, packed, openInterestUsd);
            requiredUsd = _concentration(exposure.market, notionalUsd, openInterestUsd);
        }
        requiredUsd += MarginMath.requirementUp(
            notionalUsd,
            rate,
            packed.rateD18(RiskTerm.SizeSlope),
            exposure.depthUsd
        );
    }

    /// @dev max(0, q·N − max(bootstrap, t·OI)), D18{USD}, rounded up.
    function _concentration(
        MarketId market,
        uint256 notionalUsd,
        uint256 openInterestUsd
    ) private view returns (uint256) {
        Cover storage cover = _parameters.covers[market];
        uint256 move = cover.concentrationMove;
        if (move == 0) return 0;
        return
            CoverageMath.concentrationUp(
                notionalUsd,
                move * RATE_STEP,
                openInterestUsd,
                cover.coverageTarget * RATE_STEP,
                cover.bootstrapUsd
            );
    }

    /// @dev m_OI, D18{1}, rounded up.
    function _rampRate(MarketId market, PackedRates packed, uint256 openInterestUsd) private view returns (uint256) {
        Ramp storage ramp = _parameters.ramps[market];
        return
            MarginMath.openInterestRateUp(
                openInterestUsd,
                ramp.startUsd,
                ramp.endUsd,
                packed.rateD18(RiskTerm.InitialMargin)
            );
    }

    /// @dev m_I·ρ, D18{1}.
    function _initialRate(MarketId market, PackedRates packed) private view returns (uint256) {
        return packed.rateD9(RiskTerm.InitialMargin) * _multipliers.initial(market, packed);
    }

    /// @dev m_I·ρ as of the last refresh, D18{1}.
    function _refreshedRate(MarketId market, PackedRates packed) private view returns (uint256) {
        return packed.rateD9(RiskTerm.InitialMargin) * _multipliers.refreshed(market, packed);
    }

    /// @dev m_M·ρ, D18{1}.
    function _maintenanceRate(MarketId market, PackedRates packed) private view returns (uint256) {
        return packed.rateD9(RiskTerm.MaintenanceMargin) * _multipliers.maintenance(market, packed);
    }

    /// @dev m_I·ρ_max, D18{1}: the move assumed where no price can be trusted.
    function _shockRate(PackedRates packed) private pure returns (uint256) {
        return packed.rateD9(RiskTerm.InitialMargin) * packed.rateD9(RiskTerm.MaxMultiplier);
    }

    /// @dev |s|·P, D18{USD}, rounded up.
    function _notionalUp(Exposure calldata exposure) private pure returns (uint256) {
        return exposure.size.magnitude().mulWadUp(exposure.price);
    }
}
