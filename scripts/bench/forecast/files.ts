import { type OhlcSeries, PriceFileError } from "../../demo/prices/ohlc.ts";
import { WARM_UP_HOURS } from "../prices/history.ts";
import { hoursOf } from "../prices/hours.ts";
import { fewestHours } from "./study.ts";
import { type Window, windowsOf } from "./windows.ts";

interface PriceFile {
  readonly file: string;
  readonly series: OhlcSeries;
}

/** The windows of a price file. Refuses one that is too short to judge anything by, or whose price stands still. */
export function windowsOfFile({ file, series }: PriceFile, horizonHours: number): Window[] {
  const purpose = `: ${WARM_UP_HOURS} in which volatility settles, and four windows of ${horizonHours}`;
  const hours = hoursOf({ file, series }, fewestHours(horizonHours), purpose);
  const windows = windowsOf(hours, { horizonHours, intervalSeconds: series.intervalSeconds });
  if (windows.length > 0) return windows;
  const reason = "its price never moves, so there is no volatility to forecast by";
  throw new PriceFileError({ file, line: null, reason });
}

/** Windows of other files, which become known when they end. Refuses a file of which nothing is known in time. */
export function trainingWindowsOf(
  others: readonly PriceFile[],
  judged: {
    readonly windows: readonly Window[];
    readonly horizonHours: number;
    readonly prices: string;
  },
): Window[] {
  const lastStart = judged.windows.at(-1)?.start ?? 0n;
  return others.flatMap((other) => {
    const windows = windowsOfFile(other, judged.horizonHours);
    if (windows.some(({ end }) => end <= lastStart)) return windows;
    const reason = `its first window ends after the last forecast for ${judged.prices} is made; what comes later cannot be learnt from`;
    throw new PriceFileError({ file: other.file, line: null, reason });
  });
}
