import { exact, type Rational as Fraction, ONE } from "../../model/rational.ts";
import type { AccountName, HouseState, MarketId, Position } from "../../model/state.ts";
import type { HouseTerms } from "../../model/terms.ts";
import type { Random } from "./random.ts";

export const IDS = [0n, 1n, 2n] as const;

export const LARGEST = 2n ** 255n;

/** What the choice of an action may depend on. */
export interface Seen {
  readonly state: HouseState;
  readonly terms: HouseTerms;
  readonly now: bigint;
}

export function isStored(state: HouseState, account: AccountName, market: MarketId): boolean {
  const position = positionIn(state, account, market);
  return position !== undefined && (position.size !== 0n || position.quote !== 0n);
}

/** The markets in which an account holds something, or all. */
export function marketsOf(state: HouseState, account: AccountName): readonly MarketId[] {
  const open = IDS.filter((id) => (positionIn(state, account, id)?.size ?? 0n) !== 0n);
  return open.length > 0 ? open : IDS;
}

export function priceOf(state: HouseState, market: MarketId): bigint {
  return state.prices.get(market)?.feed.price ?? 0n;
}

/** Feeds have eight decimals. */
export function feedPrice(price: bigint): bigint {
  const rounded = (price / 10n ** 10n) * 10n ** 10n;
  return rounded > 2n * ONE ? rounded : 2n * ONE;
}

/** Whole cents, or an odd amount down to the token's last decimal. */
export function dollars(random: Random, most: number): bigint {
  const odd = random.below(2) === 0 ? BigInt(random.below(1_000_000)) * 10n ** 12n : 0n;
  return BigInt(random.below(most)) * ONE + odd;
}

export function positionIn(
  state: HouseState,
  account: AccountName,
  market: MarketId,
): Position | undefined {
  return state.accounts.get(account)?.positions.get(market);
}

/** A size for which about `notional` is paid at the feed's price, in lots. */
export function sizeFor(
  state: HouseState,
  terms: HouseTerms,
  market: MarketId,
  notional: Fraction,
): bigint {
  const lot = terms.markets.get(market)?.market.lotSize ?? ONE;
  const lots = notional
    .over(exact(priceOf(state, market)))
    .over(exact(lot))
    .floor();
  return lots * lot;
}

/** A price around the index, mostly inside the band. */
export function offer(random: Random, state: HouseState, market: MarketId): bigint {
  const permille = 1_000 - 30 + random.below(61);
  const price = (priceOf(state, market) * BigInt(permille)) / 1_000n;
  return random.below(4) === 0 ? priceOf(state, market) : price;
}
