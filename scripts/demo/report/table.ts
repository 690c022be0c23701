import { dollars, durationText, grouped } from "../format.ts";
import { BREAKER_MOVES, type BreakerMove } from "./breaker.ts";
import type { Report } from "./report.ts";
import { ROUTES, type Route } from "./routes.ts";

type Row = readonly [label: string, value: string];

/** The table a run ends with, as plain text. */
export function formatReport(report: Report): string {
  const { prices, liquidations, insurance, conservation, keeper } = report;
  const sections: readonly (readonly [heading: string, rows: readonly Row[]])[] = [
    [
      "Prices",
      [
        ["first → last", `${priceText(prices.first)} → ${priceText(prices.last)}`],
        ["lowest, highest", `${priceText(prices.min)}, ${priceText(prices.max)}`],
        ["worst step", percentText(prices.worstStepPct)],
      ],
    ],
    [
      "Liquidations",
      [
        [
          "count",
          `${liquidations.count} (${liquidations.partial} partial, ${liquidations.full} full)`,
        ],
        ["accounts touched", `${liquidations.accountsTouched} of ${report.accounts}`],
        ["notional", usdText(liquidations.notionalUsd)],
        [
          "of what an account opened",
          `${percentText(liquidations.notionalPerAccountMedianPct)} (median)`,
        ],
        ["accounts wiped out", String(report.accountsWipedOut)],
      ],
    ],
    ["Routes", routeRows(report.routes)],
    ["Circuit breaker", breakerRows(report.breaker)],
    [
      "Losses",
      [
        ["bad debt", usdText(report.badDebtUsd)],
        ["paid by insurance", usdText(insurance.paidUsd)],
        ["shared by winners", usdText(report.socializedUsd)],
        ["shared, not yet collected", usdText(report.uncollectedLossUsd)],
      ],
    ],
    [
      "Balances, start → end",
      [
        ["traders' equity", changeText(report.traderEquityUsd)],
        ["pools' equity", changeText(report.poolEquityUsd)],
        ["backstop's equity", changeText(report.backstopEquityUsd)],
        ["lenders' assets", changeText(report.lendersUsd)],
        ["insurance", changeText({ start: insurance.startUsd, end: insurance.endUsd })],
        [
          "open interest",
          `${usdText(report.openInterestUsd.start)}, peak ${usdText(report.openInterestUsd.peak)}`,
        ],
      ],
    ],
    [
      "Conservation",
      [
        ["tokens held", usdText(conservation.tokensUsd)],
        [
          "cash + reserves + insurance",
          [conservation.cashUsd, conservation.reservesUsd, conservation.insuranceUsd]
            .map(usdText)
            .join(" + "),
        ],
        ["difference", usdText(conservation.differenceUsd)],
      ],
    ],
    [
      "Keeper",
      [
        ["transactions", `${keeper.txSent} sent, ${keeper.txFailed} failed`],
        [
          "price to inclusion",
          `${msText(keeper.priceToInclusionMs.p50)} median, ${msText(keeper.priceToInclusionMs.p99)} p99`,
        ],
        ["process restarts", String(keeper.processRestarts)],
        ["gas, partial liquidation", gasText(report.gas.partialLiquidationMedian)],
        ["gas, one more in a batch", gasText(report.gas.batchMarginal)],
      ],
    ],
  ];
  const width = Math.max(...sections.flatMap(([, rows]) => rows.map(([label]) => label.length)));
  const body = sections.map(([heading, rows]) =>
    [heading, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join("\n"),
  );
  const title = `${report.title} · ${report.policy} liquidation · ${report.accounts} accounts · seed ${report.seed}`;
  return [`${title}\n${circumstances(report)}`, ...body, verdict(report.failedChecks)].join("\n\n");
}

/** Under which circumstances a run was played, in one line. */
export function circumstances(
  report: Pick<Report, "taker" | "depth" | "keepersAbsentSeconds">,
): string {
  const { taker, depth, keepersAbsentSeconds } = report;
  const takers = {
    none: "nobody takes over",
    one: "one keeper takes over",
    many: "three keepers race and take over",
  };
  const parts = [takers[taker], depth === 1 ? "usual depth" : `depth × ${depth}`];
  const absence =
    keepersAbsentSeconds === 0 ? [] : [`no keeper for ${durationText(keepersAbsentSeconds)}`];
  return [...parts, ...absence].join(" · ");
}

export const ROUTE_LABELS: Readonly<Record<Route, string>> = {
  slice: "slices against the pool",
  takeOver: "taken over at auction",
  takeOverWhole: "whole accounts taken over",
  collateralAuction: "collateral sold",
  backstop: "taken by the backstop",
  signedOrder: "against signed orders",
  resolution: "inventory sold to the pool",
  tearUp: "torn up",
};

/** All of them: what did not happen is an answer too. */
function routeRows(routes: Report["routes"]): Row[] {
  return ROUTES.map((route) => {
    const { count, notionalUsd } = routes[route];
    return [ROUTE_LABELS[route], count === 0 ? "–" : `${count}, ${usdText(notionalUsd)}`];
  });
}

const BREAKER_LABELS: Readonly<Record<BreakerMove, string>> = {
  guarded: "markets guarded",
  halted: "halted",
  released: "released, guarded still",
  relaxed: "opened again",
};

function breakerRows(breaker: Report["breaker"]): Row[] {
  return BREAKER_MOVES.map((move) => [
    BREAKER_LABELS[move],
    breaker[move] === 0 ? "–" : String(breaker[move]),
  ]);
}

function verdict(failed: readonly string[]): string {
  if (failed.length === 0) return "All checks hold: conservation, solvency, nobody left alone.";
  const heading = failed.length === 1 ? "A check FAILED:" : `${failed.length} checks FAILED:`;
  return [heading, ...failed.map((sentence) => `  ${sentence}`)].join("\n");
}

function usdText(amountUsd: number): string {
  return dollars(amountUsd.toFixed(2));
}

function changeText({ start, end }: { start: number; end: number }): string {
  return `${usdText(start)} → ${usdText(end)}`;
}

/** Two decimals for what costs dollars, as many as there are for what costs cents. */
function priceText(price: number): string {
  return price >= 1 ? usdText(price) : `$${price.toFixed(8).replace(/0+$/, "")}`;
}

function percentText(percent: number | null): string {
  return percent === null ? "–" : `${percent.toFixed(2).replace("-", "−")} %`;
}

function msText(milliseconds: number | null): string {
  return milliseconds === null ? "–" : `${grouped(milliseconds.toFixed(0))} ms`;
}

function gasText(gas: number | null): string {
  return gas === null ? "–" : grouped(gas.toFixed(0));
}
