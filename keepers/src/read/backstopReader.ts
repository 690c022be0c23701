import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { BackstopOffer, BackstopSlice } from "../decide/backstop.ts";
import { unlessReverted } from "./unlessReverted.ts";

/** Asks the backstop what it would do. */
export interface BackstopReader {
  /** Its account of the house. */
  readonly account: AccountId;
  /** Null where it would take, or why not. */
  refusalOf(
    offer: Pick<BackstopOffer, "account" | "market">,
    block: number,
  ): Promise<string | null>;
  /** Null where that cannot be said now. */
  sliceOf(market: number, block: number): Promise<BackstopSlice | null>;
}

export function backstopReader(manifest: Manifest, caller: Caller): BackstopReader {
  const { backstopPool } = manifest.contracts;
  const contract = typedContract(backstopPoolAbi, backstopPool, caller);
  return {
    account: accountIdOf(backstopPool),
    async refusalOf({ account, market }, block) {
      const options = { blockTag: block };
      const bid = await unlessReverted(
        contract.call("previewTake", [account, BigInt(market)], options),
      );
      if ("reason" in bid) return bid.reason;
      const refusal = enums.BidRefusal[Number(bid.refusal)] ?? String(bid.refusal);
      if (refusal === "None") return null;
      const code = enums.PlanCode[Number(bid.plan.code)] ?? String(bid.plan.code);
      return refusal === "Plan" ? `${refusal}: ${code}` : refusal;
    },
    async sliceOf(market, block) {
      const slice = await unlessReverted(
        contract.call("previewUnwind", [BigInt(market)], { blockTag: block }),
      );
      return "reason" in slice ? null : { market, ...slice };
    },
  };
}
