import { ONE } from "../../../sdk/src/amounts.ts";
import { expD18, lnD18 } from "../logarithm.ts";
import { Random } from "../random.ts";
import type { PriceStep } from "./path.ts";
import { toFeedPrecision } from "./rounding.ts";

/** D18{USD/base} Where the companion starts; only its moves matter. */
const START_PRICE = 10_000n * ONE;
/** D18{1} How much of each move (of the logarithm) it shares. */
const BETA = (85n * ONE) / 100n;
/** D18{1} How much of its own deviation is left after one step, so the two never drift apart for good. */
const PERSISTENCE = (90n * ONE) / 100n;
/** Its own noise per step, as a fraction of the leader's root-mean-square step. */
const NOISE_DIVISOR = 4n;

/**
 * A second market beside a path that comes alone: 0.85 of each move of the leader, plus noise of its own (a quarter of the
 * leader's usual step, pulled back by a tenth each step). Depends on the path and the seed only.
 */
export function companionPath({
  leader,
  seed,
}: {
  leader: readonly PriceStep[];
  seed: number;
}): PriceStep[] {
  const random = Random.stream({ seed, purpose: "companion market" });
  const logs = leader.map(({ price }) => lnD18(price));
  const start = logs[0] ?? 0n;
  const noise = usualStep(logs) / NOISE_DIVISOR;
  let own = 0n;
  return leader.map(({ timestamp }, index) => {
    const log = logs[index] ?? start;
    if (index > 0) own = (own * PERSISTENCE + noise * random.normalD18()) / ONE;
    const move = expD18(((log - start) * BETA) / ONE + own);
    return { timestamp, price: toFeedPrecision((START_PRICE * move) / ONE) };
  });
}

/** D18{1} Root of the mean squared step. */
function usualStep(logs: readonly bigint[]): bigint {
  const squares = logs.slice(1).map((log, index) => (log - (logs[index] ?? log)) ** 2n);
  if (squares.length === 0) return 0n;
  return squareRoot(squares.reduce((sum, square) => sum + square, 0n) / BigInt(squares.length));
}

/** The largest whole number whose square is not above `value` (Newton's method from above). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}
