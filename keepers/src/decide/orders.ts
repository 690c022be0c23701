import { enums } from "../../../sdk/src/abis/enums.ts";
import { type MarketReport, priceStatusOf } from "../read/reports.ts";
import type { OpenOrder } from "../store/chainStore.ts";
import type { Action } from "./action.ts";

/** Terms of a market's orders. */
export interface OrderTerms {
  /** {s} What they wait for at most. */
  readonly maxWaitSeconds: number;
  /** D18{USD} Least that an order offers to whoever executes it. */
  readonly minKeeperFeeUsd: bigint;
}

/**
 * Orders the venue would execute at this price and time, as far as the venue judges: the first price after the commitment, or an older one after the longest
 * wait; triggers reached. The pool's price and the account's margin are asked of the chain.
 */
export function executableOrders({
  orders,
  markets,
  terms,
  now,
}: {
  orders: readonly OpenOrder[];
  markets: ReadonlyMap<number, MarketReport>;
  terms: ReadonlyMap<number, OrderTerms>;
  /** {s} */
  now: number;
}): OpenOrder[] {
  return orders.filter((order) => {
    const market = markets.get(order.market);
    const maxWaitSeconds = terms.get(order.market)?.maxWaitSeconds;
    if (market === undefined || maxWaitSeconds === undefined || now > order.expiry) return false;
    if (market.priceFailure !== "0x" || priceStatusOf(market) !== "Valid") return false;
    const isNew = Number(market.price.publishedAt) > order.committedAt;
    const hasWaited = now >= order.committedAt + maxWaitSeconds;
    if (triggerOf(order) !== "None") return isNew && isReached(order, market.price.price);
    return isNew || hasWaited;
  });
}

/** In batches, best paid first. */
export function executionsOf({
  orders,
  batchSize,
}: {
  orders: readonly OpenOrder[];
  batchSize: number;
}): Action[] {
  const ordered = orders.toSorted((a, b) =>
    a.keeperFeeUsd === b.keeperFeeUsd
      ? a.id < b.id
        ? -1
        : 1
      : a.keeperFeeUsd > b.keeperFeeUsd
        ? -1
        : 1,
  );
  const actions: Action[] = [];
  for (let from = 0; from < ordered.length; from += batchSize) {
    const batch = ordered.slice(from, from + batchSize);
    actions.push({
      kind: "executeOrders",
      orders: batch.map(({ id, keeperFeeUsd }) => ({ id, rewardUsd: keeperFeeUsd })),
    });
  }
  return actions;
}

/** Orders past their time, to be removed. */
export function removalsOf({
  orders,
  now,
  batchSize,
}: {
  orders: readonly OpenOrder[];
  now: number;
  batchSize: number;
}): Action[] {
  const ids = orders.filter(({ expiry }) => now > expiry).map(({ id }) => id);
  return ids.length === 0 ? [] : [{ kind: "removeExpired", ids: ids.slice(0, batchSize) }];
}

/** A stop sells into a fall and buys into a rise; a take-profit the other way round. */
export function isReached(
  order: Pick<OpenOrder, "sizeDelta" | "trigger" | "triggerPrice">,
  price: bigint,
): boolean {
  const waitsForFall = order.sizeDelta < 0n === (triggerOf(order) === "Stop");
  return waitsForFall ? price <= order.triggerPrice : price >= order.triggerPrice;
}

function triggerOf({ trigger }: Pick<OpenOrder, "trigger">) {
  return enums.TriggerKind[trigger] ?? "None";
}
