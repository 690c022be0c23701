import {
  down,
  exact,
  greatest,
  least,
  Rational,
  size,
  towardsZero,
  WHOLE,
  whole,
} from "./rational.ts";
import type { Market } from "./state.ts";
import type { MarketTerms } from "./terms.ts";

const DAY = 86_400n;

/** Rate and index of funding after the time since the market was last worked at. */
export interface Funding {
  readonly rate: bigint;
  readonly index: bigint;
}

/**
 * dr/dt = v_max·clamp(k/K, −1, 1), |r| ≤ r_max, dF = r·P·dt at the price that stood. Velocity, change of the rate, each part of the integral, and what is added to
 * the index are booked towards zero.
 */
export function fundingAt(market: Market, terms: MarketTerms, now: bigint): Funding {
  const seconds = now - market.updatedAt;
  if (seconds === 0n || market.ended !== null)
    return { rate: market.fundingRate, index: market.fundingIndex };
  const days = new Rational(seconds, DAY);
  const skew = market.longs.openInterest - market.shorts.openInterest;
  const ratio = clamped(new Rational(skew, terms.skewScale), WHOLE);
  const slope = exact(towardsZero(exact(terms.maxFundingVelocity).times(ratio)));
  const bound = terms.maxFundingRate;
  const start = down(clamped(exact(market.fundingRate), exact(bound)));
  const rate = start + towardsZero(slope.times(days));
  if (size(rate) <= bound) {
    const line = exact(start).times(days);
    const triangle = slope.times(days).times(days).over(whole(2n));
    return { rate, index: accrued(market, towardsZero(line.plus(triangle))) };
  }
  const stop = rate > 0n ? bound : -bound;
  const missing = exact(stop - start);
  const integral =
    towardsZero(exact(stop).times(days)) -
    towardsZero(missing.times(missing).over(slope.times(whole(2n))));
  return { rate: stop, index: accrued(market, integral) };
}

function accrued({ fundingIndex, lastPrice }: Market, integral: bigint): bigint {
  return fundingIndex + towardsZero(exact(lastPrice).times(exact(integral)));
}

function clamped(value: Rational, bound: Rational): Rational {
  return greatest(least(value, bound), bound.negated());
}
