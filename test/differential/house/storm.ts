import { ACTORS, type Action } from "../../model/action.ts";
import { exact, ONE, Rational } from "../../model/rational.ts";
import type { AccountName, MarketId } from "../../model/state.ts";
import { FUND } from "../../model/terms.ts";
import { callAt, marginOf } from "../../model/views.ts";
import { positionIn, type Seen, sizeFor } from "./choices.ts";
import { fillOf } from "./fill.ts";
import { nextAction } from "./generate.ts";
import type { Random } from "./random.ts";
import { inventory } from "./rescues.ts";
import { pressureOn } from "./traders.ts";

/** Those of whom nobody hears while one default follows upon another. */
const SLEEPERS: readonly AccountName[] = ACTORS.slice(5);
const VICTIMS: readonly AccountName[] = ACTORS.slice(0, 5);
const MARKET: MarketId = 0n;
/** Longer than the least time between two loss events. */
const PAUSE = 61n;

/** How many actions it takes until the sleepers are woken. */
export interface Course {
  readonly done: number;
  readonly all: number;
}

/** The next action of a history in which one market has one default after the other, with events piling up behind those who do nothing. */
export function stormAction(random: Random, seen: Seen, { done, all }: Course): Action {
  const sleepers = SLEEPERS.filter(
    (name) => (positionIn(seen.state, name, MARKET)?.size ?? 0n) === 0n,
  );
  const [early] = sleepers;
  if (done < all / 4 && early !== undefined) return order(random, seen, early, MARKET, 3n);
  if (done > all - 20 || random.below(8) === 0) return awake(random, seen, done > all - 20);
  if (seen.state.markets.get(MARKET)?.coverage === "Short" && random.below(2) === 0) {
    return { seconds: 0n, kind: "deposit", account: FUND, usd: 3_000n * ONE };
  }
  const lost = VICTIMS.find((name) => {
    const judged = marginOf(callAt(seen.state, seen.now), name, "Maintenance");
    return judged !== undefined && judged.equity < 0n;
  });
  if (lost !== undefined) {
    return { seconds: PAUSE, kind: "resolve", account: lost, losers: [] };
  }
  const exposed = VICTIMS.filter(
    (name) => (positionIn(seen.state, name, MARKET)?.size ?? 0n) !== 0n,
  );
  if (exposed.length > 0 && random.below(3) !== 0) {
    const health = new Rational(BigInt(-5 - random.below(150)), 100n);
    return pressureOn(random, seen, { account: random.pick(exposed), market: MARKET, health });
  }
  if (random.below(6) === 0) return inventory(random, seen.state, 1n);
  if (random.below(3) === 0) {
    const account = random.pick(VICTIMS);
    return { seconds: 1n, kind: "claimRefunds", account, market: MARKET, most: 4n };
  }
  const victim = random.pick(VICTIMS);
  const cash = seen.state.accounts.get(victim)?.cash ?? 0n;
  if (cash < 2_000n * ONE) {
    const usd = BigInt(3_000 + random.below(20_000)) * ONE;
    return { seconds: 0n, kind: "deposit", account: victim, usd };
  }
  return order(random, seen, victim, MARKET, 13n);
}

/** Any action that lets the sleepers sleep, or any at all. */
function awake(random: Random, seen: Seen, isOver: boolean): Action {
  for (let tries = 0; tries < 20; tries += 1) {
    const action = nextAction(random, seen);
    const text = JSON.stringify(action, (_, value) => (typeof value === "bigint" ? "" : value));
    const wakes = SLEEPERS.some((name) => text.includes(name));
    if (wakes === isOver) return action;
  }
  return { seconds: 1n, kind: "poke", market: MARKET };
}

/** An opening of so many times the cash. */
export function order(
  random: Random,
  { state, terms }: Seen,
  account: AccountName,
  market: MarketId,
  leverage: bigint,
): Action {
  const cash = state.accounts.get(account)?.cash ?? 0n;
  const size = sizeFor(state, terms, market, exact(cash).times(new Rational(leverage)));
  return fillOf(random, account, market, size);
}
