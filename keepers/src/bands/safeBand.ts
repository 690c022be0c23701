import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";

/** What a band needs of one position. */
export interface BandPosition {
  readonly market: number;
  /** D18{base} */
  readonly size: bigint;
  /** D18{USD/base} 0 where there is no valid price: such a position requires nothing and its value stands still. */
  readonly price: bigint;
  /** D18{1} Maintenance margin per notional, m_M·ρ. */
  readonly maintenanceRate: bigint;
  /** D18{1} The same, up to which it may rise without the band being made anew; at least that. */
  readonly foreseenRate: bigint;
  /** D18{1} μ: margin rate added per notional over depth. */
  readonly sizeSlope: bigint;
  /** D18{base} K. */
  readonly skewScale: bigint;
  /** D18{1/day} r_max. */
  readonly maxFundingRate: bigint;
}

/** While the price stays strictly between the two, and `recheckSeconds` have not passed, the account keeps its maintenance margin. */
export interface SafeBand {
  readonly triggers: readonly {
    readonly market: number;
    /** D18{USD/base} */
    readonly below: bigint;
    /** D18{USD/base} */
    readonly above: bigint;
  }[];
  readonly recheckSeconds: number;
}

/** Shares of the slack: prices may use up four fifths, funding one. */
const PRICE_SHARE = 4n;
const TIME_SHARE = 1n;
const SHARES = PRICE_SHARE + TIME_SHARE;

/** D18{USD} Roundings of the contracts, per position: a few units each. */
const DUST_USD = 1_000n;

/** Binary digits of a margin rate that bands count with. */
const KEPT_BITS = 7;

const SECONDS_PER_DAY = 86_400n;
const LONGEST_RECHECK_SECONDS = 86_400n;
/** While a price is not valid nothing is known about how its funding goes on. */
const UNPRICED_RECHECK_SECONDS = 60n;

/**
 * Between changes of its state, equity less maintenance margin is linear in prices: with depth D = K·P/100 the margin N·(m + μN/D) is |s|·P·(m + 100·μ·|s|/K).
 * So the slack can be split over the account's markets, here to the same relative move in all of them, and as long as no price has moved by its part
 * the account is safe, whatever the others did. Null when there is no slack to split.
 */
export function safeBandOf({
  slackUsd,
  positions,
}: {
  /** D18{USD} Equity less maintenance margin. */
  slackUsd: bigint;
  positions: readonly BandPosition[];
}): SafeBand | null {
  const held = positions.filter(({ size }) => size !== 0n);
  const open = held.filter(({ price }) => price > 0n);
  const longest = open.length < held.length ? UNPRICED_RECHECK_SECONDS : LONGEST_RECHECK_SECONDS;
  const usable = slackUsd - foreseenRiseUsd(open) - DUST_USD * BigInt(positions.length + 1);
  if (usable <= 0n) return null;
  if (open.length === 0) return { triggers: [], recheckSeconds: Number(longest) };

  const gradients = open.map(gradientOf);
  // What the account would lose if every price moved against it by all of itself. D18{USD}
  const lossPerWhole = open.reduce(
    (sum, { price }, i) => sum + (magnitude(gradients[i] ?? 0n) * price) / ONE + 1n,
    0n,
  );
  const priceSlack = (usable * PRICE_SHARE) / SHARES;
  let fundingPerDay = 0n;
  const triggers = open.map(({ market, size, price, maxFundingRate }, i) => {
    const move = (price * priceSlack) / lossPerWhole;
    const isHurtByFall = (gradients[i] ?? 0n) > 0n;
    // On the good side the band ends too, so that funding, which is paid on the price, stays bounded.
    const below = isHurtByFall ? price - move : price / 2n;
    const above = isHurtByFall ? price + price / 2n : price + move;
    const highest = above > price + price / 2n ? above : price + price / 2n;
    fundingPerDay += (((magnitude(size) * highest) / ONE) * maxFundingRate) / ONE + 1n;
    return { market, below, above };
  });
  const timeSlack = (usable * TIME_SHARE) / SHARES;
  const seconds = fundingPerDay === 0n ? longest : (timeSlack * SECONDS_PER_DAY) / fundingPerDay;
  return {
    triggers,
    recheckSeconds: Number(seconds < longest ? seconds : longest),
  };
}

/**
 * The maintenance rate that a band counts with: rounded up to seven binary digits, which is by less than a sixty-fourth of itself. While margins follow volatility the rate moves in every block; so
 * bands are made anew a few times an hour and not in every block.
 */
export function foreseenRateOf(maintenanceRate: bigint): bigint {
  const spare = BigInt(Math.max(maintenanceRate.toString(2).length - KEPT_BITS, 0));
  return ((maintenanceRate + (1n << spare) - 1n) >> spare) << spare;
}

/** D18{USD} What maintenance margin takes at these prices if all rates rise as far as is foreseen. */
function foreseenRiseUsd(open: readonly BandPosition[]): bigint {
  return open.reduce((sum, { size, price, maintenanceRate, foreseenRate }) => {
    if (foreseenRate === maintenanceRate) return sum;
    const notionalUsd = (magnitude(size) * price) / ONE + 1n;
    return sum + (notionalUsd * (foreseenRate - maintenanceRate)) / ONE + 1n;
  }, 0n);
}

/** D18{base} What equity less maintenance margin gains when the price rises by one. Rounded to the account's disadvantage. */
export function gradientOf({ size, foreseenRate, sizeSlope, skewScale }: BandPosition): bigint {
  const held = magnitude(size);
  const slopeRate = skewScale === 0n ? 0n : (100n * sizeSlope * held) / skewScale + 1n;
  const margin = (held * (foreseenRate + slopeRate)) / ONE + 1n;
  return size - margin;
}
