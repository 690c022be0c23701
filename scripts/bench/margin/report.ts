import type { MarginFigures, MarginStudy } from "./study.ts";

const percent = (share: number, digits = 2) => `${(share * 100).toFixed(digits)} %`;
const times = (ratio: number) => `${ratio.toFixed(4)}x`;

/** The study as a person reads it. */
export function marginReport(study: MarginStudy): string {
  const rows: readonly (readonly [string, (figures: MarginFigures) => string])[] = [
    ["mean maintenance margin", ({ meanRate }) => percent(meanRate)],
    ["hours that went beyond it", ({ breaches }) => String(breaches)],
    ["in 10,000 hours", ({ breachesPer10000Hours }) => breachesPer10000Hours.toFixed(0)],
    ["worst excess", ({ worstExcess }) => percent(worstExcess)],
    ["largest rise in an hour", ({ largestOneHourJump }) => times(largestOneHourJump)],
  ];
  const { initialMultiplier, fixedPointError, badPrint } = study;
  const cell = (text: string) => text.padStart(12);
  return [
    `${study.hours} hours judged`,
    "",
    `${"".padEnd(28)}${cell("static")}${cell("adaptive")}`,
    ...rows.map(
      ([label, of]) => `${label.padEnd(28)}${cell(of(study.static))}${cell(of(study.adaptive))}`,
    ),
    "",
    `Initial margin follows at once: ${times(initialMultiplier.mean)} of its calm rate on average, at most ${times(initialMultiplier.largestOneHourJump)} from one hour to the next.`,
    `Fixed point against floating point over ${fixedPointError.samples} rounds: volatility within ${fixedPointError.volatility.toExponential(1)}, multiplier within ${fixedPointError.multiplier.toExponential(1)} of it.`,
    `One print at 1.3 times the price: ${badPrint.status}; ${badPrint.changesNothing ? "it changes nothing" : "IT CHANGES MARGINS"}; no later hour differs by more than ${percent(badPrint.largestLaterDifference, 3)}.`,
  ].join("\n");
}
