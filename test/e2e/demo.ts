import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Report, reportSchema } from "../../scripts/demo/report/report.ts";

const run = promisify(execFile);

/** Hours of a made-up market, one bar each: open, high, low, close. */
export type Bars = readonly (readonly [open: number, high: number, low: number, close: number])[];

const FIRST_BAR_AT = 1_700_000_000;
const HOUR_SECONDS = 3_600;

export async function writePrices({ file, bars }: { file: string; bars: Bars }): Promise<void> {
  const lines = bars.map((bar, index) => [FIRST_BAR_AT + HOUR_SECONDS * index, ...bar].join(","));
  await writeFile(file, `timestamp,open,high,low,close\n${lines.join("\n")}\n`);
}

/** Runs the demo's own command; it exits with an error when a check of the run fails. */
export async function playDemo(asked: {
  directory: string;
  name: string;
  flags: readonly string[];
}): Promise<Report> {
  const file = join(asked.directory, `${asked.name}.json`);
  await run(process.execPath, ["scripts/demo/main.ts", ...asked.flags, "--out", file]);
  return reportSchema.parse(JSON.parse(await readFile(file, "utf8")));
}
