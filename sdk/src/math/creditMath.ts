import { mulDivDown, mulDivUp, mulWadDown, mulWadUp, WAD } from "./fixedPoint.ts";
import { min, uint256 } from "./solidity.ts";

const YEAR = 31_536_000n;
const RESTORED_SHARE = 950_000_000_000_000_000n;
const SMALLEST_REST_USD = 10n * WAD;
const SEARCH_STEPS = 40;

/** How much of a collateral's worth is lent against: `clamp(h₀ − h₁·a/D, h_min, h₀)`. D18 each. */
export interface Haircut {
  readonly topShare: bigint;
  readonly minShare: bigint;
  readonly sizeSlope: bigint;
  readonly depth: bigint;
}

/** The kinked interest curve. D18{1/year}, the kink D18{1}. */
export interface RateTerms {
  readonly baseRate: bigint;
  readonly kinkRate: bigint;
  readonly maxRate: bigint;
  readonly kinkUtilization: bigint;
}

/** An account above its line, and the collateral that is for sale. */
export interface CollateralSale {
  readonly amount: bigint;
  readonly indexPrice: bigint;
  readonly price: bigint;
  readonly otherValueUsd: bigint;
  readonly debtUsd: bigint;
}

/** clamp(h₀ − h₁·a/D, h_min, h₀). */
export function collateralShareDown(haircut: Haircut, amount: bigint): bigint {
  const cut = mulDivUp(haircut.sizeSlope, amount, haircut.depth);
  return haircut.topShare - min(cut, uint256(haircut.topShare - haircut.minShare));
}

/** What is lent against an amount of a collateral: a·P·share(a). */
export const collateralValueDown = (haircut: Haircut, amount: bigint, price: bigint): bigint =>
  mulDivDown(mulDivDown(amount, price, WAD), collateralShareDown(haircut, amount), WAD);

/** Debt as a share of all that lenders own. */
export const utilizationUp = (debtUsd: bigint, cashUsd: bigint): bigint =>
  debtUsd === 0n ? 0n : mulDivUp(debtUsd, WAD, uint256(debtUsd + cashUsd));

/** Interest at a utilization, a year. */
export function interestRateUp(terms: RateTerms, utilization: bigint): bigint {
  const { baseRate, kinkRate, maxRate, kinkUtilization } = terms;
  if (utilization <= kinkUtilization) {
    return uint256(baseRate + mulDivUp(uint256(kinkRate - baseRate), utilization, kinkUtilization));
  }
  const above = uint256(utilization - kinkUtilization);
  return uint256(
    kinkRate + mulDivUp(uint256(maxRate - kinkRate), above, uint256(WAD - kinkUtilization)),
  );
}

/** The interest index after `elapsed` seconds. */
export const interestIndexUp = (index: bigint, rate: bigint, elapsed: bigint): bigint =>
  uint256(index + mulDivUp(index, uint256(rate * elapsed), YEAR * WAD));

/** The price of an auction: from the index down to `1 − maxDiscount` of it. */
export function auctionPriceUp(
  indexPrice: bigint,
  maxDiscount: bigint,
  elapsed: bigint,
  duration: bigint,
): bigint {
  const discount = elapsed < duration ? mulDivDown(maxDiscount, elapsed, duration) : maxDiscount;
  return mulWadUp(indexPrice, uint256(WAD - discount));
}

/** How much has to be sold to restore a line; 0 within it, all of it where that does not suffice. */
export function restoringUp(haircut: Haircut, sale: CollateralSale): bigint {
  const lent = uint256(
    sale.otherValueUsd + collateralValueDown(haircut, sale.amount, sale.indexPrice),
  );
  if (sale.debtUsd <= lent) return 0n;
  if (!restores(haircut, sale, sale.amount)) return sale.amount;
  let [low, high] = [0n, sale.amount];
  for (let step = 0; step < SEARCH_STEPS && high - low > 1n; ++step) {
    const middle = uint256(low + high) / 2n;
    if (restores(haircut, sale, middle)) high = middle;
    else low = middle;
  }
  const restUsd = mulWadDown(sale.amount - high, sale.indexPrice);
  return restUsd < SMALLEST_REST_USD ? sale.amount : high;
}

function restores(haircut: Haircut, sale: CollateralSale, sold: bigint): boolean {
  const lent = uint256(
    sale.otherValueUsd + collateralValueDown(haircut, sale.amount - sold, sale.indexPrice),
  );
  const left = mulWadDown(lent, RESTORED_SHARE);
  return uint256(left + mulWadDown(sold, sale.price)) >= sale.debtUsd;
}
