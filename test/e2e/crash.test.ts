// Crashes in small, played by the demo's own command with keepers as processes of their own: nothing is faked.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Report } from "../../scripts/demo/report/report.ts";
import { ROUTES, type Route } from "../../scripts/demo/report/routes.ts";
import { type Bars, playDemo, writePrices } from "./demo.ts";

/** Calm, a fall of a quarter with a bounce, a recovery. */
const FALL: Bars = [
  [200, 201, 199, 200],
  [200, 200, 150, 156],
  [156, 172, 155, 170],
];

/** Calm, a fall of a seventh within a quarter of an hour, and no way back. */
const STEP: Bars = [
  [200, 201, 199, 200],
  [170, 170.6, 169.4, 170],
  [170, 171, 169.5, 170.5],
];

describe("a crash, end to end", () => {
  let directory = "";
  const taken = new Set<Route>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "breakwater-e2e-"));
    await writePrices({ file: join(directory, "fall.csv"), bars: FALL });
    await writePrices({ file: join(directory, "step.csv"), bars: STEP });
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function play(prices: "fall" | "step", ...flags: string[]): Promise<Report> {
    const file = join(directory, `${prices}.csv`);
    const common = ["--prices", file, "--accounts", "12", "--breaker", "watch"];
    const report = await playDemo({
      directory,
      name: `${prices}-report`,
      flags: [...common, ...flags],
    });
    expect(report.failedChecks).to.deep.equal([]);
    expect(report.accounts).to.equal(12);
    expect(report.conservation.tokensUsd).to.be.greaterThan(0);
    expect(report.conservation.differenceUsd).to.equal(0);
    expect(report.uncollectedLossUsd).to.equal(0);
    expect(report.keeper.txSent).to.be.greaterThan(0);
    expect(report.keeper.processRestarts).to.equal(0);
    return report;
  }

  function expectRoutes({ routes }: Report, wanted: readonly Route[]): void {
    for (const route of wanted) {
      expect(routes[route].count, route).to.be.greaterThan(0);
      expect(routes[route].notionalUsd, route).to.be.greaterThan(0);
      taken.add(route);
    }
  }

  it("slices, with a taker, lenders and a maker of signed orders in the market", async () => {
    const report = await play("fall", "--seed", "5");
    expect(report.liquidations.partial).to.be.greaterThan(0);
    expectRoutes(report, ["slice", "takeOver", "collateralAuction", "signedOrder"]);
  }).timeout(900_000);

  it("finds the other ways out in a thin market that keepers come back to", async () => {
    const market = ["--depth", "0.05", "--keepers-absent", "15m", "--taker", "many"];
    const report = await play("step", "--seed", "27", ...market);
    expect(report.depth).to.equal(0.05);
    expect(report.keepersAbsentSeconds).to.equal(900);
    expectRoutes(report, ["takeOverWhole", "backstop", "resolution", "tearUp"]);
  }).timeout(900_000);

  it("has taken every route by now", () => {
    expect(ROUTES.filter((route) => !taken.has(route))).to.deep.equal([]);
  });

  it("guards the market while it falls, and opens it again", async () => {
    const { breaker } = await play("fall", "--seed", "5", "--taker", "none", "--breaker", "trip");
    expect(breaker.guarded).to.be.greaterThan(0);
    expect(breaker.relaxed).to.be.greaterThan(0);
    expect(breaker.released).to.equal(breaker.halted);
  }).timeout(900_000);

  it("closes positions whole as the baseline does, with nobody to take anything over", async () => {
    const report = await play("fall", "--seed", "5", "--policy", "full", "--taker", "none");
    expect(report.policy).to.equal("full");
    expect(report.liquidations.partial).to.equal(0);
    expect(report.liquidations.full).to.be.greaterThan(0);
    for (const route of ["takeOver", "takeOverWhole", "signedOrder"] as const) {
      expect(report.routes[route].count, route).to.equal(0);
    }
  }).timeout(900_000);
});
