// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {ISignedOrders} from "../interfaces/ISignedOrders.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";

/// @title Signed orders
/// @notice See ISignedOrders. Owns what has been filled and cancelled, one slot per filled order and one per 256 nonces; holds no tokens, no account and no role.
/// @dev Checks, then counts the fill, then asks the house. A contract that signs is asked by a static call before anything is written.
contract SignedOrders is ISignedOrders, EIP712, Multicall, ReentrancyGuardTransient {
    using FixedPoint for int256;
    using SafeCast for uint256;

    /* CONSTANTS */

    bytes32 public constant ORDER_TYPEHASH = keccak256(
        "Order(uint256 account,uint8 market,int256 size,uint256 limitPrice,uint256 expiry,uint256 nonce,uint256 counterparty,address signer,bool reduceOnly,bool makerOnly)"
    );
    /// @dev Power of a delegate to trade, as the house counts them.
    uint256 private constant _TRADE = 1;

    IClearingHouse public immutable HOUSE;

    /* STORAGE */

    /// @inheritdoc ISignedOrders
    mapping(bytes32 orderHash => uint256 filled) public filledOf;
    /// @inheritdoc ISignedOrders
    mapping(AccountId account => uint256 minNonce) public minNonceOf;
    /// @inheritdoc ISignedOrders
    mapping(AccountId account => mapping(uint256 word => uint256 cancelled)) public cancelledOf;

    constructor(IClearingHouse house) EIP712("Breakwater Signed Orders", "1") {
        HOUSE = house;
    }

    /* TAKERS */

    /// @inheritdoc ISignedOrders
    function fill(
        SignedOrder calldata maker,
        AccountId taker,
        uint256 size
    ) external nonReentrant returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        _requireTrader(taker);
        bytes32 hash = _requireFillable(maker, taker);
        uint256 filled = _count(hash, maker.order, size);
        int256 makerDelta = _signed(maker.order, size);
        (makerFeeUsd, takerFeeUsd) = _match(maker.order, taker, makerDelta, false);
        _emitFilled(hash, maker.order, taker, makerDelta, maker.order.limitPrice, filled);
    }

    /// @inheritdoc ISignedOrders
    function fillPair(
        SignedOrder calldata maker,
        SignedOrder calldata taker,
        uint256 size
    ) external nonReentrant returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        bytes32 makerHash = _requireFillable(maker, taker.order.account);
        bytes32 takerHash = _requireFillable(taker, maker.order.account);
        _requireCrossing(maker.order, taker.order, takerHash);
        uint256 filledOfMaker = _count(makerHash, maker.order, size);
        uint256 filledOfTaker = _count(takerHash, taker.order, size);
        int256 makerDelta = _signed(maker.order, size);
        (makerFeeUsd, takerFeeUsd) = _match(maker.order, taker.order.account, makerDelta, taker.order.reduceOnly);
        uint256 price = maker.order.limitPrice;
        _emitFilled(makerHash, maker.order, taker.order.account, makerDelta, price, filledOfMaker);
        _emitFilled(takerHash, taker.order, maker.order.account, -makerDelta, price, filledOfTaker);
    }

    /// @inheritdoc ISignedOrders
    function liquidate(
        AccountId account,
        SignedOrder calldata maker,
        AccountId keeper
    ) external nonReentrant returns (ILiquidationEngine.Plan memory plan) {
        bytes32 hash = _requireFillable(maker, account);
        Order calldata order = maker.order;
        uint256 filled = filledOf[hash];
        uint256 remaining = order.size.magnitude() - filled;
        if (remaining == 0) revert SignedOrderOverfilled(hash, 0, 0);
        plan = HOUSE.liquidateAgainst(
            IClearingHouse.LiquidationMatch({
                account: account,
                market: order.market,
                maker: order.account,
                makerSizeDelta: _signed(order, remaining),
                price: order.limitPrice,
                makerReduceOnly: order.reduceOnly,
                keeper: keeper
            })
        );
        if (plan.code < ILiquidationEngine.PlanCode.Partial) return plan;
        filled += plan.closeSize;
        filledOf[hash] = filled;
        _emitFilled(hash, order, account, _signed(order, plan.closeSize), order.limitPrice, filled);
    }

    /* CANCELLING */

    /// @inheritdoc ISignedOrders
    function cancelNonces(AccountId account, uint256 word, uint256 mask) external {
        _requireTrader(account);
        uint256 cancelled = cancelledOf[account][word] | mask;
        cancelledOf[account][word] = cancelled;
        emit NoncesCancelled(account, word, cancelled);
    }

    /// @inheritdoc ISignedOrders
    function raiseMinNonce(AccountId account, uint256 minNonce) external {
        _requireTrader(account);
        uint256 current = minNonceOf[account];
        if (minNonce <= current) revert MinNonceNotRaised(account, current, minNonce);
        minNonceOf[account] = minNonce;
        emit MinNonceRaised(account, minNonce);
    }

    /* VIEWS */

    /// @inheritdoc ISignedOrders
    function hashOf(Order calldata order) public view returns (bytes32) {
        // The order is ten words of values, encoded as they are.
        return _hashTypedDataV4(keccak256(abi.encode(ORDER_TYPEHASH, order)));
    }

    /// @inheritdoc ISignedOrders
    function stateOf(Order calldata order) external view returns (SignedOrderState state, uint256 remaining) {
        remaining = order.size.magnitude() - filledOf[hashOf(order)];
        if (remaining == 0) state = SignedOrderState.Filled;
        else if (_isCancelled(order)) state = SignedOrderState.Cancelled;
        else if (block.timestamp > order.expiry) state = SignedOrderState.Expired;
    }

    /// @inheritdoc ISignedOrders
    function isSignatureValid(SignedOrder calldata signed) external view returns (bool) {
        return
            _maySign(signed.order) &&
            SignatureChecker.isValidSignatureNowCalldata(signed.order.signer, hashOf(signed.order), signed.signature);
    }

    /* INTERNAL */

    /// @dev Everything about an order but its size and price; returns its hash.
    function _requireFillable(SignedOrder calldata signed, AccountId other) internal view returns (bytes32 hash) {
        Order calldata order = signed.order;
        hash = hashOf(order);
        if (block.timestamp > order.expiry) revert SignedOrderExpired(hash, order.expiry, block.timestamp);
        if (_isCancelled(order)) {
            revert SignedOrderCancelled(hash, order.account, order.nonce, minNonceOf[order.account]);
        }
        if (AccountId.unwrap(order.counterparty) != 0 && order.counterparty != other) {
            revert CounterpartyNotAllowed(hash, order.counterparty, other);
        }
        if (!_maySign(order)) revert IClearingHouse.NotAuthorized(order.account, order.signer, _TRADE);
        if (!SignatureChecker.isValidSignatureNowCalldata(order.signer, hash, signed.signature)) {
            revert OrderSignatureInvalid(hash, order.signer);
        }
    }

    function _requireCrossing(Order calldata maker, Order calldata taker, bytes32 takerHash) internal pure {
        if (maker.market != taker.market) revert OrderMarketsDiffer(maker.market, taker.market);
        if ((maker.size > 0) == (taker.size > 0)) revert OrdersOnOneSide(maker.size, taker.size);
        bool crosses = taker.size > 0 ? taker.limitPrice >= maker.limitPrice : taker.limitPrice <= maker.limitPrice;
        if (!crosses) revert PricesDoNotCross(maker.limitPrice, taker.limitPrice);
        if (taker.makerOnly) revert OrderMakerOnly(takerHash);
    }

    function _isCancelled(Order calldata order) internal view returns (bool) {
        if (order.nonce < minNonceOf[order.account]) return true;
        return (cancelledOf[order.account][order.nonce >> 8] >> (order.nonce & 0xff)) & 1 != 0;
    }

    /// @dev The account's owner, or a delegate who may trade for it.
    function _maySign(Order calldata order) internal view returns (bool) {
        return order.signer == order.account.owner() || HOUSE.powersOf(order.account, order.signer) & _TRADE != 0;
    }

    function _requireTrader(AccountId account) internal view {
        if (msg.sender == account.owner()) return;
        if (HOUSE.powersOf(account, msg.sender) & _TRADE == 0) {
            revert IClearingHouse.NotAuthorized(account, msg.sender, _TRADE);
        }
    }

    /// @dev Counts a fill; returns all that is filled with it.
    function _count(bytes32 hash, Order calldata order, uint256 size) internal returns (uint256 filled) {
        filled = filledOf[hash];
        uint256 remaining = order.size.magnitude() - filled;
        if (size > remaining) revert SignedOrderOverfilled(hash, remaining, size);
        filled += size;
        filledOf[hash] = filled;
    }

    function _match(
        Order calldata maker,
        AccountId taker,
        int256 makerDelta,
        bool takerReduceOnly
    ) internal returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        return
            HOUSE.matchOrders(
                IClearingHouse.MatchRequest({
                    maker: maker.account,
                    taker: taker,
                    market: maker.market,
                    sizeDelta: -makerDelta,
                    price: maker.limitPrice,
                    makerReduceOnly: maker.reduceOnly,
                    takerReduceOnly: takerReduceOnly
                })
            );
    }

    /// @dev `size` with the order's sign. D18{base}
    function _signed(Order calldata order, uint256 size) internal pure returns (int256) {
        return order.size > 0 ? size.toInt256() : -size.toInt256();
    }

    function _emitFilled(
        bytes32 hash,
        Order calldata order,
        AccountId counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 filled
    ) internal {
        emit SignedOrderFilled({
            orderHash: hash,
            account: order.account,
            market: order.market,
            counterparty: counterparty,
            sizeDelta: sizeDelta,
            price: price,
            filled: filled
        });
    }
}
