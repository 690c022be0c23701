import { type Book, openBook, saveBook } from "./book.ts";
import { type Call, log, marketOf, positionOf, priceMemoryOf, Refusal } from "./call.ts";
import { closeTaken } from "./inventory.ts";
import { touchStanding } from "./marketEvents.ts";
import { finalPriceOf, observe, type Price, peek } from "./oracle.ts";
import { lastEventOf } from "./positions.ts";
import { down, exact, greater, lesser, ONE, up } from "./rational.ts";
import type { EventKind, Market, MarketId, Side } from "./state.ts";
import { ENDED_PAUSE, systemAccountOf } from "./terms.ts";

const DAY = 86_400n;
const OUTAGE = 7n * DAY;
const NOTICE = 2n * DAY;
/** A tenth: how far from the last valid price the announced one may be. */
const FURTHEST = 10n ** 17n;

const MODES = { Open: 1n, ReduceOnly: 2n, Halted: 3n, WoundDown: 4n };

/** When a market may be ended, 0 while neither notice nor outage stands, and at what price if that were now. */
export interface Due {
  readonly allowedAt: bigint;
  readonly price: bigint;
}

function requireRunning(call: Call, id: MarketId): Market {
  const market = marketOf(call, id);
  if (market.ended !== null) throw new Refusal("MarketWoundDown", id);
  return market;
}

/** Whether no valid price was published since the outage was noted, and none is there now. */
function isOutageStanding(call: Call, id: MarketId, { status }: Price): boolean {
  const { outageAt } = marketOf(call, id);
  const { publishedAt } = priceMemoryOf(call, id);
  return outageAt !== 0n && status !== "Valid" && publishedAt <= outageAt;
}

function boundsOf(price: bigint): readonly [bigint, bigint] {
  const most = down(exact(price).times(exact(FURTHEST)));
  return [price - most, price + most];
}

/** At the index once a notice is over; in an outage at the last valid price, or, two days into it, at the announced one. A notice holds that end up by two days at most. */
function dueAt(call: Call, id: MarketId, found: Price): Due {
  const { announced, outageAt } = marketOf(call, id);
  const { status, price } = found;
  if (status === "Valid") return { allowedAt: announced?.noticeEndsAt ?? 0n, price };
  if (!isOutageStanding(call, id, found)) return { allowedAt: 0n, price };
  if (announced === null) return { allowedAt: outageAt + OUTAGE, price };
  const latest = outageAt + OUTAGE + NOTICE;
  const byNotice = greater(announced.noticeEndsAt, outageAt + NOTICE);
  if (latest < byNotice) return { allowedAt: latest, price };
  const [lowest, highest] = boundsOf(price);
  return { allowedAt: byNotice, price: lesser(greater(announced.price, lowest), highest) };
}

/** The same without anything being remembered. */
export function dueOf(call: Call, id: MarketId): Due {
  return dueAt(call, id, peek(call, id));
}

/** See IClearingHouse.noteOutage. */
export function noteOutage(call: Call, id: MarketId): void {
  const market = requireRunning(call, id);
  const found = observe(call, id, "Latest");
  if (found.status === "Valid") throw new Refusal("MarketHasPrice", id, found.price);
  if (isOutageStanding(call, id, found)) return;
  market.outageAt = call.now;
  log(call, "OutageNoted", id, found.status, call.now, call.now + OUTAGE);
}

/** See IClearingHouse.announceWindDown. */
export function announceWindDown(call: Call, id: MarketId, price: bigint): void {
  const market = requireRunning(call, id);
  const [lowest, highest] = boundsOf(observe(call, id, "Latest").price);
  if (price < lowest || price > highest) {
    throw new Refusal("WindDownPriceOutOfBounds", id, price, lowest, highest);
  }
  market.announced = { price, noticeEndsAt: call.now + NOTICE };
  log(call, "WindDownAnnounced", id, price, call.now + NOTICE);
}

/** See IClearingHouse.cancelWindDown. */
export function cancelWindDown(call: Call, id: MarketId): void {
  const market = requireRunning(call, id);
  if (market.announced === null) throw new Refusal("WindDownNotAnnounced", id);
  market.announced = null;
  log(call, "WindDownCancelled", id);
}

/** See IClearingHouse.windDown: everybody is torn up at one price, and that price stays. */
export function windDown(call: Call, id: MarketId): void {
  const market = requireRunning(call, id);
  const found = observe(call, id, "Latest");
  const { allowedAt, price } = dueAt(call, id, found);
  if (allowedAt === 0n || call.now < allowedAt) {
    throw new Refusal("WindDownNotDue", id, allowedAt, call.now);
  }
  // Funding up to now is at the price that stood.
  const before = openBook(call, id, found);
  market.ended = { at: call.now, price };
  const book: Book = { ...before, ...finalPrice(call, id), x: price - before.fundingIndex };
  closeSide(call, book, market.longs, "TearUpLongs");
  closeSide(call, book, market.shorts, "TearUpShorts");
  touchStanding(call, book);
  saveBook(call, book);
  const oldMode = MODES[market.mode];
  market.mode = "WoundDown";
  market.announced = null;
  log(call, "MarketModeSet", id, oldMode, MODES.WoundDown);
  log(call, "WoundDown", id, price, book.x, lastEventOf(market), call.now + ENDED_PAUSE);
  if (positionOf(call, systemAccountOf(id, "resolution"), id).quote !== 0n) closeTaken(call, id);
}

function finalPrice(call: Call, id: MarketId): Price {
  const price = finalPriceOf(call, id);
  if (price === null) throw new RangeError(`Market ${id} has not ended`);
  return price;
}

/** All of a side at X, against it: longs sell, shorts buy. */
function closeSide(call: Call, { id, market, x }: Book, side: Side, kind: EventKind): void {
  const { openInterest } = side;
  const bought = kind === "TearUpLongs" ? -openInterest : openInterest;
  side.openInterest = 0n;
  side.quote -= up(exact(bought).times(exact(x)));
  market.events.push({ kind, x, fraction: ONE, bookedAt: call.now, loss: 0n, revealed: 0n });
  log(call, "TornUp", id, lastEventOf(market), openInterest, ONE, x);
}
