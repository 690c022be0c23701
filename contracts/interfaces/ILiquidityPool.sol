// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title A market's liquidity pool, seen by those who fund it
/// @notice Owns the account of the house that is the counterparty of every order and liquidation of one market. The house computes the pool's price and
/// fills; this contract only lets liquidity in and out, for shares (ERC-20, 18 decimals) of everything the account owns.
///
/// Getting in and out takes two steps: a request, which hands tokens or shares to this contract, and, `DELAY_SECONDS` later, its processing by anybody
/// at the price of that moment. Nobody can enter just before a gain or leave just before a loss.
///
/// Two values, both at the index and less the premium `P·k²/2K` that the pool has collected and will pay back when the traders' net size `k` returns to
/// zero (`K` is the market's skew scale). Because of it no trade changes them but by its fee, so nobody can trade around a request:
///
///  equity      cash and everything unsettled, gains in full: what newcomers pay for their shares, so that they dilute nobody
///  redeemable  cash and unsettled losses; unsettled gains count 0, because a default in the market may still take them
///
/// Requests are processed at a valid price published at most `MAX_PRICE_AGE_SECONDS` ago: at an older one they would be timed by what the next will be.
/// While the account has no position no price is needed.
///
/// Redemptions are paid in the order of their requests, from free cash only, and wait while deficits of the market are open or all cash is
/// needed as initial margin. A redemption cannot be taken back. Payouts are collected with `claim`, so no receiver can hold up the queue.
/// Warning: a pair of opposite trades turns cash of the pool into a gain that counts 0 until it has matured, so redemptions should set a limit price.
interface ILiquidityPool {
    /* TYPES */

    /// @notice Whether redemptions are paid now, and why not.
    /// `QueueEmpty` nobody waits. `NotReady` the first in the queue has not waited long enough. `PriceNotValid` the index may not be acted on.
    /// `PriceNotFresh` it was published too long ago. `LossOpen` deficits of the market wait to be booked or collected. `NoFreeCash` all cash is needed as margin, or lost.
    enum RedemptionStatus {
        Payable,
        QueueEmpty,
        NotReady,
        PriceNotValid,
        PriceNotFresh,
        LossOpen,
        NoFreeCash
    }

    /// @notice Why a request was given back in place of being filled.
    /// `LimitMissed` the price of a share was beyond the request's limit. `TooSmall` it was not worth one unit of what it asks for.
    /// `PoolDepleted` the pool has lost so much that new shares would cost next to nothing.
    enum ReturnReason {
        LimitMissed,
        TooSmall,
        PoolDepleted
    }

    /// @notice A deposit that waits. All zero once processed, returned or cancelled.
    /// @param owner who gets the shares, or the tokens back
    /// @param requestedAt {s}
    /// @param amountNative {qTok}
    /// @param limitPrice D18{USD/share}, highest price accepted
    struct DepositRequest {
        address owner;
        uint256 requestedAt;
        uint256 amountNative;
        uint256 limitPrice;
    }

    /// @notice A redemption that waits. All zero once paid or returned.
    /// @param owner who gets the tokens, or the shares back
    /// @param requestedAt {s}
    /// @param shares D18{share}, not yet paid
    /// @param limitPrice D18{USD/share}, lowest price accepted
    struct RedemptionRequest {
        address owner;
        uint256 requestedAt;
        uint256 shares;
        uint256 limitPrice;
    }

    /// @notice What the pool is worth now.
    /// @param equityUsd D18{USD}, what newcomers pay for all of it; negative for a pool that owes more than it has
    /// @param redeemableUsd D18{USD}, what those who leave share
    /// @param freeCashUsd D18{USD}, what can be paid out
    /// @param supply D18{share}
    /// @param priceUsable false while the pool has a position and its price is not valid, or not fresh: nothing is processed at these figures
    struct Valuation {
        int256 equityUsd;
        uint256 redeemableUsd;
        uint256 freeCashUsd;
        uint256 supply;
        bool priceUsable;
    }

    /* EVENTS */

    /// @notice Tokens wait here until `readyAt`; at par they become shares then. {qTok}, D18{USD/share}, {s}
    event DepositRequested(
        uint256 indexed id,
        address indexed owner,
        uint256 amountNative,
        uint256 limitPrice,
        uint256 readyAt
    );
    /// @notice `equityUsd` and `supply` are the pool's after it.
    event DepositProcessed(
        uint256 indexed id,
        address indexed owner,
        uint256 amountUsd,
        uint256 shares,
        int256 equityUsd,
        uint256 supply
    );
    /// @notice The tokens wait for `claim`; `claimableNative` is all that waits for the owner.
    event DepositReturned(
        uint256 indexed id,
        address indexed owner,
        ReturnReason reason,
        uint256 amountNative,
        uint256 claimableNative
    );
    /// @notice A request was taken back. {qTok}
    event DepositCancelled(uint256 indexed id, address indexed owner, uint256 amountNative);
    /// @notice Shares wait here until `readyAt`; they bear losses meanwhile. D18{share}, D18{USD/share}, {s}
    event RedemptionRequested(
        uint256 indexed id,
        address indexed owner,
        uint256 shares,
        uint256 limitPrice,
        uint256 readyAt
    );
    /// @notice `sharesLeft` still wait in the same place; the other figures are totals after it.
    event RedemptionPaid(
        uint256 indexed id,
        address indexed owner,
        uint256 shares,
        uint256 amountNative,
        uint256 sharesLeft,
        uint256 redeemableUsd,
        uint256 supply,
        uint256 claimableNative
    );
    /// @notice Shares went back to their owner unpaid, and why. D18{share}
    event RedemptionReturned(uint256 indexed id, address indexed owner, ReturnReason reason, uint256 shares);
    /// @notice Tokens that could not be sent at once were collected. {qTok}
    event Claimed(address indexed owner, uint256 amountNative);

    /* ERRORS */

    /// @notice Thrown when the delay does not exceed twice the market's maturity bucket, or is out of its own bounds. {s}
    error DelayOutOfRange(uint256 delaySeconds, uint256 lowest, uint256 highest);
    /// @notice Thrown when nothing is deposited or redeemed.
    error RequestEmpty(address owner);
    /// @notice Thrown when there is no such request, or none any more.
    error RequestUnknown(uint256 id);
    /// @notice Thrown when a request's delay has not passed. {s}
    error RequestNotReady(uint256 id, uint256 readyAt, uint256 timestamp);
    /// @notice Thrown when somebody else's request is to be cancelled.
    error RequestNotOwned(uint256 id, address owner, address caller);
    /// @notice Thrown between `readyAt`, when anybody may process the request, and `cancellableAt`.
    error RequestNotCancellable(uint256 id, uint256 readyAt, uint256 cancellableAt, uint256 timestamp);
    /// @notice Thrown when the price was published too long ago to process requests at. {s}
    error PriceNotFresh(MarketId market, uint256 publishedAt, uint256 maxAgeSeconds);
    /// @notice Thrown when the first deposit into an empty pool is too small. D18{USD}
    error FirstDepositTooSmall(uint256 id, uint256 amountUsd, uint256 minimumUsd);
    /// @notice Thrown when no redemption can be paid now.
    error RedemptionsWaiting(RedemptionStatus status, uint256 firstId);
    /// @notice Thrown when nothing waits for `owner`.
    error NothingToClaim(address owner);

    /* LIQUIDITY PROVIDERS */

    /// @notice Hands tokens over for shares, to be minted after the delay at the price of that moment.
    /// @param amountNative {qTok}, below 2^128
    /// @param limitPrice D18{USD/share}, highest price accepted, at most 2^128 − 1; beyond it the tokens are given back
    function requestDeposit(uint256 amountNative, uint256 limitPrice) external returns (uint256 id);

    /// @notice Hands shares over to be redeemed after the delay at the price of that moment. Until then they gain and lose like all others.
    /// @param shares D18{share}
    /// @param limitPrice D18{USD/share}, lowest price accepted, 0 for any; below it the shares not yet paid are given back
    function requestRedemption(uint256 shares, uint256 limitPrice) external returns (uint256 id);

    /// @notice Takes a deposit back before it is ready, or when nobody could process it for `CANCEL_AFTER_SECONDS`.
    /// @dev Not in between: the depositor would wait for prices to move and choose.
    /// @custom:access owner of the request
    function cancelDeposit(uint256 id) external;

    /// @notice Sends `owner` what was paid or given back to them.
    /// @return amountNative {qTok}
    function claim(address owner) external returns (uint256 amountNative);

    /* PROCESSING */

    /// @notice Mints the shares of a deposit that has waited, or gives its tokens back. In a pool without shares it need not wait.
    /// @return shares D18{share}, 0 when the tokens were given back
    /// @custom:rounding down, against the depositor
    function processDeposit(uint256 id) external returns (uint256 shares);

    /// @notice Pays redemptions in the order of their requests, as far as free cash reaches; the last one in part.
    /// @param maxCount most requests to look at
    /// @return closed requests done with, paid or given back
    /// @custom:rounding payment down, shares burned for a part up: against the redeemer
    function processRedemptions(uint256 maxCount) external returns (uint256 closed);

    /* VIEWS */

    /// @notice Account of the house that holds the pool's cash and position.
    function account() external view returns (AccountId);

    /// @notice The market whose traders this pool faces.
    function MARKET() external view returns (MarketId);

    /// @notice {s}, from request to processing; more than twice the market's maturity bucket.
    function DELAY_SECONDS() external view returns (uint256);

    /// @notice The pool's value now. Figures include matured gains that processing would settle first.
    function valuation() external view returns (Valuation memory);

    /// @notice Shares for a deposit processed now; 0 when it would be given back. Limits aside.
    /// @param amountNative {qTok}
    /// @return shares D18{share}
    function previewDeposit(uint256 amountNative) external view returns (uint256 shares);

    /// @notice Payment for shares redeemed now, were they first in the queue and ready. Limits and free cash aside.
    /// @param shares D18{share}
    /// @return amountNative {qTok}
    function previewRedemption(uint256 shares) external view returns (uint256 amountNative);

    /// @notice Whether `processRedemptions` would pay now.
    function redemptionStatus() external view returns (RedemptionStatus);

    /// @notice A waiting deposit; zeros when there is none of this number.
    function depositRequestOf(uint256 id) external view returns (DepositRequest memory);

    /// @notice A waiting redemption; zeros when there is none of this number.
    function redemptionRequestOf(uint256 id) external view returns (RedemptionRequest memory);

    /// @notice Number that the next deposit request gets; the first was 1.
    function nextDepositId() external view returns (uint256);

    /// @notice The queue: ids from `first` on, up to and without `next`.
    function redemptionQueue() external view returns (uint256 first, uint256 next);

    /// @notice {qTok} that wait for `owner`.
    function claimableOf(address owner) external view returns (uint256 amountNative);
}
