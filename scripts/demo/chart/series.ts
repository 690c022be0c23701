import { formatD18 } from "../../../sdk/src/amounts.ts";
import { type Axis, percentTicks, type Scale } from "./axis.ts";
import type { ChartFrame, ChartInput } from "./chart.ts";
import { priceUsd, shortUsd, signedPercent, wholeNumber } from "./labels.ts";

/** One curve. Its `id` is its class in the document and its colour in the style sheet. */
export interface Series {
  readonly id: string;
  readonly label: string;
  /** What is drawn, on the axis of its side. */
  readonly values: readonly number[];
  readonly side: "left" | "right";
  /** Counts and sums jump; prices glide. */
  readonly shape: "line" | "steps" | "area";
  /** What is said about a frame, in its own unit. */
  readonly describe: (frame: ChartFrame) => string;
}

/** One vertical axis of a panel. */
export interface PanelAxis {
  readonly title: string;
  readonly scale: Scale;
  readonly label: (value: number) => string;
  /** Where it is labelled. */
  readonly ticksOn: (axis: Axis) => readonly number[];
}

/** Curves above one another, the first on top. */
export interface Panel {
  readonly height: number;
  readonly tickCount: number;
  readonly series: readonly Series[];
  readonly left: PanelAxis;
  /** For the curves of the right side; without any, another reading of the left ones. */
  readonly right: PanelAxis | null;
  /** The frame whose value of the first curve is written beside it. */
  readonly callout: number | null;
}

/** Pixels are drawn from ordinary numbers; every figure that is written down comes from exact ones. */
const toNumber = (valueD18: bigint) => Number(formatD18(valueD18));

const PRICE_TICKS = 5;
const roundTicks = (axis: Axis) => axis.ticks;
const USD_AXIS: PanelAxis = { title: "USD", scale: "amount", label: shortUsd, ticksOn: roundTicks };

type Charted = Pick<ChartInput, "frames" | "symbols" | "report">;

/** What is drawn, from top to bottom. */
export function panelsOf(charted: Charted): Panel[] {
  return [
    pricePanel(charted),
    distressPanel(charted),
    liquidationPanel(charted),
    balancePanel({
      id: "insurance",
      label: "Insurance fund",
      amount: (frame) => frame.insuranceUsd,
      ...charted,
    }),
    balancePanel({
      id: "pool",
      label: "Equity of the pools",
      amount: (frame) => frame.poolEquityUsd,
      ...charted,
    }),
  ];
}

/** The second market is drawn as if it had started at the price of the main one, so that their moves compare. */
function pricePanel({ frames, symbols }: Charted): Panel {
  const main = frames.map((frame) => toNumber(frame.prices.main));
  const second = frames.map((frame) => toNumber(frame.prices.second));
  const start = main[0] ?? 1;
  const rebase = start / (second[0] ?? 1);
  return {
    height: 290,
    tickCount: PRICE_TICKS,
    series: [
      {
        id: "main",
        label: symbols.main,
        values: main,
        side: "left",
        shape: "line",
        describe: (frame) => priceUsd(toNumber(frame.prices.main)),
      },
      {
        id: "second",
        label: `${symbols.second}, from the same start`,
        values: second.map((price) => price * rebase),
        side: "left",
        shape: "line",
        describe: (frame) => priceUsd(toNumber(frame.prices.second)),
      },
    ],
    left: { title: "USD", scale: "price", label: priceUsd, ticksOn: roundTicks },
    right: {
      title: "change",
      scale: "price",
      label: (price) => signedPercent(price / start - 1),
      ticksOn: (axis) => percentTicks({ axis, start, tickCount: PRICE_TICKS }),
    },
    callout: main.indexOf(Math.min(...main)),
  };
}

function distressPanel({ frames }: Charted): Panel {
  return {
    height: 96,
    tickCount: 3,
    series: [
      {
        id: "distressed",
        label: "Distressed accounts",
        values: frames.map((frame) => frame.distressedAccounts),
        side: "left",
        shape: "area",
        describe: (frame) => wholeNumber(frame.distressedAccounts),
      },
    ],
    left: { title: "accounts", scale: "count", label: wholeNumber, ticksOn: roundTicks },
    right: null,
    callout: null,
  };
}

function liquidationPanel({ frames, report }: Charted): Panel {
  const unit = report.policy === "partial" ? "Slices" : "Closures";
  return {
    height: 120,
    tickCount: 3,
    series: [
      {
        id: "liquidated",
        label: "Liquidated so far",
        values: frames.map((frame) => toNumber(frame.liquidatedUsd)),
        side: "left",
        shape: "area",
        describe: (frame) => shortUsd(toNumber(frame.liquidatedUsd)),
      },
      {
        id: "slices",
        label: `${unit} so far`,
        values: frames.map((frame) => frame.slices),
        side: "right",
        shape: "steps",
        describe: (frame) => wholeNumber(frame.slices),
      },
    ],
    left: USD_AXIS,
    right: { title: unit.toLowerCase(), scale: "count", label: wholeNumber, ticksOn: roundTicks },
    callout: null,
  };
}

function balancePanel(
  curve: Charted & { id: string; label: string; amount: (frame: ChartFrame) => bigint },
): Panel {
  const { id, label, amount, frames } = curve;
  return {
    height: 96,
    tickCount: 3,
    series: [
      {
        id,
        label,
        values: frames.map((frame) => toNumber(amount(frame))),
        side: "left",
        shape: "steps",
        describe: (frame) => shortUsd(toNumber(amount(frame))),
      },
    ],
    left: USD_AXIS,
    right: null,
    callout: null,
  };
}
