// Natural logarithm and exponential on fixed-point integers. Math.log and Math.exp may differ in the last digit between
// engines; a seeded path has to be the same everywhere, so it is made of whole numbers only.

import { ONE } from "../../sdk/src/amounts.ts";

/** Guard digits: inside, numbers carry 30 decimals. */
const GUARD = 10n ** 12n;
const UNIT = ONE * GUARD;
const TWO_UNITS = 2n * UNIT;
/** ln 2 with 30 decimals. */
const LN_2 = 693147180559945309417232121458n;

/** D18{1} ln of a positive D18 number, exact to a few units of the last decimal. */
export function lnD18(valueD18: bigint): bigint {
  if (valueD18 <= 0n) throw new RangeError(`no logarithm of ${valueD18}`);
  let mantissa = valueD18 * GUARD;
  let doublings = 0n;
  for (; mantissa >= TWO_UNITS; doublings++) mantissa /= 2n;
  for (; mantissa < UNIT; doublings--) mantissa *= 2n;
  // ln m = 2·(z + z³/3 + z⁵/5 + …) with z = (m − 1)/(m + 1) ≤ 1/3.
  const z = ((mantissa - UNIT) * UNIT) / (mantissa + UNIT);
  const zSquared = (z * z) / UNIT;
  let sum = 0n;
  for (let power = z, odd = 1n; power !== 0n; power = (power * zSquared) / UNIT, odd += 2n) {
    sum += power / odd;
  }
  return (2n * sum + doublings * LN_2) / GUARD;
}

/** D18{1} e to the power of a D18 number, exact to a few units of the last decimal (relative for large results). */
export function expD18(exponentD18: bigint): bigint {
  const exponent = exponentD18 * GUARD;
  const doublings = exponent / LN_2;
  const rest = exponent % LN_2;
  let sum = 0n;
  for (let term = UNIT, n = 1n; term !== 0n; term = (term * rest) / (UNIT * n), n++) sum += term;
  const scaled = doublings >= 0n ? sum << doublings : sum >> -doublings;
  return scaled / GUARD;
}
