// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState} from "./HouseState.sol";
import {Book} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title Fills between two accounts
/// @notice One account's position changes by `Δs` at price `p`, the other's by `−Δs`: quote legs move by exactly `∓n`, `n = ⌈Δs·(p − F)⌉`, so `Σs = 0` and
/// `Σv` is unchanged to the unit. The side that gives up value against the index pays that edge into the reserve at once, as far as its cash reaches.
library PairFills {
    using SafeCast for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev Fills `sizeDelta` for `one` and `−sizeDelta` for `other`, which hold the same book (Touching.openPair).
    /// @return unpaidByOne D18{USD}, the part of its edge that `one` had no cash for; it stays in the quote leg as an ordinary unsettled loss
    /// @return unpaidByOther D18{USD}, likewise
    function fill(
        HouseState storage state,
        Work memory one,
        Holding memory ofOne,
        Work memory other,
        Holding memory ofOther,
        int256 sizeDelta,
        uint256 price
    ) internal returns (uint256 unpaidByOne, uint256 unpaidByOther) {
        Book memory book = ofOne.book;
        int256 cost = sizeDelta.mulWadCeil(price.toInt256() - book.fundingIndex);
        int256 overIndex = price.toInt256() - book.price.toInt256();
        unpaidByOne = _fillSide(state, one, ofOne, sizeDelta, cost, sizeDelta.mulWadCeil(overIndex));
        unpaidByOther = _fillSide(state, other, ofOther, -sizeDelta, -cost, (-sizeDelta).mulWadCeil(overIndex));
    }

    /// @dev Says of one side of a fill what it has become.
    /// @param feeUsd D18{USD}
    function emitMatched(
        Work memory work,
        Holding memory holding,
        AccountId counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd
    ) internal {
        Leg memory leg = holding.leg;
        emit IClearingHouse.Matched({
            account: work.account,
            market: holding.book.id,
            counterparty: counterparty,
            sizeDelta: sizeDelta,
            price: price,
            feeUsd: feeUsd,
            size: leg.size,
            quote: leg.quote,
            cashUsd: work.header.cash,
            version: work.header.version
        });
    }

    /// @param edge D18{USD}, what this side gives up against the index; it gains where that is negative
    function _fillSide(
        HouseState storage state,
        Work memory work,
        Holding memory holding,
        int256 sizeDelta,
        int256 cost,
        int256 edge
    ) private returns (uint256 unpaid) {
        Book memory book = holding.book;
        Leg memory leg = holding.leg;
        if (edge > 0) {
            uint256 cash = Settlement.availableOf(state, work);
            uint256 paid = cash < uint256(edge) ? cash : uint256(edge);
            unpaid = uint256(edge) - paid;
            work.header.takeCash(paid);
            book.reserveDelta += int256(paid);
            cost -= int256(paid);
        }
        Positions.recordFill(state, book, work.account, sizeDelta, cost);
        Settlement.store(
            state,
            work,
            holding,
            Leg({size: leg.size + sizeDelta, quote: leg.quote - cost, seen: book.events})
        );
    }
}
