import { existsSync, statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { parseArgs } from "node:util";
import { formatD18, ONE, parseD18 } from "../../sdk/src/amounts.ts";
import { InputError } from "./input-error.ts";

/** `partial`: as much as restores the account. `full`: the whole position at once, as first-generation systems do. */
export const POLICIES = ["partial", "full"] as const;
export type LiquidationPolicy = (typeof POLICIES)[number];

/** Who buys what failing accounts must sell, beside pools and backstop: nobody, one keeper and a maker of signed orders, or several keepers that race, and the maker. */
export const TAKERS = ["none", "one", "many"] as const;
export type Takers = (typeof TAKERS)[number];

/** Whether a keeper trips the circuit breaker where a condition holds, or only looks at it and opens what others closed. */
export const BREAKERS = ["trip", "watch"] as const;
export type BreakerUse = (typeof BREAKERS)[number];

export interface DemoOptions {
  /** A price file, or null for the built-in crash. */
  readonly prices: string | null;
  readonly accounts: number;
  readonly seed: number;
  readonly policy: LiquidationPolicy;
  /** D18{1} Liquidity of the pools, in units of what they have by default. */
  readonly depth: bigint;
  /** {s} Chain time without any keeper, from the first moment at which an account misses its maintenance margin. */
  readonly keepersAbsentSeconds: number;
  readonly taker: Takers;
  readonly breaker: BreakerUse;
  /** Where the report goes. */
  readonly reportFile: string;
  /** Where the chart goes: beside the report. */
  readonly chartFile: string;
}

/** Each account costs a few transactions; more than this would not end in an hour. */
const MAX_ACCOUNTS = 10_000;
/** D18{1} Thinner, a pool could not even open the book; deeper, nobody would notice a difference. */
const DEPTH_BOUNDS = { min: ONE / 100n, max: 100n * ONE };
/** {s} A week. */
const MAX_ABSENCE = 604_800;
const UNIT_SECONDS = { s: 1, m: 60, h: 3_600 } as const;

export const USAGE = `Usage: npm run demo -- [options]

  --prices FILE.csv        Price bars to play: a header with unix (or timestamp),open,high,low,close.
                           Without it, the built-in crash of 12–13 March 2020.
  --accounts N             Trading accounts, 1 to ${MAX_ACCOUNTS} (default 60).
  --seed S                 Whole number that fixes the book and the noise (default 1).
  --policy partial|full    Close as much as restores an account, or all of it at once (default partial).
  --taker none|one|many    Who buys what failing accounts must sell, beside pools and backstop: nobody; the keeper, with
                           an account, an inventory limit and a budget for collateral, beside a maker of signed orders;
                           or three such keepers that race, and the maker (default one).
  --depth X                Liquidity of the pools relative to the default, from 0.01 to 100: 1 as it is, 0.05 a thin market
                           in which large positions are many times what the pool can take at once (default 1).
  --keepers-absent TIME    How long no keeper runs: chain time from the first price at which an account is below its
                           maintenance margin; seconds, or like 90s, 10m, 6h, at most 168h (default 0).
  --breaker trip|watch     Whether a keeper trips the circuit breaker where its conditions hold, which guards or halts a
                           market for some minutes, or leaves that to others (default trip).
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
    policy: choice({ flag: "policy", text: values.policy, choices: POLICIES }),
    depth: parseDepth(values.depth),
    keepersAbsentSeconds: parseAbsence(values["keepers-absent"]),
    taker: choice({ flag: "taker", text: values.taker, choices: TAKERS }),
    breaker: choice({ flag: "breaker", text: values.breaker, choices: BREAKERS }),
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
        depth: { type: "string", default: "1" },
        "keepers-absent": { type: "string", default: "0" },
        taker: { type: "string", default: "one" },
        breaker: { type: "string", default: "trip" },
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

function choice<Choice extends string>(option: {
  flag: string;
  text: string;
  choices: readonly Choice[];
}): Choice {
  const { flag, text, choices } = option;
  const chosen = choices.find((candidate) => candidate === text);
  if (chosen !== undefined) return chosen;
  const all = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  throw new InputError(`--${flag} is "${text}": choose ${all}`);
}

function parseDepth(text: string): bigint {
  const { min, max } = DEPTH_BOUNDS;
  const depth = /^\d+(\.\d{1,18})?$/.test(text) ? parseD18(text) : 0n;
  if (depth >= min && depth <= max) return depth;
  throw new InputError(
    `--depth is "${text}": give a number from ${formatD18(min)} to ${formatD18(max)}, such as 0.05`,
  );
}

/** {s} */
function parseAbsence(text: string): number {
  const [, amount, unit = "s"] = /^(\d{1,9})([smh])?$/.exec(text) ?? [];
  const known = Object.entries(UNIT_SECONDS).find(([name]) => name === unit);
  const seconds = Number(amount) * (known?.[1] ?? Number.NaN);
  if (seconds <= MAX_ABSENCE) return seconds;
  throw new InputError(
    `--keepers-absent is "${text}": give seconds, or a time like 90s, 10m or 6h, at most ${MAX_ABSENCE / 3_600}h`,
  );
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
