import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { MatchCandidate } from "../decide/matches.ts";
import { isActing, type SlicePlan } from "./reports.ts";
import { unlessReverted } from "./unlessReverted.ts";

/** Asks what a liquidation against a signed order would do. */
export interface OrderReader {
  /** The plan, or why there is none. The maker's margin is judged only when it is tried out. */
  planFor(
    candidate: MatchCandidate,
    block: number,
  ): Promise<{ readonly plan: SlicePlan } | { readonly reason: string }>;
}

export function orderReader(manifest: Manifest, caller: Caller): OrderReader {
  const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, caller);
  const venue = typedContract(signedOrdersAbi, manifest.contracts.signedOrders, caller);
  return {
    async planFor({ account, market, order: { signed } }, block) {
      const options = { blockTag: block };
      const { order } = signed;
      const { state, remaining } = await venue.call("stateOf", [order], options);
      const name = enums.SignedOrderState[Number(state)] ?? `state ${state}`;
      if (name !== "Open") return { reason: `it is ${name.toLowerCase()}` };
      if (!(await venue.call("isSignatureValid", [signed], options)))
        return { reason: "its signature is not good, or its signer may not trade for the account" };
      const makerSizeDelta = order.size > 0n ? remaining : -remaining;
      const plan = await unlessReverted(
        house.call(
          "previewLiquidationMatch",
          [account, BigInt(market), makerSizeDelta, order.limitPrice],
          options,
        ),
      );
      if ("reason" in plan) return plan;
      const code = enums.PlanCode[Number(plan.code)];
      return isActing(code) ? { plan } : { reason: code ?? "unknown code" };
    },
  };
}
