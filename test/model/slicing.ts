import { depthOf, notionalDown, notionalUp, skewOf } from "./book.ts";
import { accountOf, type Call } from "./call.ts";
import { edgeOf, poolEquityOf, poolMarginOf } from "./fills.ts";
import { graceOf } from "./marketEvents.ts";
import { windowOf } from "./oracle.ts";
import { poolPriceOf } from "./poolPrice.ts";
import {
  down,
  exact,
  greater,
  greatest,
  lesser,
  ONE,
  positive,
  Rational,
  size,
  up,
  WHOLE,
  whole,
  ZERO,
} from "./rational.ts";
import { assess, initialRateOf, maintenanceOf, maintenanceRateOf } from "./risk.ts";
import { FUND, poolOf, systemAccountOf } from "./terms.ts";
import type { Holding, Work } from "./work.ts";

/** Why a plan closes what it closes, or nothing, with the numbers that the house reports. */
export const planCodes = {
  Healthy: 0n,
  Bankrupt: 1n,
  NoPosition: 2n,
  PriceNotValid: 3n,
  Halted: 4n,
  Paced: 5n,
  Unaffordable: 6n,
  PoolUnavailable: 7n,
  EventsPending: 8n,
  TooSmall: 9n,
  NotDeep: 10n,
  Partial: 11n,
  Full: 12n,
};

export type PlanCode = keyof typeof planCodes;

/** A plan that acts. */
export interface Slice {
  readonly code: "Partial" | "Full";
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly closeSize: bigint;
  readonly price: bigint;
  readonly penalty: bigint;
  readonly keeperReward: bigint;
  readonly gasFloor: bigint;
  readonly bucketUsed: bigint;
  readonly accountUsedRatio: bigint;
}

export type Plan = Slice | { readonly code: Exclude<PlanCode, "Partial" | "Full"> };

export function acts(plan: Plan): plan is Slice {
  return plan.code === "Partial" || plan.code === "Full";
}

/** A distressed position, and what a reduction of it depends on. */
export interface Patient {
  readonly holding: Holding;
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly isLong: boolean;
  readonly size: bigint;
  /** N */
  readonly notional: bigint;
  /** φ₀ = min(φ_max, η·E/N), down */
  readonly penaltyRate: bigint;
  readonly pacing: Pacing;
}

/** What bucket and allowance have left. */
export interface Pacing {
  readonly capacity: bigint;
  readonly used: bigint;
  readonly accountUsedRatio: bigint;
  /** Equity is below a third of the maintenance margin. */
  readonly isDeep: boolean;
  /** Small enough to close at once. */
  readonly isSmall: boolean;
}

/** Why nothing could be done with a position, whatever the account's health. */
export function obstacleTo(work: Work, { book, position }: Holding): PlanCode | null {
  if (position.size === 0n) return "NoPosition";
  if (book.market.mode === "Halted") return "Halted";
  if (book.status !== "Valid") return "PriceNotValid";
  return work.name === poolOf(book.id) ? "PoolUnavailable" : null;
}

/** Whether an account is in distress, recent charges counted back; else why not. */
export function distressOf(
  equity: bigint,
  maintenance: bigint,
  grace: bigint,
): "Bankrupt" | "Healthy" | null {
  if (equity < 0n) return grace < -equity ? "Bankrupt" : "Healthy";
  return equity + grace >= maintenance ? "Healthy" : null;
}

/** What `liquidate` closes of one position, and what it costs. */
export function planSlice(call: Call, work: Work, holding: Holding): Plan {
  const obstacle = obstacleTo(work, holding);
  if (obstacle !== null) return refused(obstacle);
  const { equity, required } = assess(call, work, "Maintenance");
  const state = distressOf(equity, required, graceOf(call, work.name));
  if (state !== null) return { code: state };
  const patient = patientOf(call, work, holding, equity, required);
  const close = sizeOf(call, patient);
  return typeof close === "bigint" ? charged(patient, close) : { code: close };
}

function refused(code: PlanCode): Plan {
  if (code === "Partial" || code === "Full") throw new RangeError(`${code} is no refusal`);
  return { code };
}

export function patientOf(
  call: Call,
  work: Work,
  holding: Holding,
  equity: bigint,
  maintenance: bigint,
): Patient {
  const { book, position } = holding;
  const { liquidation } = book.terms;
  const notional = notionalUp(book, position.size);
  const share = exact(equity).times(exact(liquidation.equityShare)).over(exact(notional));
  return {
    holding,
    equity,
    maintenance,
    isLong: position.size > 0n,
    size: size(position.size),
    notional,
    penaltyRate: lesser(liquidation.maxPenaltyRate, down(share)),
    pacing: pacingOf(call, work, holding, equity, maintenance, notional),
  };
}

/** w and β follow the price's range, shortfalls and the market's mode. */
function pacingOf(
  call: Call,
  work: Work,
  { book }: Holding,
  equity: bigint,
  maintenance: bigint,
  notional: bigint,
): Pacing {
  const { liquidation } = book.terms;
  const { market } = book;
  const tranche = accountOf(call, systemAccountOf(book.id, "tranche"));
  const insurance = tranche.cash + accountOf(call, FUND).cash;
  let share = exact(liquidation.sliceShare);
  if (call.state.shortfall > insurance / 4n) share = share.times(whole(2n));
  if (market.mode === "ReduceOnly") share = share.times(new Rational(2n, 5n));
  if (WHOLE.isBelow(share)) share = WHOLE;
  const capacity = down(exact(depthOf(book)).times(share));
  const { sliceUsed, slicedAt } = work.account;
  const isPaced = market.bucketUsed !== 0n || sliceUsed !== 0n;
  const window = isPaced ? windowSecondsOf(call, book.id, liquidation) : liquidation.windowSeconds;
  const filled = down(exact(capacity).times(new Rational(call.now - market.bucketAt, window)));
  const used = positive(market.bucketUsed - filled);
  const recovered = down(new Rational(call.now - slicedAt, window));
  return {
    capacity,
    used,
    accountUsedRatio: positive(down(new Rational(sliceUsed, 255n)) - recovered),
    isDeep: equity * 3n < maintenance,
    isSmall: notional <= liquidation.smallNotionalUsd && used + notional <= 2n * capacity,
  };
}

/** w = w₀·clamp(range/referenceRange, ½, 4) in whole seconds; range (up) = high/low − 1 over the maturity window. */
function windowSecondsOf(
  call: Call,
  id: bigint,
  terms: { readonly windowSeconds: bigint; readonly referenceRange: bigint },
): bigint {
  const { low, high } = windowOf(call, id);
  const range = exact(up(new Rational(high - low, low)));
  const scaled = whole(terms.windowSeconds).times(range).over(exact(terms.referenceRange));
  const calmest = new Rational(terms.windowSeconds, 2n);
  return lesser(greatest(scaled, calmest).ceiling(), 4n * terms.windowSeconds);
}

/** i₀: what the pool's skew adds to the price of the first unit closed. */
export function skewCostOf({ holding, isLong }: Patient): Rational {
  const { market, terms } = holding.book;
  const ratio = new Rational(skewOf(market), terms.market.skewScale);
  return isLong ? ratio.negated() : ratio;
}

/** What margin the first dollar closed frees, m + 2μN/D, and how that falls: μ/D. */
function releaseOf({ holding, notional }: Patient) {
  const { risk } = holding.book.terms;
  const curvature = exact(risk.sizeSlope).over(exact(greater(depthOf(holding.book), ONE)));
  const first = maintenanceRateOf(risk).plus(whole(2n).times(curvature).times(exact(notional)));
  return { first, curvature };
}

/** 1/(2KP) */
export function poolCurvatureOf({ holding }: Patient): Rational {
  const { price, terms } = holding.book;
  const scale = exact(terms.market.skewScale).times(exact(price));
  return WHOLE.over(whole(2n).times(greatest(scale, WHOLE)));
}

/** How much to close, or why nothing. */
function sizeOf(
  call: Call,
  patient: Patient,
): bigint | "Paced" | "Unaffordable" | "PoolUnavailable" {
  const { pacing } = patient;
  let close = patient.size;
  if (!pacing.isSmall) {
    close = pacedSize(patient);
    if (close === 0n) return "Paced";
  }
  const affordable = inWholeLots(patient, affordableSize(patient));
  if (affordable === 0n) return "Unaffordable";
  close = roomInPool(call, patient, lesser(close, affordable));
  return close === 0n ? "PoolUnavailable" : close;
}

/** As much in whole lots, or all of a position that it covers. */
function inWholeLots({ holding, size: held }: Patient, amount: bigint): bigint {
  return amount >= held ? held : amount - (amount % holding.book.terms.market.lotSize);
}

/** What the target needs as far as bucket and allowance go; a rest under the minimum goes with it, on the terms of a small position. */
function pacedSize(patient: Patient): bigint {
  const { holding, pacing, notional } = patient;
  const { book } = holding;
  const room = exact(roomOf(pacing)).over(exact(book.price));
  const allowed = inWholeLots(patient, down(room));
  if (allowed === 0n) return 0n;
  const wanted = lesser(allowed, leastLots(patient, targetOf(patient)));
  const isDust = notionalDown(book, patient.size - wanted) < book.terms.market.minNotionalUsd;
  return isDust && pacing.used + notional <= 2n * pacing.capacity ? patient.size : wanted;
}

/** One account takes at most a third of a bucket, unless it is in deep distress. */
function roomOf({ used, capacity, accountUsedRatio, isDeep }: Pacing): bigint {
  const left = positive(capacity - used);
  if (isDeep) return left;
  const unused = exact(positive(ONE - accountUsedRatio));
  return lesser(left, down(exact(capacity).times(unused).over(whole(3n))));
}

/** Least root of a·x² − b·x + c, c > 0: whether it is at most x; false for all x where there is none. */
type Root = (x: Rational) => boolean;

function leastRoot(a: Rational, b: Rational, c: Rational): Root {
  const square = b.times(b);
  const exists = ZERO.isBelow(b) && square.isAtLeast(whole(4n).times(a).times(c));
  if (!exists) return () => false;
  return (x) => {
    const isPastVertex = whole(2n).times(a).times(x).isAtLeast(b);
    return isPastVertex || a.times(x).times(x).plus(c).compare(b.times(x)) <= 0n;
  };
}

/** x*: least notional with E − φ·x − max(−band, i₀ + x/(2KP))·x ≥ τ·(MM − ΔMM(x)). */
function targetOf(patient: Patient): Root {
  const { holding, equity, maintenance, penaltyRate } = patient;
  const { liquidation, market } = holding.book.terms;
  return restoring({
    patient,
    target: exact(liquidation.target),
    missing: exact(maintenance).times(exact(liquidation.target)).minus(exact(equity)),
    penaltyRate: exact(penaltyRate),
    skewCost: skewCostOf(patient),
    poolCurvature: poolCurvatureOf(patient),
    band: exact(market.band),
  });
}

export interface Restoring {
  readonly patient: Patient;
  readonly target: Rational;
  readonly missing: Rational;
  readonly penaltyRate: Rational;
  readonly skewCost: Rational;
  readonly poolCurvature: Rational;
  readonly band: Rational;
}

/** The price of closing is the larger of −band and i₀ + x/(2KP): flat up to where both meet, a line beyond. */
export function restoring(sizing: Restoring): Root {
  const { patient, target, missing, penaltyRate, skewCost, poolCurvature, band } = sizing;
  const { first, curvature } = releaseOf(patient);
  const released = target.times(first).minus(penaltyRate);
  const bend = target.times(curvature);
  const line = leastRoot(bend.plus(poolCurvature), released.minus(skewCost), missing);
  const below = band.negated().minus(skewCost);
  if (!ZERO.isBelow(below)) return line;
  const flat = leastRoot(bend, released.plus(band), missing);
  if (poolCurvature.numerator === 0n) return flat;
  const meeting = below.over(poolCurvature);
  if (flat(meeting)) return flat;
  return line(meeting) ? () => false : line;
}

/** Least number of lots whose notional reaches the root; all of the position where none does. */
export function leastLots({ holding, size: held, notional }: Patient, root: Root): bigint {
  const { price, terms } = holding.book;
  const { lotSize } = terms.market;
  if (!root(exact(notional))) return held;
  let [low, high] = [0n, held / lotSize + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (root(exact(middle * lotSize).times(exact(price)))) high = middle;
    else low = middle;
  }
  return lesser(high * lotSize, held);
}

/** x_aff, at the dearer of the skew as it is and as it was on average. */
function affordableSize(patient: Patient): bigint {
  const { holding, equity, maintenance, isLong } = patient;
  const { averageSkew, price, terms } = holding.book;
  const health = new Rational(equity, maintenance);
  const { first, curvature } = releaseOf(patient);
  const average = exact(isLong ? -averageSkew : averageSkew);
  const cost = greatest(skewCostOf(patient), average, exact(terms.market.band).negated());
  const gain = health.times(first).minus(cost);
  if (!ZERO.isBelow(gain)) return 0n;
  const most = gain.over(health.times(curvature).plus(poolCurvatureOf(patient)));
  return most.isAtLeast(exact(patient.notional)) ? patient.size : down(most.over(exact(price)));
}

/** How much of it the pool takes: whatever does not enlarge its position; beyond, up to 5/4 of its cap and what its equity covers. */
function roomInPool(call: Call, patient: Patient, close: bigint): bigint {
  const { book } = patient.holding;
  const { exposureCap, lotSize } = book.terms.market;
  const skew = skewOf(book.market);
  const direction = patient.isLong ? -1n : 1n;
  const equity = positive(poolEquityOf(call, book));
  const rate = initialRateOf(book.terms.risk, poolOpenInterest(book));
  const { curvature } = releaseOf(patient);
  const takes = (amount: bigint): boolean => {
    const after = skew + direction * amount;
    if (size(after) <= size(skew)) return true;
    if (size(after) > (exposureCap * 5n) / 4n) return false;
    const n = exact(size(after)).times(exact(book.price));
    return exact(equity).isAtLeast(n.times(rate).plus(n.times(n).times(curvature)));
  };
  const after = skew + direction * close;
  const isCovered = equity >= poolMarginOf(book, size(after));
  const isInCap = size(after) <= (exposureCap * 5n) / 4n;
  if (size(after) <= size(skew) || (isCovered && isInCap)) return inWholeLots(patient, close);
  let [low, high] = [0n, close / lotSize + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (takes(middle * lotSize)) low = middle;
    else high = middle;
  }
  return lesser(low * lotSize, inWholeLots(patient, close));
}

function poolOpenInterest(book: Holding["book"]): bigint {
  const { longs, shorts } = book.market;
  return notionalUp(book, greater(longs.openInterest, shorts.openInterest));
}

/** Booking a fill may lower equity by two units more than its price says. */
const BOOKING_DUST = 2n;

/** H·ΔMM (down), less that: what a reduction may cost. */
export function budgetOf(
  { holding, equity, maintenance, notional, size: held }: Patient,
  close: bigint,
): bigint {
  const { book } = holding;
  const { risk } = book.terms;
  const depth = depthOf(book);
  const rest = notionalUp(book, held - close);
  const freed = maintenanceOf(risk, notional, depth) - maintenanceOf(risk, rest, depth);
  return down(exact(equity).times(new Rational(freed, maintenance))) - BOOKING_DUST;
}

export function reducing({ isLong }: Patient, close: bigint): bigint {
  return isLong ? -close : close;
}

/** Penalty φ₀·x, yielding to impact where both together would lower the health. A size that fails by a rounding gives way by 1/1024, at least one lot. */
function charged(patient: Patient, wanted: bigint): Plan {
  const { book } = patient.holding;
  const { lotSize } = book.terms.market;
  const left = (close: bigint): bigint => {
    const delta = reducing(patient, close);
    return budgetOf(patient, close) - edgeOf(book, delta, poolPriceOf(book, delta));
  };
  let close = wanted;
  if (left(close) < 0n) {
    close -= close / 1024n;
    close -= 1n + ((close - 1n) % lotSize);
    if (close === 0n || left(close) < 0n) return { code: "Unaffordable" };
  }
  const rated = down(exact(patient.penaltyRate).times(exact(notionalUp(book, close))));
  const price = poolPriceOf(book, reducing(patient, close));
  const { gasFloorUsd } = book.terms.liquidation;
  return closing(patient, close, price, lesser(rated, left(close)), gasFloorUsd);
}

/** What closing takes of penalty, bucket and allowance. */
export function closing(
  patient: Patient,
  closeSize: bigint,
  price: bigint,
  penalty: bigint,
  gasFloor: bigint,
): Slice {
  const { holding, pacing, equity, maintenance } = patient;
  const closed = notionalUp(holding.book, closeSize);
  const { keeperShare } = holding.book.terms.liquidation;
  const part = pacing.isSmall ? 0n : up(whole(3n).times(new Rational(closed, pacing.capacity)));
  return {
    code: closeSize === patient.size ? "Full" : "Partial",
    equity,
    maintenance,
    closeSize,
    price,
    penalty,
    keeperReward: down(exact(penalty).times(exact(keeperShare))),
    gasFloor,
    bucketUsed: pacing.used + closed,
    accountUsedRatio: pacing.accountUsedRatio + part,
  };
}
