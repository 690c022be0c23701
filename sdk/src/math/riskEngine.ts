import type { Arguments, Result } from "../abi.ts";
import type { riskEngineAbi } from "../abis/RiskEngine.ts";
import { marginKind, priceStatus } from "./codes.ts";
import { concentrationUp, raisedRateUp } from "./coverageMath.ts";
import { magnitude, mulWadDown, mulWadUp, toInt, WAD } from "./fixedPoint.ts";
import { openInterestRateUp, requirementUp } from "./marginMath.ts";
import { type HedgedMarket, type OffsetTerms, offsetOf } from "./offsetMargin.ts";
import { premiumUp } from "./premiumMath.ts";
import { int256, MathRevert, min, uint256 } from "./solidity.ts";

type Abi = typeof riskEngineAbi;

/** An account as the house gathers it for its judge; a call's own shape, so reports fit as they are. */
export type Portfolio = Arguments<Abi, "assess">[0];
export type Exposure = Portfolio["exposures"][number];
export type RiskTerms = Result<Abi, "riskTermsOf">;
export type MarginRates = Result<Abi, "ratesOf">;

/** What a market asks of its buffers and of openings. */
export type CoverTerms = Result<Abi, "coverTermsOf">;
/** What a fill has just opened. */
export type Opening = Arguments<Abi, "assessOpening">[1];

/** A market's multipliers as they act at the moment that is judged: D18{1}, whole steps of 1e-9. */
export type ActingMultipliers = Pick<
  Result<Abi, "multipliersOf">,
  "initial" | "refreshed" | "maintenance"
>;

/**
 * The risk terms of a market, all zero where never set; its cover terms where there are any; its multipliers where they are not the terms' own; what it may offset where an engine that knows
 * hedges (`OffsetRiskEngine`) stands in front.
 */
export type JudgedTerms = RiskTerms & {
  readonly cover?: CoverTerms;
  readonly multipliers?: ActingMultipliers;
  readonly offset?: OffsetTerms;
};
export type RiskTermsOf = (market: bigint) => JudgedTerms;

/** Equity and requirement. D18{USD} */
export interface Assessment {
  readonly equityUsd: bigint;
  readonly requiredUsd: bigint;
}

/** An assessment after an opening, and the premium that it owes in cash. D18{USD} */
export interface OpeningAssessment extends Assessment {
  readonly premiumUsd: bigint;
}

/** D18{1}, one unit of a stored rate. */
const RATE_STEP = 10n ** 9n;
/** D18{USD}, one unit of a stored calm open interest. */
const CALM_STEP = 1_000n * WAD;
const MAX_CALM = (1n << 32n) - 1n;

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
  if (kind === marginKind.Initial) requiredUsd -= offsetOf(portfolio.exposures, hedgedBy(termsOf));
  return { equityUsd, requiredUsd };
}

const hedgedBy =
  (termsOf: RiskTermsOf) =>
  (market: bigint): HedgedMarket | null => {
    const { offset } = termsOf(market);
    return offset === undefined ? null : { ...offset, ...ratesOf(market, termsOf) };
  };

/** `RiskEngine.assessOpening`. */
export function assessOpening(
  portfolio: Portfolio,
  opening: Opening,
  termsOf: RiskTermsOf,
): OpeningAssessment {
  const assessed = assess(portfolio, marginKind.Initial, termsOf);
  const rateOf = (exposure: Exposure): bigint => {
    const terms = termsOf(exposure.market);
    return initialRate(terms);
  };
  const marginUsd = portfolio.exposures.reduce(
    (sum, exposure) => uint256(sum + mulWadUp(notionalUp(exposure), rateOf(exposure))),
    0n,
  );
  const exposure = portfolio.exposures[Number(opening.index)];
  // Panic(0x32) on the chain.
  if (exposure === undefined) throw new RangeError(`There is no exposure ${opening.index}`);
  const rateD9 = (termsOf(exposure.market).cover?.premiumRate ?? 0n) / RATE_STEP;
  if (rateD9 === 0n) return { ...assessed, premiumUsd: 0n };
  const notionalUsd = mulWadUp(opening.size, exposure.price);
  const premiumUsd = premiumUp({
    notionalUsd,
    addedMarginUsd: mulWadDown(notionalUsd, rateOf(exposure)),
    marginUsd,
    equityUsd: int256(assessed.equityUsd + toInt(opening.costsUsd)),
    rateD9,
    goodDays: opening.goodDays,
  });
  return { ...assessed, premiumUsd };
}

/** `RiskEngine.ratesOf`. */
export function ratesOf(market: bigint, termsOf: RiskTermsOf): MarginRates {
  const terms = requireTerms(termsOf(market), market);
  return {
    initialRate: refreshedRate(terms),
    maintenanceRate: maintenanceRate(terms),
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
  const rate = refreshedRate(terms) + rampRate(terms, openInterestUsd);
  return requirementUp(notionalUsd, rate, terms.sizeSlope, depthUsd);
}

function requireTerms(terms: JudgedTerms, market: bigint): JudgedTerms {
  // The initial margin of terms that were set is never zero.
  if (terms.initialMargin === 0n) throw new MathRevert("RiskTermsNotSet", [market]);
  return terms;
}

/** Gains and losses in full; without a valid price moved in the account's favour, and nothing required. */
function maintenance(exposure: Exposure, terms: JudgedTerms): Assessment {
  const notionalUsd = notionalUp(exposure);
  if (exposure.status !== priceStatus.Valid) {
    const shockUsd = toInt(mulWadDown(notionalUsd, shockRate(terms)));
    return { equityUsd: int256(exposure.valueUsd + shockUsd), requiredUsd: 0n };
  }
  return {
    equityUsd: exposure.valueUsd,
    requiredUsd: requirementUp(
      notionalUsd,
      maintenanceRate(terms),
      terms.sizeSlope,
      exposure.depthUsd,
    ),
  };
}

/** Losses in full, gains as the share of their matured part that may be lent against; without a valid price first moved against the account. */
function initial(exposure: Exposure, terms: JudgedTerms): Assessment {
  const notionalUsd = notionalUp(exposure);
  const requiredUsd = initialMargin(exposure, terms, notionalUsd);
  const shocked = exposure.status !== priceStatus.Valid;
  const shockUsd = shocked ? toInt(mulWadUp(notionalUsd, shockRate(terms))) : 0n;
  const valueUsd = int256(exposure.valueUsd - shockUsd);
  if (valueUsd <= 0n) return { equityUsd: valueUsd, requiredUsd };

  const gainUsd = mulWadDown(min(valueUsd, exposure.maturedUsd), terms.gainShare);
  const counted = exposure.lossPending ? mulWadDown(gainUsd, WAD - terms.maxCharge) : gainUsd;
  return { equityUsd: counted, requiredUsd };
}

/** N·(m_I·ρ + μN/D) + N·m_OI, the rate a quarter higher where coverage is low, and what a move of q costs beyond the buffers' target. Rounded up. */
function initialMargin(exposure: Exposure, terms: JudgedTerms, notionalUsd: bigint): bigint {
  const { depthUsd, openInterestUsd } = exposure;
  const base = initialRate(terms);
  const rate =
    (exposure.coverageLow ? raisedRateUp(base) : base) + rampRate(terms, openInterestUsd);
  const concentration = concentrationOf(terms, notionalUsd, openInterestUsd);
  return uint256(concentration + requirementUp(notionalUsd, rate, terms.sizeSlope, depthUsd));
}

const rampRate = (terms: RiskTerms, openInterestUsd: bigint): bigint =>
  openInterestRateUp(openInterestUsd, terms.rampStartUsd, terms.rampEndUsd, terms.initialMargin);

/** Nothing below the open interest up to which the engine knows, without looking, that no position is concentrated. */
function concentrationOf(
  { cover, rampStartUsd }: JudgedTerms,
  notionalUsd: bigint,
  openInterestUsd: bigint,
): bigint {
  if (cover === undefined || cover.concentrationMove === 0n) return 0n;
  const { concentrationMove, coverageTarget, bootstrapUsd } = cover;
  const calm = min(rampStartUsd, (bootstrapUsd * WAD) / concentrationMove);
  if (openInterestUsd <= min(calm / CALM_STEP, MAX_CALM) * CALM_STEP) return 0n;
  return concentrationUp(
    notionalUsd,
    concentrationMove,
    openInterestUsd,
    coverageTarget,
    bootstrapUsd,
  );
}

/** A rate times a multiplier; both are whole steps of 1e-9, so the product is exact. */
const multiplied = (rate: bigint, multiplier: bigint): bigint =>
  (rate / RATE_STEP) * (multiplier / RATE_STEP);

const initialRate = (terms: JudgedTerms): bigint =>
  multiplied(terms.initialMargin, terms.multipliers?.initial ?? terms.multiplier);

const refreshedRate = (terms: JudgedTerms): bigint =>
  multiplied(terms.initialMargin, terms.multipliers?.refreshed ?? terms.multiplier);

const maintenanceRate = (terms: JudgedTerms): bigint =>
  multiplied(terms.maintenanceMargin, terms.multipliers?.maintenance ?? terms.multiplier);

/** m_I·ρ_max: the move assumed where no price can be trusted. */
const shockRate = (terms: RiskTerms): bigint =>
  multiplied(terms.initialMargin, terms.maxMultiplier);

const notionalUp = (exposure: Exposure): bigint =>
  mulWadUp(magnitude(exposure.size), exposure.price);
