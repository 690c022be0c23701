import { ONE } from "../../../sdk/src/amounts.ts";
import {
  type HistoryTerms,
  observeRound,
  type PriceHistory,
} from "../../../sdk/src/math/priceHistory.ts";
import { combined } from "../../../sdk/src/math/volatilityMath.ts";
import { walkBars } from "../../demo/prices/walk.ts";
import type { Hour } from "./hours.ts";

/** As the oracle router judges a feed that publishes every step of the file, a quarter of an hour apart or less. */
export const HISTORY_TERMS: HistoryTerms = {
  maxAge: 3_600n,
  jumpBand: (15n * ONE) / 100n,
  bucketLength: 600n,
};

/** Hours at the start that are not judged: the averages begin with nothing. */
export const WARM_UP_HOURS = 24;

/** Variance per second as the oracle router has it at the start of each hour, {1/s}. */
export function variancesAtStarts(hours: readonly Hour[], intervalSeconds: bigint): number[] {
  let history: PriceHistory | null = null;
  let roundId = 0n;
  return hours.map(({ bars }) => {
    const variance = history === null ? 0 : Number(combined(history)) / Number(ONE);
    for (const { price, timestamp } of walkBars({ bars, intervalSeconds })) {
      roundId += 1n;
      const round = { roundId, price, publishedAt: timestamp };
      history = observeRound(history, round, HISTORY_TERMS, timestamp)?.history ?? history;
    }
    return variance;
  });
}
