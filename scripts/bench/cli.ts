import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../demo/input-error.ts";
import { countOf, readOptions } from "../options.ts";

/** Long enough for margins that ramp to follow, short enough for volatility to say something. */
const DEFAULT_HORIZON_HOURS = 6;

export const BENCH_USAGE = `Usage: npm run bench:gas [-- options]

  Measures the gas of whole transactions on an in-process network and prints it beside aims and other protocols.

  --out FILE.json   Also write the figures: names in camel case, whole numbers of gas.
  --help            Show this.`;

export const CHECK_USAGE = `Usage: npm run gas:check [-- options]

  Measures and compares with test/gas/snapshot.json; fails when an operation takes more than 0.5 % above it.

  --update   Take the measured figures as the new snapshot.
  --help     Show this.`;

export const FLATNESS_USAGE = `Usage: npm run bench:flatness

  Measures what must not depend on how many accounts have positions, at 10, 1,000 and 10,000 of them, and fails where it does. Takes minutes.

  --help     Show this.`;

export const MARGIN_USAGE = `Usage: npm run bench:margin -- --prices FILE.csv [options]

  Maintenance margin that follows volatility against one that stands still at the same mean, over the hours of a price file.

  --prices FILE.csv   Columns unix (or timestamp), open, high, low, close; rows of an hour, or of a whole part of one.
  --out FILE.json     Also write the figures.
  --help              Show this.`;

export const FORECAST_USAGE = `Usage: npm run bench:forecast -- --prices FILE.csv [options]

  How well it can be told which distances a price goes: a table of excursions in units of volatility, a random walk, and how often
  each distance was reached so far. Every forecast is made from windows that have ended by then.

  --prices FILE.csv   Columns unix (or timestamp), open, high, low, close; rows of an hour, or of a whole part of one.
  --horizon HOURS     How far ahead; ${DEFAULT_HORIZON_HOURS} without it.
  --train FILE.csv    Learn from this file too, as far as its windows have ended. May be given more than once.
  --out FILE.json     Also write the figures, and the table as keepers read it.
  --help              Show this.`;

/** Whether a command without options was asked for its usage; refuses everything else. */
export function wantsHelp(args: readonly string[], usage: string): boolean {
  return readOptions(args, usage, { help: { type: "boolean", short: "h" } }).help === true;
}

/** Options of the bench, or null when help was asked for. */
export function parseBenchOptions(args: readonly string[]): { readonly out: string | null } | null {
  const values = readOptions(args, BENCH_USAGE, {
    out: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return null;
  return { out: values.out === undefined ? null : outputFile(values.out) };
}

/** Options of the margin bench, or null when help was asked for. */
export function parseMarginOptions(
  args: readonly string[],
): { readonly prices: string; readonly out: string | null } | null {
  const values = readOptions(args, MARGIN_USAGE, {
    prices: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return null;
  const { out } = values;
  const prices = pricesOf(values.prices, MARGIN_USAGE);
  return { prices, out: typeof out === "string" ? outputFile(out) : null };
}

/** Options of the forecast bench, or null when help was asked for. */
export function parseForecastOptions(args: readonly string[]): {
  readonly prices: string;
  readonly train: readonly string[];
  readonly horizonHours: number;
  readonly out: string | null;
} | null {
  const values = readOptions(args, FORECAST_USAGE, {
    prices: { type: "string" },
    train: { type: "string", multiple: true },
    horizon: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return null;
  const { train = [], horizon, out } = values;
  const prices = pricesOf(values.prices, FORECAST_USAGE);
  if (train.includes(prices)) {
    throw new InputError(`--train is "${prices}", the file that is forecast: leave it away`);
  }
  return {
    ...{ prices, train },
    horizonHours: horizon === undefined ? DEFAULT_HORIZON_HOURS : countOf("horizon", horizon),
    out: out === undefined ? null : outputFile(out),
  };
}

function pricesOf(prices: string | undefined, usage: string): string {
  if (prices !== undefined && prices.trim() !== "") return prices;
  throw new InputError(`--prices is missing: give a CSV file of prices\n\n${usage}`);
}

/** Options of the check, or null when help was asked for. */
export function parseCheckOptions(args: readonly string[]): { readonly update: boolean } | null {
  const values = readOptions(args, CHECK_USAGE, {
    update: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  });
  return values.help === true ? null : { update: values.update === true };
}

/** Found out before the measuring: whether the file has a place to go. */
function outputFile(file: string): string {
  if (file.trim() === "") throw new InputError("--out is empty: give a file name");
  if (isFolder(file)) throw new InputError(`--out is "${file}", a folder: give a file name`);
  const blocked = [...parents(file)].find((path) => existsSync(path) && !isFolder(path));
  if (blocked !== undefined) {
    throw new InputError(`--out is "${file}", but ${blocked} is a file, not a folder`);
  }
  return file;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Every folder above a file, innermost first. */
function* parents(file: string): Generator<string> {
  for (let path = dirname(file); ; path = dirname(path)) {
    yield path;
    if (path === dirname(path)) return;
  }
}
