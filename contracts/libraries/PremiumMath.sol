// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "./FixedPoint.sol";

/// @notice What a fill opened, for its premium.
/// @param notionalUsd D18{USD}, ΔN, by which the position grew
/// @param addedMarginUsd D18{USD}, ΔR, initial margin of that much, by its rate alone
/// @param marginUsd D18{USD}, R, initial margin of the whole account after the fill, by the rates alone
/// @param equityUsd D18{USD}, E₀, equity before the fill and what it cost; at most 0 counts as used up
/// @param rateD9 D9{1}, c, premium of a position opened from nothing that uses all the equity of an account in good standing
/// @param goodDays {days}, since when the account is in good standing
struct OpenedRisk {
    uint256 notionalUsd;
    uint256 addedMarginUsd;
    uint256 marginUsd;
    int256 equityUsd;
    uint256 rateD9;
    uint256 goodDays;
}

/// @title Insurance premiums
/// @notice Whoever opens pays in advance for what insurance will answer for: the more, the more of its equity it uses, and up to three times as much while
/// its account is fresh.
///
///     premium = ΔN · c · s · u        s = 3 − 2·min(days, 30)/30        u = clamp( (2R − ΔR)/E₀ , ¼ , 2 )
///
/// u is the part of the equity that margin took before the fill, (R − ΔR)/E₀, and the part it takes after it, R/E₀, together: 1 for whoever opens from nothing all
/// that its equity carries. Since the margin of the rate alone is proportional to size, u·ΔN is the integral of twice the part in use over the notional, and splitting
/// an opening changes nothing. Three things tip it against those who split (ROUND-1): later pieces start from less equity, since earlier ones have cost
/// something; the lower bound makes u convex, and a convex function's value in the middle is at most its mean; and every piece is rounded up. The bound
/// is for equity that is there for the moment of an opening only. Splitting over accounts does not pay either: the sum of ΔN²/E₀ is least where every account uses
/// the same part of its equity, and then it is what one account would pay.
library PremiumMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev {days}, after which an account is in good standing.
    uint256 internal constant STANDING_DAYS = 30;
    /// @dev {1/30}, s of a fresh account: 3; it falls by 2/30 a day.
    uint256 internal constant FRESH_FACTOR = 90;
    /// @dev One over the least u.
    uint256 internal constant LEAST_USE_DIVISOR = 4;

    /// @dev s in thirtieths: 90 for a fresh account, 30 after thirty days.
    function standingFactor(uint256 goodDays) internal pure returns (uint256) {
        return FRESH_FACTOR - 2 * (goodDays < STANDING_DAYS ? goodDays : STANDING_DAYS);
    }

    /// @dev ΔN·c·s·u. D18{USD}, rounded up, once. Amounts below 2¹¹², rates below 2⁶⁴.
    function premiumUp(OpenedRisk memory opened) internal pure returns (uint256) {
        // c is D9, s counts thirtieths.
        uint256 full = opened.notionalUsd * opened.rateD9 * standingFactor(opened.goodDays);
        uint256 unit = 30e9;
        // What an account adds is part of what it has.
        uint256 used = 2 * opened.marginUsd > opened.addedMarginUsd ? 2 * opened.marginUsd - opened.addedMarginUsd : 0;
        uint256 equity = opened.equityUsd.positivePart();
        if (used >= 2 * equity) return (2 * full).divUp(unit);
        if (used * LEAST_USE_DIVISOR <= equity) return full.divUp(unit * LEAST_USE_DIVISOR);
        return full.mulDivUp(used, unit * equity);
    }
}
