import type { Direction } from "../../../sdk/src/forecast/touchTable.ts";
import { variancesAtStarts, WARM_UP_HOURS } from "../prices/history.ts";
import type { Hour } from "../prices/hours.ts";

/** The hours that follow the start of one: what was known then, and how far the price went. */
export interface Window {
  /** {s} */
  readonly start: bigint;
  /** {s}, when all of it is known. */
  readonly end: bigint;
  /** σ√H as the oracle router has σ at the start. */
  readonly deviation: number;
  /** Worst move to each side, ln of the ratio to the first price, at least 0. */
  readonly excursion: Readonly<Record<Direction, number>>;
}

const HOUR_SECONDS = 3_600;

/** A window from every hour on whose volatility has settled and whose last hour the file has. */
export function windowsOf(
  hours: readonly Hour[],
  run: { readonly horizonHours: number; readonly intervalSeconds: bigint },
): Window[] {
  const { horizonHours, intervalSeconds } = run;
  const variances = variancesAtStarts(hours, intervalSeconds);
  const windows: Window[] = [];
  for (let at = WARM_UP_HOURS; at + horizonHours <= hours.length; at++) {
    const within = hours.slice(at, at + horizonHours);
    const [first] = within;
    if (first === undefined) break;
    const open = Number(first.open);
    const low = Math.min(...within.map((hour) => Number(hour.low)));
    const high = Math.max(...within.map((hour) => Number(hour.high)));
    windows.push({
      start: first.start,
      end: first.start + BigInt(horizonHours * HOUR_SECONDS),
      deviation: Math.sqrt((variances[at] ?? 0) * horizonHours * HOUR_SECONDS),
      excursion: {
        fall: Math.max(Math.log(open / low), 0),
        rise: Math.max(Math.log(high / open), 0),
      },
    });
  }
  // A price that has never moved has no deviation to measure by.
  return windows.filter(({ deviation }) => deviation > 0);
}
