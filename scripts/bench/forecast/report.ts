import { FORECASTERS, type Forecaster, type ForecastStudy, type Scores } from "./study.ts";

const NAMES: Readonly<Record<Forecaster, string>> = {
  table: "table",
  gaussian: "Gaussian",
  distanceOnly: "distance only",
};

const number = (value: number | null, digits: number) =>
  value === null ? "–" : value.toFixed(digits);
const percent = (share: number | null) =>
  share === null ? "–" : `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** The study as a person reads it. */
export function forecastReport(study: ForecastStudy): string {
  const rows: readonly (readonly [string, (scores: Scores) => string])[] = [
    ["AUC, all hours and distances", ({ auc }) => number(auc, 4)],
    ["AUC within a distance", ({ aucWithinDistance }) => number(aucWithinDistance, 4)],
    ["Brier score", ({ brier }) => number(brier, 5)],
  ];
  const { horizonHours, windows, apart, training, forecasts, touched } = study;
  const cell = (text: string) => text.padStart(15);
  return [
    `${windows} windows of ${horizonHours} h judged, of which ${apart} can stand side by side; ${forecasts} forecasts, ${touched} of them touched`,
    ...(training.windows === 0
      ? []
      : [`${training.used} of ${training.windows} windows of other files had ended in time`]),
    "",
    `${"".padEnd(30)}${FORECASTERS.map((by) => cell(NAMES[by])).join("")}`,
    ...rows.map(
      ([label, of]) =>
        `${label.padEnd(30)}${FORECASTERS.map((by) => cell(of(study.scores[by]))).join("")}`,
    ),
    ...FORECASTERS.flatMap((by) => ["", ...calibrationRows(NAMES[by], study.scores[by])]),
  ].join("\n");
}

function calibrationRows(name: string, { calibration }: Scores): string[] {
  const cell = (text: string) => text.padStart(12);
  return [
    `${`${name}, told`.padEnd(24)}${["mean told", "came", "forecasts"].map(cell).join("")}`,
    ...calibration
      .filter(({ count }) => count > 0)
      .map(
        ({ from, to, predicted, observed, count }) =>
          `${`  ${from * 100} to ${to * 100} %`.padEnd(24)}${cell(percent(predicted))}${cell(percent(observed))}${cell(String(count))}`,
      ),
  ];
}
