import type { Action } from "../../model/action.ts";
import { type AccountName, CALLERS } from "../../model/state.ts";
import { BACKSTOP, systemAccountOf } from "../../model/terms.ts";
import { IDS, isStored, marketsOf, positionIn, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";

/** What stakers of the backstop do, and who applies its rule for it. */
export function backstop(
  random: Random,
  { state, terms, now }: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const holds = IDS.filter((id) => (positionIn(state, BACKSTOP, id)?.size ?? 0n) !== 0n);
  const inventory = IDS.filter((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const { balances, cooldowns } = state.backstop;
  const caller = random.pick(CALLERS);
  const held = balances.get(caller) ?? 0n;
  const cooldown = cooldowns.get(caller);
  const cooled = cooldown?.shares ?? 0n;
  const opensAt = (cooldown?.startedAt ?? now) + terms.backstop.cooldown;
  const pause = opensAt > now && random.below(3) !== 0 ? opensAt - now : seconds;
  const of = random.weighted<() => Action>([
    [state.backstop.supply === 0n ? 6 : 0.7, () => stake(random, seconds)],
    [
      held === 0n ? 0.1 : 0.5,
      () => ({ seconds, kind: "requestCooldown", caller, shares: part(random, held) }),
    ],
    [
      cooled === 0n ? 0.1 : 0.6,
      () => ({ seconds: pause, kind: "redeemStake", caller, shares: part(random, cooled) }),
    ],
    [0.4, () => ({ seconds, kind: "checkpoint" })],
    [
      3,
      () => {
        const account = random.pick(ill);
        const market = random.pick(marketsOf(state, account));
        return { seconds: seconds + 20n, kind: "takeByBackstop", account, market };
      },
    ],
    [
      inventory.length > 0 ? 3 : 0,
      () => {
        const market = random.pick(inventory);
        return {
          seconds,
          kind: "takeByBackstop",
          account: systemAccountOf(market, "resolution"),
          market,
        };
      },
    ],
    [
      holds.length > 0 ? 3 : 0.1,
      () => ({
        seconds: seconds + 30n,
        kind: "unwindByBackstop",
        market: random.pick(holds.length > 0 ? holds : IDS),
      }),
    ],
  ]);
  return of();
}

/** What those do who stand in for the protocol's own junior money. */
export function reserve(random: Random, { state, terms, now }: Seen, seconds: bigint): Action {
  const { balances, cooldowns, supply } = state.reserve;
  const holders = CALLERS.filter((each) => (balances.get(each) ?? 0n) !== 0n);
  const caller = random.pick(holders.length > 0 ? holders : CALLERS);
  const held = balances.get(caller) ?? 0n;
  const cooldown = cooldowns.get(caller);
  const cooled = cooldown?.shares ?? 0n;
  const opensAt = (cooldown?.startedAt ?? now) + terms.backstop.cooldown;
  const pause = opensAt > now && random.below(3) !== 0 ? opensAt - now : seconds;
  return random.weighted<() => Action>([
    [
      supply === 0n ? 6 : 1,
      () => {
        const amount = BigInt(random.below(12) === 0 ? 0 : 1_000_000 * random.below(40_000));
        return {
          seconds,
          kind: "fundReserve",
          amount,
          caller: random.below(8) === 0 ? random.pick(CALLERS) : terms.reserveDepositor,
        };
      },
    ],
    [
      held === 0n ? 0.2 : 1,
      () => ({ seconds, kind: "coolReserve", caller, shares: part(random, held) }),
    ],
    [
      cooled === 0n ? 0.2 : 1.5,
      () => ({ seconds: pause, kind: "redeemReserve", caller, shares: part(random, cooled) }),
    ],
  ])();
}

function part(random: Random, amount: bigint): bigint {
  return (amount * BigInt(1 + random.below(102))) / 100n;
}

function stake(random: Random, seconds: bigint): Action {
  const amount = BigInt(random.below(12) === 0 ? 0 : 1_000_000 * random.below(300_000));
  return { seconds, kind: "stake", amount, caller: random.pick(CALLERS) };
}
