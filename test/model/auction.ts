import { notionalDown, skewOf } from "./book.ts";
import { accountOf, type Call, marketOf, marketsOf, priceMemoryOf } from "./call.ts";
import {
  down,
  exact,
  greater,
  lesser,
  ONE,
  positive,
  Rational,
  size,
  up,
  whole,
  ZERO,
} from "./rational.ts";
import {
  budgetOf,
  leastLots,
  type Patient,
  type PlanCode,
  poolCurvatureOf,
  restoring,
} from "./slicing.ts";
import type { AccountName, MarketId } from "./state.ts";
import type { Holding } from "./work.ts";

/** What a take-over does with one position. */
export interface Take {
  readonly code: "Partial" | "Full";
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly takeSize: bigint;
  readonly price: bigint;
  readonly discount: bigint;
}

export type TakePlan = Take | { readonly code: Exclude<PlanCode, "Partial" | "Full"> };

export function takes(plan: TakePlan): plan is Take {
  return plan.code === "Partial" || plan.code === "Full";
}

/** {s}, how long the account's auctions have run: since the mark or the end of the last outage or halt in one of its markets. */
export function elapsedOf(call: Call, name: AccountName): bigint {
  const account = accountOf(call, name);
  if (account.mark === null) return 0n;
  const resumed = marketsOf(account).map((id) => resumedAtOf(call, id));
  return call.now - [account.mark.startedAt, ...resumed].reduce(greater);
}

export function resumedAtOf(call: Call, id: MarketId): bigint {
  return greater(priceMemoryOf(call, id).resumedAt, marketOf(call, id).resumedAt);
}

/** f = min(t, T₁)/T₁, down. */
export function shareOf(elapsed: bigint, duration: bigint): bigint {
  return elapsed >= duration ? ONE : down(new Rational(elapsed, duration));
}

/** The largest booked number below a value: rates of impact are a unit less than rounded up. */
function justBelow(value: Rational): bigint {
  return up(value) - 1n;
}

/** i₀, the cheaper of the skew now and on average, a unit less than rounded up. */
function auctionSkewCost({ book, position }: Holding): bigint {
  const ratio = new Rational(skewOf(book.market), book.terms.market.skewScale);
  const isLong = position.size > 0n;
  const now = up(isLong ? ratio.negated() : ratio);
  return lesser(now, isLong ? -book.averageSkew : book.averageSkew) - 1n;
}

const HIGHEST_RATE = new Rational(1n, 10n);

/** Least number of lots that restores the account: at a discount of the least of three costs, the least size at which any of them alone would. */
function restoringSize(patient: Patient, share: bigint): bigint {
  const { holding, equity, maintenance, penaltyRate } = patient;
  const { liquidation, market } = holding.book.terms;
  const f = exact(share);
  const target = exact(liquidation.target);
  const missing = exact(maintenance).times(target).minus(exact(equity));
  const free = { patient, missing, skewCost: ZERO, poolCurvature: ZERO, band: ZERO };
  const likeLiquidation = restoring({
    patient,
    target,
    missing,
    penaltyRate: exact(penaltyRate).times(f),
    skewCost: exact(auctionSkewCost(holding)).times(f),
    poolCurvature: poolCurvatureOf(patient).times(f),
    band: exact(lesser(market.band, penaltyRate)).times(f),
  });
  const health = new Rational(equity, maintenance);
  const likeHealth = restoring({
    ...free,
    target: target.minus(f.times(health)),
    penaltyRate: ZERO,
  });
  const likeHighest = restoring({ ...free, target, penaltyRate: HIGHEST_RATE.times(f) });
  return leastLots(patient, (x) => likeLiquidation(x) || likeHealth(x) || likeHighest(x));
}

/** How much of one position is taken over: what restores the account; a rest under the minimum goes with it; a taker who wants less leaves no such rest. */
export function wantedSize(patient: Patient, share: bigint, most: bigint): bigint {
  const { holding, size: held } = patient;
  const { price, terms } = holding.book;
  const { minNotionalUsd, lotSize } = terms.market;
  const smallest = up(exact(minNotionalUsd).over(exact(price)));
  const restoringOnly = restoringSize(patient, share);
  // The taker has to hold the least position, too.
  const lots = exact(smallest).over(exact(lotSize)).ceiling() * lotSize;
  const enough = restoringOnly < smallest ? lesser(lots, held) : restoringOnly;
  const target = held - enough < smallest ? held : enough;
  if (target <= most) return target;
  if (smallest >= held) return 0n;
  const allowed = lesser(most, held - smallest);
  return allowed - (allowed % lotSize);
}

/** d = f·min(H·ΔMM, κ, x/10), each down; κ = x·max(0, φ₀ + max(−band, i₀ + x/(2KP))). */
export function priceTake(patient: Patient, share: bigint, takeSize: bigint): TakePlan {
  if (takeSize === 0n) return { code: "TooSmall" };
  const budget = budgetOf(patient, takeSize);
  if (budget < 0n) return { code: "Unaffordable" };
  const { holding, penaltyRate, equity, maintenance } = patient;
  const { band } = holding.book.terms.market;
  const x = notionalDown(holding.book, takeSize);
  const floor = -lesser(band, penaltyRate);
  const rate = penaltyRate + greater(floor, impactRateOf(holding, x));
  const costs = [budget, down(exact(x).times(exact(rate))), down(exact(x).times(HIGHEST_RATE))];
  const discount = down(exact(costs.reduce(lesser)).times(exact(share)));
  return taken(holding, takeSize, discount, equity, maintenance);
}

/** i₀ + x/(2KP), each part just below. */
function impactRateOf(holding: Holding, x: bigint): bigint {
  const { price, terms } = holding.book;
  const scale = exact(terms.market.skewScale).times(exact(price));
  return auctionSkewCost(holding) + justBelow(exact(x).over(whole(2n).times(scale)));
}

/** The sale of inventory: f·x·min(u_max, max(0, i₀ + x/(2KP))), each product down. */
export function planInventory(
  call: Call,
  holding: Holding,
  most: bigint,
  headStart: bigint,
): TakePlan {
  const { book, position } = holding;
  const { lotSize, unwindTolerance } = book.terms.market;
  const held = size(position.size);
  const takeSize = most >= held ? held : most - (most % lotSize);
  if (takeSize === 0n) return { code: "TooSmall" };
  const forSaleSince = greater(book.market.inventoryAt, resumedAtOf(call, book.id));
  const share = shareOf(greater(headStart, call.now - forSaleSince), book.terms.auctionSeconds);
  const x = notionalDown(book, takeSize);
  const rate = lesser(unwindTolerance, positive(impactRateOf(holding, x)));
  const undiscounted = down(exact(x).times(exact(rate)));
  const value = down(exact(position.size).times(exact(book.x))) + position.quote;
  return taken(holding, takeSize, down(exact(undiscounted).times(exact(share))), value, 0n);
}

/** The index, moved by the discount against the account that is taken from; the distance per unit is booked down. */
function taken(
  { book, position }: Holding,
  takeSize: bigint,
  discount: bigint,
  equity: bigint,
  maintenance: bigint,
): Take {
  const distance = down(new Rational(discount, takeSize));
  const price = position.size > 0n ? positive(book.price - distance) : book.price + distance;
  const code = takeSize === size(position.size) ? "Full" : "Partial";
  return { code, equity, maintenance, takeSize, price, discount };
}
