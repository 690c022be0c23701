import type { Account } from "./state.ts";

/** An account that nothing has happened to. */
export const emptyAccount = (): Account => ({
  goodSince: 0n,
  hasCredit: false,
  cash: 0n,
  deposit: 0n,
  version: 0n,
  markets: new Set(),
  positions: new Map(),
  slicedAt: 0n,
  sliceUsed: 0n,
  hasCharges: false,
  graceAmount: 0n,
  graceUntil: 0n,
  mark: null,
});
