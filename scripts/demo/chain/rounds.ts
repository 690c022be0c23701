// A feed publishes when the price has moved, not when a bar ends: what lies between two prices of a path is published on the way.

import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { divideUp, greatest, least } from "../bigint.ts";
import { expD18, lnD18 } from "../logarithm.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { toFeedPrecision } from "../prices/rounding.ts";
import type { Prices } from "./feeds.ts";

export interface Round {
  /** {s} */
  readonly timestamp: bigint;
  readonly prices: Prices;
}

/** D18{1} Largest move (of the logarithm) from one round to the next: a feed that publishes every half per cent, four times too late. */
const LARGEST_MOVE = (2n * ONE) / 100n;

/** The rounds after `from` up to and with `to`: evenly spaced, moves of equal ratio. No two are at the same second. */
export function roundsBetween({ from, to }: { from: Round; to: Round }): Round[] {
  const moves = {
    main: lnD18(to.prices.main) - lnD18(from.prices.main),
    second: lnD18(to.prices.second) - lnD18(from.prices.second),
  };
  const largest = greatest(MARKET_SLOTS.map((slot) => magnitude(moves[slot])));
  const seconds = greatest([to.timestamp - from.timestamp, 1n]);
  const count = least([greatest([divideUp(largest, LARGEST_MOVE), 1n]), seconds]);
  const price = (slot: MarketSlot, part: bigint) =>
    toFeedPrecision((from.prices[slot] * expD18((moves[slot] * part) / count)) / ONE);
  return Array.from({ length: Number(count) }, (_, index) => {
    const part = BigInt(index + 1);
    if (part === count) return to;
    return {
      timestamp: from.timestamp + (seconds * part) / count,
      prices: { main: price("main", part), second: price("second", part) },
    };
  });
}
