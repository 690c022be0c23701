import { type Call, marketOf, priceMemoryOf, termsOf } from "./call.ts";
import { exact, greater, lesser, size } from "./rational.ts";
import type { Extremes, MarketId, PriceMemory, PriceStatus, Round } from "./state.ts";
import type { FeedTerms } from "./terms.ts";

/** One market's price in one action. */
export interface Price {
  readonly price: bigint;
  readonly status: PriceStatus;
  readonly bucket: bigint;
}

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

/** What a market that has ended is priced at, whatever its feed says: its buckets go by the clock. */
export function finalPriceOf(call: Call, market: MarketId): Price | null {
  const { ended } = marketOf(call, market);
  if (ended === null) return null;
  const bucket = FIRST_ENDED_BUCKET + call.now / ENDED_BUCKET_LENGTH;
  return { price: ended.price, status: "Valid", bucket };
}

/** The market's price in this action; remembers what the router stores. */
export function observe(call: Call, market: MarketId, freshness: Freshness): Price {
  const found = observeFeed(call, market, freshness);
  return finalPriceOf(call, market) ?? found;
}

function observeFeed(call: Call, market: MarketId, freshness: Freshness): Price {
  const memory = priceMemoryOf(call, market);
  const isOfThisBlock = memory.observedAt === call.now && !memory.interrupted;
  if (freshness === "SameBlock" && isOfThisBlock) {
    return { price: memory.price, status: "Valid", bucket: memory.bucket };
  }
  const { feed } = termsOf(call, market);
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
  const memory = priceMemoryOf(call, market);
  const { feed } = termsOf(call, market);
  const status = judge(memory, feed, call.now);
  if (status !== "Valid") return { price: memory.price, status, bucket: memory.bucket };
  const { bucket } = clockOf(memory, feed, call.now);
  return { price: memory.feed.price, status, bucket };
}

/** Lowest and highest price of the maturity window, after `observe`. */
export function windowOf(call: Call, market: MarketId): Extremes {
  const { ended } = marketOf(call, market);
  if (ended !== null) return { low: ended.price, high: ended.price };
  const { previous, present } = priceMemoryOf(call, market);
  return including(including(previous, present.low), present.high);
}

/** The router's `poke`: stores a valid price as observed now. */
export function poke(call: Call, market: MarketId): void {
  const memory = priceMemoryOf(call, market);
  const { status } = observeFeed(call, market, "Latest");
  if (status !== "Valid" || (memory.observedAt === call.now && !memory.interrupted)) return;
  const clock = clockOf(memory, termsOf(call, market).feed, call.now);
  if (clock.skippedSeconds !== 0n) memory.resumedAt = call.now;
  [memory.previous, memory.present] = bucketsAfter(memory, memory.price, clock);
  memory.observedAt = call.now;
  memory.bucket = clock.bucket;
  memory.liveSeconds = clock.liveSeconds;
}
