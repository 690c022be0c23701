import { existsSync, statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "./input-error.ts";

/** `partial`: as much as restores the account. `full`: the whole position at once, as first-generation systems do. */
export const POLICIES = ["partial", "full"] as const;
export type LiquidationPolicy = (typeof POLICIES)[number];

export interface DemoOptions {
  /** A price file, or null for the built-in crash. */
  readonly prices: string | null;
  readonly accounts: number;
  readonly seed: number;
  readonly policy: LiquidationPolicy;
  /** Where the report goes. */
  readonly reportFile: string;
  /** Where the chart goes: beside the report. */
  readonly chartFile: string;
}

/** Each account costs a few transactions; more than this would not end in an hour. */
const MAX_ACCOUNTS = 10_000;

export const USAGE = `Usage: npm run demo -- [options]

  --prices FILE.csv        Price bars to play: a header with unix (or timestamp),open,high,low,close.
                           Without it, the built-in crash of 12–13 March 2020.
  --accounts N             Trading accounts, 1 to ${MAX_ACCOUNTS} (default 60).
  --seed S                 Whole number that fixes the book and the noise (default 1).
  --policy partial|full    Close as much as restores an account, or all of it at once (default partial).
  --out FILE.json          Report to write; the chart goes beside it (default out/demo/report.json).
  --help                   Show this.`;

/** The options of one run, or null when help was asked for. */
export function parseOptions(args: readonly string[]): DemoOptions | null {
  const values = parseFlags(args);
  if (values.help === true) return null;
  return {
    prices: values.prices === undefined ? null : nonEmpty({ flag: "prices", text: values.prices }),
    accounts: wholeNumber({ flag: "accounts", text: values.accounts, min: 1, max: MAX_ACCOUNTS }),
    seed: wholeNumber({ flag: "seed", text: values.seed, min: 0, max: Number.MAX_SAFE_INTEGER }),
    policy: parsePolicy(values.policy),
    ...outputFiles(nonEmpty({ flag: "out", text: values.out })),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        prices: { type: "string" },
        accounts: { type: "string", default: "60" },
        seed: { type: "string", default: "1" },
        policy: { type: "string", default: "partial" },
        out: { type: "string", default: "out/demo/report.json" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new InputError(`${cause.message}\n\n${USAGE}`, { cause });
  }
}

function nonEmpty({ flag, text }: { flag: string; text: string }): string {
  if (text.trim() === "") throw new InputError(`--${flag} is empty: give a file name`);
  return text;
}

function wholeNumber(option: { flag: string; text: string; min: number; max: number }): number {
  const { flag, text, min, max } = option;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InputError(`--${flag} is "${text}": give a whole number from ${min} to ${max}`);
}

function parsePolicy(text: string): LiquidationPolicy {
  const policy = POLICIES.find((candidate) => candidate === text);
  if (policy === undefined)
    throw new InputError(`--policy is "${text}": choose ${POLICIES.join(" or ")}`);
  return policy;
}

/** Found out now rather than after a whole run: whether the files have a place to go. */
function outputFiles(file: string): { reportFile: string; chartFile: string } {
  const chartFile = `${file.slice(0, file.length - extname(file).length)}.html`;
  if (chartFile === file) {
    throw new InputError(`--out is "${file}", the name the chart gets: end it in .json`);
  }
  if (isFolder(file)) throw new InputError(`--out is "${file}", a folder: give a file name`);
  const blocked = [...parents(file)].find((path) => existsSync(path) && !isFolder(path));
  if (blocked !== undefined) {
    throw new InputError(`--out is "${file}", but ${blocked} is a file, not a folder`);
  }
  return { reportFile: file, chartFile };
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
