import type { Book } from "./book.ts";
import { unsettledOf } from "./book.ts";
import { accountOf, type Call, marketOf, positionOf } from "./call.ts";
import { windowOf } from "./oracle.ts";
import { down, exact, greatest, lesser, positive, up } from "./rational.ts";
import type { AccountName, Market, MarketId, Position } from "./state.ts";
import { ENDED_PAUSE, isSystemAccount, poolOf } from "./terms.ts";

/** Changes a position and its side's sums; the pool is in neither side. */
export function change(
  market: Market,
  position: Position,
  isPool: boolean,
  sizeDelta: bigint,
  quoteDelta: bigint,
): void {
  if (!isPool) leave(market, position);
  position.size += sizeDelta;
  position.quote += quoteDelta;
  if (!isPool) enter(market, position);
}

/** Changes only the quote leg. */
export function changeQuote(
  market: Market,
  position: Position,
  isPool: boolean,
  quoteDelta: bigint,
): void {
  position.quote += quoteDelta;
  const side = sideOf(market, position.size);
  if (side !== null && !isPool) side.quote += quoteDelta;
}

function sideOf({ longs, shorts }: Market, size: bigint) {
  return size > 0n ? longs : size < 0n ? shorts : null;
}

function leave(market: Market, { size, quote }: Position): void {
  const side = sideOf(market, size);
  if (side === null) return;
  // Fills of a tear-up are truncated, so stored sizes may be some units above what was booked.
  side.openInterest = positive(side.openInterest - (size < 0n ? -size : size));
  side.quote -= quote;
}

function enter(market: Market, { size, quote }: Position): void {
  const side = sideOf(market, size);
  if (side === null) return;
  side.openInterest += size < 0n ? -size : size;
  side.quote += quote;
}

/** Number of a market's last event. */
export function lastEventOf({ events }: Market): bigint {
  return BigInt(events.length) + 1n;
}

/** How many events a position has not seen: one without size and quote leg has nothing to see. */
export function pendingEvents(call: Call, account: AccountName, id: MarketId): bigint {
  const { size, quote, seen } = positionOf(call, account, id);
  return size === 0n && quote === 0n ? 0n : lastEventOf(marketOf(call, id)) - seen;
}

/** Remembers a fill, so that what it gains is not paid before it has stood. */
export function recordFill(
  position: Position,
  bucket: bigint,
  sizeDelta: bigint,
  cost: bigint,
): void {
  // Older ones have matured.
  for (const old of position.fills.keys()) if (old < bucket - 1n) position.fills.delete(old);
  const known = position.fills.get(bucket);
  position.fills.set(bucket, {
    size: (known?.size ?? 0n) + sizeDelta,
    cost: (known?.cost ?? 0n) + cost,
  });
}

/** A change of the account's own position in the market: it is in a market while it has a size or a quote leg there. */
export function changeOwn(
  call: Call,
  account: AccountName,
  book: Book,
  sizeDelta: bigint,
  quoteDelta: bigint,
): void {
  const position = positionOf(call, account, book.id);
  change(book.market, position, account === poolOf(book.id), sizeDelta, quoteDelta);
  position.seen = lastEventOf(book.market);
  updateMembership(call, account, book.id);
}

/** Pools and the house's own accounts stay in their market for good. Leaving the last market releases the deposit. */
function updateMembership(call: Call, name: AccountName, id: MarketId): void {
  const account = accountOf(call, name);
  const { size, quote } = positionOf(call, name, id);
  const stays = name === poolOf(id) || isSystemAccount(name);
  if (stays || size !== 0n || quote !== 0n) account.markets.add(id);
  else dropMarket(call, name, id);
}

export function dropMarket(call: Call, name: AccountName, id: MarketId): void {
  const account = accountOf(call, name);
  if (name === poolOf(id)) return;
  account.markets.delete(id);
  if (account.markets.size === 0) account.deposit = 0n;
}

/** A flat claim for an account that is not the one acting; it has to stand before it is paid. */
export function creditClaim(call: Call, name: AccountName, book: Book, amount: bigint): void {
  const position = positionOf(call, name, book.id);
  recordFill(position, book.bucket, 0n, -amount);
  change(book.market, position, name === poolOf(book.id), 0n, amount);
  position.seen = lastEventOf(book.market);
  accountOf(call, name).markets.add(book.id);
}

/** Whether gains wait for the defaults that the market's end brought to light. */
export function isPaused({ now }: Call, { ended }: Market): boolean {
  return ended !== null && now < ended.at + ENDED_PAUSE;
}

/** min(U(X), U(X_lo), U(X_hi)) − k, not below 0: the part of a gain that has stood for the whole window. */
export function maturedOf(call: Call, book: Book, position: Position): bigint {
  if (isPaused(call, book.market)) return 0n;
  const { low, high } = windowOf(call, book.id);
  const lowest = low - book.fundingIndex;
  const highest = high - book.fundingIndex;
  const worst = exact(position.size).times(exact(position.size > 0n ? lowest : highest));
  const standing = lesser(unsettledOf(book, position), down(worst) + position.quote);
  if (standing <= 0n) return 0n;
  let unmatured = 0n;
  for (const bucket of [book.bucket, book.bucket - 1n]) {
    const fill = position.fills.get(bucket);
    if (fill === undefined) continue;
    const filled = exact(fill.size);
    const best = greatest(filled.times(exact(lowest)), filled.times(exact(highest)));
    unmatured += positive(up(best) - fill.cost);
  }
  return positive(standing - unmatured);
}
