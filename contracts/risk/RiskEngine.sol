// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {PackedRates, Ramp, RiskParameters} from "./RiskParameters.sol";

/// @title The judge of accounts
/// @notice Owns the risk terms of every market. It never reads a price, an account or the ledger: all it judges is what it is handed.
contract RiskEngine is IRiskEngine, AccessManaged {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using RiskParameters for RiskParameters.Data;

    RiskParameters.Data private _parameters;

    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /* GOVERNANCE */

    /// @inheritdoc IRiskEngine
    function setRiskTerms(MarketId market, RiskTerms calldata newTerms) external restricted {
        RiskTerms memory oldTerms = _parameters.unpack(market);
        _parameters.store(market, newTerms);
        emit RiskTermsSet(market, oldTerms, newTerms);
    }

    /* VIEWS */

    /// @inheritdoc IRiskEngine
    function assess(
        Portfolio calldata portfolio,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd) {
        equityUsd = (portfolio.cashUsd + portfolio.creditLineUsd).toInt();
        uint256 count = portfolio.exposures.length;
        for (uint256 i; i < count; ++i) {
            Exposure calldata exposure = portfolio.exposures[i];
            PackedRates memory rates = _parameters.load(exposure.market);
            (int256 valueUsd, uint256 marginUsd) = kind == MarginKind.Maintenance
                ? _maintenance(exposure, rates)
                : _initial(exposure, rates);
            equityUsd += valueUsd;
            requiredUsd += marginUsd;
        }
    }

    /// @inheritdoc IRiskEngine
    function ratesOf(MarketId market) external view returns (MarginRates memory) {
        PackedRates memory rates = _parameters.load(market);
        uint256 multiplier = _multiplier(rates);
        return
            MarginRates({
                initialRate: rates.initialMargin * multiplier,
                maintenanceRate: rates.maintenanceMargin * multiplier,
                sizeSlope: rates.sizeSlope * RiskParameters.RATE_STEP
            });
    }

    /// @inheritdoc IRiskEngine
    function initialMarginOf(
        MarketId market,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) external view returns (uint256 requiredUsd) {
        return _initialMargin(market, _parameters.load(market), notionalUsd, depthUsd, openInterestUsd);
    }

    /// @inheritdoc IRiskEngine
    function riskTermsOf(MarketId market) external view returns (RiskTerms memory terms) {
        return _parameters.unpack(market);
    }

    /* PRIVATE */

    /// @dev ρ as it acts now, D9{1}: how much margins are raised above their calm level. Constant until a volatility oracle feeds it.
    function _multiplier(PackedRates memory rates) private pure returns (uint256) {
        return rates.multiplier;
    }

    /// @dev Gains and losses in full. Without a valid price: the value, moved in the account's favour by the largest initial rate, and no
    /// requirement, so that nobody is liquidated on a price that cannot be trusted (PRICE-1).
    function _maintenance(
        Exposure calldata exposure,
        PackedRates memory rates
    ) private pure returns (int256 valueUsd, uint256 requiredUsd) {
        uint256 notionalUsd = _notionalUp(exposure);
        if (exposure.status == PriceStatus.Valid) {
            uint256 rate = rates.maintenanceMargin * _multiplier(rates);
            uint256 slope = rates.sizeSlope * RiskParameters.RATE_STEP;
            return (exposure.valueUsd, MarginMath.requirementUp(notionalUsd, rate, slope, exposure.depthUsd));
        }
        return (exposure.valueUsd + notionalUsd.mulWadDown(_shockRate(rates)).toInt(), 0);
    }

    /// @dev Losses in full, gains as the share of their matured part that may be lent against. Without a valid price: first moved against the
    /// account by the largest initial rate.
    function _initial(
        Exposure calldata exposure,
        PackedRates memory rates
    ) private view returns (int256 valueUsd, uint256 requiredUsd) {
        uint256 notionalUsd = _notionalUp(exposure);
        requiredUsd = _initialMargin(exposure.market, rates, notionalUsd, exposure.depthUsd, exposure.openInterestUsd);
        valueUsd = exposure.valueUsd;
        if (exposure.status != PriceStatus.Valid) valueUsd -= notionalUsd.mulWadUp(_shockRate(rates)).toInt();
        if (valueUsd <= 0) return (valueUsd, requiredUsd);

        uint256 gainUsd = uint256(valueUsd) < exposure.maturedUsd ? uint256(valueUsd) : exposure.maturedUsd;
        gainUsd = gainUsd.mulWadDown(rates.gainShare * RiskParameters.RATE_STEP);
        if (exposure.lossPending) gainUsd = gainUsd.mulWadDown(WAD - rates.maxCharge * RiskParameters.RATE_STEP);
        valueUsd = gainUsd.toInt();
    }

    /// @dev N·(m_I·ρ + μN/D) + N·m_OI. D18{USD}, rounded up.
    function _initialMargin(
        MarketId market,
        PackedRates memory rates,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) private view returns (uint256) {
        Ramp memory ramp = _parameters.ramps[market];
        uint256 rampRate = MarginMath.openInterestRateUp(
            openInterestUsd,
            ramp.startUsd,
            ramp.endUsd,
            rates.initialMargin * RiskParameters.RATE_STEP
        );
        uint256 rate = rates.initialMargin * _multiplier(rates) + rampRate;
        return MarginMath.requirementUp(notionalUsd, rate, rates.sizeSlope * RiskParameters.RATE_STEP, depthUsd);
    }

    /// @dev m_I·ρ_max, D18{1}: the move assumed where no price can be trusted.
    function _shockRate(PackedRates memory rates) private pure returns (uint256) {
        return uint256(rates.initialMargin) * rates.maxMultiplier;
    }

    /// @dev |s|·P, D18{USD}, rounded up.
    function _notionalUp(Exposure calldata exposure) private pure returns (uint256) {
        return exposure.size.magnitude().mulWadUp(exposure.price);
    }
}
