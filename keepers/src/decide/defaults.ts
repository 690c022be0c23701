import type { AccountId } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import {
  type AccountReport,
  type MarketReport,
  marketModeOf,
  priceStatusOf,
} from "../read/reports.ts";
import type { Action } from "./action.ts";

/** An account that has lost in a market and not yet paid. */
export interface Loser {
  readonly account: AccountId;
  readonly market: number;
  /** D18{USD} What it has lost there, as a positive amount. */
  readonly lossUsd: bigint;
}

/** Each loser settled costs gas inside the resolution. */
const MOST_LOSERS = 4;

/** D18{USD} The house books no smaller loss. */
const LEAST_BOOKED_LOSS_USD = 100n * ONE;

/**
 * Defaults to be recognised. Where the bankrupt account has a gain in some market, the largest losers of that market are settled with it, so that its
 * reserve can pay what it owes elsewhere.
 */
export function resolutionsOf({
  reports,
  losers,
}: {
  reports: readonly AccountReport[];
  /** Largest loss first. */
  losers: readonly Loser[];
}): Action[] {
  return reports
    .filter(
      (report) => report.resolvable && report.failure === "0x" && report.marginFailure === "0x",
    )
    .map((report) => {
      const winning = new Set(
        report.positions
          .filter(({ valueUsd }) => valueUsd > 0n)
          .map(({ market }) => Number(market)),
      );
      const listed = losers.filter(
        ({ account, market }) => winning.has(market) && account !== report.account,
      );
      return {
        kind: "resolve" as const,
        account: report.account,
        losers: [...new Set(listed.map(({ account }) => account))].slice(0, MOST_LOSERS),
        rewardUsd: report.state.depositUsd,
      };
    });
}

/** Accounts with more market events waiting than one call applies, brought nearer. Without that nobody can judge them; with fewer there is no need. */
export function touchesOf(reports: readonly AccountReport[]): Action[] {
  const unjudged = reports.filter(({ marginFailure }) => marginFailure !== "0x");
  return unjudged.flatMap((report) =>
    report.positions
      .filter(({ pendingEvents }) => pendingEvents > 0n)
      .map((position) => ({
        kind: "touch" as const,
        account: report.account,
        market: Number(position.market),
        events: position.pendingEvents,
      })),
  );
}

/** What the resolution accounts and the books of markets wait for. The house says whether it is time; a trial call asks it. */
export function inventoryActionsOf(markets: Iterable<MarketReport>): Action[] {
  const actions: Action[] = [];
  for (const report of markets) {
    if (report.failure !== "0x" || report.priceFailure !== "0x") continue;
    if (priceStatusOf(report) !== "Valid" || marketModeOf(report) === "Halted") continue;
    const market = Number(report.market);
    if (magnitude(report.inventory.size) >= report.terms.lotSize) {
      actions.push({ kind: sellableOf(report) > 0n ? "unwind" : "tearUp", market });
    } else if (hasValueToClose(report)) {
      actions.push({ kind: "unwind", market });
    }
    // A market that has ended books whatever there is, now and then.
    const leastUsd = marketModeOf(report) === "WoundDown" ? 1n : LEAST_BOOKED_LOSS_USD;
    if (report.state.pendingLossUsd >= leastUsd) actions.push({ kind: "bookLoss", market });
  }
  return actions;
}

/**
 * Whether an inventory without a lot left has a profit or a loss to close, which unwinding does. Units that a tear-up leaves by truncation are worth less
 * than a lot, and stay.
 */
function hasValueToClose({ inventory, price, state, terms }: MarketReport): boolean {
  const { size, quote } = inventory;
  const value = (size * (price.price - state.fundingIndex)) / ONE + quote;
  return size === 0n ? quote !== 0n : magnitude(value) > (terms.lotSize * price.price) / ONE;
}

/** D18{base} How much of the inventory the pool takes within the tolerance. */
export function sellableOf(report: MarketReport): bigint {
  return acceptedOf(report, report.inventory.size, report.terms.unwindTolerance);
}

/** D18{base} How much of a position the pool takes at a cost, against the index and fees aside, of at most `costRate`: |k/K + Δ/2K| on the costly side. */
export function acceptedOf(
  { terms, skew }: Pick<MarketReport, "terms" | "skew">,
  size: bigint,
  costRate: bigint,
): bigint {
  const reach = (terms.skewScale * costRate) / ONE;
  const room = 2n * (reach + (size > 0n ? skew : -skew));
  if (room <= 0n) return 0n;
  const whole = magnitude(size);
  return room >= whole ? whole : room - (room % terms.lotSize);
}
