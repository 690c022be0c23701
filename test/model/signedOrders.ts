import { type Call, log, Refusal } from "./call.ts";
import { liquidateAgainst, matchOrders } from "./match.ts";
import { hasPower, requireTrader, requireVenueOf, TRADE } from "./powers.ts";
import { size } from "./rational.ts";
import { acts } from "./slicing.ts";
import type { AccountName, Caller, SignedOrder } from "./state.ts";

/** Numbers of a word of cancelled nonces. */
const WORD = 256n;

/** Stands for the hash of what is signed. */
export function hashOf(order: SignedOrder): string {
  const { account, market, size: amount, limitPrice, expiry, nonce, counterparty } = order;
  const { signer, reduceOnly, makerOnly } = order;
  const bounds = [amount, limitPrice, expiry, nonce];
  return ["order", account, market, ...bounds, counterparty, signer, reduceOnly, makerOnly].join(
    " ",
  );
}

function filledOf({ state }: Call, order: SignedOrder): bigint {
  return state.signed.filled.get(hashOf(order))?.amount ?? 0n;
}

function isCancelled({ state }: Call, { account, nonce }: SignedOrder): boolean {
  const { least, cancelled } = state.signed;
  if (nonce < (least.get(account) ?? 0n)) return true;
  const word = cancelled.get(`${account} ${nonce / WORD}`) ?? 0n;
  return ((word >> (nonce % WORD)) & 1n) !== 0n;
}

/** Everything about an order but its size and price. */
function requireFillable(call: Call, order: SignedOrder, other: AccountName): string {
  const hash = hashOf(order);
  const { account, expiry, nonce, counterparty, signer, isSigned } = order;
  if (call.now > expiry) throw new Refusal("SignedOrderExpired", hash, expiry, call.now);
  if (isCancelled(call, order)) {
    const least = call.state.signed.least.get(account) ?? 0n;
    throw new Refusal("SignedOrderCancelled", hash, account, nonce, least);
  }
  if (counterparty !== null && counterparty !== other) {
    throw new Refusal("CounterpartyNotAllowed", hash, counterparty, other);
  }
  if (!hasPower(call, account, signer, TRADE)) {
    throw new Refusal("NotAuthorized", account, signer, TRADE);
  }
  // Whoever else may trade for the account has no key.
  if (!isSigned || signer !== "key") throw new Refusal("OrderSignatureInvalid", hash, signer);
  return hash;
}

/** Counts a fill. Returns all that is filled with it. */
function count(call: Call, order: SignedOrder, amount: bigint): bigint {
  const before = filledOf(call, order);
  const remaining = size(order.size) - before;
  if (amount > remaining) {
    throw new Refusal("SignedOrderOverfilled", hashOf(order), remaining, amount);
  }
  call.state.signed.filled.set(hashOf(order), { order, amount: before + amount });
  return before + amount;
}

/** With the order's sign. */
function signed(order: SignedOrder, amount: bigint): bigint {
  return order.size > 0n ? amount : -amount;
}

function matched(
  call: Call,
  maker: SignedOrder,
  taker: AccountName,
  amount: bigint,
  takerReduceOnly: boolean,
): void {
  requireVenueOf(call, maker.account, "signed");
  requireVenueOf(call, taker, "signed");
  matchOrders(call, {
    maker: maker.account,
    taker,
    market: maker.market,
    sizeDelta: -signed(maker, amount),
    price: maker.limitPrice,
    makerReduceOnly: maker.reduceOnly,
    takerReduceOnly,
  });
}

function tell(
  call: Call,
  order: SignedOrder,
  other: AccountName,
  amount: bigint,
  price: bigint,
  filled: bigint,
): void {
  const { account, market } = order;
  const delta = signed(order, amount);
  log(call, "SignedOrderFilled", hashOf(order), account, market, other, delta, price, filled);
}

/** See ISignedOrders.fill. */
export function fillSigned(
  call: Call,
  maker: SignedOrder,
  taker: AccountName,
  amount: bigint,
  caller: Caller,
): void {
  requireTrader(call, taker, caller);
  requireFillable(call, maker, taker);
  const filled = count(call, maker, amount);
  matched(call, maker, taker, amount, false);
  tell(call, maker, taker, amount, maker.limitPrice, filled);
}

/** See ISignedOrders.fillPair. */
export function fillSignedPair(
  call: Call,
  maker: SignedOrder,
  taker: SignedOrder,
  amount: bigint,
): void {
  requireFillable(call, maker, taker.account);
  const takerHash = requireFillable(call, taker, maker.account);
  requireCrossing(maker, taker, takerHash);
  const ofMaker = count(call, maker, amount);
  const ofTaker = count(call, taker, amount);
  matched(call, maker, taker.account, amount, taker.reduceOnly);
  tell(call, maker, taker.account, amount, maker.limitPrice, ofMaker);
  tell(call, taker, maker.account, amount, maker.limitPrice, ofTaker);
}

function requireCrossing(maker: SignedOrder, taker: SignedOrder, takerHash: string): void {
  if (maker.market !== taker.market) {
    throw new Refusal("OrderMarketsDiffer", maker.market, taker.market);
  }
  if (maker.size > 0n === taker.size > 0n) {
    throw new Refusal("OrdersOnOneSide", maker.size, taker.size);
  }
  const buys = taker.size > 0n;
  const [higher, lower] = buys ? [taker, maker] : [maker, taker];
  if (higher.limitPrice < lower.limitPrice) {
    throw new Refusal("PricesDoNotCross", maker.limitPrice, taker.limitPrice);
  }
  if (taker.makerOnly) throw new Refusal("OrderMakerOnly", takerHash);
}

/** See ISignedOrders.liquidate. */
export function liquidateSigned(
  call: Call,
  name: AccountName,
  maker: SignedOrder,
  keeper: AccountName,
): void {
  const hash = requireFillable(call, maker, name);
  const remaining = size(maker.size) - filledOf(call, maker);
  if (remaining === 0n) throw new Refusal("SignedOrderOverfilled", hash, 0n, 0n);
  requireVenueOf(call, maker.account, "signed");
  const { market, account, limitPrice: price, reduceOnly: makerReduceOnly } = maker;
  const makerSizeDelta = signed(maker, remaining);
  const request = { account: name, market, maker: account, makerSizeDelta, price, makerReduceOnly };
  const plan = liquidateAgainst(call, request, keeper);
  if (!acts(plan)) return;
  const filled = count(call, maker, plan.closeSize);
  tell(call, maker, name, plan.closeSize, price, filled);
}

/** See ISignedOrders.cancelNonces. */
export function cancelNonces(
  call: Call,
  name: AccountName,
  word: bigint,
  mask: bigint,
  caller: Caller,
): void {
  requireTrader(call, name, caller);
  const { cancelled } = call.state.signed;
  const key = `${name} ${word}`;
  const all = (cancelled.get(key) ?? 0n) | mask;
  cancelled.set(key, all);
  log(call, "NoncesCancelled", name, word, all);
}

/** See ISignedOrders.raiseMinNonce. */
export function raiseMinNonce(call: Call, name: AccountName, nonce: bigint, caller: Caller): void {
  requireTrader(call, name, caller);
  const { least } = call.state.signed;
  const current = least.get(name) ?? 0n;
  if (nonce <= current) throw new Refusal("MinNonceNotRaised", name, current, nonce);
  least.set(name, nonce);
  log(call, "MinNonceRaised", name, nonce);
}
