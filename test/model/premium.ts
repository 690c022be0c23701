import { notionalUp } from "./book.ts";
import { available, type Call, credit, log, marginCash, Refusal } from "./call.ts";
import { drawForCosts, drawToMargin } from "./creditLine.ts";
import { down, exact, greatest, least, positive, Rational, size, up, whole } from "./rational.ts";
import { assess, calmRateOf } from "./risk.ts";
import type { Account } from "./state.ts";
import { systemAccountOf } from "./terms.ts";
import type { Holding, Work } from "./work.ts";

const DAY = 86_400n;
/** {days}, after which an account is in good standing. */
const STANDING = 30n;

/** Whole days of good standing; none before the first opening. */
export function goodDaysOf({ now }: Call, { goodSince }: Account): bigint {
  return goodSince === 0n ? 0n : positive(now / DAY - goodSince);
}

/** It counts from tomorrow. */
export function restartStanding({ now }: Call, account: Account): void {
  account.goodSince = now / DAY + 1n;
}

/** What a position had grown by. */
function openedSize(before: bigint, after: bigint): bigint {
  const isCrossed = before > 0n !== after > 0n;
  return isCrossed ? size(after) : size(after) - size(before);
}

/** What a position and its account's cash were before a fill and its costs. */
export interface Before {
  readonly size: bigint;
  /** Without the deposit. */
  readonly cash: bigint;
}

export function beforeFill({ account }: Work, { position }: Holding): Before {
  return { size: position.size, cash: marginCash(account) };
}

/** E ≥ IM of an account that has opened something, and its premium besides, in cash for the market's tranche. */
export function requireOpeningMargin(
  call: Call,
  work: Work,
  holding: Holding,
  before: Before,
): void {
  const { name } = work;
  const { equity, required } = assess(call, work, "Initial");
  const premium = premiumOf(call, work, holding, before, equity);
  if (equity < required + premium) {
    throw new Refusal("AccountBelowInitialMargin", name, equity, required + premium);
  }
  if (premium !== 0n) payPremium(call, work, holding, premium);
  drawToMargin(call, work);
}

function payPremium(call: Call, work: Work, holding: Holding, premium: bigint): void {
  const { account, name } = work;
  drawForCosts(call, work, premium);
  const cash = available(account);
  if (cash < premium) throw new Refusal("CashTooLow", name, cash, premium);
  account.cash -= premium;
  credit(call, systemAccountOf(holding.book.id, "tranche"), premium);
  log(call, "PremiumPaid", name, holding.book.id, premium, goodDaysOf(call, account));
}

/** ΔN·c·s·u, up: s falls from 3 to 1 within thirty days, u = (2R − ΔR)/E before the fill, between ¼ and 2, R by the rates alone. */
function premiumOf(
  call: Call,
  { account, holdings }: Work,
  { book, position }: Holding,
  before: Before,
  equity: bigint,
): bigint {
  const { premiumRate } = book.terms.cover;
  if (premiumRate === 0n) return 0n;
  const notional = up(exact(openedSize(before.size, position.size)).times(exact(book.price)));
  const added = down(exact(notional).times(calmRateOf(book.terms.risk)));
  const margin = holdings.reduce(
    (sum, each) =>
      sum +
      up(exact(notionalUp(each.book, each.position.size)).times(calmRateOf(each.book.terms.risk))),
    0n,
  );
  const own = positive(equity + positive(before.cash - marginCash(account)));
  const used = positive(2n * margin - added);
  const use =
    own === 0n
      ? whole(2n)
      : greatest(least(new Rational(used, own), whole(2n)), new Rational(1n, 4n));
  const days = goodDaysOf(call, account);
  const standing = new Rational(90n - 2n * (days < STANDING ? days : STANDING), 30n);
  return up(exact(notional).times(exact(premiumRate)).times(standing).times(use));
}
