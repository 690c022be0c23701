import { describeAccount } from "../../../sdk/src/accountId.ts";
import { formatD18 } from "../../../sdk/src/amounts.ts";
import { isJudged } from "../read/judgement.ts";
import { type AccountReport, isActing, type PlanCode, planCodeOf } from "../read/reports.ts";
import type { Action } from "./action.ts";

export interface MarkContext {
  /** {s} */
  readonly now: number;
  /** {s} How long auctions last, by market, as far as known. */
  readonly auctionSeconds: ReadonlyMap<number, number>;
}

/** Codes that say nothing about the account's margin. */
const SILENT: ReadonlySet<PlanCode> = new Set([
  "NoPosition",
  "PriceNotValid",
  "Halted",
  "EventsPending",
]);

/** Accounts whose distress clock is to be started, continued or cleared. What the clock says already is not said again. */
export function marksOf({
  reports,
  ...context
}: MarkContext & { readonly reports: readonly AccountReport[] }): Action[] {
  const accounts = reports
    .filter((report) => reasonToMark(report, context) !== null)
    .map(({ account }) => account);
  return [...new Set(accounts)].map((account) => ({ kind: "mark", account }));
}

/** Markets whose auctions' length decides about a mark. */
export function marketsToTime(reports: readonly AccountReport[]): Set<number> {
  return new Set(
    reports
      .filter(({ distress }) => distress.healthySince !== 0n)
      .flatMap(({ positions }) => positions.map(({ market }) => Number(market))),
  );
}

/** Why the account should be marked now, in words; null when there is no reason. */
export function reasonToMark(report: AccountReport, context: MarkContext): string | null {
  if (!isJudged(report) || report.distressFailure !== "0x" || report.resolvable) return null;
  const { startedAt, healthySince } = report.distress;
  const isMarked = startedAt !== 0n;
  switch (standingOf(report)) {
    case "distressed": {
      const codes = report.positions.map(planCodeOf);
      // The slice comes first; what it leaves is judged after it.
      if (codes.some(isActing)) return null;
      const missingUsd = formatD18(report.maintenanceUsd - report.equityUsd);
      if (!isMarked)
        return `it misses ${missingUsd} USD and cannot be sliced now (${[...new Set(codes)].join(", ")})`;
      return healthySince === 0n ? null : `it misses ${missingUsd} USD again`;
    }
    case "healthy":
      return isMarked ? reasonToClear(report, context) : null;
    case "unknown":
      return null;
  }
}

function standingOf(report: AccountReport): "distressed" | "healthy" | "unknown" {
  if (report.equityUsd >= report.maintenanceUsd) return "healthy";
  const codes = report.positions.map(planCodeOf);
  // Charges so recent that they are counted back.
  if (codes.includes("Healthy")) return "healthy";
  const telling = codes.filter((code) => code !== undefined && !SILENT.has(code));
  return telling.length === 0 || telling.includes("Bankrupt") ? "unknown" : "distressed";
}

function reasonToClear(report: AccountReport, { now, auctionSeconds }: MarkContext): string | null {
  if (report.positions.length === 0) return "it has no position left";
  if (report.openingEquityUsd >= report.initialUsd) return "it has its initial margin again";
  const since = Number(report.distress.healthySince);
  if (since === 0) return "it has its maintenance margin again";
  const lasts = report.positions.map(({ market }) => auctionSeconds.get(Number(market)));
  const longest = lasts.reduce<number>(
    (most, seconds) => Math.max(most, seconds ?? Number.POSITIVE_INFINITY),
    0,
  );
  return now - since >= longest
    ? `it has had its maintenance margin for ${now - since} s, as long as an auction lasts`
    : null;
}

/** One line about the account's distress clock. */
export function describeClock({ account, distress }: AccountReport): string {
  const { startedAt, healthySince, shortfallUsd, elapsedSeconds } = distress;
  if (startedAt === 0n) return "does not run";
  const health = healthySince === 0n ? "" : `, seen healthy since ${healthySince}`;
  return `of ${describeAccount(account)} runs since ${startedAt} (auctions for ${elapsedSeconds} s), missed ${formatD18(shortfallUsd)} USD when last seen${health}`;
}
