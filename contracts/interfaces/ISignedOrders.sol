// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";

/// @title The venue for signed orders
/// @notice An order is a signature off chain: nothing is locked or stored until it is filled. Whoever holds one fills it against an account that may trade,
/// against another signed order whose price crosses, or against a liquidation. What a signature allows is exactly the order: its account's position
/// changes by at most `size` towards its sign, at `limitPrice` or better, until `expiry`, the market's fee on top.
/// Signatures are EIP-712, of the domain ("Breakwater Signed Orders", "1", chain, this contract), by a key or by a contract (EIP-1271).
/// @dev The account must have given this contract the power to trade in the house. Revoking that power stops all its orders at once.
interface ISignedOrders {
    /* TYPES */

    /// @notice A signed order.
    /// @param account whose position changes
    /// @param market where
    /// @param size D18{base}, signed, positive buys; may be filled in parts
    /// @param limitPrice D18{USD/base}, worst price accepted; the price of every fill in which it is the maker's
    /// @param expiry {s}, last second at which it may be filled
    /// @param nonce chosen freely; orders with the same nonce are cancelled together
    /// @param counterparty the only account that may be on the other side (a request for quote); 0 for any
    /// @param signer who signs: the account's owner, or a delegate who may trade for it
    /// @param reduceOnly fills only what brings the position nearer to zero without crossing it
    /// @param makerOnly never the taker's in a fill against another signed order
    struct Order {
        AccountId account;
        MarketId market;
        int256 size;
        uint256 limitPrice;
        uint256 expiry;
        uint256 nonce;
        AccountId counterparty;
        address signer;
        bool reduceOnly;
        bool makerOnly;
    }

    /// @notice An order with its signature.
    struct SignedOrder {
        Order order;
        bytes signature;
    }

    /// @notice Whether an order can be filled, as far as this venue knows without its signature.
    enum SignedOrderState {
        Open,
        Filled,
        Cancelled,
        Expired
    }

    /* EVENTS */

    /// @notice An order was filled. `filled` is all that has been filled of it. The account's new state is in the house's `Matched`. D18{base}
    event SignedOrderFilled(
        bytes32 indexed orderHash,
        AccountId indexed account,
        MarketId indexed market,
        AccountId counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 filled
    );
    /// @notice Orders with nonces `256·word + i` are cancelled where bit i of `cancelled` is set: all bits of the word, not only the new ones.
    event NoncesCancelled(AccountId indexed account, uint256 indexed word, uint256 cancelled);
    /// @notice All orders with nonces below `minNonce` are cancelled.
    event MinNonceRaised(AccountId indexed account, uint256 minNonce);

    /* ERRORS */

    /// @notice Thrown when the signature is not that of `signer` over this order, on this chain, for this contract.
    error OrderSignatureInvalid(bytes32 orderHash, address signer);
    /// @notice Thrown when an order's last second has passed. {s}
    error SignedOrderExpired(bytes32 orderHash, uint256 expiry, uint256 timestamp);
    /// @notice Thrown when an order's nonce was cancelled, alone or with all below `minNonce`.
    error SignedOrderCancelled(bytes32 orderHash, AccountId account, uint256 nonce, uint256 minNonce);
    /// @notice Thrown when more is to be filled than is left of the order; ask for less. D18{base}
    error SignedOrderOverfilled(bytes32 orderHash, uint256 remaining, uint256 asked);
    /// @notice Thrown when an order is for another counterparty.
    error CounterpartyNotAllowed(bytes32 orderHash, AccountId wanted, AccountId given);
    /// @notice Thrown when two orders to be matched are both to buy, or both to sell. D18{base}
    error OrdersOnOneSide(int256 makerSize, int256 takerSize);
    /// @notice Thrown when two orders to be matched are for different markets.
    error OrderMarketsDiffer(MarketId makerMarket, MarketId takerMarket);
    /// @notice Thrown when the buyer of two orders pays less than the seller asks. D18{USD/base}
    error PricesDoNotCross(uint256 makerPrice, uint256 takerPrice);
    /// @notice Thrown when an order that may only be the maker's is given as the taker's.
    error OrderMakerOnly(bytes32 orderHash);
    /// @notice Thrown when the lowest valid nonce is to be lowered, or left as it is.
    error MinNonceNotRaised(AccountId account, uint256 minNonce, uint256 asked);

    /* TAKERS */

    /// @notice Takes `size` of a signed order for an account that may trade, at the order's price.
    /// @param taker account on the other side
    /// @param size D18{base}, above 0, at most what is left of the order
    /// @return makerFeeUsd D18{USD}
    /// @return takerFeeUsd D18{USD}
    /// @dev Reverts: NotAuthorized, SignedOrderExpired, SignedOrderCancelled, CounterpartyNotAllowed, OrderSignatureInvalid, SignedOrderOverfilled, and what
    /// `matchOrders` of the house reverts with.
    /// @custom:access owner of the taker's account, or a delegate with the power to trade
    function fill(
        SignedOrder calldata maker,
        AccountId taker,
        uint256 size
    ) external returns (uint256 makerFeeUsd, uint256 takerFeeUsd);

    /// @notice Fills two signed orders against each other at the maker's price. Anybody may bring them, and says which is the maker's.
    /// @param size D18{base}, above 0, at most what is left of either
    /// @dev Reverts: as `fill`, and OrderMarketsDiffer, OrdersOnOneSide, PricesDoNotCross, OrderMakerOnly.
    function fillPair(
        SignedOrder calldata maker,
        SignedOrder calldata taker,
        uint256 size
    ) external returns (uint256 makerFeeUsd, uint256 takerFeeUsd);

    /// @notice Liquidates `account` against a signed order that pays it more than the pool would. Anybody may.
    /// @param keeper account of the house that receives the reward
    /// @return plan what was done; a code that closes nothing is not an error, and fills nothing
    /// @dev Reverts: as `fill`, and what `liquidateAgainst` of the house reverts with.
    function liquidate(
        AccountId account,
        SignedOrder calldata maker,
        AccountId keeper
    ) external returns (ILiquidationEngine.Plan memory plan);

    /* CANCELLING */

    /// @notice Cancels the orders of an account whose nonces are `256·word + i` for every bit i of `mask`. For good.
    /// @custom:access owner of the account, or a delegate with the power to trade
    function cancelNonces(AccountId account, uint256 word, uint256 mask) external;

    /// @notice Cancels all orders of an account with nonces below `minNonce`. For good.
    /// @dev Reverts: MinNonceNotRaised. Warning: nonces go up to `minNonce`; raising it to the largest number ends signed orders for the account.
    /// @custom:access owner of the account, or a delegate with the power to trade
    function raiseMinNonce(AccountId account, uint256 minNonce) external;

    /* VIEWS */

    /// @notice EIP-712 hash that the order's signer signs, and by which its fills are counted.
    function hashOf(Order calldata order) external view returns (bytes32);

    /// @notice What has been filled of an order. D18{base}
    function filledOf(bytes32 orderHash) external view returns (uint256);

    /// @notice Whether an order can be filled, and what is left of it. D18{base}
    function stateOf(Order calldata order) external view returns (SignedOrderState state, uint256 remaining);

    /// @notice Whether the signature is good, and its signer the account's owner or a delegate who may trade for it.
    function isSignatureValid(SignedOrder calldata signed) external view returns (bool);

    /// @notice Orders of the account with lower nonces are cancelled.
    function minNonceOf(AccountId account) external view returns (uint256);

    /// @notice Cancelled nonces of the account from `256·word` on, one bit each.
    function cancelledOf(AccountId account, uint256 word) external view returns (uint256);
}
