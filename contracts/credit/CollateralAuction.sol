// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICollateralAuction} from "../interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {CollateralSale, CreditMath, Haircut} from "../libraries/CreditMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {CollateralBook} from "./CollateralBook.sol";

/// @title Auctions of collateral
/// @notice Owns one clock per account and collateral, and nothing else: tokens, debts and terms are the vault's. It never chooses a taker, a price or an
/// amount beyond the curve. Invariants: CREDIT-3, PRICE-1.
contract CollateralAuction is ICollateralAuction, ReentrancyGuardTransient {
    using FixedPoint for uint256;

    /// @dev When an auction started, and what the oracle's own clock, which counts only seconds with a valid price, then showed. One slot.
    struct Clock {
        uint40 startedAt;
        uint64 liveSeconds;
    }

    /// @dev An auction can be taken for so many times its duration.
    uint256 public constant LIFETIME_FACTOR = 3;
    bytes32 private constant _ORACLE = "oracle";

    ICreditVault public immutable VAULT;
    IClearingHouse public immutable HOUSE;
    uint256 private immutable _DECIMALS;

    mapping(AccountId account => mapping(address asset => Clock)) private _clocks;

    /// @param vault whose collateral is sold; it has to be told to let this contract do so
    constructor(ICreditVault vault, IClearingHouse house) {
        VAULT = vault;
        HOUSE = house;
        _DECIMALS = IERC20Metadata(house.TOKEN()).decimals();
    }

    /* ACTIONS */

    /// @inheritdoc ICollateralAuction
    function start(AccountId account, address asset) external nonReentrant {
        (ICreditVault.CollateralTerms memory terms, ) = VAULT.collateralTermsOf(asset);
        if (VAULT.collateralOf(account, asset) == 0) revert NothingToSell(account, asset);
        (, uint256 liveSeconds) = _observe(asset, terms.priceMarket);
        Clock memory clock = _clocks[account][asset];
        if (clock.startedAt != 0 && block.timestamp <= _expiryOf(clock, terms)) {
            if (_missingSeconds(clock, liveSeconds) == 0) revert AuctionRunning(account, asset, clock.startedAt);
        }
        VAULT.accrue();
        // Cash that the account can spare is nearer than its collateral.
        HOUSE.repayCredit(account, type(uint256).max);
        (uint256 debtUsd, uint256 valueUsd) = _stateOf(account);
        if (debtUsd <= valueUsd) revert AccountWithinLine(account, debtUsd, valueUsd);
        _clocks[account][asset] = Clock({startedAt: uint40(block.timestamp), liveSeconds: uint64(liveSeconds)});
        emit AuctionStarted(account, asset, block.timestamp, debtUsd, valueUsd);
    }

    /// @inheritdoc ICollateralAuction
    function take(TakeRequest calldata request) external nonReentrant returns (TakePlan memory plan) {
        if (block.timestamp > request.deadline) revert TakeExpired(request.deadline, block.timestamp);
        (AccountId account, address asset) = (request.account, request.asset);
        (ICreditVault.CollateralTerms memory terms, uint256 assetDecimals) = VAULT.collateralTermsOf(asset);
        Clock memory clock = _clocks[account][asset];
        uint256 expiresAt = clock.startedAt == 0 ? 0 : _expiryOf(clock, terms);
        if (block.timestamp > expiresAt) revert AuctionNotRunning(account, asset, expiresAt);
        (uint256 indexPrice, uint256 liveSeconds) = _observe(asset, terms.priceMarket);
        uint256 missing = _missingSeconds(clock, liveSeconds);
        if (missing != 0) revert AuctionBroken(account, asset, missing);
        VAULT.accrue();

        plan = _plan(account, asset, clock, terms, assetDecimals, indexPrice);
        _clamp(plan, request.maxAmountNative, assetDecimals);
        if (plan.amountNative != 0) {
            if (plan.price > request.limitPrice) revert AuctionPriceAboveLimit(plan.price, request.limitPrice);
            emit AuctionTaken(account, asset, msg.sender, plan.price, plan.amountNative, plan.paymentNative);
            VAULT.sell(
                ICreditVault.Sale({
                    account: account,
                    asset: asset,
                    amountNative: plan.amountNative,
                    paymentNative: plan.paymentNative,
                    from: msg.sender,
                    to: request.to
                })
            );
        }
        (uint256 debtUsd, uint256 valueUsd) = _stateOf(account);
        if (debtUsd <= valueUsd || VAULT.collateralOf(account, asset) == 0) {
            delete _clocks[account][asset];
            emit AuctionEnded(account, asset, debtUsd, valueUsd);
        }
    }

    /* VIEWS */

    /// @inheritdoc ICollateralAuction
    function previewTake(
        AccountId account,
        address asset,
        uint256 maxAmountNative
    ) external view returns (TakePlan memory plan) {
        (ICreditVault.CollateralTerms memory terms, uint256 assetDecimals) = VAULT.collateralTermsOf(asset);
        Clock memory clock = _clocks[account][asset];
        if (clock.startedAt == 0 || block.timestamp > _expiryOf(clock, terms)) return plan;
        Price memory price = _oracle().peek(terms.priceMarket.bit())[0];
        if (price.status != PriceStatus.Valid) return plan;
        plan = _plan(account, asset, clock, terms, assetDecimals, price.price);
        _clamp(plan, maxAmountNative, assetDecimals);
    }

    /// @inheritdoc ICollateralAuction
    function auctionOf(AccountId account, address asset) external view returns (uint256 startedAt, uint256 expiresAt) {
        (ICreditVault.CollateralTerms memory terms, ) = VAULT.collateralTermsOf(asset);
        Clock memory clock = _clocks[account][asset];
        startedAt = clock.startedAt;
        if (startedAt != 0) expiresAt = _expiryOf(clock, terms);
    }

    /* INTERNAL */

    /// @dev The curve's price now, and how much has to be sold at it.
    function _plan(
        AccountId account,
        address asset,
        Clock memory clock,
        ICreditVault.CollateralTerms memory terms,
        uint256 assetDecimals,
        uint256 indexPrice
    ) private view returns (TakePlan memory plan) {
        (uint256 debtUsd, uint256 valueUsd) = _stateOf(account);
        // Nothing is lent to an account that left losses to others: it is sold until they are paid.
        bool isCalled = valueUsd == 0;
        Haircut memory haircut = Haircut({
            topShare: isCalled ? 0 : terms.topShare,
            minShare: isCalled ? 0 : terms.minShare,
            sizeSlope: terms.sizeSlope,
            depth: terms.depth
        });
        uint256 availableNative = VAULT.collateralOf(account, asset);
        uint256 available = CollateralBook.toD18Down(availableNative, assetDecimals);
        plan.price = CreditMath.auctionPriceUp(
            indexPrice,
            terms.maxDiscount,
            block.timestamp - clock.startedAt,
            terms.auctionSeconds
        );
        uint256 amount = CreditMath.restoringUp(
            haircut,
            CollateralSale({
                amount: available,
                indexPrice: indexPrice,
                price: plan.price,
                otherValueUsd: valueUsd - CreditMath.valueDown(haircut, available, indexPrice),
                debtUsd: debtUsd
            })
        );
        // All of it includes what is too little to show in D18.
        plan.amountNative =
            amount == available && debtUsd > valueUsd
                ? availableNative
                : CollateralBook.toNativeUp(amount, assetDecimals);
    }

    /// @dev Down to what the taker wants; the payment follows.
    function _clamp(TakePlan memory plan, uint256 maxAmountNative, uint256 assetDecimals) private view {
        if (plan.amountNative > maxAmountNative) plan.amountNative = maxAmountNative;
        uint256 costUsd = CollateralBook.toD18Up(plan.amountNative, assetDecimals).mulWadUp(plan.price);
        plan.paymentNative = CollateralBook.toNativeUp(costUsd, _DECIMALS);
    }

    /// @dev What an account owes, and what is lent against its collateral where only health is judged. D18{USD}
    function _stateOf(AccountId account) private view returns (uint256 debtUsd, uint256 valueUsd) {
        debtUsd = VAULT.debtOf(account);
        valueUsd = VAULT.valueOf(account, MarginKind.Maintenance);
    }

    /// @dev The price, which has to be valid, and how many seconds with a valid price the oracle has counted up to now.
    function _observe(address asset, MarketId market) private returns (uint256 indexPrice, uint256 liveSeconds) {
        IOracleRouter oracle = _oracle();
        oracle.poke(market.bit());
        Price memory price = oracle.observe(market.bit(), Freshness.Latest)[0];
        if (price.status != PriceStatus.Valid) revert CollateralPriceNotValid(asset, price.status);
        indexPrice = price.price;
        IOracleRouter.PriceRecord memory record = oracle.recordOf(market);
        (IOracleRouter.FeedConfig memory config, ) = oracle.feedOf(market);
        liveSeconds = record.bucket * config.bucketLength + record.liveSeconds;
    }

    /// @dev How many seconds since the start the oracle had no valid price, or did not look for so long that it cannot know. {s}
    function _missingSeconds(Clock memory clock, uint256 liveSeconds) private view returns (uint256) {
        uint256 due = clock.liveSeconds + block.timestamp - clock.startedAt;
        return due > liveSeconds ? due - liveSeconds : 0;
    }

    /// @dev {s}
    function _expiryOf(Clock memory clock, ICreditVault.CollateralTerms memory terms) private pure returns (uint256) {
        return clock.startedAt + LIFETIME_FACTOR * terms.auctionSeconds;
    }

    function _oracle() private view returns (IOracleRouter) {
        return IOracleRouter(HOUSE.moduleOf(_ORACLE));
    }
}
