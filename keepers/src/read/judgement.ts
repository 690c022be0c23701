import type { BandIndex } from "../bands/bandIndex.ts";
import { type BandPosition, foreseenRateOf } from "../bands/safeBand.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { AccountReport, MarketReport } from "./reports.ts";

/** D18{USD} More than any price can take. */
const ALL_THE_SLACK_USD = 10n ** 36n;

/** Puts an account's judgement into the index; an account that cannot be judged stays in sight. */
export function indexReport({
  index,
  report,
  markets,
  at,
  reserveUsd,
}: {
  index: BandIndex;
  report: AccountReport;
  markets: ReadonlyMap<number, MarketReport>;
  /** {s} */
  at: number;
  /** D18{USD} Of an account on credit, what its line may lose until it is looked at again; null for all others. */
  reserveUsd: bigint | null;
}): void {
  const positions = isJudged(report) ? bandPositionsOf(report, markets) : null;
  if (positions === null) {
    index.putUnknown(report.account);
    return;
  }
  const { account } = report;
  index.put({ account, slackUsd: usableSlackOf(report, reserveUsd), positions, at });
}

export function isJudged(report: AccountReport): boolean {
  return report.failure === "0x" && report.marginFailure === "0x";
}

/** D18{USD} Equity less maintenance margin. */
export function slackOf(report: AccountReport): bigint {
  return report.equityUsd - report.maintenanceUsd;
}

/**
 * D18{USD} What of the slack prices and funding may use. No price can take anything from an account that holds nothing, but for one on credit: its line falls
 * with its collateral and with time.
 */
export function usableSlackOf(report: AccountReport, reserveUsd: bigint | null): bigint {
  const slackUsd = slackOf(report) - (reserveUsd ?? 0n);
  const isFlat = report.positions.every(({ size }) => size === 0n);
  return reserveUsd === null && isFlat && slackUsd >= 0n ? ALL_THE_SLACK_USD : slackUsd;
}

/** Null when a market of the account cannot be read. */
export function bandPositionsOf(
  report: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
): BandPosition[] | null {
  const positions: BandPosition[] = [];
  for (const position of report.positions) {
    const market = markets.get(Number(position.market));
    if (market === undefined || market.failure !== "0x" || market.ratesFailure !== "0x")
      return null;
    positions.push({
      market: Number(position.market),
      size: position.size,
      price: isPriced(market) ? market.price.price : 0n,
      maintenanceRate: market.rates.maintenanceRate,
      foreseenRate: foreseenRateOf(market.rates.maintenanceRate),
      sizeSlope: market.rates.sizeSlope,
      skewScale: market.terms.skewScale,
      maxFundingRate: market.terms.maxFundingRate,
    });
  }
  return positions;
}
