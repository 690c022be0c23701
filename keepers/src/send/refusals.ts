import {
  decodeRevert,
  explainError,
  type MarketNames,
  revertDataOf,
} from "../../../sdk/src/errors.ts";
import { RetryableError } from "../failures.ts";
import type { ChainClient } from "../rpc/chainClient.ts";
import { RpcError } from "../rpc/rpcError.ts";
import type { Receipt } from "../rpc/wire.ts";
import type { Intent } from "../store/outbox.ts";

/** Refusals of what another keeper, or the account itself, did meanwhile. */
const OUTRUN: ReadonlySet<string> = new Set([
  "AccountChanged",
  "AccountNotBankrupt",
  "AccountWithinLine",
  "AuctionNotRunning",
  "AuctionRunning",
  "BidRefused",
  "DiscountBelowMinimum",
  "LossNotBookable",
  "NothingHeld",
  "NothingToSell",
  "NothingToUnwind",
  "NotToWriteOff",
  "PoolNotDistressed",
  "PoolTearUpTooEarly",
  "PriceBeyondLimit",
  "PriceNotBetter",
  "RequestUnknown",
  "SignedOrderCancelled",
  "SignedOrderOverfilled",
  "SliceTooCostly",
  "SliceTooEarly",
  "TearUpTooEarly",
  "UnwindTooCostly",
]);

/** Why a transaction was reverted. */
export interface Refusal {
  readonly text: string;
  /** Whether somebody else had done the work. */
  readonly isOutrun: boolean;
}

/** Why a transaction was reverted, as far as the state at the end of its block still shows; null where it would pass there. */
export async function refusalOf({
  client,
  sender,
  intent,
  receipt,
  nameOf,
}: {
  client: Pick<ChainClient, "call">;
  sender: string | undefined;
  intent: Pick<Intent, "target" | "data">;
  receipt: Pick<Receipt, "blockNumber">;
  nameOf: MarketNames;
}): Promise<Refusal | null> {
  const from = sender === undefined ? {} : { from: sender };
  try {
    const { target: to, data } = intent;
    await client.call({ ...from, to, data, blockTag: receipt.blockNumber });
    return null;
  } catch (error) {
    if (!(error instanceof RpcError || error instanceof RetryableError)) throw error;
    const revertData = revertDataOf(error);
    const name = revertData === undefined ? undefined : decodeRevert(revertData)?.name;
    const isOutrun = name !== undefined && OUTRUN.has(name);
    return { text: explainError(error, nameOf).sentence, isOutrun };
  }
}
