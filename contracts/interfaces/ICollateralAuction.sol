// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title Auctions of collateral
/// @notice While an account of the credit vault owes more than is lent against its collateral, that collateral is sold for cash at a price that falls from the
/// index to `1 − maxDiscount` of it. Anybody starts, anybody takes, any part; at most as much is sold as restores the line.
///
///     none → running      `start`: debt above the line, valid price, after the account's spare cash has repaid what it can
///     running → none      the line is restored, or all of the collateral sold
///     running → expired   three times the duration has passed: the price of a clock so old says nothing; `start` again
///     running → broken    the oracle skipped seconds (feed or sequencer outage): `start` again, from the index
interface ICollateralAuction {
    /* TYPES */

    /// @notice What a taker wants.
    /// @param maxAmountNative {qTok} of `asset`; less is sold where less restores the line
    /// @param limitPrice D18{USD/tok}, highest price
    /// @param deadline {s}
    /// @param to who gets the collateral
    struct TakeRequest {
        AccountId account;
        address asset;
        uint256 maxAmountNative;
        uint256 limitPrice;
        uint256 deadline;
        address to;
    }

    /// @notice What a take would come to.
    /// @param price D18{USD/tok}
    /// @param amountNative {qTok} of the collateral, 0 when the account is within its line
    /// @param paymentNative {qTok} of the settlement token
    struct TakePlan {
        uint256 price;
        uint256 amountNative;
        uint256 paymentNative;
    }

    /* EVENTS */

    /// @notice The price begins to fall from the index. D18{USD}
    event AuctionStarted(
        AccountId indexed account,
        address indexed asset,
        uint256 startedAt,
        uint256 debtUsd,
        uint256 valueUsd
    );
    /// @notice Part of the collateral was sold. D18{USD/tok}, {qTok}
    event AuctionTaken(
        AccountId indexed account,
        address indexed asset,
        address indexed taker,
        uint256 price,
        uint256 amountNative,
        uint256 paymentNative
    );
    /// @notice Nothing more is for sale. D18{USD}
    event AuctionEnded(AccountId indexed account, address indexed asset, uint256 debtUsd, uint256 valueUsd);

    /* ERRORS */

    /// @notice Thrown when the account owes no more than is lent against its collateral. D18{USD}
    error AccountWithinLine(AccountId account, uint256 debtUsd, uint256 valueUsd);
    /// @notice Thrown when the account has none of the collateral.
    error NothingToSell(AccountId account, address asset);
    /// @notice Thrown when the collateral has no price that may be acted on; retry when it has.
    error CollateralPriceNotValid(address asset, PriceStatus status);
    /// @notice Thrown when an auction is running that was started at this time. {s}
    error AuctionRunning(AccountId account, address asset, uint256 startedAt);
    /// @notice Thrown when no auction is running; start one. `expiredAt` {s} is 0 when there was none.
    error AuctionNotRunning(AccountId account, address asset, uint256 expiredAt);
    /// @notice Thrown when the price was not valid for a time since the auction started; start it again. {s}
    error AuctionBroken(AccountId account, address asset, uint256 missingSeconds);
    /// @notice Thrown when the price is above the taker's limit. D18{USD/tok}
    error AuctionPriceAboveLimit(uint256 price, uint256 limitPrice);
    /// @notice Thrown when the taker's deadline has passed. {s}
    error TakeExpired(uint256 deadline, uint256 timestamp);

    /* ACTIONS */

    /// @notice Starts the auction of one collateral of an account above its line.
    function start(AccountId account, address asset) external;

    /// @notice Buys collateral at the price of now, at most `maxAmountNative` and at most what restores the line. The caller pays in the settlement token and
    /// has approved the vault. Buys nothing, and ends the auction, when the account is back within its line.
    /// @return plan what was done
    /// @custom:rounding price and payment up, against the taker
    function take(TakeRequest calldata request) external returns (TakePlan memory plan);

    /* VIEWS */

    /// @notice What `take` would do now; all 0 when no auction is running or the price is not valid.
    /// @dev It cannot see that the oracle has skipped seconds nobody has observed yet: then `take` reverts with `AuctionBroken`.
    function previewTake(
        AccountId account,
        address asset,
        uint256 maxAmountNative
    ) external view returns (TakePlan memory plan);

    /// @notice When the auction started, and until when it can be taken. {s}, 0 without one
    function auctionOf(AccountId account, address asset) external view returns (uint256 startedAt, uint256 expiresAt);
}
