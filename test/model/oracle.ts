import { type Call, feedTermsOf, type Price, priceMemoryOf, Refusal } from "./call.ts";
import { exact, greater, lesser, size } from "./rational.ts";
import type { Extremes, MarketId, PriceMemory, PriceStatus, Round } from "./state.ts";
import type { FeedTerms } from "./terms.ts";

export type { Price };

/** "Latest" asks the feed; "SameBlock" takes what was stored earlier in this second. */
export type Freshness = "Latest" | "SameBlock";

/** The feed's latest round, judged. */
function judge(memory: PriceMemory, terms: FeedTerms, now: bigint): PriceStatus {
  const { feed } = memory;
  if (feed.publishedAt < memory.publishedAt || feed.publishedAt > now) return "Invalid";
  if (now - feed.publishedAt > terms.maxAge) return "Stale";
  if (feed.price <= terms.floor || feed.price >= terms.ceiling) return "OutOfBounds";
  if (!isJump(feed.price, memory.price, terms)) return "Valid";
  const { jump } = memory;
  const confirms = jump !== null && isLater(feed, jump) && !isJump(feed.price, jump.price, terms);
  return confirms ? "Valid" : "Jump";
}

function isJump(price: bigint, anchor: bigint, { jumpBand }: FeedTerms): boolean {
  return exact(anchor)
    .times(exact(jumpBand))
    .isBelow(exact(size(price - anchor)));
}

function isLater(round: Round, held: Round): boolean {
  return round.id !== held.id && round.publishedAt > held.publishedAt;
}

interface Clock {
  readonly bucket: bigint;
  readonly liveSeconds: bigint;
  /** Seconds since the observation in which the price was not valid. */
  readonly skippedSeconds: bigint;
}

/** The clock of maturity buckets: it counts only seconds in which the stored price was valid. */
function clockOf(memory: PriceMemory, terms: FeedTerms, now: bigint): Clock {
  const until = lesser(now, memory.publishedAt + terms.maxAge);
  const counted = memory.interrupted ? 0n : greater(0n, until - memory.observedAt);
  const total = memory.liveSeconds + counted;
  return {
    bucket: memory.bucket + total / terms.bucketLength,
    liveSeconds: total % terms.bucketLength,
    skippedSeconds: now - memory.observedAt - counted,
  };
}

/** Extremes of the previous and the present bucket once `price` is observed at `clock`. */
function bucketsAfter(memory: PriceMemory, price: bigint, { bucket }: Clock): [Extremes, Extremes] {
  const standing = { low: memory.price, high: memory.price };
  if (bucket === memory.bucket) return [memory.previous, including(memory.present, price)];
  const previous = bucket === memory.bucket + 1n ? memory.present : standing;
  return [previous, including(standing, price)];
}

function including({ low, high }: Extremes, price: bigint): Extremes {
  return { low: lesser(low, price), high: greater(high, price) };
}

const ENDED_BUCKET_LENGTH = 600n;
/** Above every number that a feed's buckets reach. */
const FIRST_ENDED_BUCKET = 2n ** 31n;

/** Null too for the price of a collateral. */
function endOf({ state }: Call, market: MarketId) {
  return state.markets.get(market)?.ended ?? null;
}

/** What a market that has ended is priced at, whatever its feed says: its buckets go by the clock. */
export function finalPriceOf(call: Call, market: MarketId): Price | null {
  const ended = endOf(call, market);
  if (ended === null) return null;
  const bucket = FIRST_ENDED_BUCKET + call.now / ENDED_BUCKET_LENGTH;
  return { price: ended.price, status: "Valid", bucket };
}

/** The market's price in this action; remembers what the router stores. */
export function observe(call: Call, market: MarketId, freshness: Freshness): Price {
  const found = observeFeed(call, market, freshness);
  return finalPriceOf(call, market) ?? found;
}

/** What the router says, also of a market that has ended. Once per action: what is asked of the feed after that has to be the same. */
export function observeFeed(call: Call, market: MarketId, freshness: Freshness): Price {
  const known = knownPrice(call, market, freshness);
  if (known !== undefined) {
    if (freshness === "Latest") call.priced.set(market, { price: known, isOfFeed: true });
    return known;
  }
  const memory = priceMemoryOf(call, market);
  const isStored = freshness === "SameBlock" && isOfThisBlock(call, memory);
  const price = readFeed(call, market, freshness);
  call.priced.set(market, { price, isOfFeed: !isStored });
  return price;
}

function isOfThisBlock({ now }: Call, { observedAt, interrupted }: PriceMemory): boolean {
  return observedAt === now && !interrupted;
}

/** The price that this action goes by, if it has one. */
function knownPrice(call: Call, market: MarketId, freshness: Freshness): Price | undefined {
  const known = call.priced.get(market);
  if (known === undefined) return undefined;
  const { price, isOfFeed } = known;
  if (isOfFeed || freshness === "SameBlock") return price;
  const memory = priceMemoryOf(call, market);
  const status = judge(memory, feedTermsOf(call, market), call.now);
  if (status !== price.status || memory.feed.price !== price.price) {
    throw new Refusal("PriceSuperseded", market, price.price, memory.feed.price);
  }
  return price;
}

function readFeed(call: Call, market: MarketId, freshness: Freshness): Price {
  const memory = priceMemoryOf(call, market);
  if (freshness === "SameBlock" && isOfThisBlock(call, memory)) {
    return { price: memory.price, status: "Valid", bucket: memory.bucket };
  }
  const feed = feedTermsOf(call, market);
  const status = judge(memory, feed, call.now);
  if (status === "Valid") return keepValid(memory, feed, call.now);
  if (status === "Jump") {
    if (memory.jump === null || isLater(memory.feed, memory.jump)) {
      memory.jump = memory.feed;
      memory.interrupted = true;
    }
  } else if (status !== "Stale") {
    memory.interrupted = true;
  }
  return { price: memory.price, status, bucket: memory.bucket };
}

function keepValid(memory: PriceMemory, terms: FeedTerms, now: bigint): Price {
  const clock = clockOf(memory, terms, now);
  const { price, publishedAt } = memory.feed;
  const isNew = price !== memory.price || publishedAt !== memory.publishedAt;
  if (isNew || clock.bucket !== memory.bucket || memory.interrupted) {
    if (clock.skippedSeconds !== 0n) memory.resumedAt = now;
    [memory.previous, memory.present] = bucketsAfter(memory, price, clock);
    memory.price = price;
    memory.publishedAt = publishedAt;
    memory.observedAt = now;
    memory.bucket = clock.bucket;
    memory.liveSeconds = clock.liveSeconds;
    memory.interrupted = false;
    memory.jump = null;
  }
  return { price, status: "Valid", bucket: clock.bucket };
}

/** What `observe` with "Latest" would find now, without remembering it. */
export function peek(call: Call, market: MarketId): Price {
  const final = finalPriceOf(call, market);
  if (final !== null) return final;
  const known = knownPrice(call, market, "Latest");
  if (known !== undefined) return known;
  const memory = priceMemoryOf(call, market);
  const feed = feedTermsOf(call, market);
  const status = judge(memory, feed, call.now);
  if (status !== "Valid") return { price: memory.price, status, bucket: memory.bucket };
  const { bucket } = clockOf(memory, feed, call.now);
  return { price: memory.feed.price, status, bucket };
}

/** Lowest and highest price of the maturity window, after `observe`. */
export function windowOf(call: Call, market: MarketId): Extremes {
  const ended = endOf(call, market);
  if (ended !== null) return { low: ended.price, high: ended.price };
  const { previous, present } = priceMemoryOf(call, market);
  return including(including(previous, present.low), present.high);
}

/** The router's `poke`: stores a valid price as observed now. */
export function poke(call: Call, market: MarketId): void {
  const memory = priceMemoryOf(call, market);
  const { status } = observeFeed(call, market, "Latest");
  if (status !== "Valid" || (memory.observedAt === call.now && !memory.interrupted)) return;
  const clock = clockOf(memory, feedTermsOf(call, market), call.now);
  if (clock.skippedSeconds !== 0n) memory.resumedAt = call.now;
  [memory.previous, memory.present] = bucketsAfter(memory, memory.price, clock);
  memory.observedAt = call.now;
  memory.bucket = clock.bucket;
  memory.liveSeconds = clock.liveSeconds;
}

/** What a feed says from now on. */
export function publish(call: Call, market: MarketId, price: bigint): void {
  const memory = priceMemoryOf(call, market);
  memory.feed = { id: memory.feed.id + 1n, price, publishedAt: call.now };
}
