import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { isJudged } from "../read/judgement.ts";
import { type AccountReport, type MarketReport, marketModeOf } from "../read/reports.ts";
import type { OpenOrder } from "../store/chainStore.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { Action } from "./action.ts";
import { acceptedOf } from "./defaults.ts";
import type { OrderTerms } from "./orders.ts";
import type { TakeOverTerms } from "./takeOvers.ts";

/** {s} What has not been executed by then is removed, and decided anew. */
const GOOD_FOR_SECONDS = 300;

/**
 * Reduce-only orders that bring the keeper's take-over account back to nothing, as far as the pool's price costs no more against the index than
 * `unloadCostRate`. One order per market at a time.
 */
export function unloadsOf({
  taker,
  terms,
  markets,
  orders,
  orderTerms,
  now,
}: {
  taker: AccountReport;
  terms: TakeOverTerms;
  markets: ReadonlyMap<number, MarketReport>;
  orders: readonly OpenOrder[];
  orderTerms: ReadonlyMap<number, OrderTerms>;
  /** {s} */
  now: number;
}): Action[] {
  if (!isJudged(taker)) return [];
  return taker.positions.flatMap(({ market: id, size }) => {
    const market = Number(id);
    const report = markets.get(market);
    const keeperFeeUsd = orderTerms.get(market)?.minKeeperFeeUsd;
    const isWaiting = orders.some(
      (order) => order.account === taker.account && order.market === market,
    );
    if (report === undefined || keeperFeeUsd === undefined || isWaiting) return [];
    if (!isPriced(report) || marketModeOf(report) === "Halted") return [];
    const closed = closableOf(report, size, terms.unloadCostRate);
    if (closed === 0n) return [];
    const index = report.price.price;
    const { unloadCostRate } = terms;
    return [
      {
        kind: "unload" as const,
        account: taker.account,
        market,
        sizeDelta: size > 0n ? -closed : closed,
        limitPrice:
          size > 0n
            ? (index * (ONE - unloadCostRate) + ONE - 1n) / ONE
            : (index * (ONE + unloadCostRate)) / ONE,
        keeperFeeUsd,
        expiry: BigInt(now + GOOD_FOR_SECONDS),
      },
    ];
  });
}

/** D18{base} What the pool accepts at the cost, all of it or so much that the rest is no smaller than a position may be. */
function closableOf(report: MarketReport, size: bigint, costRate: bigint): bigint {
  const { lotSize, minNotionalUsd } = report.terms;
  const whole = magnitude(size);
  const accepted = acceptedOf(report, size, costRate);
  // A tear-up leaves sizes that are no multiple of the lot; only an order in lots is accepted.
  const inLots = accepted - (accepted % lotSize);
  if (inLots >= whole) return whole;
  const leastLeft = (minNotionalUsd * ONE) / report.price.price + 1n;
  const most = whole - leastLeft;
  if (most <= 0n) return 0n;
  return inLots <= most ? inLots : most - (most % lotSize);
}
