import type { OhlcBar, OhlcSeries } from "./ohlc.ts";
import type { PriceStep } from "./path.ts";

/** Prices one bar is walked in. */
export const STEPS_PER_BAR = 4n;

/**
 * Walks every bar open → far extreme → near extreme → close, a quarter of the bar apart. The far extreme is the one further
 * from the open, so each bar makes its worst move at once; of two equally far the low comes first.
 */
export function walkBars({
  bars,
  intervalSeconds,
}: Pick<OhlcSeries, "bars" | "intervalSeconds">): PriceStep[] {
  return bars.flatMap((bar) =>
    pricesOf(bar).map((price, index) => ({
      timestamp: bar.timestamp + (BigInt(index) * intervalSeconds) / STEPS_PER_BAR,
      price,
    })),
  );
}

function pricesOf({ open, high, low, close }: OhlcBar): readonly bigint[] {
  return high - open > open - low ? [open, high, low, close] : [open, low, high, close];
}
