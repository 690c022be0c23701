import type { Book } from "./book.ts";
import { depthOf, largerSideUsd, notionalUp, unsettledOf } from "./book.ts";
import { accountOf, available, type Call, positionOf, Refusal } from "./call.ts";
import { changeOwn, recordFill } from "./positions.ts";
import { exact, lesser, positive, size, up } from "./rational.ts";
import { initialMarginOf } from "./risk.ts";
import { poolOf } from "./terms.ts";
import { alter, type Holding, type Work } from "./work.ts";

/** n = Δs·(p − F), up. */
export function costOf({ fundingIndex }: Book, delta: bigint, price: bigint): bigint {
  return up(exact(delta).times(exact(price - fundingIndex)));
}

/** Δs·(p − P), up: what the filled side gives up against the index. */
export function edgeOf(book: Book, delta: bigint, price: bigint): bigint {
  return up(exact(delta).times(exact(price - book.price)));
}

/** One side of a fill: its edge against the index is paid from its cash into the reserve, as far as that reaches. Returns what is not paid. */
function fillSide(
  call: Call,
  work: Work,
  holding: Holding,
  delta: bigint,
  cost: bigint,
  edge: bigint,
): bigint {
  const { account } = work;
  const { book, position } = holding;
  const paid = lesser(positive(edge), available(account));
  account.cash -= paid;
  book.market.reserve += paid;
  recordFill(position, book.bucket, delta, cost - paid);
  alter(call, work, holding, delta, paid - cost);
  return positive(edge) - paid;
}

/** Fills an account against the pool. Returns the part of its edge that it could not pay. */
export function fillAgainstPool(
  call: Call,
  work: Work,
  holding: Holding,
  delta: bigint,
  price: bigint,
): bigint {
  const { book } = holding;
  const cost = costOf(book, delta, price);
  const edge = edgeOf(book, delta, price);
  const pool = accountOf(call, poolOf(book.id));
  const poolPaid = lesser(positive(-edge), pool.cash);
  pool.cash -= poolPaid;
  book.market.reserve += poolPaid;
  changePool(call, book, -delta, poolPaid + cost);
  return fillSide(call, work, holding, delta, cost, edge);
}

/** Changes the pool's position by a fill that adds `quoteDelta` to its quote leg. */
export function changePool(call: Call, book: Book, delta: bigint, quoteDelta: bigint): void {
  const name = poolOf(book.id);
  recordFill(positionOf(call, name, book.id), book.bucket, delta, -quoteDelta);
  changeOwn(call, name, book, delta, quoteDelta);
}

/** Fills two accounts against each other. Returns what each could not pay of its edge. */
export function fillPair(
  call: Call,
  one: Work,
  ofOne: Holding,
  other: Work,
  ofOther: Holding,
  delta: bigint,
  price: bigint,
): readonly [bigint, bigint] {
  const { book } = ofOne;
  const cost = costOf(book, delta, price);
  return [
    fillSide(call, one, ofOne, delta, cost, edgeOf(book, delta, price)),
    fillSide(call, other, ofOther, -delta, -cost, edgeOf(book, -delta, price)),
  ];
}

/** E of the pool, which is in one market only. */
export function poolEquityOf(call: Call, book: Book): bigint {
  const name = poolOf(book.id);
  return accountOf(call, name).cash + unsettledOf(book, positionOf(call, name, book.id));
}

/** What the pool's equity has to cover for a position of this size. */
export function poolMarginOf(book: Book, amount: bigint): bigint {
  return initialMarginOf(
    book.terms.risk,
    notionalUp(book, amount),
    depthOf(book),
    largerSideUsd(book),
  );
}

/** A pool that grew is inside its cap and above its initial margin. */
export function requireRoom(call: Call, book: Book, sizeBefore: bigint): void {
  const amount = size(positionOf(call, poolOf(book.id), book.id).size);
  if (amount <= size(sizeBefore)) return;
  const { exposureCap } = book.terms.market;
  if (amount > exposureCap) {
    throw new Refusal("PoolExposureExceeded", book.id, amount, exposureCap);
  }
  const equity = poolEquityOf(call, book);
  const required = poolMarginOf(book, amount);
  if (equity < required) throw new Refusal("PoolBelowInitialMargin", book.id, equity, required);
}

/** Whether a pool that is about to hold `sizeAfter` will pass `requireRoom`, by the equity it has. */
export function hasRoom(call: Call, book: Book, sizeAfter: bigint): boolean {
  const amount = size(sizeAfter);
  if (amount <= size(positionOf(call, poolOf(book.id), book.id).size)) return true;
  const { exposureCap } = book.terms.market;
  return amount <= exposureCap && poolEquityOf(call, book) >= poolMarginOf(book, amount);
}

/** A pool's or a taker's claim that an account could not pay in cash. */
export function moveClaim(call: Call, work: Work, holding: Holding, amount: bigint): void {
  changePool(call, holding.book, 0n, amount);
  alter(call, work, holding, 0n, -amount);
}
