// The book of accounts a run starts with: who is long, who is short, how large and how highly levered. Amounts are D18.

import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";
import { divideUp, greatest, least } from "./bigint.ts";
import { formatUsd } from "./format.ts";
import { InputError } from "./input-error.ts";
import { expD18, lnD18 } from "./logarithm.ts";
import { MARKET_SLOTS, type MarketSlot } from "./prices/path.ts";
import { Random } from "./random.ts";

/** What a market can take. */
export interface BookMarket {
  /** D18{USD/base} The price sizes are computed at. */
  readonly price: bigint;
  /** D18{base} Sizes are multiples of it. */
  readonly sizeStep: bigint;
  /** D18{USD} Sum of all positions' notional, at most. */
  readonly openInterestUsd: bigint;
  /** D18{USD} Longs less shorts, either way, at most, account after account. */
  readonly netUsd: bigint;
  /** D18{USD} The same after all of them: what the pool is left holding. */
  readonly restUsd: bigint;
}

/** D18{USD} Signed notional per market of one account. */
export type ExposureUsd = Readonly<Record<MarketSlot, bigint>>;

export interface BookRequest {
  readonly seed: number;
  readonly accounts: number;
  readonly markets: Readonly<Record<MarketSlot, BookMarket>>;
  /** D18{USD} No order is smaller. */
  readonly minNotionalUsd: bigint;
  /** D18{USD} The least an account must bring to open an exposure: initial margin and the cost of entry. */
  readonly requiredCashUsd: (exposureUsd: ExposureUsd) => bigint;
}

/** `single`: one market. `stacked`: both markets, same side. `hedged`: both markets, opposite sides. */
export type AccountKind = "single" | "stacked" | "hedged";

export interface AccountPlan {
  /** From 1. */
  readonly accountNumber: number;
  readonly kind: AccountKind;
  /** D18{USD} To begin with; whole cents. */
  readonly cashUsd: bigint;
  /** The market whose collateral the account pledges to borrow most of its cash; null when all of it is its own. */
  readonly pledges: MarketSlot | null;
  /** To be opened in this order, account after account. */
  readonly orders: readonly {
    readonly market: MarketSlot;
    /** D18{base} Positive buys. */
    readonly sizeDelta: bigint;
  }[];
}

/** Long or short. */
type Side = 1n | -1n;

/** A position before its size is known: `notional = minimum + scale·weight`. */
interface Leg {
  readonly market: MarketSlot;
  readonly side: Side;
  /** D18{1} */
  readonly weight: bigint;
}

interface Draft {
  readonly kind: AccountKind;
  /** D18{1} Gross notional over cash. */
  readonly leverage: bigint;
  readonly legs: readonly Leg[];
}

/** {%} Of all accounts. */
const HEDGED_SHARE = 15;
const STACKED_SHARE = 10;
/** {%} Of the accounts that are not hedged. Before a crash most people are long. */
const SHORT_SHARE = 25;
/** {%} Of the accounts in a single market. */
const SECOND_MARKET_SHARE = 45;
/** {%} Of all accounts: borrow against collateral. */
const CREDIT_SHARE = 10;
/** D18{1} */
const MIN_LEVERAGE = 2n * ONE;
const MAX_LEVERAGE = 18n * ONE;
/** D18{1} Sizes are Pareto distributed, P(weight > w) = w^(−1.25) from 1 on, cut off where one would outweigh sixty. */
const INVERSE_TAIL_INDEX = (8n * ONE) / 10n;
const MAX_WEIGHT = 60n * ONE;
/** D18{1} Before they are scaled up to face the longs, shorts differ less: no single one decides what a market can take. */
const MAX_SHORT_WEIGHT = 4n * ONE;
/** D18{1} Part of the longs of a market that its shorts do not face, at most: whoever is long, somebody is short. The pool has the rest. */
const POOL_SHARE = (15n * ONE) / 100n;
/** D18{USD} */
const CENT = ONE / 100n;

/** The accounts of one seed, as large as the markets can take, in the order they are to be opened. */
export function createBook(request: BookRequest): AccountPlan[] {
  const drafts = arranged(balanced(draftAccounts(request), request));
  const legs = drafts.flatMap((draft) => draft.legs);
  const scaleUsd = least(MARKET_SLOTS.flatMap((market) => scaleLimits({ request, market, legs })));
  const pledges = pledgesOf({ seed: request.seed, drafts });
  return drafts.map(({ kind, leverage, legs: own }, index) => {
    const orders = own.map(({ market, side, weight }) => {
      const { price, sizeStep } = request.markets[market];
      const notionalUsd = baseNotional({ request, market }) + (scaleUsd * weight) / ONE;
      const steps = (notionalUsd * ONE) / (price * sizeStep);
      return { market, sizeDelta: side * steps * sizeStep };
    });
    const cashUsd = requiredCash({ request, leverage, orders });
    return { accountNumber: index + 1, kind, cashUsd, pledges: pledges[index] ?? null, orders };
  });
}

/** By account of the book: both collaterals by turns. Of the long ones only: their collateral falls as they lose. */
function pledgesOf({ seed, drafts }: { seed: number; drafts: readonly Draft[] }) {
  const random = Random.stream({ seed, purpose: "credit" });
  const candidates = drafts.flatMap(({ legs }, index) =>
    legs.every(({ side }) => side === 1n) ? [index] : [],
  );
  const count = Math.round((drafts.length * CREDIT_SHARE) / 100);
  const pledges = drafts.map((): MarketSlot | null => null);
  for (const [turn, index] of random.shuffled(candidates).slice(0, count).entries()) {
    pledges[index] = MARKET_SLOTS[turn % MARKET_SLOTS.length] ?? null;
  }
  return pledges;
}

/** Kinds and sides are filled by quota, not by chance: a small book is mixed too. */
function draftAccounts({ seed, accounts }: BookRequest): Draft[] {
  const random = Random.stream({ seed, purpose: "book of accounts" });
  const hedged = Math.round((accounts * HEDGED_SHARE) / 100);
  const stacked = Math.round((accounts * STACKED_SHARE) / 100);
  const kinds = random.shuffled(
    Array.from({ length: accounts }, (_, index): AccountKind => {
      if (index < hedged) return "hedged";
      return index < hedged + stacked ? "stacked" : "single";
    }),
  );
  const unhedged = accounts - hedged;
  const shorts = Math.round((unhedged * SHORT_SHARE) / 100);
  const sides = random.shuffled(
    Array.from({ length: unhedged }, (_, index): Side => (index < shorts ? -1n : 1n)),
  );
  return kinds.map((kind) => {
    // Of a pair the long leg is the main market two times out of three.
    const side =
      (kind === "hedged" ? undefined : sides.pop()) ?? (random.below(3) === 0 ? -1n : 1n);
    const leverage = MIN_LEVERAGE + ((MAX_LEVERAGE - MIN_LEVERAGE) * random.uniformD18()) / ONE;
    return { kind, leverage, legs: draftLegs({ kind, side, random }) };
  });
}

function draftLegs(draft: { kind: AccountKind; side: Side; random: Random }): Leg[] {
  const { kind, side, random } = draft;
  const tail = ONE - random.uniformD18();
  const weight = least([
    expD18((-lnD18(tail) * INVERSE_TAIL_INDEX) / ONE),
    side === 1n ? MAX_WEIGHT : MAX_SHORT_WEIGHT,
  ]);
  if (kind === "single") {
    return [{ market: random.below(100) < SECOND_MARKET_SHARE ? "second" : "main", side, weight }];
  }
  // The second leg is between six tenths of the first and as large.
  const second = (weight * (6n * ONE + 4n * random.uniformD18())) / (10n * ONE);
  return [
    { market: "main", side, weight },
    { market: "second", side: kind === "stacked" ? side : opposite(side), weight: second },
  ];
}

/** Shorts are fewer and larger. Hedged accounts stay as they are, or they would not be hedged. */
function balanced(drafts: readonly Draft[], { markets }: BookRequest): Draft[] {
  const factor = (market: MarketSlot) =>
    shortFactor({ drafts, market, poolShare: poolShareOf(markets[market]) });
  const factors = { main: factor("main"), second: factor("second") };
  return drafts.map((draft) => {
    if (draft.kind === "hedged") return draft;
    const legs = draft.legs.map((leg) =>
      leg.side === 1n ? leg : { ...leg, weight: (leg.weight * factors[leg.market]) / ONE },
    );
    return { ...draft, legs };
  });
}

/** D18{1} Where the pool has room for less at the end than on the way, it has a smaller part of the longs. */
function poolShareOf({ netUsd, restUsd }: BookMarket): bigint {
  return restUsd >= netUsd ? POOL_SHARE : (POOL_SHARE * restUsd) / netUsd;
}

/** D18{1} What brings the unhedged shorts of a market to their part of its longs. */
function shortFactor(query: {
  drafts: readonly Draft[];
  market: MarketSlot;
  poolShare: bigint;
}): bigint {
  const { drafts, market, poolShare } = query;
  let [long, hedged, short] = [0n, 0n, 0n];
  for (const { kind, legs } of drafts) {
    for (const leg of legs.filter((each) => each.market === market)) {
      if (leg.side === 1n) long += leg.weight;
      else if (kind === "hedged") hedged += leg.weight;
      else short += leg.weight;
    }
  }
  const wanted = (long * (ONE - poolShare)) / ONE - hedged;
  return wanted <= 0n || short === 0n ? ONE : (wanted * ONE) / short;
}

/** In an order that keeps the net exposure of each market small: before a long, shorts of half its size. */
function arranged(drafts: readonly Draft[]): Draft[] {
  const net = { main: 0n, second: 0n };
  const result: Draft[] = [];
  const take = (draft: Draft) => {
    result.push(draft);
    for (const { market, side, weight } of draft.legs) net[market] += side * weight;
  };
  for (const market of MARKET_SLOTS) {
    const own = drafts.filter(({ legs }) => legs[0]?.market === market);
    const shorts = own.filter(({ legs }) => legs[0]?.side === -1n);
    for (const draft of own) {
      const leg = draft.legs[0];
      if (leg === undefined || leg.side === -1n) continue;
      while (net[market] + leg.weight / 2n > 0n) {
        const short = shorts.shift();
        if (short === undefined) break;
        take(short);
      }
      take(draft);
    }
    for (const short of shorts) take(short);
  }
  return result;
}

function opposite(side: Side): Side {
  return side === 1n ? -1n : 1n;
}

/** D18{USD} What every order has at least: rounding down to a size step leaves the minimum intact. */
function baseNotional({ request, market }: { request: BookRequest; market: MarketSlot }): bigint {
  const { price, sizeStep } = request.markets[market];
  return request.minNotionalUsd + divideUp(price * sizeStep, ONE);
}

/**
 * D18{USD} The scales up to which one market stays within its capacity. Open interest and, after every order and after all of them, the net
 * exposure are linear in the scale: `a + scale·b`.
 */
function scaleLimits(query: {
  request: BookRequest;
  market: MarketSlot;
  legs: readonly Leg[];
}): bigint[] {
  const { request, market } = query;
  const legs = query.legs.filter((leg) => leg.market === market);
  const { openInterestUsd, netUsd, restUsd } = request.markets[market];
  const base = baseNotional({ request, market });
  const limits: bigint[] = [];
  const bound = (line: { a: bigint; b: bigint; limit: bigint; what: string }) => {
    if (line.a > line.limit) throw tooManyAccounts({ request, market, ...line });
    if (line.b > 0n) limits.push(((line.limit - line.a) * ONE) / line.b);
  };
  let sum = { a: 0n, b: 0n };
  let long = { a: 0n, b: 0n };
  let short = { a: 0n, b: 0n };
  for (const { side, weight } of legs) {
    // Sizes are rounded down: what adds counts in full, what offsets counts without its last step.
    const offset = -request.minNotionalUsd;
    sum = { a: sum.a + base, b: sum.b + weight };
    long = { a: long.a + (side === 1n ? base : offset), b: long.b + side * weight };
    short = { a: short.a + (side === 1n ? offset : base), b: short.b - side * weight };
    bound({ ...long, limit: netUsd, what: "net exposure" });
    bound({ ...short, limit: netUsd, what: "net exposure" });
  }
  bound({ ...long, limit: restUsd, what: "net exposure" });
  bound({ ...short, limit: restUsd, what: "net exposure" });
  bound({ ...sum, limit: openInterestUsd, what: "open interest" });
  return limits;
}

function tooManyAccounts(excess: {
  request: BookRequest;
  market: MarketSlot;
  a: bigint;
  limit: bigint;
  what: string;
}): InputError {
  const { accounts, minNotionalUsd } = excess.request;
  return new InputError(
    `${accounts} accounts with orders of at least ${formatUsd(minNotionalUsd)} make ${formatUsd(excess.a)} of ${excess.what} ` +
      `in the ${excess.market} market, which can take ${formatUsd(excess.limit)}: use fewer accounts or a deeper pool`,
  );
}

function requiredCash(account: {
  request: BookRequest;
  leverage: bigint;
  orders: AccountPlan["orders"];
}): bigint {
  const { request, leverage, orders } = account;
  const exposureUsd = { main: 0n, second: 0n };
  let grossUsd = 0n;
  for (const { market, sizeDelta } of orders) {
    const notionalUsd = (sizeDelta * request.markets[market].price) / ONE;
    exposureUsd[market] += notionalUsd;
    grossUsd += magnitude(notionalUsd);
  }
  const wantedUsd = divideUp(grossUsd * ONE, leverage);
  const requiredUsd = request.requiredCashUsd(exposureUsd);
  return divideUp(greatest([wantedUsd, requiredUsd]), CENT) * CENT;
}
