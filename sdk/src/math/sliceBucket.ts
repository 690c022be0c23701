import { mulDivDown, mulDivUp, WAD } from "./fixedPoint.ts";
import { divide, min, uint256 } from "./solidity.ts";

/** An account's allowance is the capacity divided by this. */
export const ACCOUNTS_PER_BUCKET = 3n;

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
export function roomDown(usedUsd: bigint, capacityUsd: bigint, accountUsedRatio: bigint): bigint {
  if (usedUsd >= capacityUsd || accountUsedRatio >= WAD) return 0n;
  const accountUsd = uint256(capacityUsd * (WAD - accountUsedRatio)) / (ACCOUNTS_PER_BUCKET * WAD);
  return min(capacityUsd - usedUsd, accountUsd);
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
