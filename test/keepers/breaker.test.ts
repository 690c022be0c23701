import { expect } from "chai";
import { isUnpaid, subjectsOf } from "../../keepers/src/decide/action.ts";
import {
  type BreakerCondition,
  breakerActionsOf,
  tripsOf,
} from "../../keepers/src/decide/breaker.ts";
import { enums } from "../../sdk/src/abis/enums.ts";

const NOW = 1_900_000_000;
const seconds = BigInt(NOW);
const modeOf = (name: (typeof enums.MarketMode)[number]) => BigInt(enums.MarketMode.indexOf(name));

const calm = {
  figure: 0n,
  guardLimit: 1n,
  haltLimit: 0n,
  trippableAt: 0n,
  wouldSet: modeOf("Unlisted"),
};

/** A market sampled a minute ago in which nothing holds, but for what is given. */
function condition(
  given: Partial<BreakerCondition>,
  readings: Readonly<Record<number, Partial<BreakerCondition["readings"][number]>>> = {},
): BreakerCondition {
  return {
    mode: modeOf("Open"),
    surgeSince: 0n,
    outageSince: 0n,
    standSeconds: 300n,
    wouldRelax: false,
    haltableAt: 0n,
    sampleableAt: seconds + 3_540n,
    readings: [0, 1, 2, 3, 4].map((index) => ({ ...calm, ...readings[index] })),
    ...given,
  };
}

const holds = (mode: "ReduceOnly" | "Halted") => ({
  trippableAt: seconds,
  wouldSet: modeOf(mode),
});

describe("what a keeper does with the circuit breaker", () => {
  it("relaxes, releases and samples what is due, and trips nothing", () => {
    const conditions = new Map([
      [0, condition({})],
      [1, condition({}, { 0: holds("ReduceOnly"), 1: holds("Halted") })],
      [2, condition({ sampleableAt: 0n }, { 3: holds("ReduceOnly") })],
      [3, condition({ mode: modeOf("ReduceOnly"), wouldRelax: true })],
      // Halted for another second, over now, and by the governor.
      [4, condition({ mode: modeOf("Halted"), haltableAt: seconds + 86_401n })],
      [5, condition({ mode: modeOf("Halted"), haltableAt: seconds + 86_400n })],
      [6, condition({ mode: modeOf("Halted") })],
      // A window has passed; a surge has begun; what holds but sets nothing needs no look.
      [7, condition({ sampleableAt: seconds })],
      [8, condition({}, { 2: { trippableAt: seconds + 300n } })],
      [9, condition({ mode: modeOf("ReduceOnly") }, { 0: { trippableAt: seconds } })],
      [10, condition({ mode: modeOf("WoundDown"), sampleableAt: 0n })],
    ]);
    const actions = breakerActionsOf(conditions, NOW, new Map());
    expect(actions).to.deep.equal([
      { kind: "sampleBreaker", market: 2 },
      { kind: "relaxBreaker", market: 3 },
      { kind: "releaseBreaker", market: 5 },
      { kind: "sampleBreaker", market: 7 },
      { kind: "sampleBreaker", market: 8 },
    ]);
    expect(actions.every(isUnpaid)).to.equal(true);
    expect(new Set(actions.flatMap(subjectsOf)).size).to.equal(5);
  });

  it("looks at what has to stand three times in the time, not in every block", () => {
    // Regression: it sampled in every block for as long as a condition had to stand.
    const outage = { 4: { trippableAt: seconds + 200n } };
    const noted = { outageSince: seconds - 100n };
    const sampledAt = (lookedAt: number | null, given: BreakerCondition) =>
      breakerActionsOf(
        new Map([[0, given]]),
        NOW,
        new Map(lookedAt === null ? [] : [[0, lookedAt]]),
      ).length;
    expect(sampledAt(NOW, condition({}, outage)), "it has begun").to.equal(1);
    expect(sampledAt(NOW - 99, condition(noted, outage))).to.equal(0);
    expect(sampledAt(NOW - 100, condition(noted, outage))).to.equal(1);
    expect(sampledAt(null, condition(noted, outage)), "before it was started").to.equal(1);
    expect(sampledAt(NOW, condition(noted)), "it has ended").to.equal(1);
    const stood = condition(noted, { 4: { trippableAt: seconds } });
    expect(sampledAt(null, stood), "it has stood").to.equal(0);
    const surge = condition({ surgeSince: seconds - 100n }, { 2: { trippableAt: seconds + 200n } });
    expect(sampledAt(NOW - 99, surge)).to.equal(0);
    expect(sampledAt(NOW - 100, surge)).to.equal(1);
  });

  it("trips where it is asked to, by what halts before what guards", () => {
    const conditions = new Map([
      [0, condition({})],
      [1, condition({}, { 0: holds("ReduceOnly"), 1: holds("Halted") })],
      [2, condition({ sampleableAt: 0n }, { 3: holds("ReduceOnly") })],
      // It holds, and has to be seen on; it holds, and the market is guarded already.
      [3, condition({}, { 2: { trippableAt: seconds + 60n } })],
      [4, condition({ mode: modeOf("ReduceOnly") }, { 0: { trippableAt: seconds } })],
    ]);
    const trips = tripsOf(conditions);
    expect(trips).to.deep.equal([
      { kind: "tripBreaker", market: 1, trigger: 1n },
      { kind: "tripBreaker", market: 2, trigger: 3n },
    ]);
    expect(trips.every(isUnpaid)).to.equal(true);
    expect(trips.flatMap(subjectsOf)).to.deep.equal(["breaker 1", "breaker 2"]);
  });
});
