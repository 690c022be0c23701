import type { Action } from "../model/action.ts";
import { nextAction, opening } from "./house/generate.ts";
import { Random } from "./house/random.ts";
import { type Reached, Replay } from "./house/replay.ts";
import { openWorld, type World } from "./house/world.ts";

const SEEDS = Number(process.env.MODEL_SEEDS ?? 6);
const FROM = Number(process.env.MODEL_FROM ?? 1);
const THOROUGH = process.env.MODEL_THOROUGH !== undefined;
const ACTIONS = 240;

describe("the house and its model", function () {
  this.timeout(0);
  let world: World;
  const reached: Reached = new Map();

  before(async () => {
    world = await openWorld();
  });

  after(async () => {
    await world.close();
    const told = [...reached].sort().map(([what, times]) => `${what} ${times}`);
    console.log(told.join(", "));
  });

  for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
    it(`agree through seed ${seed}`, async () => {
      const snapshot = await world.snapshot();
      const started = Date.now();
      try {
        const random = new Random(seed);
        const replay = new Replay(
          world,
          await world.firstState(),
          await world.now(),
          reached,
          THOROUGH,
        );
        const first: Action[] = opening(random);
        for (let i = 0; i < ACTIONS; i += 1) {
          const action = first.shift() ?? nextAction(random, replay);
          const found = await replay.step(action);
          if (found.length > 0) {
            const text = JSON.stringify(action, (_, v) => (typeof v === "bigint" ? String(v) : v));
            throw new Error(
              `seed ${seed}, action ${i}: ${text}\n    ${found.slice(0, 12).join("\n    ")}`,
            );
          }
        }
      } finally {
        await world.restore(snapshot);
        console.log(seed, Date.now() - started, "ms");
      }
    });
  }
});
