// The contracts' volatility once more, in floating point and from the formulas: what the fixed-point one is held against.

import type { PriceHistory } from "../../../sdk/src/math/priceHistory.ts";

/** Averages of the variance per second, in floating point. */
export interface FloatVariances {
  readonly slow: number;
  readonly fast: number;
}

/** How margins follow volatility, in floating point. */
export interface FloatTerms {
  readonly horizonSeconds: number;
  readonly deviations: number;
  readonly maintenanceMargin: number;
  readonly maxMultiplier: number;
}

const HALF_LIVES = { slow: 30 * 86_400, fast: 12 * 3_600 };
const CLIP = 8;
const FLOOR = 1.2675e-9;
const D18 = 1e18;

/** The averages once the buckets between two states of a history have ended. */
export function advanceFloat(
  variances: FloatVariances,
  before: PriceHistory,
  after: PriceHistory,
  bucketSeconds: number,
): FloatVariances {
  if (after.bucket === before.bucket) return variances;
  const number = Number(before.bucket);
  const flat = Number(after.bucket - before.bucket) - 1;
  const { low, high } = before.present;
  const move = Math.log(Number(before.price) / Number(before.opened));
  const range = Math.log(Number(high) / Number(low));
  const sampled = Math.max(move ** 2, range ** 2 / (4 * Math.LN2)) / bucketSeconds;
  const clip = CLIP ** 2 * Math.max(variances.slow, FLOOR);
  const average = (from: number, taken: number, halfLife: number) => {
    const weight = Math.max(1 - 2 ** (-bucketSeconds / halfLife), 1 / number);
    const left = Math.min(2 ** ((-flat * bucketSeconds) / halfLife), number / (number + flat));
    return (from + weight * (taken - from)) * left;
  };
  return {
    slow: average(variances.slow, Math.min(sampled, clip), HALF_LIVES.slow),
    fast: average(variances.fast, sampled, HALF_LIVES.fast),
  };
}

/** max(slow, ½·fast + ½·slow) */
export const combinedFloat = ({ slow, fast }: FloatVariances): number =>
  Math.max(slow, (fast + slow) / 2);

/** clamp(k·σ·√H / m, 1, ρ_max) */
export function multiplierFloat(variances: FloatVariances, terms: FloatTerms): number {
  const { horizonSeconds, deviations, maintenanceMargin, maxMultiplier } = terms;
  const deviation = Math.sqrt(combinedFloat(variances) * horizonSeconds);
  return Math.min(Math.max((deviations * deviation) / maintenanceMargin, 1), maxMultiplier);
}

/** How far a D18 number is from a floating-point one, as a share of the latter. */
export const relativeError = (value: bigint, exact: number): number =>
  exact === 0 ? Number(value) / D18 : Math.abs(Number(value) / D18 - exact) / exact;
