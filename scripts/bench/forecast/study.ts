import { walkTouches } from "../../../sdk/src/forecast/gaussian.ts";
import {
  type Direction,
  TouchTable,
  type TouchTableData,
} from "../../../sdk/src/forecast/touchTable.ts";
import { WARM_UP_HOURS } from "../prices/history.ts";
import {
  brierOf,
  type CalibrationBin,
  calibrationOf,
  type Outcome,
  rankingOf,
  rankingWithin,
} from "./scores.ts";
import type { Window } from "./windows.ts";

/** How far the price may go before a position is liquidated, as shares of it. */
export const DISTANCES = [
  0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.25,
];
export const DIRECTIONS = ["fall", "rise"] as const;
export const FORECASTERS = ["table", "gaussian", "distanceOnly"] as const;
export type Forecaster = (typeof FORECASTERS)[number];

/** Windows side by side that the Gaussian answer is worth: few, for it is off by whatever σ is, which depends on how closely a feed follows the price. */
export const PRIOR_WEIGHT = 5;

/** What was said at the start of a window about one distance, and whether the price got there. */
export interface Forecast {
  readonly window: Window;
  readonly direction: Direction;
  /** Share of the price. */
  readonly distance: number;
  readonly touched: boolean;
  readonly probability: Readonly<Record<Forecaster, number>>;
}

export interface Scores {
  /** Of all pairs of hour and distance. */
  readonly auc: number | null;
  /** Of hours, at the same distance and side: what knowing when adds. */
  readonly aucWithinDistance: number | null;
  readonly brier: number;
  readonly calibration: readonly CalibrationBin[];
}

export interface ForecastStudy {
  readonly horizonHours: number;
  /** Windows judged, and how many of them could stand side by side. */
  readonly windows: number;
  readonly apart: number;
  /** Windows of other files, and how many had ended when the last forecast was made. */
  readonly training: { readonly windows: number; readonly used: number };
  readonly forecasts: number;
  readonly touched: number;
  readonly scores: Readonly<Record<Forecaster, Scores>>;
  /** The table at the end, all windows of this run having ended. */
  readonly table: TouchTableData;
}

/** Least hours of a file: those in which volatility settles, and four windows after them. */
export const fewestHours = (horizonHours: number): number => WARM_UP_HOURS + 4 * horizonHours;

/** Three forecasters over the same hours; whatever they say, they say from windows that have ended. */
export function studyForecasts(run: {
  readonly windows: readonly Window[];
  readonly training: readonly Window[];
  readonly horizonHours: number;
}): ForecastStudy {
  const { windows, training, horizonHours } = run;
  const { forecasts, table } = forecastAll(run);
  const lastStart = windows.at(-1)?.start ?? 0n;
  return {
    horizonHours,
    windows: windows.length,
    apart: Math.floor(windows.length / horizonHours),
    training: {
      windows: training.length,
      used: training.filter(({ end }) => end <= lastStart).length,
    },
    forecasts: forecasts.length,
    touched: forecasts.filter(({ touched }) => touched).length,
    scores: {
      table: scoresOf(forecasts, "table"),
      gaussian: scoresOf(forecasts, "gaussian"),
      distanceOnly: scoresOf(forecasts, "distanceOnly"),
    },
    table,
  };
}

/** Every window's forecasts, in order of time, and the table once all have ended. */
export function forecastAll(run: {
  readonly windows: readonly Window[];
  readonly training: readonly Window[];
  readonly horizonHours: number;
}): { readonly forecasts: readonly Forecast[]; readonly table: TouchTableData } {
  const known = new Known(run.horizonHours);
  const ending = [...run.training, ...run.windows].sort((a, b) => Number(a.end - b.end));
  let ended = 0;
  const learnUntil = (now: bigint | null) => {
    for (let next = ending[ended]; next !== undefined; next = ending[ended]) {
      if (now !== null && next.end > now) break;
      known.add(next);
      ended += 1;
    }
  };
  const forecasts = run.windows.flatMap((window) => {
    learnUntil(window.start);
    return DIRECTIONS.flatMap((direction) =>
      DISTANCES.map((distance): Forecast => {
        const far = logDistance(direction, distance);
        return {
          ...{ window, direction, distance },
          touched: window.excursion[direction] >= far,
          probability: known.probabilities({ direction, distance, deviation: window.deviation }),
        };
      }),
    );
  });
  learnUntil(null);
  return { forecasts, table: known.table.data() };
}

/** What the windows that have ended say. */
class Known {
  readonly table: TouchTable;
  readonly #weight: number;
  readonly #touches = new Map<string, number>();
  #windows = 0;
  #variance = 0;

  constructor(horizonHours: number) {
    this.#weight = 1 / horizonHours;
    this.table = new TouchTable({ priorWeight: PRIOR_WEIGHT, excursionWeight: this.#weight });
  }

  add({ deviation, excursion }: Window): void {
    this.#windows += 1;
    this.#variance += deviation ** 2;
    for (const direction of DIRECTIONS) {
      this.table.add(direction, excursion[direction] / deviation);
      for (const distance of DISTANCES) {
        if (excursion[direction] < logDistance(direction, distance)) continue;
        const key = `${direction} ${distance}`;
        this.#touches.set(key, (this.#touches.get(key) ?? 0) + 1);
      }
    }
  }

  probabilities(asked: {
    readonly direction: Direction;
    readonly distance: number;
    readonly deviation: number;
  }): Record<Forecaster, number> {
    const { direction, distance, deviation } = asked;
    const far = logDistance(direction, distance);
    return {
      table: this.table.probability(direction, far / deviation),
      gaussian: walkTouches(far / deviation),
      distanceOnly: this.#frequency({ direction, distance, deviation }),
    };
  }

  /** How often it came to this, whatever volatility is now; as much of a random walk of the usual volatility in it as the table has of one of today's. */
  #frequency(asked: {
    readonly direction: Direction;
    readonly distance: number;
    readonly deviation: number;
  }): number {
    const { direction, distance, deviation } = asked;
    const usual = this.#windows === 0 ? deviation : Math.sqrt(this.#variance / this.#windows);
    const touches = this.#touches.get(`${direction} ${distance}`) ?? 0;
    const prior = PRIOR_WEIGHT * walkTouches(logDistance(direction, distance) / usual);
    return (touches * this.#weight + prior) / (this.#windows * this.#weight + PRIOR_WEIGHT);
  }
}

const logDistance = (direction: Direction, distance: number): number =>
  direction === "fall" ? -Math.log(1 - distance) : Math.log(1 + distance);

function scoresOf(forecasts: readonly Forecast[], by: Forecaster): Scores {
  const outcomeOf = ({ probability, touched }: Forecast): Outcome => ({
    probability: probability[by],
    touched,
  });
  const outcomes = forecasts.map(outcomeOf);
  const groups = DIRECTIONS.flatMap((direction) =>
    DISTANCES.map((distance) =>
      forecasts
        .filter((forecast) => forecast.direction === direction && forecast.distance === distance)
        .map(outcomeOf),
    ),
  );
  return {
    auc: rankingOf(outcomes),
    aucWithinDistance: rankingWithin(groups),
    brier: brierOf(outcomes),
    calibration: calibrationOf(outcomes),
  };
}
