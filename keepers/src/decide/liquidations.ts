import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { max } from "../../../sdk/src/math/solidity.ts";
import {
  type AccountReport,
  isActing,
  type MarketReport,
  type PositionReport,
  planCodeOf,
} from "../read/reports.ts";
import type { Action } from "./action.ts";
import { compare } from "./compare.ts";

type Item = Extract<Action, { kind: "liquidate" }>["items"][number];

interface Candidate {
  readonly report: AccountReport;
  /** D18{USD} Maintenance margin less equity. */
  readonly shortfallUsd: bigint;
  readonly items: readonly Item[];
}

/**
 * Which positions to reduce now, in batches. Accounts with the largest shortfall come first, as long as pacing has room for all. Of one account
 * the position that frees most margin for its cost comes first, and others only as far as the first alone does not restore it.
 */
export function liquidationsOf({
  reports,
  markets,
  batchSize,
}: {
  reports: readonly AccountReport[];
  markets: ReadonlyMap<number, MarketReport>;
  batchSize: number;
}): Action[] {
  const candidates = reports
    .filter((report) => report.failure === "0x" && report.marginFailure === "0x")
    .map((report) => candidateOf(report, markets))
    .filter(({ items }) => items.length > 0)
    .sort(
      (a, b) =>
        compare(b.shortfallUsd, a.shortfallUsd) || compare(a.report.account, b.report.account),
    );
  const items = candidates.flatMap((candidate) => candidate.items);
  const batches: Action[] = [];
  for (let from = 0; from < items.length; from += batchSize) {
    batches.push({ kind: "liquidate", items: items.slice(from, from + batchSize) });
  }
  return batches;
}

function candidateOf(report: AccountReport, markets: ReadonlyMap<number, MarketReport>): Candidate {
  const acting = report.positions
    .filter((position) => isActing(planCodeOf(position)))
    .map((position) => reductionOf(position, markets.get(Number(position.market))))
    .sort((a, b) => compare(b.releasedUsd * a.costUsd, a.releasedUsd * b.costUsd));
  let equityUsd = report.equityUsd;
  let maintenanceUsd = report.maintenanceUsd;
  const items: Item[] = [];
  for (const { position, releasedUsd, costUsd } of acting) {
    if (equityUsd >= maintenanceUsd) break;
    items.push({
      account: report.account,
      market: Number(position.market),
      rewardUsd: max(position.plan.keeperRewardUsd, position.plan.gasFloorUsd),
    });
    equityUsd -= costUsd;
    maintenanceUsd -= releasedUsd;
  }
  return { report, shortfallUsd: report.maintenanceUsd - report.equityUsd, items };
}

/** What the plan of a position frees and costs. D18{USD}; the cost is at least one unit, so that ratios compare. */
function reductionOf(position: PositionReport, market: MarketReport | undefined) {
  const { plan } = position;
  const costUsd = max(plan.penaltyUsd + plan.impactUsd, 1n);
  if (market === undefined) return { position, costUsd, releasedUsd: 0n };
  const notionalUsd = (magnitude(position.size) * position.price) / ONE;
  const closedUsd = (plan.closeSize * position.price) / ONE;
  const { maintenanceRate, sizeSlope } = market.rates;
  // ΔMM = x·m + μ·(2Nx − x²)/D
  const flat = (closedUsd * maintenanceRate) / ONE;
  const depthUsd = max(market.depthUsd, ONE);
  const sloped = (sizeSlope * (2n * notionalUsd - closedUsd) * closedUsd) / depthUsd / ONE;
  return { position, costUsd, releasedUsd: flat + sloped };
}
