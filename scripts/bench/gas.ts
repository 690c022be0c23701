import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { BENCH_USAGE, parseBenchOptions } from "./cli.ts";
import { main } from "./main.ts";
import { measureAll } from "./measure.ts";
import { figuresTable } from "./table.ts";

await main(async () => {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options === null) return console.log(BENCH_USAGE);
  const figures = await measureAll();
  console.log(figuresTable(figures));
  if (options.out === null) return;
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`\nWritten to ${options.out}`);
});
