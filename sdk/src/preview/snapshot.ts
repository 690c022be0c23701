import type { Result } from "../abi.ts";
import type { lensAbi } from "../abis/Lens.ts";
import { priceStatus } from "../math/codes.ts";
import type { PlanMarketState } from "../math/liquidationEngine.ts";
import { openInterestUsdOf, skewOf } from "../math/markets.ts";
import { unsettledValueOf } from "../math/positions.ts";
import type { Exposure, Portfolio } from "../math/riskEngine.ts";
import { depthUsd } from "../math/skewMath.ts";

type Abi = typeof lensAbi;

/** What the Lens reports of one account and of one market. */
export type AccountReport = Result<Abi, "accountReport">;
export type MarketReport = Result<Abi, "marketReport">;

/** A preview that the snapshot does not allow, and what is missing. */
export class PreviewError extends Error {
  override readonly name = "PreviewError";
}

/** Reports of one block, and prices to assume instead of those of that block. */
export interface Snapshot {
  readonly account: AccountReport;
  readonly markets: readonly MarketReport[];
  /** {s}, of the block. */
  readonly timestamp: bigint;
  /** D18{USD}, the account's credit line as `portfolioOf` of the house or `previewLine` says it; none without. */
  readonly creditLineUsd?: bigint;
  /** D18{USD/base} by market, taken for valid; funding stays as reported. */
  readonly assumedPrices?: ReadonlyMap<bigint, bigint>;
}

/** The price a market is judged at: the assumed one, or the reported one with its status. */
export interface JudgedPrice {
  readonly price: bigint;
  readonly status: bigint;
}

export function marketOf(snapshot: Snapshot, market: bigint): MarketReport {
  const report = snapshot.markets.find((candidate) => candidate.market === market);
  if (report === undefined) {
    throw new PreviewError(`The snapshot has no report of market ${market}; read it too`);
  }
  return report;
}

export function priceOf(snapshot: Snapshot, market: bigint): JudgedPrice {
  const assumed = snapshot.assumedPrices?.get(market);
  return assumed === undefined
    ? marketOf(snapshot, market).price
    : { price: assumed, status: priceStatus.Valid };
}

/** An account as the house hands it to the risk engine for the maintenance requirement. */
export function portfolioOf(snapshot: Snapshot): Portfolio {
  const { state, positions } = snapshot.account;
  return {
    cashUsd: state.cashUsd - state.depositUsd,
    creditLineUsd: snapshot.creditLineUsd ?? 0n,
    exposures: positions.map(({ market, size, quote }): Exposure => {
      const report = marketOf(snapshot, market);
      const { price, status } = priceOf(snapshot, market);
      return {
        market,
        status,
        size,
        price,
        valueUsd: unsettledValueOf({ size, quote }, price - report.state.fundingIndex),
        maturedUsd: 0n,
        depthUsd: depthUsd(report.terms.skewScale, price),
        openInterestUsd: openInterestUsdOf(report.state, price),
        lossPending: false,
        coverageLow: false,
      };
    }),
  };
}

/** A market as the engine is shown it; what the pool has is for liquidations to add. */
export function planStateOf(
  { state, terms, stress }: MarketReport,
  account: AccountReport | undefined,
): PlanMarketState {
  return {
    skew: skewOf(state),
    averageSkewRatio: state.averageSkewRatio,
    skewScale: terms.skewScale,
    poolEquityUsd: 0n,
    exposureCap: terms.exposureCap,
    lotSize: terms.lotSize,
    minNotionalUsd: terms.minNotionalUsd,
    band: terms.band,
    bucketUsedUsd: state.bucketUsedUsd,
    bucketAt: state.bucketAt,
    accountUsedRatio: account?.state.sliceUsedRatio ?? 0n,
    accountUsedAt: account?.state.slicedAt ?? 0n,
    stress,
  };
}
