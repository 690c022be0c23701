/** A vertical axis: the values it spans and where its grid lines are. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/** What an axis measures. `price` starts where prices do, `amount` at zero unless all is far from it, `count` has no fractions. */
export type Scale = "price" | "amount" | "count";

/** Share of the largest value below which the smallest is: then an axis of amounts starts at zero. */
const ZERO_BASE_SHARE = 0.6;

/** An axis of round numbers around the values. */
export function axisAround(wanted: {
  values: readonly number[];
  scale: Scale;
  tickCount: number;
}): Axis {
  const { values, scale, tickCount } = wanted;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const startsAtZero = scale !== "price" && low >= 0 && low <= high * ZERO_BASE_SHARE;
  const base = startsAtZero ? 0 : low;
  // Values that differ by less than a float can place apart are one value.
  const isFlat = high - base <= Math.max(Math.abs(low), Math.abs(high)) * 1e-9;
  const rough = (isFlat ? Math.abs(high) || 1 : high - base) / tickCount;
  const step = roundStep(scale === "count" ? Math.max(1, rough) : rough);
  const min = Math.floor(base / step + 1e-9) * step;
  const count = Math.max(1, Math.ceil((high - min) / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => min + index * step);
  return { min, max: min + count * step, ticks };
}

/** Where on an axis the round percentages of change since `start` are. */
export function percentTicks(wanted: { axis: Axis; start: number; tickCount: number }): number[] {
  const { axis, start, tickCount } = wanted;
  const step = roundStep((axis.max - axis.min) / start / tickCount);
  const ticks: number[] = [];
  for (let n = Math.ceil((axis.min / start - 1) / step - 1e-9); ; n++) {
    const tick = start * (1 + n * step);
    if (tick > axis.max * (1 + 1e-9)) return ticks;
    ticks.push(tick);
  }
}

/** The next larger number of the form 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** {s} Spacings people read off a clock. */
const CLOCK_STEPS = [
  1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
] as const;

/** {s} Round UTC times within a span, at the finest spacing that needs no more than about `tickCount`. */
export function clockTicks(span: { from: number; to: number; tickCount: number }): number[] {
  const { from, to, tickCount } = span;
  const rough = (to - from) / tickCount;
  const step =
    CLOCK_STEPS.find((seconds) => seconds >= rough) ?? Math.ceil(rough / 604_800) * 604_800;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
