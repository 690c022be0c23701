import { ONE } from "../amounts.ts";
import { magnitude } from "../math/fixedPoint.ts";
import type { Direction } from "./touchTable.ts";

/** A position and what its market asks for it. */
export interface PositionTerms {
  /** D18{base} */
  readonly size: bigint;
  /** D18{USD/base}, valid. */
  readonly price: bigint;
  /** D18{1} Maintenance margin per notional, m_M·ρ. */
  readonly maintenanceRate: bigint;
  /** D18{1} μ: margin rate added per notional over depth. */
  readonly sizeSlope: bigint;
  /** D18{base} K. */
  readonly skewScale: bigint;
}

export interface LiquidationPoint {
  readonly direction: Direction;
  /** D18{USD/base} */
  readonly price: bigint;
  /** D18{USD} The position at that price. */
  readonly notionalUsd: bigint;
}

/**
 * Where an account loses its maintenance margin when one of its prices moves and the others stay. With depth D = K·P/100 the margin N·(m + μN/D) is |s|·P·(m + 100·μ·|s|/K), so equity less margin is
 * linear in P and the price is P − slack/(s − |s|·(m + 100·μ·|s|/K)). Null where no price does it: what cash covers whole, and positions so large that their margin grows faster than their value.
 */
export function liquidationPointOf(
  slackUsd: bigint,
  position: PositionTerms,
): LiquidationPoint | null {
  const { size, price } = position;
  const gradient = slackGradientOf(position);
  if (size === 0n || gradient > 0n !== size > 0n) return null;
  const at = price - (slackUsd * ONE * ONE) / gradient;
  if (at <= 0n) return null;
  const direction = size > 0n ? "fall" : "rise";
  return { direction, price: at, notionalUsd: (magnitude(size) * at) / ONE };
}

/** What equity less maintenance margin gains when the price rises by one, times 1e18. D36{base} */
export function slackGradientOf(position: Omit<PositionTerms, "price">): bigint {
  const { size, maintenanceRate, sizeSlope, skewScale } = position;
  const held = magnitude(size);
  const slopeRate = skewScale === 0n ? 0n : (100n * sizeSlope * held) / skewScale;
  return size * ONE - held * (maintenanceRate + slopeRate);
}
