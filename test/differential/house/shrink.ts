import type { Action } from "../../model/action.ts";
import { type Disagreement, Replay } from "./replay.ts";
import type { World } from "./world.ts";

/** How often a shorter list of actions is tried. */
const TRIES = 60;
/** {ms}, after which no shorter list is looked for. */
const LONGEST_MS = 60_000;

/** Replays a list of actions, everything compared after each; undefined where house and model agree. */
export async function disagreementOf(
  world: World,
  actions: readonly Action[],
): Promise<Disagreement | undefined> {
  const snapshot = await world.snapshot();
  try {
    const replay = new Replay(world, new Map(), true, world.firstState);
    for (const action of actions) {
      const found = await replay.step(action);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    await world.restore(snapshot);
  }
}

/** A shorter list of actions that house and model disagree over: parts are left out as long as they do, first large ones. */
export async function shrink(world: World, from: Disagreement): Promise<Disagreement> {
  let best = from;
  let tries = 0;
  const started = Date.now();
  for (
    let length = Math.ceil(best.actions.length / 2);
    length >= 1;
    length = Math.floor(length / 2)
  ) {
    let start = 0;
    while (start < best.actions.length && tries < TRIES && Date.now() - started < LONGEST_MS) {
      tries += 1;
      const shorter = [...best.actions.slice(0, start), ...best.actions.slice(start + length)];
      const found = await disagreementOf(world, shorter);
      if (found !== undefined) best = found;
      else start += length;
    }
  }
  return best;
}
