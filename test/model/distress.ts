import { accountOf, type Call, log, Refusal } from "./call.ts";
import { graceOf } from "./marketEvents.ts";
import { greater } from "./rational.ts";
import { assess } from "./risk.ts";
import type { AccountName } from "./state.ts";
import { isSystemAccount } from "./terms.ts";
import { open, type Work } from "./work.ts";

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
    const healthySince = mark.healthySince === 0n ? call.now : mark.healthySince;
    if (isOver(call, work, healthySince)) {
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

/** An account that is not in distress has left it at E ≥ IM, or once it was healthy for as long as the longest auction in its markets. */
function isOver(call: Call, work: Work, healthySince: bigint): boolean {
  const { equity, required } = assess(call, work, "Initial");
  if (equity >= required) return true;
  const longest = work.holdings.reduce(
    (found, { book }) => greater(found, book.terms.auctionSeconds),
    0n,
  );
  return call.now - healthySince >= longest;
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

/** See IClearingHouse.mark. */
export function mark(call: Call, name: AccountName): void {
  if (isSystemAccount(name)) throw new Refusal("SystemAccount", name);
  updateMark(call, open(call, name, [], "SameBlock"));
}
