import type { DemoOptions } from "../cli.ts";
import type { PriceScenario } from "../prices/path.ts";
import type { BreakerMoves } from "./breaker.ts";
import type { RouteUses } from "./routes.ts";

/** One position reduced by the liquidation engine. */
export interface LiquidationRecord {
  readonly accountNumber: number;
  /** `full`: nothing is left open in that market. */
  readonly extent: "partial" | "full";
  /** D18{USD} At the index price. */
  readonly notionalUsd: bigint;
}

/** A solvency invariant, looked at on the chain. */
export interface InvariantCheck {
  /** As in the list of invariants: `CONS-2`. */
  readonly id: string;
  readonly holds: boolean;
  /** What was found, with figures; completes "CONS-2 does not hold: …". */
  readonly finding: string;
}

/** An account that stayed liquidatable although a keeper could have acted. */
export interface NeglectedAccount {
  readonly accountNumber: number;
  /** Blocks it stayed so. */
  readonly blocks: number;
  readonly sinceBlock: number;
}

/** Everything one run measured, exactly: amounts are D18{USD}. */
export interface DemoOutcome {
  readonly options: Pick<
    DemoOptions,
    "accounts" | "seed" | "policy" | "depth" | "keepersAbsentSeconds" | "taker"
  >;
  readonly scenario: PriceScenario;
  readonly openInterestUsd: { readonly start: bigint; readonly peak: bigint };
  readonly liquidations: readonly LiquidationRecord[];
  /** Gross notional each account opened with, by account number. */
  readonly openedNotionalUsd: ReadonlyMap<number, bigint>;
  readonly routes: RouteUses;
  /** How often the circuit breaker moved a market. */
  readonly breaker: BreakerMoves;
  readonly badDebtUsd: bigint;
  readonly insurance: {
    readonly startUsd: bigint;
    readonly paidUsd: bigint;
    readonly endUsd: bigint;
  };
  readonly socializedUsd: bigint;
  readonly uncollectedLossUsd: bigint;
  readonly accountsWipedOut: number;
  readonly traderEquityUsd: { readonly start: bigint; readonly end: bigint };
  readonly poolEquityUsd: { readonly start: bigint; readonly end: bigint };
  /** Of the staked pool that takes what nobody else takes. */
  readonly backstopEquityUsd: { readonly start: bigint; readonly end: bigint };
  /** What those have who lend against collateral: cash, and debts that are good. */
  readonly lendersUsd: { readonly start: bigint; readonly end: bigint };
  /** The house's tokens, and what it owes: `cashUsd` of all accounts but the insurance fund's. */
  readonly conservation: {
    readonly tokensUsd: bigint;
    readonly cashUsd: bigint;
    readonly reservesUsd: bigint;
    readonly insuranceUsd: bigint;
  };
  readonly gas: {
    /** Of whole transactions that liquidated one account partially. */
    readonly partialLiquidations: readonly bigint[];
    readonly batchMarginal: bigint | null;
  };
  readonly keeper: {
    readonly txSent: number;
    readonly txFailed: number;
    /** From a price in a block to the liquidation it called for in a block, one by one. */
    readonly priceToInclusionMs: readonly number[];
    readonly processRestarts: number;
  };
  readonly invariants: readonly InvariantCheck[];
  readonly neglected: readonly NeglectedAccount[];
}
