import { countOf, readOptions } from "../options.ts";

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
  const values = readOptions(args, USAGE, {
    jobs: { type: "string", default: "2" },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) return null;
  return { jobs: countOf("jobs", values.jobs), out: values.out ?? null };
}
