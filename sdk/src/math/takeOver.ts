import type { Arguments, Result } from "../abi.ts";
import type { liquidationEngineAbi } from "../abis/LiquidationEngine.ts";
import {
  type Auction,
  discountDown,
  inventoryDiscountDown,
  priceOf,
  shareDown,
  skewCostDown,
  targetUp,
} from "./auctionMath.ts";
import { marginKind, planCode, priceStatus } from "./codes.ts";
import { divUp, divWadUp, magnitude, mulWadDown } from "./fixedPoint.ts";
import {
  budgetOf,
  DEEP,
  type Draft,
  type DraftInput,
  draftOf,
  inLots,
  type LiquidationTerms,
  type PlanMarketState,
} from "./liquidationEngine.ts";
import { reductionOf } from "./liquidationMath.ts";
import { assess, type Exposure, type Portfolio, type RiskTermsOf } from "./riskEngine.ts";
import { divide, MathRevert, max, min, uint256 } from "./solidity.ts";

type Abi = typeof liquidationEngineAbi;

export type TakeOverPlan = Result<Abi, "planInventory">;
export type AuctionTerms = Result<Abi, "auctionTermsOf">;
type PlannedExposure = Arguments<Abi, "planInventory">[0];

/** What every take-over is planned with. */
interface TakeOverContext {
  readonly riskTermsOf: RiskTermsOf;
  readonly liquidationTermsOf: (market: bigint) => LiquidationTerms;
  /** All zero where never set. */
  readonly auctionTermsOf: (market: bigint) => AuctionTerms;
  /** {s}, time of the block the plan is made in. */
  readonly timestamp: bigint;
  /** {s}, how long the auction has run. */
  readonly elapsedSeconds: bigint;
}

/** Everything `LiquidationEngine.planTakeOver` is asked with, and what it reads. */
export interface TakeOverInput extends TakeOverContext {
  readonly portfolio: Portfolio;
  readonly index: number;
  /** D18{USD}, charges so recent that nobody may be taken over through them. */
  readonly graceUsd: bigint;
  readonly state: PlanMarketState;
  /** D18{base}, the most that the taker wants. */
  readonly maxSize: bigint;
}

/** Everything `LiquidationEngine.planTakeOverWhole` is asked with, and what it reads. */
export interface TakeOverWholeInput extends TakeOverContext {
  readonly portfolio: Portfolio;
  readonly graceUsd: bigint;
  /** One per exposure, in their order. */
  readonly states: readonly PlanMarketState[];
}

/** Everything `LiquidationEngine.planInventory` is asked with, and what it reads. */
export interface InventoryInput {
  readonly exposure: PlannedExposure;
  readonly state: PlanMarketState;
  /** D18{1}, u_max. */
  readonly tolerance: bigint;
  readonly elapsedSeconds: bigint;
  readonly maxSize: bigint;
  readonly auctionTermsOf: (market: bigint) => AuctionTerms;
}

export interface WholePlan {
  readonly total: TakeOverPlan;
  readonly parts: readonly TakeOverPlan[];
}

const NOTHING: TakeOverPlan = {
  code: planCode.Healthy,
  equityUsd: 0n,
  maintenanceUsd: 0n,
  elapsedSeconds: 0n,
  takeSize: 0n,
  price: 0n,
  discountUsd: 0n,
};

/** A plan that takes nothing, and why. */
export const refusedTakeOver = (code: bigint, known: Partial<TakeOverPlan> = {}): TakeOverPlan => ({
  ...NOTHING,
  ...known,
  code,
});

/** Whether a plan takes anything. */
export const takes = (plan: Pick<TakeOverPlan, "code">): boolean => plan.code >= planCode.Partial;

/** `LiquidationEngine.planTakeOver`. */
export function planTakeOver(input: TakeOverInput): TakeOverPlan {
  const { portfolio, elapsedSeconds, state } = input;
  const exposure = portfolio.exposures[input.index];
  if (exposure === undefined) throw new MathRevert("Panic", [0x32n]);
  const code = codeOf(exposure);
  if (!takes({ code })) return refusedTakeOver(code, { elapsedSeconds });
  const judged = judge(input);
  if (!takes(judged)) return judged;

  const share = shareDown(elapsedSeconds, durationOf(input, exposure.market));
  const draft = draftOf(
    draftInput(input, state, exposure),
    exposure,
    judged.equityUsd,
    judged.maintenanceUsd,
  );
  const auction = auctionOf(draft, exposure, state, share);
  const targetUsd = targetUp(auction, draft.terms.target);
  const target = inLots(draft, state.lotSize, targetUsd);
  return priceTake(judged, draft, auction, exposure, dustless(draft, state, target, input.maxSize));
}

/** `LiquidationEngine.planTakeOverWhole`. */
export function planTakeOverWhole(input: TakeOverWholeInput): WholePlan {
  const { exposures } = input.portfolio;
  const none = exposures.map(() => NOTHING);
  const judged = judge(input);
  if (!takes(judged)) return { total: judged, parts: none };
  const { equityUsd, maintenanceUsd } = judged;
  if (equityUsd * DEEP >= maintenanceUsd) {
    return { total: { ...judged, code: planCode.NotDeep }, parts: none };
  }
  const longest = exposures
    .map(({ market }) => durationOf(input, market))
    .reduce((most, duration) => max(most, duration), 0n);
  const share = shareDown(input.elapsedSeconds, longest);
  let total: TakeOverPlan = { ...judged, code: planCode.NoPosition };
  const parts = exposures.map((exposure, at) => {
    const state = input.states[at];
    if (state === undefined) throw new MathRevert("Panic", [0x32n]);
    let part: TakeOverPlan = { ...judged, code: codeOf(exposure) };
    if (takes(part)) {
      const draft = draftOf(
        draftInput(input, state, exposure),
        exposure,
        equityUsd,
        maintenanceUsd,
      );
      const auction = auctionOf(draft, exposure, state, share);
      part = priceTake(judged, draft, auction, exposure, draft.size);
    }
    if (part.code === planCode.Full) {
      const discountUsd = total.discountUsd + part.discountUsd;
      total = { ...total, discountUsd, code: planCode.Full };
    } else if (total.code === planCode.NoPosition) {
      total = { ...total, code: part.code };
    }
    return part;
  });
  return { total, parts };
}

/** `LiquidationEngine.planInventory`. */
export function planInventory(input: InventoryInput): TakeOverPlan {
  const { exposure, state, elapsedSeconds, maxSize } = input;
  const known = { equityUsd: exposure.valueUsd, elapsedSeconds };
  const code = codeOf(exposure);
  if (!takes({ code })) return refusedTakeOver(code, known);

  const size = magnitude(exposure.size);
  const takeSize = maxSize >= size ? size : divide(maxSize, state.lotSize) * state.lotSize;
  if (takeSize === 0n) return refusedTakeOver(planCode.TooSmall, known);
  const poolScaleUsd = mulWadDown(state.skewScale, exposure.price);
  const position = reductionOf(0n, 0n, 0n, 0n, poolScaleUsd, auctionSkewCost(exposure, state));
  const discountUsd = inventoryDiscountDown(
    position,
    mulWadDown(takeSize, exposure.price),
    input.tolerance,
    shareDown(elapsedSeconds, durationOf(input, exposure.market)),
  );
  return finishTake({ ...NOTHING, ...known }, exposure, takeSize, discountUsd);
}

/** Whether an exposure could be taken over at all: `Full`, or why not. */
function codeOf({ size, status }: Pick<Exposure, "size" | "status">): bigint {
  if (size === 0n) return planCode.NoPosition;
  return status === priceStatus.Valid ? planCode.Full : planCode.PriceNotValid;
}

/** Equity and requirement: `Full` for an account in distress, or why not. */
function judge({
  portfolio,
  graceUsd,
  elapsedSeconds,
  riskTermsOf,
}: Pick<TakeOverInput, "portfolio" | "graceUsd" | "elapsedSeconds" | "riskTermsOf">): TakeOverPlan {
  const assessed = assess(portfolio, marginKind.Maintenance, riskTermsOf);
  const { equityUsd, requiredUsd: maintenanceUsd } = assessed;
  const known = { equityUsd, maintenanceUsd, elapsedSeconds };
  if (equityUsd < 0n) {
    return refusedTakeOver(equityUsd + graceUsd < 0n ? planCode.Bankrupt : planCode.Healthy, known);
  }
  return uint256(equityUsd + graceUsd) >= maintenanceUsd
    ? refusedTakeOver(planCode.Healthy, known)
    : { ...NOTHING, ...known, code: planCode.Full };
}

function draftInput(
  { liquidationTermsOf, riskTermsOf, timestamp }: TakeOverContext,
  state: PlanMarketState,
  { market }: Exposure,
): DraftInput {
  return { state, terms: liquidationTermsOf(market), riskTermsOf, timestamp };
}

/** The auction of a position that a liquidation was drafted for. */
function auctionOf(
  draft: Draft,
  exposure: Exposure,
  state: PlanMarketState,
  share: bigint,
): Auction {
  return {
    position: { ...draft.reduction, skewCost: auctionSkewCost(exposure, state) },
    equityUsd: draft.equityUsd,
    maintenanceUsd: draft.maintenanceUsd,
    share,
    penaltyRate: draft.penaltyRate,
    band: state.band,
  };
}

const auctionSkewCost = ({ size }: Pick<Exposure, "size">, state: PlanMarketState): bigint =>
  skewCostDown(-size, state.skew, state.averageSkewRatio, state.skewScale);

/**
 * What is taken of `target`: the minimum at least, for the taker has to hold that; a rest under the minimum goes with it; where the taker wants less, whole
 * lots that leave no such rest.
 */
function dustless(
  { size, price }: Draft,
  { minNotionalUsd, lotSize }: PlanMarketState,
  target: bigint,
  maxSize: bigint,
): bigint {
  const minimum = divWadUp(minNotionalUsd, price);
  const least = target < minimum ? min(divUp(minimum, lotSize) * lotSize, size) : target;
  const wanted = least !== size && size - least < minimum ? size : least;
  if (wanted <= maxSize) return wanted;
  if (minimum >= size) return 0n;
  const most = min(maxSize, size - minimum);
  return divide(most, lotSize) * lotSize;
}

/** Discount and price for taking `takeSize`. */
function priceTake(
  judged: TakeOverPlan,
  draft: Draft,
  auction: Auction,
  exposure: Exposure,
  takeSize: bigint,
): TakeOverPlan {
  if (takeSize === 0n) return { ...judged, code: planCode.TooSmall };
  const budget = budgetOf(draft, exposure.depthUsd, takeSize);
  if (budget < 0n) return { ...judged, code: planCode.Unaffordable };
  const discountUsd = discountDown(auction, mulWadDown(takeSize, draft.price), budget);
  return finishTake(judged, exposure, takeSize, discountUsd);
}

const finishTake = (
  known: TakeOverPlan,
  { size, price }: Pick<Exposure, "size" | "price">,
  takeSize: bigint,
  discountUsd: bigint,
): TakeOverPlan => ({
  ...known,
  code: takeSize === magnitude(size) ? planCode.Full : planCode.Partial,
  takeSize,
  price: priceOf(price, discountUsd, takeSize, size > 0n),
  discountUsd,
});

function durationOf(
  { auctionTermsOf }: Pick<TakeOverContext, "auctionTermsOf">,
  market: bigint,
): bigint {
  const { durationSeconds } = auctionTermsOf(market);
  if (durationSeconds === 0n) throw new MathRevert("AuctionTermsNotSet", [market]);
  return durationSeconds;
}
