// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Cash} from "./Cash.sol";
import {DEFICIT, HouseState, Market, RESOLUTION, TEAR_UP, TRANCHE} from "./HouseState.sol";
import {Sides} from "./MarketWords.sol";
import {Markets} from "./Markets.sol";
import {Leg, Words} from "./Words.sol";

/// @title Reconciliation: every term of the books, and what has to be 0
/// @notice Reads what is stored and nothing else: no price, no module, no account but the house's own, the pool and the fund. So it can be asked in every state,
/// costs the same however many accounts there are, and nothing depends on it.
///
/// Two of its differences are worth asking for in every block. `sizeDifference` compares numbers kept apart from each other: the sides' sums, written by every fill of a trader, and the pool's
/// position. `donatedUsd` compares the ledger with the tokens. That the quote legs of all accounts come to B + L − S, and their cash to ledger − ΣB, follows from no number kept here, since no sum over
/// accounts without a size is kept; whoever knows the accounts adds them up.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library Reconciliation {
    using FixedPoint for uint256;
    using Words for Leg;
    using Words for uint256;

    /// @dev See IClearingHouse.reconciliationOf.
    function ofMarket(
        HouseState storage state,
        MarketId id
    ) external view returns (IClearingHouse.MarketReconciliation memory books) {
        Market storage market = state.markets[id];
        if (Markets.modeOf(market) == IClearingHouse.MarketMode.Unlisted) revert IClearingHouse.MarketNotListed(id);
        Sides sides = market.sides;
        (books.longOpenInterest, books.shortOpenInterest) = (sides.longOf(), sides.shortOf());
        (books.longQuote, books.shortQuote) = market.quotes.toQuotes();
        (books.reserveUsd, books.uncollectedLossUsd) = (market.reserves.reserveOf(), market.uncollectedLoss);
        (books.surplusUsd, books.pendingLossUsd) = (market.surplus, market.pendingLoss);
        books.refundsDueUsd = market.refundsDue;

        (books.poolSize, books.poolQuote) = _legOf(state, Markets.poolOf(market), id);
        (books.resolutionSize, books.resolutionQuote) = _legOf(state, Markets.systemAccount(id, RESOLUTION), id);
        (books.mirrorSize, books.mirrorQuote) = _legOf(state, Markets.systemAccount(id, TEAR_UP), id);
        (, books.deficitQuote) = _legOf(state, Markets.systemAccount(id, DEFICIT), id);
        (, books.trancheQuote) = _legOf(state, Markets.systemAccount(id, TRANCHE), id);
        (, books.fundQuote) = _legOf(state, accountIdOf(state.insurance, 0), id);

        int256 owned = (books.reserveUsd + books.uncollectedLossUsd).toInt() - books.surplusUsd.toInt();
        books.flatQuote = owned - books.longQuote - books.shortQuote - books.poolQuote;
        books.sizeDifference = books.longOpenInterest.toInt() - books.shortOpenInterest.toInt() + books.poolSize;
        books.pendingDifferenceUsd = books.deficitQuote + books.pendingLossUsd.toInt();
    }

    /// @dev See IClearingHouse.reconciliation.
    function ofHouse(
        HouseState storage state,
        IERC20 token,
        uint8 decimals
    ) external view returns (IClearingHouse.HouseReconciliation memory books) {
        books.tokensUsd = Cash.toUsdDown(token.balanceOf(address(this)), decimals);
        books.ledgerUsd = state.ledger;
        uint256 listed = state.listed;
        for (uint8 number; listed != 0; ++number) {
            if (listed & 1 != 0) books.reservesUsd += state.markets[MarketId.wrap(number)].reserves.reserveOf();
            listed >>= 1;
        }
        books.cashUsd = books.ledgerUsd.toInt() - books.reservesUsd.toInt();
        books.donatedUsd = books.tokensUsd.toInt() - books.ledgerUsd.toInt();
    }

    /// @dev A position as stored.
    function _legOf(
        HouseState storage state,
        AccountId account,
        MarketId id
    ) private view returns (int256 size, int256 quote) {
        Leg memory leg;
        leg.read(state.positions[account][id]);
        return (leg.size, leg.quote);
    }
}
