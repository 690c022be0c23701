// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {IDefaultLens} from "../interfaces/IDefaultLens.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LossMath} from "../libraries/LossMath.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";

/// @title What a default would cost whom
/// @notice See IDefaultLens. Owns nothing and is asked by nobody on chain.
///
/// A defaulter's cash, and what its other markets would pay it now, goes to its losses pro rata; what is left of the loss here is its deficit d. Its position passes to the resolution account at X, so
/// that its side's value U grows by d and nothing else of the side changes: `v_side → v_side − v + ⌈−s·X⌉`. The base G is then worked out as a loss event does, from the books after that.
contract DefaultLens is IDefaultLens {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev D18{USD}, r_min of the house.
    uint256 private constant MIN_BOOKED_LOSS = 100e18;
    /// @dev Widest price of the ledger.
    uint256 private constant HIGHEST_PRICE = type(uint104).max;

    /// @inheritdoc IDefaultLens
    IClearingHouse public immutable HOUSE;

    /// @dev The market's books as they would be once the defaults are recognised.
    /// @param x D18{USD/base}
    /// @param long D18{base}, open interest
    struct Books {
        MarketId market;
        int256 x;
        uint256 long;
        uint256 short;
        int256 longQuote;
        int256 shortQuote;
        AccountId pool;
        int256 poolSize;
        int256 poolQuote;
        uint256 reserveUsd;
        uint256 uncollectedUsd;
        uint256 surplusUsd;
        uint256 pendingUsd;
    }

    /// @dev What one account would do at the price.
    /// @param paidUsd D18{USD}, of its loss in the market, in cash
    /// @param deficitUsd D18{USD}, the rest
    /// @param isBankrupt whether it would be resolved
    struct Failure {
        uint256 paidUsd;
        uint256 deficitUsd;
        bool isBankrupt;
    }

    constructor(IClearingHouse house) {
        HOUSE = house;
    }

    /* VIEWS */

    /// @inheritdoc IDefaultLens
    function deficitsOf(
        MarketId market,
        AccountId[] calldata accounts,
        uint256 price
    ) external view returns (uint256[] memory deficitsUsd) {
        Books memory books = _booksOf(market, price);
        deficitsUsd = new uint256[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) deficitsUsd[i] = _failureOf(books, accounts[i]).deficitUsd;
    }

    /// @inheritdoc IDefaultLens
    function previewDefault(
        MarketId market,
        AccountId[] calldata defaulters,
        uint256 price,
        AccountId[] calldata payers
    ) external view returns (Default memory outcome, Payer[] memory charges) {
        Books memory books = _booksOf(market, price);
        outcome.x = books.x;
        bool[] memory isBankrupt = new bool[](defaulters.length);
        for (uint256 i; i < defaulters.length; ++i) {
            for (uint256 j; j < i; ++j) if (defaulters[j] == defaulters[i]) revert DefaulterTwice(defaulters[i]);
            Failure memory failure = _failureOf(books, defaulters[i]);
            isBankrupt[i] = failure.isBankrupt;
            if (!failure.isBankrupt) continue;
            _remove(books, defaulters[i], failure);
            outcome.deficitUsd += failure.deficitUsd;
        }
        _share(books, outcome);
        charges = new Payer[](payers.length);
        for (uint256 i; i < payers.length; ++i) {
            IClearingHouse.PositionState memory position = HOUSE.positionOf(payers[i], market);
            charges[i].account = payers[i];
            charges[i].gainUsd = LossMath.gainAt(position.size, books.x, position.quote);
            bool defaults;
            for (uint256 j; j < defaulters.length; ++j)
                if (defaulters[j] == payers[i] && isBankrupt[j]) defaults = true;
            if (!defaults) charges[i].chargeUsd = LossMath.chargeUp(charges[i].gainUsd, outcome.fraction);
        }
    }

    /* INTERNAL */

    function _booksOf(MarketId market, uint256 price) private view returns (Books memory books) {
        if (price == 0 || price > HIGHEST_PRICE) revert PreviewPriceOutOfRange(market, price, HIGHEST_PRICE);
        IClearingHouse.MarketState memory state = HOUSE.marketOf(market);
        books.market = market;
        books.x = price.toInt() - state.fundingIndex;
        (books.long, books.short) = (state.longOpenInterest, state.shortOpenInterest);
        (books.longQuote, books.shortQuote) = (state.longQuote, state.shortQuote);
        books.pool = HOUSE.termsOf(market).pool;
        IClearingHouse.PositionState memory pool = HOUSE.positionOf(books.pool, market);
        (books.poolSize, books.poolQuote) = (pool.size, pool.quote);
        (books.reserveUsd, books.uncollectedUsd) = (state.reserveUsd, state.uncollectedLossUsd);
        (books.surplusUsd, books.pendingUsd) = (state.surplusUsd, state.pendingLossUsd);
    }

    /// @dev What an account could pay of its losses, and whether that is enough.
    function _failureOf(Books memory books, AccountId account) private view returns (Failure memory failure) {
        IClearingHouse.AccountState memory state = HOUSE.accountOf(account);
        IClearingHouse.PositionState memory position = HOUSE.positionOf(account, books.market);
        uint256 loss = (-(position.size.mulWadFloor(books.x) + position.quote)).positivePart();
        if (loss == 0) return failure;

        Exposure[] memory exposures = HOUSE.portfolioOf(account, MarginKind.Initial).exposures;
        uint256 available = state.cashUsd - state.depositUsd + _lineOf(account);
        int256 equity = available.toInt() - loss.toInt();
        uint256 losses = loss;
        for (uint256 i; i < exposures.length; ++i) {
            Exposure memory exposure = exposures[i];
            if (exposure.market == books.market) continue;
            equity += exposure.valueUsd;
            if (exposure.valueUsd < 0) losses += uint256(-exposure.valueUsd);
            else available += _payableOf(exposure);
        }
        failure.isBankrupt = equity < 0;
        failure.paidUsd = losses <= available ? loss : available.mulDivDown(loss, losses);
        // An account that could pay in the end owes nothing that others would have to meet.
        if (failure.isBankrupt) failure.deficitUsd = loss - failure.paidUsd;
    }

    /// @dev What can be drawn now. D18{USD}
    function _lineOf(AccountId account) private view returns (uint256) {
        Portfolio memory portfolio = HOUSE.portfolioOf(account, MarginKind.Maintenance);
        if (portfolio.creditLineUsd == 0) return 0;
        uint256 line = ICreditVault(HOUSE.moduleOf("credit")).lineOf(account, MarginKind.Initial);
        return line < portfolio.creditLineUsd ? line : portfolio.creditLineUsd;
    }

    /// @dev Matured gain that a settlement would pay now. D18{USD}
    function _payableOf(Exposure memory exposure) private view returns (uint256) {
        if (exposure.maturedUsd == 0) return 0;
        IClearingHouse.MarketState memory state = HOUSE.marketOf(exposure.market);
        uint256 payable_ = state.reserveUsd > state.pendingLossUsd ? state.reserveUsd - state.pendingLossUsd : 0;
        return exposure.maturedUsd < payable_ ? exposure.maturedUsd : payable_;
    }

    /// @dev Takes a defaulter out of its side and puts its position, at X, into the resolution account, which is of the same side.
    function _remove(Books memory books, AccountId account, Failure memory failure) private view {
        books.reserveUsd += failure.paidUsd;
        IClearingHouse.PositionState memory position = HOUSE.positionOf(account, books.market);
        int256 taken = (-position.size).mulWadCeil(books.x);
        if (account == books.pool) {
            (books.poolSize, books.poolQuote) = (0, 0);
            if (position.size > 0) books.long += uint256(position.size);
            else books.short += uint256(-position.size);
        } else {
            taken -= position.quote;
        }
        if (position.size > 0) books.longQuote += taken;
        else if (position.size < 0) books.shortQuote += taken;
    }

    /// @dev What buffers would pay of one deficit. D18{USD}
    function _coverOf(MarketId market, uint256 deficitUsd) private view returns (uint256 coveredUsd) {
        IClearingHouse.TierCover[4] memory tiers = HOUSE.previewCover(market, deficitUsd);
        for (uint256 i; i < tiers.length; ++i) coveredUsd += tiers[i].paidUsd;
    }

    /// @dev Buffers, then the loss event.
    function _share(Books memory books, Default memory outcome) private view {
        if (outcome.deficitUsd != 0) {
            outcome.coveredUsd = _coverOf(books.market, outcome.deficitUsd);
            books.reserveUsd += outcome.coveredUsd;
        }
        outcome.lossUsd = books.pendingUsd + outcome.deficitUsd - outcome.coveredUsd;
        if (outcome.lossUsd == 0) return;
        // Σv after the deficit left its account: B + (L + r) − S.
        int256 flatQuote =
            (books.reserveUsd + books.uncollectedUsd + outcome.lossUsd).toInt() -
                books.surplusUsd.toInt() -
                books.longQuote -
                books.shortQuote -
                books.poolQuote;
        uint256 gains =
            LossMath.gainAt(books.long.toInt(), books.x, books.longQuote) +
                LossMath.gainAt(-books.short.toInt(), books.x, books.shortQuote) +
                LossMath.gainAt(books.poolSize, books.x, books.poolQuote) +
                flatQuote.positivePart();
        outcome.shareBaseUsd = LossMath.shareBase(
            books.reserveUsd,
            outcome.lossUsd,
            gains,
            books.surplusUsd,
            books.uncollectedUsd
        );
        if (outcome.lossUsd >= MIN_BOOKED_LOSS) {
            outcome.fraction = LossMath.fractionUp(outcome.lossUsd, outcome.shareBaseUsd);
        }
    }
}
