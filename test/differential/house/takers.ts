import { ACTORS, type Action } from "../../model/action.ts";
import { ONE, size } from "../../model/rational.ts";
import type { AccountName, Caller, HouseState, MarketId } from "../../model/state.ts";
import { systemAccountOf } from "../../model/terms.ts";
import { dollars, IDS, isStored, LARGEST, positionIn, priceOf, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";
import { item } from "./rescues.ts";

/** Half of the time without a limit, else what now and then is too much. */
export function limitFor(
  random: Random,
  state: HouseState,
  market: MarketId,
  held: bigint,
): bigint {
  if (random.below(2) === 0) return held > 0n ? LARGEST : 0n;
  const permille = held > 0n ? 1_001 - random.below(6) : 999 + random.below(6);
  return (priceOf(state, market) * BigInt(permille)) / 1_000n;
}

export function versionOf(random: Random, { state }: Seen, account: AccountName): bigint {
  const version = state.accounts.get(account)?.version ?? 0n;
  return random.weighted([
    [3, 0n],
    [2, version],
    [0.3, version + 1n],
  ]);
}

/** Mostly somebody who can afford it. */
export function takerOf(random: Random, { state }: Seen): AccountName {
  const richest = [...ACTORS].sort((a, b) =>
    (state.accounts.get(b)?.cash ?? 0n) > (state.accounts.get(a)?.cash ?? 0n) ? 1 : -1,
  );
  return random.pick(random.below(3) === 0 ? ACTORS : richest.slice(0, 3));
}

export function maxSizeOf(random: Random, seen: Seen, market: MarketId, held: bigint): bigint {
  const lot = seen.terms.markets.get(market)?.market.lotSize ?? ONE;
  const part = (size(held) * BigInt(1 + random.below(100))) / 100n;
  return random.weighted([
    [4, LARGEST],
    [4, part],
    [0.3, lot / 2n],
  ]);
}

/** Mostly the owner, now and then one who may need a power. */
export function callerOf(random: Random): Caller {
  return random.weighted([
    [12, "owner"],
    [1, "venue"],
    [0.3, "anybody"],
  ]);
}

export function takeOver(
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
    caller: callerOf(random),
  };
}

export function takeInventory(random: Random, seen: Seen, seconds: bigint): Action {
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
    caller: callerOf(random),
  };
}

export function takeOverWhole(
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
    caller: callerOf(random),
  };
}
