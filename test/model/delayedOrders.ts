import { attempt } from "./attempt.ts";
import { type Call, found, log, priceMemoryOf, Refusal, termsOf } from "./call.ts";
import { observeFeed } from "./oracle.ts";
import { requireTrader, TRADE } from "./powers.ts";
import { ONE } from "./rational.ts";
import type { AccountName, Caller, DelayedOrder, MarketId, Order } from "./state.ts";
import type { OrderTerms } from "./terms.ts";
import { tradeFor } from "./trade.ts";

const LONGEST_LIFE = 90n * 86_400n;
const HIGHEST_KEEPER_FEE = 100n * ONE;
const TRIGGERS = { None: 0n, Stop: 1n, TakeProfit: 2n };
const CODES = {
  Executed: 0n,
  Unknown: 1n,
  Expired: 2n,
  PriceNotValid: 3n,
  AwaitingPrice: 4n,
  NotTriggered: 5n,
  Rejected: 7n,
};
type Code = keyof typeof CODES;
/** Where an event keeps what is longer than a word. */
const OFFSET = 64n;

function orderTermsOf({ terms }: Call, id: MarketId): OrderTerms {
  return found(terms.orders.get(id), `terms of orders in ${id}`);
}

/** See IDelayedOrders.commit. */
export function commitOrder(call: Call, order: Order, caller: Caller): void {
  requireTrader(call, order.account, caller);
  requirePossible(call, order);
  const { orders } = call.state;
  const number = orders.next;
  orders.next += 1n;
  orders.waiting.set(number, { ...order, committedAt: call.now });
  const { account, market, sizeDelta, limitPrice, reduceOnly, trigger, triggerPrice } = order;
  const flags = [reduceOnly ? 1n : 0n, TRIGGERS[trigger], triggerPrice];
  const end = [order.keeperFeeUsd, order.expiry];
  const told = [account, market, sizeDelta, limitPrice, ...flags, ...end];
  log(call, "OrderCommitted", number, account, market, ...told);
}

/** What could never be executed is refused. */
function requirePossible(call: Call, order: Order): void {
  const { account, market, sizeDelta, reduceOnly, expiry, keeperFeeUsd } = order;
  const powers = call.state.powers.get(account)?.get("orders") ?? 0n;
  if ((powers & TRADE) === 0n) throw new Refusal("VenueNotAuthorized", account, powers);
  const { lotSize } = termsOf(call, market).market;
  if (sizeDelta === 0n || (!reduceOnly && sizeDelta % lotSize !== 0n)) {
    throw new Refusal("OrderSizeNotInLots", market, sizeDelta, lotSize);
  }
  const latest = call.now + LONGEST_LIFE;
  if (expiry <= call.now || expiry > latest) {
    throw new Refusal("OrderExpiryOutOfRange", expiry, call.now + 1n, latest);
  }
  const { minKeeperFeeUsd } = orderTermsOf(call, market);
  if (keeperFeeUsd < minKeeperFeeUsd || keeperFeeUsd > HIGHEST_KEEPER_FEE) {
    throw new Refusal("KeeperFeeOutOfRange", keeperFeeUsd, minKeeperFeeUsd, HIGHEST_KEEPER_FEE);
  }
  if ((order.trigger === "None") !== (order.triggerPrice === 0n)) {
    throw new Refusal("TriggerIncomplete", TRIGGERS[order.trigger], order.triggerPrice);
  }
}

function orderIn({ state }: Call, number: bigint): DelayedOrder {
  const order = state.orders.waiting.get(number);
  if (order === undefined) throw new Refusal("OrderUnknown", number);
  return order;
}

/** See IDelayedOrders.cancel. */
export function cancelOrder(call: Call, number: bigint, caller: Caller): void {
  const order = orderIn(call, number);
  requireTrader(call, order.account, caller);
  const cancellableAt = cancellableFrom(call, order);
  if (call.now < cancellableAt) throw new Refusal("OrderLocked", number, cancellableAt, call.now);
  call.state.orders.waiting.delete(number);
  log(call, "OrderCancelled", number, order.account, order.market);
}

/** One whose price may be there already stays for as long as a keeper has to execute it. */
function cancellableFrom(call: Call, order: DelayedOrder): bigint {
  const { maxWaitSeconds } = orderTermsOf(call, order.market);
  if (order.trigger === "None") return order.committedAt + maxWaitSeconds;
  const { price, status, publishedAt } = indexOf(call, order.market);
  const isTriggered =
    status === "Valid" && publishedAt > order.committedAt && hasReached(order, price);
  return isTriggered ? publishedAt + maxWaitSeconds : 0n;
}

/** The index of the oracle, which a market that has ended still has. */
function indexOf(call: Call, id: MarketId) {
  const observed = observeFeed(call, id, "Latest");
  return { ...observed, publishedAt: priceMemoryOf(call, id).publishedAt };
}

/** A stop sells into a fall and buys into a rise, a take-profit the other way round. */
function hasReached({ sizeDelta, trigger, triggerPrice }: DelayedOrder, price: bigint): boolean {
  const waitsForFall = sizeDelta < 0n === (trigger === "Stop");
  return waitsForFall ? price <= triggerPrice : price >= triggerPrice;
}

interface Verdict {
  readonly code: Code;
  readonly spread: bigint;
}

/** Whether an order may be executed now: at a price published after it, or, where none came for too long, at the last one with a spread. */
function judge(call: Call, order: DelayedOrder | undefined): Verdict {
  const not = (code: Code): Verdict => ({ code, spread: 0n });
  if (order === undefined) return not("Unknown");
  const { price, status, publishedAt } = indexOf(call, order.market);
  if (call.now > order.expiry) return not("Expired");
  if (status !== "Valid") return not("PriceNotValid");
  const { maxWaitSeconds, spread } = orderTermsOf(call, order.market);
  const isNew = publishedAt > order.committedAt;
  if (order.trigger !== "None") {
    if (!isNew) return not("AwaitingPrice");
    if (!hasReached(order, price)) return not("NotTriggered");
  }
  if (isNew && call.now <= publishedAt + maxWaitSeconds) return { code: "Executed", spread: 0n };
  if (call.now < order.committedAt + maxWaitSeconds) return not("AwaitingPrice");
  return { code: "Executed", spread };
}

function fill(
  call: Call,
  number: bigint,
  order: DelayedOrder,
  spread: bigint,
  keeper: AccountName,
) {
  const { price, fee } = tradeFor(call, { ...order, spread, keeper }, "orders");
  call.state.orders.waiting.delete(number);
  const { account, market } = order;
  log(call, "OrderExecuted", number, account, market, keeper, price, spread, fee);
}

/** See IDelayedOrders.execute. */
export function executeOrder(call: Call, number: bigint, keeper: AccountName): void {
  const order = call.state.orders.waiting.get(number);
  const { code, spread } = judge(call, order);
  if (order === undefined || code !== "Executed") {
    const waits = order !== undefined && code === "AwaitingPrice" && order.trigger === "None";
    const retryAt = waits
      ? order.committedAt + orderTermsOf(call, order.market).maxWaitSeconds
      : 0n;
    throw new Refusal("OrderNotExecutable", number, CODES[code], retryAt);
  }
  fill(call, number, order, spread, keeper);
}

/** See IDelayedOrders.executeBatch: what the house refuses stays. */
export function executeOrders(call: Call, numbers: readonly bigint[], keeper: AccountName): void {
  for (const number of numbers) {
    const order = call.state.orders.waiting.get(number);
    const { code, spread } = judge(call, order);
    const isDone =
      order !== undefined &&
      code === "Executed" &&
      attempt(call, (inner) => fill(inner, number, order, spread, keeper));
    if (isDone) continue;
    log(call, "OrderSkipped", number, CODES[code === "Executed" ? "Rejected" : code], OFFSET);
  }
}

/** See IDelayedOrders.removeExpired. */
export function removeExpired(call: Call, numbers: readonly bigint[]): void {
  for (const number of numbers) {
    const { account, market, expiry } = orderIn(call, number);
    if (call.now <= expiry) throw new Refusal("OrderNotExpired", number, expiry, call.now);
    call.state.orders.waiting.delete(number);
    log(call, "OrderRemoved", number, account, market, expiry);
  }
}
