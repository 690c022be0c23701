import type { Result } from "../abi.ts";
import type { clearingHouseAbi } from "../abis/ClearingHouse.ts";
import { marketEventKind } from "./codes.ts";
import { mulWadCeil, mulWadFloor, positivePart } from "./fixedPoint.ts";
import { chargeUp, gainAt, tearUpFill } from "./lossMath.ts";
import { int256, max, min } from "./solidity.ts";

/** A position's size D18{base} and quote leg D18{USD}. */
export interface Leg {
  readonly size: bigint;
  readonly quote: bigint;
}

/** What a market event does to a position; `eventOf` of the house answers with more. */
export type MarketEvent = Pick<
  Result<typeof clearingHouseAbi, "eventOf">,
  "kind" | "x" | "fraction"
>;

/** What one event did to a position. */
export interface Step {
  readonly leg: Leg;
  /** D18{USD}, unsettled gain at a loss event. */
  readonly gain: bigint;
  /** D18{USD}, what the event takes of it, rounded up. */
  readonly charge: bigint;
  /** D18{base}, size torn off, signed like the position. */
  readonly torn: bigint;
  /** D18{USD}, what the tear-up's fill takes off the quote leg, rounded up. */
  readonly cost: bigint;
}

/** Net fill of a position in one maturity bucket; `cost` D18{USD} is what it took off the quote leg. */
export interface BucketFill {
  readonly size: bigint;
  readonly cost: bigint;
}

/** `Positions.step`: applies one event. */
export function step(leg: Leg, event: MarketEvent): Step {
  const nothing = { leg, gain: 0n, charge: 0n, torn: 0n, cost: 0n };
  if (event.kind === marketEventKind.Loss) {
    const gain = gainAt(leg.size, event.x, leg.quote);
    const charge = chargeUp(gain, event.fraction);
    return { ...nothing, leg: { size: leg.size, quote: leg.quote - charge }, gain, charge };
  }
  const isTorn = event.kind === marketEventKind.TearUpLongs ? leg.size > 0n : leg.size < 0n;
  if (!isTorn) return nothing;
  const torn = tearUpFill(leg.size, event.fraction);
  const cost = mulWadCeil(-torn, event.x);
  return { ...nothing, leg: { size: leg.size - torn, quote: leg.quote - cost }, torn, cost };
}

/** The position with events applied, oldest first. */
export const effective = (leg: Leg, events: readonly MarketEvent[]): Leg =>
  events.reduce((current, event) => step(current, event).leg, leg);

/** Unsettled value U = s·X + v, rounded down. */
export const unsettledValueOf = (leg: Leg, x: bigint): bigint =>
  int256(mulWadFloor(leg.size, x) + leg.quote);

/** What maturity is judged by. Prices D18{USD/base}. */
export interface MaturityInput {
  readonly leg: Leg;
  readonly price: bigint;
  readonly fundingIndex: bigint;
  /** Lowest and highest price of the maturity window. */
  readonly low: bigint;
  readonly high: bigint;
  /** Net fills of the present and the previous bucket. */
  readonly fills: readonly BucketFill[];
}

/** `Positions.maturedOf`: the part of a gain that has stood for the whole window, min(U(X), U(X_lo), U(X_hi)) − k, rounded down. */
export function maturedOf(input: MaturityInput): bigint {
  const { leg, fundingIndex } = input;
  const xLow = input.low - fundingIndex;
  const xHigh = input.high - fundingIndex;
  const now = unsettledValueOf(leg, input.price - fundingIndex);
  const value = min(now, unsettledValueOf(leg, leg.size > 0n ? xLow : xHigh));
  if (value <= 0n) return 0n;
  const edges = input.fills.map((fill) =>
    positivePart(max(mulWadCeil(fill.size, xLow), mulWadCeil(fill.size, xHigh)) - fill.cost),
  );
  return positivePart(value - edges.reduce((sum, edge) => sum + edge, 0n));
}
