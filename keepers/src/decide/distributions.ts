import type { Action } from "./action.ts";

/** What a market's tranche would share now. D18{USD} */
export interface TrancheTerms {
  readonly toFundUsd: bigint;
  readonly toProtocolUsd: bigint;
}

/** Tranches that have taken in so much since they last shared that sharing it is worth its gas. */
export function distributionsOf({
  tranches,
  leastUsd,
}: {
  tranches: ReadonlyMap<number, TrancheTerms>;
  leastUsd: bigint;
}): Action[] {
  return [...tranches]
    .filter(([, { toFundUsd, toProtocolUsd }]) => {
      const sharedUsd = toFundUsd + toProtocolUsd;
      return sharedUsd > 0n && sharedUsd >= leastUsd;
    })
    .map(([market]) => ({ kind: "distribute", market }));
}
