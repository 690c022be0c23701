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
/** {s}, for so long at most an order waits for a price of its own. */
const ORDER_WAIT = 60n;

/** What traders commit, and keepers do with it. */
export function queue(random: Random, seen: Seen, seconds: bigint): Action {
  const { state, now } = seen;
  const waiting = [...state.orders.waiting];
  const expired = waiting.filter(([, { expiry }]) => expiry < now);
  const waitOf = (number: bigint): bigint => {
    const order = state.orders.waiting.get(number);
    const least = order === undefined ? now : order.committedAt + ORDER_WAIT;
    return random.below(3) === 0 || least <= now ? BigInt(random.below(90)) : least - now;
  };
  const anyNumber = () => (random.below(15) === 0 ? 9_999n : random.pick(waiting)[0]);
  const keeper = random.below(6) === 0 ? random.pick(ACTORS) : KEEPER;
  return random.weighted<() => Action>([
    [waiting.length < 4 ? 4 : 1, () => place(random, seen, seconds)],
    [
      waiting.length > 0 ? 5 : 0,
      () => {
        const number = anyNumber();
        return { seconds: waitOf(number), kind: "executeOrder", number, keeper };
      },
    ],
    [
      waiting.length > 0 ? 3 : 0,
      () => {
        const numbers = Array.from({ length: 1 + random.below(4) }, anyNumber);
        const wait = waitOf(numbers[0] ?? 1n);
        return { seconds: wait, kind: "executeOrders", numbers, keeper };
      },
    ],
    [
      waiting.length > 0 ? 1.5 : 0.1,
      () => {
        const number = waiting.length > 0 ? anyNumber() : 1n;
        const soon = BigInt(random.below(random.below(2) === 0 ? 20 : 120));
        return { seconds: soon, kind: "cancelOrder", number, caller: callerOf(random) };
      },
    ],
    [
      expired.length > 0 ? 3 : 0.1,
      () => {
        const some = random.below(5) === 0 ? waiting : expired;
        const numbers = some.map(([number]) => number).slice(0, 3);
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
