// The chart of a run: one HTML file with an SVG inside, readable from disk, without scripts, fonts or network.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { MarketSlot } from "../prices/path.ts";
import type { Report } from "../report/report.ts";
import { renderPage } from "./page.ts";
import { renderPlot } from "./plot.ts";

/** The state after one published price. */
export interface ChartFrame {
  /** {s} Unix time, as in the price path; not decreasing. */
  readonly timestamp: bigint;
  /** D18{USD/base} */
  readonly prices: Readonly<Record<MarketSlot, bigint>>;
  /** Accounts below maintenance margin. */
  readonly distressedAccounts: number;
  /** D18{USD} Liquidated since the start. */
  readonly liquidatedUsd: bigint;
  /** Liquidations since the start. */
  readonly slices: number;
  /** D18{USD} */
  readonly insuranceUsd: bigint;
  /** D18{USD} Of all pools. */
  readonly poolEquityUsd: bigint;
}

/** Something to be marked: `bankruptcy` of an account, or a `loss` shared by the winners of a market. */
export interface ChartEvent {
  readonly kind: "bankruptcy" | "loss";
  /** {s} Unix time. */
  readonly timestamp: bigint;
  /** One sentence, shown on hovering: who, how much. */
  readonly text: string;
}

export interface ChartInput {
  readonly report: Report;
  readonly symbols: Readonly<Record<MarketSlot, string>>;
  /** In time order; at least one. */
  readonly frames: readonly ChartFrame[];
  readonly events: readonly ChartEvent[];
}

/** The whole HTML document. */
export function renderChart(input: ChartInput): string {
  return renderPage({ report: input.report, plot: renderPlot(input) });
}

/** Writes the chart, making the folders it goes into. */
export async function writeChart({ file, ...input }: ChartInput & { file: string }): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, renderChart(input));
}
