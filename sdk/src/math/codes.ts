/** Members of the contracts' enums by number, as calls carry them. A test holds them against the generated names. */

export const priceStatus = {
  Invalid: 0n,
  Valid: 1n,
  Stale: 2n,
  Deviating: 3n,
  OutOfBounds: 4n,
  Jump: 5n,
  SequencerDown: 6n,
} as const;

export const marginKind = { Maintenance: 0n, Initial: 1n } as const;

export const marketMode = {
  Unlisted: 0n,
  Open: 1n,
  ReduceOnly: 2n,
  Halted: 3n,
  WoundDown: 4n,
} as const;

export const marketEventKind = { None: 0n, Loss: 1n, TearUpLongs: 2n, TearUpShorts: 3n } as const;

export const coverageLevel = { Full: 0n, Low: 1n, Short: 2n } as const;

export const planCode = {
  Healthy: 0n,
  Bankrupt: 1n,
  NoPosition: 2n,
  PriceNotValid: 3n,
  Halted: 4n,
  Paced: 5n,
  Unaffordable: 6n,
  PoolUnavailable: 7n,
  EventsPending: 8n,
  TooSmall: 9n,
  NotDeep: 10n,
  Partial: 11n,
  Full: 12n,
} as const;
