import { expect } from "chai";
import { missingFrom, type Reached, SEEDS_OF_A_FULL_RUN } from "./house/reach.ts";
import { ACTIONS, findingAt, report } from "./house/seeds.ts";
import { openWorld, type World } from "./house/world.ts";

/** The same every time; `npm run test:model` takes fresh ones. */
const SEEDS = Array.from({ length: SEEDS_OF_A_FULL_RUN }, (_, i) => i + 1);

describe("the house and its model", function () {
  this.timeout(0);
  let world: World;
  const reached: Reached = new Map();

  before(async () => {
    world = await openWorld();
  });

  after(async () => {
    await world.close();
  });

  for (const seed of SEEDS) {
    it(`agree through ${ACTIONS} actions of seed ${seed}`, async () => {
      const finding = await findingAt(world, seed, reached);
      if (finding !== undefined) throw new Error(report(finding));
    });
  }

  it("went everywhere", () => {
    const missing = missingFrom(reached, SEEDS.length);
    expect(missing, [...reached].sort().join(" ")).to.deep.equal([]);
  });
});
