import { existsSync, globSync } from "node:fs";
import { InputError } from "../demo/input-error.ts";
import { countOf, readOptions } from "../options.ts";

export const USAGE = `Usage: npm run mutate -- [options]

  Changes the contracts in one place at a time and says which changes no test notices.

  --only PATH      Only files whose path starts with this. Default: contracts/libraries, contracts/core and contracts/solvency.
  --sample N       About N mutants, drawn at random: of each folder its share, and at least 40. Default: all.
  --seed S         Seed of the drawing. Default: 1.
  --budget MIN     No mutant is begun after this many minutes.
  --suites GLOB    Only these tests judge, and only what they deploy is compiled. Default: test/**/*.sol.
  --depth S        A mutant survives when suites that take S seconds together do not notice. Default: all suites that reach it.
  --jobs N         Test runners at once. Default: 2.
  --out FILE.json  Also write scores, survivors and what was left out.
  --help           Show this.`;

export const FOLDERS = ["contracts/libraries/", "contracts/core/", "contracts/solvency/"];

export interface Options {
  readonly prefixes: readonly string[];
  /** Files of tests. */
  readonly suites: string;
  readonly sample: number;
  readonly seed: number;
  /** {minutes} */
  readonly budget: number;
  /** {s} */
  readonly depth: number;
  readonly jobs: number;
  readonly out: string | null;
}

/** The options, or null when help was asked for. */
export function parseOptions(args: readonly string[]): Options | null {
  const values = readOptions(args, USAGE, {
    only: { type: "string" },
    suites: { type: "string", default: "test/**/*.sol" },
    sample: { type: "string" },
    seed: { type: "string" },
    budget: { type: "string" },
    depth: { type: "string" },
    jobs: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) return null;
  const { only, out } = values;
  if (only !== undefined && !existsSync(only)) {
    throw new InputError(`--only is "${only}", and there is no such file or folder`);
  }
  return {
    prefixes: only === undefined ? FOLDERS : [only.replace(/^\.\//, "")],
    suites: suitesOf(values.suites),
    sample: count("sample", values.sample, Number.POSITIVE_INFINITY),
    seed: count("seed", values.seed, 1),
    budget: count("budget", values.budget, Number.POSITIVE_INFINITY),
    depth: count("depth", values.depth, Number.POSITIVE_INFINITY),
    jobs: count("jobs", values.jobs, 2),
    out: out ?? null,
  };
}

function suitesOf(glob: string): string {
  if (globSync(glob).length > 0) return glob;
  throw new InputError(`--suites is "${glob}", and no file is called so`);
}

function count(option: string, text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : countOf(option, text);
}
