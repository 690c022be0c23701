import type { Result } from "../../../sdk/src/abi.ts";
import type { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import type { Action } from "./action.ts";

/** A market's margin multipliers as they act. */
export type MarginMultipliers = Result<typeof riskEngineAbi, "multipliersOf">;

/** Parts of a thousand by which what volatility asks for may pass what maintenance margin follows. */
const TOLERANCE = 5n;
/** {s} After which margins are brought up to date in any case: that is how they fall. */
const LONGEST_PAUSE = 3_600n;

/**
 * Markets whose maintenance margin follows less than volatility asks for by now, or has not been asked about for an hour. Initial margin reads volatility by
 * itself; maintenance margin waits for somebody to.
 */
export function refreshesOf(
  multipliers: ReadonlyMap<number, MarginMultipliers>,
  now: number,
): Action[] {
  return [...multipliers]
    .filter(([, { refreshedAt }]) => refreshedAt !== 0n)
    .filter(
      ([, { initial, refreshed, refreshedAt }]) =>
        initial * 1_000n > refreshed * (1_000n + TOLERANCE) ||
        BigInt(now) - refreshedAt >= LONGEST_PAUSE,
    )
    .map(([market]) => ({ kind: "refreshMargins", market }));
}
