import type { AccountId } from "../../../sdk/src/accountId.ts";
import { formatD18, formatDecimal, ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { max } from "../../../sdk/src/math/solidity.ts";
import { isJudged } from "../read/judgement.ts";
import {
  type AccountReport,
  isActing,
  type MarketReport,
  planCodeOf,
  type TakeOverPlan,
  takeOverCodeOf,
} from "../read/reports.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";

/** How a keeper takes part in take-over auctions. */
export interface TakeOverTerms {
  /** The keeper's own, for nothing else. */
  readonly account: AccountId;
  /** D18{USD} Most notional that the account holds. */
  readonly maxInventoryUsd: bigint;
  /** D18{1} Least discount to the index per notional. */
  readonly minDiscountRate: bigint;
  /** D18{1} Most that the pool may cost against the index, fees aside, when the account is unloaded. */
  readonly unloadCostRate: bigint;
}

/** A position or an inventory that is for sale now. */
export interface Offer {
  readonly account: AccountId;
  readonly market: number;
  readonly isInventory: boolean;
  /** D18{base} Signed size of the whole position. */
  readonly size: bigint;
  /** D18{USD/base} */
  readonly indexPrice: bigint;
  readonly plan: TakeOverPlan;
  /** 0: unknown. */
  readonly version: bigint;
}

/** What the keeper answers to an offer: an action, or why not. */
export type Answer<A extends Action = Extract<Action, { kind: "takeOver" }>> =
  | { readonly action: A }
  | { readonly refusal: string };

/** Of the free margin a tenth is left alone: for the deposit, and for the price to move. */
export const USED_TENTHS = 9n;

/** What of accounts is for sale. Where a slice acts, it comes first; a default is recognised, not sold. */
export function offersOf(reports: readonly AccountReport[]): Offer[] {
  return reports
    .filter((report) => isJudged(report) && !report.resolvable)
    .filter(({ positions }) => !positions.some((position) => isActing(planCodeOf(position))))
    .flatMap(({ account, state, positions }) =>
      positions
        .filter(
          ({ takeOver, takeOverFailure }) =>
            takeOverFailure === "0x" && isActing(takeOverCodeOf(takeOver)),
        )
        .map((position) => ({
          account,
          market: Number(position.market),
          isInventory: false,
          size: position.size,
          indexPrice: position.price,
          plan: position.takeOver,
          version: state.version,
        })),
    );
}

/** What of the resolution accounts is for sale. */
export function inventoryOffersOf(
  markets: Iterable<MarketReport>,
  /** By market. */
  accounts: ReadonlyMap<number, AccountId>,
): Offer[] {
  return [...markets].flatMap((report) => {
    const market = Number(report.market);
    const account = accounts.get(market);
    if (report.failure !== "0x" || report.inventoryFailure !== "0x" || account === undefined)
      return [];
    if (!isActing(takeOverCodeOf(report.inventoryPlan))) return [];
    return [
      {
        account,
        market,
        isInventory: true,
        size: report.inventory.size,
        indexPrice: report.price.price,
        plan: report.inventoryPlan,
        version: 0n,
      },
    ];
  });
}

/** Answers to all offers, largest discount per notional first. */
export function takeOversOf({
  offers,
  ...context
}: AnswerContext & { readonly offers: readonly Offer[] }): Answer[] {
  return offers
    .toSorted((a, b) => compare(discountRateOf(b), discountRateOf(a)))
    .map((offer) => answerTo(offer, context));
}

export interface AnswerContext {
  readonly terms: TakeOverTerms;
  /** The keeper's account, as it is now. */
  readonly taker: AccountReport;
  readonly markets: ReadonlyMap<number, MarketReport>;
  /** {s} */
  readonly deadline: bigint;
}

/**
 * As much as inventory limit and free margin allow, at a price no worse than the least discount to the index as it is seen now. Time only makes the price
 * better; a smaller part has another discount than the whole, which the limit price covers.
 */
export function answerTo(offer: Offer, context: AnswerContext): Answer {
  const { terms, taker, deadline } = context;
  const { account, market, isInventory, plan, indexPrice } = offer;
  const report = context.markets.get(market);
  if (account === terms.account) return { refusal: "it is the keeper's own" };
  if (report === undefined || report.ratesFailure !== "0x")
    return { refusal: "its market cannot be read" };
  if (!isJudged(taker)) return { refusal: "the keeper's account cannot be judged now" };
  const rate = discountRateOf(offer);
  if (rate < terms.minDiscountRate)
    return {
      refusal: `its discount of ${percent(rate)} is below takeOverMinDiscountRate, ${percent(terms.minDiscountRate)}`,
    };
  const held = heldOf(taker, market);
  const limits = { offer, terms, taker, report, held };
  const { size: room, refusal } = smaller(inventoryRoomOf(limits), marginRoomOf(limits));
  const maxSize = plan.takeSize <= room ? plan.takeSize : room - (room % report.terms.lotSize);
  if (maxSize === 0n) return { refusal };
  const after = magnitude(held + (offer.size > 0n ? maxSize : -maxSize));
  const afterUsd = (after * indexPrice) / ONE;
  // What is taken over to the last unit may be as small as it has become.
  const isWhole = maxSize === magnitude(offer.size);
  if (!isWhole && after !== 0n && afterUsd < report.terms.minNotionalUsd)
    return {
      refusal: `a position of ${formatD18(afterUsd)} USD would be below the market's minimum, ${formatD18(report.terms.minNotionalUsd)} USD`,
    };
  return {
    action: {
      kind: "takeOver",
      account,
      market,
      isInventory,
      taker: terms.account,
      maxSize,
      limitPrice: limitPriceOf(offer, terms.minDiscountRate),
      deadline,
      expectedVersion: offer.version,
      rewardUsd: (plan.discountUsd * maxSize) / plan.takeSize,
    },
  };
}

/** D18{1} Discount per notional, rounded down. */
export function discountRateOf({ plan, indexPrice }: Offer): bigint {
  const notional = plan.takeSize * indexPrice;
  return notional === 0n ? 0n : (plan.discountUsd * ONE * ONE) / notional;
}

/** D18{USD} Notional of all positions of an account. */
export function inventoryUsdOf({ positions }: AccountReport): bigint {
  return positions.reduce((sum, { size, price }) => sum + (magnitude(size) * price) / ONE, 0n);
}

interface Limits {
  readonly offer: Offer;
  readonly terms: TakeOverTerms;
  readonly taker: AccountReport;
  readonly report: MarketReport;
  /** D18{base} What the taker holds in the market. */
  readonly held: bigint;
}

interface Room {
  /** D18{base} */
  readonly size: bigint;
  /** Why there is none. */
  readonly refusal: string;
}

/** What reduces the taker's own position makes room for as much on the other side. */
function inventoryRoomOf({ offer, terms, taker, held }: Limits): Room {
  const usedUsd = inventoryUsdOf(taker);
  const roomUsd = terms.maxInventoryUsd - usedUsd;
  const reducible = reducibleOf(offer, held);
  const room = (roomUsd * ONE) / offer.indexPrice + 2n * reducible;
  return {
    size: max(room, reducible),
    refusal: `the account holds ${formatD18(usedUsd)} USD, and takeOverMaxInventoryUsd is ${formatD18(terms.maxInventoryUsd)} USD`,
  };
}

/** ΔIM(x) = x·r + μ·(2Nx + x²)/D, with the offer's whole size in the slope: at most what the account may open. */
function marginRoomOf({ offer, taker, report, held }: Limits): Room {
  const reducible = reducibleOf(offer, held);
  const { initialRate, sizeSlope } = report.rates;
  const offeredUsd = (offer.plan.takeSize * offer.indexPrice) / ONE;
  const heldUsd = reducible > 0n ? 0n : (magnitude(held) * offer.indexPrice) / ONE;
  const depthUsd = max(report.depthUsd, ONE);
  const rate = initialRate + (sizeSlope * (2n * heldUsd + offeredUsd)) / depthUsd + 1n;
  const freeUsd = taker.openingEquityUsd - taker.initialUsd;
  const usableUsd = freeUsd > 0n ? (freeUsd * USED_TENTHS) / 10n : 0n;
  const opened = (((usableUsd * ONE) / rate) * ONE) / offer.indexPrice;
  return {
    size: reducible + opened,
    refusal: `the account has ${formatD18(freeUsd)} USD of free margin, too little for a lot`,
  };
}

/** D18{base} How much of the taker's own position the offer would close. */
function reducibleOf({ size }: Offer, held: bigint): bigint {
  return size > 0n === held > 0n ? 0n : magnitude(held);
}

export function heldOf(taker: AccountReport, market: number): bigint {
  return taker.positions.find((position) => Number(position.market) === market)?.size ?? 0n;
}

/** The least discount below the index for what was long, above it for what was short; rounded for the keeper. */
function limitPriceOf({ size, indexPrice }: Offer, minDiscountRate: bigint): bigint {
  return size > 0n
    ? (indexPrice * (ONE - minDiscountRate)) / ONE
    : (indexPrice * (ONE + minDiscountRate) + ONE - 1n) / ONE;
}

function smaller(a: Room, b: Room): Room {
  return a.size <= b.size ? a : b;
}

export function percent(rate: bigint): string {
  return `${formatDecimal(rate, 16)} %`;
}
