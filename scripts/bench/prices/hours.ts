import { greatest, least } from "../../demo/bigint.ts";
import { type OhlcBar, type OhlcSeries, PriceFileError } from "../../demo/prices/ohlc.ts";

const HOUR = 3_600n;

/** An hour of a price file and the bars it is made of. Prices D18{USD/base}. */
export interface Hour {
  /** {s} */
  readonly start: bigint;
  readonly open: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly bars: readonly OhlcBar[];
}

/** The whole hours of a file, from its first bar on. Refuses bars that hours cannot be made of, and fewer hours than `fewest`, saying what these are for. */
export function hoursOf(
  { file, series }: { readonly file: string; readonly series: OhlcSeries },
  fewest: number,
  purpose = "",
): Hour[] {
  const { bars, intervalSeconds } = series;
  if (HOUR % intervalSeconds !== 0n) {
    const reason = `rows are ${intervalSeconds} s apart; this is measured by the hour, so give rows of an hour or of a whole part of one`;
    throw new PriceFileError({ file, line: null, reason });
  }
  const perHour = Number(HOUR / intervalSeconds);
  const hours: Hour[] = [];
  for (let at = 0; at + perHour <= bars.length; at += perHour) {
    const of = bars.slice(at, at + perHour);
    const [first] = of;
    if (first === undefined) break;
    hours.push({
      start: first.timestamp,
      open: first.open,
      low: least(of.map(({ low }) => low)),
      high: greatest(of.map(({ high }) => high)),
      bars: of,
    });
  }
  if (hours.length < fewest) {
    const reason = `has ${hours.length} whole hours; at least ${fewest} are needed${purpose}`;
    throw new PriceFileError({ file, line: null, reason });
  }
  return hours;
}
