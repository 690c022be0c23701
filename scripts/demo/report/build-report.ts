import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import { greatest, least } from "../bigint.ts";
import { formatNearest, formatOutward } from "../format.ts";
import type { PriceScenario, PriceStep } from "../prices/path.ts";
import { conservationDifference, failedChecks } from "./checks.ts";
import type { DemoOutcome } from "./outcome.ts";
import { type Report, reportSchema } from "./report.ts";
import { perRoute, type RouteUses } from "./routes.ts";

const FEED_DECIMALS = 8;

/** The report of a run. What does not fit together, such as a negative amount, is refused by the schema. */
export function buildReport(outcome: DemoOutcome): Report {
  const { options, scenario, insurance, conservation, keeper, gas } = outcome;
  const { openInterestUsd, traderEquityUsd, poolEquityUsd } = outcome;
  return reportSchema.parse({
    title: scenario.title,
    source: scenario.source,
    accounts: options.accounts,
    seed: options.seed,
    policy: options.policy,
    depth: Number(formatD18(options.depth)),
    keepersAbsentSeconds: options.keepersAbsentSeconds,
    taker: options.taker,
    prices: summarizePrices(scenario),
    openInterestUsd: { start: inCents(openInterestUsd.start), peak: inCents(openInterestUsd.peak) },
    liquidations: summarizeLiquidations(outcome),
    routes: summarizeRoutes(outcome.routes),
    breaker: { ...outcome.breaker },
    badDebtUsd: inCents(outcome.badDebtUsd),
    insurance: {
      startUsd: inCents(insurance.startUsd),
      paidUsd: inCents(insurance.paidUsd),
      endUsd: inCents(insurance.endUsd),
    },
    socializedUsd: inCents(outcome.socializedUsd),
    uncollectedLossUsd: inCents(outcome.uncollectedLossUsd),
    accountsWipedOut: outcome.accountsWipedOut,
    traderEquityUsd: inCentsEach(traderEquityUsd),
    poolEquityUsd: inCentsEach(poolEquityUsd),
    backstopEquityUsd: inCentsEach(outcome.backstopEquityUsd),
    lendersUsd: inCentsEach(outcome.lendersUsd),
    conservation: {
      tokensUsd: inCents(conservation.tokensUsd),
      cashUsd: inCents(conservation.cashUsd),
      reservesUsd: inCents(conservation.reservesUsd),
      insuranceUsd: inCents(conservation.insuranceUsd),
      differenceUsd: Number(formatOutward(conservationDifference(outcome), 2)),
    },
    gas: {
      partialLiquidationMedian: toNumber(medianFloor(gas.partialLiquidations)),
      batchMarginal: toNumber(gas.batchMarginal),
    },
    keeper: {
      txSent: keeper.txSent,
      txFailed: keeper.txFailed,
      priceToInclusionMs: {
        p50: percentile({ samples: keeper.priceToInclusionMs, percent: 50 }),
        p99: percentile({ samples: keeper.priceToInclusionMs, percent: 99 }),
      },
      processRestarts: keeper.processRestarts,
    },
    failedChecks: failedChecks(outcome),
  } satisfies Report);
}

function summarizePrices({ rows, main }: PriceScenario): Report["prices"] {
  const prices = main.steps.map((step) => step.price);
  const [first] = prices;
  const last = prices.at(-1);
  if (first === undefined || last === undefined)
    throw new RangeError("a run without prices has no report");
  return {
    rows,
    first: toPrice(first),
    last: toPrice(last),
    min: toPrice(least(prices)),
    max: toPrice(greatest(prices)),
    worstStepPct: worstStepPct(main.steps),
  };
}

function worstStepPct(steps: readonly PriceStep[]): number {
  const changes = steps.slice(1).map((step, index) => {
    const before = steps[index]?.price ?? step.price;
    return ((step.price - before) * 100n * ONE) / before;
  });
  return Number(formatNearest(least([0n, ...changes]), 2));
}

function summarizeLiquidations(
  outcome: Pick<DemoOutcome, "liquidations" | "openedNotionalUsd">,
): Report["liquidations"] {
  const { liquidations, openedNotionalUsd } = outcome;
  const byAccount = new Map<number, bigint>();
  for (const { accountNumber, notionalUsd } of liquidations) {
    byAccount.set(accountNumber, (byAccount.get(accountNumber) ?? 0n) + notionalUsd);
  }
  const shares = [...byAccount].map(([accountNumber, notionalUsd]) => {
    const opened = openedNotionalUsd.get(accountNumber) ?? 0n;
    if (opened === 0n)
      throw new RangeError(`account ${accountNumber} was liquidated but opened nothing`);
    return (notionalUsd * 100n * ONE) / opened;
  });
  const medianShare = medianFloor(shares);
  const partial = liquidations.filter(({ extent }) => extent === "partial").length;
  return {
    count: liquidations.length,
    partial,
    full: liquidations.length - partial,
    accountsTouched: byAccount.size,
    notionalUsd: inCents(liquidations.reduce((sum, { notionalUsd }) => sum + notionalUsd, 0n)),
    notionalPerAccountMedianPct:
      medianShare === null ? null : Number(formatNearest(medianShare, 2)),
  };
}

function summarizeRoutes(routes: RouteUses): Report["routes"] {
  return perRoute((route) => {
    const { count, notionalUsd } = routes[route];
    return { count, notionalUsd: inCents(notionalUsd) };
  });
}

/** {USD} */
function inCentsEach({ start, end }: { start: bigint; end: bigint }) {
  return { start: inCents(start), end: inCents(end) };
}

/** {USD} To the nearest cent. */
function inCents(amountUsd: bigint): number {
  return Number(formatNearest(amountUsd, 2));
}

function toPrice(priceD18: bigint): number {
  return Number(formatNearest(priceD18, FEED_DECIMALS));
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

/** The middle one of the sorted values, or the middle of the two there, rounded down; null of none. */
export function medianFloor(values: readonly bigint[]): bigint | null {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2n;
}

/** The smallest sample that at least `percent` of all do not exceed (nearest rank); null of none. */
export function percentile(query: { samples: readonly number[]; percent: number }): number | null {
  const sorted = query.samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((query.percent / 100) * sorted.length) - 1)] ?? null;
}
