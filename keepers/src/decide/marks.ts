import { type AccountId, describeAccount } from "../../../sdk/src/accountId.ts";
import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import { isJudged } from "../read/judgement.ts";
import { type AccountReport, isActing, type PlanCode, planCodeOf } from "../read/reports.ts";
import type { Action, MarkItem } from "./action.ts";
import { compare } from "./compare.ts";

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

/** Accounts per call: each costs about 100 000 gas. */
const MARKS_PER_CALL = 40;

/** D18{USD} A shortfall that has doubled and grown by so much is news. */
const NEWS_USD = 100n * ONE;

export interface DueMark extends MarkItem {
  /** D18{USD} Maintenance margin less equity. */
  readonly shortfallUsd: bigint;
}

/** Accounts whose distress clock is to be started, continued or cleared, largest shortfall first. What the clock says already is not said again. */
export function dueMarksOf({
  reports,
  ...context
}: MarkContext & { readonly reports: readonly AccountReport[] }): DueMark[] {
  const due = new Map<AccountId, DueMark>();
  for (const report of reports) {
    const reason = reasonToMark(report, context);
    if (reason === null) continue;
    const { account } = report;
    const shortfallUsd = report.maintenanceUsd - report.equityUsd;
    due.set(account, { account, runs: !reason.clears, shortfallUsd });
  }
  return [...due.values()].sort((a, b) => compare(b.shortfallUsd, a.shortfallUsd));
}

/** One call for all of them, or for as many as fit into one; the others have their turn after it. */
export function marksOf(due: readonly DueMark[]): Action[] {
  const items = due.slice(0, MARKS_PER_CALL).map(({ account, runs }) => ({ account, runs }));
  return items.length === 0 ? [] : [{ kind: "mark", items }];
}

/** Markets whose auctions' length decides about a mark. */
export function marketsToTime(reports: readonly AccountReport[]): Set<number> {
  return new Set(
    reports
      .filter(({ distress }) => distress.healthySince !== 0n)
      .flatMap(({ positions }) => positions.map(({ market }) => Number(market))),
  );
}

/** Why a call would say something new. */
export interface MarkReason {
  readonly text: string;
  /** Whether the clock would stand afterwards. */
  readonly clears: boolean;
}

/** Why the account should be marked now; null when there is no reason. */
export function reasonToMark(report: AccountReport, context: MarkContext): MarkReason | null {
  if (!isJudged(report) || report.distressFailure !== "0x" || report.resolvable) return null;
  const isMarked = report.distress.startedAt !== 0n;
  switch (standingOf(report)) {
    case "distressed": {
      const text = reasonToStart(report);
      return text === null ? null : { text, clears: false };
    }
    case "healthy":
      return isMarked ? reasonToClear(report, context) : null;
    case "unknown":
      return null;
  }
}

function reasonToStart(report: AccountReport): string | null {
  const { startedAt, healthySince, shortfallUsd } = report.distress;
  const codes = report.positions.map(planCodeOf);
  // The slice comes first; what it leaves is judged after it.
  if (codes.some(isActing)) return null;
  const missing = report.maintenanceUsd - report.equityUsd;
  const misses = `it misses ${formatD18(missing)} USD`;
  if (startedAt === 0n)
    return `${misses} and cannot be sliced now (${[...new Set(codes)].join(", ")})`;
  if (healthySince !== 0n) return `${misses} again`;
  return missing >= 2n * shortfallUsd && missing - shortfallUsd >= NEWS_USD
    ? `${misses}, twice as much as when it was last seen`
    : null;
}

function standingOf(report: AccountReport): "distressed" | "healthy" | "unknown" {
  if (report.equityUsd >= report.maintenanceUsd) return "healthy";
  const codes = report.positions.map(planCodeOf);
  // Charges so recent that they are counted back.
  if (codes.includes("Healthy")) return "healthy";
  const telling = codes.filter((code) => code !== undefined && !SILENT.has(code));
  return telling.length === 0 || telling.includes("Bankrupt") ? "unknown" : "distressed";
}

function reasonToClear(report: AccountReport, context: MarkContext): MarkReason | null {
  const clears = (text: string) => ({ text, clears: true });
  if (report.positions.length === 0) return clears("it has no position left");
  if (report.openingEquityUsd >= report.initialUsd)
    return clears("it has its initial margin again");
  const clearsAt = clearsAtOf(report, context.auctionSeconds);
  if (clearsAt === null) return { text: "it has its maintenance margin again", clears: false };
  const since = Number(report.distress.healthySince);
  return context.now >= clearsAt
    ? clears(
        `it has had its maintenance margin for ${context.now - since} s, as long as an auction lasts`,
      )
    : null;
}

/** {s} When a healthy account's clock may be stopped; infinite where an auction's length is not known, null while nobody has said that it is healthy. */
export function clearsAtOf(
  { distress, positions }: AccountReport,
  auctionSeconds: ReadonlyMap<number, number>,
): number | null {
  if (distress.healthySince === 0n) return null;
  const lasts = positions.map(
    ({ market }) => auctionSeconds.get(Number(market)) ?? Number.POSITIVE_INFINITY,
  );
  return Number(distress.healthySince) + Math.max(0, ...lasts);
}

/** One line about the account's distress clock. */
export function describeClock({ account, distress }: AccountReport): string {
  const { startedAt, healthySince, shortfallUsd, elapsedSeconds } = distress;
  if (startedAt === 0n) return "does not run";
  const health = healthySince === 0n ? "" : `, seen healthy since ${healthySince}`;
  return `of ${describeAccount(account)} runs since ${startedAt} (auctions for ${elapsedSeconds} s), missed ${formatD18(shortfallUsd)} USD when last seen${health}`;
}
