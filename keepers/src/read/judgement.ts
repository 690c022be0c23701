import type { BandIndex } from "../bands/bandIndex.ts";
import type { BandPosition } from "../bands/safeBand.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { AccountReport, MarketReport } from "./reports.ts";

/** Puts an account's judgement into the index; an account that cannot be judged stays in sight. */
export function indexReport({
  index,
  report,
  markets,
  at,
}: {
  index: BandIndex;
  report: AccountReport;
  markets: ReadonlyMap<number, MarketReport>;
  /** {s} */
  at: number;
}): void {
  const positions = isJudged(report) ? bandPositionsOf(report, markets) : null;
  if (positions === null) {
    index.putUnknown(report.account);
    return;
  }
  index.put({ account: report.account, slackUsd: slackOf(report), positions, at });
}

export function isJudged(report: AccountReport): boolean {
  return report.failure === "0x" && report.marginFailure === "0x";
}

/** D18{USD} Equity less maintenance margin. No price can take anything from an account that holds nothing: it has all the slack there is. */
export function slackOf(report: AccountReport): bigint {
  const slackUsd = report.equityUsd - report.maintenanceUsd;
  const isFlat = report.positions.every(({ size }) => size === 0n) && slackUsd >= 0n;
  return isFlat ? 10n ** 36n : slackUsd;
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
      sizeSlope: market.rates.sizeSlope,
      skewScale: market.terms.skewScale,
      maxFundingRate: market.terms.maxFundingRate,
    });
  }
  return positions;
}
