// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title Delayed orders
/// @notice A venue: traders commit orders, and any keeper executes each against the market's pool at the first price published after the commitment, so that
/// nobody trades at a price already known. The house computes the fill; this contract decides only when.
///
/// A price is *fresh* for an order when it was published after the commitment and at most `maxWaitSeconds` ago. At a fresh price there is no spread.
/// Once an order has waited `maxWaitSeconds` it may also be executed at an older price, then with the market's spread, which is not smaller than the
/// feed's deviation threshold: the true price is no further away than that, or the feed would have published it. So whoever holds an
/// order back to choose its moment pays for the choice.
///
/// Stop and take-profit orders wait until the index has reached their trigger at a price published after the commitment, however long that takes.
///
/// An order that the house refuses (limit, margin, band …) stays until it expires. It can be cancelled, but not while keepers have their turn: an order
/// that can be withdrawn after its price is known is an option that costs nothing and that liquidity providers pay for. Hence an order
/// without trigger is locked for `maxWaitSeconds` from its commitment, and one with a trigger from the publication of a price that reaches it.
/// Warning: an account can still make its order fail, by its cash or the power it gave this venue, and take that back while a price is fresh. So
/// `maxWaitSeconds` also bounds for how long a published price can be picked off: it should be no longer than keepers need.
interface IDelayedOrders {
    /* TYPES */

    /// @notice What an order waits for.
    /// `None` only the next price. `Stop` a price at least as bad as the trigger for a position that the order closes: a sale waits for the index to fall to
    /// it, a purchase to rise to it. `TakeProfit` the opposite.
    enum TriggerKind {
        None,
        Stop,
        TakeProfit
    }

    /// @notice What a trader commits.
    /// @param account whose position changes
    /// @param market where
    /// @param sizeDelta D18{base}, signed, a multiple of the market's lot, below 2^111
    /// @param limitPrice D18{USD/base}, worst price accepted, spread included; below 2^112
    /// @param reduceOnly execution fails unless it brings the position nearer to zero without crossing it
    /// @param trigger what it waits for
    /// @param triggerPrice D18{USD/base}, 0 exactly when there is no trigger; below 2^112
    /// @param keeperFeeUsd D18{USD}, for whoever executes, out of the account's cash
    /// @param expiry {s}, last second of execution
    struct Order {
        AccountId account;
        MarketId market;
        int256 sizeDelta;
        uint256 limitPrice;
        bool reduceOnly;
        TriggerKind trigger;
        uint256 triggerPrice;
        uint256 keeperFeeUsd;
        uint256 expiry;
    }

    /// @notice Terms of orders in a market.
    /// @param maxWaitSeconds {s}, how long keepers have for a price; 5 s to 10 min
    /// @param spread D18{1}, charged at a price that is not fresh, not smaller than the feed's deviation threshold; 0.05 % to 10 %
    /// @param minKeeperFeeUsd D18{USD}, so that some keeper executes every order; at most 100 USD
    struct OrderTerms {
        uint256 maxWaitSeconds;
        uint256 spread;
        uint256 minKeeperFeeUsd;
    }

    /// @notice What execution does with an order now.
    /// `Executed` it fills. `Unknown` there is no such order, or none any more. `Expired` too late. `PriceNotValid` the index may not be acted on.
    /// `AwaitingPrice` no price was published since the commitment, and it has not waited long enough for an older one. `NotTriggered` the index is not
    /// beyond the trigger. `LimitNotMet` the pool's price is beyond the limit (said by `previewExecute` only). `Rejected` the house refused.
    enum ExecutionCode {
        Executed,
        Unknown,
        Expired,
        PriceNotValid,
        AwaitingPrice,
        NotTriggered,
        LimitNotMet,
        Rejected
    }

    /* EVENTS */

    /// @notice An order waits from now on for the first price published after this block.
    event OrderCommitted(uint256 indexed orderId, AccountId indexed account, MarketId indexed market, Order order);
    /// @notice The fill itself is the house's `Traded`.
    event OrderExecuted(
        uint256 indexed orderId,
        AccountId indexed account,
        MarketId indexed market,
        AccountId keeper,
        uint256 price,
        uint256 spread,
        uint256 feeUsd
    );
    /// @notice An order of a batch stayed. `reason` is the house's error when `code` is `Rejected`.
    event OrderSkipped(uint256 indexed orderId, ExecutionCode code, bytes reason);
    /// @notice The account withdrew its order; nothing was traded.
    event OrderCancelled(uint256 indexed orderId, AccountId indexed account, MarketId indexed market);
    /// @notice An expired order was cleared away by anybody. {s}
    event OrderRemoved(uint256 indexed orderId, AccountId indexed account, MarketId indexed market, uint256 expiry);
    /// @notice Terms of a market changed; orders already committed execute at the new ones.
    event OrderTermsSet(MarketId indexed market, OrderTerms oldTerms, OrderTerms newTerms);

    /* ERRORS */

    /// @notice Thrown when the market has no terms for orders yet.
    error OrdersNotOpen(MarketId market);
    /// @notice Thrown when the account has not given this venue the power to trade; call `setDelegate` of the house.
    error VenueNotAuthorized(AccountId account, uint256 powers);
    /// @notice Thrown when an order's size is zero or no multiple of the lot. D18{base}
    error OrderSizeNotInLots(MarketId market, int256 sizeDelta, uint256 lotSize);
    /// @notice Thrown when an order expires in the past, or too far ahead. {s}
    error OrderExpiryOutOfRange(uint256 expiry, uint256 earliest, uint256 latest);
    /// @notice Thrown when the fee offered to the keeper is below the minimum or absurdly high. D18{USD}
    error KeeperFeeOutOfRange(uint256 keeperFeeUsd, uint256 minimumUsd, uint256 maximumUsd);
    /// @notice Thrown for a trigger without price, or a price without trigger.
    error TriggerIncomplete(TriggerKind trigger, uint256 triggerPrice);
    /// @notice Thrown when an order cannot be executed now, for a reason that this venue sees. `retryAt` {s}: from when an older price will
    /// do (`AwaitingPrice`), 0 when no time is known.
    error OrderNotExecutable(uint256 orderId, ExecutionCode code, uint256 retryAt);
    /// @notice Thrown when there is no such order: never committed, executed, cancelled or removed.
    error OrderUnknown(uint256 orderId);
    /// @notice Thrown while keepers have their turn.
    error OrderLocked(uint256 orderId, uint256 cancellableAt, uint256 timestamp);
    /// @notice Thrown when an order that can still be executed is to be removed. {s}
    error OrderNotExpired(uint256 orderId, uint256 expiry, uint256 timestamp);
    /// @notice Thrown when a term lies outside its bounds in code.
    error OrderTermOutOfRange(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest);

    /* TRADERS */

    /// @notice Commits an order. Several at once: `multicall`.
    /// @custom:access owner of the account, or a delegate with the power to trade
    function commit(Order calldata order) external returns (uint256 orderId);

    /// @notice Cancels an order that is not locked.
    /// @custom:access owner of the account, or a delegate with the power to trade
    function cancel(uint256 orderId) external;

    /* KEEPERS */

    /// @notice Executes an order, or fails with the reason: the house's error if the house refuses.
    /// @param keeper account of the house that receives the keeper's fee
    /// @return price D18{USD/base}
    /// @return feeUsd D18{USD}
    function execute(uint256 orderId, AccountId keeper) external returns (uint256 price, uint256 feeUsd);

    /// @notice `execute` for many; an order that cannot be executed stays, with its code.
    function executeBatch(
        uint256[] calldata orderIds,
        AccountId keeper
    ) external returns (ExecutionCode[] memory codes);

    /// @notice Removes orders that have expired.
    function removeExpired(uint256[] calldata orderIds) external;

    /* GOVERNANCE */

    /// @custom:access governor
    function setOrderTerms(MarketId market, OrderTerms calldata newTerms) external;

    /* VIEWS */

    /// @notice What `execute` would do now, as far as this venue and the pool's price say; the account's margin is the house's to judge.
    /// @return code see ExecutionCode
    /// @return spread D18{1}, charged on the price
    function previewExecute(uint256 orderId) external view returns (ExecutionCode code, uint256 spread);

    /// @return order all zero when there is none, or none any more
    /// @return committedAt {s}
    function orderOf(uint256 orderId) external view returns (Order memory order, uint256 committedAt);

    /// @notice Number that the next order gets; the first was 1.
    function nextOrderId() external view returns (uint256);

    /// @notice The terms at which orders of a market execute.
    function orderTermsOf(MarketId market) external view returns (OrderTerms memory);
}
