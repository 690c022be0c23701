import { type Call, log, priceMemoryOf, Refusal } from "./call.ts";
import {
  amountOf,
  booked,
  collateralTermsOf,
  type Haircut,
  lentAgainst,
  nativeUp,
  valueOfCollateral,
} from "./collateral.ts";
import { repayCredit } from "./creditLine.ts";
import { payIn, removeCollateral, settleDebt, unflagIfDone } from "./creditVault.ts";
import { accrue, debtOf } from "./debts.ts";
import { observe, poke } from "./oracle.ts";
import { down, exact, lesser, ONE, positive, Rational, up } from "./rational.ts";
import type { AccountName, Asset, Caller, Clock } from "./state.ts";
import { type CollateralTerms, FUND, LENDERS, TOKEN_DECIMALS } from "./terms.ts";

const LARGEST = 2n ** 256n - 1n;
/** An auction can be taken for so many times its duration. */
const LIFETIMES = 3n;
/** Share of what is lent against the rest down to which an auction brings the debt. */
const RESTORED = (ONE * 95n) / 100n;
/** A rest worth less goes with it. */
const SMALLEST_REST = 10n * ONE;
/** Halvings of the interval in which the amount is looked for. */
const HALVINGS = 40;

function keyOf(name: AccountName, asset: Asset): string {
  return `${name} ${asset}`;
}

function stateOf(call: Call, name: AccountName) {
  return {
    debt: debtOf(call, name),
    value: valueOfCollateral(call, name, "Maintenance"),
  };
}

/** The valid price, and how many seconds with one the oracle has counted. */
function observed(call: Call, asset: Asset, { priceMarket, feed }: CollateralTerms) {
  poke(call, priceMarket);
  const { status, price } = observe(call, priceMarket, "Latest");
  if (status !== "Valid") throw new Refusal("CollateralPriceNotValid", asset, status);
  const { bucket, liveSeconds } = priceMemoryOf(call, priceMarket);
  return { price, live: bucket * feed.bucketLength + liveSeconds };
}

/** Seconds since the start of which the oracle knows no valid price. */
function missingSince({ now }: Call, clock: Clock, live: bigint): bigint {
  return positive(clock.live + now - clock.startedAt - live);
}

/** See ICollateralAuction.start. */
export function startAuction(call: Call, name: AccountName, asset: Asset): void {
  const terms = collateralTermsOf(call, asset);
  if (amountOf(call, name, asset) === 0n) throw new Refusal("NothingToSell", name, asset);
  const { live } = observed(call, asset, terms);
  const { clocks } = call.state.credit;
  const clock = clocks.get(keyOf(name, asset));
  if (clock !== undefined && call.now <= clock.startedAt + LIFETIMES * terms.auctionSeconds) {
    if (missingSince(call, clock, live) === 0n) {
      throw new Refusal("AuctionRunning", name, asset, clock.startedAt);
    }
  }
  accrue(call);
  repayCredit(call, name, LARGEST, "Spare");
  const { debt, value } = stateOf(call, name);
  if (debt <= value) throw new Refusal("AccountWithinLine", name, debt, value);
  clocks.set(keyOf(name, asset), { startedAt: call.now, live });
  log(call, "AuctionStarted", name, asset, call.now, debt, value);
}

export interface CollateralTake {
  readonly account: AccountName;
  readonly asset: Asset;
  /** {qTok} */
  readonly most: bigint;
  readonly limitPrice: bigint;
  readonly deadline: bigint;
  readonly caller: Caller;
}

/** See ICollateralAuction.take; the caller pays and gets the collateral. */
export function takeCollateral(call: Call, request: CollateralTake): void {
  const { account: name, asset, most, limitPrice, deadline, caller } = request;
  if (call.now > deadline) throw new Refusal("TakeExpired", deadline, call.now);
  const terms = collateralTermsOf(call, asset);
  const { clocks } = call.state.credit;
  const clock = clocks.get(keyOf(name, asset));
  const expiresAt = clock === undefined ? 0n : clock.startedAt + LIFETIMES * terms.auctionSeconds;
  if (clock === undefined || call.now > expiresAt) {
    throw new Refusal("AuctionNotRunning", name, asset, expiresAt);
  }
  const { price: index, live } = observed(call, asset, terms);
  const missing = missingSince(call, clock, live);
  if (missing !== 0n) throw new Refusal("AuctionBroken", name, asset, missing);
  accrue(call);
  const price = priceAt(terms, index, call.now - clock.startedAt);
  const needed = neededOf(call, name, asset, terms, index, price);
  const amount = lesser(needed, most);
  if (amount !== 0n) {
    if (price > limitPrice) throw new Refusal("AuctionPriceAboveLimit", price, limitPrice);
    const cost = up(exact(booked(amount, terms.decimals)).times(exact(price)));
    const payment = nativeUp(cost, TOKEN_DECIMALS);
    log(call, "AuctionTaken", name, asset, caller, price, amount, payment);
    sell(call, name, asset, amount, payment, caller);
  }
  const { debt, value } = stateOf(call, name);
  if (debt > value && amountOf(call, name, asset) !== 0n) return;
  clocks.delete(keyOf(name, asset));
  log(call, "AuctionEnded", name, asset, debt, value);
}

/** From the index down to 1 − maxDiscount of it; the discount down, the price up. */
function priceAt(terms: CollateralTerms, index: bigint, elapsed: bigint): bigint {
  const { maxDiscount, auctionSeconds } = terms;
  const part = elapsed < auctionSeconds ? new Rational(elapsed, auctionSeconds) : exact(ONE);
  const discount = down(exact(maxDiscount).times(part));
  return up(exact(index).times(exact(ONE - discount)));
}

/** {qTok}, how much has to be sold at a price. */
function neededOf(
  call: Call,
  name: AccountName,
  asset: Asset,
  terms: CollateralTerms,
  index: bigint,
  price: bigint,
): bigint {
  const { debt, value } = stateOf(call, name);
  if (debt <= value) return 0n;
  // Nothing is lent to whoever left losses to others: all of it is for sale until they are paid.
  const haircut: Haircut = value === 0n ? { ...terms, topShare: 0n, minShare: 0n } : terms;
  const native = amountOf(call, name, asset);
  const all = booked(native, terms.decimals);
  const others = value - lentAgainst(haircut, all, index);
  const restores = (sold: bigint): boolean => {
    const lent = others + lentAgainst(haircut, all - sold, index);
    const left = down(exact(lent).times(exact(RESTORED)));
    return left + down(exact(sold).times(exact(price))) >= debt;
  };
  if (!restores(all)) return native;
  let [low, high] = [0n, all];
  for (let i = 0; i < HALVINGS && high - low > 1n; i += 1) {
    const middle = (low + high) / 2n;
    if (restores(middle)) high = middle;
    else low = middle;
  }
  const rest = down(exact(all - high).times(exact(index)));
  return rest < SMALLEST_REST ? native : nativeUp(high, terms.decimals);
}

function sell(
  call: Call,
  name: AccountName,
  asset: Asset,
  amount: bigint,
  payment: bigint,
  to: Caller,
): void {
  removeCollateral(call, name, asset, amount);
  const { repaid, toLenders, toInsurance, rest } = settleDebt(call, name, payment);
  unflagIfDone(call, name);
  const left = amountOf(call, name, asset);
  const toAccount = booked(rest, TOKEN_DECIMALS);
  const debt = debtOf(call, name);
  log(call, "CollateralSold", name, asset, to, amount, repaid, toAccount, left, debt);
  payIn(call, LENDERS, toLenders);
  payIn(call, FUND, toInsurance);
  payIn(call, name, rest);
}
