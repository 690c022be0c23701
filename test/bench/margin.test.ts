import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { parseMarginOptions } from "../../scripts/bench/cli.ts";
import { marginReport } from "../../scripts/bench/margin/report.ts";
import { FEWEST_HOURS, type MarginStudy, studyMargins } from "../../scripts/bench/margin/study.ts";
import { hoursOf } from "../../scripts/bench/prices/hours.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { type OhlcSeries, PriceFileError, readOhlcFile } from "../../scripts/demo/prices/ohlc.ts";
import { max, min } from "../../sdk/src/math/solidity.ts";
import { restlessHours } from "./restlessHours.ts";

function expectGood({ adaptive, fixedPointError, badPrint, ...study }: MarginStudy, name: string) {
  expect(adaptive.breaches, name).to.be.at.most(study.static.breaches);
  expect(Math.abs(adaptive.meanRate - study.static.meanRate), name).to.be.lessThan(1e-12);
  expect(adaptive.largestOneHourJump, name).to.be.at.most(1.1);
  expect(fixedPointError.volatility, name).to.be.lessThan(1e-8);
  expect(fixedPointError.multiplier, name).to.be.lessThan(1e-8);
  expect(badPrint.changesNothing, name).to.equal(true);
  expect(badPrint.status, name).to.equal("jump");
  expect(badPrint.largestLaterDifference, name).to.be.lessThan(0.01);
}

describe("Margin bench", () => {
  it("finds fewer breaches at the same mean where volatility comes in spells", () => {
    let [fixed, adaptive] = [0, 0];
    for (const seed of [1, 2, 3]) {
      const series = restlessHours(seed);
      const hours = hoursOf({ file: "restless", series }, FEWEST_HOURS);
      const study = studyMargins(hours, series.intervalSeconds);
      expectGood(study, `seed ${seed}`);
      fixed += study.static.breaches;
      adaptive += study.adaptive.breaches;
    }
    expect(fixed).to.be.greaterThan(20);
    expect(adaptive).to.be.lessThan((fixed * 3) / 4);
  });

  it("says so in words", () => {
    const series = restlessHours(1);
    const hours = hoursOf({ file: "restless", series }, FEWEST_HOURS);
    const text = marginReport(studyMargins(hours.slice(0, 100), series.intervalSeconds));
    expect(text).to.contain("76 hours judged");
    expect(text).to.contain("it changes nothing");
  });

  it("joins rows to hours", () => {
    const series = restlessHours(4);
    const minutes = series.bars.slice(0, 8).map((bar, index) => ({
      ...bar,
      timestamp: BigInt(index) * 900n,
    }));
    const hours = hoursOf(
      { file: "quarters", series: { bars: minutes, intervalSeconds: 900n } },
      2,
    );
    expect(hours.map(({ start }) => start)).to.deep.equal([0n, 3_600n]);
    expect(hours[1]?.open).to.equal(minutes[4]?.open);
    expect(hours[1]?.high).to.equal(
      minutes
        .slice(4)
        .map((bar) => bar.high)
        .reduce(max),
    );
    expect(hours[1]?.low).to.equal(
      minutes
        .slice(4)
        .map((bar) => bar.low)
        .reduce(min),
    );
  });

  it("refuses rows that hours cannot be made of, and too few of them", () => {
    const { bars } = restlessHours(5);
    const of = (series: OhlcSeries) => () => hoursOf({ file: "few.csv", series }, FEWEST_HOURS);
    expect(of({ bars, intervalSeconds: 14_400n })).to.throw(
      PriceFileError,
      "rows are 14400 s apart",
    );
    expect(of({ bars: bars.slice(0, 47), intervalSeconds: 3_600n })).to.throw(
      PriceFileError,
      "few.csv: has 47 whole hours; at least 48 are needed",
    );
  });

  it("reads its options and refuses a call without prices", () => {
    expect(parseMarginOptions(["--prices", "a.csv"])).to.deep.equal({ prices: "a.csv", out: null });
    expect(parseMarginOptions(["--help"])).to.equal(null);
    expect(() => parseMarginOptions([])).to.throw(InputError, "--prices is missing");
    expect(() => parseMarginOptions(["--price", "a"])).to.throw(InputError, "Unknown option");
  });

  it("finds no more breaches in real hours, and fewer in all, where price files lie beside the checkout", async function () {
    const folder = join(import.meta.dirname, "../../../shared/data");
    if (!existsSync(folder)) this.skip();
    const files = globSync(join(folder, "*_1h.csv"));
    expect(files).to.not.have.length(0);
    let [fixed, adaptive] = [0, 0];
    for (const file of files) {
      const series = await readOhlcFile(file);
      const study = studyMargins(hoursOf({ file, series }, FEWEST_HOURS), series.intervalSeconds);
      expectGood(study, basename(file));
      fixed += study.static.breaches;
      adaptive += study.adaptive.breaches;
    }
    expect(adaptive).to.be.lessThan(fixed);
  });
});
