import { type Action, KEEPER } from "../../model/action.ts";
import type { AccountName, MarketId } from "../../model/state.ts";
import { LARGEST } from "./choices.ts";
import type { Random } from "./random.ts";

/** A fill of that size, to either side and at any price, a second later. */
export function fillOf(
  random: Random,
  account: AccountName,
  market: MarketId,
  size: bigint,
): Action {
  const isBuy = random.below(2) === 0;
  return {
    seconds: 1n,
    kind: "trade",
    account,
    market,
    sizeDelta: isBuy ? size : -size,
    limitPrice: isBuy ? LARGEST : 0n,
    spread: 0n,
    reduceOnly: false,
    keeper: KEEPER,
    keeperFeeUsd: 0n,
    caller: "venue",
  };
}
