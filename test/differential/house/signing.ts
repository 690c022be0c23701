import { id, SigningKey } from "ethers";
import { orderHashOf } from "../../../sdk/src/orders/signedOrder.ts";
import { hashOf } from "../../model/signedOrders.ts";
import type { AccountName, Delegate, SignedOrder } from "../../model/state.ts";

/** That signs for all traders, and one that may not. */
const KEY = new SigningKey(id("signs"));
const OTHER_KEY = new SigningKey(id("signs for nobody"));

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
  const venue = { chainId, signedOrders: address };
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
      const hash = orderHashOf(venue, order);
      labels.set(BigInt(hash), hashOf(named));
      const key = isSigned ? KEY : OTHER_KEY;
      return { order, signature: key.sign(hash).serialized };
    },
  };
}

/** Public key of the one that signs for all traders. */
export const SIGNER_KEY = KEY.publicKey;
