/** Which of the chain's accounts does what. */
export const ROLES = {
  /** Deploys, governs, and publishes the prices. */
  operator: 0,
  /** Pays for the pools, the insurance and the traders' deposits. */
  treasurer: 1,
  /** Sign for the keepers. */
  keepers: [2, 3, 4],
  /** Signs orders. */
  maker: 5,
  /** Lends to accounts with other collateral. */
  lender: 6,
  /** Stakes in the backstop. */
  staker: 7,
  /** Number 1 of the book; the others follow. */
  firstTrader: 8,
} as const;

/** How many accounts the chain needs for a book of so many traders. */
export function accountsNeeded(traders: number): number {
  return ROLES.firstTrader + traders;
}
