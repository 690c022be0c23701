import { writeFileSync } from "node:fs";
import { expect } from "chai";
import type { Action } from "../model/action.ts";
import { nextAction, opening } from "./house/generate.ts";
import { outageAction } from "./house/outage.ts";
import { Random } from "./house/random.ts";
import { type Disagreement, type Reached, Replay } from "./house/replay.ts";
import { disagreementOf, shrink } from "./house/shrink.ts";
import { stormAction } from "./house/storm.ts";
import { openWorld, type World } from "./house/world.ts";

const { MODEL_SEEDS, MODEL_FROM, MODEL_OUT } = process.env;
const SEEDS = Number(MODEL_SEEDS ?? 12);
const FROM = Number(MODEL_FROM ?? 1);
const ACTIONS = 220;
/** Of so many seeds one is a history of one default after the other, one of outages. */
const KINDS = 4;
/** A run of so many seeds has to get everywhere. */
const SEEDS_OF_A_FULL_RUN = 12;
const MUST_BE_REACHED = [
  "Traded",
  "Settled",
  "Withdrawn",
  "FreeCashTooLow",
  "AccountBelowInitialMargin",
  "PriceNotValid",
  "Marked",
  "Unmarked",
  "Liquidated",
  "LiquidationSkipped Paced",
  "Resolved",
  "DeficitCovered",
  "LossBooked",
  "EventsApplied",
  "EventsPending",
  "Refunded",
  "Recovered",
  "Unwound",
  "TornUp",
  "Matched",
  "PriceOutsideBand",
  "TakenOver",
  "TakenOver at a discount",
  "TakeOverSkipped Healthy",
  "cash is held",
  "charges count back",
  "a loss is uncollected",
  "surplus is owed",
  "refunds fall short",
  "a deficit waits",
];

describe("the house and its model", function () {
  this.timeout(0);
  let world: World;
  const reached: Reached = new Map();
  const failures: object[] = [];
  const started = Date.now();

  before(async () => {
    world = await openWorld();
  });

  after(async () => {
    await world.close();
    if (MODEL_OUT === undefined) return;
    const summary = {
      from: FROM,
      seeds: SEEDS,
      actions: ACTIONS,
      seconds: Math.round((Date.now() - started) / 1_000),
      disagreements: failures,
      reached: Object.fromEntries([...reached].sort()),
    };
    writeFileSync(MODEL_OUT, `${JSON.stringify(summary, null, 2)}\n`);
  });

  for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
    it(`agree through ${ACTIONS} actions of seed ${seed}`, async () => {
      const found = await run(seed);
      if (found === undefined) return;
      const located = await disagreementOf(world, found.actions);
      const shortest = await shrink(world, located ?? found);
      failures.push({ seed, actions: shortest.actions.map(told), found: shortest.found });
      throw new Error(report(seed, shortest));
    });
  }

  it("went everywhere", () => {
    if (SEEDS < SEEDS_OF_A_FULL_RUN) return;
    const times = MUST_BE_REACHED.map((what) => [what, reached.get(what) ?? 0] as const);
    const missing = times.filter(([, count]) => count === 0).map(([what]) => what);
    expect(missing, [...reached].sort().join(" ")).to.deep.equal([]);
  });

  async function run(seed: number): Promise<Disagreement | undefined> {
    const snapshot = await world.snapshot();
    try {
      const random = new Random(seed);
      const now = await world.now();
      const replay = new Replay(world, await world.firstState(), now, reached, false);
      const first = opening(random);
      const kind = seed % KINDS;
      while (replay.done.length < ACTIONS) {
        const course = { done: replay.done.length, all: ACTIONS };
        const next = kind === 0 ? stormAction : kind === 2 ? outageAction : nextAction;
        const found = await replay.step(first.shift() ?? next(random, replay, course));
        if (found.length > 0) return { actions: replay.done, found };
      }
      return undefined;
    } finally {
      await world.restore(snapshot);
    }
  }
});

function told(action: Action): string {
  return JSON.stringify(action, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

function report(seed: number, { actions, found }: Disagreement): string {
  return [
    `seed ${seed}: the ${actions.length}th of these actions parts house and model`,
    ...actions.map((action) => `    ${told(action)}`),
    ...found.slice(0, 20).map((each) => `  ${each}`),
    `Again: npm run test:model -- --seeds 1 --from ${seed}`,
  ].join("\n");
}
