/** What is measured, in the order in which it is shown. */
export interface Operation {
  readonly label: string;
  /** Most it should take, with the L2 sequencer check on. */
  readonly aim?: number;
  /** What others take for the like, measured on the same EVM rules. */
  readonly others?: string;
}

export const OPERATIONS = {
  depositFirst: { label: "deposit, first" },
  depositRepeat: { label: "deposit, repeat", aim: 55_000, others: "dYdX v1 107,000" },
  withdraw: { label: "withdraw, no positions" },
  commitOrder: { label: "commit an order" },
  open: { label: "execute: open", aim: 190_000 },
  increase: { label: "execute: increase" },
  reduce: { label: "execute: reduce" },
  close: { label: "execute: close" },
  matchOpen: { label: "fill a signed order: both open" },
  matchRepeat: { label: "fill a signed order: both increase" },
  matchPair: { label: "fill two signed orders" },
  liquidateAgainst: { label: "liquidate against a signed order, 1 position" },
  partialLiquidation1: {
    label: "partial liquidation, 1 position",
    aim: 170_000,
    others: "dYdX v1 148,000; Derive v2 1,206,000; Perp v2 1,649,000; bound by hand 74,000",
  },
  partialLiquidation5: { label: "partial liquidation, 5 positions" },
  partialLiquidation10: {
    label: "partial liquidation, 10 positions",
    aim: 450_000,
    others: "Derive v2 6,965,000; Perp v2 8,335,000",
  },
  furtherPosition: {
    label: "  each further position",
    aim: 35_000,
    others: "bound by hand 13,800",
  },
  partialLiquidation10AllNew: { label: "  10 positions, each feed with a new round" },
  partialLiquidation10SameBlock: { label: "  10 positions, observed in the same block" },
  fullLiquidation: { label: "full liquidation, small position" },
  bankruptInsured: { label: "bankruptcy, insurance pays", aim: 200_000 },
  bankruptSocialized: {
    label: "bankruptcy, shared by a loss event",
    aim: 250_000,
    others: "Derive v2 1,384,000",
  },
  bankruptFirst: { label: "  insured, the first of its market" },
  batch10: { label: "liquidate a batch of 10" },
  batchMarginal: { label: "  each further account", aim: 60_000, others: "dYdX v1 47,500" },
  markFirst: { label: "mark a distressed account" },
  markMarginal: { label: "  each further account of the list" },
  takeOverPart: { label: "take over a part of a position" },
  takeOverWhole: { label: "take over a whole account, 3 positions" },
  takeOverInventory: { label: "take over inventory" },
  backstopTake: { label: "backstop takes a part of a position" },
  backstopUnwind: { label: "backstop closes a slice" },
  collateralTake: { label: "buy collateral at auction" },
  unwind: { label: "sell inventory to the pool" },
  tearUp: { label: "book a tear-up for inventory" },
  tearUpPool: { label: "book a tear-up for a pool" },
  bookLoss: { label: "book a loss that waited" },
  windDown: { label: "wind a market down" },
  applyEvent: { label: "touch: apply a market event" },
  applyFurtherEvent: { label: "  each further event" },
  settleBatch10: { label: "settle 10 losing accounts" },
  settleMarginal: { label: "  each further account" },
  reconcileMarket: { label: "reconciliation view of a market" },
  reconcileHouse: { label: "reconciliation view of the house, 10 markets" },
  healthView1: { label: "health view, 1 position" },
  healthView5: { label: "health view, 5 positions" },
  healthView10: {
    label: "health view, 10 positions",
    aim: 300_000,
    others: "Derive v2 1,643,000",
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
export type GasFigures = Readonly<Record<OperationName, number>>;

/** How the figures come about, printed below the table. */
export const NOTES = [
  "Whole transactions, receipts' gas used after refunds. Every feed and the sequencer's is read through a proxy; the grace period has passed.",
  "Accounts, keeper, pool and fund have been used before unless it says first. The market acted in has a new round; the account's others stand at",
  "rounds observed earlier, and all are read from their feeds, unless it says otherwise.",
  "Market events are loss events that charge the account touched. Further event: (11 events − 1 event) / 10.",
  "Further position: (10 positions − 1 position) / 9. Further account: (10 accounts − 1 account) / 9, the same call with a list of one.",
  "Health view: marginOf sent as a transaction, less 21,000 and the price of its calldata.",
];
