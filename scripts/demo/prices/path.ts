/** One published price. */
export interface PriceStep {
  /** {s} Unix time. */
  readonly timestamp: bigint;
  /** D18{USD/base} */
  readonly price: bigint;
}

/** The two markets of the demo: `main` plays the file or the built-in crash, `second` moves with it. */
export const MARKET_SLOTS = ["main", "second"] as const;
export type MarketSlot = (typeof MARKET_SLOTS)[number];

/** The path of one market. */
export interface MarketPath {
  /** What people call it: `ETH`, or the name of a price file. */
  readonly symbol: string;
  readonly steps: readonly PriceStep[];
}

/** What is played: both markets step at the same timestamps. */
export interface PriceScenario extends Readonly<Record<MarketSlot, MarketPath>> {
  readonly title: string;
  /** Where the prices come from, in one sentence. */
  readonly source: string;
  /** Rows of the price file, or way-points of the built-in path. */
  readonly rows: number;
}
