import { ACTORS, type Action } from "../../model/action.ts";
import { ONE } from "../../model/rational.ts";
import type { AccountName, MarketId } from "../../model/state.ts";
import { FUND } from "../../model/terms.ts";
import { dollars, feedPrice, positionIn, priceOf, type Seen } from "./choices.ts";
import { nextAction } from "./generate.ts";
import type { Random } from "./random.ts";
import { order } from "./storm.ts";
import { jump, settleOwn } from "./traders.ts";

/** In two markets at once, of which the second's feed jumps now and then. */
const TRADERS: readonly AccountName[] = ACTORS.slice(0, 4);
const STEADY: MarketId = 0n;
const JUMPY: MarketId = 1n;

/** The next action of a history in which accounts lose more than their cash while one of their markets has no price. */
export function outageAction(random: Random, seen: Seen): Action {
  const { state } = seen;
  const name = random.pick(TRADERS);
  const account = state.accounts.get(name);
  const missing = [STEADY, JUMPY].find((id) => (positionIn(state, name, id)?.size ?? 0n) === 0n);
  const isPoor = (account?.cash ?? 0n) < 1_000n * ONE;
  if ([STEADY, JUMPY].some((id) => state.markets.get(id)?.coverage === "Short")) {
    return { seconds: 1n, kind: "deposit", account: FUND, usd: dollars(random, 9_000) };
  }
  const of = random.weighted<() => Action>([
    [
      missing === undefined || isPoor ? 0 : 6,
      () => order(random, seen, name, missing ?? STEADY, 7n),
    ],
    [
      isPoor ? 2 : 0.3,
      () => ({ seconds: 1n, kind: "deposit", account: name, usd: dollars(random, 8_000) }),
    ],
    [4, () => shift(random, seen, STEADY, 9)],
    [2, () => shift(random, seen, JUMPY, 6)],
    [1.5, () => jump(random, state, 30n)],
    [2, () => ({ seconds: 1n, kind: "poke", market: JUMPY })],
    [5, () => settleOwn(random, [name], 1n)],
    [1, () => nextAction(random, seen)],
  ]);
  return of();
}

function shift(random: Random, { state }: Seen, market: MarketId, most: number): Action {
  const percent = BigInt(100 - most + random.below(2 * most + 1));
  const price = feedPrice((priceOf(state, market) * percent) / 100n);
  return { seconds: 20n, kind: "publish", market, price };
}
