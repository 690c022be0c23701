// A crash in small, played by the demo's own command with the keeper as its own process: nothing is faked.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Bars, playDemo, writePrices } from "./demo.ts";

/** Four hours: calm, a fall of a tenth, a further one, a recovery. */
const BARS: Bars = [
  [200, 201, 199, 200],
  [200, 200, 178, 181],
  [181, 183, 166, 168],
  [168, 180, 167, 178],
];

describe("a crash, end to end", () => {
  let directory = "";

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "breakwater-e2e-"));
    await writePrices({ file: join(directory, "crash.csv"), bars: BARS });
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  function play(policy: "partial" | "full") {
    const prices = ["--prices", join(directory, "crash.csv")];
    const book = ["--accounts", "12", "--seed", "5", "--policy", policy];
    return playDemo({ directory, name: policy, flags: [...prices, ...book] });
  }

  it("slices positions and balances to the unit", async () => {
    const report = await play("partial");
    expect(report.accounts).to.equal(12);
    expect(report.liquidations.partial).to.be.greaterThan(0);
    expect(report.conservation.tokensUsd).to.be.greaterThan(0);
    expect(report.conservation.differenceUsd).to.equal(0);
    expect(report.uncollectedLossUsd).to.equal(0);
    expect(report.keeper.txSent).to.be.greaterThan(0);
    expect(report.keeper.processRestarts).to.equal(0);
  }).timeout(600_000);

  it("closes positions whole as the baseline does", async () => {
    const report = await play("full");
    expect(report.policy).to.equal("full");
    expect(report.liquidations.partial).to.equal(0);
    expect(report.liquidations.full).to.be.greaterThan(0);
    expect(report.conservation.differenceUsd).to.equal(0);
  }).timeout(600_000);
});
