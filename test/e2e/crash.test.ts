// A crash in small, played by the demo's own command with the keeper as its own process: nothing is faked.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { z } from "zod";

const run = promisify(execFile);

/** Four hours: calm, a fall of a tenth, a further one, a recovery. */
const BARS = [
  [200, 201, 199, 200],
  [200, 200, 178, 181],
  [181, 183, 166, 168],
  [168, 180, 167, 178],
] as const;

const reportSchema = z.looseObject({
  accounts: z.number(),
  policy: z.string(),
  liquidations: z.looseObject({ count: z.number(), partial: z.number(), full: z.number() }),
  insurance: z.looseObject({ startUsd: z.number(), paidUsd: z.number() }),
  uncollectedLossUsd: z.number(),
  conservation: z.looseObject({ tokensUsd: z.number(), differenceUsd: z.number() }),
  keeper: z.looseObject({
    txSent: z.number(),
    txFailed: z.number(),
    processRestarts: z.number(),
  }),
});

describe("a crash, end to end", () => {
  let directory = "";

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "breakwater-e2e-"));
    const lines = BARS.map((bar, index) => [1_700_000_000 + 3_600 * index, ...bar].join(","));
    await writeFile(
      join(directory, "crash.csv"),
      `timestamp,open,high,low,close\n${lines.join("\n")}\n`,
    );
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs the demo; it exits with an error when a solvency check fails or a liquidatable account was left alone. */
  async function play(policy: "partial" | "full") {
    const file = join(directory, `${policy}.json`);
    const prices = ["--prices", join(directory, "crash.csv")];
    const book = ["--accounts", "12", "--seed", "5", "--policy", policy];
    await run(process.execPath, ["scripts/demo/main.ts", ...prices, ...book, "--out", file]);
    return reportSchema.parse(JSON.parse(await readFile(file, "utf8")));
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
