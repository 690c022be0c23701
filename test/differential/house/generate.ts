import { ACTORS, type Action, KEEPER } from "../../model/action.ts";
import { exact, Rational as Fraction, ONE, type Rational, size } from "../../model/rational.ts";
import type { AccountName, HouseState, MarketId, Position } from "../../model/state.ts";
import { FUND, type HouseTerms, poolOf, systemAccountOf } from "../../model/terms.ts";
import { callAt, marginOf } from "../../model/views.ts";
import type { Random } from "./random.ts";

const IDS = [0n, 1n, 2n] as const;
const LARGEST = 2n ** 255n;

/** How a run of actions starts: pools and traders are paid in, insurance a little. */
export function opening(random: Random): Action[] {
  const pay = (account: AccountName, dollars: number): Action => ({
    seconds: 0n,
    kind: "deposit",
    account,
    usd: BigInt(dollars) * ONE,
  });
  return [
    pay(poolOf(0n), 500_000 + random.below(1_500_000)),
    pay(poolOf(1n), 500_000 + random.below(1_500_000)),
    pay(poolOf(2n), 50_000 + random.below(300_000)),
    pay(FUND, random.below(3) === 0 ? 100 : random.below(50_000)),
    ...ACTORS.map((actor) =>
      pay(
        actor,
        random.below(3) === 0 ? 1_000 + random.below(4_000) : 10_000 + random.below(400_000),
      ),
    ),
  ];
}

/** The next action, likely to do something in this state. */
export function nextAction(random: Random, seen: Seen): Action {
  const seconds = pauseBefore(random);
  const { state } = seen;
  const hasInventory = IDS.some((id) => stored(state, systemAccountOf(id, "resolution"), id));
  const hasEvents = [...state.markets.values()].some(({ events }) => events.length > 0);
  const of = random.weighted<() => Action>([
    [9, () => publish(random, state, seconds)],
    [1, () => ({ seconds, kind: "poke", market: random.pick(IDS) })],
    [2, () => deposit(random, seconds)],
    [3, () => withdraw(random, state, seconds)],
    [14, () => trade(random, seen, seconds)],
    [3, () => settle(random, seconds)],
    [isClosed(state) ? 3 : 0.3, () => setMode(random, state, seconds)],
    [
      2,
      () => ({ seconds, kind: "mark", account: random.pick(likely(random, seen, "distressed")) }),
    ],
    [6, () => ({ seconds, kind: "liquidate", ...item(random, seen) })],
    [1, () => liquidateBatch(random, seen, seconds)],
    [3, () => resolve(random, seen, seconds)],
    [hasEvents ? 2 : 0.2, () => touch(random, seconds)],
    [hasEvents ? 2 : 0.2, () => claimRefunds(random, seconds)],
    [hasInventory ? 4 : 0.5, () => inventory(random, state, seconds)],
  ]);
  return of();
}

/** What the choice of an action may depend on. */
export interface Seen {
  readonly state: HouseState;
  readonly terms: HouseTerms;
  readonly now: bigint;
}

function stored(state: HouseState, account: AccountName, market: MarketId): boolean {
  const position = positionIn(state, account, market);
  return position !== undefined && (position.size !== 0n || position.quote !== 0n);
}

/** Actors of whom that holds, or now and then, and where there is none, all. */
function likely(
  random: Random,
  { state, terms, now }: Seen,
  what: "distressed" | "bankrupt",
): readonly AccountName[] {
  if (random.below(12) === 0) return ACTORS;
  const found = ACTORS.filter((name) => {
    const judged = marginOf(callAt(state, terms, now), name, "Maintenance");
    if (judged === undefined) return false;
    const { equity, required } = judged;
    return what === "bankrupt" ? equity < 0n : equity >= 0n && equity < required;
  });
  return found.length > 0 ? found : ACTORS;
}

function item(random: Random, seen: Seen): { account: AccountName; market: MarketId } {
  const account = random.pick(likely(random, seen, "distressed"));
  const open = IDS.filter((id) => (positionIn(seen.state, account, id)?.size ?? 0n) !== 0n);
  return { account, market: random.pick(open.length > 0 ? open : IDS) };
}

function liquidateBatch(random: Random, seen: Seen, seconds: bigint): Action {
  const items = Array.from({ length: 1 + random.below(4) }, () => item(random, seen));
  return { seconds, kind: "liquidateBatch", items };
}

function resolve(random: Random, seen: Seen, seconds: bigint): Action {
  const account = random.pick(likely(random, seen, "bankrupt"));
  const losers = ACTORS.filter(() => random.below(4) === 0);
  return { seconds, kind: "resolve", account, losers };
}

function anyAccount(random: Random, market: MarketId): AccountName {
  return random.weighted([
    [10, random.pick(ACTORS)],
    [0.5, poolOf(market)],
    [0.5, FUND],
  ]);
}

function touch(random: Random, seconds: bigint): Action {
  const market = random.pick(IDS);
  const most = BigInt(random.below(4));
  return { seconds, kind: "touch", account: anyAccount(random, market), market, most };
}

function claimRefunds(random: Random, seconds: bigint): Action {
  const market = random.pick(IDS);
  const most = BigInt(random.below(6));
  return { seconds, kind: "claimRefunds", account: anyAccount(random, market), market, most };
}

function inventory(random: Random, state: HouseState, seconds: bigint): Action {
  const full = IDS.filter((id) => stored(state, systemAccountOf(id, "resolution"), id));
  const market = random.pick(full.length > 0 && random.below(6) !== 0 ? full : IDS);
  return random.weighted<() => Action>([
    [3, () => ({ seconds, kind: "unwind", market })],
    [4, () => ({ seconds, kind: "tearUp", market })],
    [1, () => ({ seconds, kind: "bookLoss", market })],
  ])();
}

function pauseBefore(random: Random): bigint {
  const most = random.weighted([
    [8, 0],
    [6, 15],
    [4, 120],
    [2, 900],
    [0.3, 6_000],
  ]);
  return BigInt(most === 0 ? 0 : 1 + random.below(most));
}

function priceOf(state: HouseState, market: MarketId): bigint {
  return state.prices.get(market)?.feed.price ?? 0n;
}

function publish(random: Random, state: HouseState, seconds: bigint): Action {
  const market = random.pick(IDS);
  const spread = random.weighted([
    [10, 20],
    [6, 80],
    [4, 150],
    [0.2, 700],
  ]);
  const permille = 1_000 - spread + random.below(2 * spread + 1);
  const moved = (priceOf(state, market) * BigInt(permille)) / 1_000n;
  // Feeds have eight decimals.
  const price = (moved / 10n ** 10n) * 10n ** 10n;
  return { seconds, kind: "publish", market, price: price > 2n * ONE ? price : 2n * ONE };
}

/** Whole cents, or an odd amount down to the token's last decimal. */
function dollars(random: Random, most: number): bigint {
  const odd = random.below(2) === 0 ? BigInt(random.below(1_000_000)) * 10n ** 12n : 0n;
  return BigInt(random.below(most)) * ONE + odd;
}

function deposit(random: Random, seconds: bigint): Action {
  const account = random.below(12) === 0 ? poolOf(random.pick(IDS)) : random.pick(ACTORS);
  return { seconds, kind: "deposit", account, usd: dollars(random, 30_000) };
}

function withdraw(random: Random, state: HouseState, seconds: bigint): Action {
  const account = random.pick(ACTORS);
  const cash = state.accounts.get(account)?.cash ?? 0n;
  const part = (cash * BigInt(1 + random.below(110))) / 100n;
  const usd = (part / 10n ** 12n) * 10n ** 12n;
  return { seconds, kind: "withdraw", account, usd };
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
  notional: Rational,
): bigint {
  const lot = terms.markets.get(market)?.market.lotSize ?? ONE;
  const lots = notional
    .over(exact(priceOf(state, market)))
    .over(exact(lot))
    .floor();
  return lots * lot;
}

function trade(random: Random, { state, terms }: Seen, seconds: bigint): Action {
  const account = random.pick(ACTORS);
  const market = random.pick(IDS);
  const held = positionIn(state, account, market)?.size ?? 0n;
  const cash = state.accounts.get(account)?.cash ?? 0n;
  const leverage = new Fraction(BigInt(1 + random.below(random.below(3) === 0 ? 220 : 120)), 10n);
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
  };
}

function settle(random: Random, seconds: bigint): Action {
  const count = 1 + random.below(3);
  const accounts = Array.from({ length: count }, () =>
    random.weighted<() => AccountName>([
      [10, () => random.pick(ACTORS)],
      [1, () => FUND],
      [1, () => poolOf(random.pick(IDS))],
    ])(),
  );
  // Fund and pools are nobody's here.
  const own = accounts.every((name) => ACTORS.includes(name)) && random.below(2) === 0;
  return { seconds, kind: "settle", accounts, caller: own ? "own" : "stranger" };
}

function isClosed(state: HouseState): boolean {
  return [...state.markets.values()].some(({ mode }) => mode !== "Open");
}

function setMode(random: Random, state: HouseState, seconds: bigint): Action {
  const closed = IDS.filter((id) => state.markets.get(id)?.mode !== "Open");
  const market = random.pick(closed.length > 0 ? closed : IDS);
  const isOpen = closed.length === 0;
  const mode = isOpen ? random.pick(["ReduceOnly", "ReduceOnly", "Halted"] as const) : "Open";
  return { seconds, kind: "setMode", market, mode };
}
