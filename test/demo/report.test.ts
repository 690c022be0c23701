import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { InputError } from "../../scripts/demo/input-error.ts";
import { breakerMoveOf } from "../../scripts/demo/report/breaker.ts";
import { buildReport, medianFloor, percentile } from "../../scripts/demo/report/build-report.ts";
import {
  exitStatus,
  readReport,
  reportSchema,
  writeReport,
} from "../../scripts/demo/report/report.ts";
import { ROUTES } from "../../scripts/demo/report/routes.ts";
import { formatReport, ROUTE_LABELS } from "../../scripts/demo/report/table.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { marketMode } from "../../sdk/src/math/codes.ts";
import { anOutcome } from "./outcome.ts";

describe("demo: report", () => {
  it("sums up a run", () => {
    const report = buildReport(anOutcome());
    expect(report.prices).to.deep.equal({
      rows: 7,
      first: 200,
      last: 115,
      min: 90,
      max: 200.23872239,
      worstStepPct: -2.85,
    });
    expect(report.liquidations).to.deep.equal({
      count: 4,
      partial: 3,
      full: 1,
      accountsTouched: 3,
      notionalUsd: 5_600,
      // 25 %, 100 % and 33.33 % of what they opened.
      notionalPerAccountMedianPct: 33.33,
    });
    expect(report.gas).to.deep.equal({ partialLiquidationMedian: 168_000, batchMarginal: 52_000 });
    expect(report.keeper.priceToInclusionMs).to.deep.equal({ p50: 30, p99: 900 });
    expect(report.openInterestUsd.peak).to.equal(14_100_000.5);
    expect(report.failedChecks).to.deep.equal([]);
    expect(exitStatus(report)).to.equal(0);
  });

  it("reports what never happened as nothing, not as zero", () => {
    const report = buildReport(
      anOutcome({
        liquidations: [],
        gas: { partialLiquidations: [], batchMarginal: null },
        keeper: { txSent: 0, txFailed: 0, priceToInclusionMs: [], processRestarts: 0 },
      }),
    );
    expect(report.liquidations.notionalPerAccountMedianPct).to.equal(null);
    expect(report.gas).to.deep.equal({ partialLiquidationMedian: null, batchMarginal: null });
    expect(report.keeper.priceToInclusionMs).to.deep.equal({ p50: null, p99: null });
  });

  it("rounds dollars to the nearest cent from exact amounts", () => {
    const cents = fc.bigInt(-(10n ** 15n), 10n ** 15n);
    const below = fc.bigInt(-(ONE / 200n) + 1n, ONE / 200n - 1n);
    fc.assert(
      fc.property(cents, below, (whole, rest) => {
        const end = (whole * ONE) / 100n + rest;
        const report = buildReport(anOutcome({ traderEquityUsd: { start: 0n, end } }));
        expect(report.traderEquityUsd.end).to.equal(Number(whole) / 100);
      }),
    );
  });

  it("finds the deepest fall, and none where prices only rise", () => {
    const scenario = (prices: readonly bigint[]) => {
      const steps = prices.map((price, index) => ({
        timestamp: BigInt(index),
        price: price * ONE,
      }));
      return { ...anOutcome().scenario, main: { symbol: "ETH", steps } };
    };
    const worst = (prices: readonly bigint[]) =>
      buildReport(anOutcome({ scenario: scenario(prices) })).prices.worstStepPct;
    expect(worst([100n, 90n, 150n, 75n, 74n])).to.equal(-50);
    expect(worst([100n, 101n, 103n])).to.equal(0);
  });

  it("refuses figures that contradict themselves", () => {
    expect(() => buildReport(anOutcome({ badDebtUsd: -1n * ONE }))).to.throw("badDebtUsd");
    expect(() => buildReport(anOutcome({ openedNotionalUsd: new Map() }))).to.throw(
      "account 3 was liquidated but opened nothing",
    );
  });
});

describe("demo: checks of a run", () => {
  it("fail when tokens and claims differ by a single unit, and say so exactly", () => {
    const { conservation } = anOutcome();
    for (const [off, word] of [
      [-1n, "less"],
      [1n, "more"],
    ] as const) {
      const report = buildReport(
        anOutcome({ conservation: { ...conservation, tokensUsd: conservation.tokensUsd + off } }),
      );
      expect(report.conservation.differenceUsd).to.equal(Number(off) / 100);
      expect(exitStatus(report)).to.equal(1);
      expect(report.failedChecks).to.have.length(1);
      expect(report.failedChecks[0]).to.match(
        new RegExp(`^CONS-1 does not hold: .*, \\$0\\.000000000000000001 ${word} than it owes\\.$`),
      );
    }
  });

  it("fail when an invariant does not hold", () => {
    const invariants = [
      { id: "CONS-2", holds: true, finding: "fine" },
      { id: "SOC-1", holds: false, finding: "pending charges of $1.00 are below the booked $2.00" },
    ];
    const report = buildReport(anOutcome({ invariants }));
    expect(exitStatus(report)).to.equal(1);
    expect(report.failedChecks).to.deep.equal([
      "SOC-1 does not hold: pending charges of $1.00 are below the booked $2.00.",
    ]);
  });

  it("fail when the keeper left somebody alone", () => {
    const neglected = [{ accountNumber: 17, blocks: 9, sinceBlock: 240 }];
    const report = buildReport(anOutcome({ neglected }));
    expect(exitStatus(report)).to.equal(1);
    expect(report.failedChecks).to.deep.equal([
      "Account 17 was liquidatable for 9 blocks from block 240 on, and no keeper acted although one could have.",
    ]);
  });
});

describe("demo: report file", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "demo-report-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  it("comes back as it was written, folders made on the way", async () => {
    const file = join(folder, "new", "report.json");
    const report = buildReport(anOutcome());
    await writeReport({ file, report });
    expect(await readReport(file)).to.deep.equal(report);
    expect((await readFile(file, "utf8")).endsWith("}\n")).to.equal(true);
  });

  async function refusal(text: string): Promise<string> {
    const file = join(folder, "bad.json");
    await writeFile(file, text);
    try {
      await readReport(file);
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    throw new Error("expected an InputError, nothing was thrown");
  }

  it("has every route, with how often and how much", () => {
    const { routes } = buildReport(anOutcome());
    expect(Object.keys(routes)).to.deep.equal([
      "slice",
      "takeOver",
      "takeOverWhole",
      "collateralAuction",
      "backstop",
      "signedOrder",
      "resolution",
      "tearUp",
    ]);
    expect(routes.slice).to.deep.equal({ count: 4, notionalUsd: 5_600 });
    expect(routes.backstop).to.deep.equal({ count: 0, notionalUsd: 0 });
    const { tearUp: _, ...others } = routes;
    expect(
      reportSchema.safeParse({ ...buildReport(anOutcome()), routes: others }).success,
    ).to.equal(false);
  });

  it("has every move of the circuit breaker, with how often", () => {
    const { breaker } = buildReport(anOutcome());
    expect(breaker).to.deep.equal({ guarded: 2, halted: 1, released: 1, relaxed: 2 });
    expect(formatReport(buildReport(anOutcome()))).to.match(/markets guarded +2\n +halted +1\n/);
    const { Unlisted, Open, ReduceOnly, Halted } = marketMode;
    expect(breakerMoveOf(Open, ReduceOnly)).to.equal("guarded");
    expect(breakerMoveOf(Open, Halted)).to.equal("halted");
    expect(breakerMoveOf(ReduceOnly, Halted)).to.equal("halted");
    expect(breakerMoveOf(Halted, ReduceOnly)).to.equal("released");
    expect(breakerMoveOf(ReduceOnly, Open)).to.equal("relaxed");
    expect(breakerMoveOf(Unlisted, Open)).to.equal(null);
    expect(breakerMoveOf(Halted, Halted)).to.equal(null);
  });

  it("is refused key by key when it is not one", async () => {
    expect(await refusal("{")).to.match(/bad\.json is not JSON$/);
    const report = buildReport(anOutcome());
    const { seed: _, ...withoutSeed } = report;
    expect(await refusal(JSON.stringify(withoutSeed))).to.include("at seed");
    expect(await refusal(JSON.stringify({ ...report, policy: "half" }))).to.include("at policy");
    expect(await refusal(JSON.stringify({ ...report, extra: 1 }))).to.include("extra");
    expect(await refusal(JSON.stringify({ ...report, badDebtUsd: 0.125 }))).to.include(
      "has more than two decimals",
    );
  });

  it("is refused when its figures do not fit together", () => {
    const report = buildReport(anOutcome());
    const broken = (changes: Partial<typeof report>) =>
      reportSchema.safeParse({ ...report, ...changes }).error?.issues.map((issue) => issue.message);
    expect(broken({})).to.equal(undefined);
    expect(broken({ liquidations: { ...report.liquidations, partial: 9 } })).to.deep.equal([
      "liquidations.partial and .full do not add up to .count",
    ]);
    expect(broken({ liquidations: { ...report.liquidations, accountsTouched: 5 } })).to.deep.equal([
      "liquidations.accountsTouched exceeds the liquidations or the accounts there are",
    ]);
    expect(broken({ prices: { ...report.prices, min: 116 } })).to.deep.equal([
      "prices.min and .max do not enclose .first and .last",
    ]);
  });
});

describe("demo: final table", () => {
  it("shows every figure, in one column", () => {
    const text = formatReport(buildReport(anOutcome()));
    for (const shown of [
      "Black Thursday, 12–13 March 2020 · partial liquidation · 60 accounts · seed 1",
      "$200.00 → $115.00",
      "−2.85 %",
      "4 (3 partial, 1 full)",
      "3 of 60",
      "$5,600.00",
      "33.33 % (median)",
      "$2,000,000.00 → $900,000.00",
      "$600,000.00 → $601,234.50",
      "$1,000,000.00 → $999,000.00",
      "$14,000,000.00, peak $14,100,000.50",
      "$6,900,000.00 + $97,000.00 + $203,000.00",
      "120 sent, 1 failed",
      "30 ms median, 900 ms p99",
      "168,000",
      "one keeper takes over · usual depth",
      "slices against the pool",
      "4, $5,600.00",
      "1, $300.00",
      "All checks hold",
    ]) {
      expect(text).to.include(shown);
    }
    const values = text.split("\n").filter((line) => line.startsWith("  "));
    const columns = values.map((line) => /^ {2}.*?\S {2,}(?=\S)/.exec(line)?.[0].length);
    expect(new Set(columns)).to.have.length(1);
  });

  it("has a line for every route, taken or not", () => {
    const lines = formatReport(buildReport(anOutcome())).split("\n");
    for (const route of ROUTES) {
      const [line = ""] = lines.filter((each) => each.includes(ROUTE_LABELS[route]));
      expect(line.endsWith("  –"), route).to.equal(route !== "slice" && route !== "tearUp");
    }
  });

  it("says under which circumstances it was played", () => {
    const common = { accounts: 60, seed: 1, policy: "partial" } as const;
    const options = {
      ...common,
      depth: ONE / 20n,
      keepersAbsentSeconds: 5_400,
      taker: "none",
    } as const;
    expect(formatReport(buildReport(anOutcome({ options })))).to.include(
      "nobody takes over · depth × 0.05 · no keeper for 1 h 30 min",
    );
  });

  it("ends with every failed check", () => {
    const neglected = [{ accountNumber: 17, blocks: 9, sinceBlock: 240 }];
    const text = formatReport(buildReport(anOutcome({ neglected })));
    expect(text).to.match(/A check FAILED:\n {2}Account 17 was liquidatable for 9 blocks .*$/);
  });

  it("marks what was not measured, and keeps the decimals of small prices", () => {
    const report = buildReport(
      anOutcome({ gas: { partialLiquidations: [], batchMarginal: null } }),
    );
    const small = { ...report.prices, first: 0.00001234, last: 0.5, min: 0.00001, max: 0.75 };
    const text = formatReport({ ...report, prices: small });
    expect(text).to.include("$0.00001234 → $0.5");
    expect(text).to.match(/gas, partial liquidation +–\n/);
  });
});

describe("demo: order statistics", () => {
  it("median and percentile of few samples", () => {
    expect(medianFloor([])).to.equal(null);
    expect(medianFloor([7n])).to.equal(7n);
    expect(medianFloor([9n, 2n])).to.equal(5n);
    expect(percentile({ samples: [], percent: 99 })).to.equal(null);
    expect(percentile({ samples: [5], percent: 50 })).to.equal(5);
    expect(percentile({ samples: [3, 1, 2, 4], percent: 50 })).to.equal(2);
    expect(percentile({ samples: [3, 1, 2, 4], percent: 75 })).to.equal(3);
  });

  it("a percentile is the smallest sample that covers its share", () => {
    const samples = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found = percentile({ samples: values, percent }) ?? Number.NaN;
        const covers = (bound: number) =>
          values.filter((value) => value <= bound).length * 100 >= percent * values.length;
        expect(values).to.include(found);
        expect(covers(found)).to.equal(true);
        expect(values.some((value) => value < found && covers(value))).to.equal(false);
      }),
    );
  });
});
