import type { Difference } from "./compare.ts";
import { type GasFigures, NOTES, OPERATIONS, type Operation } from "./operations.ts";

const NUMBER_WIDTH = 11;

const grouped = (value: number) => value.toLocaleString("en-US");
const right = (text: string) => text.padStart(NUMBER_WIDTH);

/** Every figure beside its aim and what others take. */
export function figuresTable(figures: GasFigures): string {
  const rows = Object.entries<Operation>(OPERATIONS);
  const width = Math.max(...rows.map(([, { label }]) => label.length)) + 1;
  const values: Readonly<Record<string, number>> = figures;
  const lines = rows.map(([name, { label, aim, others }]) => {
    const gas = values[name] ?? 0;
    const verdict = aim === undefined ? "" : gas <= aim ? "met" : `+${percent(gas, aim)}`;
    return `${label.padEnd(width)}${right(grouped(gas))}${right(aim === undefined ? "" : grouped(aim))}${verdict.padStart(9)}   ${others ?? ""}`;
  });
  const head = `${"".padEnd(width)}${right("gas")}${right("aim")}${"".padStart(9)}   others`;
  return [head, ...lines, "", ...NOTES].map((line) => line.trimEnd()).join("\n");
}

/** What changed against the snapshot; one line per difference. */
export function differencesTable(differences: readonly Difference[]): string {
  if (differences.length === 0) return "No difference from the snapshot.";
  const width = Math.max(...differences.map(({ name }) => name.length)) + 1;
  const lines = differences.map(({ name, before, after, worse }) => {
    const change =
      before === undefined ? "new" : after === undefined ? "gone" : signedPercent(after, before);
    const shown = [before, after].map((gas) => right(gas === undefined ? "–" : grouped(gas)));
    return `${name.padEnd(width)}${shown.join("")}${change.padStart(10)}${worse ? "  worse" : ""}`;
  });
  return [`${"".padEnd(width)}${right("snapshot")}${right("now")}`, ...lines].join("\n");
}

function signedPercent(after: number, before: number): string {
  return after < before ? `-${percent(2 * before - after, before)}` : `+${percent(after, before)}`;
}

/** How far `value` is above `base`. */
function percent(value: number, base: number): string {
  return `${((100 * (value - base)) / base).toFixed(1)} %`;
}
