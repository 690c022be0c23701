import { accountOf, type Call, log } from "./call.ts";
import { graceOf } from "./marketEvents.ts";
import { greater } from "./rational.ts";
import { assess } from "./risk.ts";
import type { AccountName, Mark } from "./state.ts";
import { isSystemAccount } from "./terms.ts";
import { tryOpen, type Work } from "./work.ts";

/** Starts, keeps or clears the account's distress clock. */
export function updateMark(call: Call, work: Work): void {
  const { account, name } = work;
  const { mark } = account;
  if (account.markets.size === 0) {
    clearMark(call, name);
    return;
  }
  const { equity, required } = assess(call, work, "Maintenance");
  const shortfall = required - equity - graceOf(call, name);
  let next = mark;
  if (shortfall > 0n) {
    next = { startedAt: mark?.startedAt ?? call.now, healthySince: 0n, shortfall };
  } else {
    if (mark === null) return;
    const healthySince = healthySinceOf(call, work, mark);
    if (healthySince === "unknown") return;
    if (healthySince === "over") {
      clearMark(call, name);
      return;
    }
    next = { startedAt: mark.startedAt, healthySince, shortfall: 0n };
  }
  call.state.shortfall += next.shortfall - (mark?.shortfall ?? 0n);
  account.mark = next;
  log(
    call,
    "Marked",
    name,
    next.startedAt,
    next.healthySince,
    next.shortfall,
    call.state.shortfall,
  );
}

/**
 * Since when an account that is not in distress has been seen healthy. It has left distress at E ≥ IM, or once it was healthy for as long as the longest auction in its
 * markets; below IM only a valid price in all its markets shows health.
 */
function healthySinceOf(call: Call, work: Work, mark: Mark): bigint | "over" | "unknown" {
  const { equity, required } = assess(call, work, "Initial");
  if (equity >= required) return "over";
  const isPriced = work.holdings.every(
    ({ book, position }) => position.size === 0n || book.status === "Valid",
  );
  if (!isPriced) return "unknown";
  const since = mark.healthySince === 0n ? call.now : mark.healthySince;
  const longest = work.holdings.map(({ book }) => book.terms.auctionSeconds).reduce(greater, 0n);
  return call.now - since >= longest ? "over" : since;
}

export function clearMark(call: Call, name: AccountName): void {
  const account = accountOf(call, name);
  if (account.mark === null) return;
  call.state.shortfall -= account.mark.shortfall;
  account.mark = null;
  log(call, "Unmarked", name, call.state.shortfall);
}

/** What an action does at its end with an account that is marked. */
export function keepMark(call: Call, work: Work): void {
  if (work.account.mark !== null) updateMark(call, work);
}

/** See IClearingHouse.mark; an account that cannot be judged now is left as it is. */
export function mark(call: Call, names: readonly AccountName[]): void {
  for (const name of names) {
    if (isSystemAccount(name)) continue;
    const work = tryOpen(call, name, [], "SameBlock");
    if (work !== undefined) updateMark(call, work);
  }
}
