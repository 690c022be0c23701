import { ACTORS, type Action, KEEPER } from "../../model/action.ts";
import { found } from "../../model/call.ts";
import { ONE } from "../../model/rational.ts";
import type { MarketId } from "../../model/state.ts";
import { dollars, feedPrice, priceOf, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";
import { callerOf } from "./takers.ts";
import { trade } from "./traders.ts";

/** {s}, within which most orders expire. */
const LIFE = 4_000;

/** What traders commit, and keepers do with it. */
export function queue(random: Random, seen: Seen, seconds: bigint): Action {
  const { state, now } = seen;
  const waiting = [...state.orders.waiting];
  const expired = waiting.filter(([, { expiry }]) => expiry < now);
  const anyNumber = () => (random.below(15) === 0 ? 9_999n : random.pick(waiting)[0]);
  const keeper = random.below(6) === 0 ? random.pick(ACTORS) : KEEPER;
  return random.weighted<() => Action>([
    [waiting.length < 4 ? 4 : 1, () => place(random, seen, seconds)],
    [
      waiting.length > 0 ? 5 : 0,
      () => ({
        seconds: BigInt(random.below(90)),
        kind: "executeOrder",
        number: anyNumber(),
        keeper,
      }),
    ],
    [
      waiting.length > 0 ? 3 : 0,
      () => {
        const numbers = Array.from({ length: 1 + random.below(4) }, anyNumber);
        return { seconds: BigInt(random.below(90)), kind: "executeOrders", numbers, keeper };
      },
    ],
    [
      waiting.length > 0 ? 1.5 : 0.1,
      () => {
        const number = waiting.length > 0 ? anyNumber() : 1n;
        const soon = BigInt(random.below(80));
        return { seconds: soon, kind: "cancelOrder", number, caller: callerOf(random) };
      },
    ],
    [
      expired.length > 0 ? 3 : 0.1,
      () => {
        const numbers = expired.map(([number]) => number).slice(0, 3);
        return { seconds, kind: "removeExpired", numbers: numbers.length > 0 ? numbers : [1n] };
      },
    ],
    [waiting.length > 0 ? 2 : 0, () => answer(random, seen, random.pick(waiting)[1].market)],
  ])();
}

/** The price that an order waits for. */
function answer(random: Random, { state }: Seen, market: MarketId): Action {
  const permille = BigInt(970 + random.below(61));
  const price = feedPrice((priceOf(state, market) * permille) / 1_000n);
  return { seconds: BigInt(1 + random.below(30)), kind: "publish", market, price };
}

function place(random: Random, seen: Seen, seconds: bigint): Action {
  const like = trade(random, seen, seconds);
  if (like.kind !== "trade") return like;
  const { account, market, sizeDelta, limitPrice, reduceOnly } = like;
  const trigger = random.weighted([
    [5, "None"],
    [2, "Stop"],
    [1, "TakeProfit"],
  ] as const);
  const index = priceOf(seen.state, market);
  const percent = BigInt(96 + random.below(9));
  const isOdd = random.below(25) === 0;
  const { minKeeperFeeUsd } = found(seen.terms.orders.get(market), "terms of orders");
  const fee = minKeeperFeeUsd + dollars(random, 4);
  return {
    seconds,
    kind: "commitOrder",
    order: {
      account,
      market,
      sizeDelta,
      limitPrice: limitPrice > index * 2n ? index * 2n : limitPrice,
      reduceOnly,
      trigger,
      triggerPrice: trigger === "None" || isOdd ? 0n : (index * percent) / 100n,
      keeperFeeUsd: random.below(25) === 0 ? random.pick([0n, 101n * ONE]) : fee,
      expiry: random.below(25) === 0 ? seen.now : seen.now + seconds + BigInt(random.below(LIFE)),
    },
    caller: callerOf(random),
  };
}
