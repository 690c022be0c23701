// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @dev D18{1}, one unit of a stored rate.
uint256 constant RATE_STEP = 1e9;

/// @dev D18{USD}, one unit of a stored calm open interest.
uint256 constant CALM_STEP = 1_000e18;

/// @dev What judging reads of every market, in one word: the first seven RiskTerms in order, 32 bits each from the lowest, as D9; the calm open interest in
/// 32 bits, {1000 USD}. Zero means never set.
type PackedRates is uint256;

using {rateD9, rateD18, calmUsd} for PackedRates global;

/// @dev D9{1}. The product of two is D18.
function rateD9(PackedRates packed, IRiskEngine.RiskTerm term) pure returns (uint256) {
    return uint32(PackedRates.unwrap(packed) >> (32 * uint256(term)));
}

/// @dev D18{1}
function rateD18(PackedRates packed, IRiskEngine.RiskTerm term) pure returns (uint256) {
    // 2³²·10⁹ fits.
    unchecked {
        return rateD9(packed, term) * RATE_STEP;
    }
}

/// @dev Open interest up to which a market is known to stand below its ramp and no position in it to be concentrated, so that neither need be read: the ramp's
/// start or bootstrap/q, the lower, rounded down. D18{USD}
function calmUsd(PackedRates packed) pure returns (uint256) {
    // 2³²·10²¹ fits.
    unchecked {
        return (PackedRates.unwrap(packed) >> 224) * CALM_STEP;
    }
}

/// @dev What only initial margin reads, and only where the open interest is not calm, in one slot. D18{USD}.
struct Ramp {
    uint128 startUsd;
    uint128 endUsd;
}

/// @dev What openings read, in one slot. Rates D9; `bootstrapUsd` D18{USD}.
struct Cover {
    uint32 coverageTarget;
    uint32 fundShare;
    uint32 concentrationMove;
    uint32 premiumRate;
    uint128 bootstrapUsd;
}

/// @title Storage of risk terms
/// @notice Bounds, packs and unpacks one market's RiskTerms and CoverTerms.
library RiskParameters {
    using SafeCast for uint256;

    struct Data {
        mapping(MarketId market => PackedRates packed) rates;
        mapping(MarketId market => Ramp ramp) ramps;
        mapping(MarketId market => Cover cover) covers;
    }

    /// @dev Reverts with RiskTermOutOfBounds or RiskTermTooFine, else stores the terms.
    function store(Data storage self, MarketId market, IRiskEngine.RiskTerms calldata terms) internal {
        uint256 word = packRate(market, IRiskEngine.RiskTerm.InitialMargin, terms.initialMargin, 0.005e18, WAD);
        // From here on the initial margin is not zero.
        word |= packRate(
            market,
            IRiskEngine.RiskTerm.MaintenanceMargin,
            terms.maintenanceMargin,
            0.0025e18,
            terms.initialMargin
        );
        word |= packRate(market, IRiskEngine.RiskTerm.SizeSlope, terms.sizeSlope, 0, 0.2e18);
        word |= packRate(market, IRiskEngine.RiskTerm.GainShare, terms.gainShare, 0, WAD);
        word |= packRate(
            market,
            IRiskEngine.RiskTerm.MaxMultiplier,
            terms.maxMultiplier,
            WAD,
            highestMultiplier(terms.initialMargin)
        );
        word |= packRate(market, IRiskEngine.RiskTerm.Multiplier, terms.multiplier, WAD, terms.maxMultiplier);
        word |= packRate(market, IRiskEngine.RiskTerm.MaxCharge, terms.maxCharge, 0, WAD);
        // A start of type(uint128).max would leave no end above it.
        requireWithin(market, IRiskEngine.RiskTerm.RampStartUsd, terms.rampStartUsd, 0, type(uint128).max - 1);
        requireWithin(
            market,
            IRiskEngine.RiskTerm.RampEndUsd,
            terms.rampEndUsd,
            terms.rampStartUsd + 1,
            type(uint128).max
        );
        Ramp memory ramp = Ramp({startUsd: terms.rampStartUsd.toUint128(), endUsd: terms.rampEndUsd.toUint128()});
        self.ramps[market] = ramp;
        self.rates[market] = withCalm(word, ramp, self.covers[market]);
    }

    /// @dev Reverts with RiskTermsNotSet, RiskTermOutOfBounds or RiskTermTooFine, else stores the terms.
    function storeCover(Data storage self, MarketId market, IRiskEngine.CoverTerms calldata terms) internal {
        uint256 word = PackedRates.unwrap(load(self, market));
        requireWithin(market, IRiskEngine.RiskTerm.BootstrapUsd, terms.bootstrapUsd, 0, type(uint128).max);
        Cover memory cover = Cover({
            coverageTarget: rateOf(market, IRiskEngine.RiskTerm.CoverageTarget, terms.coverageTarget, 0, 0.5e18),
            fundShare: rateOf(market, IRiskEngine.RiskTerm.FundShare, terms.fundShare, 0, WAD),
            concentrationMove: rateOf(market, IRiskEngine.RiskTerm.ConcentrationMove, terms.concentrationMove, 0, WAD),
            premiumRate: rateOf(market, IRiskEngine.RiskTerm.PremiumRate, terms.premiumRate, 0, 0.005e18),
            bootstrapUsd: terms.bootstrapUsd.toUint128()
        });
        self.covers[market] = cover;
        self.rates[market] = withCalm(word, self.ramps[market], cover);
    }

    /// @dev The terms of a market's cover as they were set; all zero when never set.
    function unpackCover(Data storage self, MarketId market) internal view returns (IRiskEngine.CoverTerms memory) {
        Cover memory cover = self.covers[market];
        return
            IRiskEngine.CoverTerms({
                coverageTarget: cover.coverageTarget * RATE_STEP,
                bootstrapUsd: cover.bootstrapUsd,
                fundShare: cover.fundShare * RATE_STEP,
                concentrationMove: cover.concentrationMove * RATE_STEP,
                premiumRate: cover.premiumRate * RATE_STEP
            });
    }

    /// @dev The word of a market's rates with its calm open interest: up to there N ≤ OI makes q·N ≤ bootstrap.
    function withCalm(uint256 word, Ramp memory ramp, Cover memory cover) private pure returns (PackedRates) {
        uint256 calm = ramp.startUsd;
        if (cover.concentrationMove != 0) {
            calm = Math.min(calm, (uint256(cover.bootstrapUsd) * RATE_STEP) / cover.concentrationMove);
        }
        word &= type(uint256).max >> 32;
        return PackedRates.wrap(word | (Math.min(calm / CALM_STEP, type(uint32).max) << 224));
    }

    /// @dev The rates of a market; reverts with RiskTermsNotSet when there are none.
    function load(Data storage self, MarketId market) internal view returns (PackedRates packed) {
        packed = self.rates[market];
        if (PackedRates.unwrap(packed) == 0) revert IRiskEngine.RiskTermsNotSet(market);
    }

    /// @dev The terms of a market as they were set; all zero when never set.
    function unpack(Data storage self, MarketId market) internal view returns (IRiskEngine.RiskTerms memory) {
        PackedRates packed = self.rates[market];
        Ramp memory ramp = self.ramps[market];
        return
            IRiskEngine.RiskTerms({
                initialMargin: packed.rateD18(IRiskEngine.RiskTerm.InitialMargin),
                maintenanceMargin: packed.rateD18(IRiskEngine.RiskTerm.MaintenanceMargin),
                sizeSlope: packed.rateD18(IRiskEngine.RiskTerm.SizeSlope),
                gainShare: packed.rateD18(IRiskEngine.RiskTerm.GainShare),
                multiplier: packed.rateD18(IRiskEngine.RiskTerm.Multiplier),
                maxMultiplier: packed.rateD18(IRiskEngine.RiskTerm.MaxMultiplier),
                maxCharge: packed.rateD18(IRiskEngine.RiskTerm.MaxCharge),
                rampStartUsd: ramp.startUsd,
                rampEndUsd: ramp.endUsd
            });
    }

    /// @dev 4, or less where m_I·ρ_max would pass 1: a shock never exceeds the notional.
    function highestMultiplier(uint256 initialMargin) private pure returns (uint256) {
        uint256 wholeD9 = (WAD * RATE_STEP) / initialMargin;
        return wholeD9 < 4 * RATE_STEP ? wholeD9 * RATE_STEP : 4 * WAD;
    }

    /// @dev `value` as D9 at its term's place in the word.
    function packRate(
        MarketId market,
        IRiskEngine.RiskTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure returns (uint256) {
        return uint256(rateOf(market, term, value, lowest, highest)) << (32 * uint256(term));
    }

    /// @dev `value` as D9.
    function rateOf(
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
