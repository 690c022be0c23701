import { max, min } from "../../../sdk/src/math/solidity.ts";
import type { Fees } from "../store/outbox.ts";

export interface FeeLimits {
  /** {wei/gas} Never more than this, replacements included. */
  readonly maxFeePerGas: bigint;
  /** {wei/gas} Never a smaller tip. */
  readonly minPriorityFeePerGas: bigint;
}

/** Nodes take a replacement only when both fees rise by at least an eighth (most ask for a tenth). */
const BUMP_NUMERATOR = 9n;
const BUMP_DENOMINATOR = 8n;

/** Fees of a first attempt: the base fee may double before it is too low. Null when even the present base fee is beyond the limit. */
export function firstFees({
  baseFeePerGas,
  suggestedPriorityFee,
  limits,
}: {
  baseFeePerGas: bigint;
  suggestedPriorityFee: bigint;
  limits: FeeLimits;
}): Fees | null {
  const wanted = max(suggestedPriorityFee, limits.minPriorityFeePerGas);
  const room = limits.maxFeePerGas - baseFeePerGas;
  if (room <= 0n) return null;
  const maxPriorityFeePerGas = min(wanted, room);
  const maxFeePerGas = min(2n * baseFeePerGas + maxPriorityFeePerGas, limits.maxFeePerGas);
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** Fees of a replacement: both at least an eighth higher, and enough for the present base fee. Null when the limit does not allow that. */
export function replacementFees({
  previous,
  baseFeePerGas,
  suggestedPriorityFee,
  limits,
}: {
  previous: Fees;
  baseFeePerGas: bigint;
  suggestedPriorityFee: bigint;
  limits: FeeLimits;
}): Fees | null {
  const maxPriorityFeePerGas = max(
    raisedUp(previous.maxPriorityFeePerGas),
    min(suggestedPriorityFee, limits.maxFeePerGas),
  );
  const enough = baseFeePerGas + maxPriorityFeePerGas;
  const maxFeePerGas = max(raisedUp(previous.maxFeePerGas), enough);
  return maxFeePerGas > limits.maxFeePerGas ? null : { maxFeePerGas, maxPriorityFeePerGas };
}

function raisedUp(fee: bigint): bigint {
  return (fee * BUMP_NUMERATOR + BUMP_DENOMINATOR - 1n) / BUMP_DENOMINATOR;
}
