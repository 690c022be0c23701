// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @dev What judging reads of every market, in one slot: 7 × 4 bytes. D9{1}; zero initial margin means never set.
struct PackedRates {
    uint32 initialMargin;
    uint32 maintenanceMargin;
    uint32 sizeSlope;
    uint32 gainShare;
    uint32 multiplier;
    uint32 maxMultiplier;
    uint32 maxCharge;
}

/// @dev What only initial margin reads, in one slot. D18{USD}.
struct Ramp {
    uint128 startUsd;
    uint128 endUsd;
}

/// @title Storage of risk terms
/// @notice Bounds, packs and unpacks one market's RiskTerms.
library RiskParameters {
    using SafeCast for uint256;

    /// @dev Stored rates have nine decimals: the product of two of them has eighteen without a division.
    uint256 internal constant RATE_STEP = 1e9;

    struct Data {
        mapping(MarketId market => PackedRates packed) rates;
        mapping(MarketId market => Ramp ramp) ramps;
    }

    /// @dev Reverts with RiskTermOutOfBounds or RiskTermTooFine, else stores the terms.
    function store(Data storage self, MarketId market, IRiskEngine.RiskTerms calldata terms) internal {
        self.rates[market] = PackedRates({
            initialMargin: packRate(market, IRiskEngine.RiskTerm.InitialMargin, terms.initialMargin, 0.005e18, WAD),
            maintenanceMargin: packRate(
                market,
                IRiskEngine.RiskTerm.MaintenanceMargin,
                terms.maintenanceMargin,
                0.0025e18,
                terms.initialMargin
            ),
            sizeSlope: packRate(market, IRiskEngine.RiskTerm.SizeSlope, terms.sizeSlope, 0, 0.2e18),
            gainShare: packRate(market, IRiskEngine.RiskTerm.GainShare, terms.gainShare, 0, WAD),
            multiplier: packRate(market, IRiskEngine.RiskTerm.Multiplier, terms.multiplier, WAD, terms.maxMultiplier),
            // The initial margin was bounded above, so the highest multiplier is at least 1.
            maxMultiplier: packRate(
                market,
                IRiskEngine.RiskTerm.MaxMultiplier,
                terms.maxMultiplier,
                WAD,
                highestMultiplier(terms.initialMargin)
            ),
            maxCharge: packRate(market, IRiskEngine.RiskTerm.MaxCharge, terms.maxCharge, 0, WAD)
        });
        // An end of type(uint128).max is the largest there is, so a start must be below it.
        requireWithin(market, IRiskEngine.RiskTerm.RampStartUsd, terms.rampStartUsd, 0, type(uint128).max - 1);
        requireWithin(
            market,
            IRiskEngine.RiskTerm.RampEndUsd,
            terms.rampEndUsd,
            terms.rampStartUsd + 1,
            type(uint128).max
        );
        self.ramps[market] = Ramp({startUsd: terms.rampStartUsd.toUint128(), endUsd: terms.rampEndUsd.toUint128()});
    }

    /// @dev The rates of a market; reverts with RiskTermsNotSet when there are none.
    function load(Data storage self, MarketId market) internal view returns (PackedRates memory rates) {
        rates = self.rates[market];
        if (rates.initialMargin == 0) revert IRiskEngine.RiskTermsNotSet(market);
    }

    /// @dev The terms of a market as they were set; all zero when never set.
    function unpack(Data storage self, MarketId market) internal view returns (IRiskEngine.RiskTerms memory) {
        PackedRates memory rates = self.rates[market];
        Ramp memory ramp = self.ramps[market];
        return
            IRiskEngine.RiskTerms({
                initialMargin: rates.initialMargin * RATE_STEP,
                maintenanceMargin: rates.maintenanceMargin * RATE_STEP,
                sizeSlope: rates.sizeSlope * RATE_STEP,
                gainShare: rates.gainShare * RATE_STEP,
                multiplier: rates.multiplier * RATE_STEP,
                maxMultiplier: rates.maxMultiplier * RATE_STEP,
                maxCharge: rates.maxCharge * RATE_STEP,
                rampStartUsd: ramp.startUsd,
                rampEndUsd: ramp.endUsd
            });
    }

    /// @dev 4, or less where m_I·ρ_max would pass 1: a shock never exceeds the notional.
    function highestMultiplier(uint256 initialMargin) private pure returns (uint256) {
        uint256 whole = (RATE_STEP * RATE_STEP * RATE_STEP) / initialMargin;
        return whole < 4 * RATE_STEP ? whole * RATE_STEP : 4 * WAD;
    }

    function packRate(
        MarketId market,
        IRiskEngine.RiskTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure returns (uint32) {
        requireWithin(market, term, value, lowest, highest);
        if (value % RATE_STEP != 0) revert IRiskEngine.RiskTermTooFine(market, term, value, RATE_STEP);
        return (value / RATE_STEP).toUint32();
    }

    function requireWithin(
        MarketId market,
        IRiskEngine.RiskTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure {
        if (value < lowest || value > highest) {
            revert IRiskEngine.RiskTermOutOfBounds(market, term, value, lowest, highest);
        }
    }
}
