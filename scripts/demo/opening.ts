// In which order, and in which parts, a book is opened, so that the pool is never left with more than it takes.

import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";
import { greatest, least } from "./bigint.ts";
import type { AccountPlan } from "./book.ts";
import { InputError } from "./input-error.ts";
import { MARKET_SLOTS, type MarketSlot } from "./prices/path.ts";

/** What the pool of a market takes. */
export interface PoolRoom {
  /** D18{USD/base} */
  readonly price: bigint;
  /** D18{base} Parts are multiples of it. */
  readonly sizeStep: bigint;
  /** D18{USD} Net position of the traders, either way, at most, after every part. */
  readonly netUsd: bigint;
}

/** One order as it is given. */
export interface OpeningOrder {
  readonly accountNumber: number;
  readonly market: MarketSlot;
  /** D18{base} Positive buys. */
  readonly sizeDelta: bigint;
}

/**
 * The orders of a book as its pools can take them: account after account where that fits; otherwise the longs and the shorts of a market by turns, in parts as
 * large as the pool has room for. Of every account each part and what it leaves is at least `minNotionalUsd`.
 */
export function openingOrders(query: {
  accounts: readonly AccountPlan[];
  markets: Readonly<Record<MarketSlot, PoolRoom>>;
  /** D18{USD} */
  minNotionalUsd: bigint;
}): OpeningOrder[] {
  const { accounts, markets, minNotionalUsd } = query;
  const orders = accounts.flatMap(({ accountNumber, orders }) =>
    orders.map((order) => ({ accountNumber, ...order })),
  );
  if (MARKET_SLOTS.every((slot) => fits({ orders, market: slot, room: markets[slot] }))) {
    return orders;
  }
  return MARKET_SLOTS.flatMap((market) =>
    inTurns({
      market,
      orders: orders.filter((order) => order.market === market),
      room: markets[market],
      minNotionalUsd,
    }),
  );
}

function fits(query: {
  orders: readonly OpeningOrder[];
  market: MarketSlot;
  room: PoolRoom;
}): boolean {
  const limit = limitOf(query.room);
  let net = 0n;
  return query.orders.every(({ market, sizeDelta }) => {
    if (market === query.market) net += sizeDelta;
    return magnitude(net) <= limit;
  });
}

function inTurns(query: {
  market: MarketSlot;
  orders: readonly OpeningOrder[];
  room: PoolRoom;
  minNotionalUsd: bigint;
}): OpeningOrder[] {
  const { market, room, minNotionalUsd } = query;
  const limit = limitOf(room);
  const minSize = (minNotionalUsd * ONE) / room.price + room.sizeStep;
  const queue = (side: 1n | -1n) =>
    query.orders
      .filter(({ sizeDelta }) => sizeDelta * side > 0n)
      .map(({ accountNumber, sizeDelta }) => ({ accountNumber, left: magnitude(sizeDelta) }));
  const queues = { long: queue(1n), short: queue(-1n) };
  const result: OpeningOrder[] = [];
  let net = 0n;
  while (queues.long.length + queues.short.length > 0) {
    const buys = queues.short.length === 0 || (net <= 0n && queues.long.length > 0);
    const own = buys ? queues.long : queues.short;
    const [first] = own;
    if (first === undefined) break;
    const room = buys ? limit - net : limit + net;
    const part = partOf({ left: first.left, room, minSize, sizeStep: query.room.sizeStep });
    if (part === null) throw tooThin(query);
    first.left -= part;
    if (first.left === 0n) own.shift();
    const sizeDelta = buys ? part : -part;
    net += sizeDelta;
    result.push({ accountNumber: first.accountNumber, market, sizeDelta });
  }
  return result;
}

/** The largest part that fits and leaves nothing, or no less than the minimum; null when there is none. */
function partOf(query: {
  left: bigint;
  room: bigint;
  minSize: bigint;
  sizeStep: bigint;
}): bigint | null {
  const { left, room, minSize, sizeStep } = query;
  if (left <= room) return left;
  const most = least([greatest([room, 0n]), left - minSize]);
  const part = most - (most % sizeStep);
  return part >= minSize ? part : null;
}

function limitOf({ netUsd, price }: PoolRoom): bigint {
  return (netUsd * ONE) / price;
}

function tooThin({ market, orders }: { market: MarketSlot; orders: readonly OpeningOrder[] }) {
  return new InputError(
    `the pool of the ${market} market is too thin for the ${orders.length} orders of this book: use a greater --depth, or other --accounts or --seed`,
  );
}
