import { foreseenRateOf } from "../bands/safeBand.ts";
import { type MarketReport, priceStatusOf } from "../read/reports.ts";

export interface MarketChanges {
  /** Markets whose bands no longer hold: margin rates, depth, mode, validity of the price, or an event of the whole market. */
  readonly reshaped: readonly number[];
  readonly hasNewPrice: boolean;
}

/** Remembers markets from block to block. */
export class MarketWatch {
  readonly #reports = new Map<number, MarketReport>();

  get reports(): ReadonlyMap<number, MarketReport> {
    return this.#reports;
  }

  /** Prices that may be acted on. D18{USD/base} */
  get prices(): ReadonlyMap<number, bigint> {
    return new Map(
      [...this.#reports]
        .filter(([, report]) => isPriced(report))
        .map(([market, report]) => [market, report.price.price]),
    );
  }

  update(reports: readonly MarketReport[]): MarketChanges {
    const reshaped: number[] = [];
    let hasNewPrice = false;
    for (const report of reports) {
      const market = Number(report.market);
      const before = this.#reports.get(market);
      if (before === undefined || shapeOf(before) !== shapeOf(report)) reshaped.push(market);
      if (
        before === undefined ||
        before.price.publishedAt !== report.price.publishedAt ||
        before.price.price !== report.price.price
      ) {
        hasNewPrice = true;
      }
      this.#reports.set(market, report);
    }
    return { reshaped, hasNewPrice };
  }
}

export function isPriced(report: MarketReport): boolean {
  return (
    report.failure === "0x" && report.priceFailure === "0x" && priceStatusOf(report) === "Valid"
  );
}

function shapeOf(report: MarketReport): string {
  const { rates, terms, state } = report;
  return [
    isPriced(report),
    report.ratesFailure,
    foreseenRateOf(rates.maintenanceRate),
    rates.sizeSlope,
    terms.skewScale,
    terms.maxFundingRate,
    state.mode,
    state.events,
  ].join();
}
