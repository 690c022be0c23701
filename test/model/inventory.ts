import { notionalUp, skewOf, skewRatioOf } from "./book.ts";
import { type Call, log, positionOf, Refusal } from "./call.ts";
import { fillAgainstPool, hasRoom, requireRoom } from "./fills.ts";
import { requireOpen, touchStanding, tryBook } from "./marketEvents.ts";
import { poolPriceOf } from "./poolPrice.ts";
import { lastEventOf, recordFill } from "./positions.ts";
import { down, exact, lesser, ONE, positive, Rational, size, towardsZero, up } from "./rational.ts";
import { cover, recover } from "./resolve.ts";
import type { MarketId } from "./state.ts";
import { poolOf, systemAccountOf } from "./terms.ts";
import { alter, type Holding, open, type Work, worth } from "./work.ts";

interface Inventory {
  readonly work: Work;
  readonly holding: Holding;
}

function openInventory(call: Call, id: MarketId): Inventory {
  const work = open(call, systemAccountOf(id, "resolution"), [id], "Latest");
  const [holding] = work.holdings;
  if (holding === undefined) throw new RangeError(`Market ${id} has no resolution account`);
  requireOpen(holding.book);
  const { position } = holding;
  if (position.size === 0n && position.quote === 0n) throw new Refusal("NothingToUnwind", id);
  return { work, holding };
}

/** See IClearingHouse.unwind. */
export function unwind(call: Call, id: MarketId): void {
  const inventory = openInventory(call, id);
  const { book, position } = inventory.holding;
  if (position.size !== 0n) {
    const delta = sellable(inventory.holding);
    if (delta === 0n) {
      const { skewScale, unwindTolerance } = book.terms.market;
      const ratio = skewRatioOf(book.market, skewScale);
      throw new Refusal("UnwindTooCostly", id, ratio, unwindTolerance);
    }
    const before = positionOf(call, poolOf(id), id).size;
    sell(call, inventory, delta);
    requireRoom(call, book, before);
  }
  close(call, inventory);
}

/** What the pool takes with its price no further than the tolerance from the index on the costly side, |k/K + Δ/2K|, in lots. */
function sellable({ book, position }: Holding): bigint {
  const { skewScale, unwindTolerance, lotSize } = book.terms.market;
  const reach = down(exact(skewScale).times(exact(unwindTolerance)));
  const isLong = position.size > 0n;
  const skew = skewOf(book.market);
  const most = positive(2n * (reach + (isLong ? skew : -skew)));
  const held = size(position.size);
  const amount = most >= held ? held : most - (most % lotSize);
  return isLong ? -amount : amount;
}

function sell(call: Call, { work, holding }: Inventory, delta: bigint): void {
  const { book, position } = holding;
  const price = poolPriceOf(book, delta);
  fillAgainstPool(call, work, holding, delta, price);
  log(call, "Unwound", book.id, delta, price, position.size);
}

/** See IClearingHouse.tearUp. */
export function tearUp(call: Call, id: MarketId): void {
  const inventory = openInventory(call, id);
  const { book, position } = inventory.holding;
  const { lotSize } = book.terms.market;
  if (size(position.size) < lotSize) throw new Refusal("NothingToUnwind", id);
  requireDue(call, inventory.holding);
  const delta = sellable(inventory.holding);
  const pool = positionOf(call, poolOf(id), id);
  if (delta !== 0n && hasRoom(call, book, pool.size - delta)) sell(call, inventory, delta);
  if (size(position.size) >= lotSize) {
    tear(call, inventory, size(position.size));
    touchStanding(call, book);
  }
  close(call, inventory);
}

function requireDue(call: Call, holding: Holding): void {
  const { book, position } = holding;
  const { tearUpDelay, tearUpLoss } = book.terms.market;
  const allowedAt = book.market.inventoryAt + tearUpDelay;
  const loss = positive(-worth(holding));
  const needed = up(exact(notionalUp(book, position.size)).times(exact(tearUpLoss)));
  if (call.now >= allowedAt || loss >= needed) return;
  throw new Refusal("TearUpTooEarly", book.id, allowedAt, loss, needed);
}

/** Reduces the opposite side, the pool included where it stands there, by f = amount/OI (down) at the index, against the mirror of what is still untouched. */
export function tear(call: Call, { work, holding }: Inventory, amount: bigint): void {
  const { book, position } = holding;
  const { id, market, x } = book;
  const tearsShorts = position.size > 0n;
  const side = tearsShorts ? market.shorts : market.longs;
  const pool = positionOf(call, poolOf(id), id).size;
  const poolOpposite = tearsShorts ? lesser(pool, 0n) : positive(pool);
  const opposite = side.openInterest + size(poolOpposite);
  const fraction = amount >= opposite ? ONE : down(new Rational(amount, opposite));
  const fromSide = down(exact(side.openInterest).times(exact(fraction)));
  const fromPool = size(towardsZero(exact(poolOpposite).times(exact(fraction))));
  const closed = fromSide + fromPool;
  fillMirror(call, work, holding, tearsShorts ? -closed : closed);
  side.openInterest -= fromSide;
  // The torn side fills at the index, against it: shorts buy, longs sell.
  side.quote -= up(exact(tearsShorts ? fromSide : -fromSide).times(exact(x)));
  market.events.push({
    kind: tearsShorts ? "TearUpShorts" : "TearUpLongs",
    x,
    fraction,
    bookedAt: call.now,
    loss: 0n,
    revealed: 0n,
  });
  log(call, "TornUp", id, lastEventOf(market), closed, fraction, x);
}

function fillMirror(call: Call, work: Work, holding: Holding, delta: bigint): void {
  const { book, position } = holding;
  const cost = up(exact(delta).times(exact(book.x)));
  const mirror = positionOf(call, systemAccountOf(book.id, "tear-up"), book.id);
  mirror.size -= delta;
  mirror.quote += cost;
  mirror.seen = lastEventOf(book.market);
  recordFill(position, book.bucket, delta, cost);
  alter(call, work, holding, delta, -cost);
}

/** Once the inventory is gone but for less than a lot, its loss is a deficit of the market, its profit a recovery. */
export function close(call: Call, { work, holding }: Inventory): void {
  const { book, position } = holding;
  if (size(position.size) >= book.terms.market.lotSize) return;
  const value = worth(holding);
  if (value !== 0n) {
    alter(call, work, holding, 0n, -value);
    if (value < 0n) cover(call, book, -value, work.name);
    else recover(call, book, value);
  }
  if (book.market.pendingLoss !== 0n) tryBook(call, book);
}

/** Closes inventory that was taken over. */
export function closeTaken(call: Call, id: MarketId): void {
  close(call, openInventory(call, id));
}
