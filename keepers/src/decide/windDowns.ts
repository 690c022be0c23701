import type { AccountId } from "../../../sdk/src/accountId.ts";
import { type AccountReport, type MarketReport, marketModeOf } from "../read/reports.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { Action } from "./action.ts";

/** How near the end of a market is, or how it ended. Times in {s}. */
export interface WindDownTerms {
  readonly allowedAt: bigint;
  readonly paysFrom: bigint;
}

/** {s} How long a market has been without a valid price before the keeper notes it: shorter outages end by themselves. */
const NOTED_AFTER_SECONDS = 86_400;

export function isWoundDown(report: MarketReport): boolean {
  return report.failure === "0x" && marketModeOf(report) === "WoundDown";
}

/** Markets whose end is due, and outages to be noted so that it can become due. */
export function windDownsOf({
  markets,
  terms,
  now,
}: {
  markets: ReadonlyMap<number, MarketReport>;
  terms: ReadonlyMap<number, WindDownTerms>;
  now: number;
}): Action[] {
  return [...markets].flatMap(([market, report]): Action[] => {
    const known = terms.get(market);
    if (known === undefined || report.failure !== "0x" || isWoundDown(report)) return [];
    const { allowedAt } = known;
    if (allowedAt !== 0n) return allowedAt <= BigInt(now) ? [{ kind: "windDown", market }] : [];
    const isOut =
      !isPriced(report) && BigInt(now) >= report.price.publishedAt + BigInt(NOTED_AFTER_SECONDS);
    return isOut ? [{ kind: "noteOutage", market }] : [];
  });
}

/** {s} How old a round is that the oracle has not stored before the keeper has it stored. */
const STORED_AFTER_SECONDS = 600;

/** Has the oracle store rounds that nobody has acted on for a while: if the feed dies, the last stored one is what the market would end at. */
export function pokesOf({
  markets,
  storedAt,
  now,
}: {
  markets: ReadonlyMap<number, MarketReport>;
  /** {s} When the last price that the oracle has stored was published. */
  storedAt: ReadonlyMap<number, bigint>;
  now: number;
}): Action[] {
  const due = [...markets]
    .filter(([market, report]) => {
      if (!isPriced(report) || isWoundDown(report)) return false;
      const { publishedAt } = report.price;
      const isUnknown = publishedAt > (storedAt.get(market) ?? publishedAt);
      return isUnknown && BigInt(now) >= publishedAt + BigInt(STORED_AFTER_SECONDS);
    })
    .map(([market]) => market);
  return due.length === 0 ? [] : [{ kind: "poke", markets: due }];
}

/** D18{USD} What the pool owns or owes in a market that has ended. */
export interface EndedPool {
  readonly account: AccountId;
  readonly quoteUsd: bigint;
}

/** Settles whoever has something left in a market that has ended: losers at once, winners when and as far as the reserve may pay. */
export function endedSettlementsOf({
  reports,
  markets,
  terms,
  pools,
  now,
  batchSize,
}: {
  reports: Iterable<AccountReport>;
  markets: ReadonlyMap<number, MarketReport>;
  terms: ReadonlyMap<number, WindDownTerms>;
  pools: ReadonlyMap<number, EndedPool>;
  now: number;
  batchSize: number;
}): Action[] {
  const ended = new Map([...markets].filter(([, report]) => isWoundDown(report)));
  if (ended.size === 0) return [];
  const isDue = (market: number, valueUsd: bigint): boolean => {
    const report = ended.get(market);
    if (report === undefined || valueUsd <= 0n) return report !== undefined;
    const { reserveUsd, pendingLossUsd } = report.state;
    return (terms.get(market)?.paysFrom ?? 0n) <= BigInt(now) && reserveUsd > pendingLossUsd;
  };
  const accounts = [...reports]
    .filter(({ state, positions }) =>
      positions.some(
        ({ market, valueUsd }) =>
          isDue(Number(market), valueUsd) &&
          // A loser without cash is resolved, or waits for its gains elsewhere.
          (valueUsd >= 0n || state.cashUsd > state.depositUsd),
      ),
    )
    .map(({ account }) => account);
  const due = [...pools]
    .filter(([market, { quoteUsd }]) => quoteUsd !== 0n && isDue(market, quoteUsd))
    .map(([, { account }]) => account);
  const all = [...new Set([...due, ...accounts])].slice(0, batchSize);
  return all.length === 0 ? [] : [{ kind: "settle", accounts: all }];
}
