// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAdaptiveMargin} from "../interfaces/IAdaptiveMargin.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {IVolatility} from "../interfaces/IVolatility.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {SafeFeedCall} from "../libraries/SafeFeedCall.sol";
import {Variances, VolatilityMath} from "../libraries/VolatilityMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {PackedRates, RATE_STEP} from "./RiskParameters.sol";

/// @notice A market's multiplier on its way, in one word. 0: the market's margins do not follow.
///
///  bits  0–31  asked   D9{1}, ρ without R, as of the last refresh
///  bits 32–63  acting  D9{1}, what acted on maintenance margin at `since`
///  bits 64–95  since   {s}
///  then for each component of the regime 8 bits {percent} and 32 bits {s} until it expires
type Pace is uint256;

using PaceLib for Pace global;

/// @title Reading and writing of a market's pace
library PaceLib {
    uint256 private constant COMPONENTS = 4;
    uint256 private constant FIRST_COMPONENT = 96;
    uint256 private constant COMPONENT_BITS = 40;
    uint256 private constant REGIME_MASK = type(uint256).max << FIRST_COMPONENT;

    function asked(Pace self) internal pure returns (uint256) {
        return uint32(Pace.unwrap(self));
    }

    function acting(Pace self) internal pure returns (uint256) {
        return uint32(Pace.unwrap(self) >> 32);
    }

    function since(Pace self) internal pure returns (uint256) {
        return uint32(Pace.unwrap(self) >> 64);
    }

    /// @dev The same regime, from now on.
    /// @param asked_ D9{1}, below 2³², as `acting_`
    function from(Pace self, uint256 asked_, uint256 acting_) internal view returns (Pace) {
        uint256 now_ = uint32(block.timestamp);
        return Pace.wrap((Pace.unwrap(self) & REGIME_MASK) | asked_ | (acting_ << 32) | (now_ << 64));
    }

    /// @dev What a component adds now, and until when it was set. {percent}, {s}
    function component(Pace self, uint256 index) internal view returns (uint256 percent, uint256 until) {
        // Four components of 40 bits.
        unchecked {
            uint256 word = Pace.unwrap(self) >> (FIRST_COMPONENT + COMPONENT_BITS * index);
            until = uint32(word >> 8);
            if (until > block.timestamp) percent = uint8(word);
        }
    }

    /// @param percent below 2⁸
    /// @param until below 2³²
    function withComponent(Pace self, uint256 index, uint256 percent, uint256 until) internal pure returns (Pace) {
        // As above.
        unchecked {
            uint256 shift = FIRST_COMPONENT + COMPONENT_BITS * index;
            uint256 rest = Pace.unwrap(self) & ~(uint256(type(uint40).max) << shift);
            return Pace.wrap(rest | ((percent | (until << 8)) << shift));
        }
    }

    /// @dev 100·R. {percent}
    function regime(Pace self) internal view returns (uint256 percents) {
        percents = 100;
        if (Pace.unwrap(self) >> FIRST_COMPONENT == 0) return percents;
        // Four times 255.
        unchecked {
            for (uint256 i; i < COMPONENTS; ++i) {
                (uint256 percent, ) = component(self, i);
                percents += percent;
            }
        }
    }
}

/// @notice How a market's margins follow. One slot.
/// @param source of volatility
/// @param horizonSeconds {s}, H
/// @param deviations D3{1}, k
/// @param caps {percent}, of the components of the regime, eight bits each
struct Following {
    IVolatility source;
    uint24 horizonSeconds;
    uint16 deviations;
    uint32 caps;
}

/// @notice A feed of implied volatility. One slot.
struct Implied {
    address feed;
    uint32 maxAgeSeconds;
    uint64 wholeAnswer;
}

/// @notice What counts as congestion. One slot. {wei}
struct Congestion {
    uint128 calm;
    uint128 full;
}

/// @title What ρ is, and how it moves
/// @notice Multipliers are D9 here: rates are stored so, and the product of two is D18.
library MarginMultipliers {
    using FixedPoint for uint256;
    using SafeCast for uint256;

    struct Data {
        mapping(MarketId market => Pace pace) paces;
        mapping(MarketId market => Following following) followings;
        mapping(MarketId market => Implied implied) implieds;
        Congestion congestion;
    }

    /// @dev D9{1}, above which no multiplier goes.
    uint256 private constant HIGHEST = 4e9;
    /// @dev D18{1}, of a thousandth.
    uint256 internal constant DEVIATIONS_STEP = 1e15;
    uint256 private constant DEVIATIONS_PER_ONE = 1_000;
    uint256 internal constant PERCENT = 0.01e18;
    /// @dev D18{1}, of implied volatility that counts.
    uint256 private constant IMPLIED_SHARE = 0.8e18;
    uint256 private constant LONGEST_LIFETIME = 3 days;
    /// @dev {s}, for how long a block that was dear counts.
    uint256 private constant CONGESTION_LIFETIME = 1 hours;

    /* WRITING */

    /// @dev Stores the terms; margins go on from what they were.
    function setFollowing(
        Data storage self,
        MarketId market,
        IAdaptiveMargin.AdaptiveTerms calldata terms,
        PackedRates packed
    ) internal {
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.HorizonSeconds, terms.horizonSeconds, 1 minutes, 1 days);
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.Deviations, terms.deviations, 0.1e18, 20e18);
        _requireStep(IAdaptiveMargin.AdaptiveTerm.Deviations, terms.deviations, DEVIATIONS_STEP);
        uint256 sum = 0;
        uint256 caps = 0;
        for (uint256 i; i < 4; ++i) {
            uint256 cap = terms.regimeCaps[i];
            _requireWithin(IAdaptiveMargin.AdaptiveTerm.RegimeCap, cap, 0, WAD);
            _requireStep(IAdaptiveMargin.AdaptiveTerm.RegimeCap, cap, PERCENT);
            sum += cap;
            caps |= (cap / PERCENT) << (8 * i);
        }
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.RegimeCapSum, sum, 0, WAD);

        uint256 acting = maintenance(self, market, packed);
        self.followings[market] = Following({
            source: terms.source,
            horizonSeconds: uint24(terms.horizonSeconds),
            deviations: uint16(terms.deviations / DEVIATIONS_STEP),
            caps: uint32(caps)
        });
        uint256 asked = _askedNow(self, market, packed);
        self.paces[market] = self.paces[market].from(asked, acting);
    }

    function setImplied(Data storage self, MarketId market, IAdaptiveMargin.ImpliedTerms calldata terms) internal {
        if (terms.feed != address(0)) {
            _requireWithin(IAdaptiveMargin.AdaptiveTerm.MaxAgeSeconds, terms.maxAgeSeconds, 1 minutes, 2 days);
            _requireWithin(IAdaptiveMargin.AdaptiveTerm.WholeAnswer, terms.wholeAnswer, 1, type(uint64).max);
        }
        self.implieds[market] = Implied({
            feed: terms.feed,
            maxAgeSeconds: terms.maxAgeSeconds.toUint32(),
            wholeAnswer: terms.wholeAnswer.toUint64()
        });
    }

    function setCongestion(Data storage self, IAdaptiveMargin.CongestionTerms calldata terms) internal {
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.CalmBaseFee, terms.calm, 0, type(uint128).max - 1);
        uint256 lowest = terms.calm == 0 ? 0 : terms.calm + 1;
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.FullBaseFee, terms.full, lowest, type(uint128).max);
        self.congestion = Congestion({calm: uint128(terms.calm), full: uint128(terms.full)});
    }

    /// @dev Brings the pace up to date.
    /// @return asked D9{1}
    /// @return target D9{1}
    /// @return acting D9{1}
    function refresh(
        Data storage self,
        MarketId market,
        PackedRates packed
    ) internal returns (uint256 asked, uint256 target, uint256 acting) {
        Pace pace = _require(self, market);
        acting = _acting(pace, packed);
        asked = _askedNow(self, market, packed);
        pace = _withCongestion(self, market, pace.from(asked, acting));
        self.paces[market] = pace;
        target = _times(asked, pace, packed);
    }

    /// @dev Raises or prolongs a component; margins go on from what they were.
    /// @return until {s}
    function raise(
        Data storage self,
        MarketId market,
        IAdaptiveMargin.RegimeComponent component,
        uint256 excess,
        uint256 lifetimeSeconds,
        PackedRates packed
    ) internal returns (uint256 until) {
        Pace pace = _require(self, market);
        _requireWithin(IAdaptiveMargin.AdaptiveTerm.LifetimeSeconds, lifetimeSeconds, 1 minutes, LONGEST_LIFETIME);
        uint256 cap = capOf(self, market, component) * PERCENT;
        if (excess > cap) revert IAdaptiveMargin.RegimeAboveCap(market, component, excess, cap);
        _requireStep(IAdaptiveMargin.AdaptiveTerm.RegimeCap, excess, PERCENT);
        (uint256 standing, uint256 standingUntil) = pace.component(uint256(component));
        if (excess < standing * PERCENT) {
            revert IAdaptiveMargin.RegimeNotRaised(market, component, excess, standing * PERCENT, standingUntil);
        }
        until = Math.max(standingUntil, block.timestamp + lifetimeSeconds);
        pace = pace.from(pace.asked(), _acting(pace, packed));
        self.paces[market] = pace.withComponent(uint256(component), excess / PERCENT, until);
    }

    /// @dev New risk terms: margins go on from the maintenance rate that acted, whatever m_M and `multiplier` are now.
    function rescale(Data storage self, MarketId market, PackedRates before, PackedRates packed) internal {
        Pace pace = self.paces[market];
        if (Pace.unwrap(pace) == 0) return;
        uint256 rate = _acting(pace, before) * before.rateD9(IRiskEngine.RiskTerm.MaintenanceMargin);
        uint256 acting = rate / packed.rateD9(IRiskEngine.RiskTerm.MaintenanceMargin);
        uint256 asked = _askedNow(self, market, packed);
        self.paces[market] = pace.from(asked, Math.min(acting, _highest(packed)));
    }

    /* READING */

    /// @dev ρ as it acts on maintenance margin. D9{1}
    function maintenance(Data storage self, MarketId market, PackedRates packed) internal view returns (uint256) {
        Pace pace = self.paces[market];
        if (Pace.unwrap(pace) == 0) return packed.rateD9(IRiskEngine.RiskTerm.Multiplier);
        return _acting(pace, packed);
    }

    /// @dev ρ as it acts on initial margin: what volatility and regime ask for now, and never less than what acts on maintenance margin. D9{1}
    function initial(Data storage self, MarketId market, PackedRates packed) internal view returns (uint256) {
        Pace pace = self.paces[market];
        if (Pace.unwrap(pace) == 0) return packed.rateD9(IRiskEngine.RiskTerm.Multiplier);
        return _initial(pace, _askedLately(self, market, pace, packed), packed);
    }

    /// @dev The same with what volatility asked for at the last refresh. D9{1}
    function refreshed(Data storage self, MarketId market, PackedRates packed) internal view returns (uint256) {
        Pace pace = self.paces[market];
        if (Pace.unwrap(pace) == 0) return packed.rateD9(IRiskEngine.RiskTerm.Multiplier);
        return _initial(pace, pace.asked(), packed);
    }

    /// @dev {percent}
    function capOf(
        Data storage self,
        MarketId market,
        IAdaptiveMargin.RegimeComponent component
    ) internal view returns (uint256) {
        return uint8(self.followings[market].caps >> (8 * uint256(component)));
    }

    /* PRIVATE */

    /// @dev What acts on maintenance margin now: the ramp from what acted at the last refresh towards ρ of then, times R of now. D9{1}
    function _acting(Pace pace, PackedRates packed) private view returns (uint256) {
        // Refreshes are never in the future.
        unchecked {
            uint256 elapsed = block.timestamp - pace.since();
            return VolatilityMath.ramped(pace.acting(), _times(pace.asked(), pace, packed), elapsed);
        }
    }

    /// @dev D9{1}
    function _initial(Pace pace, uint256 asked, PackedRates packed) private view returns (uint256) {
        return Math.max(_times(asked, pace, packed), _acting(pace, packed));
    }

    /// @dev What volatility asks for now or asked for at the last refresh, whichever is more. D9{1}
    function _askedLately(
        Data storage self,
        MarketId market,
        Pace pace,
        PackedRates packed
    ) private view returns (uint256 asked) {
        asked = pace.asked();
        Following memory following = self.followings[market];
        if (address(following.source) == address(0)) return asked;
        uint256 variance = _variance(following, market);
        // Without its root: k·σ·√H > ρ·m_M. Below 2¹⁶⁵ and 2¹⁴⁵.
        unchecked {
            uint256 deviations = following.deviations;
            uint256 margin = asked * packed.rateD9(IRiskEngine.RiskTerm.MaintenanceMargin) * DEVIATIONS_PER_ONE;
            if (variance * following.horizonSeconds * WAD * deviations * deviations <= margin * margin) return asked;
        }
        return Math.max(asked, _asked(following, variance, packed));
    }

    /// @dev ρ·R, D9{1}, rounded up, and at most what makes a margin of the whole notional.
    function _times(uint256 asked, Pace pace, PackedRates packed) private view returns (uint256) {
        return Math.min((asked * pace.regime()).divUp(100), _highest(packed));
    }

    /// @dev D9{1}
    function _highest(PackedRates packed) private pure returns (uint256) {
        return Math.min(HIGHEST, WAD / packed.rateD9(IRiskEngine.RiskTerm.InitialMargin));
    }

    /// @dev ρ without R that volatility, measured and implied, asks for. D9{1}
    function _askedNow(Data storage self, MarketId market, PackedRates packed) private view returns (uint256) {
        Following memory following = self.followings[market];
        uint256 implied = _impliedVariance(self.implieds[market]);
        return _asked(following, Math.max(_variance(following, market), implied), packed);
    }

    /// @dev As the source measures it, D18{1/s}.
    function _variance(Following memory following, MarketId market) private view returns (uint256) {
        if (address(following.source) == address(0)) return 0;
        (uint256 slow, uint256 fast) = following.source.variancesOf(market);
        return VolatilityMath.combined(Variances(slow, fast));
    }

    /// @dev clamp(k·σ·√H / m_M, multiplier, maxMultiplier), D9{1}, rounded up.
    function _asked(Following memory following, uint256 variance, PackedRates packed) private pure returns (uint256) {
        uint256 multiplier = VolatilityMath.multiplierUp(
            variance,
            following.horizonSeconds,
            following.deviations * DEVIATIONS_STEP,
            packed.rateD18(IRiskEngine.RiskTerm.MaintenanceMargin)
        );
        uint256 lowest = packed.rateD9(IRiskEngine.RiskTerm.Multiplier);
        uint256 highest = packed.rateD9(IRiskEngine.RiskTerm.MaxMultiplier);
        return Math.max(lowest, Math.min(highest, multiplier.divUp(RATE_STEP)));
    }

    /// @dev Variance of 0.8 times what a feed implies; 0 where there is none, or none that is fresh and sound. D18{1/s}
    function _impliedVariance(Implied memory implied) private view returns (uint256) {
        if (implied.feed == address(0)) return 0;
        (bool ok, uint256 roundId, int256 answer, , uint256 updatedAt) = SafeFeedCall.latestRoundData(implied.feed);
        if (!ok || roundId == 0 || answer <= 0 || updatedAt == 0 || updatedAt > block.timestamp) return 0;
        if (block.timestamp - updatedAt > implied.maxAgeSeconds) return 0;
        // More than a thousand a year asks for the largest multiplier all the same.
        uint256 yearly = Math.min(uint256(answer), 1_000 * uint256(implied.wholeAnswer)) * IMPLIED_SHARE;
        return VolatilityMath.varianceOfYearlyUp(yearly / implied.wholeAnswer);
    }

    /// @dev The pace with what this block's base fee says, for an hour, where that is no less than what stands.
    function _withCongestion(Data storage self, MarketId market, Pace pace) private view returns (Pace) {
        Congestion memory congestion = self.congestion;
        if (congestion.full == 0 || block.basefee <= congestion.calm) return pace;
        uint256 cap = capOf(self, market, IAdaptiveMargin.RegimeComponent.Congestion);
        uint256 above = Math.min(block.basefee, congestion.full) - congestion.calm;
        uint256 percent = (cap * above) / (congestion.full - congestion.calm);
        uint256 index = uint256(IAdaptiveMargin.RegimeComponent.Congestion);
        (uint256 standing, uint256 until) = pace.component(index);
        if (percent == 0 || percent < standing) return pace;
        return pace.withComponent(index, percent, Math.max(until, block.timestamp + CONGESTION_LIFETIME));
    }

    function _require(Data storage self, MarketId market) private view returns (Pace pace) {
        pace = self.paces[market];
        if (Pace.unwrap(pace) == 0) revert IAdaptiveMargin.AdaptiveTermsNotSet(market);
    }

    function _requireWithin(
        IAdaptiveMargin.AdaptiveTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private pure {
        if (value < lowest || value > highest) {
            revert IAdaptiveMargin.AdaptiveTermOutOfBounds(term, value, lowest, highest);
        }
    }

    function _requireStep(IAdaptiveMargin.AdaptiveTerm term, uint256 value, uint256 step) private pure {
        if (value % step != 0) revert IAdaptiveMargin.AdaptiveTermTooFine(term, value, step);
    }
}
