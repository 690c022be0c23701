// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {Coverage} from "./Coverage.sol";
import {HouseState, Market, TRANCHE} from "./HouseState.sol";
import {Book, Markets} from "./Markets.sol";
import {MatchSides, Side} from "./MatchSides.sol";
import {Matching} from "./Matching.sol";
import {OrderRules} from "./OrderRules.sol";
import {PairFills} from "./PairFills.sol";
import {Holding} from "./Settlement.sol";
import {Terms} from "./Terms.sol";
import {Touching} from "./Touching.sol";

/// @title Fills between two accounts at a price that both agreed to
/// @notice What each side has to have is said in MatchSides.
/// @dev Deployed on its own and linked: it runs in the house's storage.
library MatchPath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev See IClearingHouse.matchOrders; the caller, and that the two accounts differ, has been checked.
    function matchOrders(
        HouseState storage state,
        IClearingHouse.MatchRequest calldata request,
        uint256 depositUsd
    ) external returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        Side memory taker;
        Side memory maker;
        (taker.work, maker.work) = Touching.openPair(
            state,
            request.taker,
            request.maker,
            request.market,
            Freshness.Latest
        );
        _place(taker, request);
        _place(maker, request);
        Book memory book = taker.holding.book;
        OrderRules.requirePrice(book);
        Market storage market = state.markets[book.id];
        MatchSides.requireTrader(state, market, request.taker);
        MatchSides.requireTrader(state, market, request.maker);
        Matching.requireBand(book, market, request.price);
        _requireLots(taker.holding, maker.holding, request.sizeDelta, market.lotSize);

        MatchSides.prepare(state, taker, request.sizeDelta, request.takerReduceOnly);
        MatchSides.prepare(state, maker, -request.sizeDelta, request.makerReduceOnly);
        (makerFeeUsd, takerFeeUsd) = Matching.feesOf(book, market, request.sizeDelta);
        MatchSides.drawForCosts(state, taker, request.sizeDelta, request.price, takerFeeUsd, depositUsd);
        MatchSides.drawForCosts(state, maker, -request.sizeDelta, request.price, makerFeeUsd, depositUsd);
        uint256 longBefore = book.longOpenInterest;
        (uint256 unpaidByTaker, uint256 unpaidByMaker) = PairFills.fill(
            state,
            taker.work,
            taker.holding,
            maker.work,
            maker.holding,
            request.sizeDelta,
            request.price
        );
        MatchSides.charge(state, taker, takerFeeUsd, unpaidByTaker, depositUsd);
        MatchSides.charge(state, maker, makerFeeUsd, unpaidByMaker, depositUsd);
        // What only changes hands makes a market no larger.
        if (book.longOpenInterest > longBefore) Coverage.requireOpen(state, book);
        else if (!taker.reduces || !maker.reduces) Coverage.renew(state, book);
        MatchSides.requireHealthyPaid(state, taker);
        MatchSides.requireHealthyPaid(state, maker);

        MatchSides.emitMatched(taker, maker.work.account, request.sizeDelta, request.price, takerFeeUsd);
        MatchSides.emitMatched(maker, taker.work.account, -request.sizeDelta, request.price, makerFeeUsd);
        MatchSides.finish(state, taker.work, maker);
        _payFees(state, request.market, makerFeeUsd + takerFeeUsd);
    }

    function _place(Side memory side, IClearingHouse.MatchRequest calldata request) private pure {
        side.index = Touching.indexOf(side.work, request.market);
        side.holding = side.work.holdings[side.index];
    }

    /// @dev Whole lots, or all that one of the two holds.
    function _requireLots(Holding memory taker, Holding memory maker, int256 takerDelta, uint256 lotSize) private pure {
        bool closes = takerDelta == -taker.leg.size || takerDelta == maker.leg.size;
        if (takerDelta == 0 || (takerDelta.magnitude() % lotSize != 0 && !closes))
            revert IClearingHouse.SizeNotInLots(takerDelta, lotSize);
    }

    function _payFees(HouseState storage state, MarketId id, uint256 feesUsd) private {
        Market storage market = state.markets[id];
        uint256 toTranche = feesUsd.mulWadUp(market.insuranceSharePips * Terms.PIP);
        Accounts.credit(state, Markets.poolOf(market), feesUsd - toTranche);
        Accounts.credit(state, Markets.systemAccount(id, TRANCHE), toTranche);
    }
}
