import { type Call, marketOf, termsOf } from "./call.ts";
import { fundingAt } from "./funding.ts";
import { type Rho, rhoOf } from "./multipliers.ts";
import type { Price } from "./oracle.ts";
import { down, exact, greater, Rational, size, towardsZero, up } from "./rational.ts";
import type { Market, MarketId, PriceStatus } from "./state.ts";
import type { RiskTerms, Terms } from "./terms.ts";

/** Terms with the multipliers that act now. */
export type ActingRisk = RiskTerms & { readonly rho: Rho };
export type ActingTerms = Terms & { readonly risk: ActingRisk };

/** A market while an action works on it: funding accrued to now, at this action's price. */
export interface Book {
  readonly id: MarketId;
  readonly market: Market;
  readonly terms: ActingTerms;
  readonly status: PriceStatus;
  readonly price: bigint;
  readonly bucket: bigint;
  readonly fundingIndex: bigint;
  readonly fundingRate: bigint;
  /** X = P − F */
  readonly x: bigint;
  /** k/K averaged over ten minutes, as of now. */
  readonly averageSkew: bigint;
}

export function openBook(call: Call, id: MarketId, { price, status, bucket }: Price): Book {
  const market = marketOf(call, id);
  const terms = termsOf(call, id);
  const risk = { ...terms.risk, rho: rhoOf(call, id) };
  const { rate, index } = fundingAt(market, terms.market, call.now);
  return {
    id,
    market,
    terms: { ...terms, risk },
    status,
    price,
    bucket,
    fundingIndex: index,
    fundingRate: rate,
    x: price - index,
    averageSkew: averageSkewAt(market, terms.market.skewScale, call.now),
  };
}

/** Writes what the market has become: funding stands at this price and time. */
export function saveBook(call: Call, book: Book): void {
  const { market } = book;
  market.fundingIndex = book.fundingIndex;
  market.fundingRate = book.fundingRate;
  market.averageSkew = book.averageSkew;
  market.lastPrice = book.price;
  market.updatedAt = call.now;
}

const AVERAGING_SECONDS = 600n;
const WIDEST_RATIO = 9n * 10n ** 18n;

/** Moves linearly, within ten minutes, to the ratio that held meanwhile; ratio and difference are booked towards zero. */
function averageSkewAt(market: Market, skewScale: bigint, now: bigint): bigint {
  const seconds = now - market.updatedAt;
  if (seconds === 0n) return market.averageSkew;
  const ratio = skewRatioOf(market, skewScale);
  if (seconds >= AVERAGING_SECONDS) return ratio;
  const left = new Rational(AVERAGING_SECONDS - seconds, AVERAGING_SECONDS);
  return ratio + towardsZero(exact(market.averageSkew - ratio).times(left));
}

export function skewRatioOf(market: Market, skewScale: bigint): bigint {
  const ratio = towardsZero(new Rational(skewOf(market), skewScale));
  if (size(ratio) <= WIDEST_RATIO) return ratio;
  return ratio > 0n ? WIDEST_RATIO : -WIDEST_RATIO;
}

/** k: the traders' net size. */
export function skewOf({ longs, shorts }: Market): bigint {
  return longs.openInterest - shorts.openInterest;
}

/** U = s·X + v, down. */
export function unsettledOf({ x }: Book, position: { size: bigint; quote: bigint }): bigint {
  return valueAt(position, x);
}

export function valueAt(position: { size: bigint; quote: bigint }, x: bigint): bigint {
  return down(exact(position.size).times(exact(x))) + position.quote;
}

/** |s|·P, up. */
export function notionalUp({ price }: Book, amount: bigint): bigint {
  return up(exact(size(amount)).times(exact(price)));
}

export function notionalDown({ price }: Book, amount: bigint): bigint {
  return down(exact(size(amount)).times(exact(price)));
}

/** D = K·P/100, down. */
export function depthOf({ terms, price }: Book): bigint {
  return down(exact(terms.market.skewScale).times(exact(price)).times(new Rational(1n, 100n)));
}

/** The larger side's notional, up. */
export function largerSideUsd(book: Book): bigint {
  const { longs, shorts } = book.market;
  return notionalUp(book, greater(longs.openInterest, shorts.openInterest));
}
