import { ACTORS, type Action } from "../../model/action.ts";
import { ONE } from "../../model/rational.ts";
import type { AccountName, HouseState, MarketId } from "../../model/state.ts";
import { BACKSTOP, FUND, poolOf, systemAccountOf } from "../../model/terms.ts";
import { callAt, marginOf } from "../../model/views.ts";
import { IDS, isStored, marketsOf, offer, positionIn, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";

export function isPoolFailing({ state, now }: Seen): boolean {
  return IDS.some((id) => {
    const judged = marginOf(callAt(state, now), poolOf(id), "Maintenance");
    return judged !== undefined && judged.equity < judged.required;
  });
}

/** Actors below maintenance margin. */
export function patientsOf({ state, now }: Seen) {
  const distressed: AccountName[] = [];
  const bankrupt: AccountName[] = [];
  for (const name of [...ACTORS, BACKSTOP]) {
    const judged = marginOf(callAt(state, now), name, "Maintenance");
    if (judged === undefined || judged.equity >= judged.required) continue;
    (judged.equity < 0n ? bankrupt : distressed).push(name);
  }
  return { distressed, bankrupt };
}

export function item(
  random: Random,
  { state }: Seen,
  ill: readonly AccountName[],
): { account: AccountName; market: MarketId } {
  const account = random.pick(ill);
  return { account, market: random.pick(random.below(15) === 0 ? IDS : marketsOf(state, account)) };
}

export function liquidateBatch(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const length = 1 + random.below(4);
  const first = item(random, seen, ill);
  // Now and then the same again and again: the second slice is paced.
  const isOne = random.below(3) === 0;
  const items = Array.from({ length }, () => (isOne ? first : item(random, seen, ill)));
  return { seconds, kind: "liquidateBatch", items };
}

export function resolve(random: Random, lost: readonly AccountName[], seconds: bigint): Action {
  const losers = ACTORS.filter(() => random.below(4) === 0);
  return { seconds, kind: "resolve", account: random.pick(lost), losers };
}

export function anyAccount(random: Random, market: MarketId): AccountName {
  return random.weighted([
    [10, random.pick(ACTORS)],
    [0.5, poolOf(market)],
    [0.5, FUND],
  ]);
}

export function mark(random: Random, ill: readonly AccountName[], seconds: bigint): Action {
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
export function poolRescue(random: Random, { state, now }: Seen, seconds: bigint): Action {
  const judged = IDS.map((market) => {
    const judgement = marginOf(callAt(state, now), poolOf(market), "Maintenance");
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

export function touch(random: Random, seconds: bigint): Action {
  const market = random.pick(IDS);
  const most = BigInt(random.below(4));
  return { seconds, kind: "touch", account: anyAccount(random, market), market, most };
}

export function claimRefunds(random: Random, seconds: bigint): Action {
  const market = random.pick(IDS);
  const most = BigInt(random.below(6));
  return { seconds, kind: "claimRefunds", account: anyAccount(random, market), market, most };
}

export function inventory(random: Random, state: HouseState, seconds: bigint): Action {
  const full = IDS.filter((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const market = random.pick(full.length > 0 && random.below(6) !== 0 ? full : IDS);
  return random.weighted<() => Action>([
    [3, () => ({ seconds, kind: "unwind", market })],
    [4, () => ({ seconds, kind: "tearUp", market })],
    [1, () => ({ seconds, kind: "bookLoss", market })],
  ])();
}

export function liquidateAgainst(
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
