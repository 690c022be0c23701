import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { z } from "zod";
import { WAD } from "../../sdk/src/math/fixedPoint.ts";
import { chargeUp, fractionUp, refundDue, shareBase } from "../../sdk/src/math/lossMath.ts";

/** The exact-arithmetic model of loss sharing is kept beside the checkout, not in it; without it there is nothing to compare with. */
const MODEL = join(import.meta.dirname, "..", "..", "..", "shared", "model", "loss_events.py");
const HISTORIES = 60;
const TIMEOUT_MS = 300_000;

/**
 * Runs the model's own classes on random histories, with tear-ups and refunds, and writes down every loss event, charge and refund as exact
 * fractions. The model computes; this only listens.
 */
const RECORDER = `
import json, sys
source, seeds = sys.argv[1], int(sys.argv[2])
scope = {}
exec(open(source).read().split("import time\\n")[0], scope)
records = {"events": [], "charges": [], "refunds": []}
text = lambda *values: [str(value) for value in values]
class Log(list):
    def __init__(self, market): super().__init__(); self.market = market
    def append(self, event):
        if event[0] == "L":
            v, m = sys._getframe(1).f_locals, self.market
            records["events"].append(text(m.B, v["d"], v["side"], m.S + v["t"], v["Lb"], event[2]))
        super().append(event)
class Recorded(scope["M"]):
    def touch(self, account):
        known, paid, short = set(account.g), dict(account.paid), self.overdue
        super().touch(account)
        for e, gain in account.g.items():
            event = self.ev[e]
            if e not in known: records["charges"].append(text(gain, event[2], event[2] * gain))
            before = paid.get(e, 0)
            if self.overdue == short:
                records["refunds"].append(text(gain, event[2], event[3], event[4], before, account.paid[e] - before))
for seed in range(seeds):
    market = Recorded(8, seed, "fix", 1, 1, 0)
    market.ev = Log(market)
    for _ in range(70): market.step()
    for _ in range(2):
        for account in market.all: market.touch(account)
json.dump(records, sys.stdout)
`;

const fractions = z.array(z.array(z.string().regex(/^-?\d+(\/\d+)?$/)));
const recordsSchema = z.object({ events: fractions, charges: fractions, refunds: fractions });

interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function exactOf(text: string | undefined): Exact {
  const [numerator = "0", denominator = "1"] = (text ?? "0").split("/");
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** D18, rounded down; none of the model's amounts here is negative. */
const d18 = ({ numerator, denominator }: Exact): bigint => (numerator * WAD) / denominator;
const d18Up = (exact: Exact): bigint =>
  -((-exact.numerator * WAD - (exact.denominator - 1n)) / exact.denominator);

describe("LossMath against the exact model of loss sharing", function () {
  this.timeout(TIMEOUT_MS);
  let records: z.output<typeof recordsSchema> | undefined;

  before(async function () {
    if (!existsSync(MODEL) || !readFileSync(MODEL, "utf8").includes("import time\n")) this.skip();
    const args = ["-c", RECORDER, MODEL, String(HISTORIES)];
    const run = promisify(execFile);
    const hasPython = await run("python3", ["--version"]).then(
      () => true,
      () => false,
    );
    if (!hasPython) this.skip();
    const { stdout } = await run("python3", args, { maxBuffer: 2 ** 28 });
    records = recordsSchema.parse(JSON.parse(stdout));
  });

  it("shares each loss by the same fraction, rounded up", () => {
    const events = records?.events ?? [];
    expect(events.length).to.be.greaterThan(20);
    for (const event of events) {
      const [reserve, loss, side, surplus, uncollected, fraction] = event.map(exactOf);
      if (!reserve || !loss || !side || !surplus || !uncollected || !fraction) continue;
      const lossUsd = d18(loss);
      const base = shareBase(d18(reserve), lossUsd, d18(side), d18(surplus), d18(uncollected));
      const share = fractionUp(lossUsd, base);
      // Five inputs rounded down by less than a unit each move r/G by less than eight units of r/G² ≤ 1/r.
      const slack = lossUsd === 0n ? 1n : (8n * WAD) / lossUsd + 2n;
      expect(distance(share, d18(fraction)) <= slack, event.join(" ")).to.equal(true);
      expect(share <= WAD).to.equal(true);
    }
  });

  it("charges each gain the same, rounded up by less than a unit of each factor", () => {
    const charges = records?.charges ?? [];
    expect(charges.length).to.be.greaterThan(50);
    for (const [gain, fraction, charge] of charges.map((each) => each.map(exactOf))) {
      if (!gain || !fraction || !charge) continue;
      const charged = chargeUp(d18Up(gain), d18Up(fraction));
      expect(charged >= d18(charge)).to.equal(true);
      expect(charged - d18(charge) <= d18(gain) / WAD + 4n).to.equal(true);
    }
  });

  it("refunds each charge the same, never more", () => {
    const refunds = records?.refunds ?? [];
    let paid = 0;
    for (const refund of refunds) {
      const [gain, fraction, loss, revealed, received, amount] = refund.map(exactOf);
      if (!gain || !fraction || !loss || !revealed || !received || !amount) continue;
      const due = refundDue(d18(gain), d18(fraction), d18Up(loss), d18(revealed), d18Up(received));
      const exact = d18Up(amount);
      expect(due <= exact, refund.join(" ")).to.equal(true);
      // γ rounded down costs up to g units of 1e-18, r up to a unit of each g/A, the rest their own rounding.
      expect(exact - due <= d18(gain) / WAD + 6n, refund.join(" ")).to.equal(true);
      if (due > 0n) paid += 1;
    }
    expect(paid).to.be.greaterThan(5);
  });
});

const distance = (x: bigint, y: bigint): bigint => (x > y ? x - y : y - x);
