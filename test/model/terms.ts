import type { AccountName, Asset, Holder, MarketId } from "./state.ts";

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

/** What a market's buffers are to be, and what openings pay them. */
export interface CoverTerms {
  readonly coverageTarget: bigint;
  readonly bootstrapUsd: bigint;
  readonly fundShare: bigint;
  readonly concentrationMove: bigint;
  readonly premiumRate: bigint;
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

/** How far a tier's cash stands behind a market. */
export interface CapTerms {
  readonly eventCap: bigint;
  readonly epochCap: bigint;
}

/** What of a tranche's inflow leaves it. */
export interface SplitTerms {
  readonly fund: bigint;
  readonly protocol: bigint;
}

export interface FeedTerms {
  readonly maxAge: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  readonly jumpBand: bigint;
  readonly bucketLength: bigint;
}

/** Of one market, without its feed. */
export interface ChangedTerms {
  readonly market: MarketTerms;
  readonly risk: RiskTerms;
  readonly cover: CoverTerms;
  readonly liquidation: LiquidationTerms;
  readonly auction: { readonly durationSeconds: bigint };
  readonly insurance: InsuranceTerms;
  readonly tiers: { readonly protocol: CapTerms; readonly backstop: CapTerms };
  readonly split: SplitTerms;
}

/** Everything that is set for one market. */
export interface Terms {
  readonly market: MarketTerms;
  readonly risk: RiskTerms;
  readonly cover: CoverTerms;
  readonly liquidation: LiquidationTerms;
  readonly auctionSeconds: bigint;
  readonly insurance: InsuranceTerms;
  readonly tiers: { readonly protocol: CapTerms; readonly backstop: CapTerms };
  readonly split: SplitTerms;
  readonly feed: FeedTerms;
}

/** What the backstop may do in a market. */
export interface BackstopTerms {
  readonly capUsd: bigint;
  readonly epochCapUsd: bigint;
  readonly maxConcession: bigint;
  readonly unwindShare: bigint;
  readonly unwindTolerance: bigint;
  readonly unwindIntervalSeconds: bigint;
}

/** What lenders are paid a year, by utilization. */
export interface RateTerms {
  readonly baseRate: bigint;
  readonly kinkRate: bigint;
  readonly maxRate: bigint;
  readonly kinkUtilization: bigint;
}

/** How a collateral is lent against and sold. */
export interface CollateralTerms {
  /** Number of its price, none of a market. */
  readonly priceMarket: MarketId;
  readonly cap: bigint;
  readonly topShare: bigint;
  readonly minShare: bigint;
  readonly sizeSlope: bigint;
  readonly depth: bigint;
  readonly maxDiscount: bigint;
  readonly auctionSeconds: bigint;
  /** At most 18. */
  readonly decimals: bigint;
  readonly feed: FeedTerms;
}

export interface CreditTerms {
  readonly rates: RateTerms;
  readonly assets: ReadonlyMap<Asset, CollateralTerms>;
}

/** On which delayed orders are executed. */
export interface OrderTerms {
  readonly maxWaitSeconds: bigint;
  readonly spread: bigint;
  readonly minKeeperFeeUsd: bigint;
}

export interface HouseTerms {
  readonly markets: ReadonlyMap<MarketId, Terms>;
  readonly depositUsd: bigint;
  readonly backstop: {
    readonly maxLeverage: bigint;
    /** {s} */
    readonly cooldown: bigint;
    readonly window: bigint;
    readonly markets: ReadonlyMap<MarketId, BackstopTerms>;
  };
  /** The only one who may deposit into the reserve. */
  readonly reserveDepositor: Holder;
  readonly credit: CreditTerms;
  readonly orders: ReadonlyMap<MarketId, OrderTerms>;
  /** {s}, from the request of a deposit or redemption to its processing. */
  readonly poolDelays: ReadonlyMap<MarketId, bigint>;
  /** Of each tier with caps. */
  readonly houseEpochCaps: Readonly<Record<Capped, bigint>>;
  /** Part of insurance's penalties that the backstop gets. */
  readonly backstopShare: bigint;
}

/** Who pays for what defaults leave, in this order. */
export const TIERS = ["tranche", "fund", "protocol", "backstop"] as const;
export type Tier = (typeof TIERS)[number];
/** Those with caps. */
export type Capped = Exclude<Tier, "tranche">;

export const FUND: AccountName = "fund";
export const PROTOCOL: AccountName = "protocol";
export const BACKSTOP: AccountName = "backstop";
/** Of those who lend against collateral. */
export const LENDERS: AccountName = "lenders";
/** Of the settlement token. */
export const TOKEN_DECIMALS = 6n;

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
  return account === FUND || account === PROTOCOL || account.startsWith("tranche ");
}

/** Fixed by the protocol. */
export const MAX_EVENTS_PER_TOUCH = 16n;
export const MAX_REFUNDS_PER_LIQUIDATION = 8n;
export const LOSS_EVENT_GAP = 60n;
export const CHARGE_GRACE = 60n;
export const MIN_BOOKED_LOSS = 100n * 10n ** 18n;
export const LOSS_DUST = 10n * 10n ** 18n;
export const CENT = 10n ** 16n;
/** {s}, after the end of a market, in which none of its gains is paid or counts. */
export const ENDED_PAUSE = 86_400n;
