import { mulDivDown, mulDivUp, WAD } from "./fixedPoint.ts";
import { uint256 } from "./solidity.ts";

/** A millionth of a share, and of a USD: what belongs to nobody. */
export const VIRTUAL = 10n ** 12n;

/** Shares for a deposit: d·(S + V)/(E + V); 1 for 1 into a pool without shares. */
export function mintDown(amountUsd: bigint, equityUsd: bigint, supply: bigint): bigint {
  if (supply === 0n) return amountUsd;
  return mulDivDown(amountUsd, uint256(supply + VIRTUAL), uint256(equityUsd + VIRTUAL));
}

/** Price of a share for those who enter. */
export const entryPriceUp = (equityUsd: bigint, supply: bigint): bigint =>
  supply === 0n ? WAD : mulDivUp(uint256(equityUsd + VIRTUAL), WAD, uint256(supply + VIRTUAL));

/** Worth of shares to those who leave: n·R/(S + V). */
export const worthDown = (shares: bigint, redeemableUsd: bigint, supply: bigint): bigint =>
  mulDivDown(shares, redeemableUsd, uint256(supply + VIRTUAL));

/** Shares to burn for a payment: x·(S + V)/R. */
export const burnUp = (amountUsd: bigint, redeemableUsd: bigint, supply: bigint): bigint =>
  mulDivUp(amountUsd, uint256(supply + VIRTUAL), redeemableUsd);

/** Price of a share for those who leave. */
export const exitPriceDown = (redeemableUsd: bigint, supply: bigint): bigint =>
  mulDivDown(redeemableUsd, WAD, uint256(supply + VIRTUAL));
