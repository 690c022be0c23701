/** What the contracts' arithmetic does besides the result: it refuses what leaves its type. */

export const MAX_UINT256 = (1n << 256n) - 1n;
export const MAX_INT256 = (1n << 255n) - 1n;
export const MIN_INT256 = -(1n << 255n);

const OVERFLOW = 0x11n;
const DIVISION_BY_ZERO = 0x12n;

/** Where a contract would revert, with the error's name and arguments. */
export class MathRevert extends Error {
  override readonly name = "MathRevert";
  readonly errorName: string;
  readonly args: readonly bigint[];

  constructor(errorName: string, args: readonly bigint[]) {
    super(`${errorName}(${args.join(", ")})`);
    this.errorName = errorName;
    this.args = args;
  }
}

/** A result of checked arithmetic on uint256. */
export function uint256(value: bigint): bigint {
  if (value < 0n || value > MAX_UINT256) throw new MathRevert("Panic", [OVERFLOW]);
  return value;
}

/** A result of checked arithmetic on int256. */
export function int256(value: bigint): bigint {
  if (value < MIN_INT256 || value > MAX_INT256) throw new MathRevert("Panic", [OVERFLOW]);
  return value;
}

/** x/y as the machine divides: towards zero, refusing zero. */
export function divide(x: bigint, y: bigint): bigint {
  if (y === 0n) throw new MathRevert("Panic", [DIVISION_BY_ZERO]);
  return x / y;
}

/** 10^n in a uint256. */
export function powerOfTen(exponent: bigint): bigint {
  return exponent > 77n ? uint256(MAX_UINT256 + 1n) : 10n ** exponent;
}

export const min = (x: bigint, y: bigint): bigint => (x < y ? x : y);
export const max = (x: bigint, y: bigint): bigint => (x > y ? x : y);

/** `value`, brought to within ±`bound`. */
export const clamp = (value: bigint, bound: bigint): bigint => max(min(value, bound), -bound);

/** ⌊√x⌋ */
export function sqrtDown(x: bigint): bigint {
  if (x < 2n) return x;
  // Newton from above: falls until it stands at the root.
  let root = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** ⌈√x⌉ */
export function sqrtUp(x: bigint): bigint {
  const root = sqrtDown(x);
  return root * root < x ? root + 1n : root;
}
