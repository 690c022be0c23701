import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../demo/input-error.ts";
import { readOptions } from "../options.ts";

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
  const { prices, out } = values;
  if (typeof prices !== "string" || prices.trim() === "") {
    throw new InputError(`--prices is missing: give a CSV file of prices\n\n${MARGIN_USAGE}`);
  }
  return { prices, out: typeof out === "string" ? outputFile(out) : null };
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
