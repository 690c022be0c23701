import { parseArgs } from "node:util";
import { InputError } from "../demo/input-error.ts";

export const USAGE = `Usage: npm run coverage -- [options]

  Runs the Solidity tests and says which lines and which outcomes of conditions of contracts/core, liquidation, solvency and libraries they reach.
  Fails when fewer than 98 % of the branches are reached.

  --jobs N         Test runners at once. Default: 2.
  --out FILE.json  Also write the figures by file, and what was not reached.
  --help           Show this.`;

export interface Options {
  readonly jobs: number;
  readonly out: string | null;
}

/** The options, or null when help was asked for. */
export function parseOptions(args: readonly string[]): Options | null {
  const values = read(args);
  if (values.help) return null;
  const jobs = Number(values.jobs);
  if (!Number.isSafeInteger(jobs) || jobs < 1) {
    throw new InputError(`--jobs is "${values.jobs}"; it takes a whole number of at least 1`);
  }
  return { jobs, out: values.out ?? null };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        jobs: { type: "string", default: "2" },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new InputError(`${cause.message}\n\n${USAGE}`, { cause });
  }
}
