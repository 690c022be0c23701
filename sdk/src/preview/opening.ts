import type { Result } from "../abi.ts";
import type { clearingHouseAbi } from "../abis/ClearingHouse.ts";
import { coverageLevel, priceStatus } from "../math/codes.ts";
import { levelOf, targetUp } from "../math/coverageMath.ts";
import { magnitude, mulWadFloor, mulWadUp, positivePart } from "../math/fixedPoint.ts";
import { openInterestUsdOf } from "../math/markets.ts";
import { unsettledValueOf } from "../math/positions.ts";
import {
  assessOpening,
  type CoverTerms,
  type Exposure,
  type OpeningAssessment,
  type Portfolio,
  type RiskTermsOf,
} from "../math/riskEngine.ts";
import { depthUsd } from "../math/skewMath.ts";
import { max, min } from "../math/solidity.ts";
import type { MarketReport } from "./snapshot.ts";

export type CoverageState = Result<typeof clearingHouseAbi, "coverageOf">;

/** An opening before it is made. */
export interface OpeningPreviewInput {
  /** The account as `portfolioOf` of the house gathers it for initial margin. */
  readonly portfolio: Portfolio;
  readonly report: MarketReport;
  /** D18{base}, signed. */
  readonly sizeDelta: bigint;
  /** D18{base}, signed: what the other account of a match holds; without one the pool is on the other side. */
  readonly counterpartySize?: bigint;
  /** D18{USD}, of the account, the keeper's included. */
  readonly feeUsd: bigint;
  /** D18{USD}, fees of all sides, of which the market's tranche has its share. */
  readonly tradingFeesUsd: bigint;
  /** D18{USD}, value given up against the index; negative where the other side gives it up. */
  readonly edgeUsd: bigint;
  /** D18{USD}, what the fill takes off the quote leg, as `previewTrade` says it; the maker of a match gets what its taker gives. */
  readonly costUsd: bigint;
  /** D18{USD}, what the account still lacks of its liquidation deposit. */
  readonly missingDepositUsd: bigint;
  /** The house's `coverageOf` the market. */
  readonly coverage: Pick<CoverageState, "buffersUsd">;
  /** {days}, the house's `standingOf` the account. */
  readonly goodDays: bigint;
  readonly riskTermsOf: RiskTermsOf;
}

/** What an opening needs and what it pays besides its fees. */
export interface OpeningPreview extends OpeningAssessment {
  /** D18{base}, by which the position grows; of one that crosses zero, all it will be. */
  readonly openedSize: bigint;
  /** The level of coverage that it would be judged by; `Short` refuses it unless it only changes hands. */
  readonly level: bigint;
  /** Why the house would refuse it, as far as cash, margin and coverage go. */
  readonly refusal: "CashTooLow" | "CoverageTooLow" | "AccountBelowInitialMargin" | null;
}

/** Margin, concentration, coverage and premium of an opening, as the house will find them: its losses in the market pulled, its matured gain paid. */
export function previewOpening(input: OpeningPreviewInput): OpeningPreview {
  const { report, sizeDelta, counterpartySize, portfolio, riskTermsOf } = input;
  const { market, price: reported } = report;
  const price = reported.price;
  const held = portfolio.exposures.find((exposure) => exposure.market === market);
  const before = held?.size ?? 0n;
  const size = before + sizeDelta;
  const sides = sidesAfter(report.state, [
    [before, size],
    ...(counterpartySize === undefined
      ? []
      : [[counterpartySize, counterpartySize - sizeDelta] as const]),
  ]);
  const openInterestUsd = openInterestUsdOf(sides, price);
  const level = levelAfter(input, openInterestUsd, riskTermsOf(market).cover);
  const enlarges = sides.longOpenInterest > report.state.longOpenInterest;
  const isOpening = magnitude(size) > magnitude(before) || before > 0n !== size > 0n;

  const value = held?.valueUsd ?? 0n;
  const maturedUsd = min(held?.maturedUsd ?? 0n, positivePart(value));
  const paidUsd = min(maturedUsd, report.state.reserveUsd - report.state.pendingLossUsd);
  const costsUsd = input.feeUsd + positivePart(input.edgeUsd) + input.missingDepositUsd;
  const settledUsd = value < 0n ? value : paidUsd;
  const x = price - report.state.fundingIndex;
  const settled = value - mulWadFloor(before, x) - settledUsd;
  const quote = settled - input.costUsd + positivePart(input.edgeUsd);
  const exposure: Exposure = {
    market,
    status: priceStatus.Valid,
    size,
    price,
    valueUsd: unsettledValueOf({ size, quote }, x),
    maturedUsd: maturedUsd - paidUsd,
    depthUsd: depthUsd(report.terms.skewScale, price),
    openInterestUsd,
    lossPending: held?.lossPending ?? false,
    coverageLow: level !== coverageLevel.Full,
  };
  const others = portfolio.exposures.filter((each) => each.market !== market);
  const index = others.filter((each) => each.market < market).length;
  const openedSize = openedBy(before, size);
  // What cash lacks for the costs is drawn.
  const cashUsd = portfolio.cashUsd + settledUsd - costsUsd;
  const lineUsd = portfolio.creditLineUsd - positivePart(-cashUsd);
  const assessed = assessOpening(
    {
      cashUsd: positivePart(cashUsd),
      creditLineUsd: positivePart(lineUsd),
      exposures: [...others.slice(0, index), exposure, ...others.slice(index)],
    },
    { index: BigInt(index), size: openedSize, costsUsd, goodDays: input.goodDays },
    riskTermsOf,
  );
  const isShort = level === coverageLevel.Short && isOpening;
  const { equityUsd, requiredUsd, premiumUsd } = assessed;
  const refusals = [
    ["CashTooLow", lineUsd < 0n],
    ["CoverageTooLow", isShort && (counterpartySize === undefined || enlarges)],
    ["AccountBelowInitialMargin", equityUsd < requiredUsd + premiumUsd],
    ["CashTooLow", positivePart(cashUsd) + lineUsd < premiumUsd],
  ] as const;
  const refusal = refusals.find(([, applies]) => applies)?.[0] ?? null;
  return { ...assessed, openedSize, level, refusal };
}

type Sides = Pick<MarketReport["state"], "longOpenInterest" | "shortOpenInterest">;

/** Both sides once positions have gone from the one size to the other. */
function sidesAfter(sides: Sides, moves: readonly (readonly [bigint, bigint])[]): Sides {
  let { longOpenInterest, shortOpenInterest } = sides;
  for (const [from, to] of moves) {
    longOpenInterest += positivePart(to) - positivePart(from);
    shortOpenInterest += positivePart(-to) - positivePart(-from);
  }
  return {
    longOpenInterest: max(longOpenInterest, 0n),
    shortOpenInterest: max(shortOpenInterest, 0n),
  };
}

/** By how much a position has grown; of one that crossed zero, all it is. */
const openedBy = (before: bigint, size: bigint): bigint =>
  before > 0n === size > 0n || before === 0n
    ? positivePart(magnitude(size) - magnitude(before))
    : magnitude(size);

/** The level once the tranche has its share of the fees and the market its new size. */
function levelAfter(
  { coverage, tradingFeesUsd, report }: OpeningPreviewInput,
  openInterestUsd: bigint,
  cover: CoverTerms | undefined,
): bigint {
  if (cover === undefined || cover.coverageTarget === 0n) return coverageLevel.Full;
  const toTrancheUsd = mulWadUp(tradingFeesUsd, report.terms.insuranceShare);
  const target = targetUp(openInterestUsd, cover.coverageTarget, cover.bootstrapUsd);
  return levelOf(coverage.buffersUsd + toTrancheUsd, target);
}
