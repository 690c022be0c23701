import { divUp, WAD } from "./fixedPoint.ts";
import { divide, max, min, sqrtUp, uint256 } from "./solidity.ts";

/** The prices of one maturity bucket that has ended. D18{USD/base} */
export interface BucketPrices {
  readonly open: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly close: bigint;
}

/** Two averages of the variance of a price's logarithm. D18{1/s} */
export interface Variances {
  readonly slow: bigint;
  readonly fast: bigint;
}

/** {s} */
export const FAST_HALF_LIFE = 43_200n;
export const SLOW_HALF_LIFE = 2_592_000n;

/** {1}, 8²: the largest sample of the slow average per variance of a bucket. */
export const CLIP_SQUARED = 64n;
/** D18{1/s}, of 20 % a year: the clip takes no variance for smaller. */
export const CLIP_FLOOR = 1_267_500_000n;

/** {s}, mean length of a year. */
export const YEAR = 31_557_600n;
/** D18{1/s}, ⌊ln(1.1)/3600⌋ */
export const RISE_PER_SECOND = 26_475_049_945_645n;
/** {s}, a hundred hours. */
export const FALL_SECONDS = 360_000n;

const UNIT = 10n ** 27n;
const GUARD = 10n ** 9n;
const LN_2 = 693_147_180_559_945_309_417_232_121n;
const FOUR_LN_2 = 2_772_588_722_239_781_237n;

/** ln(high/low), D18{1}: below the exact value by less than 1.0001 units. */
export function lnRatioDown(high: bigint, low: bigint): bigint {
  let doublings = BigInt(high.toString(2).length - low.toString(2).length);
  if (low << doublings > high) doublings -= 1n;
  const base = low << doublings;
  let power = ((high - base) * UNIT) / (high + base);
  const square = (power * power) / UNIT;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd;
    power = (power * square) / UNIT;
  }
  return (2n * sum + doublings * LN_2) / GUARD;
}

/** 2^(−elapsed/halfLife), D18{1}, within a unit of the exact value. */
export function decay(elapsed: bigint, halfLife: bigint): bigint {
  const y = divide((elapsed % halfLife) * LN_2, halfLife);
  let sum = UNIT;
  let term = y;
  for (let n = 2n; term !== 0n; n++) {
    sum += term;
    term = (term * y) / (UNIT * n);
  }
  const halvings = elapsed / halfLife;
  return halvings > 255n ? 0n : ((UNIT * WAD + sum / 2n) / sum) >> halvings;
}

/** What one bucket says about the variance over its length. D18{1}, rounded down. */
export function sample({ open, low, high, close }: BucketPrices): bigint {
  const range = high === low ? 0n : lnRatioDown(high, low);
  if (range === 0n) return 0n;
  const move = close > open ? lnRatioDown(close, open) : lnRatioDown(open, close);
  return max((move * move) / WAD, (range * range) / FOUR_LN_2);
}

/** Both averages after the bucket with number `number` has ended, and `flat` more in which the price stood still. */
export function advance(
  before: Variances,
  sampled: bigint,
  length: bigint,
  number: bigint,
  flat: bigint,
): Variances {
  const clip = uint256(CLIP_SQUARED * max(before.slow, CLIP_FLOOR) * length);
  const average = (from: bigint, taken: bigint, halfLife: bigint) =>
    averaged({ from, taken, length, number, flat, halfLife });
  return {
    slow: average(before.slow, min(sampled, clip), SLOW_HALF_LIFE),
    fast: average(before.fast, sampled, FAST_HALF_LIFE),
  };
}

/** max(slow, ½·fast + ½·slow), D18{1/s}, rounded up. */
export const combined = ({ slow, fast }: Variances): bigint =>
  fast > slow ? divUp(uint256(fast + slow), 2n) : slow;

/** Variance of a volatility given per year. D18{1/s}, rounded up. */
export const varianceOfYearlyUp = (yearly: bigint): bigint =>
  divUp(uint256(yearly * yearly), YEAR * WAD);

/** k·σ·√H / m, D18{1}, rounded up. */
export const multiplierUp = (
  variance: bigint,
  horizon: bigint,
  deviations: bigint,
  margin: bigint,
): bigint => divUp(sqrtUp(variance * horizon * WAD) * deviations, margin);

/** What stood at `from` and has followed `target` for `elapsed`: up by at most a tenth an hour, down by at most a hundredth. */
export function ramped(from: bigint, target: bigint, elapsed: bigint): bigint {
  if (target >= from) return min(target, from + (from * elapsed * RISE_PER_SECOND) / WAD);
  return max(target, divUp(from * FALL_SECONDS, FALL_SECONDS + elapsed));
}

function averaged(average: {
  readonly from: bigint;
  readonly taken: bigint;
  readonly length: bigint;
  readonly number: bigint;
  readonly flat: bigint;
  readonly halfLife: bigint;
}): bigint {
  const { from, taken, length, number, flat, halfLife } = average;
  const kept = min(decay(length, halfLife), WAD - divide(WAD, number));
  const divisor = uint256(WAD * length);
  const ended = divide(
    uint256(uint256(from * kept * length) + uint256(taken * (WAD - kept)) + divisor / 2n),
    divisor,
  );
  if (flat === 0n) return ended;
  const left = min(decay(flat * length, halfLife), (WAD * number) / (number + flat));
  return (ended * left + WAD / 2n) / WAD;
}
