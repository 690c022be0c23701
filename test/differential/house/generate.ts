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
  const { state } = seen;
  const { distressed, bankrupt } = patientsOf(seen);
  const isUrgent = distressed.length + bankrupt.length > 0;
  const seconds = pauseBefore(random, isUrgent);
  const hasInventory = IDS.some((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const hasEvents = [...state.markets.values()].some(({ events }) => events.length > 0);
  const ill = random.below(12) === 0 || distressed.length === 0 ? ACTORS : distressed;
  const lost = random.below(12) === 0 || bankrupt.length === 0 ? ACTORS : bankrupt;
  const of = random.weighted<() => Action>([
    [7, () => publish(random, state, seconds)],
    [isUrgent ? 1 : 4, () => pressure(random, seen, seconds)],
    [0.6, () => ({ seconds, kind: "poke", market: random.pick(IDS) })],
    [2, () => deposit(random, seconds)],
    [2, () => withdraw(random, state, seconds)],
    [12, () => trade(random, seen, seconds)],
    [2.5, () => settle(random, seconds)],
    [isClosed(state) ? 3 : 0.3, () => setMode(random, state, seconds)],
    [isUrgent ? 2 : 0.5, () => mark(random, ill, seconds)],
    [
      distressed.length > 0 ? 9 : 0.5,
      () => ({ seconds, kind: "liquidate", ...item(random, seen, ill) }),
    ],
    [distressed.length > 0 ? 2 : 0.2, () => liquidateBatch(random, seen, ill, seconds)],
    [bankrupt.length > 0 ? 7 : 0.3, () => resolve(random, lost, seconds)],
    [3, () => matchOrders(random, seen, seconds)],
    [distressed.length > 0 ? 3 : 0.1, () => liquidateAgainst(random, seen, ill, seconds)],
    [distressed.length > 0 ? 4 : 0.2, () => takeOver(random, seen, ill, seconds)],
    [distressed.length > 0 ? 2 : 0.1, () => takeOverWhole(random, seen, ill, seconds)],
    [hasInventory ? 3 : 0.1, () => takeInventory(random, seen, seconds)],
    [isPoolFailing(seen) ? 4 : 0.2, () => poolRescue(random, seen, seconds)],
    [hasEvents ? 2 : 0.1, () => touch(random, seconds)],
    [hasEvents ? 2 : 0.1, () => claimRefunds(random, seconds)],
    [hasInventory ? 4 : 0.3, () => inventory(random, state, seconds)],
  ]);
  return of();
}

function isPoolFailing({ state, terms, now }: Seen): boolean {
  return IDS.some((id) => {
    const judged = marginOf(callAt(state, terms, now), poolOf(id), "Maintenance");
    return judged !== undefined && judged.equity < judged.required;
  });
}

/** What the choice of an action may depend on. */
export interface Seen {
  readonly state: HouseState;
  readonly terms: HouseTerms;
  readonly now: bigint;
}

function isStored(state: HouseState, account: AccountName, market: MarketId): boolean {
  const position = positionIn(state, account, market);
  return position !== undefined && (position.size !== 0n || position.quote !== 0n);
}

/** Actors below maintenance margin. */
function patientsOf({ state, terms, now }: Seen) {
  const distressed: AccountName[] = [];
  const bankrupt: AccountName[] = [];
  for (const name of ACTORS) {
    const judged = marginOf(callAt(state, terms, now), name, "Maintenance");
    if (judged === undefined || judged.equity >= judged.required) continue;
    (judged.equity < 0n ? bankrupt : distressed).push(name);
  }
  return { distressed, bankrupt };
}

/** A price that brings an actor to a chosen health. */
function pressure(random: Random, seen: Seen, seconds: bigint): Action {
  const { state, terms, now } = seen;
  const account = random.pick(ACTORS);
  const market = random.pick(marketsOf(state, account));
  const held = positionIn(state, account, market)?.size ?? 0n;
  const judged = marginOf(callAt(state, terms, now), account, "Maintenance");
  if (held === 0n || judged === undefined) return publish(random, state, seconds);
  const health = new Fraction(BigInt(random.below(160) - 40), 100n);
  const missing = exact(judged.required).times(health).minus(exact(judged.equity));
  const move = missing.over(exact(held));
  const index = exact(priceOf(state, market));
  const most = index.times(new Fraction(BigInt(1 + random.below(30)), 100n));
  const moved = index.plus(greatest(least(move, most), most.negated()));
  return { seconds, kind: "publish", market, price: feedPrice(down(moved)) };
}

/** The markets in which an account holds something, or all. */
function marketsOf(state: HouseState, account: AccountName): readonly MarketId[] {
  const open = IDS.filter((id) => (positionIn(state, account, id)?.size ?? 0n) !== 0n);
  return open.length > 0 ? open : IDS;
}

function item(
  random: Random,
  { state }: Seen,
  ill: readonly AccountName[],
): { account: AccountName; market: MarketId } {
  const account = random.pick(ill);
  return { account, market: random.pick(random.below(15) === 0 ? IDS : marketsOf(state, account)) };
}

function liquidateBatch(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const items = Array.from({ length: 1 + random.below(4) }, () => item(random, seen, ill));
  return { seconds, kind: "liquidateBatch", items };
}

function resolve(random: Random, lost: readonly AccountName[], seconds: bigint): Action {
  const losers = ACTORS.filter(() => random.below(4) === 0);
  return { seconds, kind: "resolve", account: random.pick(lost), losers };
}

function anyAccount(random: Random, market: MarketId): AccountName {
  return random.weighted([
    [10, random.pick(ACTORS)],
    [0.5, poolOf(market)],
    [0.5, FUND],
  ]);
}

function mark(random: Random, ill: readonly AccountName[], seconds: bigint): Action {
  const accounts = Array.from({ length: 1 + random.below(3) }, () =>
    random.weighted([
      [10, random.pick(ill)],
      [1, poolOf(random.pick(IDS))],
      [0.3, FUND],
      [0.2, "deficit 0"],
    ]),
  );
  return { seconds, kind: "mark", accounts };
}

/** A pool is marked, restored, or where it has lost everything resolved. */
function poolRescue(random: Random, { state, terms, now }: Seen, seconds: bigint): Action {
  const judged = IDS.map((market) => {
    const judgement = marginOf(callAt(state, terms, now), poolOf(market), "Maintenance");
    return { market, equity: judgement?.equity ?? 0n, required: judgement?.required ?? 0n };
  });
  const failing = judged.filter(({ equity, required }) => equity < required);
  const { market, equity } = random.pick(failing.length > 0 ? failing : judged);
  const account = poolOf(market);
  if (equity < 0n) return { seconds, kind: "resolve", account, losers: [] };
  const isMarked = (state.accounts.get(account)?.mark ?? null) !== null;
  return isMarked || random.below(5) === 0
    ? { seconds, kind: "tearUpPool", market }
    : { seconds, kind: "mark", accounts: [account] };
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
  const full = IDS.filter((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const market = random.pick(full.length > 0 && random.below(6) !== 0 ? full : IDS);
  return random.weighted<() => Action>([
    [3, () => ({ seconds, kind: "unwind", market })],
    [4, () => ({ seconds, kind: "tearUp", market })],
    [1, () => ({ seconds, kind: "bookLoss", market })],
  ])();
}

function pauseBefore(random: Random, isUrgent: boolean): bigint {
  const most = random.weighted([
    [8, 0],
    [6, 15],
    [3, 120],
    [isUrgent ? 0.3 : 2, 900],
    [0.2, 6_000],
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
    [1, 120],
    [0.2, 700],
  ]);
  const permille = 1_000 - spread + random.below(2 * spread + 1);
  const moved = (priceOf(state, market) * BigInt(permille)) / 1_000n;
  return { seconds, kind: "publish", market, price: feedPrice(moved) };
}

/** Feeds have eight decimals. */
function feedPrice(price: bigint): bigint {
  const rounded = (price / 10n ** 10n) * 10n ** 10n;
  return rounded > 2n * ONE ? rounded : 2n * ONE;
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
  notional: Fraction,
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
  };
}

/** A price around the index, mostly inside the band. */
function offer(random: Random, state: HouseState, market: MarketId): bigint {
  const permille = 1_000 - 30 + random.below(61);
  const price = (priceOf(state, market) * BigInt(permille)) / 1_000n;
  return random.below(4) === 0 ? priceOf(state, market) : price;
}

function matchOrders(random: Random, seen: Seen, seconds: bigint): Action {
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

function liquidateAgainst(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const { state, terms } = seen;
  const { account, market } = item(random, seen, ill);
  const held = positionIn(state, account, market)?.size ?? 0n;
  const lot = terms.markets.get(market)?.market.lotSize ?? ONE;
  const part = ((held * BigInt(1 + random.below(100))) / 100n / lot) * lot;
  const maker = random.pick(ACTORS);
  return {
    seconds,
    kind: "liquidateAgainst",
    account,
    market,
    maker,
    makerSizeDelta: random.below(10) === 0 ? -held : part,
    price: offer(random, state, market),
    makerReduceOnly: random.below(8) === 0,
  };
}

/** Half of the time without a limit, else what now and then is too much. */
function limitFor(random: Random, state: HouseState, market: MarketId, held: bigint): bigint {
  if (random.below(2) === 0) return held > 0n ? LARGEST : 0n;
  const permille = held > 0n ? 1_001 - random.below(6) : 999 + random.below(6);
  return (priceOf(state, market) * BigInt(permille)) / 1_000n;
}

function versionOf(random: Random, { state }: Seen, account: AccountName): bigint {
  const version = state.accounts.get(account)?.version ?? 0n;
  return random.weighted([
    [3, 0n],
    [2, version],
    [0.3, version + 1n],
  ]);
}

/** Mostly somebody who can afford it. */
function takerOf(random: Random, { state }: Seen): AccountName {
  const richest = [...ACTORS].sort((a, b) =>
    (state.accounts.get(b)?.cash ?? 0n) > (state.accounts.get(a)?.cash ?? 0n) ? 1 : -1,
  );
  return random.pick(random.below(3) === 0 ? ACTORS : richest.slice(0, 3));
}

function maxSizeOf(random: Random, seen: Seen, market: MarketId, held: bigint): bigint {
  const lot = seen.terms.markets.get(market)?.market.lotSize ?? ONE;
  const part = (size(held) * BigInt(1 + random.below(100))) / 100n;
  return random.weighted([
    [4, LARGEST],
    [4, part],
    [0.3, lot / 2n],
  ]);
}

function takeOver(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const { account, market } = item(random, seen, ill);
  const held = positionIn(seen.state, account, market)?.size ?? 0n;
  return {
    seconds,
    kind: "takeOver",
    account,
    market,
    taker: takerOf(random, seen),
    maxSize: maxSizeOf(random, seen, market, held),
    limitPrice: limitFor(random, seen.state, market, held),
    expectedVersion: versionOf(random, seen, account),
  };
}

function takeInventory(random: Random, seen: Seen, seconds: bigint): Action {
  const { state } = seen;
  const full = IDS.filter((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const market = random.pick(full.length > 0 ? full : IDS);
  const account = random.weighted([
    [10, systemAccountOf(market, "resolution")],
    [0.3, systemAccountOf(market, "tear-up")],
  ]);
  const held = positionIn(state, account, market)?.size ?? 0n;
  return {
    seconds,
    kind: "takeOver",
    account,
    market,
    taker: takerOf(random, seen),
    maxSize: maxSizeOf(random, seen, market, held),
    limitPrice: limitFor(random, state, market, held),
    expectedVersion: 0n,
  };
}

function takeOverWhole(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const account = random.pick(ill);
  return {
    seconds,
    kind: "takeOverWhole",
    account,
    taker: takerOf(random, seen),
    minDiscountUsd: random.below(3) === 0 ? dollars(random, 500) : 0n,
    expectedVersion: versionOf(random, seen, account),
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
