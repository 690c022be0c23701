import {
  auctionPriceUp,
  collateralValueDown,
  type Haircut,
  restoringUp,
} from "../math/creditMath.ts";
import { divUp, mulWadUp } from "../math/fixedPoint.ts";
import { max, min, powerOfTen } from "../math/solidity.ts";

const D18_DECIMALS = 18n;

/** One collateral of an account, as `collateralOf` and `collateralTermsOf` of the vault and the oracle's price say it. */
export interface PledgedCollateral {
  readonly amountNative: bigint;
  readonly decimals: bigint;
  readonly haircut: Haircut;
  /** D18{USD/tok}, 0 where the price does not count. */
  readonly price: bigint;
}

export interface LineInput {
  readonly collateral: readonly PledgedCollateral[];
  readonly debtUsd: bigint;
  /** D18{USD}, cash of the lenders that is not lent. */
  readonly lendersCashUsd: bigint;
}

export interface TakeInput {
  /** What is for sale. */
  readonly forSale: PledgedCollateral;
  /** The account's other collateral. */
  readonly others: readonly PledgedCollateral[];
  readonly debtUsd: bigint;
  /** D18{1} */
  readonly maxDiscount: bigint;
  /** {s}, of the price's fall. */
  readonly auctionSeconds: bigint;
  /** {s}, since the start. */
  readonly elapsedSeconds: bigint;
  readonly maxAmountNative: bigint;
  /** Decimals of the settlement token. */
  readonly settlementDecimals: bigint;
}

/** What a take would come to, as `previewTake` of the auction answers. */
export interface TakePlan {
  readonly price: bigint;
  readonly amountNative: bigint;
  readonly paymentNative: bigint;
}

/** What is lent against collateral in all. D18{USD}, rounded down */
export const previewValue = (collateral: readonly PledgedCollateral[]): bigint =>
  collateral.reduce(
    (sum, { amountNative, decimals, haircut, price }) =>
      sum + collateralValueDown(haircut, toD18Down(amountNative, decimals), price),
    0n,
  );

/** What an account may draw, as `lineOf` of the vault answers. D18{USD}, rounded down */
export const previewLine = ({ collateral, debtUsd, lendersCashUsd }: LineInput): bigint =>
  min(max(previewValue(collateral) - debtUsd, 0n), lendersCashUsd);

/** The price of an auction now, and how much it sells. */
export function previewTake(input: TakeInput): TakePlan {
  const { forSale, others, debtUsd, maxAmountNative, settlementDecimals } = input;
  const { amountNative: availableNative, decimals, haircut, price: indexPrice } = forSale;
  const price = auctionPriceUp(
    indexPrice,
    input.maxDiscount,
    input.elapsedSeconds,
    input.auctionSeconds,
  );
  const available = toD18Down(availableNative, decimals);
  const otherValueUsd = previewValue(others);
  const amount = restoringUp(haircut, {
    amount: available,
    indexPrice,
    price,
    otherValueUsd,
    debtUsd,
  });
  const isAbove = debtUsd > otherValueUsd + previewValue([forSale]);
  const restoring =
    amount === available && isAbove ? availableNative : toNativeUp(amount, decimals);
  const amountNative = min(restoring, maxAmountNative);
  const costUsd = mulWadUp(toD18Up(amountNative, decimals), price);
  return { price, amountNative, paymentNative: toNativeUp(costUsd, settlementDecimals) };
}

const toD18Down = (amount: bigint, decimals: bigint): bigint =>
  decimals <= D18_DECIMALS
    ? amount * powerOfTen(D18_DECIMALS - decimals)
    : amount / powerOfTen(decimals - D18_DECIMALS);

const toD18Up = (amount: bigint, decimals: bigint): bigint =>
  decimals <= D18_DECIMALS
    ? amount * powerOfTen(D18_DECIMALS - decimals)
    : divUp(amount, powerOfTen(decimals - D18_DECIMALS));

const toNativeUp = (amount: bigint, decimals: bigint): bigint =>
  decimals <= D18_DECIMALS
    ? divUp(amount, powerOfTen(D18_DECIMALS - decimals))
    : amount * powerOfTen(decimals - D18_DECIMALS);
