import { ACTORS, type Action, KEEPER } from "../../model/action.ts";
import {
  down,
  exact,
  Rational as Fraction,
  greatest,
  least,
  ONE,
  size,
} from "../../model/rational.ts";
import type { AccountName, HouseState, MarketId } from "../../model/state.ts";
import { FUND, poolOf, systemAccountOf } from "../../model/terms.ts";
import { callAt, marginOf } from "../../model/views.ts";
import {
  dollars,
  feedPrice,
  IDS,
  LARGEST,
  marketsOf,
  offer,
  positionIn,
  priceOf,
  type Seen,
  sizeFor,
} from "./choices.ts";
import type { Random } from "./random.ts";
import { callerOf } from "./takers.ts";

/** A price that brings an actor to some health. */
export function pressure(random: Random, seen: Seen, seconds: bigint): Action {
  const account = random.pick(ACTORS);
  const market = random.pick(marketsOf(seen.state, account));
  const health = new Fraction(BigInt(random.below(160) - 40), 100n);
  return { ...pressureOn(random, seen, { account, market, health }), seconds };
}

/** Whom a price is to bring where. */
export interface Aim {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly health: Fraction;
}

/** The price that does, as far as it is not too far. */
export function pressureOn(random: Random, seen: Seen, { account, market, health }: Aim): Action {
  const { state, now } = seen;
  const held = positionIn(state, account, market)?.size ?? 0n;
  const judged = marginOf(callAt(state, now), account, "Maintenance");
  if (held === 0n || judged === undefined) return publish(random, state, 1n);
  const missing = exact(judged.required).times(health).minus(exact(judged.equity));
  const move = missing.over(exact(held));
  const index = exact(priceOf(state, market));
  const most = index.times(new Fraction(BigInt(1 + random.below(30)), 100n));
  const moved = index.plus(greatest(least(move, most), most.negated()));
  return { seconds: 1n, kind: "publish", market, price: feedPrice(down(moved)) };
}

export function publish(random: Random, state: HouseState, seconds: bigint): Action {
  const market = random.pick(IDS);
  const spread = random.weighted([
    [10, 20],
    [6, 80],
    [1, 120],
    [0.2, 700],
  ]);
  const permille = 1_000 - spread + random.below(2 * spread + 1);
  const moved = (priceOf(state, market) * BigInt(permille)) / 1_000n;
  return { seconds, kind: "publish", market, price: feedPrice(moved) };
}

/** Mostly to a trader; to the fund where a market is closed to openings for want of buffers. */
export function deposit(random: Random, state: HouseState, seconds: bigint): Action {
  const isShort = [...state.markets.values()].some(({ coverage }) => coverage === "Short");
  if (isShort && random.below(2) === 0) {
    return { seconds, kind: "deposit", account: FUND, usd: dollars(random, 9_000) };
  }
  const account = random.below(12) === 0 ? poolOf(random.pick(IDS)) : random.pick(ACTORS);
  return { seconds, kind: "deposit", account, usd: dollars(random, 30_000) };
}

export function withdraw(random: Random, state: HouseState, seconds: bigint): Action {
  const account = random.pick(ACTORS);
  const cash = state.accounts.get(account)?.cash ?? 0n;
  const part = (cash * BigInt(1 + random.below(110))) / 100n;
  const usd = (part / 10n ** 12n) * 10n ** 12n;
  return { seconds, kind: "withdraw", account, usd, caller: callerOf(random) };
}

export function trade(random: Random, { state, terms }: Seen, seconds: bigint): Action {
  const account = random.pick(ACTORS);
  const market = random.pick(IDS);
  const held = positionIn(state, account, market)?.size ?? 0n;
  const cash = state.accounts.get(account)?.cash ?? 0n;
  const tenths =
    random.below(2) === 0 ? random.below(250) : (market === 2n ? 60 : 120) + random.below(60);
  const leverage = new Fraction(BigInt(1 + tenths), 10n);
  const wanted = sizeFor(state, terms, market, exact(cash).times(leverage));
  const direction = random.below(2) === 0 ? 1n : -1n;
  const percent = BigInt(1 + random.below(100));
  const lot = terms.markets.get(market)?.market.lotSize ?? ONE;
  const part = ((size(held) * percent) / 100n / lot) * lot * (held > 0n ? -1n : 1n);
  const sizeDelta =
    held === 0n
      ? wanted * direction
      : random.weighted([
          [3, -held],
          [3, part],
          [2, (wanted / 4n / lot) * lot * direction],
          [1, -held - (held > 0n ? wanted : -wanted) / 2n],
          [0.2, lot / 3n],
        ]);
  const near = random.below(6) === 0;
  const index = priceOf(state, market);
  const worst = (index * BigInt(sizeDelta > 0n ? 1_005 : 995)) / 1_000n;
  return {
    seconds,
    kind: "trade",
    account,
    market,
    sizeDelta,
    limitPrice: near ? worst : sizeDelta > 0n ? LARGEST : 0n,
    spread: random.below(4) === 0 ? BigInt(random.below(60)) * 10n ** 14n : 0n,
    reduceOnly: random.below(8) === 0,
    keeper: random.weighted([
      [6, KEEPER],
      [1, account],
      [0.3, poolOf(market)],
      [0.2, "resolution 0"],
    ]),
    keeperFeeUsd: random.below(3) === 0 ? dollars(random, 4) : 0n,
    caller: random.weighted([
      [40, "venue"],
      [0.3, "owner"],
      [0.3, "anybody"],
    ]),
  };
}

export function matchOrders(random: Random, seen: Seen, seconds: bigint): Action {
  const { state } = seen;
  const order = trade(random, seen, seconds);
  if (order.kind !== "trade") return order;
  const { account: taker, market, sizeDelta, reduceOnly } = order;
  const maker = random.weighted([
    [10, random.pick(ACTORS)],
    [0.2, taker],
  ]);
  const held = positionIn(state, maker, market)?.size ?? 0n;
  const closes = held !== 0n && random.below(3) === 0;
  return {
    seconds,
    kind: "matchOrders",
    maker,
    taker,
    market,
    sizeDelta: closes ? held : sizeDelta,
    price: offer(random, state, market),
    makerReduceOnly: random.below(8) === 0,
    takerReduceOnly: reduceOnly,
  };
}

export function settle(random: Random, seconds: bigint): Action {
  const count = 1 + random.below(3);
  const accounts = Array.from({ length: count }, () =>
    random.weighted<() => AccountName>([
      [10, () => random.pick(ACTORS)],
      [1, () => FUND],
      [1, () => systemAccountOf(random.pick(IDS), "tranche")],
      [1, () => poolOf(random.pick(IDS))],
    ])(),
  );
  const caller = random.pick(["owner", "venue", "anybody"] as const);
  return { seconds, kind: "settle", accounts, caller };
}

export function isClosed(state: HouseState): boolean {
  return [...state.markets.values()].some(({ mode }) => mode !== "Open");
}

export function setMode(random: Random, state: HouseState, seconds: bigint): Action {
  const closed = IDS.filter((id) => state.markets.get(id)?.mode !== "Open");
  const market = random.pick(closed.length > 0 ? closed : IDS);
  const isOpen = closed.length === 0;
  const mode = isOpen ? random.pick(["ReduceOnly", "ReduceOnly", "Halted"] as const) : "Open";
  return { seconds, kind: "setMode", market, mode };
}

/** The market with the narrow jump band. */
const JUMPY: MarketId = 1n;

/** A price too far from the last to be believed at once. */
export function jump(random: Random, state: HouseState, seconds: bigint): Action {
  const percent = BigInt(random.below(2) === 0 ? 80 + random.below(7) : 114 + random.below(8));
  const price = feedPrice((priceOf(state, JUMPY) * percent) / 100n);
  return { seconds, kind: "publish", market: JUMPY, price };
}

/** Whether a jump waits to be confirmed. */
export function isOut(state: HouseState): boolean {
  const memory = state.prices.get(JUMPY);
  return memory !== undefined && memory.jump !== null;
}

/** Losses are pulled, and some of the cash kept aside where there is no price. */
export function settleOwn(random: Random, names: readonly AccountName[], seconds: bigint): Action {
  return { seconds, kind: "settle", accounts: [random.pick(names)], caller: "owner" };
}
