import { marketMode, planCode, priceStatus } from "../math/codes.ts";
import { type LiquidationTerms, type Plan, plan, refusedPlan } from "../math/liquidationEngine.ts";
import { skewOf } from "../math/markets.ts";
import { unsettledValueOf } from "../math/positions.ts";
import type { RiskTermsOf } from "../math/riskEngine.ts";
import {
  type AccountReport,
  marketOf,
  PreviewError,
  portfolioOf,
  priceOf,
  type Snapshot,
} from "./snapshot.ts";

/** Most market events one call applies; with more, `touch` comes first. */
export const MAX_EVENTS_PER_TOUCH = 16n;

export interface LiquidationPreviewInput {
  readonly snapshot: Snapshot;
  readonly market: bigint;
  /** Report of the account of the market's pool. */
  readonly pool: AccountReport;
  readonly terms: LiquidationTerms;
  readonly riskTermsOf: RiskTermsOf;
}

/**
 * What `liquidate` would do, as `previewLiquidation` of the house answers. Two things are not in a snapshot and make an account better off on chain:
 * refunds due to it, and grace for charges of events that wait for it.
 */
export function previewLiquidation(input: LiquidationPreviewInput): Plan {
  const { snapshot, market, pool } = input;
  const { account } = snapshot;
  const index = account.positions.findIndex((position) => position.market === market);
  const position = account.positions[index];
  if (position === undefined) return refusedPlan(planCode.NoPosition);
  if (account.positions.some((each) => each.pendingEvents > MAX_EVENTS_PER_TOUCH)) {
    return refusedPlan(planCode.EventsPending);
  }
  const report = marketOf(snapshot, market);
  const { price, status } = priceOf(snapshot, market);
  if (position.size === 0n) return refusedPlan(planCode.NoPosition);
  if (report.state.mode === marketMode.Halted) return refusedPlan(planCode.Halted);
  if (status !== priceStatus.Valid) return refusedPlan(planCode.PriceNotValid);
  if (account.account === report.terms.pool) return refusedPlan(planCode.PoolUnavailable);
  if (pool.account !== report.terms.pool) {
    throw new PreviewError(
      `Market ${market} needs the report of its pool ${report.terms.pool}, not of ${pool.account}`,
    );
  }
  const { state, terms } = report;
  return plan({
    portfolio: portfolioOf(snapshot),
    index,
    graceUsd: account.state.graceUsd,
    state: {
      skew: skewOf(state),
      averageSkewRatio: state.averageSkewRatio,
      skewScale: terms.skewScale,
      poolEquityUsd: poolEquityOf(pool, market, price - state.fundingIndex),
      exposureCap: terms.exposureCap,
      lotSize: terms.lotSize,
      minNotionalUsd: terms.minNotionalUsd,
      band: terms.band,
      bucketUsedUsd: state.bucketUsedUsd,
      bucketAt: state.bucketAt,
      accountUsedRatio: account.state.sliceUsedRatio,
      accountUsedAt: account.state.slicedAt,
    },
    terms: input.terms,
    riskTermsOf: input.riskTermsOf,
    timestamp: snapshot.timestamp,
  });
}

/** E of a pool: it is in one market only. D18{USD} */
function poolEquityOf(pool: AccountReport, market: bigint, x: bigint): bigint {
  const position = pool.positions.find((each) => each.market === market);
  return pool.state.cashUsd + (position === undefined ? 0n : unsettledValueOf(position, x));
}
