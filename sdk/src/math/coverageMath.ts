import { coverageLevel } from "./codes.ts";
import { divUp, mulDivDown, mulDivUp, mulWadUp, WAD } from "./fixedPoint.ts";
import { max, uint256 } from "./solidity.ts";

/** T = max(bootstrap, t·OI): what a market's buffers have to reach, rounded up. D18{USD} */
export const targetUp = (
  openInterestUsd: bigint,
  coverageTarget: bigint,
  bootstrapUsd: bigint,
): bigint => max(mulDivUp(openInterestUsd, coverageTarget, WAD), bootstrapUsd);

/** Cash behind a market: its tranche and a share of the fund, rounded down. D18{USD} */
export const buffersDown = (trancheUsd: bigint, fundUsd: bigint, fundShare: bigint): bigint =>
  uint256(trancheUsd + mulDivDown(fundUsd, fundShare, WAD));

/** How far buffers reach: `coverageLevel.Full`, `Low` below half of the target, `Short` below a quarter. */
export function levelOf(buffersUsd: bigint, targetUsd: bigint): bigint {
  if (uint256(buffersUsd * 2n) >= targetUsd) return coverageLevel.Full;
  return uint256(buffersUsd * 4n) >= targetUsd ? coverageLevel.Low : coverageLevel.Short;
}

/** The initial margin rate of a market with low coverage: a quarter more, rounded up. D18{1} */
export const raisedRateUp = (rate: bigint): bigint => divUp(uint256(rate * 5n), 4n);

/** max(0, q·N − max(bootstrap, t·OI)): what a move of q costs one account beyond the buffers' target, rounded up. D18{USD} */
export function concentrationUp(
  notionalUsd: bigint,
  move: bigint,
  openInterestUsd: bigint,
  coverageTarget: bigint,
  bootstrapUsd: bigint,
): bigint {
  const cost = mulWadUp(notionalUsd, move);
  const target = max(mulDivDown(openInterestUsd, coverageTarget, WAD), bootstrapUsd);
  return cost > target ? cost - target : 0n;
}
