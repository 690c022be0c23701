import type { AccountId } from "../../../sdk/src/accountId.ts";
import { isJudged } from "../read/judgement.ts";
import {
  type AccountReport,
  isActing,
  type MarketReport,
  marketModeOf,
  planCodeOf,
} from "../read/reports.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";

/** A position or an inventory that the backstop may be asked about. */
export interface BackstopOffer {
  readonly account: AccountId;
  readonly market: number;
  readonly isInventory: boolean;
}

/** What the backstop trades now if it is told to, and from when on. */
export interface BackstopSlice {
  readonly market: number;
  /** D18{base} */
  readonly sizeDelta: bigint;
  /** {s} */
  readonly allowedAt: bigint;
}

/** What decides from when on the backstop bids in a market. */
export interface BackstopWait {
  /** {s} w₀ */
  readonly windowSeconds: number;
  /** {s} How long an auction of a position takes. */
  readonly auctionSeconds: number;
}

/** Each is a question to the chain, in every block while it stands. */
const MOST_QUESTIONS = 8;

/** Markets whose pacing window decides whether the backstop is asked. */
export function marketsToPace(reports: readonly AccountReport[]): Set<number> {
  return new Set(
    reports
      .filter((report) => isDeep(report))
      .flatMap(({ positions }) => positions.map(({ market }) => Number(market))),
  );
}

/** Positions that slices and takers have left alone for long enough, largest shortfall first. Whether the backstop's own rule takes them, it says itself. */
export function backstopOffersOf({
  reports,
  waits,
  now,
}: {
  reports: readonly AccountReport[];
  /** By market. */
  waits: ReadonlyMap<number, BackstopWait>;
  now: number;
}): BackstopOffer[] {
  return reports
    .filter((report) => isDeep(report))
    .toSorted((a, b) => compare(b.maintenanceUsd - b.equityUsd, a.maintenanceUsd - a.equityUsd))
    .flatMap((report) =>
      report.positions
        .filter(({ size }) => size !== 0n)
        .map(({ market }) => Number(market))
        .filter((market) => now >= backstopOpensAt(report, waits.get(market), now))
        .map((market) => ({ account: report.account, market, isInventory: false })),
    )
    .slice(0, MOST_QUESTIONS);
}

/** Whether the backstop might take of the account once it has waited: marked, E < ⅔·MM with recent charges counted back, and nothing for a slice to do. */
export function isDeep(report: AccountReport): boolean {
  if (!isJudged(report) || report.resolvable || report.distressFailure !== "0x") return false;
  if (report.distress.startedAt === 0n) return false;
  if (report.positions.some((position) => isActing(planCodeOf(position)))) return false;
  return (report.equityUsd + report.state.graceUsd) * 3n < report.maintenanceUsd * 2n;
}

/** {s} When its auction has run for two windows, and its last slice is as long past or the auction over; infinite where the market's terms are not known. */
export function backstopOpensAt(
  { distress, state }: AccountReport,
  wait: BackstopWait | undefined,
  now: number,
): number {
  if (wait === undefined) return Number.POSITIVE_INFINITY;
  const pause = 2 * wait.windowSeconds;
  const startedAt = now - Number(distress.elapsedSeconds);
  return Math.max(
    startedAt + pause,
    Math.min(Number(state.slicedAt) + pause, startedAt + wait.auctionSeconds),
  );
}

/** Inventory that the backstop may be asked about. */
export function backstopInventoryOf(
  markets: Iterable<MarketReport>,
  accounts: ReadonlyMap<number, AccountId>,
): BackstopOffer[] {
  return [...markets].flatMap((report) => {
    const market = Number(report.market);
    const account = accounts.get(market);
    if (account === undefined || report.inventory.size === 0n) return [];
    if (!isPriced(report) || marketModeOf(report) === "Halted") return [];
    return [{ account, market, isInventory: true }];
  });
}

export function backstopTakesOf(offers: readonly BackstopOffer[]): Action[] {
  return offers.map((offer) => ({ kind: "backstopTake", ...offer }));
}

/** What the backstop holds, sold a slice at a time. */
export function backstopUnwindsOf(slices: readonly BackstopSlice[], now: number): Action[] {
  return slices
    .filter(({ sizeDelta, allowedAt }) => sizeDelta !== 0n && BigInt(now) >= allowedAt)
    .map(({ market }) => ({ kind: "backstopUnwind", market }));
}
