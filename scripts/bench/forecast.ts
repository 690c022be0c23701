import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readOhlcFile } from "../demo/prices/ohlc.ts";
import { FORECAST_USAGE, parseForecastOptions } from "./cli.ts";
import { trainingWindowsOf, windowsOfFile } from "./forecast/files.ts";
import { forecastReport } from "./forecast/report.ts";
import { studyForecasts } from "./forecast/study.ts";
import { main } from "./main.ts";

await main(async () => {
  const options = parseForecastOptions(process.argv.slice(2));
  if (options === null) return console.log(FORECAST_USAGE);
  const { prices, train, horizonHours, out } = options;
  const windows = windowsOfFile({ file: prices, series: await readOhlcFile(prices) }, horizonHours);
  const others = await Promise.all(
    train.map(async (file) => ({ file, series: await readOhlcFile(file) })),
  );
  const training = trainingWindowsOf(others, { windows, horizonHours, prices });
  const study = studyForecasts({ windows, training, horizonHours });
  console.log(forecastReport(study));
  if (out === null) return;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(study, null, 2)}\n`);
  console.log(`\nWritten to ${out}`);
});
