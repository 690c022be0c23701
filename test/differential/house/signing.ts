import { id, SigningKey, TypedDataEncoder } from "ethers";
import { hashOf } from "../../model/signedOrders.ts";
import type { AccountName, Delegate, SignedOrder } from "../../model/state.ts";

/** That signs for all traders, and one that may not. */
const KEY = new SigningKey(id("signs"));
const OTHER_KEY = new SigningKey(id("signs for nobody"));

const FIELDS = {
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

/** Where orders go that are signed. */
export interface Venue {
  readonly chainId: bigint;
  readonly address: string;
  readonly idOf: (name: AccountName) => bigint;
  readonly delegates: Readonly<Record<Delegate, string>>;
}

export type Signing = ReturnType<typeof signingFor>;

/** Signs orders, and remembers by what name the model knows their hashes. */
export function signingFor({ chainId, address, idOf, delegates }: Venue) {
  const domain = {
    name: "Breakwater Signed Orders",
    version: "1",
    chainId,
    verifyingContract: address,
  };
  const labels = new Map<bigint, string>();
  return {
    labels,
    /** The order as the contract takes it; a wrong signature is somebody else's. */
    sign(named: SignedOrder) {
      const { isSigned, ...rest } = named;
      const order = {
        ...rest,
        account: idOf(rest.account),
        counterparty: rest.counterparty === null ? 0n : idOf(rest.counterparty),
        signer: delegates[rest.signer],
      };
      const hash = TypedDataEncoder.hash(domain, FIELDS, order);
      labels.set(BigInt(hash), hashOf(named));
      const key = isSigned ? KEY : OTHER_KEY;
      return { order, signature: key.sign(hash).serialized };
    },
  };
}

/** Public key of the one that signs for all traders. */
export const SIGNER_KEY = KEY.publicKey;
