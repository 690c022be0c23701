import { marketMode, planCode, priceStatus } from "../math/codes.ts";
import { magnitude } from "../math/fixedPoint.ts";
import type { LiquidationTerms } from "../math/liquidationEngine.ts";
import { type PoolPlan, planPool, refusedPoolPlan } from "../math/poolTearUp.ts";
import type { RiskTermsOf } from "../math/riskEngine.ts";
import { min } from "../math/solidity.ts";
import { marketOf, PreviewError, portfolioOf, priceOf, type Snapshot } from "./snapshot.ts";

export interface PoolTearUpPreviewInput {
  /** Its account is the market's pool. */
  readonly snapshot: Snapshot;
  readonly market: bigint;
  readonly terms: LiquidationTerms;
  readonly riskTermsOf: RiskTermsOf;
  /** {s}, how much later than the snapshot, at unchanged prices; a pool that is not marked stays at 0. */
  readonly laterSeconds?: bigint;
}

/** What `tearUpPool` would do, as `previewTearUpPool` of the house answers; refunds due to the pool make it better off on chain. */
export function previewTearUpPool(input: PoolTearUpPreviewInput): PoolPlan {
  const { snapshot, market } = input;
  const { account, timestamp } = snapshot;
  const report = marketOf(snapshot, market);
  if (account.account !== report.terms.pool) {
    throw new PreviewError(
      `Market ${market} needs the report of its pool ${report.terms.pool}, not of ${account.account}`,
    );
  }
  const index = account.positions.findIndex((position) => position.market === market);
  const size = account.positions[index]?.size ?? 0n;
  if (magnitude(size) < report.terms.lotSize) return refusedPoolPlan(planCode.NoPosition);
  if (report.state.mode === marketMode.Halted) return refusedPoolPlan(planCode.Halted);
  if (priceOf(snapshot, market).status !== priceStatus.Valid) {
    return refusedPoolPlan(planCode.PriceNotValid);
  }
  const later = input.laterSeconds ?? 0n;
  const { startedAt, elapsedSeconds } = account.distress;
  const marked = startedAt === 0n ? 0n : elapsedSeconds + later;
  return planPool({
    portfolio: portfolioOf(snapshot),
    index,
    graceUsd: account.state.graceUsd,
    lotSize: report.terms.lotSize,
    elapsedSeconds: min(marked, timestamp + later - account.state.slicedAt),
    terms: input.terms,
    riskTermsOf: input.riskTermsOf,
    timestamp: timestamp + later,
  });
}
