// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {BackstopParameters, StoredBackstopTerms} from "./BackstopParameters.sol";

/// @notice What the backstop's account is worth.
/// @param equityUsd D18{USD}, rounded up
/// @param redeemableUsd D18{USD}, rounded down
/// @param notionalUsd D18{USD}, of all positions, rounded up
/// @param pricesValid whether every market it is in has a valid price
struct BackstopWorth {
    int256 equityUsd;
    uint256 redeemableUsd;
    uint256 notionalUsd;
    bool pricesValid;
}

/// @title The value of the backstop's account
/// @notice Cash and unsettled values U at the index. For those who enter U counts in full. For those who leave, the lesser of what a settlement would pay now and U less the cost of closing: a
/// position taken at a discount is not worth the index to who leaves before it is closed, and a gain is worth nothing before it is cash.
library BackstopValue {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using BackstopParameters for StoredBackstopTerms;

    /// @dev D18{USD}, by which a value may have been rounded down.
    int256 private constant VALUE_DUST_USD = 1;

    /// @dev The account's worth with the house's books as they are.
    /// @param terms of every market, for how far from the index it closes
    function worthOf(
        IClearingHouse house,
        AccountId account,
        mapping(MarketId market => StoredBackstopTerms) storage terms
    ) internal view returns (BackstopWorth memory worth) {
        int256 cash = house.accountOf(account).cashUsd.toInt();
        (worth.equityUsd, worth.pricesValid) = (cash, true);
        int256 redeemable = cash;
        Exposure[] memory exposures = house.portfolioOf(account, MarginKind.Initial).exposures;
        for (uint256 i; i < exposures.length; ++i) {
            Exposure memory exposure = exposures[i];
            if (exposure.status != PriceStatus.Valid) worth.pricesValid = false;
            uint256 notionalUsd = exposure.size.magnitude().mulWadUp(exposure.price);
            worth.notionalUsd += notionalUsd;
            worth.equityUsd += exposure.valueUsd + VALUE_DUST_USD;
            uint256 cost = closingCostUp(house, exposure, notionalUsd, terms[exposure.market].toleranceOf());
            int256 certain = _payableOf(house, exposure).toInt();
            int256 afterClosing = exposure.valueUsd - cost.toInt();
            redeemable += afterClosing < certain ? afterClosing : certain;
        }
        worth.redeemableUsd = redeemable.positivePart();
    }

    /// @dev What closing a whole position would cost at the ten-minute average skew, its fee included, no dearer than the pool closes. D18{USD}, rounded up.
    function closingCostUp(
        IClearingHouse house,
        Exposure memory exposure,
        uint256 notionalUsd,
        uint256 tolerance
    ) internal view returns (uint256) {
        if (exposure.size == 0) return 0;
        IClearingHouse.MarketTerms memory terms = house.termsOf(exposure.market);
        int256 average = house.marketOf(exposure.market).averageSkewRatio;
        uint256 rate = impactRateUp(exposure.size, exposure.size.magnitude(), 0, average, terms.skewScale);
        return notionalUsd.mulWadUp(Math.min(rate, tolerance) + terms.takerFee);
    }

    /// @dev What the pool's price costs per unit for closing `size` more of a position of this sign on top of `held`, at an average skew: ∓k/K + (held + size/2)/K, at least 0. D18{1}, rounded up.
    /// @param direction only its sign counts: that of the position
    function impactRateUp(
        int256 direction,
        uint256 size,
        uint256 held,
        int256 averageSkewRatio,
        uint256 skewScale
    ) internal pure returns (uint256) {
        int256 own = (2 * held + size).divWadUp(2 * skewScale).toInt();
        return (own + (direction > 0 ? -averageSkewRatio : averageSkewRatio)).positivePart();
    }

    /// @dev Matured gain that a settlement would pay now, as far as the market's reserve reaches. D18{USD}
    function _payableOf(IClearingHouse house, Exposure memory exposure) private view returns (uint256) {
        if (exposure.maturedUsd == 0) return 0;
        IClearingHouse.MarketState memory state = house.marketOf(exposure.market);
        uint256 reserve = state.reserveUsd > state.pendingLossUsd ? state.reserveUsd - state.pendingLossUsd : 0;
        return Math.min(exposure.maturedUsd, reserve);
    }
}
