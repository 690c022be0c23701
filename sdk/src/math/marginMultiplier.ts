import { divUp, WAD } from "./fixedPoint.ts";
import { max, min } from "./solidity.ts";
import {
  combined,
  multiplierUp,
  ramped,
  type Variances,
  varianceOfYearlyUp,
} from "./volatilityMath.ts";

/** How margins follow volatility, of a market's risk terms and adaptive terms. D18{1} where nothing else is said. */
export interface VolatilityTerms {
  /** {s}, H: how long a liquidation may take. */
  readonly horizonSeconds: bigint;
  /** k: how many deviations of the price over H the maintenance margin has to bear. */
  readonly deviations: bigint;
  /** m_I */
  readonly initialMargin: bigint;
  /** m_M */
  readonly maintenanceMargin: bigint;
  /** The least ρ. */
  readonly multiplier: bigint;
  /** ρ_max */
  readonly maxMultiplier: bigint;
}

/** What the risk engine keeps of a market's multiplier. */
export interface Pace {
  /** D18{1}, ρ without R, as of the last refresh. */
  readonly asked: bigint;
  /** D18{1}, what acted on maintenance margin then. */
  readonly acting: bigint;
  /** {s}, when. */
  readonly refreshedAt: bigint;
}

/** D18{1}, one unit of a stored multiplier, above which none goes, and of implied volatility that counts. */
const STEP = 10n ** 9n;
const HIGHEST = 4n * WAD;
const IMPLIED_SHARE = (8n * WAD) / 10n;

/** ρ without R as volatility asks for it: clamp(k·σ·√H / m_M, multiplier, ρ_max), whole steps, rounded up. `implied` is a volatility a year. D18{1} */
export function askedMultiplier(
  variances: Variances,
  terms: VolatilityTerms,
  implied: bigint = 0n,
): bigint {
  const { horizonSeconds, deviations, maintenanceMargin, multiplier, maxMultiplier } = terms;
  const least = varianceOfYearlyUp((implied * IMPLIED_SHARE) / WAD);
  const variance = max(combined(variances), least);
  const asked = multiplierUp(variance, horizonSeconds, deviations, maintenanceMargin);
  return max(multiplier, min(maxMultiplier, divUp(asked, STEP) * STEP));
}

/** ρ·R, whole steps, rounded up, and at most what makes a margin of the whole notional. D18{1} */
export function targetMultiplier(asked: bigint, regime: bigint, terms: VolatilityTerms): bigint {
  const highest = min(HIGHEST, ((WAD * WAD) / terms.initialMargin / STEP) * STEP);
  return min(divUp((asked / STEP) * regime, WAD) * STEP, highest);
}

/** What acts on maintenance margin at `now`: the ramp from what acted towards `target`. D18{1} */
export const maintenanceMultiplier = (pace: Pace, target: bigint, now: bigint): bigint =>
  ramped(pace.acting / STEP, target / STEP, now - pace.refreshedAt) * STEP;

/** All multipliers at `now`, `asked` being what volatility asks for by now. D18{1} */
export function multipliersAt(
  pace: Pace,
  at: { readonly asked: bigint; readonly regime: bigint; readonly now: bigint },
  terms: VolatilityTerms,
): { readonly initial: bigint; readonly refreshed: bigint; readonly maintenance: bigint } {
  const { asked, regime, now } = at;
  const target = targetMultiplier(pace.asked, regime, terms);
  const maintenance = maintenanceMultiplier(pace, target, now);
  const initial = targetMultiplier(max(pace.asked, asked), regime, terms);
  return {
    initial: max(initial, maintenance),
    refreshed: max(target, maintenance),
    maintenance,
  };
}
