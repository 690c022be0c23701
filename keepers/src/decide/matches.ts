import type { AccountId } from "../../../sdk/src/accountId.ts";
import { max } from "../../../sdk/src/math/solidity.ts";
import type { KnownOrder } from "../orders/orderFile.ts";
import { isJudged } from "../read/judgement.ts";
import {
  type AccountReport,
  isActing,
  type PositionReport,
  planCodeOf,
  type SlicePlan,
} from "../read/reports.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";

/** A slice that a signed order may pay more for than the pool. */
export interface MatchCandidate {
  readonly account: AccountId;
  readonly market: number;
  readonly order: KnownOrder;
}

/** What the house would do with a candidate. */
export interface MatchPlan {
  readonly candidate: MatchCandidate;
  readonly plan: SlicePlan;
}

/** Of one slice so many orders are asked about, best price first: a maker may turn out to have no margin. */
const MOST_ORDERS = 3;
/** Each is three questions to the chain. */
const MOST_CANDIDATES = 24;

/**
 * For every position that a slice acts on now, the orders on its other side that pay more than the pool, best first. Accounts with the largest shortfall
 * come first.
 */
export function matchCandidatesOf({
  reports,
  orders,
  now,
}: {
  reports: readonly AccountReport[];
  orders: readonly KnownOrder[];
  now: number;
}): MatchCandidate[] {
  const open = orders.filter(({ signed }) => signed.order.expiry >= BigInt(now));
  if (open.length === 0) return [];
  return reports
    .filter((report) => isJudged(report))
    .toSorted((a, b) => compare(b.maintenanceUsd - b.equityUsd, a.maintenanceUsd - a.equityUsd))
    .flatMap(({ account, positions }) =>
      positions
        .filter((position) => isActing(planCodeOf(position)))
        .flatMap((position) =>
          betterOrdersOf(position, account, open).map((order) => ({
            account,
            market: Number(position.market),
            order,
          })),
        ),
    )
    .slice(0, MOST_CANDIDATES);
}

/** What was long is sold: the highest bid first. What was short is bought: the lowest ask first. */
function betterOrdersOf(
  { market, size, plan }: PositionReport,
  account: AccountId,
  orders: readonly KnownOrder[],
): KnownOrder[] {
  const isLong = size > 0n;
  return orders
    .filter(({ signed: { order } }) => {
      const isBetter = isLong ? order.limitPrice > plan.price : order.limitPrice < plan.price;
      const isForThem = order.counterparty === 0n || order.counterparty === account;
      return (
        order.market === market &&
        order.size > 0n === isLong &&
        order.account !== account &&
        isForThem &&
        isBetter
      );
    })
    .toSorted((a, b) => {
      const [x, y] = [a.signed.order.limitPrice, b.signed.order.limitPrice];
      return isLong ? compare(y, x) : compare(x, y);
    })
    .slice(0, MOST_ORDERS);
}

/** Those that the house would carry out, in the same order: the next is for when the one before it fails. */
export function matchesOf(plans: readonly MatchPlan[]): Action[] {
  return plans.map(({ candidate, plan }) => ({
    kind: "matchLiquidation",
    account: candidate.account,
    market: candidate.market,
    orderHash: candidate.order.hash,
    maker: candidate.order.signed,
    rewardUsd: max(plan.keeperRewardUsd, plan.gasFloorUsd),
  }));
}
