import { max, min } from "./solidity.ts";
import { advance, sample } from "./volatilityMath.ts";

/** How rounds are judged, of a market's feed configuration. */
export interface HistoryTerms {
  /** {s} */
  readonly maxAge: bigint;
  /** D18{1}, whole basis points. */
  readonly jumpBand: bigint;
  /** {s} */
  readonly bucketLength: bigint;
}

/** One round of a feed. */
export interface Round {
  readonly roundId: bigint;
  /** D18{USD/base}, above 0. */
  readonly price: bigint;
  /** {s} */
  readonly publishedAt: bigint;
}

/** Lowest, highest and mean price of a span. D18{USD/base}; the mean carries 41 bits. */
export interface Span {
  readonly low: bigint;
  readonly high: bigint;
  readonly mean: bigint;
}

/** What the oracle router remembers of a market's prices. */
export interface PriceHistory {
  /** D18{USD/base}, the last valid price. */
  readonly price: bigint;
  readonly publishedAt: bigint;
  readonly bucket: bigint;
  readonly observedAt: bigint;
  readonly liveSeconds: bigint;
  readonly interrupted: boolean;
  readonly held: Round | null;
  readonly previous: Span;
  readonly present: Span;
  /** D18{USD/base}, price that stood when the present bucket began. */
  readonly opened: bigint;
  /** D18{1/s}, averages as of the last bucket that has ended. */
  readonly slow: bigint;
  readonly fast: bigint;
}

/** How a round was taken: stored as the price, waiting for confirmation, or too old. */
export type RoundStatus = "valid" | "jump" | "stale";

export interface Observed {
  readonly status: RoundStatus;
  readonly history: PriceHistory;
}

/** D18{1} */
const BASIS_POINT = 10n ** 14n;
const MEAN_BITS = 41;
const LARGEST_VARIANCE = (1n << 56n) - 1n;

/** The oracle router's history after it has observed a round at `now`, of a chain whose sequencer never stops; null before the first. */
export function observeRound(
  history: PriceHistory | null,
  round: Round,
  terms: HistoryTerms,
  now: bigint,
): Observed | null {
  const isStale = now - round.publishedAt > terms.maxAge;
  if (history === null) {
    return isStale ? null : { status: "valid", history: firstOf(round, now) };
  }
  if (isStale) return { status: "stale", history };
  const { held } = history;
  if (isJump(round.price, history.price, terms) && !confirms(round, held, terms)) {
    if (held !== null && !isLater(round, held)) return { status: "jump", history };
    return { status: "jump", history: { ...history, held: round, interrupted: true } };
  }
  const clock = clockOf(history, terms, now);
  const isKnown =
    round.price === history.price &&
    round.publishedAt === history.publishedAt &&
    clock.bucket === history.bucket &&
    !history.interrupted;
  return { status: "valid", history: isKnown ? history : recorded(history, round, terms, now) };
}

/** The maturity clock, read now. */
export function clockOf(
  history: PriceHistory,
  terms: HistoryTerms,
  now: bigint,
): { readonly bucket: bigint; readonly liveSeconds: bigint } {
  const to = min(now, history.publishedAt + terms.maxAge);
  const more = history.interrupted || to <= history.observedAt ? 0n : to - history.observedAt;
  const seconds = history.liveSeconds + more;
  return {
    bucket: history.bucket + seconds / terms.bucketLength,
    liveSeconds: seconds % terms.bucketLength,
  };
}

/** Time-weighted mean price over the previous bucket and the present one so far; what is missing since the last observation counts at its price. D18{USD/base} */
export function meanPriceOf(history: PriceHistory, terms: HistoryTerms, now: bigint): bigint {
  const { bucket, liveSeconds } = clockOf(history, terms, now);
  const { previous, present } = spansAt(history, terms, bucket, liveSeconds);
  const length = terms.bucketLength;
  return (previous.mean * length + present.mean * liveSeconds) / (length + liveSeconds);
}

function firstOf({ price, publishedAt }: Round, now: bigint): PriceHistory {
  const span = { low: price, high: price, mean: asMean(price) };
  return {
    ...{ price, publishedAt, bucket: 1n, observedAt: now, liveSeconds: 0n, interrupted: false },
    ...{ held: null, previous: span, present: span, opened: price, slow: 0n, fast: 0n },
  };
}

function recorded(
  history: PriceHistory,
  { price, publishedAt }: Round,
  terms: HistoryTerms,
  now: bigint,
): PriceHistory {
  const { bucket, liveSeconds } = clockOf(history, terms, now);
  const { previous, present } = spansAt(history, terms, bucket, liveSeconds);
  const common = {
    ...{ price, publishedAt, bucket, observedAt: now, liveSeconds, interrupted: false, held: null },
    previous,
    present: { ...present, low: min(present.low, price), high: max(present.high, price) },
  };
  if (bucket === history.bucket) return { ...history, ...common };
  const { low, high } = history.present;
  const { slow, fast } = advance(
    { slow: history.slow, fast: history.fast },
    sample({ open: history.opened, low, high, close: history.price }),
    terms.bucketLength,
    history.bucket,
    bucket - history.bucket - 1n,
  );
  return {
    ...common,
    opened: history.price,
    slow: min(slow, LARGEST_VARIANCE),
    fast: min(fast, LARGEST_VARIANCE),
  };
}

/** Previous and present bucket when the clock stands at `bucket` and `liveSeconds`, nothing but the standing price having been seen since. */
function spansAt(
  history: PriceHistory,
  terms: HistoryTerms,
  bucket: bigint,
  liveSeconds: bigint,
): { readonly previous: Span; readonly present: Span } {
  const meanAt = (seconds: bigint) => {
    if (seconds === 0n) return asMean(history.price);
    const since = seconds - history.liveSeconds;
    const { mean } = history.present;
    return asMean((mean * history.liveSeconds + history.price * since) / seconds);
  };
  if (bucket === history.bucket) {
    return {
      previous: history.previous,
      present: { ...history.present, mean: meanAt(liveSeconds) },
    };
  }
  const standing = { low: history.price, high: history.price, mean: asMean(history.price) };
  const ended = { ...history.present, mean: meanAt(terms.bucketLength) };
  return { previous: bucket === history.bucket + 1n ? ended : standing, present: standing };
}

/** A mean as it is stored: its 41 leading bits. */
function asMean(price: bigint): bigint {
  const shift = BigInt(Math.max(price.toString(2).length - MEAN_BITS, 0));
  return (price >> shift) << shift;
}

const confirms = (round: Round, held: Round | null, terms: HistoryTerms): boolean =>
  held !== null && isLater(round, held) && !isJump(round.price, held.price, terms);

const isLater = (round: Round, held: Round): boolean =>
  round.roundId !== held.roundId && round.publishedAt > held.publishedAt;

function isJump(price: bigint, anchor: bigint, { jumpBand }: HistoryTerms): boolean {
  const move = price > anchor ? price - anchor : anchor - price;
  return move * 10_000n > anchor * (jumpBand / BASIS_POINT);
}
