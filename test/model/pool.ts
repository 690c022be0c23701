import { openBook, valueAt } from "./book.ts";
import { accountOf, type Call, found, log, marketOf, positionOf, Refusal } from "./call.ts";
import { deposit, withdraw } from "./freeCash.ts";
import { claim, foreseen } from "./marketEvents.ts";
import { observe, type Price } from "./oracle.ts";
import { pendingEvents } from "./positions.ts";
import { down, exact, lesser, ONE, positive, Rational, size, up, whole } from "./rational.ts";
import { settle } from "./settlement.ts";
import type { AccountName, Holder, MarketId, Request, Shares } from "./state.ts";
import { poolOf } from "./terms.ts";
import { freeCashSeen } from "./views.ts";

/** {s}, age of the oldest price that requests are processed at. */
const MAX_PRICE_AGE = 120n;
const CANCEL_AFTER = 7n * 86_400n;
const MINIMUM_FIRST_DEPOSIT = 1_000n * ONE;
const LOSS_TOLERANCE = 100n * ONE;
const DEPLETION_FACTOR = 1_000n;
const MAX_REFUNDS = 16n;
/** Shares, and units of value, that a pool always has more than it has: a millionth. */
const VIRTUAL = 10n ** 12n;
/** Booked per unit of the token. */
const NATIVE = 10n ** 12n;

const STATUS = {
  Payable: 0n,
  QueueEmpty: 1n,
  NotReady: 2n,
  PriceNotValid: 3n,
  PriceNotFresh: 4n,
  LossOpen: 5n,
  NoFreeCash: 6n,
};
const REASON = { LimitMissed: 0n, TooSmall: 1n, PoolDepleted: 2n };

/** Whole units of the token, down. */
function inTokens(usd: bigint): bigint {
  return usd / NATIVE;
}

function sharesOf({ state }: Call, id: MarketId): Shares {
  return found(state.shares.get(id), `shares of pool ${id}`);
}

function delayOf({ terms }: Call, id: MarketId): bigint {
  return found(terms.poolDelays.get(id), `delay of pool ${id}`);
}

/** See ILiquidityPool.requestDeposit. */
export function requestDeposit(
  call: Call,
  id: MarketId,
  owner: Holder,
  native: bigint,
  limitPrice: bigint,
): void {
  if (native === 0n) throw new Refusal("RequestEmpty", owner);
  const shares = sharesOf(call, id);
  const number = shares.nextDeposit;
  shares.nextDeposit += 1n;
  shares.deposits.set(number, { owner, requestedAt: call.now, amount: native, limitPrice });
  log(call, "DepositRequested", number, owner, native, limitPrice, call.now + delayOf(call, id));
}

/** See ILiquidityPool.requestRedemption. */
export function requestRedemption(
  call: Call,
  id: MarketId,
  owner: Holder,
  amount: bigint,
  limitPrice: bigint,
): void {
  if (amount === 0n) throw new Refusal("RequestEmpty", owner);
  const shares = sharesOf(call, id);
  const held = shares.balances.get(owner) ?? 0n;
  if (held < amount) throw new Refusal("ERC20InsufficientBalance", owner, held, amount);
  shares.balances.set(owner, held - amount);
  const number = shares.nextRedemption;
  shares.nextRedemption += 1n;
  shares.redemptions.set(number, { owner, requestedAt: call.now, amount, limitPrice });
  log(call, "RedemptionRequested", number, owner, amount, limitPrice, call.now + delayOf(call, id));
}

/** See ILiquidityPool.cancelDeposit. */
export function cancelDeposit(call: Call, id: MarketId, number: bigint, caller: Holder): void {
  const shares = sharesOf(call, id);
  const { owner, requestedAt, amount } = requireRequest(shares, number);
  if (owner !== caller) throw new Refusal("RequestNotOwned", number, owner, caller);
  const readyAt = requestedAt + delayOf(call, id);
  const cancellableAt = readyAt + CANCEL_AFTER;
  if (call.now >= readyAt && call.now < cancellableAt) {
    throw new Refusal("RequestNotCancellable", number, readyAt, cancellableAt, call.now);
  }
  shares.deposits.delete(number);
  log(call, "DepositCancelled", number, owner, amount);
}

function requireRequest({ deposits }: Shares, number: bigint): Request {
  const request = deposits.get(number);
  if (request === undefined) throw new Refusal("RequestUnknown", number);
  return request;
}

/** See ILiquidityPool.claim. */
export function claimPayout(call: Call, id: MarketId, owner: Holder): void {
  const { claimable } = sharesOf(call, id);
  const amount = claimable.get(owner) ?? 0n;
  if (amount === 0n) throw new Refusal("NothingToClaim", owner);
  claimable.delete(owner);
  log(call, "Claimed", owner, amount);
}

/** See ILiquidityPool.processDeposit. */
export function processDeposit(call: Call, id: MarketId, number: bigint): void {
  const shares = sharesOf(call, id);
  const { supply } = shares;
  const request = requireRequest(shares, number);
  const readyAt = request.requestedAt + delayOf(call, id);
  if (supply !== 0n && call.now < readyAt) {
    throw new Refusal("RequestNotReady", number, readyAt, call.now);
  }
  const price = settlePool(call, id);
  if (price.status !== "Valid") throw new Refusal("PriceNotValid", id, price.status);
  if (!isFresh(call, price)) {
    throw new Refusal("PriceNotFresh", id, price.publishedAt, MAX_PRICE_AGE);
  }
  const { equity } = worthOf(call, id, price);
  const amount = request.amount * NATIVE;
  if (supply === 0n && amount < MINIMUM_FIRST_DEPOSIT) {
    throw new Refusal("FirstDepositTooSmall", number, amount, MINIMUM_FIRST_DEPOSIT);
  }
  shares.deposits.delete(number);
  const { owner, limitPrice } = request;
  const minted = mintedFor(amount, limitPrice, equity, supply);
  if (typeof minted === "string") {
    const waiting = (shares.claimable.get(owner) ?? 0n) + request.amount;
    shares.claimable.set(owner, waiting);
    log(call, "DepositReturned", number, owner, REASON[minted], request.amount, waiting);
    return;
  }
  shares.supply += minted;
  shares.balances.set(owner, (shares.balances.get(owner) ?? 0n) + minted);
  log(call, "DepositProcessed", number, owner, amount, minted, equity + amount, shares.supply);
  deposit(call, poolOf(id), amount, "somebody");
}

/** Shares for a deposit, or why there are none. Into a pool without shares 1 for 1, whatever it owns. */
function mintedFor(
  amount: bigint,
  limitPrice: bigint,
  equity: bigint,
  supply: bigint,
): bigint | keyof typeof REASON {
  if (equity < 0n || equity * DEPLETION_FACTOR < supply) return "PoolDepleted";
  const perUsd = new Rational(supply + VIRTUAL, equity + VIRTUAL);
  const minted = supply === 0n ? amount : down(exact(amount).times(perUsd));
  if (minted === 0n) return "TooSmall";
  const entryPrice = supply === 0n ? ONE : up(whole(1n).over(perUsd));
  return entryPrice > limitPrice ? "LimitMissed" : minted;
}

/** See ILiquidityPool.processRedemptions. */
export function processRedemptions(call: Call, id: MarketId, most: bigint): void {
  const shares = sharesOf(call, id);
  const price = settlePool(call, id);
  const status = redemptionStatus(call, id, price);
  if (status !== "Payable") {
    throw new Refusal("RedemptionsWaiting", STATUS[status], shares.firstRedemption);
  }
  const payout = {
    redeemable: worthOf(call, id, price).redeemable,
    freeCash: freeCashSeen(call, poolOf(id)) ?? 0n,
    native: 0n,
  };
  let left = most;
  while (shares.firstRedemption < shares.nextRedemption && left > 0n) {
    const request = found(shares.redemptions.get(shares.firstRedemption), "redemption");
    if (call.now < request.requestedAt + delayOf(call, id)) break;
    if (!redeem(call, shares, shares.firstRedemption, request, payout)) break;
    shares.firstRedemption += 1n;
    left -= 1n;
  }
  if (payout.native === 0n) return;
  withdraw(call, poolOf(id), payout.native * NATIVE, "somebody");
}

function redemptionStatus(call: Call, id: MarketId, price: PoolPrice): keyof typeof STATUS {
  const shares = sharesOf(call, id);
  const first = shares.redemptions.get(shares.firstRedemption);
  if (first === undefined) return "QueueEmpty";
  if (call.now < first.requestedAt + delayOf(call, id)) return "NotReady";
  if (price.status !== "Valid") return "PriceNotValid";
  if (!isFresh(call, price)) return "PriceNotFresh";
  const { pendingLoss, uncollectedLoss } = marketOf(call, id);
  if (hasPosition(call, id) && pendingLoss + uncollectedLoss >= LOSS_TOLERANCE) return "LossOpen";
  return inTokens(freeCashSeen(call, poolOf(id)) ?? 0n) === 0n ? "NoFreeCash" : "Payable";
}

interface Payout {
  redeemable: bigint;
  freeCash: bigint;
  native: bigint;
}

/** Pays one as far as free cash reaches, or gives it back. False where it stays in the queue. */
function redeem(
  call: Call,
  shares: Shares,
  number: bigint,
  request: Request,
  payout: Payout,
): boolean {
  const { owner, amount, limitPrice } = request;
  const perShare = new Rational(payout.redeemable, shares.supply + VIRTUAL);
  const worth = down(exact(amount).times(perShare));
  const giveBack = (reason: keyof typeof REASON): boolean => {
    shares.redemptions.delete(number);
    shares.balances.set(owner, (shares.balances.get(owner) ?? 0n) + amount);
    log(call, "RedemptionReturned", number, owner, REASON[reason], amount);
    return true;
  };
  if (down(perShare) < limitPrice) return giveBack("LimitMissed");
  if (inTokens(worth) === 0n) return giveBack("TooSmall");
  const payable = lesser(worth, payout.freeCash);
  const native = inTokens(payable);
  if (native === 0n) return false;
  const paid = native * NATIVE;
  const part = payable === worth ? amount : up(exact(paid).over(perShare));
  const burned = lesser(part, amount);
  const left = amount - burned;
  if (left === 0n) shares.redemptions.delete(number);
  else shares.redemptions.set(number, { ...request, amount: left });
  const waiting = (shares.claimable.get(owner) ?? 0n) + native;
  shares.claimable.set(owner, waiting);
  shares.supply -= burned;
  payout.redeemable -= paid;
  payout.freeCash -= paid;
  payout.native += native;
  log(
    call,
    "RedemptionPaid",
    number,
    owner,
    burned,
    native,
    left,
    payout.redeemable,
    shares.supply,
    waiting,
  );
  return left === 0n;
}

type PoolPrice = Pick<Price, "price" | "status"> & { readonly publishedAt: bigint };

function isFresh({ now }: Call, { publishedAt }: PoolPrice): boolean {
  return now <= publishedAt + MAX_PRICE_AGE;
}

function hasPosition(call: Call, id: MarketId): boolean {
  const name: AccountName = poolOf(id);
  const { size: held, quote } = foreseen(call, name, id, pendingEvents(call, name, id));
  return held !== 0n || quote !== 0n;
}

/** Observes the index, claims what loss events took too much, and at a valid price settles. No price is needed without a position. */
function settlePool(call: Call, id: MarketId): PoolPrice {
  const observed = observe(call, id, "Latest");
  claim(call, poolOf(id), id, MAX_REFUNDS);
  if (!hasPosition(call, id)) return { price: 0n, status: "Valid", publishedAt: call.now };
  const publishedAt = found(call.state.prices.get(id), "price").publishedAt;
  if (observed.status !== "Valid") return { ...observed, publishedAt };
  settle(call, [poolOf(id)], "account");
  // What it owns in a market that has ended depends on no price.
  const hasEnded = marketOf(call, id).ended !== null;
  return { ...observed, publishedAt: hasEnded ? call.now : publishedAt };
}

/** What newcomers pay for all of it (up), and what those who leave share (down). */
function worthOf(call: Call, id: MarketId, { price }: PoolPrice) {
  const { cash } = accountOf(call, poolOf(id));
  if (!hasPosition(call, id)) return { equity: cash, redeemable: cash };
  const { longs, shorts } = marketOf(call, id);
  const { terms, fundingIndex } = openBook(call, id, observe(call, id, "SameBlock"));
  const position = positionOf(call, poolOf(id), id);
  const skew = exact(size(longs.openInterest - shorts.openInterest));
  const scale = exact(terms.market.skewScale).times(whole(2n));
  const notional = skew.times(exact(price));
  const premiumUp = up(exact(up(notional)).times(skew).over(scale));
  const premiumDown = down(exact(down(notional)).times(skew).over(scale));
  const x = price - fundingIndex;
  const low = valueAt(position, x) - premiumUp;
  const high = up(exact(position.size).times(exact(x))) + position.quote - premiumDown;
  return { equity: cash + high, redeemable: positive(cash + lesser(low, 0n)) };
}
