import { divUp, mulDivUp, WAD } from "./fixedPoint.ts";
import { max, uint256 } from "./solidity.ts";

/** D18{USD}, the least depth that is computed with. */
export const MIN_DEPTH_USD = WAD;

/** N·(rate + slope·N/D), each term rounded up. */
export function requirementUp(
  notionalUsd: bigint,
  rate: bigint,
  sizeSlope: bigint,
  depthUsd: bigint,
): bigint {
  const divisor = max(depthUsd, MIN_DEPTH_USD) * WAD;
  return divUp(notionalUsd * rate, WAD) + mulDivUp(notionalUsd, notionalUsd * sizeSlope, divisor);
}

/** m_OI: initial margin added as a market fills up, from 0 at the ramp's start to 1 − m_I at its end. */
export function openInterestRateUp(
  openInterestUsd: bigint,
  rampStartUsd: bigint,
  rampEndUsd: bigint,
  initialRate: bigint,
): bigint {
  if (openInterestUsd <= rampStartUsd) return 0n;
  const full = uint256(WAD - initialRate);
  if (openInterestUsd >= rampEndUsd) return full;
  return mulDivUp(full, openInterestUsd - rampStartUsd, rampEndUsd - rampStartUsd);
}
