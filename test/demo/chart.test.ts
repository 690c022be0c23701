import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { axisAround, clockTicks, percentTicks } from "../../scripts/demo/chart/axis.ts";
import { type ChartInput, renderChart, writeChart } from "../../scripts/demo/chart/chart.ts";
import { priceUsd, shortUsd, signedPercent } from "../../scripts/demo/chart/labels.ts";
import { buildReport } from "../../scripts/demo/report/build-report.ts";
import { ROUTES } from "../../scripts/demo/report/routes.ts";
import { framesOver } from "./frames.ts";
import { anOutcome } from "./outcome.ts";

function aChart(changes: Partial<ChartInput> = {}): ChartInput {
  const outcome = anOutcome();
  return {
    report: buildReport(outcome),
    symbols: { main: "ETH", second: "BTC" },
    frames: framesOver(outcome.scenario),
    events: [],
    ...changes,
  };
}

/** The path of a curve, as drawn. */
function curve(html: string, id: string): string {
  const [, d = ""] = new RegExp(`<path class="curve ${id}" d="([^"]+)"`).exec(html) ?? [];
  return d;
}

describe("demo: chart", () => {
  it("draws every series with all its moments, panel under panel", () => {
    const input = aChart();
    const html = renderChart(input);
    const tops: number[] = [];
    for (const id of [
      "main",
      "second",
      "distressed",
      "liquidated",
      "slices",
      "insurance",
      "pool",
    ]) {
      const d = curve(html, id);
      const numbers = d.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
      expect(numbers, id).to.have.length(2 * input.frames.length);
      for (const number of numbers) expect(number).to.be.within(0, 1120);
      tops.push(Math.min(...numbers.filter((_, index) => index % 2 === 1)));
      expect(html, id).to.include(`class="swatch ${id}"`);
    }
    // Prices, distress, liquidations, insurance, pools: one above the other.
    expect([0, 2, 3, 5, 6].map((index) => tops[index])).to.deep.equal(
      [0, 2, 3, 5, 6].map((index) => tops[index]).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    );
  });

  it("draws both prices from one start, a falling one downwards, a growing sum upwards", () => {
    const html = renderChart(aChart());
    const ends = (id: string) => {
      const numbers =
        curve(html, id)
          .match(/-?\d+(\.\d+)?/g)
          ?.map(Number) ?? [];
      return { first: numbers[1] ?? Number.NaN, last: numbers.at(-1) ?? Number.NaN };
    };
    expect(ends("second").first).to.equal(ends("main").first);
    expect(ends("main").last).to.be.greaterThan(ends("main").first);
    expect(ends("liquidated").last).to.be.lessThan(ends("liquidated").first);
  });

  it("has title, axis units, legend, key figures and source", () => {
    const html = renderChart(aChart());
    for (const text of [
      "<h1>Black Thursday, 12–13 March 2020</h1>",
      "60 accounts, seed 1, partial liquidation",
      ">UTC<",
      ">USD<",
      ">accounts<",
      ">slices<",
      ">change<",
      ">13 Mar<",
      "Distressed accounts",
      "BTC, from the same start",
      "3 partial, 1 full",
      "3 of 60",
      "all hold",
      "NewsBTC",
    ]) {
      expect(html).to.include(text);
    }
  });

  it("answers the pointer with every figure of a moment", () => {
    const html = renderChart(aChart());
    const first = /<g class="moment">.*?<title>([^<]+)<\/title>/.exec(html)?.[1];
    expect(first?.split("\n")).to.deep.equal([
      "12 Mar, 00:00 UTC",
      "ETH: $200",
      "BTC, from the same start: $7,900",
      "Distressed accounts: 0",
      "Liquidated so far: $0",
      "Slices so far: 0",
      "Insurance fund: $200k",
      "Equity of the pools: $5M",
    ]);
  });

  it("marks every bankruptcy and loss event, those at one moment together", () => {
    const at = (time: string) => BigInt(Date.parse(time) / 1000);
    const events = [
      {
        kind: "bankruptcy",
        timestamp: at("2020-03-12T10:50Z"),
        text: "account 12 could not pay $10",
      },
      {
        kind: "bankruptcy",
        timestamp: at("2020-03-12T10:50Z"),
        text: "account 13 could not pay $20",
      },
      {
        kind: "bankruptcy",
        timestamp: at("2020-03-13T02:15Z"),
        text: "account 14 could not pay $30",
      },
      { kind: "loss", timestamp: at("2020-03-12T10:51Z"), text: "ETH winners shared $5" },
    ] as const;
    const html = renderChart(aChart({ events }));
    expect(html.match(/<g class="event bankruptcy"/g)).to.have.length(2);
    expect(html.match(/<g class="event loss"/g)).to.have.length(1);
    expect(html).to.include(
      "<title>12 Mar, 10:50 UTC: account 12 could not pay $10\n12 Mar, 10:50 UTC: account 13 could not pay $20</title>",
    );
  });

  it("lists every route under the plot", () => {
    const html = renderChart(aChart());
    const rows = html.match(/<tr.*?<\/tr>/gs) ?? [];
    expect(rows).to.have.length(ROUTES.length);
    expect(rows[0]).to.include("slices against the pool").and.include("$5,600");
    expect(rows.filter((row) => row.includes('class="untaken"'))).to.have.length(ROUTES.length - 2);
    expect(html).to.include("one keeper takes over · usual depth");
  });

  it("shows failed checks in words", () => {
    const report = { ...aChart().report, failedChecks: ["Account 3 was left alone."] };
    const html = renderChart(aChart({ report }));
    expect(html).to.include("<li>Account 3 was left alone.</li>");
    expect(html).to.include("1 failed");
  });

  it("needs nothing but itself, and follows light and dark", () => {
    const html = renderChart(aChart());
    expect(html).to.not.match(/<(script|link|img|iframe)|\b(src|href)=|@import|url\(/);
    expect(html.match(/https?:\/\/[^"]+/g)).to.deep.equal(["http://www.w3.org/2000/svg"]);
    expect(html).to.include("prefers-color-scheme: dark");
  });

  it("keeps what comes from files and labels as text", () => {
    const report = { ...aChart().report, title: '<b>"x"</b> & y', source: "<script>" };
    const html = renderChart(aChart({ report, symbols: { main: "<i>", second: "</svg>" } }));
    expect(html).to.include("<h1>&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; y</h1>");
    expect(html).to.not.match(/<script>|<i>|<b>"x"/);
    expect(html.match(/<\/svg>/g)).to.have.length(1);
  });

  it("draws a run of a single moment, and refuses one of none", () => {
    const [frame] = aChart().frames;
    const frames = frame === undefined ? [] : [frame];
    expect(curve(renderChart(aChart({ frames })), "main")).to.match(/^M[\d.]+ [\d.]+$/);
    expect(() => renderChart(aChart({ frames: [] }))).to.throw(RangeError, "at least one frame");
  });

  it("stays light for a long run", () => {
    const [frame] = aChart().frames;
    if (frame === undefined) throw new Error("expected a frame");
    const frames = Array.from({ length: 5_000 }, (_, index) => ({
      ...frame,
      timestamp: frame.timestamp + BigInt(60 * index),
      slices: index,
    }));
    const html = renderChart(aChart({ frames }));
    expect(html.match(/<g class="moment">/g)?.length).to.be.within(240, 481);
    expect(html.length).to.be.lessThan(1_000_000);
  });

  it("calls slices closures where whole positions are closed", () => {
    const report = { ...aChart().report, policy: "full" } as const;
    expect(renderChart(aChart({ report }))).to.include("Closures so far");
  });

  it("is written into folders made on the way", async () => {
    const folder = await mkdtemp(join(tmpdir(), "demo-chart-"));
    try {
      const file = join(folder, "new", "chart.html");
      await writeChart({ file, ...aChart() });
      expect(await readFile(file, "utf8")).to.equal(renderChart(aChart()));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("demo: axes", () => {
  // Whatever a D18 amount can be.
  const value = fc.bigInt(-(10n ** 27n), 10n ** 30n).map((amount) => Number(amount) / 1e18);
  const anyValues = fc.array(value, { minLength: 1, maxLength: 20 });

  it("enclose all values within a few evenly spaced ticks", () => {
    const scales = fc.constantFrom("price", "amount", "count");
    fc.assert(
      fc.property(anyValues, scales, fc.integer({ min: 2, max: 8 }), (values, scale, tickCount) => {
        const axis = axisAround({ values, scale, tickCount });
        const slack = (axis.max - axis.min) * 1e-6;
        expect(Math.min(...values)).to.be.at.least(axis.min - slack);
        expect(Math.max(...values)).to.be.at.most(axis.max + slack);
        expect(axis.max).to.be.greaterThan(axis.min);
        expect(axis.ticks.length).to.be.within(2, tickCount + 3);
        expect([axis.ticks[0], axis.ticks.at(-1)]).to.deep.equal([axis.min, axis.max]);
      }),
    );
  });

  it("have room around values that are all but equal", () => {
    const { min, max } = axisAround({ values: [5e6, 5e6 + 1e-9], scale: "amount", tickCount: 3 });
    expect(min).to.be.at.most(5e6);
    expect(max - 5e6).to.be.greaterThan(1e5);
  });

  it("start at zero for amounts near it, and never for prices", () => {
    const wanted = { values: [100, 195], tickCount: 5 };
    expect(axisAround({ ...wanted, scale: "amount" }).min).to.equal(0);
    expect(axisAround({ ...wanted, scale: "price" }).ticks).to.deep.equal([
      100, 120, 140, 160, 180, 200,
    ]);
    expect(axisAround({ values: [150, 195], scale: "amount", tickCount: 5 }).min).to.equal(150);
  });

  it("count in whole numbers", () => {
    expect(axisAround({ values: [0, 2], scale: "count", tickCount: 5 }).ticks).to.deep.equal([
      0, 1, 2,
    ]);
    expect(axisAround({ values: [0, 7], scale: "count", tickCount: 3 }).ticks).to.deep.equal([
      0, 5, 10,
    ]);
    expect(axisAround({ values: [0], scale: "count", tickCount: 3 }).ticks).to.deep.equal([0, 1]);
  });

  it("read change at round percentages", () => {
    const axis = axisAround({ values: [90, 195], scale: "price", tickCount: 5 });
    const percents = percentTicks({ axis, start: 195, tickCount: 5 }).map((tick) =>
      signedPercent(tick / 195 - 1),
    );
    expect(percents).to.deep.equal(["−60 %", "−40 %", "−20 %", "0 %"]);
  });

  it("tell time at round hours", () => {
    const from = Date.parse("2020-03-12T00:10Z") / 1000;
    const ticks = clockTicks({ from, to: from + 33 * 3600, tickCount: 10 });
    expect(ticks.map((tick) => new Date(tick * 1000).getUTCHours())).to.deep.equal([
      6, 12, 18, 0, 6,
    ]);
  });
});

describe("demo: labels of the chart", () => {
  it("are short and exact enough", () => {
    expect([0, 12.345, 999, 12_345, 1_250_000, -49_990, 2.5e9].map(shortUsd)).to.deep.equal([
      "$0",
      "$12.3",
      "$999",
      "$12.3k",
      "$1.25M",
      "−$50k",
      "$2.5B",
    ]);
    expect([65_354.02, 112.5, 90, 0.00001234].map(priceUsd)).to.deep.equal([
      "$65,354",
      "$112.5",
      "$90",
      "$0.00001234",
    ]);
    expect([0, 0.05, -0.4, -0.0004].map(signedPercent)).to.deep.equal([
      "0 %",
      "+5 %",
      "−40 %",
      "0 %",
    ]);
  });
});
