import { builtInCrash } from "../../scripts/demo/prices/built-in-crash.ts";
import type { DemoOutcome } from "../../scripts/demo/report/outcome.ts";
import { RouteCounter } from "../../scripts/demo/report/routes.ts";
import { ONE } from "../../sdk/src/amounts.ts";

const usd = (amount: number) => BigInt(Math.round(amount * 100)) * (ONE / 100n);

/** A run in which everything happened and every check holds, with any part of it changed. */
export function anOutcome(changes: Partial<DemoOutcome> = {}): DemoOutcome {
  return {
    options: {
      accounts: 60,
      seed: 1,
      policy: "partial",
      depth: ONE,
      keepersAbsentSeconds: 0,
      taker: "one",
    },
    scenario: builtInCrash({ seed: 1 }),
    openInterestUsd: { start: usd(14_000_000), peak: usd(14_100_000.5) },
    liquidations: [
      { accountNumber: 3, extent: "partial", notionalUsd: usd(1_000) },
      { accountNumber: 3, extent: "partial", notionalUsd: usd(500) },
      { accountNumber: 8, extent: "full", notionalUsd: usd(4_000) },
      { accountNumber: 9, extent: "partial", notionalUsd: usd(100) },
    ],
    openedNotionalUsd: new Map([
      [3, usd(6_000)],
      [8, usd(4_000)],
      [9, usd(300)],
    ]),
    routes: {
      ...new RouteCounter().uses,
      slice: { count: 4, notionalUsd: usd(5_600) },
      tearUp: { count: 1, notionalUsd: usd(300) },
    },
    breaker: { guarded: 2, halted: 1, released: 1, relaxed: 2 },
    badDebtUsd: usd(1_250),
    insurance: { startUsd: usd(200_000), paidUsd: usd(1_000), endUsd: usd(203_000) },
    socializedUsd: usd(250),
    uncollectedLossUsd: 0n,
    accountsWipedOut: 2,
    traderEquityUsd: { start: usd(2_000_000), end: usd(900_000) },
    poolEquityUsd: { start: usd(5_000_000), end: usd(6_097_000) },
    backstopEquityUsd: { start: usd(600_000), end: usd(601_234.5) },
    lendersUsd: { start: usd(1_000_000), end: usd(999_000) },
    conservation: {
      tokensUsd: usd(7_200_000),
      cashUsd: usd(6_900_000),
      reservesUsd: usd(97_000),
      insuranceUsd: usd(203_000),
    },
    gas: { partialLiquidations: [171_000n, 165_000n, 168_000n], batchMarginal: 52_000n },
    keeper: { txSent: 120, txFailed: 1, priceToInclusionMs: [40, 20, 900, 30], processRestarts: 0 },
    invariants: [
      { id: "CONS-2", holds: true, finding: "both markets net to zero" },
      { id: "SOC-1", holds: true, finding: "pending charges cover the booked loss" },
    ],
    neglected: [],
    ...changes,
  };
}
