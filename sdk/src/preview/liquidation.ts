import { marketMode, planCode, priceStatus } from "../math/codes.ts";
import {
  type LiquidationTerms,
  type Plan,
  type PlanInput,
  type PlanMarketState,
  plan,
  refusedPlan,
} from "../math/liquidationEngine.ts";
import { unsettledValueOf } from "../math/positions.ts";
import type { RiskTermsOf } from "../math/riskEngine.ts";
import { max, min } from "../math/solidity.ts";
import {
  type AccountReport,
  type MarketReport,
  marketOf,
  PreviewError,
  planStateOf,
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
  const { snapshot, market } = input;
  const { account } = snapshot;
  const position = account.positions.find((each) => each.market === market);
  if (position === undefined) return refusedPlan(planCode.NoPosition);
  if (account.positions.some((each) => each.pendingEvents > MAX_EVENTS_PER_TOUCH)) {
    return refusedPlan(planCode.EventsPending);
  }
  const report = marketOf(snapshot, market);
  if (position.size === 0n) return refusedPlan(planCode.NoPosition);
  if (report.state.mode === marketMode.Halted) return refusedPlan(planCode.Halted);
  if (priceOf(snapshot, market).status !== priceStatus.Valid) {
    return refusedPlan(planCode.PriceNotValid);
  }
  if (account.account === report.terms.pool) return refusedPlan(planCode.PoolUnavailable);
  return plan(planInputOf(input));
}

/** What the engine is asked with about a position that the account has. */
export function planInputOf(input: LiquidationPreviewInput): PlanInput {
  const { snapshot, market, pool, terms, riskTermsOf } = input;
  const { account, timestamp } = snapshot;
  const report = marketOf(snapshot, market);
  const { price } = priceOf(snapshot, market);
  if (pool.account !== report.terms.pool) {
    throw new PreviewError(
      `Market ${market} needs the report of its pool ${report.terms.pool}, not of ${pool.account}`,
    );
  }
  return {
    portfolio: portfolioOf(snapshot),
    index: account.positions.findIndex((position) => position.market === market),
    graceUsd: account.state.graceUsd,
    state: {
      ...planStateOf(report, account),
      poolEquityUsd: poolEquityOf(pool, market, price - report.state.fundingIndex),
      stress: stressAt(report, price),
    },
    terms,
    riskTermsOf,
    timestamp,
  };
}

/** The price's range includes the price it is planned at. */
function stressAt({ stress }: MarketReport, price: bigint): PlanMarketState["stress"] {
  const { windowLow, windowHigh } = stress;
  if (windowLow === 0n) return stress;
  return { ...stress, windowLow: min(windowLow, price), windowHigh: max(windowHigh, price) };
}

/** E of a pool: it is in one market only. D18{USD} */
function poolEquityOf(pool: AccountReport, market: bigint, x: bigint): bigint {
  const position = pool.positions.find((each) => each.market === market);
  return pool.state.cashUsd + (position === undefined ? 0n : unsettledValueOf(position, x));
}
