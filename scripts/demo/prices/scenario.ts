import { basename, extname } from "node:path";
import { builtInCrash } from "./built-in-crash.ts";
import { companionPath } from "./companion.ts";
import { readOhlcFile } from "./ohlc.ts";
import type { PriceScenario } from "./path.ts";
import { walkBars } from "./walk.ts";

/** What the demo plays: a price file with a market made to move beside it, or the built-in crash. */
export async function loadScenario(options: {
  readonly prices: string | null;
  readonly seed: number;
}): Promise<PriceScenario> {
  const { prices: file, seed } = options;
  if (file === null) return builtInCrash({ seed });
  const series = await readOhlcFile(file);
  const steps = walkBars(series);
  const name = basename(file, extname(file));
  return {
    title: name,
    source: `${file}, each bar walked open → far extreme → near extreme → close; the second market follows it`,
    rows: series.bars.length,
    main: { symbol: name, steps },
    second: { symbol: "companion", steps: companionPath({ leader: steps, seed }) },
  };
}
