import { divCeil, divUp, divWadDown, mulDivDown, mulDivUp, toInt, WAD } from "./fixedPoint.ts";
import { MIN_DEPTH_USD } from "./marginMath.ts";
import { clamp, divide, MAX_UINT256, max, min, sqrtDown, sqrtUp, uint256 } from "./solidity.ts";

/** A position about to be reduced, and the pool it is reduced against; see LiquidationMath.sol for units and widths. */
export interface Reduction {
  readonly notionalUsd: bigint;
  readonly marginalRate: bigint;
  readonly sizeCurvature: bigint;
  readonly poolCurvature: bigint;
  readonly skewCost: bigint;
}

const D36 = 10n ** 36n;
const MAX_SKEW_COST = 16n * WAD;

/** Answer of `targetUp` when no size reaches the target: close all of it. */
export const EVERYTHING = MAX_UINT256;

export function reductionOf(
  notionalUsd: bigint,
  maintenanceRate: bigint,
  sizeSlope: bigint,
  depthUsd: bigint,
  poolScaleUsd: bigint,
  skewCost: bigint,
): Reduction {
  const depth = max(depthUsd, MIN_DEPTH_USD);
  const poolScale = max(poolScaleUsd, MIN_DEPTH_USD);
  return {
    notionalUsd,
    marginalRate: maintenanceRate + (2n * sizeSlope * notionalUsd) / depth,
    sizeCurvature: divUp(sizeSlope * D36, depth),
    poolCurvature: divUp(D36 * WAD, 2n * poolScale),
    skewCost,
  };
}

/** i₀ of closing: what the pool's skew adds to the price of the first unit, rounded up, within ±16. */
export function skewCostUp(sizeDelta: bigint, skew: bigint, skewScale: bigint): bigint {
  const cost = divCeil((sizeDelta < 0n ? -skew : skew) * WAD, skewScale);
  return clamp(cost, MAX_SKEW_COST);
}

/** φ₀ = min(φ_max, η·E/N), rounded down. */
export const penaltyRateDown = (
  equityUsd: bigint,
  notionalUsd: bigint,
  maxPenaltyRate: bigint,
  equityShare: bigint,
): bigint => min(maxPenaltyRate, divide(equityUsd * equityShare, notionalUsd));

/** x*: least notional whose closing brings the account to E′ = τ·MM′, rounded up; EVERYTHING if none does. */
export function targetUp(
  position: Reduction,
  equityUsd: bigint,
  maintenanceUsd: bigint,
  target: bigint,
  penaltyRate: bigint,
): bigint {
  const aim = divUp(maintenanceUsd * target, WAD);
  if (aim <= equityUsd) return 0n;
  const missing = aim - equityUsd;

  const linear = (position.marginalRate * target) / WAD - penaltyRate - position.skewCost;
  if (linear <= 0n) return EVERYTHING;
  const square = linear * linear;
  const product = divUp(curvatureUp(position, target) * 4n * missing, WAD);
  if (product > square) return EVERYTHING;
  return divUp(2n * missing * WAD, linear + sqrtDown(square - product));
}

/** x* where the pool pays at most `band` for a fill that reduces its skew. */
export function targetWithinBandUp(
  position: Reduction,
  equityUsd: bigint,
  maintenanceUsd: bigint,
  target: bigint,
  penaltyRate: bigint,
  band: bigint,
): bigint {
  const edge = -toInt(band);
  const sloped = () => targetUp(position, equityUsd, maintenanceUsd, target, penaltyRate);
  if (position.skewCost >= edge) return sloped();

  const flat = { ...position, skewCost: edge, poolCurvature: 0n };
  const flatAnswer = targetUp(flat, equityUsd, maintenanceUsd, target, penaltyRate);
  const flatUntil = mulDivDown(edge - position.skewCost, D36, position.poolCurvature);
  if (flatAnswer <= flatUntil) return flatAnswer;

  const answer = sloped();
  return answer > flatUntil ? answer : EVERYTHING;
}

/** x_aff: largest notional whose impact alone leaves the health unchanged, rounded down. */
export function affordableDown(position: Reduction, health: bigint): bigint {
  const gain = (position.marginalRate * health) / WAD - position.skewCost;
  if (gain <= 0n) return 0n;
  return divide(gain * D36, curvatureUp(position, health));
}

/** What a reduction may cost without lowering the health: E·ΔMM/MM, rounded down. */
export const healthBudgetDown = (
  equityUsd: bigint,
  maintenanceUsd: bigint,
  freedUsd: bigint,
): bigint => mulDivDown(equityUsd, freedUsd, maintenanceUsd);

/** Largest notional whose requirement N·rate + μN²/D is covered by the equity, rounded down. */
export function coveredNotionalDown(
  equityUsd: bigint,
  rate: bigint,
  sizeSlope: bigint,
  depthUsd: bigint,
): bigint {
  const weight = uint256(4n * sizeSlope * WAD);
  const curved = mulDivUp(equityUsd, weight, max(depthUsd, MIN_DEPTH_USD));
  const divisor = uint256(rate + sqrtUp(uint256(uint256(rate * rate) + curved)));
  return divisor === 0n ? EVERYTHING : divWadDown(uint256(2n * equityUsd), divisor);
}

/** weight·μ/D + 1/(2KP), the cost that grows with the square of the size, rounded up. */
function curvatureUp(position: Reduction, weight: bigint): bigint {
  return divUp(weight * position.sizeCurvature, WAD) + position.poolCurvature;
}
