// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";

/// @notice What a pool's account is worth, see ILiquidityPool.
/// @param equityUsd D18{USD}, rounded up
/// @param redeemableUsd D18{USD}, rounded down
struct PoolWorth {
    int256 equityUsd;
    uint256 redeemableUsd;
}

/// @title The value of a market's pool
/// @notice Its cash, and its unsettled value U = s·(P − F) + v less the premium P·k²/2K. A fill of Δ at the pool's price P·(1 + (k + Δ/2)/K) adds exactly
/// P·((k + Δ)² − k²)/2K to the pool, so the difference is the same before and after: trades move it by their fees only.
library PoolValue {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev The account's worth at `price`, with the house's books as they are.
    /// @param price D18{USD/base}, of no matter while the account has no position
    /// @param payableUsd D18{USD}, gain that the next settlement turns into cash; 0 right after one
    function worthOf(
        IClearingHouse house,
        AccountId account,
        MarketId market,
        uint256 price,
        uint256 payableUsd
    ) internal view returns (PoolWorth memory worth) {
        int256 cash = house.accountOf(account).cashUsd.toInt();
        IClearingHouse.PositionState memory position = house.positionOf(account, market);
        if (!hasPosition(position)) return PoolWorth({equityUsd: cash, redeemableUsd: uint256(cash)});

        IClearingHouse.MarketState memory state = house.marketOf(market);
        uint256 skewScale = house.termsOf(market).skewScale;
        int256 x = price.toInt() - state.fundingIndex;
        uint256 skew = (state.longOpenInterest.toInt() - state.shortOpenInterest.toInt()).magnitude();
        // P·k²/2K: the notional first, so that no product leaves 256 bits.
        int256 premiumUp = skew.mulWadUp(price).mulDivUp(skew, 2 * skewScale).toInt();
        int256 premiumDown = skew.mulWadDown(price).mulDivDown(skew, 2 * skewScale).toInt();
        int256 valueDown = position.size.mulWadFloor(x) + position.quote - premiumUp;
        int256 valueUp = position.size.mulWadCeil(x) + position.quote - premiumDown;

        int256 certain = payableUsd.toInt();
        worth.equityUsd = cash + valueUp;
        worth.redeemableUsd = (cash + (valueDown < certain ? valueDown : certain)).positivePart();
    }

    /// @dev Matured gain that a settlement would pay now, as far as the market's reserve reaches. D18{USD}
    function payableOf(IClearingHouse house, AccountId account, MarketId market) internal view returns (uint256) {
        Portfolio memory portfolio = house.portfolioOf(account, MarginKind.Initial);
        IClearingHouse.MarketState memory state = house.marketOf(market);
        uint256 reserve = state.reserveUsd > state.pendingLossUsd ? state.reserveUsd - state.pendingLossUsd : 0;
        for (uint256 i; i < portfolio.exposures.length; ++i) {
            if (portfolio.exposures[i].market != market) continue;
            uint256 matured = portfolio.exposures[i].maturedUsd;
            return matured < reserve ? matured : reserve;
        }
        return 0;
    }

    /// @dev Whether prices matter: the account has a size or a quote leg in the market.
    function hasPosition(IClearingHouse.PositionState memory position) internal pure returns (bool) {
        return position.size != 0 || position.quote != 0;
    }
}
