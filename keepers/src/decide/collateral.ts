import type { AccountId } from "../../../sdk/src/accountId.ts";
import { d18FromNativeFloor, ONE } from "../../../sdk/src/amounts.ts";
import type { Haircut } from "../../../sdk/src/math/creditMath.ts";
import { min } from "../../../sdk/src/math/solidity.ts";
import { previewValue } from "../../../sdk/src/preview/credit.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";

/** A token that the credit vault lends against. */
export interface CollateralTerms {
  readonly asset: string;
  readonly decimals: number;
  readonly haircut: Haircut;
  /** Number under which the oracle has its price. */
  readonly priceMarket: number;
}

/** What the credit vault has of an account and against it. */
export interface CreditAccount {
  readonly account: AccountId;
  /** D18{USD} What bears interest, as of `index`. */
  readonly debtUsd: bigint;
  /** D27{1} */
  readonly index: bigint;
  readonly collateral: readonly { readonly asset: string; readonly amountNative: bigint }[];
}

export interface CollateralPrice {
  /** D18{USD/tok} */
  readonly price: bigint;
  /** {s} */
  readonly publishedAt: bigint;
  readonly isValid: boolean;
}

export interface CreditScene {
  readonly terms: ReadonlyMap<string, CollateralTerms>;
  /** By the oracle's number. */
  readonly prices: ReadonlyMap<number, CollateralPrice>;
  /** D27{1} Of interest, now. */
  readonly index: bigint;
}

/** Debts are asked about on the chain from a thousandth below the line on: roundings, and a price that is too old to count, are the vault's to judge. */
const NEAR_PER_MILLE = 999n;
const MOST_ASKED = 16;

/** Accounts that may owe more than is lent against their collateral, largest debt first. Worked out here; the chain is asked about no others. */
export function nearLineOf(accounts: Iterable<CreditAccount>, scene: CreditScene): AccountId[] {
  return [...accounts]
    .map((account) => ({ account, debtUsd: debtNowOf(account, scene) }))
    .filter(({ account, debtUsd }) => {
      const valueUsd = lentAgainst(account, scene);
      return debtUsd > 0n && debtUsd * 1_000n >= valueUsd * NEAR_PER_MILLE;
    })
    .toSorted((a, b) => compare(b.debtUsd, a.debtUsd))
    .slice(0, MOST_ASKED)
    .map(({ account: { account } }) => account);
}

/** D18{USD} Interest since it was read included, rounded up. */
export function debtNowOf({ debtUsd, index }: CreditAccount, scene: CreditScene): bigint {
  return index === 0n ? debtUsd : (debtUsd * scene.index + index - 1n) / index;
}

/** D18{USD} At valid prices; collateral whose price is not valid counts for nothing, so that the vault is asked. */
function lentAgainst({ collateral }: CreditAccount, { terms, prices }: CreditScene): bigint {
  return previewValue(
    collateral.flatMap(({ asset, amountNative }) => {
      const found = terms.get(asset);
      const price = found === undefined ? undefined : prices.get(found.priceMarket);
      if (found === undefined || price === undefined || !price.isValid) return [];
      const { haircut, decimals } = found;
      return [{ amountNative, decimals: BigInt(decimals), haircut, price: price.price }];
    }),
  );
}

/** One collateral of an account above its line, as the chain has it. */
export interface CollateralLot {
  readonly account: AccountId;
  readonly asset: string;
  readonly decimals: number;
  readonly price: CollateralPrice;
  /** {s} 0: none. */
  readonly startedAt: bigint;
  /** {s} */
  readonly expiresAt: bigint;
  /** What a take of everything would come to now; amounts in native units. */
  readonly plan: {
    readonly price: bigint;
    readonly amountNative: bigint;
    readonly paymentNative: bigint;
  };
}

export function isRunning({ startedAt, expiresAt }: CollateralLot, now: number): boolean {
  return startedAt !== 0n && BigInt(now) <= expiresAt;
}

/** Auctions to be started. A running one is tried as well when `isDoubted`: the oracle may have missed seconds of it, which only the call finds out. */
export function startsOf(
  lots: readonly CollateralLot[],
  now: number,
  isDoubted: (lot: CollateralLot) => boolean,
): Action[] {
  return lots
    .filter((lot) => lot.price.isValid && (!isRunning(lot, now) || isDoubted(lot)))
    .map(({ account, asset }) => ({ kind: "startAuction", account, asset }));
}

/** How the keeper buys collateral. */
export interface CollateralBuying {
  /** Who gets it. */
  readonly recipient: string;
  /** D18{USD} Most that the collateral held by the recipient is worth. */
  readonly budgetUsd: bigint;
  /** D18{1} */
  readonly minDiscountRate: bigint;
}

/** What the keeper could pay, and what it has bought already. */
export interface CollateralFunds {
  /** {qTok} The wallet's settlement tokens, as far as the vault may take them. */
  readonly payableNative: bigint;
  /** {qTok} Of each collateral, held by the recipient. */
  readonly heldNative: ReadonlyMap<string, bigint>;
}

type TakeCollateral = Extract<Action, { kind: "takeCollateral" }>;

export type CollateralAnswer = { readonly action: TakeCollateral } | { readonly refusal: string };

/** As much of a lot as budget and funds allow, at no less than the least discount to the index as it is seen now. */
export function answerToLot(
  lot: CollateralLot,
  {
    buying,
    funds,
    heldUsd,
    settlementDecimals,
    deadline,
  }: {
    buying: CollateralBuying;
    funds: CollateralFunds;
    /** D18{USD} Worth of all collateral that the recipient holds. */
    heldUsd: bigint;
    settlementDecimals: number;
    deadline: bigint;
  },
): CollateralAnswer {
  const { plan, price: index, decimals } = lot;
  if (plan.amountNative === 0n) return { refusal: "nothing of it is for sale" };
  const limitPrice = (index.price * (ONE - buying.minDiscountRate)) / ONE;
  if (plan.price > limitPrice)
    return { refusal: "its discount is below collateralMinDiscountRate" };
  if (heldUsd >= buying.budgetUsd)
    return { refusal: "the collateral bought is worth collateralBudgetUsd" };
  const roomUsd = buying.budgetUsd - heldUsd;
  const room = (roomUsd * 10n ** BigInt(decimals)) / index.price;
  const payableUsd = d18FromNativeFloor(funds.payableNative, settlementDecimals);
  const payable = (payableUsd * 10n ** BigInt(decimals)) / plan.price;
  if (payable === 0n)
    return { refusal: "the wallet has no settlement tokens that the vault may take" };
  const maxAmountNative = min(plan.amountNative, min(room, payable));
  if (maxAmountNative === 0n) return { refusal: "budget and funds do not buy a unit of it" };
  const amount = d18FromNativeFloor(maxAmountNative, decimals);
  return {
    action: {
      kind: "takeCollateral",
      account: lot.account,
      asset: lot.asset,
      maxAmountNative,
      limitPrice,
      deadline,
      to: buying.recipient,
      rewardUsd: (amount * (index.price - plan.price)) / ONE,
    },
  };
}

/** D18{USD} What the recipient's collateral is worth at the index, valid or not. */
export function worthOfHoldings(
  held: ReadonlyMap<string, bigint>,
  { terms, prices }: Pick<CreditScene, "terms" | "prices">,
): bigint {
  return [...held].reduce((sum, [asset, amountNative]) => {
    const found = terms.get(asset);
    const price = found === undefined ? undefined : prices.get(found.priceMarket);
    if (found === undefined || price === undefined) return sum;
    return sum + (d18FromNativeFloor(amountNative, found.decimals) * price.price) / ONE;
  }, 0n);
}

/** Whether the oracle has to be told to look, so that its clock goes on counting: it counts as long as the price it has stored may count. */
export function mustPoke({
  price,
  record,
  heartbeatSeconds,
  now,
}: {
  price: CollateralPrice;
  record: { readonly publishedAt: bigint; readonly interrupted: boolean };
  heartbeatSeconds: number;
  now: number;
}): boolean {
  if (!price.isValid) return false;
  const isOld = 2 * (now - Number(record.publishedAt)) >= heartbeatSeconds;
  return record.interrupted || (isOld && price.publishedAt > record.publishedAt);
}
