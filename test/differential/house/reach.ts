/** A run of so many sequences has to get everywhere. */
export const SEEDS_OF_A_FULL_RUN = 12;

const MUST_BE_REACHED = [
  "Traded",
  "Settled",
  "Withdrawn",
  "FreeCashTooLow",
  "AccountBelowInitialMargin",
  "PriceNotValid",
  "Marked",
  "Unmarked",
  "Liquidated",
  "Resolved",
  "DeficitCovered",
  "LossBooked",
  "EventsApplied",
  "EventsPending",
  "Refunded",
  "Recovered",
  "Unwound",
  "TornUp",
  "Matched",
  "PriceOutsideBand",
  "TakenOver",
  "TierPaid",
  "TierRepaid",
  "Distributed",
  "PremiumPaid",
  "CoverageChanged",
  "CoverageTooLow",
  "MarketTermsSet",
  "DelegateSet",
  "NotAuthorized",
  "DepositProcessed",
  "Deposit",
  "CollateralDeposited",
  "CreditFlagSet",
  "CreditDrawn",
  "InterestAccrued",
  "DeficitOwed",
  "AuctionStarted",
  "AuctionTaken",
  "AuctionEnded",
  "CollateralSold",
  "credit carries a position",
  "OrderCommitted",
  "OrderCancelled",
  "OrderSkipped",
  "OrderNotExecutable",
  "SignedOrderFilled",
  "liquidateSigned",
  "MarginsRefreshed",
  "maintenance margin is on its way",
  "fundReserve",
  "WoundDown",
  "WindDownNotDue",
  "MarketWoundDown",
  "a gain waits for the end's pause",
  "a claim is left in an ended market",
  "a debt is left in an ended market",
  "cash is held",
  "charges count back",
  "a loss is uncollected",
  "surplus is owed",
  "a deficit waits",
];

/** So many sequences have to get to what is rare, too. */
const SEEDS_OF_A_LONG_RUN = 200;

const RARE = [
  "refunds fall short",
  "LiquidationSkipped Paced",
  "fillSignedPair",
  "SignedOrderExpired",
  "SignedOrderCancelled",
  "SignedOrderOverfilled",
  "OrderSignatureInvalid",
  "CounterpartyNotAllowed",
  "NoncesCancelled",
  "MinNonceRaised",
  "RegimeAboveCap",
  "AdaptiveTermsNotSet",
  "OrderRemoved",
  "OrderUnknown",
  "KeeperFeeOutOfRange",
  "OrderExpiryOutOfRange",
  "redeemReserve",
  "DepositorNotAllowed",
  "DebtWrittenOff",
  "AuctionRunning",
  "AuctionNotRunning",
  "CollateralPriceNotValid",
  "WindDownPriceOutOfBounds",
  "MarketHasPrice",
  "CreditRepaid",
  "OrderExecuted",
  "RedemptionRequested",
  "WindDownAnnounced",
  "BackstopTook",
  "CollateralWithdrawn",
  "DeficitRepaid",
  "Withdraw",
  "TakenOver at a discount",
  "AccountWithinLine",
  "RegimeRaised",
  "TakeOverSkipped Healthy",
  "OutageNoted",
];

/** What a run has reached, and how often: kinds of actions, refusals, events, plan codes, rare conditions. */
export type Reached = Map<string, number>;

export function count(reached: Reached, what: string, times = 1): void {
  reached.set(what, (reached.get(what) ?? 0) + times);
}

/** Where a run of so many sequences should have got, and has not. */
export function missingFrom(reached: Reached, seeds: number): string[] {
  if (seeds < SEEDS_OF_A_FULL_RUN) return [];
  const all = seeds < SEEDS_OF_A_LONG_RUN ? MUST_BE_REACHED : [...MUST_BE_REACHED, ...RARE];
  return all.filter((what) => !reached.has(what));
}
