/** What the model remembers. Plain data, so that a refused action is undone by keeping the copy made before it. Amounts are booked (1e-18), times are {s}. */

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

export type Mode = "Open" | "ReduceOnly" | "Halted";

export interface Side {
  openInterest: bigint;
  quote: bigint;
}

export interface Market {
  mode: Mode;
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
  /** What the fund has paid since that inventory began. */
  owedToFund: bigint;
  resumedAt: bigint;
}

/** What insurance has paid in an epoch. */
export interface Epoch {
  number: bigint;
  paid: bigint;
  paidByMarket: Map<MarketId, bigint>;
}

export interface HouseState {
  accounts: Map<AccountName, Account>;
  markets: Map<MarketId, Market>;
  prices: Map<MarketId, PriceMemory>;
  shortfall: bigint;
  epoch: Epoch;
}
