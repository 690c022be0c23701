import type { Arguments } from "../abi.ts";
import type { liquidationEngineAbi } from "../abis/LiquidationEngine.ts";
import { divUp, mulDivDown, mulDivUp, mulWadDown, WAD } from "./fixedPoint.ts";
import { divide, max, min, uint256 } from "./solidity.ts";

/** What says how fast a market may be liquidated. */
export type Stress = Arguments<typeof liquidationEngineAbi, "plan">[3]["stress"];

/** {s}, the answer "never". */
export const NEVER = (1n << 256n) - 1n;

/** An account's allowance is the capacity divided by this. */
export const ACCOUNTS_PER_BUCKET = 3n;

/** β doubles where shortfalls are more than one part in so many of insurance. */
const SHORTFALL_PART = 4n;
/** While a market is guarded, β is × 2 / 5. */
const GUARDED_NUMERATOR = 2n;
const GUARDED_DENOMINATOR = 5n;
/** w is at least w₀/2 and at most 4·w₀. */
const CALM_DIVISOR = 2n;
const WILD_FACTOR = 4n;

/** The bucket's capacity. */
export function capacityDown(depthUsd: bigint, sliceShare: bigint, stress: Stress): bigint {
  let share = sliceShare;
  if (stress.shortfallUsd > stress.insuranceUsd / SHORTFALL_PART) share = uint256(share * 2n);
  if (stress.isGuarded) share = uint256(share * GUARDED_NUMERATOR) / GUARDED_DENOMINATOR;
  return mulWadDown(depthUsd, min(share, WAD));
}

/** w, rounded up; w₀ without a range. */
export function windowUp(windowSeconds: bigint, referenceRange: bigint, stress: Stress): bigint {
  const { windowLow, windowHigh } = stress;
  if (windowLow === 0n || windowHigh < windowLow) return windowSeconds;
  const range = mulDivUp(windowHigh - windowLow, WAD, windowLow);
  const scaled = mulDivUp(windowSeconds, range, referenceRange);
  const least = divUp(windowSeconds, CALM_DIVISOR);
  return min(max(scaled, least), uint256(windowSeconds * WILD_FACTOR));
}

/** What is still used of a bucket after it filled for some time. */
export function usedAfter(
  usedUsd: bigint,
  capacityUsd: bigint,
  elapsedSeconds: bigint,
  windowSeconds: bigint,
): bigint {
  const filledUsd = mulDivDown(capacityUsd, elapsedSeconds, windowSeconds);
  return usedUsd > filledUsd ? usedUsd - filledUsd : 0n;
}

/** What a liquidation may take now. */
export function roomDown(
  usedUsd: bigint,
  capacityUsd: bigint,
  accountUsedRatio: bigint,
  isDeep: boolean,
): bigint {
  if (usedUsd >= capacityUsd) return 0n;
  if (isDeep) return capacityUsd - usedUsd;
  if (accountUsedRatio >= WAD) return 0n;
  const accountUsd = uint256(capacityUsd * (WAD - accountUsedRatio)) / (ACCOUNTS_PER_BUCKET * WAD);
  return min(capacityUsd - usedUsd, accountUsd);
}

/** How long until a liquidation may take an amount; NEVER if the capacity does not allow it. */
export function secondsUntilRoom(
  usedUsd: bigint,
  capacityUsd: bigint,
  accountUsedRatio: bigint,
  isDeep: boolean,
  amountUsd: bigint,
  windowSeconds: bigint,
): bigint {
  if (amountUsd > capacityUsd) return NEVER;
  const missing = uint256(usedUsd + amountUsd) - capacityUsd;
  const wait = missing > 0n ? mulDivUp(missing, windowSeconds, capacityUsd) : 0n;
  if (isDeep || capacityUsd === 0n) return wait;
  const neededRatio = ratioOfUp(amountUsd, capacityUsd);
  if (neededRatio > WAD) return NEVER;
  const missingRatio = uint256(accountUsedRatio + neededRatio) - WAD;
  return missingRatio > 0n ? max(wait, mulDivUp(missingRatio, windowSeconds, WAD)) : wait;
}

/** How long until a notional may be taken at once as a whole; NEVER if the capacity does not allow it. */
export function secondsUntilWhole(
  usedUsd: bigint,
  capacityUsd: bigint,
  notionalUsd: bigint,
  windowSeconds: bigint,
): bigint {
  const most = uint256(2n * capacityUsd);
  if (notionalUsd > most) return NEVER;
  if (coversWhole(usedUsd, capacityUsd, notionalUsd)) return 0n;
  return mulDivUp(usedUsd + notionalUsd - most, windowSeconds, capacityUsd);
}

/** How long until bucket and allowance are full. */
export function secondsUntilFull(
  usedUsd: bigint,
  capacityUsd: bigint,
  accountUsedRatio: bigint,
  windowSeconds: bigint,
): bigint {
  const bucket = capacityUsd === 0n ? 0n : mulDivUp(usedUsd, windowSeconds, capacityUsd);
  return max(bucket, mulDivUp(accountUsedRatio, windowSeconds, WAD));
}

/** Whether a notional may be taken at once as a whole, overdrawing the bucket by at most one capacity. */
export const coversWhole = (usedUsd: bigint, capacityUsd: bigint, notionalUsd: bigint): boolean =>
  uint256(usedUsd + notionalUsd) <= uint256(2n * capacityUsd);

/** The used share of an account's allowance after it filled for some time. */
export function ratioAfter(
  usedRatio: bigint,
  elapsedSeconds: bigint,
  windowSeconds: bigint,
): bigint {
  const filled = divide(uint256(elapsedSeconds * WAD), windowSeconds);
  return usedRatio > filled ? usedRatio - filled : 0n;
}

/** The share of an account's allowance that a notional is. */
export const ratioOfUp = (notionalUsd: bigint, capacityUsd: bigint): bigint =>
  mulDivUp(notionalUsd, ACCOUNTS_PER_BUCKET * WAD, capacityUsd);
