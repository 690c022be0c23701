import type { Result } from "../abi.ts";
import type { clearingHouseAbi } from "../abis/ClearingHouse.ts";
import { magnitude, mulWadUp, WAD } from "./fixedPoint.ts";
import { accrue, advance } from "./fundingMath.ts";
import { averageRatio, clampToBand, fillPrice } from "./skewMath.ts";
import { clamp, max } from "./solidity.ts";

type Abi = typeof clearingHouseAbi;

export type MarketTerms = Result<Abi, "termsOf">;
export type MarketState = Result<Abi, "marketOf">;

/** Largest magnitude of k/K that a market keeps. */
const MAX_SKEW_RATIO = 9n * WAD;

type Sides = Pick<MarketState, "longOpenInterest" | "shortOpenInterest">;

/** k: traders' net size; the pool holds the opposite. D18{base} */
export const skewOf = (sides: Sides): bigint => sides.longOpenInterest - sides.shortOpenInterest;

/** k/K within ±9. D18{1} */
export const skewRatioOf = (sides: Sides, skewScale: bigint): bigint =>
  clamp((skewOf(sides) * WAD) / skewScale, MAX_SKEW_RATIO);

/** Notional of the larger side, rounded up. D18{USD} */
export const openInterestUsdOf = (sides: Sides, price: bigint): bigint =>
  mulWadUp(max(sides.longOpenInterest, sides.shortOpenInterest), price);

/**
 * A market's books after `elapsedSeconds` in which nobody traded: funding at the price it last worked at, and the skew's average. Exact from the
 * time of its last update; from a later snapshot every stop on the way may differ by its own truncation.
 */
export function accrued(
  state: MarketState,
  terms: MarketTerms,
  elapsedSeconds: bigint,
): MarketState {
  if (elapsedSeconds === 0n) return state;
  const { skewScale } = terms;
  const { newRate, integral } = advance({
    rate: state.fundingRate,
    skew: skewOf(state),
    skewScale,
    maxVelocity: terms.maxFundingVelocity,
    maxRate: terms.maxFundingRate,
    elapsedSeconds,
  });
  const ratio = skewRatioOf(state, skewScale);
  return {
    ...state,
    fundingRate: newRate,
    fundingIndex: accrue(state.fundingIndex, state.lastPrice, integral),
    averageSkewRatio: averageRatio(state.averageSkewRatio, ratio, elapsedSeconds),
  };
}

/** What the pool's price depends on. */
export interface PoolQuoteInput {
  readonly indexPrice: bigint;
  readonly skew: bigint;
  readonly sizeDelta: bigint;
  readonly terms: Pick<MarketTerms, "skewScale" | "band" | "takerFee" | "makerFee">;
}

/** Whether a fill takes the traders' net size further from zero. */
export const addsToSkew = (skew: bigint, sizeDelta: bigint): boolean =>
  magnitude(skew + sizeDelta) > magnitude(skew);

/** The pool's price for a fill; one that brings the skew nearer to zero is clamped to the band. D18{USD/base} */
export function priceOf({ indexPrice, skew, sizeDelta, terms }: PoolQuoteInput): bigint {
  const price = fillPrice({ indexPrice, skew, sizeDelta, skewScale: terms.skewScale });
  return addsToSkew(skew, sizeDelta) ? price : clampToBand(price, indexPrice, terms.band);
}

/**
 * Fee of an order on its notional at the index: the maker's for what takes the skew towards zero, the taker's for the rest, rounded up. D18{USD}
 */
export function feeOf({ indexPrice, skew, sizeDelta, terms }: PoolQuoteInput): bigint {
  const size = magnitude(sizeDelta);
  const skewSize = skew < 0n === sizeDelta < 0n ? 0n : magnitude(skew);
  const making = skewSize < size ? skewSize : size;
  const weighted = making * terms.makerFee + (size - making) * terms.takerFee;
  return mulWadUp(mulWadUp(weighted, 1n), indexPrice);
}
