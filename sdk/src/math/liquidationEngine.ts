import type { Arguments, Result } from "../abi.ts";
import type { liquidationEngineAbi } from "../abis/LiquidationEngine.ts";
import { marginKind, planCode, priceStatus } from "./codes.ts";
import {
  divUp,
  divWadDown,
  divWadUp,
  magnitude,
  mulDivDown,
  mulWadCeil,
  mulWadDown,
  mulWadUp,
  positivePart,
  toInt,
  WAD,
} from "./fixedPoint.ts";
import {
  affordableDown,
  coveredNotionalDown,
  healthBudgetDown,
  penaltyRateDown,
  type Reduction,
  reductionOf,
  skewCostUp,
  targetWithinBandUp,
} from "./liquidationMath.ts";
import { requirementUp } from "./marginMath.ts";
import {
  assess,
  type Exposure,
  initialMarginOf,
  type Portfolio,
  type RiskTermsOf,
  ratesOf,
} from "./riskEngine.ts";
import { clampToBand, fillPrice } from "./skewMath.ts";
import {
  capacityDown,
  coversWhole,
  NEVER,
  ratioAfter,
  ratioOfUp,
  roomDown,
  secondsUntilFull,
  secondsUntilRoom,
  secondsUntilWhole,
  usedAfter,
  windowUp,
} from "./sliceBucket.ts";
import { divide, int256, MathRevert, max, min, uint256 } from "./solidity.ts";

type Abi = typeof liquidationEngineAbi;

export type LiquidationTerms = Result<Abi, "liquidationTermsOf">;
/** State of a market that a plan needs. */
export type PlanMarketState = Arguments<Abi, "plan">[3];
export type Plan = Result<Abi, "plan">;
export type Pacing = Result<Abi, "pacingOf">;

/** Everything `LiquidationEngine.plan` is asked with, and what it reads. */
export interface PlanInput {
  readonly portfolio: Portfolio;
  /** Which of the portfolio's exposures to reduce. */
  readonly index: number;
  /** D18{USD}, charges so recent that nobody may be liquidated through them. */
  readonly graceUsd: bigint;
  readonly state: PlanMarketState;
  /** Liquidation terms of the exposure's market; all zero where never set. */
  readonly terms: LiquidationTerms;
  readonly riskTermsOf: RiskTermsOf;
  /** {s}, time of the block the plan is made in. */
  readonly timestamp: bigint;
}

export interface Draft {
  readonly terms: LiquidationTerms;
  readonly reduction: Reduction;
  readonly size: bigint;
  readonly price: bigint;
  readonly equityUsd: bigint;
  readonly maintenanceUsd: bigint;
  readonly maintenanceRate: bigint;
  readonly sizeSlope: bigint;
  readonly capacityUsd: bigint;
  readonly windowSeconds: bigint;
  readonly usedUsd: bigint;
  readonly accountUsedRatio: bigint;
  readonly penaltyRate: bigint;
  readonly isSmall: boolean;
  readonly isDeep: boolean;
}

/** What a draft is made from besides the position. */
export type DraftInput = Pick<PlanInput, "state" | "terms" | "riskTermsOf" | "timestamp">;

interface Sized {
  readonly closeSize: bigint;
  readonly refusal: bigint;
}

interface Quote {
  readonly price: bigint;
  readonly impactUsd: bigint;
  /** What the reduction may cost on top without lowering the health; negative if it is too dear already. */
  readonly leftUsd: bigint;
}

/** An account is in deep distress once equity times this is below the maintenance margin. */
export const DEEP = 3n;
/** Liquidations may push the pool past its exposure cap by a quarter. */
const CAP_NUMERATOR = 5n;
const CAP_DENOMINATOR = 4n;
/** D18{USD}, what booking a fill may lower equity by beyond its impact. */
const BOOKING_DUST_USD = 2n;
/** A size that fails by a rounding gives way by this part of itself. */
const RETREAT = 1024n;

const NOTHING: Plan = {
  code: planCode.Healthy,
  equityUsd: 0n,
  maintenanceUsd: 0n,
  closeSize: 0n,
  price: 0n,
  impactUsd: 0n,
  penaltyUsd: 0n,
  keeperRewardUsd: 0n,
  gasFloorUsd: 0n,
  bucketUsedUsd: 0n,
  accountUsedRatio: 0n,
};

/** A plan that closes nothing, and why. */
export const refusedPlan = (code: bigint, judged: Partial<Plan> = {}): Plan => ({
  ...NOTHING,
  ...judged,
  code,
});

/** Whether a plan closes anything. */
export const actsOn = (plan: Plan): boolean => plan.code >= planCode.Partial;

/** `LiquidationEngine.plan`. */
export function plan(input: PlanInput): Plan {
  const { portfolio, index, graceUsd, state } = input;
  const exposure = portfolio.exposures[index];
  if (exposure === undefined) throw new MathRevert("Panic", [0x32n]);
  if (exposure.size === 0n) return refusedPlan(planCode.NoPosition);
  if (exposure.status !== priceStatus.Valid) return refusedPlan(planCode.PriceNotValid);

  const assessed = assess(portfolio, marginKind.Maintenance, input.riskTermsOf);
  const { equityUsd, requiredUsd: maintenanceUsd } = assessed;
  const judged = { equityUsd, maintenanceUsd };
  if (equityUsd < 0n) {
    return refusedPlan(equityUsd + graceUsd < 0n ? planCode.Bankrupt : planCode.Healthy, judged);
  }
  if (uint256(equityUsd + graceUsd) >= maintenanceUsd) {
    return refusedPlan(planCode.Healthy, judged);
  }

  const draft = draftOf(input, exposure, equityUsd, maintenanceUsd);
  const { closeSize, refusal } = sizeOf(draft, exposure, state, input.riskTermsOf);
  if (closeSize === 0n) return refusedPlan(refusal, judged);
  return charge(draft, exposure, state, closeSize);
}

/** Everything `LiquidationEngine.cutPlan` is asked with, and what it reads. */
export interface CutInput extends DraftInput {
  /** A plan for the same exposure and state that acts. */
  readonly planned: Plan;
  readonly exposure: Exposure;
  /** D18{base}, at most that of the plan. */
  readonly closeSize: bigint;
  /** D18{USD/base} */
  readonly price: bigint;
}

/** `LiquidationEngine.cutPlan`. */
export function cutPlan(input: CutInput): Plan {
  const { planned, exposure, closeSize, price } = input;
  const { equityUsd, maintenanceUsd } = planned;
  const draft = draftOf(input, exposure, equityUsd, maintenanceUsd);
  const quoted = quoteAt(draft, exposure, closeSize, price);
  if (quoted.leftUsd < 0n) {
    return refusedPlan(planCode.Unaffordable, { equityUsd, maintenanceUsd });
  }
  const cut = (whole: bigint): bigint => mulDivDown(whole, closeSize, planned.closeSize);
  const penaltyUsd = min(cut(planned.penaltyUsd), quoted.leftUsd);
  return closed(draft, closeSize, quoted, penaltyUsd, cut(planned.gasFloorUsd));
}

/** `LiquidationEngine.pacingOf`. */
export function pacingOf(input: Omit<PlanInput, "graceUsd">): Pacing {
  const { portfolio, state, timestamp } = input;
  const exposure = portfolio.exposures[input.index];
  if (exposure === undefined) throw new MathRevert("Panic", [0x32n]);
  const assessed = assess(portfolio, marginKind.Maintenance, input.riskTermsOf);
  const draft = draftOf(input, exposure, positivePart(assessed.equityUsd), assessed.requiredUsd);
  const { usedUsd, capacityUsd, accountUsedRatio: used, windowSeconds: window, isDeep } = draft;
  const { notionalUsd } = draft.reduction;
  const leastUsd = mulWadUp(min(state.lotSize, draft.size), draft.price);
  let wait = secondsUntilRoom(usedUsd, capacityUsd, used, isDeep, leastUsd, window);
  if (notionalUsd <= draft.terms.smallNotionalUsd) {
    wait = min(wait, secondsUntilWhole(usedUsd, capacityUsd, notionalUsd, window));
  }
  return {
    capacityUsd,
    windowSeconds: window,
    roomUsd: draft.isSmall ? notionalUsd : roomDown(usedUsd, capacityUsd, used, isDeep),
    nextAt: wait === NEVER ? wait : timestamp + wait,
    fullAt: timestamp + secondsUntilFull(usedUsd, capacityUsd, used, window),
    fullRoomUsd: roomDown(0n, capacityUsd, 0n, isDeep),
  };
}

/** Gathers terms, rates and the state of pacing. */
export function draftOf(
  { state, terms, riskTermsOf, timestamp }: DraftInput,
  exposure: Exposure,
  equityUsd: bigint,
  maintenanceUsd: bigint,
): Draft {
  // The target of terms that were set is never zero.
  if (terms.target === 0n) throw new MathRevert("LiquidationTermsNotSet", [exposure.market]);
  const rates = ratesOf(exposure.market, riskTermsOf);
  const size = magnitude(exposure.size);
  const price = exposure.price;
  const notionalUsd = mulWadUp(size, price);
  const reduction = reductionOf(
    notionalUsd,
    rates.maintenanceRate,
    rates.sizeSlope,
    exposure.depthUsd,
    mulWadDown(state.skewScale, price),
    skewCostUp(-exposure.size, state.skew, state.skewScale),
  );
  const { maxPenaltyRate, equityShare } = terms;
  const penaltyRate = penaltyRateDown(equityUsd, notionalUsd, maxPenaltyRate, equityShare);
  const window = windowUp(terms.windowSeconds, terms.referenceRange, state.stress);
  const capacityUsd = capacityDown(exposure.depthUsd, terms.sliceShare, state.stress);
  const usedUsd = usedAfter(
    state.bucketUsedUsd,
    capacityUsd,
    uint256(timestamp - state.bucketAt),
    window,
  );
  const accountUsedRatio = ratioAfter(
    state.accountUsedRatio,
    uint256(timestamp - state.accountUsedAt),
    window,
  );
  return {
    terms,
    reduction,
    size,
    price,
    equityUsd,
    maintenanceUsd,
    maintenanceRate: rates.maintenanceRate,
    sizeSlope: rates.sizeSlope,
    capacityUsd,
    windowSeconds: window,
    usedUsd,
    accountUsedRatio,
    penaltyRate,
    isDeep: uint256(equityUsd * DEEP) < maintenanceUsd,
    isSmall:
      notionalUsd <= terms.smallNotionalUsd && coversWhole(usedUsd, capacityUsd, notionalUsd),
  };
}

/** How much to close: what the target needs, cut to what pacing, the account's health and the pool allow. */
function sizeOf(
  draft: Draft,
  exposure: Exposure,
  state: PlanMarketState,
  riskTermsOf: RiskTermsOf,
): Sized {
  const { lotSize } = state;
  let closeSize = draft.size;
  if (!draft.isSmall) {
    closeSize = pacedSize(draft, state);
    if (closeSize === 0n) return { closeSize, refusal: planCode.Paced };
  }

  const affordable = wholeLots(draft, lotSize, affordableSize(draft, exposure.size > 0n, state));
  if (affordable === 0n) return { closeSize: 0n, refusal: planCode.Unaffordable };
  closeSize = min(closeSize, affordable);

  const room = poolRoom(draft, exposure, state, closeSize, riskTermsOf);
  return { closeSize: wholeLots(draft, lotSize, room), refusal: planCode.PoolUnavailable };
}

/** What the target needs, as far as the bucket and the account's part of it go; a rest too small to stand alone goes with it. */
function pacedSize(draft: Draft, state: PlanMarketState): bigint {
  const { capacityUsd, usedUsd } = draft;
  const roomUsd = roomDown(usedUsd, capacityUsd, draft.accountUsedRatio, draft.isDeep);
  const paced = wholeLots(draft, state.lotSize, divWadDown(roomUsd, draft.price));
  if (paced === 0n) return 0n;

  const wanted = min(paced, targetSize(draft, state.band, state.lotSize));
  const isDust = mulWadDown(draft.size - wanted, draft.price) < state.minNotionalUsd;
  return isDust && coversWhole(usedUsd, capacityUsd, draft.reduction.notionalUsd)
    ? draft.size
    : wanted;
}

/** x* in base, rounded up to the lot. */
function targetSize(draft: Draft, band: bigint, lotSize: bigint): bigint {
  const targetUsd = targetWithinBandUp(
    draft.reduction,
    draft.equityUsd,
    draft.maintenanceUsd,
    draft.terms.target,
    draft.penaltyRate,
    band,
  );
  return inLots(draft, lotSize, targetUsd);
}

/** A notional in base, rounded up to the lot, at most the position. */
export function inLots(draft: Draft, lotSize: bigint, targetUsd: bigint): bigint {
  if (targetUsd >= draft.reduction.notionalUsd) return draft.size;
  const lots = divUp(divWadUp(targetUsd, draft.price), lotSize);
  return min(uint256(lots * lotSize), draft.size);
}

/** x_aff in base, at the dearer of the skew as it is and as it was on average. */
function affordableSize(draft: Draft, isLong: boolean, state: PlanMarketState): bigint {
  const averageCost = isLong ? -state.averageSkewRatio : state.averageSkewRatio;
  const bestCost = -toInt(state.band);
  const skewCost = max(max(draft.reduction.skewCost, averageCost), bestCost);
  const reduction = { ...draft.reduction, skewCost };
  const health = divWadDown(draft.equityUsd, draft.maintenanceUsd);
  const affordableUsd = affordableDown(reduction, health);
  return affordableUsd >= reduction.notionalUsd
    ? draft.size
    : divWadDown(affordableUsd, draft.price);
}

/** `cap` in whole lots, or all of a position it covers. */
const wholeLots = (draft: Draft, lotSize: bigint, cap: bigint): bigint =>
  cap >= draft.size ? draft.size : divide(cap, lotSize) * lotSize;

/** How much of `closeSize` the pool takes. */
function poolRoom(
  draft: Draft,
  exposure: Exposure,
  state: PlanMarketState,
  closeSize: bigint,
  riskTermsOf: RiskTermsOf,
): bigint {
  const { skew } = state;
  const sizeDelta = reducing(exposure.size, closeSize);
  const held = magnitude(skew);
  const heldAfter = magnitude(int256(skew + sizeDelta));
  if (heldAfter <= held) return closeSize;

  const capped = uint256(state.exposureCap * CAP_NUMERATOR) / CAP_DENOMINATOR;
  const covered = coveredSize(draft, exposure, state, heldAfter, riskTermsOf);
  const allowed = max(min(capped, covered), held);
  // A fill against the skew first takes the pool to zero and then out on the other side.
  const isCrossing = (skew > 0n && sizeDelta < 0n) || (skew < 0n && sizeDelta > 0n);
  return min(closeSize, isCrossing ? uint256(allowed + held) : allowed - held);
}

/** Largest pool position up to `wantedSize` whose initial margin the pool's equity covers. */
function coveredSize(
  draft: Draft,
  exposure: Exposure,
  state: PlanMarketState,
  wantedSize: bigint,
  riskTermsOf: RiskTermsOf,
): bigint {
  const equityUsd = positivePart(state.poolEquityUsd);
  const wantedUsd = mulWadUp(wantedSize, draft.price);
  const { market, depthUsd, openInterestUsd } = exposure;
  const requiredUsd = initialMarginOf(market, wantedUsd, depthUsd, openInterestUsd, riskTermsOf);
  if (equityUsd >= requiredUsd) return wantedSize;

  const slopedUsd = requirementUp(wantedUsd, 0n, draft.sizeSlope, depthUsd);
  const flatRate = divWadUp(requiredUsd - slopedUsd, wantedUsd);
  return divWadDown(
    coveredNotionalDown(equityUsd, flatRate, draft.sizeSlope, depthUsd),
    draft.price,
  );
}

/** Prices the reduction and fixes its penalty, which yields to impact wherever both together would lower the health. */
function charge(
  draft: Draft,
  exposure: Exposure,
  state: PlanMarketState,
  wantedSize: bigint,
): Plan {
  let closeSize = wantedSize;
  let quoted = quote(draft, exposure, state, closeSize);
  if (quoted.leftUsd < 0n) {
    closeSize -= closeSize / RETREAT;
    closeSize -= 1n + ((closeSize - 1n) % state.lotSize);
    quoted = quote(draft, exposure, state, closeSize);
    if (closeSize === 0n || quoted.leftUsd < 0n) {
      const { equityUsd, maintenanceUsd } = draft;
      return refusedPlan(planCode.Unaffordable, { equityUsd, maintenanceUsd });
    }
  }
  const penaltyUsd = mulWadDown(draft.penaltyRate, mulWadUp(closeSize, draft.price));
  return closed(draft, closeSize, quoted, min(penaltyUsd, quoted.leftUsd), draft.terms.gasFloorUsd);
}

/** What closing takes: the penalty and its split, the market's bucket, the account's allowance. */
function closed(
  draft: Draft,
  closeSize: bigint,
  { price, impactUsd }: Quote,
  penaltyUsd: bigint,
  gasFloorUsd: bigint,
): Plan {
  const closedUsd = mulWadUp(closeSize, draft.price);
  const sliceRatio = draft.isSmall ? 0n : ratioOfUp(closedUsd, draft.capacityUsd);
  return {
    code: closeSize === draft.size ? planCode.Full : planCode.Partial,
    equityUsd: draft.equityUsd,
    maintenanceUsd: draft.maintenanceUsd,
    closeSize,
    price,
    impactUsd,
    penaltyUsd,
    keeperRewardUsd: mulWadDown(penaltyUsd, draft.terms.keeperShare),
    gasFloorUsd,
    bucketUsedUsd: uint256(draft.usedUsd + closedUsd),
    accountUsedRatio: uint256(draft.accountUsedRatio + sliceRatio),
  };
}

/** The pool's price for a reduction, its impact, and what it may cost on top. */
function quote(draft: Draft, exposure: Exposure, state: PlanMarketState, closeSize: bigint): Quote {
  const indexPrice = draft.price;
  const { skew, skewScale, band } = state;
  const sizeDelta = reducing(exposure.size, closeSize);
  const pool = fillPrice({ indexPrice, skew, sizeDelta, skewScale });
  const price =
    magnitude(int256(skew + sizeDelta)) <= magnitude(skew)
      ? clampToBand(pool, indexPrice, band)
      : pool;
  return quoteAt(draft, exposure, closeSize, price);
}

/** What a reduction at `price` costs against the index, and what it may cost on top. */
function quoteAt(draft: Draft, exposure: Exposure, closeSize: bigint, price: bigint): Quote {
  const impactUsd = mulWadCeil(reducing(exposure.size, closeSize), price - draft.price);
  return { price, impactUsd, leftUsd: budgetOf(draft, exposure.depthUsd, closeSize) - impactUsd };
}

/** H·ΔMM, less what booking a fill may lower equity by: what a reduction may cost. */
export function budgetOf(draft: Draft, depthUsd: bigint, closeSize: bigint): bigint {
  const { maintenanceRate: rate, sizeSlope: slope } = draft;
  const restUsd = divUp((draft.size - closeSize) * draft.price, WAD);
  const freedUsd =
    requirementUp(draft.reduction.notionalUsd, rate, slope, depthUsd) -
    requirementUp(restUsd, rate, slope, depthUsd);
  return healthBudgetDown(draft.equityUsd, draft.maintenanceUsd, freedUsd) - BOOKING_DUST_USD;
}

/** The fill that takes `closeSize` off a position of `size`. */
const reducing = (size: bigint, closeSize: bigint): bigint => (size > 0n ? -closeSize : closeSize);
