import { WAD } from "./fixedPoint.ts";
import { max, min } from "./solidity.ts";
import { combined, multiplierUp, ramped, type Variances } from "./volatilityMath.ts";

/** How margins follow volatility. */
export interface VolatilityTerms {
  /** {s}, H: how long a liquidation may take. */
  readonly horizonSeconds: bigint;
  /** D18{1}, k: how many deviations of the price over H the maintenance margin has to bear. */
  readonly deviations: bigint;
  /** D18{1}, m_M */
  readonly maintenanceMargin: bigint;
  /** D18{1}, ρ_max */
  readonly maxMultiplier: bigint;
}

/** A multiplier on its way. */
export interface Ramp {
  /** D18{1}, what acted at `at`. */
  readonly acting: bigint;
  /** {s} */
  readonly at: bigint;
}

/** ρ as volatility asks for it: clamp(k·σ·√H / m_M, 1, ρ_max). D18{1}, rounded up. */
export function volatilityMultiplier(variances: Variances, terms: VolatilityTerms): bigint {
  const { horizonSeconds, deviations, maintenanceMargin, maxMultiplier } = terms;
  const asked = multiplierUp(combined(variances), horizonSeconds, deviations, maintenanceMargin);
  return min(max(asked, WAD), maxMultiplier);
}

/** What acts at `now` of a multiplier that has followed `target` since. */
export const actingAt = ({ acting, at }: Ramp, target: bigint, now: bigint): bigint =>
  ramped(acting, target, now - at);
