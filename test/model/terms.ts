import type { AccountName, MarketId } from "./state.ts";

/** Terms as the contracts report them: amounts and rates in 1e-18, times in seconds. */
export interface MarketTerms {
  readonly skewScale: bigint;
  readonly exposureCap: bigint;
  readonly lotSize: bigint;
  readonly minNotionalUsd: bigint;
  readonly maxFundingRate: bigint;
  readonly maxFundingVelocity: bigint;
  readonly takerFee: bigint;
  readonly makerFee: bigint;
  readonly insuranceShare: bigint;
  readonly band: bigint;
  readonly unwindTolerance: bigint;
  readonly tearUpLoss: bigint;
  readonly tearUpDelay: bigint;
}

export interface RiskTerms {
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
  readonly sizeSlope: bigint;
  readonly gainShare: bigint;
  readonly multiplier: bigint;
  readonly maxMultiplier: bigint;
  readonly maxCharge: bigint;
  readonly rampStartUsd: bigint;
  readonly rampEndUsd: bigint;
}

export interface LiquidationTerms {
  readonly target: bigint;
  readonly equityShare: bigint;
  readonly maxPenaltyRate: bigint;
  readonly keeperShare: bigint;
  readonly sliceShare: bigint;
  readonly windowSeconds: bigint;
  readonly smallNotionalUsd: bigint;
  readonly gasFloorUsd: bigint;
  readonly referenceRange: bigint;
}

export interface InsuranceTerms {
  readonly eventCap: bigint;
  readonly epochCap: bigint;
  readonly coinsurance: bigint;
}

export interface FeedTerms {
  readonly maxAge: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  readonly jumpBand: bigint;
  readonly bucketLength: bigint;
}

/** Everything that is set for one market. */
export interface Terms {
  readonly market: MarketTerms;
  readonly risk: RiskTerms;
  readonly liquidation: LiquidationTerms;
  readonly auctionSeconds: bigint;
  readonly insurance: InsuranceTerms;
  readonly feed: FeedTerms;
}

export interface HouseTerms {
  readonly markets: ReadonlyMap<MarketId, Terms>;
  readonly depositUsd: bigint;
  readonly houseEpochCap: bigint;
  /** Part of insurance's penalties that the backstop gets. */
  readonly backstopShare: bigint;
}

export const FUND: AccountName = "fund";
export const BACKSTOP: AccountName = "backstop";

export function poolOf(market: MarketId): AccountName {
  return `pool ${market}`;
}

export const SYSTEM_KINDS = ["resolution", "tear-up", "deficit", "tranche"] as const;
export type SystemKind = (typeof SYSTEM_KINDS)[number];

export function systemAccountOf(market: MarketId, kind: SystemKind): AccountName {
  return `${kind} ${market}`;
}

/** Whether the house itself owns the account. */
export function isSystemAccount(account: AccountName): boolean {
  return /^(resolution|tear-up|deficit|tranche) /.test(account);
}

/** Whether the account is a buffer, whose claims are paid after everybody else's gains. */
export function isBuffer(account: AccountName): boolean {
  return account === FUND || account.startsWith("tranche ");
}

/** Fixed by the protocol. */
export const MAX_EVENTS_PER_TOUCH = 16n;
export const MAX_REFUNDS_PER_LIQUIDATION = 8n;
export const LOSS_EVENT_GAP = 60n;
export const CHARGE_GRACE = 60n;
export const MIN_BOOKED_LOSS = 100n * 10n ** 18n;
export const LOSS_DUST = 10n * 10n ** 18n;
export const CENT = 10n ** 16n;
