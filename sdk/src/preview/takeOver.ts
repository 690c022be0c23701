import { marketMode, planCode, priceStatus } from "../math/codes.ts";
import type { LiquidationTerms, PlanMarketState } from "../math/liquidationEngine.ts";
import { unsettledValueOf } from "../math/positions.ts";
import type { RiskTermsOf } from "../math/riskEngine.ts";
import { depthUsd } from "../math/skewMath.ts";
import {
  type AuctionTerms,
  planInventory,
  planTakeOver,
  planTakeOverWhole,
  refusedTakeOver,
  type TakeOverPlan,
  type WholePlan,
} from "../math/takeOver.ts";
import { MAX_EVENTS_PER_TOUCH } from "./liquidation.ts";
import {
  type AccountReport,
  type MarketReport,
  marketOf,
  planStateOf,
  portfolioOf,
  priceOf,
  type Snapshot,
} from "./snapshot.ts";

/** Terms by market, as the liquidation engine and the risk engine have them. */
export interface TakeOverTerms {
  readonly liquidationTermsOf: (market: bigint) => LiquidationTerms;
  readonly auctionTermsOf: (market: bigint) => AuctionTerms;
  readonly riskTermsOf: RiskTermsOf;
}

export interface TakeOverPreviewInput extends TakeOverTerms {
  readonly snapshot: Snapshot;
  readonly market: bigint;
  /** D18{base}, the most that the taker wants; everything when left out. */
  readonly maxSize?: bigint;
  /** {s}, how much later than the snapshot, at unchanged prices; an account that is not marked stays at 0. */
  readonly laterSeconds?: bigint;
}

export type TakeOverWholePreviewInput = Omit<TakeOverPreviewInput, "market" | "maxSize">;

export interface InventoryPreviewInput extends Pick<TakeOverTerms, "auctionTermsOf"> {
  readonly report: MarketReport;
  readonly maxSize?: bigint;
  readonly laterSeconds?: bigint;
}

const EVERYTHING = (1n << 256n) - 1n;

/** What `takeOver` of a user's position would do, as `previewTakeOver` of the house answers; refunds and waiting grace as in `previewLiquidation`. */
export function previewTakeOver(input: TakeOverPreviewInput): TakeOverPlan {
  const { snapshot, market } = input;
  const { account } = snapshot;
  const index = account.positions.findIndex((position) => position.market === market);
  const position = account.positions[index];
  if (position === undefined) return refusedTakeOver(planCode.NoPosition);
  if (hasManyEvents(account)) return refusedTakeOver(planCode.EventsPending);
  if (position.size === 0n) return refusedTakeOver(planCode.NoPosition);
  const report = marketOf(snapshot, market);
  if (report.state.mode === marketMode.Halted) return refusedTakeOver(planCode.Halted);
  if (priceOf(snapshot, market).status !== priceStatus.Valid)
    return refusedTakeOver(planCode.PriceNotValid);
  if (account.account === report.terms.pool) return refusedTakeOver(planCode.PoolUnavailable);
  return planTakeOver({
    ...contextOf(input),
    portfolio: portfolioOf(snapshot),
    index,
    graceUsd: account.state.graceUsd,
    state: planStateOf(report, account),
    maxSize: input.maxSize ?? EVERYTHING,
  });
}

/** What `takeOverWhole` would do, as `previewTakeOverWhole` of the house answers. */
export function previewTakeOverWhole(input: TakeOverWholePreviewInput): WholePlan {
  const { snapshot } = input;
  const { account } = snapshot;
  const refused = (code: bigint): WholePlan => ({ total: refusedTakeOver(code), parts: [] });
  if (account.positions.length === 0) return refused(planCode.NoPosition);
  if (hasManyEvents(account)) return refused(planCode.EventsPending);
  const states: PlanMarketState[] = [];
  for (const { market, size } of account.positions) {
    const report = marketOf(snapshot, market);
    if (size !== 0n && report.state.mode === marketMode.Halted) return refused(planCode.Halted);
    if (account.account === report.terms.pool) return refused(planCode.PoolUnavailable);
    states.push(planStateOf(report, account));
  }
  return planTakeOverWhole({
    ...contextOf(input),
    portfolio: portfolioOf(snapshot),
    graceUsd: account.state.graceUsd,
    states,
  });
}

/** What `takeOver` of a resolution account's inventory would do. */
export function previewInventory(input: InventoryPreviewInput): TakeOverPlan {
  const { report } = input;
  const { inventory, state, terms } = report;
  if (inventory.size === 0n) return refusedTakeOver(planCode.NoPosition);
  if (state.mode === marketMode.Halted) return refusedTakeOver(planCode.Halted);
  const { price, status } = report.price;
  if (status !== priceStatus.Valid) return refusedTakeOver(planCode.PriceNotValid);
  return planInventory({
    exposure: {
      market: report.market,
      status,
      size: inventory.size,
      price,
      valueUsd: unsettledValueOf(inventory, price - state.fundingIndex),
      maturedUsd: 0n,
      depthUsd: depthUsd(terms.skewScale, price),
      openInterestUsd: 0n,
      lossPending: false,
      coverageLow: false,
    },
    state: planStateOf(report, undefined),
    tolerance: terms.unwindTolerance,
    elapsedSeconds: report.inventoryPlan.elapsedSeconds + (input.laterSeconds ?? 0n),
    maxSize: input.maxSize ?? EVERYTHING,
    auctionTermsOf: input.auctionTermsOf,
  });
}

const hasManyEvents = ({ positions }: AccountReport): boolean =>
  positions.some(({ pendingEvents }) => pendingEvents > MAX_EVENTS_PER_TOUCH);

function contextOf(input: TakeOverWholePreviewInput) {
  const { snapshot, liquidationTermsOf, auctionTermsOf, riskTermsOf } = input;
  const { startedAt, elapsedSeconds } = snapshot.account.distress;
  const later = startedAt === 0n ? 0n : (input.laterSeconds ?? 0n);
  return {
    liquidationTermsOf,
    auctionTermsOf,
    riskTermsOf,
    timestamp: snapshot.timestamp,
    elapsedSeconds: elapsedSeconds + later,
  };
}
