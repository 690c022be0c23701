import type { AccountId } from "../../../sdk/src/accountId.ts";
import { isActing, type MarketReport, poolTearUpCodeOf } from "../read/reports.ts";
import type { Action } from "./action.ts";

/** Pools that have been below maintenance margin, and marked, for long enough: nobody can be made to trade with them, so the side opposite to them is torn up. */
export function poolTearUpsOf(markets: Iterable<MarketReport>): Action[] {
  return [...markets]
    .filter((report) => report.failure === "0x" && isActing(poolTearUpCodeOf(report)))
    .map(({ market }) => ({ kind: "tearUpPool", market: Number(market) }));
}

/** Accounts of pools below maintenance margin: they are marked first. */
export function failingPoolsOf(markets: Iterable<MarketReport>): AccountId[] {
  return [...markets].flatMap(({ terms, failure, poolFailure, ...report }) => {
    const isFailing = report.poolEquityUsd < report.poolMaintenanceUsd;
    return failure === "0x" && poolFailure === "0x" && isFailing ? [terms.pool] : [];
  });
}
