import type { PoolRequest } from "../store/chainStore.ts";
import type { Action } from "./action.ts";

const REDEMPTIONS_PER_CALL = 10n;

/** Liquidity providers' requests that have waited long enough. Whether the pool can serve them is asked by a trial call. */
export function poolActionsOf({
  requests,
  now,
}: {
  requests: readonly PoolRequest[];
  now: number;
}): Action[] {
  const ready = requests.filter(({ readyAt }) => now >= readyAt);
  const deposits = ready
    .filter(({ kind }) => kind === "deposit")
    .map(({ market, id }) => ({ kind: "processDeposit" as const, market, id }));
  const queues = new Set(
    ready.filter(({ kind }) => kind === "redemption").map(({ market }) => market),
  );
  const redemptions = [...queues].map((market) => ({
    kind: "processRedemptions" as const,
    market,
    count: REDEMPTIONS_PER_CALL,
  }));
  return [...deposits, ...redemptions];
}
