/** What the model remembers. Plain data, so that a refused action is undone by keeping the copy made before it. Amounts are booked (1e-18), times are {s}. */

import type { Capped, HouseTerms } from "./terms.ts";

export type MarketId = bigint;

/** A name: "actor 3", "pool 0", "fund", "resolution 2". */
export type AccountName = string;

export type PriceStatus = "Invalid" | "Valid" | "Stale" | "OutOfBounds" | "Jump";

export interface Round {
  readonly id: bigint;
  readonly price: bigint;
  readonly publishedAt: bigint;
}

export interface Extremes {
  low: bigint;
  high: bigint;
}

/** A market's price as the oracle router remembers it. */
export interface PriceMemory {
  /** What the feed says. */
  feed: Round;
  price: bigint;
  publishedAt: bigint;
  observedAt: bigint;
  bucket: bigint;
  liveSeconds: bigint;
  interrupted: boolean;
  jump: Round | null;
  previous: Extremes;
  present: Extremes;
  resumedAt: bigint;
}

/** Net fill of a position in one maturity bucket. */
export interface Fill {
  size: bigint;
  cost: bigint;
}

/** What one loss event took from one position. */
export interface Charge {
  readonly event: bigint;
  readonly gain: bigint;
  received: bigint;
}

export interface Position {
  size: bigint;
  quote: bigint;
  /** Number of the last market event applied. */
  seen: bigint;
  fills: Map<bigint, Fill>;
  /** Oldest first. */
  charges: Charge[];
  /** Cash kept aside for a loss here while the price is not valid. */
  held: bigint;
}

export interface Mark {
  startedAt: bigint;
  healthySince: bigint;
  shortfall: bigint;
}

export interface Account {
  /** {days since 1970}, the first whole day of good standing; 0 until it opens something. */
  goodSince: bigint;
  /** Whether it has anything to do with credit. */
  hasCredit: boolean;
  cash: bigint;
  /** Part of cash. */
  deposit: bigint;
  version: bigint;
  /** Those the account is in. */
  markets: Set<MarketId>;
  positions: Map<MarketId, Position>;
  slicedAt: bigint;
  /** Used part of the pacing allowance, in 255ths. */
  sliceUsed: bigint;
  /** Whether a loss event ever charged it. */
  hasCharges: boolean;
  graceAmount: bigint;
  graceUntil: bigint;
  mark: Mark | null;
}

export type EventKind = "Loss" | "TearUpLongs" | "TearUpShorts";

export interface MarketEvent {
  readonly kind: EventKind;
  readonly x: bigint;
  readonly fraction: bigint;
  readonly bookedAt: bigint;
  /** Less what was recovered since. */
  loss: bigint;
  revealed: bigint;
}

export type Mode = "Open" | "ReduceOnly" | "Halted" | "WoundDown";

/** How far a market's buffers reached when last measured. */
export type CoverageLevel = "Full" | "Low" | "Short";

export interface Side {
  openInterest: bigint;
  quote: bigint;
}

export interface Market {
  mode: Mode;
  coverage: CoverageLevel;
  longs: Side;
  shorts: Side;
  reserve: bigint;
  uncollectedLoss: bigint;
  surplus: bigint;
  pendingLoss: bigint;
  refundsDue: bigint;
  /** Refunds paid since the dues have exceeded the surplus. */
  refundedShort: bigint;
  fundingIndex: bigint;
  fundingRate: bigint;
  averageSkew: bigint;
  lastPrice: bigint;
  updatedAt: bigint;
  /** The first has number 2. */
  events: MarketEvent[];
  /** Number of the last loss event, 0 when there was none. */
  lastLoss: bigint;
  bucketUsed: bigint;
  bucketAt: bigint;
  inventoryAt: bigint;
  resumedAt: bigint;
  /** Part of the tranche's cash that it keeps. */
  retained: bigint;
  /** What tiers paid since the inventory began. */
  owedBack: Record<Capped, bigint>;
  /** The governor's notice of its end, with the price should there be none. */
  announced: { readonly price: bigint; readonly noticeEndsAt: bigint } | null;
  /** When it was last noted to be without a valid price, 0 when never. */
  outageAt: bigint;
  ended: { readonly at: bigint; readonly price: bigint } | null;
  following: Following | null;
  implied: Implied | null;
  /** Null while margins do not follow. */
  pace: Pace | null;
}

/** How a market's margins follow. */
export interface Following {
  readonly horizonSeconds: bigint;
  /** k */
  readonly deviations: bigint;
  readonly regimeCaps: readonly bigint[];
}

/** A feed of implied volatility: here that of a market's price. */
export interface Implied {
  readonly feedOf: MarketId;
  readonly maxAgeSeconds: bigint;
  /** That means a volatility of 1 a year. */
  readonly wholeAnswer: bigint;
}

export interface RegimePart {
  readonly percent: bigint;
  readonly until: bigint;
}

/** A multiplier on its way. */
export interface Pace {
  readonly asked: bigint;
  /** What acted on maintenance margin at `since`. */
  readonly acting: bigint;
  readonly since: bigint;
  readonly regime: readonly RegimePart[];
}

/** What a tier has paid in an epoch. */
export interface Epoch {
  readonly number: bigint;
  readonly paid: bigint;
  readonly paidByMarket: ReadonlyMap<MarketId, bigint>;
}

/** Who calls: the owner of all actors' accounts, a listed venue, or somebody else. */
export const CALLERS = ["owner", "venue", "anybody"] as const;

export type Caller = (typeof CALLERS)[number];

/** Whom an account may give powers: a caller, one of the venues with queues of their own, or a key that signs. */
export type Delegate = Caller | "orders" | "signed" | "key";

/** Who may hold shares. */
export type Holder = Caller;

/** A deposit (in units of the token) or redemption (of shares) that waits. */
export interface Request {
  readonly owner: Holder;
  readonly requestedAt: bigint;
  readonly amount: bigint;
  readonly limitPrice: bigint;
}

/** Shares of a market's pool. */
export interface Shares {
  supply: bigint;
  balances: Map<Holder, bigint>;
  deposits: Map<bigint, Request>;
  redemptions: Map<bigint, Request>;
  nextDeposit: bigint;
  nextRedemption: bigint;
  firstRedemption: bigint;
  /** {qTok} */
  claimable: Map<Holder, bigint>;
}

/** Shares that leave slowly. */
export interface Staked {
  supply: bigint;
  balances: Map<Holder, bigint>;
  cooldowns: Map<Holder, { readonly shares: bigint; readonly startedAt: bigint }>;
}

/** Shares of the backstop, and what it remembers. */
export interface Backstop extends Staked {
  /** Markets it ever took in. */
  joined: Set<MarketId>;
  taken: Map<MarketId, { readonly epoch: bigint; readonly amount: bigint }>;
  unwoundAt: Map<MarketId, bigint>;
  booked: bigint;
  gain: bigint;
  loss: bigint;
}

/** A collateral, by its symbol. */
export type Asset = string;

/** What an account owes. */
export interface Debt {
  /** At index 1. */
  readonly scaled: bigint;
  readonly writtenOff: bigint;
  /** Losses that others had to meet. */
  readonly deficit: bigint;
}

/** When an auction began, and how many seconds with a valid price the oracle had counted by then. */
export interface Clock {
  readonly startedAt: bigint;
  readonly live: bigint;
}

/** The credit vault. */
export interface Credit {
  /** D27 */
  index: bigint;
  accruedAt: bigint;
  totalScaled: bigint;
  debts: Map<AccountName, Debt>;
  /** {qTok} */
  collateral: Map<AccountName, ReadonlyMap<Asset, bigint>>;
  /** By account and asset. */
  clocks: Map<string, Clock>;
  supply: bigint;
  balances: Map<Holder, bigint>;
}

/** What a trader commits to a venue of delayed orders. */
export interface Order {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly sizeDelta: bigint;
  readonly limitPrice: bigint;
  readonly reduceOnly: boolean;
  readonly trigger: "None" | "Stop" | "TakeProfit";
  readonly triggerPrice: bigint;
  readonly keeperFeeUsd: bigint;
  readonly expiry: bigint;
}

/** What a trader signs. */
export interface SignedOrder {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly size: bigint;
  readonly limitPrice: bigint;
  readonly expiry: bigint;
  readonly nonce: bigint;
  readonly counterparty: AccountName | null;
  readonly signer: Delegate;
  readonly reduceOnly: boolean;
  readonly makerOnly: boolean;
  /** Whether the signature is the signer's, over this order. */
  readonly isSigned: boolean;
}

/** What the venue of signed orders remembers. */
export interface SignedOrders {
  /** By what stands for their hash. */
  filled: Map<string, { readonly order: SignedOrder; readonly amount: bigint }>;
  /** Nonces below are cancelled. */
  least: Map<AccountName, bigint>;
  /** Bits, by account and word. */
  cancelled: Map<string, bigint>;
}

export interface DelayedOrder extends Order {
  readonly committedAt: bigint;
}

export interface HouseState {
  /** As they are set now. */
  terms: HouseTerms;
  /** Powers over accounts, as bits: 1 trade, 2 withdraw. */
  powers: Map<AccountName, ReadonlyMap<Delegate, bigint>>;
  accounts: Map<AccountName, Account>;
  markets: Map<MarketId, Market>;
  prices: Map<MarketId, PriceMemory>;
  shares: Map<MarketId, Shares>;
  backstop: Backstop;
  reserve: Staked;
  signed: SignedOrders;
  orders: { next: bigint; waiting: Map<bigint, DelayedOrder> };
  credit: Credit;
  shortfall: bigint;
  epochs: Map<Capped, Epoch>;
}
