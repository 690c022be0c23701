import { type Signer, type TypedDataDomain, TypedDataEncoder } from "ethers";
import type { Arguments } from "../abi.ts";
import type { signedOrdersAbi } from "../abis/SignedOrders.ts";

/** A signed order as the contract takes it. */
export type SignedOrder = Arguments<typeof signedOrdersAbi, "isSignatureValid">[0];

/** What an order says; see the contract's interface for each field. Sizes and prices are D18. */
export type Order = SignedOrder["order"];

/** Where signed orders are filled: a signature is good on one chain and for one contract only. */
export interface OrderVenue {
  readonly chainId: bigint;
  /** Address of the venue for signed orders. */
  readonly signedOrders: string;
}

/** The order's type, field by field in the order in which the contract hashes them. */
export const ORDER_TYPES = {
  Order: [
    { name: "account", type: "uint256" },
    { name: "market", type: "uint8" },
    { name: "size", type: "int256" },
    { name: "limitPrice", type: "uint256" },
    { name: "expiry", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "counterparty", type: "uint256" },
    { name: "signer", type: "address" },
    { name: "reduceOnly", type: "bool" },
    { name: "makerOnly", type: "bool" },
  ],
};

export function orderDomain({ chainId, signedOrders }: OrderVenue): TypedDataDomain {
  return {
    name: "Breakwater Signed Orders",
    version: "1",
    chainId,
    verifyingContract: signedOrders,
  };
}

/** EIP-712 hash of an order: what is signed, and the name under which the contract counts its fills. */
export function orderHashOf(venue: OrderVenue, order: Order): string {
  return TypedDataEncoder.hash(orderDomain(venue), ORDER_TYPES, order);
}

/** The order as JSON for a wallet's `eth_signTypedData_v4`. */
export function orderTypedData(venue: OrderVenue, order: Order): unknown {
  return TypedDataEncoder.getPayload(orderDomain(venue), ORDER_TYPES, order);
}

/** An order that cannot be signed as it is; the message says what is wrong. */
export class OrderError extends Error {
  override readonly name = "OrderError";
}

/** Signs an order with the key it names as its signer. */
export async function signOrder(
  venue: OrderVenue,
  order: Order,
  signer: Pick<Signer, "getAddress" | "signTypedData">,
): Promise<SignedOrder> {
  const address = await signer.getAddress();
  if (address.toLowerCase() !== order.signer.toLowerCase()) {
    throw new OrderError(`The order names ${order.signer} as its signer; the key is ${address}'s`);
  }
  if (order.size === 0n) throw new OrderError("The order's size is 0");
  const signature = await signer.signTypedData(orderDomain(venue), ORDER_TYPES, order);
  return { order, signature };
}

/** Nonces in words of 256 bits, as the contract cancels them: one call for each word. */
export function cancellationsOf(
  nonces: Iterable<bigint>,
): { readonly word: bigint; readonly mask: bigint }[] {
  const masks = new Map<bigint, bigint>();
  for (const nonce of nonces) {
    if (nonce < 0n || nonce >= 1n << 256n) throw new OrderError(`Nonce ${nonce} is out of range`);
    const word = nonce >> 8n;
    masks.set(word, (masks.get(word) ?? 0n) | (1n << (nonce & 0xffn)));
  }
  return [...masks].map(([word, mask]) => ({ word, mask }));
}
