import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readOhlcFile } from "../demo/prices/ohlc.ts";
import { MARGIN_USAGE, parseMarginOptions } from "./cli.ts";
import { main } from "./main.ts";
import { marginReport } from "./margin/report.ts";
import { FEWEST_HOURS, studyMargins } from "./margin/study.ts";
import { hoursOf } from "./prices/hours.ts";

await main(async () => {
  const options = parseMarginOptions(process.argv.slice(2));
  if (options === null) return console.log(MARGIN_USAGE);
  const file = options.prices;
  const series = await readOhlcFile(file);
  const hours = hoursOf({ file, series }, FEWEST_HOURS);
  const study = studyMargins(hours, series.intervalSeconds);
  console.log(marginReport(study));
  if (options.out === null) return;
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(study, null, 2)}\n`);
  console.log(`\nWritten to ${options.out}`);
});
