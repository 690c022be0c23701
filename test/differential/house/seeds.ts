import type { Action } from "../../model/action.ts";
import type { HouseState } from "../../model/state.ts";
import type { Seen } from "./choices.ts";
import { creditAction } from "./credit.ts";
import { endingAction } from "./ending.ts";
import { nextAction, opening } from "./generate.ts";
import { outageAction } from "./outage.ts";
import { Random } from "./random.ts";
import type { Reached } from "./reach.ts";
import { type Disagreement, Replay } from "./replay.ts";
import { disagreementOf, shrink } from "./shrink.ts";
import { type Course, stormAction } from "./storm.ts";
import type { World } from "./world.ts";

/** Length of a sequence. */
export const ACTIONS = 220;
/** Of so many seeds one is a history of one default after the other, one of outages, one of markets that end, one of positions on credit. */
const KINDS = 8;

/** What was found at a seed, in words. */
export interface Finding {
  readonly seed: number;
  readonly actions: readonly string[];
  readonly found: readonly string[];
}

/** Replays the sequence of a seed. Where house and model part, says so by the shortest list of actions found that parts them. */
export async function findingAt(
  world: World,
  seed: number,
  reached: Reached,
): Promise<Finding | undefined> {
  const found = await replayed(world, seed, reached);
  if (found === undefined) return undefined;
  const located = await disagreementOf(world, found.actions);
  const shortest = await shrink(world, located ?? found);
  return { seed, actions: shortest.actions.map(told), found: shortest.found };
}

/** The first difference met in a seed's sequence, which the model starts with some state. */
export async function replayed(
  world: World,
  seed: number,
  reached: Reached,
  from: HouseState = world.firstState,
): Promise<Disagreement | undefined> {
  const snapshot = await world.snapshot();
  try {
    const random = new Random(seed);
    const replay = new Replay(world, reached, false, from);
    const first = opening(random);
    const next = historyOf(seed);
    while (replay.done.length < ACTIONS) {
      const course = { done: replay.done.length, all: ACTIONS };
      const found = await replay.step(first.shift() ?? next(random, replay, course));
      if (found !== undefined) return found;
    }
    return await replay.compare();
  } finally {
    await world.restore(snapshot);
  }
}

/** How the actions of a seed are chosen. */
function historyOf(seed: number): (random: Random, seen: Seen, course: Course) => Action {
  const kind = seed % KINDS;
  if (kind === 0) return stormAction;
  if (kind === 2) return outageAction;
  if (kind === 4) return endingAction;
  return kind === 6 ? creditAction : nextAction;
}

function told(action: Action): string {
  return JSON.stringify(action, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

/** A finding for people, with the command that repeats it. */
export function report({ seed, actions, found }: Finding): string {
  return [
    `seed ${seed}: the ${actions.length}th of these actions parts house and model`,
    ...actions.map((action) => `    ${action}`),
    ...found.slice(0, 20).map((each) => `  ${each}`),
    `Again: npm run test:model -- --seeds 1 --from ${seed}`,
  ].join("\n");
}
