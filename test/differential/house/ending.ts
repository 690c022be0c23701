import { ACTORS, type Action } from "../../model/action.ts";
import type { HouseState, MarketId } from "../../model/state.ts";
import { callAt } from "../../model/views.ts";
import { dueOf } from "../../model/windDown.ts";
import { feedPrice, IDS, isStored, priceOf, type Seen } from "./choices.ts";
import { nextAction } from "./generate.ts";
import type { Random } from "./random.ts";
import { claimRefunds, patientsOf, resolve, touch } from "./rescues.ts";
import type { Course } from "./storm.ts";
import { pressure, settleOwn, withdraw } from "./traders.ts";

/** {s}, longer than any feed of the test may be silent. */
const SILENCE = 90_000n;

/** The next action of a history in which a market or two come to their end, and what is left in them is settled. */
export function endingAction(random: Random, seen: Seen, { done, all }: Course): Action {
  const { state } = seen;
  const running = IDS.filter((id) => state.markets.get(id)?.ended === null);
  const isLate = done > (all * 3) / 4;
  const wanted = isLate ? 1 : 2;
  if (done < all / 3 || random.below(5) < 2) return nextAction(random, seen);
  if (running.length <= wanted) return settleEnded(random, seen);
  const coming = running.filter((id) => isComing(state, id));
  return coming.length > 0 && random.below(8) !== 0
    ? bringOn(random, seen, random.pick(coming))
    : announce(random, state, random.pick(running));
}

function isComing({ markets }: HouseState, id: MarketId): boolean {
  const market = markets.get(id);
  return market !== undefined && (market.announced !== null || market.outageAt !== 0n);
}

/** A notice, or an outage that is noted; now and then what is not possible. */
function announce(random: Random, state: HouseState, market: MarketId): Action {
  const percent = BigInt(88 + random.below(25));
  const price = feedPrice((priceOf(state, market) * percent) / 100n);
  return random.weighted<() => Action>([
    [4, () => ({ seconds: 5n, kind: "announceWindDown", market, price })],
    [3, () => ({ seconds: SILENCE, kind: "noteOutage", market })],
    [1, () => ({ seconds: 1n, kind: "noteOutage", market: random.pick(IDS) })],
    [1, () => ({ seconds: 1n, kind: "cancelWindDown", market })],
    [0.5, () => ({ seconds: 1n, kind: "windDown", market })],
  ])();
}

/** Until the end may come; then, in a market that lives, a last price. */
function bringOn(random: Random, seen: Seen, market: MarketId): Action {
  const { state, now } = seen;
  const { allowedAt } = dueOf(callAt(state, now), market);
  const left = allowedAt - now;
  const isDue = allowedAt !== 0n && left <= 0n;
  const last = state.markets.get(market)?.announced?.noticeEndsAt ?? 0n;
  const wait = left > 0n ? left : last > now ? last - now : SILENCE;
  const percent = BigInt(85 + random.below(31));
  const price = feedPrice((priceOf(state, market) * percent) / 100n);
  return random.weighted<() => Action>([
    [isDue ? 8 : 1, () => ({ seconds: isDue ? 1n : 60n, kind: "windDown", market })],
    [isDue ? 0 : 4, () => ({ seconds: wait, kind: "windDown", market })],
    [isDue ? 0.3 : 3, () => ({ seconds: wait, kind: "publish", market, price })],
    [isDue ? 1 : 0.3, () => ({ seconds: 1n, kind: "publish", market, price })],
    [1, () => ({ seconds: 1n, kind: "poke", market })],
    [1, () => announce(random, state, market)],
    [0.5, () => ({ seconds: 1n, kind: "cancelWindDown", market })],
    [1, () => pressure(random, seen, 1n)],
  ])();
}

/** What everybody does who has something in a market that has ended. */
function settleEnded(random: Random, seen: Seen): Action {
  const { state, now } = seen;
  const { bankrupt } = patientsOf(seen);
  const ended = IDS.filter((id) => state.markets.get(id)?.ended !== null);
  const market = random.pick(ended.length > 0 ? ended : IDS);
  const inside = ACTORS.filter((name) => isStored(state, name, market));
  const paysFrom = (state.markets.get(market)?.ended?.at ?? now) + 86_400n;
  const isPaused = paysFrom > now;
  const accounts = inside.length > 0 ? inside : ACTORS;
  return random.weighted<() => Action>([
    [
      bankrupt.length > 0 ? 6 : 0.3,
      () => resolve(random, bankrupt.length > 0 ? bankrupt : ACTORS, 1n),
    ],
    [4, () => settleOwn(random, accounts, 1n)],
    [1, () => ({ seconds: 1n, kind: "settle", accounts: ACTORS, caller: "anybody" })],
    [
      isPaused ? 1 : 0.2,
      () => ({ seconds: isPaused ? paysFrom - now : 90_000n, kind: "bookLoss", market }),
    ],
    [1.5, () => ({ seconds: 61n, kind: "bookLoss", market })],
    [1, () => touch(random, 1n)],
    [1, () => claimRefunds(random, 1n)],
    [1, () => withdraw(random, state, 1n)],
    [1, () => ({ seconds: 1n, kind: "mark", accounts })],
    [0.5, () => announce(random, state, market)],
    [
      0.5,
      () => ({
        seconds: 1n,
        kind: "setMode",
        market,
        mode: random.pick(["Open", "Halted"] as const),
      }),
    ],
    [1, () => pressure(random, seen, 1n)],
  ])();
}
