import { toInt, WAD } from "./fixedPoint.ts";
import { clamp, int256 } from "./solidity.ts";

/** What funding needs of a market; see FundingMath.sol for units and widths. */
export interface FundingInput {
  readonly rate: bigint;
  readonly skew: bigint;
  readonly skewScale: bigint;
  readonly maxVelocity: bigint;
  readonly maxRate: bigint;
  readonly elapsedSeconds: bigint;
}

export const SECONDS_PER_DAY = 86_400n;

/** dr/dt now. */
export function velocity(skew: bigint, skewScale: bigint, maxVelocity: bigint): bigint {
  if (skew >= skewScale) return maxVelocity;
  if (skew <= -skewScale) return -maxVelocity;
  return (maxVelocity * skew) / skewScale;
}

/** The rate after the elapsed time, and the exact integral of the rate over it, time in days. */
export function advance(input: FundingInput): {
  readonly newRate: bigint;
  readonly integral: bigint;
} {
  const time = input.elapsedSeconds;
  const slope = velocity(input.skew, input.skewScale, input.maxVelocity);
  const bound = input.maxRate;
  const rate = clamp(input.rate, bound);

  const reached = rate + (slope * time) / SECONDS_PER_DAY;
  if (reached <= bound && reached >= -bound) {
    const doubled = 2n * SECONDS_PER_DAY * rate * time + slope * time * time;
    return { newRate: reached, integral: doubled / (2n * SECONDS_PER_DAY * SECONDS_PER_DAY) };
  }
  // The line reaches the bound and rests there: the bound's rectangle less the triangle missing below it.
  const newRate = slope > 0n ? bound : -bound;
  const missing = newRate - rate;
  return {
    newRate,
    integral: (newRate * time) / SECONDS_PER_DAY - (missing * missing) / (2n * slope),
  };
}

/** The funding index after an integral of the rate at one price. */
export const accrue = (fundingIndex: bigint, price: bigint, integral: bigint): bigint =>
  int256(fundingIndex + int256(toInt(price) * integral) / WAD);
