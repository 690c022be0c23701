import { codeFaults, type Fault, termFaults } from "./faults.ts";
import { type Finding, findingAt } from "./seeds.ts";
import { openWorld } from "./world.ts";

/** Replays every so manieth seed of a run, and writes a line of JSON about each. Started by test/differential/run.ts. */

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

/** What became of a fault that was planted. */
export interface FaultLine {
  readonly kind: "terms" | "code";
  readonly fault: Fault;
}

type World = Awaited<ReturnType<typeof openWorld>>;

async function plant(world: World, first: number, count: number): Promise<void> {
  const tell = (line: FaultLine) => console.log(JSON.stringify(line));
  for (const market of [0n, 2n]) {
    for await (const fault of termFaults(world, market)) tell({ kind: "terms", fault });
  }
  for await (const fault of codeFaults(world, first, count)) tell({ kind: "code", fault });
}

async function replay(world: World, first: number): Promise<void> {
  const [end, step] = [number("MODEL_END"), number("MODEL_STEP")];
  for (let seed = first; seed < end; seed += step) {
    const reached = new Map<string, number>();
    const finding = (await findingAt(world, seed, reached)) ?? null;
    const line: Line = { seed, finding, reached: Object.fromEntries(reached) };
    console.log(JSON.stringify(line));
  }
}

// The test runner loads this file like every other here: without a range of seeds it does nothing.
if (process.env.MODEL_FIRST !== undefined) {
  const first = number("MODEL_FIRST");
  const world = await openWorld();
  try {
    if (process.env.MODEL_FAULTS !== undefined) await plant(world, first, number("MODEL_FAULTS"));
    else await replay(world, first);
  } finally {
    await world.close();
  }
}
