/** Which of the chain's accounts does what. */
export const ROLES = {
  /** Deploys, governs, and publishes the prices. */
  operator: 0,
  /** Signs for the keeper. */
  keeper: 1,
  /** Pays for the pools, the insurance and the traders' deposits. */
  treasurer: 2,
  /** Number 1 of the book; the others follow. */
  firstTrader: 3,
} as const;

/** How many accounts the chain needs for a book of so many traders. */
export function accountsNeeded(traders: number): number {
  return ROLES.firstTrader + traders;
}

/** Those of them that may have an account of the house without being traders. */
export const HELPERS = [ROLES.operator, ROLES.keeper, ROLES.treasurer];
