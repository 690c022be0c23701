import { ONE } from "../../../sdk/src/amounts.ts";
import type { AccountReport, MarketReport, PositionReport } from "../read/reports.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";
import type { Loser } from "./defaults.ts";

/** Lowest and highest price of a market's maturity window. D18{USD/base} */
export interface PriceWindow {
  readonly low: bigint;
  readonly high: bigint;
}

/** D18{USD} What winners of a market could be paid if its reserve had it: gains of both sides less the reserve. */
export function unpaidGainsOf({ state, price }: MarketReport): bigint {
  const x = price.price - state.fundingIndex;
  const long = (state.longOpenInterest * x) / ONE + state.longQuote;
  const short = (-state.shortOpenInterest * x) / ONE + state.shortQuote;
  const gains = (long > 0n ? long : 0n) + (short > 0n ? short : 0n);
  return gains > state.reserveUsd ? gains - state.reserveUsd : 0n;
}

/** D18{USD} U = s·X + v at the market's price now: reports of calm accounts are older than it. */
export function valueNowOf(position: PositionReport, { state, price }: MarketReport): bigint {
  return (position.size * (price.price - state.fundingIndex)) / ONE + position.quote;
}

/** Accounts that have lost in a market, largest loss first. */
export function losersOf(
  reports: Iterable<AccountReport>,
  markets: ReadonlyMap<number, MarketReport>,
): Loser[] {
  const losers: Loser[] = [];
  for (const report of reports) {
    for (const position of report.positions) {
      const market = markets.get(Number(position.market));
      if (market === undefined) continue;
      const valueUsd = valueNowOf(position, market);
      if (valueUsd < 0n)
        losers.push({
          account: report.account,
          market: Number(position.market),
          lossUsd: -valueUsd,
        });
    }
  }
  return losers.sort((a, b) => compare(b.lossUsd, a.lossUsd));
}

/**
 * D18{USD} What a stranger's `settle` would pull out of the account's cash: in each market what is lost at both extremes of the maturity window too, all
 * of it at most the cash that is not locked. A wick moves nothing.
 */
export function standingLossOf(
  report: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
  windows: ReadonlyMap<number, PriceWindow>,
): bigint {
  let lossUsd = 0n;
  for (const position of report.positions) {
    const market = markets.get(Number(position.market));
    const window = windows.get(Number(position.market));
    if (market === undefined || window === undefined) continue;
    const valueUsd = valueNowOf(position, market);
    if (valueUsd >= 0n) continue;
    const best = position.size > 0n ? window.high : window.low;
    const atBest =
      position.size === 0n
        ? valueUsd
        : (position.size * (best - market.state.fundingIndex)) / ONE + position.quote;
    const value = atBest > valueUsd ? atBest : valueUsd;
    if (value < 0n) lossUsd -= value;
  }
  const cashUsd = report.state.cashUsd - report.state.depositUsd - report.state.heldUsd;
  const available = cashUsd > 0n ? cashUsd : 0n;
  return lossUsd < available ? lossUsd : available;
}

/** Settles the losers whose cash would pay waiting winners. */
export function settlementsOf({
  reports,
  markets,
  windows,
  leastUsd,
  batchSize,
}: {
  reports: Iterable<AccountReport>;
  markets: ReadonlyMap<number, MarketReport>;
  windows: ReadonlyMap<number, PriceWindow>;
  /** D18{USD} Smaller losses are left alone. */
  leastUsd: bigint;
  batchSize: number;
}): Action[] {
  const waiting = new Set(
    [...markets]
      .filter(([, report]) => unpaidGainsOf(report) >= leastUsd)
      .map(([market]) => market),
  );
  if (waiting.size === 0) return [];
  const losers = [...reports]
    .filter((report) => report.positions.some(({ market }) => waiting.has(Number(market))))
    .map((report) => ({
      account: report.account,
      lossUsd: standingLossOf(report, markets, windows),
    }))
    .filter(({ lossUsd }) => lossUsd >= leastUsd)
    .sort((a, b) => compare(b.lossUsd, a.lossUsd))
    .slice(0, batchSize);
  return losers.length === 0
    ? []
    : [{ kind: "settle", accounts: losers.map(({ account }) => account) }];
}
