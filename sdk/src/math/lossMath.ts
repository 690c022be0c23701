import {
  divWadUp,
  mulDivUp,
  mulWadDown,
  mulWadFloor,
  mulWadUp,
  positivePart,
  toInt,
  WAD,
} from "./fixedPoint.ts";
import { int256, max, uint256 } from "./solidity.ts";

/** Unsettled gain max(0, ⌊s·X⌋ + v) of a position or of a side. */
export const gainAt = (size: bigint, x: bigint, quote: bigint): bigint =>
  positivePart(int256(mulWadFloor(size, x) + quote));

/** The base G a loss is shared over: max(B + r, Σ gains + S − L). */
export function shareBase(
  reserveUsd: bigint,
  lossUsd: bigint,
  sideGainsUsd: bigint,
  surplusUsd: bigint,
  uncollectedUsd: bigint,
): bigint {
  const owned = uint256(reserveUsd + lossUsd);
  const shown = uint256(sideGainsUsd + surplusUsd);
  return max(owned, positivePart(shown - uncollectedUsd));
}

/** γ = min(1, r/G), rounded up. */
export const fractionUp = (lossUsd: bigint, baseUsd: bigint): bigint =>
  lossUsd >= baseUsd ? (lossUsd === 0n ? 0n : WAD) : divWadUp(lossUsd, baseUsd);

/** Charge ⌈γ·g⌉ of a position. */
export const chargeUp = (gainUsd: bigint, fraction: bigint): bigint => mulWadUp(gainUsd, fraction);

/** What a charged position may get back: g·(γ − min(γ, r/A)) less what it received before, rounded down. */
export function refundDue(
  gainUsd: bigint,
  fraction: bigint,
  lossUsd: bigint,
  revealedUsd: bigint,
  receivedUsd: bigint,
): bigint {
  if (gainUsd === 0n) return 0n;
  const charged = mulWadDown(gainUsd, fraction);
  const kept = uint256(mulDivUp(gainUsd, lossUsd, revealedUsd) + receivedUsd);
  return positivePart(charged - kept);
}

/** Size torn off a position when a fraction f of its side is closed: f·s, towards zero. */
export const tearUpFill = (size: bigint, fraction: bigint): bigint =>
  int256(size * toInt(fraction)) / WAD;
