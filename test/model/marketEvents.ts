import { type Book, openBook, saveBook, valueAt } from "./book.ts";
import { accountOf, type Call, found, log, marketOf, positionOf, Refusal } from "./call.ts";
import { observe } from "./oracle.ts";
import { changeQuote, isPaused, lastEventOf, pendingEvents, recordFill } from "./positions.ts";
import {
  down,
  exact,
  greater,
  lesser,
  ONE,
  positive,
  Rational,
  towardsZero,
  up,
} from "./rational.ts";
import type { AccountName, Market, MarketEvent, MarketId, Position } from "./state.ts";
import {
  CHARGE_GRACE,
  ENDED_PAUSE,
  FUND,
  LOSS_EVENT_GAP,
  MAX_EVENTS_PER_TOUCH,
  MIN_BOOKED_LOSS,
  PROTOCOL,
  poolOf,
  systemAccountOf,
} from "./terms.ts";

export function eventOf(market: Market, number: bigint): MarketEvent {
  return found(market.events[Number(number) - 2], `event ${number}`);
}

/** What the next event does to a position. */
interface Step {
  readonly gain: bigint;
  readonly charge: bigint;
  /** Signed like the position. */
  readonly torn: bigint;
  readonly cost: bigint;
}

function stepOf(position: { size: bigint; quote: bigint }, event: MarketEvent): Step {
  if (event.kind === "Loss") {
    const gain = positive(valueAt(position, event.x));
    return { gain, charge: up(exact(gain).times(exact(event.fraction))), torn: 0n, cost: 0n };
  }
  const isTorn = event.kind === "TearUpLongs" ? position.size > 0n : position.size < 0n;
  const torn = isTorn ? towardsZero(exact(position.size).times(exact(event.fraction))) : 0n;
  return { gain: 0n, charge: 0n, torn, cost: up(exact(-torn).times(exact(event.x))) };
}

/** Applies up to `most` waiting events to a position. Returns how many still wait. */
export function applyEvents(
  call: Call,
  name: AccountName,
  id: MarketId,
  bucket: bigint,
  most: bigint,
): bigint {
  const waiting = pendingEvents(call, name, id);
  if (waiting === 0n || name === systemAccountOf(id, "tear-up")) return 0n;
  const market = marketOf(call, id);
  const position = positionOf(call, name, id);
  const isPool = name === poolOf(id);
  let charged = 0n;
  const count = lesser(waiting, most);
  for (let i = 0n; i < count; i += 1n) {
    position.seen += 1n;
    const event = eventOf(market, position.seen);
    const side = position.size > 0n ? market.longs : market.shorts;
    const isOnSide = position.size !== 0n && !isPool;
    const { gain, charge, torn, cost } = stepOf(position, event);
    position.size -= torn;
    position.quote -= charge + cost;
    if (gain !== 0n) {
      collect(call, name, market, position, event, gain, charge);
      charged += charge;
      if (isOnSide) side.quote -= charge;
    }
    if (torn !== 0n) {
      const mirror = positionOf(call, systemAccountOf(id, "tear-up"), id);
      mirror.size += torn;
      mirror.quote += cost;
      recordFill(position, bucket, -torn, cost);
      // What is flat now takes its quote leg along: the side had been given the torn fills when the tear-up was booked.
      if (position.size === 0n && isOnSide) side.quote -= position.quote;
    }
  }
  log(call, "EventsApplied", name, id, position.seen, charged, position.size, position.quote);
  return waiting - count;
}

/** A charge pays what is uncollected, then becomes surplus; the gain it came from is revealed to its event. */
function collect(
  call: Call,
  name: AccountName,
  market: Market,
  position: Position,
  event: MarketEvent,
  gain: bigint,
  charge: bigint,
): void {
  const collected = lesser(charge, market.uncollectedLoss);
  market.uncollectedLoss -= collected;
  market.surplus += charge - collected;
  const before = overchargeOf(event);
  event.revealed += gain;
  market.refundsDue += overchargeOf(event) - before;
  position.charges.push({ event: position.seen, gain, received: 0n });
  const account = accountOf(call, name);
  account.hasCharges = true;
  const until = event.bookedAt + CHARGE_GRACE;
  if (until <= call.now) return;
  account.graceAmount = (account.graceUntil > call.now ? account.graceAmount : 0n) + charge;
  account.graceUntil = greater(account.graceUntil, until);
}

/** γ·A − r: what an event is known to have charged too much. */
export function overchargeOf({ revealed, fraction, loss }: MarketEvent): bigint {
  return positive(down(exact(revealed).times(exact(fraction))) - loss);
}

/** Charges so recent that nobody is liquidated through them. */
export function graceOf(call: Call, name: AccountName): bigint {
  const { graceAmount, graceUntil } = accountOf(call, name);
  return graceUntil > call.now ? graceAmount : 0n;
}

/** All events that wait, or a refusal where one touch does not reach. */
export function requireCurrent(call: Call, name: AccountName, id: MarketId, bucket: bigint): void {
  const left = applyEvents(call, name, id, bucket, MAX_EVENTS_PER_TOUCH);
  if (left === 0n) return;
  throw new Refusal("EventsPending", name, id, left + MAX_EVENTS_PER_TOUCH, MAX_EVENTS_PER_TOUCH);
}

/**
 * Credits what loss events took too much from a position that has seen all of them, newest charges first: g·(γ − min(γ, r/A)) less what was received, at most from
 * S. While S does not cover all dues, each gets the same share of its own.
 */
export function claimRefunds(
  call: Call,
  name: AccountName,
  id: MarketId,
  mostRecords: bigint,
): bigint {
  const market = marketOf(call, id);
  const position = positionOf(call, name, id);
  const records = position.charges.slice().reverse();
  let refunded = 0n;
  // One action pays as if from one pot: what it pays is taken out as it goes.
  for (const charge of records.slice(0, Number(mostRecords))) {
    const amount = refundOf(market, charge, eventOf(market, charge.event));
    if (amount === 0n) continue;
    charge.received += amount;
    refunded += amount;
    log(call, "Refunded", name, id, charge.event, amount, position.quote + refunded);
  }
  if (refunded === 0n) return 0n;
  changeQuote(market, position, name === poolOf(id), refunded);
  position.seen = lastEventOf(market);
  accountOf(call, name).markets.add(id);
  return refunded;
}

function refundOf(
  market: Market,
  { gain, received }: { gain: bigint; received: bigint },
  { fraction, loss, revealed }: MarketEvent,
): bigint {
  const charged = down(exact(gain).times(exact(fraction)));
  const kept = gain === 0n ? 0n : up(exact(gain).times(new Rational(loss, revealed)));
  const due = positive(charged - kept - received);
  if (due === 0n || market.surplus === 0n) return 0n;
  let amount: bigint;
  if (market.refundsDue > market.surplus) {
    const part = new Rational(
      market.surplus + market.refundedShort,
      market.refundsDue + market.refundedShort,
    );
    const share = down(exact(due + received).times(part));
    amount = lesser(positive(share - received), market.surplus);
    market.refundedShort += amount;
  } else {
    amount = lesser(due, market.surplus);
    market.refundedShort = 0n;
  }
  market.surplus -= amount;
  market.refundsDue = positive(market.refundsDue - amount);
  return amount;
}

/** When the next loss event may be booked. {s} */
export function nextEventAt(market: Market): bigint {
  return market.lastLoss === 0n ? 0n : eventOf(market, market.lastLoss).bookedAt + LOSS_EVENT_GAP;
}

/** The least worth an event. One that has ended waits for nothing more to come: once a day it books whatever there is. */
function leastBooked(call: Call, market: Market): bigint {
  if (market.ended === null || isPaused(call, market)) return MIN_BOOKED_LOSS;
  if (market.lastLoss === 0n) return 1n;
  const { bookedAt } = eventOf(market, market.lastLoss);
  return call.now < bookedAt + ENDED_PAUSE ? MIN_BOOKED_LOSS : 1n;
}

/** Books what waits, if it is worth an event and the last one is long enough ago. */
export function tryBook(call: Call, book: Book): boolean {
  const { market } = book;
  const loss = market.pendingLoss;
  if (loss < leastBooked(call, market) || call.now < nextEventAt(market)) return false;
  if (book.status !== "Valid") return false;
  setPending(call, book, 0n);
  // The deficit has left the account that made it, so Σv is B + L + r − S.
  const fraction = fractionOf(call, book, loss);
  const total = market.uncollectedLoss + loss;
  const fromSurplus = lesser(
    lesser(up(exact(market.surplus).times(exact(fraction))), market.surplus),
    total,
  );
  market.uncollectedLoss = total - fromSurplus;
  market.surplus -= fromSurplus;
  market.events.push({
    kind: "Loss",
    x: book.x,
    fraction,
    bookedAt: call.now,
    loss,
    revealed: 0n,
  });
  market.lastLoss = lastEventOf(market);
  log(
    call,
    "LossBooked",
    book.id,
    market.lastLoss,
    loss,
    fraction,
    book.x,
    market.uncollectedLoss,
    market.surplus,
  );
  touchStanding(call, book);
  return true;
}

/** γ = min(1, r/G), up; G = max(B + r, gains of longs, shorts, pool and flat claims + S − L). */
function fractionOf(call: Call, { id, market, x }: Book, loss: bigint): bigint {
  const { longs, shorts, reserve, surplus, uncollectedLoss } = market;
  const pool = positionOf(call, poolOf(id), id);
  const flat = reserve + uncollectedLoss + loss - surplus - longs.quote - shorts.quote - pool.quote;
  const gains =
    positive(valueAt({ size: longs.openInterest, quote: longs.quote }, x)) +
    positive(valueAt({ size: -shorts.openInterest, quote: shorts.quote }, x)) +
    positive(valueAt(pool, x)) +
    positive(flat);
  const base = greater(reserve + loss, positive(gains + surplus - uncollectedLoss));
  return loss >= base ? ONE : up(new Rational(loss, base));
}

/** The pool, the buffers and the resolution account see every event at once. */
export function touchStanding(call: Call, { id, bucket }: Book): void {
  for (const name of [
    poolOf(id),
    FUND,
    PROTOCOL,
    systemAccountOf(id, "tranche"),
    systemAccountOf(id, "resolution"),
  ]) {
    applyEvents(call, name, id, bucket, MAX_EVENTS_PER_TOUCH * 1_000_000n);
  }
}

/** What waits to be booked is the deficit account's negative quote leg. */
export function setPending(call: Call, { id, market }: Book, pending: bigint): void {
  market.pendingLoss = pending;
  const position = positionOf(call, systemAccountOf(id, "deficit"), id);
  position.quote = -pending;
  position.seen = lastEventOf(market);
}

/** See IClearingHouse.touch. */
export function touch(call: Call, name: AccountName, id: MarketId, most: bigint): void {
  const { bucket } = observe(call, id, "SameBlock");
  applyEvents(call, name, id, bucket, most);
}

/** See IClearingHouse.claimRefunds. */
export function claim(call: Call, name: AccountName, id: MarketId, mostRecords: bigint): bigint {
  const { bucket } = observe(call, id, "SameBlock");
  requireCurrent(call, name, id, bucket);
  return claimRefunds(call, name, id, mostRecords);
}

/** See IClearingHouse.bookLoss. */
export function bookLoss(call: Call, id: MarketId): void {
  const book = openBook(call, id, observe(call, id, "SameBlock"));
  requireOpen(book);
  saveBook(call, book);
  if (tryBook(call, book)) return;
  throw new Refusal(
    "LossNotBookable",
    id,
    book.market.pendingLoss,
    leastBooked(call, book.market),
    nextEventAt(book.market),
  );
}

/** Defaults are recognised, sold and booked at a valid price of a market that is not halted. */
export function requireOpen({ id, status, market }: Book): void {
  if (status !== "Valid") throw new Refusal("PriceNotValid", id, status);
  if (market.mode === "Halted") throw new Refusal("MarketNotOpen", id, market.mode);
}

/** A position with all events applied; refused where more wait than `most`. */
export function foreseen(
  call: Call,
  name: AccountName,
  id: MarketId,
  most: bigint,
): { readonly size: bigint; readonly quote: bigint } {
  const market = marketOf(call, id);
  const waiting = pendingEvents(call, name, id);
  const { size, quote, seen } = positionOf(call, name, id);
  if (name === systemAccountOf(id, "tear-up")) return { size, quote };
  if (waiting > most) throw new Refusal("EventsPending", name, id, waiting, most);
  const after = { size, quote };
  for (let i = 1n; i <= waiting; i += 1n) {
    const { charge, torn, cost } = stepOf(after, eventOf(market, seen + i));
    after.size -= torn;
    after.quote -= charge + cost;
  }
  return after;
}
