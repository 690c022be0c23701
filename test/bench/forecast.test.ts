import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { parseForecastOptions } from "../../scripts/bench/cli.ts";
import { trainingWindowsOf, windowsOfFile } from "../../scripts/bench/forecast/files.ts";
import { forecastReport } from "../../scripts/bench/forecast/report.ts";
import {
  brierOf,
  calibrationOf,
  type Outcome,
  rankingOf,
  rankingWithin,
} from "../../scripts/bench/forecast/scores.ts";
import {
  type Forecast,
  type ForecastStudy,
  fewestHours,
  forecastAll,
  studyForecasts,
} from "../../scripts/bench/forecast/study.ts";
import type { Window } from "../../scripts/bench/forecast/windows.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { type OhlcSeries, PriceFileError, readOhlcFile } from "../../scripts/demo/prices/ohlc.ts";
import { Random } from "../../scripts/demo/random.ts";
import { TouchTable } from "../../sdk/src/forecast/touchTable.ts";
import { expectNear } from "../support/near.ts";
import { restlessHours } from "./restlessHours.ts";

const HORIZON = 6;
/** Excursions whose deviations are in truth twice what was foretold, with a tail no random walk has: P(X ≥ x) = (1 + x/4)⁻³. */
const TRUE_TAIL = (deviations: number) => (1 + deviations / 4) ** -3;

function study(series: OhlcSeries, name: string): ForecastStudy {
  const windows = windowsOfFile({ file: name, series }, HORIZON);
  return studyForecasts({ windows, training: [], horizonHours: HORIZON });
}

/** Windows of 1 h whose excursions are drawn from `TRUE_TAIL`, the deviation going up and down. */
function drawnWindows(count: number, seed: number): Window[] {
  const random = Random.stream({ seed, purpose: "drawn windows" });
  const excursion = () => 4 * (((random.below(1_000_000) + 0.5) / 1e6) ** (-1 / 3) - 1);
  return Array.from({ length: count }, (_, at) => {
    const deviation = at % 100 < 50 ? 0.005 : 0.02;
    return {
      start: BigInt(at) * 3_600n,
      end: BigInt(at + 1) * 3_600n,
      deviation,
      excursion: { fall: deviation * excursion(), rise: deviation * excursion() },
    };
  });
}

const outcomes = (calls: readonly (readonly [number, boolean])[]): Outcome[] =>
  calls.map(([probability, touched]) => ({ probability, touched }));

const saidOf = ({ window, direction, distance, probability }: Forecast) => ({
  ...{ start: window.start, direction, distance, probability },
});

/** A number that is there. */
function given(value: number | null): number {
  if (value === null) throw new Error("there is no such score");
  return value;
}

describe("Forecast bench", () => {
  it("ranks: 1 when all that came was called likelier, ½ when calls say nothing, 0 when they are the wrong way round", () => {
    const right = outcomes([
      [0.9, true],
      [0.8, true],
      [0.3, false],
      [0.1, false],
    ]);
    expect(rankingOf(right)).to.equal(1);
    expect(rankingOf(right.map((call) => ({ ...call, touched: !call.touched })))).to.equal(0);
    expect(rankingOf(right.map((call) => ({ ...call, probability: 0.4 })))).to.equal(0.5);
    expect(rankingOf(right.filter(({ touched }) => touched))).to.equal(null);
    const random = Random.stream({ seed: 1, purpose: "random ranking" });
    const calls = Array.from({ length: 20_000 }, () => ({
      probability: random.below(1_000) / 1_000,
      touched: random.below(4) === 0,
    }));
    expectNear(given(rankingOf(calls)), 0.5, 0.015);
  });

  it("ranks within groups without what tells the groups apart", () => {
    const near = outcomes([
      [0.9, true],
      [0.9, true],
      [0.9, false],
    ]);
    const far = outcomes([
      [0.1, true],
      [0.1, false],
      [0.1, false],
    ]);
    expect(rankingOf([...near, ...far])).to.be.greaterThan(0.6);
    expect(rankingWithin([near, far])).to.equal(0.5);
    expect(rankingWithin([near.slice(0, 2)])).to.equal(null);
  });

  it("scores calls by their distance from what came, and counts them by bin", () => {
    const calls = outcomes([
      [1, true],
      [0.5, false],
      [0, false],
    ]);
    expectNear(brierOf(calls), 0.25 / 3, 1e-12);
    const bins = calibrationOf(calls);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).to.equal(3);
    expect(bins.at(-1)).to.deep.equal({ from: 0.8, to: 1, count: 1, predicted: 1, observed: 1 });
    expect(bins[1]).to.deep.equal({
      from: 0.01,
      to: 0.02,
      count: 0,
      predicted: null,
      observed: null,
    });
  });

  it("finds how far prices really go, however wrong a random walk is about it", () => {
    const windows = drawnWindows(4_000, 7);
    const { table, scores } = studyForecasts({ windows, training: [], horizonHours: 1 });
    const learnt = TouchTable.from(table);
    for (const deviations of [0.5, 1, 2, 4, 8, 12]) {
      for (const direction of ["fall", "rise"] as const) {
        expectNear(
          learnt.probability(direction, deviations),
          TRUE_TAIL(deviations),
          0.03,
          `${direction} ${deviations}`,
        );
      }
    }
    for (const { count, predicted, observed } of scores.table.calibration) {
      if (count < 1_000) continue;
      expectNear(given(observed), given(predicted), 0.03);
    }
    expect(scores.table.brier).to.be.lessThan(scores.gaussian.brier);
    expect(scores.table.brier).to.be.lessThan(scores.distanceOnly.brier);
    expect(given(scores.table.aucWithinDistance)).to.be.greaterThan(0.65);
    expectNear(given(scores.distanceOnly.aucWithinDistance), 0.5, 0.05);
  });

  it("tells wild hours from quiet ones where volatility comes in spells, and means what it says", () => {
    for (const seed of [1, 2, 3]) {
      const { scores } = study(restlessHours(seed), `seed ${seed}`);
      const { table, gaussian, distanceOnly } = scores;
      expect(given(table.auc), `seed ${seed}`).to.be.greaterThan(given(distanceOnly.auc));
      expect(given(table.aucWithinDistance), `seed ${seed}`).to.be.greaterThan(
        given(distanceOnly.aucWithinDistance) + 0.05,
      );
      expect(table.brier, `seed ${seed}`).to.be.lessThan(distanceOnly.brier);
      expect(table.brier, `seed ${seed}`).to.be.lessThan(gaussian.brier);
      for (const { count, predicted, observed } of table.calibration) {
        if (count < 1_000) continue;
        expectNear(given(observed), given(predicted), 0.12, `seed ${seed}`);
      }
    }
  });

  it("says nothing that it could not know: other hours to come leave all earlier forecasts as they were", () => {
    const series = restlessHours(4);
    const changeAt = 300;
    const changed = {
      ...series,
      bars: series.bars.map((bar, at) =>
        at < changeAt
          ? bar
          : { ...bar, open: bar.open / 2n, low: bar.low / 3n, high: bar.high * 2n },
      ),
    };
    const forecasts = (of: OhlcSeries) => {
      const windows = windowsOfFile({ file: "restless", series: of }, HORIZON);
      return forecastAll({ windows, training: [], horizonHours: HORIZON }).forecasts;
    };
    const [plain, other] = [forecasts(series), forecasts(changed)];
    const until = BigInt(changeAt) * 3_600n;
    const early = (of: readonly Forecast[], before: bigint) =>
      of.filter(({ window }) => window.start < before).map(saidOf);
    expect(early(other, until)).to.deep.equal(early(plain, until));
    expect(early(plain, until).length).to.be.greaterThan(1_000);
    const later = until + 48n * 3_600n;
    expect(early(other, later)).to.not.deep.equal(early(plain, later));
  });

  it("learns from other files as far as they had ended, and refuses those that had not begun in time", () => {
    const [judged, other] = [drawnWindows(100, 1), drawnWindows(100, 2)];
    const shifted = other.map((window) => ({
      ...window,
      start: window.start - 50n * 3_600n,
      end: window.end - 50n * 3_600n,
    }));
    const alone = forecastAll({ windows: judged, training: [], horizonHours: 1 });
    const taught = forecastAll({ windows: judged, training: shifted, horizonHours: 1 });
    const later = shifted.map((window, at) =>
      at < 50 ? window : { ...window, excursion: { fall: 9, rise: 9 } },
    );
    const first = (run: { readonly forecasts: readonly Forecast[] }) => run.forecasts[0];
    expect(first(taught)?.probability.table).to.not.equal(first(alone)?.probability.table);
    expect(first(forecastAll({ windows: judged, training: later, horizonHours: 1 }))).to.deep.equal(
      first(taught),
    );
    const result = studyForecasts({ windows: judged, training: shifted, horizonHours: 1 });
    expect(result.training).to.deep.equal({ windows: 100, used: 100 });
    expect(forecastReport(result)).to.contain(
      "100 of 100 windows of other files had ended in time",
    );

    const series = restlessHours(5);
    const windows = windowsOfFile({ file: "now", series }, HORIZON);
    const bars = series.bars.map((bar) => ({ ...bar, timestamp: bar.timestamp + 10_000_000n }));
    const future = { file: "future.csv", series: { ...series, bars } };
    const asked = { windows, horizonHours: HORIZON, prices: "now" };
    expect(() => trainingWindowsOf([future], asked)).to.throw(
      PriceFileError,
      "future.csv: its first window ends after the last forecast",
    );
    expect(trainingWindowsOf([{ file: "same", series }], asked)).to.have.length(windows.length);
  });

  it("keeps a table through its data, and refuses excursions and weights that are none", () => {
    const table = new TouchTable({ priorWeight: 2, excursionWeight: 0.5 });
    expect(table.probability("fall", 0)).to.equal(1);
    expectNear(table.probability("fall", 1.959964), 0.05, 1e-6);
    for (const excursion of [3, 1, 2, 2]) table.add("fall", excursion);
    expect(table.data().excursions).to.deep.equal({ fall: [1, 2, 2, 3], rise: [] });
    expect(table.count("fall")).to.equal(4);
    expectNear(table.probability("fall", 2), (1.5 + 2 * 0.0455002639) / 4, 1e-9);
    const copy = TouchTable.from(table.data());
    expect(copy.probability("fall", 2.5)).to.equal(table.probability("fall", 2.5));
    expect(() => table.add("rise", Number.NaN)).to.throw(RangeError, "this one is NaN");
    expect(() => table.add("rise", -1)).to.throw(RangeError, "this one is -1");
    expect(() => new TouchTable({ priorWeight: 0, excursionWeight: 1 })).to.throw(
      RangeError,
      "the prior's is 0",
    );
  });

  it("says so in words", () => {
    const { bars, intervalSeconds } = restlessHours(1);
    const text = forecastReport(study({ bars: bars.slice(0, 300), intervalSeconds }, "short"));
    expect(text).to.contain("271 windows of 6 h judged, of which 45 can stand side by side");
    expect(text).to.contain("AUC within a distance");
    expect(text).to.contain("distance only, told");
  });

  it("refuses files that are too short or stand still, saying why", () => {
    const { bars, intervalSeconds } = restlessHours(6);
    const few = { bars: bars.slice(0, 47), intervalSeconds };
    expect(() => windowsOfFile({ file: "few.csv", series: few }, HORIZON)).to.throw(
      PriceFileError,
      "few.csv: has 47 whole hours; at least 48 are needed: 24 in which volatility settles, and four windows of 6",
    );
    expect(fewestHours(HORIZON)).to.equal(48);
    const price = bars[0]?.open ?? 1n;
    const still = bars.slice(0, 60).map(({ timestamp }) => ({
      ...{ timestamp, open: price, low: price, high: price, close: price },
    }));
    expect(() =>
      windowsOfFile({ file: "still.csv", series: { bars: still, intervalSeconds } }, HORIZON),
    ).to.throw(PriceFileError, "still.csv: its price never moves");
  });

  it("reads its options and refuses a call without prices", () => {
    expect(parseForecastOptions(["--prices", "a.csv"])).to.deep.equal({
      ...{ prices: "a.csv", train: [], horizonHours: 6, out: null },
    });
    const all = ["--prices", "a", "--train", "b", "--train", "c", "--horizon", "12"];
    expect(parseForecastOptions(all)).to.deep.equal({
      ...{ prices: "a", train: ["b", "c"], horizonHours: 12, out: null },
    });
    expect(parseForecastOptions(["--help"])).to.equal(null);
    expect(() => parseForecastOptions([])).to.throw(InputError, "--prices is missing");
    expect(() => parseForecastOptions(["--prices", "a", "--horizon", "0"])).to.throw(
      InputError,
      "--horizon",
    );
    expect(() => parseForecastOptions(["--prices", "a", "--train", "a"])).to.throw(
      InputError,
      "the file that is forecast",
    );
  });

  it("ranks real hours better than distance alone does, and is nearer to what came than a random walk, where price files lie beside the checkout", async function () {
    const folder = join(import.meta.dirname, "../../../shared/data");
    if (!existsSync(folder)) this.skip();
    const files = globSync(join(folder, "*_1h.csv"));
    expect(files).to.not.have.length(0);
    for (const file of files) {
      const { scores } = study(await readOhlcFile(file), basename(file));
      const { table, gaussian, distanceOnly } = scores;
      expect(given(table.auc), basename(file)).to.be.greaterThan(given(distanceOnly.auc));
      expect(given(table.aucWithinDistance), basename(file)).to.be.greaterThan(
        given(distanceOnly.aucWithinDistance),
      );
      expect(table.brier, basename(file)).to.be.lessThan(gaussian.brier);
    }
  });
});
