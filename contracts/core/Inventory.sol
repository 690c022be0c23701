// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {HouseState, Market} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolFills, PoolSide} from "./PoolFills.sol";
import {Holding, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";

/// @title What may be done now with what defaults left
/// @notice How much the pool would take near the index, and from when the rest is torn up. The acting path and the view of it run these.
library Inventory {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev How much the resolution account can trade with its price no further from the index than its tolerance: |k/K + Δ/2K| on the costly side; 0 if not
    /// one lot.
    function sellableOf(Holding memory holding, Market storage market) internal view returns (int256) {
        Book memory book = holding.book;
        int256 size = holding.leg.size;
        int256 reach = book.skewScale.mulWadDown(market.unwindTolerancePips * Terms.PIP).toInt();
        int256 skew = Markets.skewOf(book);
        uint256 amount = (2 * (reach + (size > 0 ? skew : -skew))).positivePart();
        uint256 whole = size.magnitude();
        if (amount >= whole) amount = whole;
        else amount -= amount % market.lotSize;
        return size > 0 ? -amount.toInt() : amount.toInt();
    }

    /// @dev From when inventory is torn up without a loss {s}, its loss, and the loss from which it does not wait. D18{USD}
    function tearUpTermsOf(
        Holding memory holding,
        Market storage market
    ) internal view returns (uint256 allowedAt, uint256 loss, uint256 lossNeeded) {
        allowedAt = uint256(market.inventoryAt) + market.tearUpDelay;
        loss = (-holding.value).positivePart();
        lossNeeded = holding.leg.size.magnitude().mulWadUp(holding.book.price).mulWadUp(
            market.tearUpLossPips * Terms.PIP
        );
    }

    function isTearUpDue(uint256 allowedAt, uint256 loss, uint256 lossNeeded) internal view returns (bool) {
        return block.timestamp >= allowedAt || loss >= lossNeeded;
    }

    /// @dev See IClearingHouse.previewInventory; `work` is the resolution account with its events applied.
    function planFor(
        HouseState storage state,
        Work memory work
    ) internal view returns (IClearingHouse.InventoryState memory result) {
        Holding memory holding = work.holdings[0];
        (result.size, result.valueUsd) = (holding.leg.size, holding.value);
        if (result.size == 0) return result;
        Market storage market = state.markets[holding.book.id];
        uint256 loss;
        (result.tearUpAt, loss, result.tearUpLossUsd) = tearUpTermsOf(holding, market);
        if (!Markets.isOpen(holding.book)) return result;

        int256 sellable = sellableOf(holding, market);
        PoolSide memory pool = PoolFills.load(state, holding.book);
        if (PoolFills.hasRoom(state, holding.book, pool, pool.leg.size - sellable, market.exposureCap)) {
            result.unwindDelta = sellable;
        }
        uint256 rest = result.size.magnitude() - result.unwindDelta.magnitude();
        if (rest >= market.lotSize && isTearUpDue(result.tearUpAt, loss, result.tearUpLossUsd)) {
            result.tearUpSize = rest;
        }
    }
}
