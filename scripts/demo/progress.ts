import { momentLabel, priceUsd, shortUsd, wholeNumber } from "./chart/labels.ts";
import { formatNearest } from "./format.ts";
import { MARKET_SLOTS, type MarketSlot } from "./prices/path.ts";

/** Where a run stands after a published price. */
export interface ProgressSnapshot {
  /** Prices published so far. */
  readonly steps: number;
  /** {s} Unix time on the price path. */
  readonly timestamp: bigint;
  /** D18{USD/base} */
  readonly prices: Readonly<Record<MarketSlot, bigint>>;
  readonly distressedAccounts: number;
  readonly slices: number;
  /** D18{USD} */
  readonly insuranceUsd: bigint;
  /** D18{USD} */
  readonly socializedUsd: bigint;
}

/** What a display writes to; a terminal can be drawn over, anything else gets a line now and then. */
export interface ProgressOutput {
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: () => number;
  readonly write: (text: string) => void;
}

export interface Progress {
  update(snapshot: ProgressSnapshot): void;
  /** A line that stays, above the display. */
  note(text: string): void;
}

const BAR_WIDTH = 40;
/** {%} Between lines where nothing can be drawn over. */
const LINE_EVERY_PCT = 5;
const UP_AND_CLEAR = (lines: number) => (lines === 0 ? "" : `\x1b[${lines}A\x1b[0J`);

/** A display of a run of `totalSteps` prices. */
export function createProgress(options: {
  readonly totalSteps: number;
  readonly symbols: Readonly<Record<MarketSlot, string>>;
  readonly output: ProgressOutput;
}): Progress {
  return options.output.isTerminal ? drawnProgress(options) : linewiseProgress(options);
}

/** The output of a stream such as `process.stderr`. */
export function outputOf(stream: NodeJS.WriteStream): ProgressOutput {
  return {
    isTerminal: stream.isTTY && process.env.TERM !== "dumb",
    columns: () => stream.columns || 80,
    write: (text) => stream.write(text),
  };
}

type Shown = Parameters<typeof createProgress>[0];

function drawnProgress({ totalSteps, symbols, output }: Shown): Progress {
  const drawdownAt = trackDrawdown();
  let block: readonly string[] = [];
  const draw = (above: string) => {
    const fitting = block.map((line) => line.slice(0, Math.max(1, output.columns() - 1)));
    output.write(`${above}${fitting.map((line) => `${line}\n`).join("")}`);
  };
  return {
    update(snapshot) {
      const clear = UP_AND_CLEAR(block.length);
      const figures = figuresOf({ snapshot, symbols, drawdown: drawdownAt(snapshot) });
      const width = Math.max(...figures.map(([label]) => label.length));
      block = [
        `${bar(snapshot.steps / totalSteps)}  ${percentDone({ snapshot, totalSteps })} %  ${momentLabel(Number(snapshot.timestamp))}`,
        ...figures.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
      ];
      draw(clear);
    },
    note(text) {
      draw(`${UP_AND_CLEAR(block.length)}${text}\n`);
    },
  };
}

function linewiseProgress({ totalSteps, symbols, output }: Shown): Progress {
  const drawdownAt = trackDrawdown();
  let nextPct = LINE_EVERY_PCT;
  return {
    update(snapshot) {
      const drawdown = drawdownAt(snapshot);
      const percent = percentDone({ snapshot, totalSteps });
      if (percent < nextPct) return;
      nextPct = percent - (percent % LINE_EVERY_PCT) + LINE_EVERY_PCT;
      const figures = figuresOf({ snapshot, symbols, drawdown }).map(
        ([label, value]) => `${label} ${value}`,
      );
      output.write(
        `${String(percent).padStart(3)} %  ${momentLabel(Number(snapshot.timestamp))}  ${figures.join(", ")}\n`,
      );
    },
    note(text) {
      output.write(`${text}\n`);
    },
  };
}

/** How far each price is below its highest so far: 0 at it, 0.4 when 40 % below. */
type Drawdown = Readonly<Record<MarketSlot, number>>;

function trackDrawdown(): (snapshot: ProgressSnapshot) => Drawdown {
  const highest = { main: 0n, second: 0n };
  return ({ prices }) => {
    const drawdown = { main: 0, second: 0 };
    for (const market of MARKET_SLOTS) {
      if (prices[market] > highest[market]) highest[market] = prices[market];
      drawdown[market] = 1 - Number((prices[market] * 1000n) / highest[market]) / 1000;
    }
    return drawdown;
  };
}

function drawdownText(drawdown: number): string {
  return drawdown === 0 ? "at its peak" : `${(drawdown * 100).toFixed(1)} % below its peak`;
}

function figuresOf(shown: {
  snapshot: ProgressSnapshot;
  symbols: Readonly<Record<MarketSlot, string>>;
  drawdown: Drawdown;
}): (readonly [label: string, value: string])[] {
  const { snapshot, symbols, drawdown } = shown;
  const usd = (amountUsd: bigint) => shortUsd(Number(formatNearest(amountUsd, 2)));
  return [
    ...MARKET_SLOTS.map((market) => {
      const price = priceUsd(Number(formatNearest(snapshot.prices[market], 8)));
      return [symbols[market], `${price}, ${drawdownText(drawdown[market])}`] as const;
    }),
    ["distressed", wholeNumber(snapshot.distressedAccounts)],
    ["slices", wholeNumber(snapshot.slices)],
    ["insurance", usd(snapshot.insuranceUsd)],
    ["socialized", usd(snapshot.socializedUsd)],
  ];
}

function percentDone({
  snapshot,
  totalSteps,
}: {
  snapshot: ProgressSnapshot;
  totalSteps: number;
}): number {
  return Math.floor((snapshot.steps * 100) / totalSteps);
}

function bar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}
