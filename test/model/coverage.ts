import { type Book, largerSideUsd, openBook, saveBook } from "./book.ts";
import { accountOf, type Call, log, Refusal } from "./call.ts";
import { observe } from "./oracle.ts";
import { down, exact, greater, up } from "./rational.ts";
import type { CoverageLevel, MarketId } from "./state.ts";
import { FUND, systemAccountOf } from "./terms.ts";
import { requirePrice } from "./trade.ts";

const LEVELS = { Full: 0n, Low: 1n, Short: 2n };

/** Cash that stands behind a market (the fund's share down), and what of it there should be (up). */
function measured(call: Call, book: Book) {
  const { coverageTarget, bootstrapUsd, fundShare } = book.terms.cover;
  const tranche = accountOf(call, systemAccountOf(book.id, "tranche")).cash;
  const buffers = tranche + down(exact(accountOf(call, FUND).cash).times(exact(fundShare)));
  const byInterest = up(exact(largerSideUsd(book)).times(exact(coverageTarget)));
  const target = coverageTarget === 0n ? 0n : greater(byInterest, bootstrapUsd);
  const level: CoverageLevel =
    buffers * 2n >= target ? "Full" : buffers * 4n >= target ? "Low" : "Short";
  return { buffers, target, level };
}

/** Measures how far a market's buffers reach, and remembers it. */
export function renewCoverage(call: Call, book: Book): CoverageLevel {
  const { level, buffers, target } = measured(call, book);
  if (level === book.market.coverage) return level;
  book.market.coverage = level;
  log(call, "CoverageChanged", book.id, LEVELS[level], buffers, target);
  return level;
}

/** What an opening does before it is judged: nothing may be opened where less than a quarter of the target is there. */
export function requireCoverage(call: Call, book: Book): void {
  if (renewCoverage(call, book) !== "Short") return;
  const { buffers, target } = measured(call, book);
  throw new Refusal("CoverageTooLow", book.id, buffers, (target + 3n) / 4n);
}

/** See IClearingHouse.refreshCoverage. */
export function refreshCoverage(call: Call, id: MarketId): void {
  const book = openBook(call, id, observe(call, id, "SameBlock"));
  requirePrice(book);
  renewCoverage(call, book);
  saveBook(call, book);
}
