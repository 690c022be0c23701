// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IOffsetMargin} from "../interfaces/IOffsetMargin.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {GroupMargins, OffsetMath} from "../libraries/OffsetMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title A judge that knows hedges
/// @notice Stands in front of another risk engine: that one keeps all terms and judges everything; this one takes off initial margin what hedges save (IOffsetMargin). The house changes from one
/// to the other, and back, by `setModule` alone: no account moves, no term is set anew, and maintenance margin is the same under both (G9).
/// Invariant: RAMP-1.
contract OffsetRiskEngine is IRiskEngine, IOffsetMargin, AccessManaged {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    uint256 private constant MAX_GROUP = type(uint8).max;

    /// @inheritdoc IOffsetMargin
    IRiskEngine public immutable BASE;

    /// @inheritdoc IOffsetMargin
    mapping(MarketId market => uint256 group) public groupOf;

    /// @inheritdoc IOffsetMargin
    mapping(uint256 group => uint256 correlation) public correlationOf;

    constructor(address initialAuthority, IRiskEngine base) AccessManaged(initialAuthority) {
        BASE = base;
    }

    /* GOVERNANCE */

    /// @inheritdoc IOffsetMargin
    function setGroup(MarketId market, uint256 newGroup) external restricted {
        if (newGroup > MAX_GROUP) revert GroupOutOfBounds(newGroup, 0, MAX_GROUP);
        emit GroupSet(market, groupOf[market], newGroup);
        groupOf[market] = newGroup;
    }

    /// @inheritdoc IOffsetMargin
    function setCorrelation(uint256 group, uint256 newCorrelation) external restricted {
        if (group == 0 || group > MAX_GROUP) revert GroupOutOfBounds(group, 1, MAX_GROUP);
        uint256 highest = OffsetMath.MAX_CORRELATION;
        if (newCorrelation > highest) revert CorrelationTooHigh(group, newCorrelation, highest);
        emit CorrelationSet(group, correlationOf[group], newCorrelation);
        correlationOf[group] = newCorrelation;
    }

    /// @inheritdoc IRiskEngine
    /// @dev Always reverts with TermsSetElsewhere.
    function setRiskTerms(MarketId, RiskTerms calldata) external view {
        revert TermsSetElsewhere(BASE);
    }

    /// @inheritdoc IRiskEngine
    /// @dev As above.
    function setCoverTerms(MarketId, CoverTerms calldata) external view {
        revert TermsSetElsewhere(BASE);
    }

    /* VIEWS */

    /// @inheritdoc IRiskEngine
    function assess(
        Portfolio calldata portfolio,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd) {
        (equityUsd, requiredUsd) = BASE.assess(portfolio, kind);
        if (kind == MarginKind.Initial) requiredUsd -= _offset(portfolio);
    }

    /// @inheritdoc IRiskEngine
    function assessOpening(
        Portfolio calldata portfolio,
        Opening calldata opening
    ) external view returns (int256 equityUsd, uint256 requiredUsd, uint256 premiumUsd) {
        (equityUsd, requiredUsd, premiumUsd) = BASE.assessOpening(portfolio, opening);
        requiredUsd -= _offset(portfolio);
    }

    /// @inheritdoc IRiskEngine
    function ratesOf(MarketId market) external view returns (MarginRates memory) {
        return BASE.ratesOf(market);
    }

    /// @inheritdoc IRiskEngine
    function initialMarginOf(
        MarketId market,
        uint256 notionalUsd,
        uint256 depthUsd,
        uint256 openInterestUsd
    ) external view returns (uint256) {
        return BASE.initialMarginOf(market, notionalUsd, depthUsd, openInterestUsd);
    }

    /// @inheritdoc IRiskEngine
    function riskTermsOf(MarketId market) external view returns (RiskTerms memory) {
        return BASE.riskTermsOf(market);
    }

    /// @inheritdoc IRiskEngine
    function coverTermsOf(MarketId market) external view returns (CoverTerms memory) {
        return BASE.coverTermsOf(market);
    }

    /// @inheritdoc IOffsetMargin
    function offsetOf(Portfolio calldata portfolio) external view returns (uint256 offsetUsd) {
        return _offset(portfolio);
    }

    /* PRIVATE */

    /// @dev The sum over groups. D18{USD}, rounded down.
    function _offset(Portfolio calldata portfolio) private view returns (uint256 offsetUsd) {
        Exposure[] calldata exposures = portfolio.exposures;
        // Nobody without a long and a short has a hedge; most accounts are judged without a read.
        if (!_hasBothSides(exposures)) return 0;
        uint256 count = exposures.length;
        uint256[] memory groups = new uint256[](count);
        for (uint256 i; i < count; ++i) if (_counts(exposures[i])) groups[i] = groupOf[exposures[i].market];
        for (uint256 i; i < count; ++i) {
            uint256 group = groups[i];
            if (group != 0) offsetUsd += _takeGroup(exposures, groups, group);
        }
    }

    /// @dev What one group saves; it is taken out of `groups`, so that it counts once.
    function _takeGroup(
        Exposure[] calldata exposures,
        uint256[] memory groups,
        uint256 group
    ) private view returns (uint256) {
        GroupMargins memory margins;
        for (uint256 i; i < groups.length; ++i) {
            if (groups[i] != group) continue;
            groups[i] = 0;
            Exposure calldata exposure = exposures[i];
            MarginRates memory rates = BASE.ratesOf(exposure.market);
            uint256 size = exposure.size.magnitude();
            // Rounded so that the offset rounds down.
            uint256 marginUsd = size.mulWadDown(exposure.price).mulWadDown(rates.initialRate);
            if (exposure.size > 0) margins.longUsd += marginUsd;
            else margins.shortUsd += marginUsd;
            margins.maintenanceUsd += size.mulWadUp(exposure.price).mulWadUp(rates.maintenanceRate);
        }
        return OffsetMath.offsetDown(margins, correlationOf[group]);
    }

    function _hasBothSides(Exposure[] calldata exposures) private pure returns (bool) {
        bool hasLong;
        bool hasShort;
        for (uint256 i; i < exposures.length; ++i) {
            if (exposures[i].size > 0) hasLong = true;
            else if (exposures[i].size < 0) hasShort = true;
        }
        return hasLong && hasShort;
    }

    /// @dev Whether a position may hedge or be hedged: only while what it is worth is beyond doubt.
    function _counts(Exposure calldata exposure) private pure returns (bool) {
        return exposure.status == PriceStatus.Valid && !exposure.lossPending && !exposure.coverageLow;
    }
}
