// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../interfaces/IDelayedOrders.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title Delayed orders
/// @notice Owns the waiting orders and the terms they are executed on. It holds no tokens and no account; what it may do is what accounts let it, and it
/// uses that only for what their owner or delegate committed. An order is open until it is executed, cancelled, or removed after its expiry.
contract DelayedOrders is IDelayedOrders, AccessManaged, Multicall, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeCast for int256;
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /* TYPES */

    /// @dev Three slots: 32; 14 + 14 + 1 + 1 + 1; 14 + 4 + 4 + 10 bytes. `committedAt` is 0 when there is no order.
    struct StoredOrder {
        AccountId account;
        int112 sizeDelta;
        uint112 limitPrice;
        MarketId market;
        TriggerKind trigger;
        bool reduceOnly;
        uint112 triggerPrice;
        uint32 committedAt;
        uint32 expiry;
        uint80 keeperFeeUsd;
    }

    /// @dev One slot: 2 + 10 + 10 bytes. `maxWaitSeconds` is 0 when there are no terms.
    struct StoredTerms {
        uint16 maxWaitSeconds;
        uint80 spread;
        uint80 minKeeperFeeUsd;
    }

    /* CONSTANTS */

    /// @notice {s}, longest life of an order.
    uint256 public constant HIGHEST_LIFETIME_SECONDS = 90 days;
    uint256 public constant LOWEST_MAX_WAIT_SECONDS = 5 seconds;
    uint256 public constant HIGHEST_MAX_WAIT_SECONDS = 10 minutes;
    /// @notice D18{1}
    uint256 public constant LOWEST_SPREAD = 0.0005e18;
    uint256 public constant HIGHEST_SPREAD = 0.1e18;
    /// @notice D18{USD}. Bounds what a delegate who may only trade could hand to a keeper of theirs.
    uint256 public constant HIGHEST_KEEPER_FEE_USD = 100e18;

    /// @dev Power of a delegate to trade, as the house counts them.
    uint256 private constant _TRADE = 1;
    bytes32 private constant _ORACLE = "oracle";

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;

    /* STORAGE */

    /// @inheritdoc IDelayedOrders
    uint256 public nextOrderId = 1;
    mapping(uint256 orderId => StoredOrder order) private _orders;
    mapping(MarketId market => StoredTerms terms) private _terms;

    constructor(IClearingHouse house, address authority) AccessManaged(authority) {
        HOUSE = house;
    }

    /* TRADERS */

    /// @inheritdoc IDelayedOrders
    function commit(Order calldata order) external returns (uint256 orderId) {
        _requireTrader(order.account);
        _requireOrder(order);
        orderId = nextOrderId++;
        _orders[orderId] = StoredOrder({
            account: order.account,
            sizeDelta: order.sizeDelta.toInt112(),
            limitPrice: order.limitPrice.toUint112(),
            market: order.market,
            trigger: order.trigger,
            reduceOnly: order.reduceOnly,
            triggerPrice: order.triggerPrice.toUint112(),
            committedAt: block.timestamp.toUint32(),
            expiry: order.expiry.toUint32(),
            keeperFeeUsd: order.keeperFeeUsd.toUint80()
        });
        emit OrderCommitted(orderId, order.account, order.market, order);
    }

    /// @inheritdoc IDelayedOrders
    function cancel(uint256 orderId) external nonReentrant {
        StoredOrder memory order = _orders[orderId];
        if (order.committedAt == 0) revert OrderUnknown(orderId);
        _requireTrader(order.account);
        uint256 cancellableAt = _cancellableAt(order);
        if (block.timestamp < cancellableAt) revert OrderLocked(orderId, cancellableAt, block.timestamp);
        delete _orders[orderId];
        emit OrderCancelled(orderId, order.account, order.market);
    }

    /* KEEPERS */

    /// @inheritdoc IDelayedOrders
    function execute(uint256 orderId, AccountId keeper) external nonReentrant returns (uint256 price, uint256 feeUsd) {
        StoredOrder memory order = _orders[orderId];
        (ExecutionCode code, uint256 spread) = _judge(order, _observe(order));
        if (code != ExecutionCode.Executed) {
            uint256 retryAt =
                code == ExecutionCode.AwaitingPrice && order.trigger == TriggerKind.None
                    ? order.committedAt + _terms[order.market].maxWaitSeconds
                    : 0;
            revert OrderNotExecutable(orderId, code, retryAt);
        }
        delete _orders[orderId];
        (price, feeUsd) = HOUSE.trade(_requestOf(order, spread, keeper));
        _emitExecuted(orderId, order, keeper, price, spread, feeUsd);
    }

    /// @inheritdoc IDelayedOrders
    function executeBatch(
        uint256[] calldata orderIds,
        AccountId keeper
    ) external nonReentrant returns (ExecutionCode[] memory codes) {
        codes = new ExecutionCode[](orderIds.length);
        for (uint256 i; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            StoredOrder memory order = _orders[orderId];
            (ExecutionCode code, uint256 spread) = _judge(order, _observe(order));
            bytes memory reason;
            if (code == ExecutionCode.Executed) {
                try HOUSE.trade(_requestOf(order, spread, keeper)) returns (uint256 price, uint256 feeUsd) {
                    delete _orders[orderId];
                    _emitExecuted(orderId, order, keeper, price, spread, feeUsd);
                } catch (bytes memory error_) {
                    code = ExecutionCode.Rejected;
                    reason = error_;
                }
            }
            if (code != ExecutionCode.Executed) emit OrderSkipped(orderId, code, reason);
            codes[i] = code;
        }
    }

    /// @inheritdoc IDelayedOrders
    function removeExpired(uint256[] calldata orderIds) external nonReentrant {
        for (uint256 i; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            StoredOrder memory order = _orders[orderId];
            if (order.committedAt == 0) revert OrderUnknown(orderId);
            if (block.timestamp <= order.expiry) revert OrderNotExpired(orderId, order.expiry, block.timestamp);
            delete _orders[orderId];
            emit OrderRemoved(orderId, order.account, order.market, order.expiry);
        }
    }

    /* GOVERNANCE */

    /// @inheritdoc IDelayedOrders
    function setOrderTerms(MarketId market, OrderTerms calldata newTerms) external restricted {
        _requireTerm(
            market,
            "maxWaitSeconds",
            newTerms.maxWaitSeconds,
            LOWEST_MAX_WAIT_SECONDS,
            HIGHEST_MAX_WAIT_SECONDS
        );
        _requireTerm(market, "spread", newTerms.spread, LOWEST_SPREAD, HIGHEST_SPREAD);
        _requireTerm(market, "minKeeperFeeUsd", newTerms.minKeeperFeeUsd, 0, HIGHEST_KEEPER_FEE_USD);
        OrderTerms memory oldTerms = orderTermsOf(market);
        _terms[market] = StoredTerms({
            maxWaitSeconds: newTerms.maxWaitSeconds.toUint16(),
            spread: newTerms.spread.toUint80(),
            minKeeperFeeUsd: newTerms.minKeeperFeeUsd.toUint80()
        });
        emit OrderTermsSet(market, oldTerms, newTerms);
    }

    /* VIEWS */

    /// @inheritdoc IDelayedOrders
    function previewExecute(uint256 orderId) external view returns (ExecutionCode code, uint256 spread) {
        StoredOrder memory order = _orders[orderId];
        if (order.committedAt == 0) return (ExecutionCode.Unknown, 0);
        (code, spread) = _judge(order, _peek(order.market));
        if (code != ExecutionCode.Executed) return (code, 0);
        (uint256 price, ) = HOUSE.previewTrade(order.market, order.sizeDelta);
        uint256 spreadUsd = price.mulWadUp(spread);
        bool beyond = order.sizeDelta > 0 ? price + spreadUsd > order.limitPrice : price < order.limitPrice + spreadUsd;
        if (beyond) code = ExecutionCode.LimitNotMet;
    }

    /// @inheritdoc IDelayedOrders
    function orderOf(uint256 orderId) external view returns (Order memory order, uint256 committedAt) {
        StoredOrder storage stored = _orders[orderId];
        committedAt = stored.committedAt;
        order = Order({
            account: stored.account,
            market: stored.market,
            sizeDelta: stored.sizeDelta,
            limitPrice: stored.limitPrice,
            reduceOnly: stored.reduceOnly,
            trigger: stored.trigger,
            triggerPrice: stored.triggerPrice,
            keeperFeeUsd: stored.keeperFeeUsd,
            expiry: stored.expiry
        });
    }

    /// @inheritdoc IDelayedOrders
    function orderTermsOf(MarketId market) public view returns (OrderTerms memory) {
        StoredTerms storage terms = _terms[market];
        return OrderTerms(terms.maxWaitSeconds, terms.spread, terms.minKeeperFeeUsd);
    }

    /* JUDGING */

    /// @dev Whether an order may be executed at `price` now, and the spread. Does not ask the house.
    function _judge(
        StoredOrder memory order,
        Price memory price
    ) private view returns (ExecutionCode code, uint256 spread) {
        if (order.committedAt == 0) return (ExecutionCode.Unknown, 0);
        if (block.timestamp > order.expiry) return (ExecutionCode.Expired, 0);
        if (price.status != PriceStatus.Valid) return (ExecutionCode.PriceNotValid, 0);
        StoredTerms memory terms = _terms[order.market];
        bool isNew = price.publishedAt > order.committedAt;
        if (order.trigger != TriggerKind.None) {
            // A trigger waits for its own price, so an older one never does.
            if (!isNew) return (ExecutionCode.AwaitingPrice, 0);
            if (!_reached(order, price.price)) return (ExecutionCode.NotTriggered, 0);
        }
        if (isNew && block.timestamp <= price.publishedAt + terms.maxWaitSeconds) return (ExecutionCode.Executed, 0);
        if (block.timestamp < uint256(order.committedAt) + terms.maxWaitSeconds)
            return (ExecutionCode.AwaitingPrice, 0);
        return (ExecutionCode.Executed, terms.spread);
    }

    /// @dev Whether the index has reached the order's trigger. A stop sells into a fall and buys into a rise; a take-profit the other way round.
    function _reached(StoredOrder memory order, uint256 indexPrice) private pure returns (bool) {
        bool waitsForFall = (order.sizeDelta < 0) == (order.trigger == TriggerKind.Stop);
        return waitsForFall ? indexPrice <= order.triggerPrice : indexPrice >= order.triggerPrice;
    }

    /// @dev {s}, from when the order may be cancelled.
    function _cancellableAt(StoredOrder memory order) private returns (uint256) {
        uint256 maxWaitSeconds = _terms[order.market].maxWaitSeconds;
        if (order.trigger == TriggerKind.None) return order.committedAt + maxWaitSeconds;
        Price memory price = _observe(order);
        bool triggered =
            price.status == PriceStatus.Valid && price.publishedAt > order.committedAt && _reached(order, price.price);
        return triggered ? price.publishedAt + maxWaitSeconds : 0;
    }

    function _requestOf(
        StoredOrder memory order,
        uint256 spread,
        AccountId keeper
    ) private pure returns (IClearingHouse.TradeRequest memory) {
        return
            IClearingHouse.TradeRequest({
                account: order.account,
                market: order.market,
                sizeDelta: order.sizeDelta,
                limitPrice: order.limitPrice,
                spread: spread,
                reduceOnly: order.reduceOnly,
                keeper: keeper,
                keeperFeeUsd: order.keeperFeeUsd
            });
    }

    function _emitExecuted(
        uint256 orderId,
        StoredOrder memory order,
        AccountId keeper,
        uint256 price,
        uint256 spread,
        uint256 feeUsd
    ) private {
        emit OrderExecuted({
            orderId: orderId,
            account: order.account,
            market: order.market,
            keeper: keeper,
            price: price,
            spread: spread,
            feeUsd: feeUsd
        });
    }

    /* CHECKS */

    function _requireTrader(AccountId account) private view {
        if (msg.sender == account.owner()) return;
        if (HOUSE.powersOf(account, msg.sender) & _TRADE == 0) {
            revert IClearingHouse.NotAuthorized(account, msg.sender, _TRADE);
        }
    }

    /// @dev Refuses what could never be executed.
    function _requireOrder(Order calldata order) private view {
        uint256 powers = HOUSE.powersOf(order.account, address(this));
        if (powers & _TRADE == 0) revert VenueNotAuthorized(order.account, powers);
        StoredTerms memory terms = _terms[order.market];
        if (terms.maxWaitSeconds == 0) revert OrdersNotOpen(order.market);
        uint256 lotSize = HOUSE.termsOf(order.market).lotSize;
        if (lotSize == 0) revert IClearingHouse.MarketNotListed(order.market);
        // A reduction may close a size that is no multiple of the lot; the house knows.
        if (order.sizeDelta == 0 || (!order.reduceOnly && order.sizeDelta.magnitude() % lotSize != 0)) {
            revert OrderSizeNotInLots(order.market, order.sizeDelta, lotSize);
        }
        uint256 latest = block.timestamp + HIGHEST_LIFETIME_SECONDS;
        if (order.expiry <= block.timestamp || order.expiry > latest) {
            revert OrderExpiryOutOfRange(order.expiry, block.timestamp + 1, latest);
        }
        if (order.keeperFeeUsd < terms.minKeeperFeeUsd || order.keeperFeeUsd > HIGHEST_KEEPER_FEE_USD) {
            revert KeeperFeeOutOfRange(order.keeperFeeUsd, terms.minKeeperFeeUsd, HIGHEST_KEEPER_FEE_USD);
        }
        if ((order.trigger == TriggerKind.None) != (order.triggerPrice == 0)) {
            revert TriggerIncomplete(order.trigger, order.triggerPrice);
        }
    }

    function _requireTerm(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) revert OrderTermOutOfRange(market, term, value, lowest, highest);
    }

    /* PRICES */

    /// @dev The order's index price; none for no order.
    function _observe(StoredOrder memory order) private returns (Price memory price) {
        if (order.committedAt != 0) price = _oracle().observe(order.market.bit(), Freshness.Latest)[0];
    }

    function _peek(MarketId market) private view returns (Price memory) {
        return _oracle().peek(market.bit())[0];
    }

    function _oracle() private view returns (IOracleRouter) {
        return IOracleRouter(HOUSE.moduleOf(_ORACLE));
    }
}
