import { type Finding, findingAt } from "./seeds.ts";
import { openWorld } from "./world.ts";

/** Replays every so manieth seed of a run, and writes a line of JSON about each. Started by scripts/test-model.ts. */

export interface Line {
  readonly seed: number;
  readonly finding: Finding | null;
  readonly reached: Readonly<Record<string, number>>;
}

function number(name: string): number {
  const value = Number(process.env[name]);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} is no whole number`);
  return value;
}

const [first, end, step] = [number("MODEL_FIRST"), number("MODEL_END"), number("MODEL_STEP")];
const world = await openWorld();
try {
  for (let seed = first; seed < end; seed += step) {
    const reached = new Map<string, number>();
    const finding = (await findingAt(world, seed, reached)) ?? null;
    const line: Line = { seed, finding, reached: Object.fromEntries(reached) };
    console.log(JSON.stringify(line));
  }
} finally {
  await world.close();
}
