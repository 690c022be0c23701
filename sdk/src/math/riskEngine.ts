import type { Arguments, Result } from "../abi.ts";
import type { riskEngineAbi } from "../abis/RiskEngine.ts";
import { marginKind, priceStatus } from "./codes.ts";
import { magnitude, mulWadDown, mulWadUp, toInt, WAD } from "./fixedPoint.ts";
import { openInterestRateUp, requirementUp } from "./marginMath.ts";
import { int256, MathRevert, min, uint256 } from "./solidity.ts";

type Abi = typeof riskEngineAbi;

/** An account as the house gathers it for its judge; a call's own shape, so reports fit as they are. */
export type Portfolio = Arguments<Abi, "assess">[0];
export type Exposure = Portfolio["exposures"][number];
export type RiskTerms = Result<Abi, "riskTermsOf">;
export type MarginRates = Result<Abi, "ratesOf">;

/** The risk terms of a market, all zero where never set. */
export type RiskTermsOf = (market: bigint) => RiskTerms;

/** Equity and requirement. D18{USD} */
export interface Assessment {
  readonly equityUsd: bigint;
  readonly requiredUsd: bigint;
}

/** D18{1}, one unit of a stored rate. */
const RATE_STEP = 10n ** 9n;

/** `RiskEngine.assess`. */
export function assess(portfolio: Portfolio, kind: bigint, termsOf: RiskTermsOf): Assessment {
  let equityUsd = toInt(uint256(portfolio.cashUsd + portfolio.creditLineUsd));
  let requiredUsd = 0n;
  for (const exposure of portfolio.exposures) {
    const terms = requireTerms(termsOf(exposure.market), exposure.market);
    const part =
      kind === marginKind.Maintenance ? maintenance(exposure, terms) : initial(exposure, terms);
    equityUsd = int256(equityUsd + part.equityUsd);
    requiredUsd = uint256(requiredUsd + part.requiredUsd);
  }
  return { equityUsd, requiredUsd };
}

/** `RiskEngine.ratesOf`. */
export function ratesOf(market: bigint, termsOf: RiskTermsOf): MarginRates {
  const terms = requireTerms(termsOf(market), market);
  return {
    initialRate: multiplied(terms.initialMargin, terms.multiplier),
    maintenanceRate: multiplied(terms.maintenanceMargin, terms.multiplier),
    sizeSlope: terms.sizeSlope,
  };
}

/** `RiskEngine.initialMarginOf`. */
export function initialMarginOf(
  market: bigint,
  notionalUsd: bigint,
  depthUsd: bigint,
  openInterestUsd: bigint,
  termsOf: RiskTermsOf,
): bigint {
  const terms = requireTerms(termsOf(market), market);
  return initialMargin(terms, notionalUsd, depthUsd, openInterestUsd);
}

function requireTerms(terms: RiskTerms, market: bigint): RiskTerms {
  // The initial margin of terms that were set is never zero.
  if (terms.initialMargin === 0n) throw new MathRevert("RiskTermsNotSet", [market]);
  return terms;
}

/** Gains and losses in full; without a valid price moved in the account's favour, and nothing required. */
function maintenance(exposure: Exposure, terms: RiskTerms): Assessment {
  const notionalUsd = notionalUp(exposure);
  if (exposure.status !== priceStatus.Valid) {
    const shockUsd = toInt(mulWadDown(notionalUsd, shockRate(terms)));
    return { equityUsd: int256(exposure.valueUsd + shockUsd), requiredUsd: 0n };
  }
  return {
    equityUsd: exposure.valueUsd,
    requiredUsd: requirementUp(
      notionalUsd,
      multiplied(terms.maintenanceMargin, terms.multiplier),
      terms.sizeSlope,
      exposure.depthUsd,
    ),
  };
}

/** Losses in full, gains as the share of their matured part that may be lent against; without a valid price first moved against the account. */
function initial(exposure: Exposure, terms: RiskTerms): Assessment {
  const notionalUsd = notionalUp(exposure);
  const { depthUsd, openInterestUsd } = exposure;
  const requiredUsd = initialMargin(terms, notionalUsd, depthUsd, openInterestUsd);
  const shocked = exposure.status !== priceStatus.Valid;
  const shockUsd = shocked ? toInt(mulWadUp(notionalUsd, shockRate(terms))) : 0n;
  const valueUsd = int256(exposure.valueUsd - shockUsd);
  if (valueUsd <= 0n) return { equityUsd: valueUsd, requiredUsd };

  const gainUsd = mulWadDown(min(valueUsd, exposure.maturedUsd), terms.gainShare);
  const counted = exposure.lossPending ? mulWadDown(gainUsd, WAD - terms.maxCharge) : gainUsd;
  return { equityUsd: counted, requiredUsd };
}

/** N·(m_I·ρ + μN/D) + N·m_OI, rounded up. */
function initialMargin(
  terms: RiskTerms,
  notionalUsd: bigint,
  depthUsd: bigint,
  openInterestUsd: bigint,
): bigint {
  const { rampStartUsd, rampEndUsd, initialMargin } = terms;
  const rampRate = openInterestRateUp(openInterestUsd, rampStartUsd, rampEndUsd, initialMargin);
  const rate = multiplied(initialMargin, terms.multiplier) + rampRate;
  return requirementUp(notionalUsd, rate, terms.sizeSlope, depthUsd);
}

/** A rate times a multiplier; both are whole steps of 1e-9, so the product is exact. */
const multiplied = (rate: bigint, multiplier: bigint): bigint =>
  (rate / RATE_STEP) * (multiplier / RATE_STEP);

/** m_I·ρ_max: the move assumed where no price can be trusted. */
const shockRate = (terms: RiskTerms): bigint =>
  multiplied(terms.initialMargin, terms.maxMultiplier);

const notionalUp = (exposure: Exposure): bigint =>
  mulWadUp(magnitude(exposure.size), exposure.price);
