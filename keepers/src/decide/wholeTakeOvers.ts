import type { AccountId } from "../../../sdk/src/accountId.ts";
import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { max } from "../../../sdk/src/math/solidity.ts";
import { isJudged } from "../read/judgement.ts";
import {
  type AccountReport,
  isActing,
  type MarketReport,
  type PositionReport,
  planCodeOf,
  takeOverCodeOf,
} from "../read/reports.ts";
import type { Action } from "./action.ts";
import { type Answer, type AnswerContext, heldOf, percent, USED_TENTHS } from "./takeOvers.ts";

/** An account all of whose positions are for sale together. */
export interface WholeOffer {
  readonly account: AccountId;
  readonly positions: readonly PositionReport[];
  /** D18{USD} Sum of the discounts now. */
  readonly discountUsd: bigint;
  readonly version: bigint;
}

type TakeOverWhole = Extract<Action, { kind: "takeOverWhole" }>;

/** The house lets an account into no more markets than this. */
const MOST_MARKETS = 16;

/** Accounts that are for sale as a whole. Where a slice acts, it comes first; a default is recognised, not sold. */
export function wholeOffersOf(reports: readonly AccountReport[]): WholeOffer[] {
  return reports
    .filter((report) => isJudged(report) && !report.resolvable)
    .filter(({ positions }) => !positions.some((position) => isActing(planCodeOf(position))))
    .filter(
      ({ takeOverWhole, takeOverWholeFailure }) =>
        takeOverWholeFailure === "0x" && isActing(takeOverCodeOf(takeOverWhole)),
    )
    .map(({ account, positions, takeOverWhole, state }) => ({
      account,
      positions: positions.filter(({ size }) => size !== 0n),
      discountUsd: takeOverWhole.discountUsd,
      version: state.version,
    }));
}

/** All of it at no less than the least discount, or nothing: with every position the keeper's account stays within its inventory limit and its free margin. */
export function answerToWhole(offer: WholeOffer, context: AnswerContext): Answer<TakeOverWhole> {
  const { terms, taker, markets, deadline } = context;
  if (offer.account === terms.account) return { refusal: "it is the keeper's own" };
  if (!isJudged(taker)) return { refusal: "the keeper's account cannot be judged now" };
  const rate = wholeRateOf(offer);
  if (rate < terms.minDiscountRate)
    return {
      refusal: `its discount of ${percent(rate)} is below takeOverMinDiscountRate, ${percent(terms.minDiscountRate)}`,
    };
  const after = afterwardsOf(offer, taker, markets);
  if ("refusal" in after) return after;
  if (after.notionalUsd > terms.maxInventoryUsd)
    return {
      refusal: `the account would hold ${formatD18(after.notionalUsd)} USD, and takeOverMaxInventoryUsd is ${formatD18(terms.maxInventoryUsd)} USD`,
    };
  const freeUsd = taker.openingEquityUsd - taker.initialUsd;
  const usableUsd = (max(freeUsd, 0n) * USED_TENTHS) / 10n;
  if (after.marginUsd > usableUsd)
    return {
      refusal: `it needs ${formatD18(after.marginUsd)} USD of margin, and nine tenths of what is free are ${formatD18(usableUsd)} USD`,
    };
  return {
    action: {
      kind: "takeOverWhole",
      account: offer.account,
      taker: terms.account,
      minDiscountUsd: (notionalOf(offer) * terms.minDiscountRate + ONE - 1n) / ONE,
      deadline,
      expectedVersion: offer.version,
      rewardUsd: offer.discountUsd,
    },
  };
}

/** D18{1} Discount per notional of all positions, rounded down. */
export function wholeRateOf(offer: WholeOffer): bigint {
  const notionalUsd = notionalOf(offer);
  return notionalUsd === 0n ? 0n : (offer.discountUsd * ONE) / notionalUsd;
}

/** D18{USD} */
function notionalOf({ positions }: WholeOffer): bigint {
  return positions.reduce((sum, { size, price }) => sum + (magnitude(size) * price) / ONE, 0n);
}

/**
 * What the keeper's account would hold, and the margin it would need beyond what it needs now: ΔIM = x·r + μ·(2Nx + x²)/D for what it opens, nothing given
 * back for what it closes. D18{USD}
 */
function afterwardsOf(
  offer: WholeOffer,
  taker: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
): { readonly notionalUsd: bigint; readonly marginUsd: bigint } | { readonly refusal: string } {
  const theirs = new Map(offer.positions.map((position) => [Number(position.market), position]));
  let notionalUsd = taker.positions
    .filter(({ market }) => !theirs.has(Number(market)))
    .reduce((sum, { size, price }) => sum + (magnitude(size) * price) / ONE, 0n);
  let marginUsd = 0n;
  for (const [market, { size, price }] of theirs) {
    const report = markets.get(market);
    if (report === undefined || report.ratesFailure !== "0x")
      return { refusal: "one of its markets cannot be read" };
    const held = heldOf(taker, market);
    const afterUsd = (magnitude(held + size) * price) / ONE;
    notionalUsd += afterUsd;
    const heldUsd = (magnitude(held) * price) / ONE;
    const openedUsd = max(afterUsd - (held > 0n === size > 0n ? heldUsd : 0n), 0n);
    const { initialRate, sizeSlope } = report.rates;
    const depthUsd = max(report.depthUsd, ONE);
    const rate = initialRate + (sizeSlope * (afterUsd + heldUsd)) / depthUsd + 1n;
    marginUsd += (openedUsd * rate) / ONE + 1n;
  }
  const count = new Set([...theirs.keys(), ...taker.positions.map(({ market }) => Number(market))]);
  if (count.size > MOST_MARKETS)
    return {
      refusal: `the account would be in ${count.size} markets; ${MOST_MARKETS} are possible`,
    };
  return { notionalUsd, marginUsd };
}
