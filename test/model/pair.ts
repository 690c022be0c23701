import { accountOf, type Call, found, marketsOf } from "./call.ts";
import { requireCurrent } from "./marketEvents.ts";
import { observe } from "./oracle.ts";
import type { AccountName, MarketId } from "./state.ts";
import { gather, union, type Work } from "./work.ts";

/** Opens two accounts that are about to fill against each other in some markets. All events first; a market that both are in has one book. */
export function openPair(
  call: Call,
  first: AccountName,
  second: AccountName,
  filled: readonly MarketId[],
): readonly [Work, Work] {
  const ofFirst = union(marketsOf(accountOf(call, first)), filled);
  const ofSecond = union(marketsOf(accountOf(call, second)), filled);
  const all = union(ofFirst, ofSecond);
  const prices = new Map(all.map((id) => [id, observe(call, id, "Latest")]));
  for (const name of [first, second]) {
    for (const id of all) requireCurrent(call, name, id, found(prices.get(id), "price").bucket);
  }
  const books = new Map();
  return [
    gather(call, first, ofFirst, prices, books),
    gather(call, second, ofSecond, prices, books),
  ];
}
