import type { Result } from "../abi.ts";
import type { liquidationEngineAbi } from "../abis/LiquidationEngine.ts";
import { marginKind, planCode, priceStatus } from "./codes.ts";
import { divUp, divWadDown, magnitude, mulWadUp, positivePart } from "./fixedPoint.ts";
import type { LiquidationTerms } from "./liquidationEngine.ts";
import { coveredNotionalDown } from "./liquidationMath.ts";
import { requirementUp } from "./marginMath.ts";
import { assess, type Exposure, type Portfolio, type RiskTermsOf, ratesOf } from "./riskEngine.ts";
import { MathRevert, min, uint256 } from "./solidity.ts";

type Abi = typeof liquidationEngineAbi;

export type PoolPlan = Result<Abi, "planPool">;

/** Everything `LiquidationEngine.planPool` is asked with, and what it reads. */
export interface PoolPlanInput {
  readonly portfolio: Portfolio;
  readonly index: number;
  /** D18{USD}, charges so recent that nobody may be torn up through them. */
  readonly graceUsd: bigint;
  readonly lotSize: bigint;
  /** {s}, for how long the pool has been marked and not been torn up against. */
  readonly elapsedSeconds: bigint;
  /** Liquidation terms of the exposure's market; all zero where never set. */
  readonly terms: LiquidationTerms;
  readonly riskTermsOf: RiskTermsOf;
  /** {s}, time of the block the plan is made in. */
  readonly timestamp: bigint;
}

/** A pool is left to itself for so many windows w₀. */
const POOL_WINDOWS = 2n;
/** D18{USD}, what rounding may take of equity or add to a requirement. */
const POOL_DUST_USD = 4n;

const NOTHING: PoolPlan = {
  code: planCode.Healthy,
  equityUsd: 0n,
  maintenanceUsd: 0n,
  closeSize: 0n,
  allowedAt: 0n,
};

/** A plan that closes nothing, and why. */
export const refusedPoolPlan = (code: bigint, judged: Partial<PoolPlan> = {}): PoolPlan => ({
  ...NOTHING,
  ...judged,
  code,
});

/** `LiquidationEngine.planPool`. */
export function planPool(input: PoolPlanInput): PoolPlan {
  const { portfolio, graceUsd, terms, riskTermsOf, timestamp } = input;
  const exposure = portfolio.exposures[input.index];
  if (exposure === undefined) throw new MathRevert("Panic", [0x32n]);
  if (exposure.size === 0n) return refusedPoolPlan(planCode.NoPosition);
  if (exposure.status !== priceStatus.Valid) return refusedPoolPlan(planCode.PriceNotValid);

  const assessed = assess(portfolio, marginKind.Maintenance, riskTermsOf);
  const { equityUsd, requiredUsd: maintenanceUsd } = assessed;
  const judged = { equityUsd, maintenanceUsd };
  if (equityUsd < 0n) {
    return refusedPoolPlan(
      equityUsd + graceUsd < 0n ? planCode.Bankrupt : planCode.Healthy,
      judged,
    );
  }
  if (uint256(equityUsd + graceUsd) >= maintenanceUsd) {
    return refusedPoolPlan(planCode.Healthy, judged);
  }

  // The target of terms that were set is never zero.
  if (terms.target === 0n) throw new MathRevert("LiquidationTermsNotSet", [exposure.market]);
  const closeSize = closeSizeOf(input, exposure, judged);
  const due = uint256(timestamp + POOL_WINDOWS * terms.windowSeconds);
  const allowedAt = uint256(due - input.elapsedSeconds);
  const acting = closeSize === magnitude(exposure.size) ? planCode.Full : planCode.Partial;
  const code = timestamp < allowedAt ? planCode.Paced : acting;
  return { code, ...judged, closeSize, allowedAt };
}

/** What closes at the index so that E ≥ τ·MM, rounded up to the lot. */
function closeSizeOf(
  { lotSize, terms, riskTermsOf }: PoolPlanInput,
  { market, depthUsd, price, size }: Exposure,
  { equityUsd, maintenanceUsd }: Pick<PoolPlan, "equityUsd" | "maintenanceUsd">,
): bigint {
  const { maintenanceRate: rate, sizeSlope: slope } = ratesOf(market, riskTermsOf);
  const whole = magnitude(size);
  const ownUsd = requirementUp(mulWadUp(whole, price), rate, slope, depthUsd);
  const othersUsd = uint256(maintenanceUsd - ownUsd);
  const affordedUsd = divWadDown(positivePart(equityUsd - POOL_DUST_USD), terms.target);
  const coveredUsd = positivePart(affordedUsd - othersUsd);
  const restUsd = coveredNotionalDown(coveredUsd, rate, slope, depthUsd);
  const rest = min(divWadDown(restUsd, price), whole);
  return min(uint256(divUp(whole - rest, lotSize) * lotSize), whole);
}
