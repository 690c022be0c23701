import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { greatest, least } from "../../scripts/demo/bigint.ts";
import { formatNearest } from "../../scripts/demo/format.ts";
import { builtInCrash } from "../../scripts/demo/prices/built-in-crash.ts";
import { companionPath } from "../../scripts/demo/prices/companion.ts";
import type { OhlcBar } from "../../scripts/demo/prices/ohlc.ts";
import type { PriceStep } from "../../scripts/demo/prices/path.ts";
import { loadScenario } from "../../scripts/demo/prices/scenario.ts";
import { walkBars } from "../../scripts/demo/prices/walk.ts";
import { ONE } from "../../sdk/src/amounts.ts";

const pricesOf = (steps: readonly PriceStep[]) => steps.map((step) => step.price);
const timesOf = (steps: readonly PriceStep[]) => steps.map((step) => step.timestamp);
const numbersOf = (steps: readonly PriceStep[]) =>
  steps.map((step) => Number(formatNearest(step.price, 18)));

function expectPlayable(steps: readonly PriceStep[]) {
  steps.forEach((step, index) => {
    expect(step.price > 0n, `price of step ${index}`).to.equal(true);
    const before = steps[index - 1]?.timestamp ?? -1n;
    expect(step.timestamp > before, `time of step ${index}`).to.equal(true);
  });
}

/** Correlation of the step returns of two paths. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const returns = (prices: readonly number[]) =>
    prices.slice(1).map((price, index) => Math.log(price / (prices[index] ?? price)));
  const [x, y] = [returns(a), returns(b)];
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = (p: readonly number[], q: readonly number[]) =>
    mean(p.map((value, index) => (value - mean(p)) * ((q[index] ?? 0) - mean(q))));
  return covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y));
}

describe("demo: walking bars", () => {
  const walkOne = (shape: Omit<OhlcBar, "timestamp">) =>
    pricesOf(walkBars({ bars: [{ timestamp: 0n, ...shape }], intervalSeconds: 60n }));

  it("goes to the extreme further from the open first", () => {
    expect(walkOne({ open: 100n, high: 104n, low: 90n, close: 95n })).to.deep.equal([
      100n,
      90n,
      104n,
      95n,
    ]);
    expect(walkOne({ open: 100n, high: 120n, low: 95n, close: 96n })).to.deep.equal([
      100n,
      120n,
      95n,
      96n,
    ]);
  });

  it("goes to the low first when both are as far, and repeats equal prices", () => {
    expect(walkOne({ open: 100n, high: 110n, low: 90n, close: 100n })).to.deep.equal([
      100n,
      90n,
      110n,
      100n,
    ]);
    expect(walkOne({ open: 5n, high: 5n, low: 5n, close: 5n })).to.deep.equal([5n, 5n, 5n, 5n]);
  });

  it("spreads the steps evenly inside the bar, from the first open on", () => {
    const shape = { open: 5n, high: 5n, low: 5n, close: 5n };
    const bars = [
      { timestamp: 1000n, ...shape },
      { timestamp: 1060n, ...shape },
    ];
    expect(timesOf(walkBars({ bars, intervalSeconds: 60n }))).to.deep.equal([
      1000n,
      1015n,
      1030n,
      1045n,
      1060n,
      1075n,
      1090n,
      1105n,
    ]);
  });

  it("stays within each bar and reaches both its ends", () => {
    const price = fc.bigInt(1n, 10n ** 24n);
    fc.assert(
      fc.property(
        price,
        price,
        price,
        price,
        fc.bigInt(4n, 10_000n),
        (a, b, c, d, intervalSeconds) => {
          const bar = {
            timestamp: 0n,
            open: b,
            high: greatest([a, b, c, d]),
            low: least([a, b, c, d]),
            close: c,
          };
          const steps = walkBars({ bars: [bar], intervalSeconds });
          expectPlayable(steps);
          const prices = pricesOf(steps);
          expect([prices[0], least(prices), greatest(prices), prices.at(-1)]).to.deep.equal([
            bar.open,
            bar.low,
            bar.high,
            bar.close,
          ]);
          expect((timesOf(steps).at(-1) ?? 0n) < intervalSeconds).to.equal(true);
        },
      ),
    );
  });
});

describe("demo: built-in crash", () => {
  it("passes every way-point, whatever the seed", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { main, second } = builtInCrash({ seed });
        const at = (path: typeof main, time: string) =>
          path.steps.find((step) => step.timestamp === BigInt(Date.parse(time)) / 1000n)?.price;
        expect(at(main, "2020-03-12T00:00Z")).to.equal(200n * ONE);
        expect(at(main, "2020-03-13T00:00Z")).to.equal(114n * ONE);
        expect(at(main, "2020-03-13T02:15Z")).to.equal(90n * ONE);
        expect(at(second, "2020-03-12T11:00Z")).to.equal(5_690n * ONE);
        expect(at(second, "2020-03-13T11:00Z")).to.equal(5_000n * ONE);
        expect(least(pricesOf(main.steps))).to.equal(90n * ONE);
        expect(least(pricesOf(second.steps))).to.equal(3_900n * ONE);
      }),
      { numRuns: 20 },
    );
  });

  it("has 150 to 250 steps of 8 decimals, at the same times in both markets", () => {
    const { main, second } = builtInCrash({ seed: 1 });
    expect(main.steps.length).to.be.within(150, 250);
    expect(timesOf(second.steps)).to.deep.equal(timesOf(main.steps));
    for (const { steps } of [main, second]) {
      expectPlayable(steps);
      for (const price of pricesOf(steps)) expect(price % 10n ** 10n).to.equal(0n);
    }
  });

  it("never jumps by a tenth in one step, so a keeper has a chance", () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const { steps } of [builtInCrash({ seed }).main, builtInCrash({ seed }).second]) {
        const prices = numbersOf(steps);
        prices.slice(1).forEach((price, index) => {
          expect(price / (prices[index] ?? price)).to.be.within(0.9, 1.1);
        });
      }
    }
  });

  it("is fixed by its seed and moves both markets together", () => {
    expect(builtInCrash({ seed: 5 })).to.deep.equal(builtInCrash({ seed: 5 }));
    expect(builtInCrash({ seed: 5 }).main).to.not.deep.equal(builtInCrash({ seed: 6 }).main);
    const { main, second } = builtInCrash({ seed: 5 });
    expect(correlation(numbersOf(main.steps), numbersOf(second.steps))).to.be.within(0.7, 0.98);
  });

  it("starts as it always has", () => {
    // A changed generator, bridge or rounding shows here: every published run would change with it.
    const { main, second } = builtInCrash({ seed: 1 });
    const start = (steps: readonly PriceStep[]) =>
      pricesOf(steps.slice(0, 3)).map((price) => formatNearest(price, 8));
    expect(start(main.steps)).to.deep.equal(["200.00000000", "200.22105257", "200.23872239"]);
    expect(start(second.steps)).to.deep.equal(["7900.00000000", "7864.83127656", "7853.50378298"]);
  });
});

describe("demo: companion market", () => {
  const leader = builtInCrash({ seed: 3 }).main.steps;

  it("follows the leader at the same times, by less, and is fixed by its seed", () => {
    const companion = companionPath({ leader, seed: 1 });
    expectPlayable(companion);
    expect(timesOf(companion)).to.deep.equal(timesOf(leader));
    expect(companionPath({ leader, seed: 1 })).to.deep.equal(companion);
    expect(companionPath({ leader, seed: 2 })).to.not.deep.equal(companion);
    expect(correlation(numbersOf(leader), numbersOf(companion))).to.be.within(0.85, 0.995);
    const fall = (steps: readonly number[]) => Math.min(...steps) / (steps[0] ?? 1);
    // 0.85 of the logarithm of 90/200.
    expect(fall(numbersOf(companion))).to.be.within(
      (90 / 200) ** 0.85 - 0.03,
      (90 / 200) ** 0.85 + 0.03,
    );
  });

  it("does not move beside a leader that does not", () => {
    const flat = leader.map(({ timestamp }) => ({ timestamp, price: 7n * ONE }));
    expect(new Set(pricesOf(companionPath({ leader: flat, seed: 1 })))).to.have.length(1);
  });
});

describe("demo: scenario", () => {
  it("is the built-in crash without a file", async () => {
    expect(await loadScenario({ prices: null, seed: 4 })).to.deep.equal(builtInCrash({ seed: 4 }));
  });

  it("plays real price files where some lie beside the checkout", async function () {
    const folder = join(import.meta.dirname, "../../../shared/data");
    if (!existsSync(folder)) this.skip();
    const files = globSync(join(folder, "*.csv"));
    expect(files).to.not.have.length(0);
    for (const prices of files) {
      const { main, second, rows } = await loadScenario({ prices, seed: 1 });
      expect(rows, prices).to.be.greaterThan(1);
      expect(main.steps, prices).to.have.length(4 * rows);
      expectPlayable(main.steps);
      expectPlayable(second.steps);
    }
  });
});
