import { positivePart } from "./fixedPoint.ts";
import type { Assessment } from "./riskEngine.ts";
import { max, min } from "./solidity.ts";

/** One market of an account: its unsettled value and the cash held for it. D18{USD} */
export interface Commitment {
  readonly valueUsd: bigint;
  readonly heldUsd: bigint;
}

/** `FreeCash.gathered`: min(c − losses, E − IM), losses with what is held for them. D18{USD}, rounded down */
export function freeCashOf(
  marginCashUsd: bigint,
  commitments: readonly Commitment[],
  initial: Assessment,
): bigint {
  const committed = commitments.reduce(
    (sum, { valueUsd, heldUsd }) => sum + max(positivePart(-valueUsd), heldUsd),
    0n,
  );
  if (marginCashUsd <= committed) return 0n;
  return min(marginCashUsd - committed, positivePart(initial.equityUsd - initial.requiredUsd));
}
