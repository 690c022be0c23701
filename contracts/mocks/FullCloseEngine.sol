// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FillQuote, SkewMath} from "../libraries/SkewMath.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title The planner of first-generation systems
/// @notice A baseline to compare with: of an account below maintenance margin it closes the whole position at once, at whatever the pool pays, with a penalty
/// on all of it. It knows no target, no pacing, and no limit of what the account or the pool can bear.
/// @dev Who is liquidated, and who is bankrupt, is judged exactly as by the LiquidationEngine.
contract FullCloseEngine is ILiquidationEngine {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @notice Judges the accounts whose liquidation is planned.
    IRiskEngine public immutable RISK_ENGINE;
    /// @notice The planner whose penalty, keeper's share and gas floor are taken over.
    ILiquidationEngine public immutable MODEL;

    /// @notice Thrown when terms are to be set here; they are those of the model.
    error TermsOfModel(address model);

    constructor(IRiskEngine riskEngine, ILiquidationEngine model) {
        RISK_ENGINE = riskEngine;
        MODEL = model;
    }

    /// @inheritdoc ILiquidationEngine
    function plan(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state
    ) external view returns (Plan memory result) {
        Exposure calldata exposure = portfolio.exposures[index];
        if (exposure.size == 0) return _refuse(result, PlanCode.NoPosition);
        if (exposure.status != PriceStatus.Valid) return _refuse(result, PlanCode.PriceNotValid);
        (result.equityUsd, result.maintenanceUsd) = RISK_ENGINE.assess(portfolio, MarginKind.Maintenance);
        if (result.equityUsd < 0) {
            return _refuse(result, graceUsd < result.equityUsd.magnitude() ? PlanCode.Bankrupt : PlanCode.Healthy);
        }
        if (uint256(result.equityUsd) + graceUsd >= result.maintenanceUsd) return _refuse(result, PlanCode.Healthy);

        result.code = PlanCode.Full;
        result.closeSize = exposure.size.magnitude();
        _price(result, exposure, state);
        LiquidationTerms memory terms = MODEL.liquidationTermsOf(exposure.market);
        uint256 wantedUsd = result.closeSize.mulWadDown(exposure.price).mulWadDown(terms.maxPenaltyRate);
        uint256 leftUsd = (result.equityUsd - result.impactUsd).positivePart();
        result.penaltyUsd = wantedUsd < leftUsd ? wantedUsd : leftUsd;
        result.keeperRewardUsd = result.penaltyUsd.mulWadDown(terms.keeperShare);
        result.gasFloorUsd = terms.gasFloorUsd;
        result.bucketUsedUsd = state.bucketUsedUsd;
        result.accountUsedRatio = state.accountUsedRatio;
    }

    /// @inheritdoc ILiquidationEngine
    function cutPlan(
        Plan calldata planned,
        Exposure calldata exposure,
        MarketState calldata,
        uint256 closeSize,
        uint256 price
    ) external pure returns (Plan memory result) {
        result = planned;
        int256 sizeDelta = exposure.size > 0 ? -closeSize.toInt() : closeSize.toInt();
        result.code = closeSize == exposure.size.magnitude() ? PlanCode.Full : PlanCode.Partial;
        result.closeSize = closeSize;
        result.price = price;
        result.impactUsd = sizeDelta.mulWadCeil(price.toInt() - exposure.price.toInt());
        result.penaltyUsd = planned.penaltyUsd.mulDivDown(closeSize, planned.closeSize);
        result.keeperRewardUsd = planned.keeperRewardUsd.mulDivDown(closeSize, planned.closeSize);
        result.gasFloorUsd = planned.gasFloorUsd.mulDivDown(closeSize, planned.closeSize);
    }

    /// @inheritdoc ILiquidationEngine
    /// @dev Nothing is paced: all of it may be closed at any time.
    function pacingOf(
        Portfolio calldata portfolio,
        uint256 index,
        MarketState calldata
    ) external view returns (Pacing memory pacing) {
        Exposure calldata exposure = portfolio.exposures[index];
        uint256 notionalUsd = exposure.size.magnitude().mulWadUp(exposure.price);
        (pacing.capacityUsd, pacing.roomUsd, pacing.fullRoomUsd) = (notionalUsd, notionalUsd, notionalUsd);
        (pacing.nextAt, pacing.fullAt) = (block.timestamp, block.timestamp);
    }

    /// @inheritdoc ILiquidationEngine
    function liquidationTermsOf(MarketId market) external view returns (LiquidationTerms memory terms) {
        return MODEL.liquidationTermsOf(market);
    }

    /// @inheritdoc ILiquidationEngine
    /// @dev Reverts: TermsOfModel.
    function setLiquidationTerms(MarketId, LiquidationTerms calldata) external view {
        revert TermsOfModel(address(MODEL));
    }

    /// @inheritdoc ILiquidationEngine
    function planTakeOver(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        MarketState calldata state,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory) {
        return MODEL.planTakeOver(portfolio, index, graceUsd, state, elapsedSeconds, maxSize);
    }

    /// @inheritdoc ILiquidationEngine
    function planTakeOverWhole(
        Portfolio calldata portfolio,
        uint256 graceUsd,
        MarketState[] calldata states,
        uint256 elapsedSeconds
    ) external view returns (TakeOverPlan memory total, TakeOverPlan[] memory parts) {
        return MODEL.planTakeOverWhole(portfolio, graceUsd, states, elapsedSeconds);
    }

    /// @inheritdoc ILiquidationEngine
    function planInventory(
        Exposure calldata exposure,
        MarketState calldata state,
        uint256 tolerance,
        uint256 elapsedSeconds,
        uint256 maxSize
    ) external view returns (TakeOverPlan memory) {
        return MODEL.planInventory(exposure, state, tolerance, elapsedSeconds, maxSize);
    }

    /// @inheritdoc ILiquidationEngine
    function planPool(
        Portfolio calldata portfolio,
        uint256 index,
        uint256 graceUsd,
        uint256 lotSize,
        uint256 elapsedSeconds
    ) external view returns (PoolPlan memory) {
        return MODEL.planPool(portfolio, index, graceUsd, lotSize, elapsedSeconds);
    }

    /// @inheritdoc ILiquidationEngine
    function auctionTermsOf(MarketId market) external view returns (AuctionTerms memory terms) {
        return MODEL.auctionTermsOf(market);
    }

    /// @inheritdoc ILiquidationEngine
    /// @dev Reverts: TermsOfModel.
    function setAuctionTerms(MarketId, AuctionTerms calldata) external view {
        revert TermsOfModel(address(MODEL));
    }

    /// @dev What the pool pays for all of it. As in the house, only a fill that reduces the skew is kept within the band.
    function _price(Plan memory result, Exposure calldata exposure, MarketState calldata state) private pure {
        int256 sizeDelta = -exposure.size;
        result.price = SkewMath.fillPrice(
            FillQuote({indexPrice: exposure.price, skew: state.skew, sizeDelta: sizeDelta, skewScale: state.skewScale})
        );
        if ((state.skew + sizeDelta).magnitude() <= state.skew.magnitude()) {
            result.price = SkewMath.clampToBand(result.price, exposure.price, state.band);
        }
        result.impactUsd = sizeDelta.mulWadCeil(result.price.toInt() - exposure.price.toInt());
    }

    function _refuse(Plan memory result, PlanCode code) private pure returns (Plan memory) {
        result.code = code;
        return result;
    }
}
