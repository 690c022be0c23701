import { divide, int256, MAX_INT256, MathRevert, uint256 } from "./solidity.ts";

/** One in D18: every fixed-point value of the system has 18 decimals. */
export const WAD = 10n ** 18n;

/** ⌊x·y⌋, one factor D18. */
export const mulWadDown = (x: bigint, y: bigint): bigint => uint256(x * y) / WAD;

/** ⌈x·y⌉, one factor D18. */
export const mulWadUp = (x: bigint, y: bigint): bigint => divUp(uint256(x * y), WAD);

/** ⌊x/y⌋ as D18. */
export const divWadDown = (x: bigint, y: bigint): bigint => divide(uint256(x * WAD), y);

/** ⌈x/y⌉ as D18. */
export const divWadUp = (x: bigint, y: bigint): bigint => divUp(uint256(x * WAD), y);

/** ⌈x/y⌉ of plain integers, neither negative. */
export function divUp(x: bigint, y: bigint): bigint {
  const quotient = divide(x, y);
  return x === quotient * y ? quotient : quotient + 1n;
}

/** ⌊x·y/denominator⌋ */
export const mulDivDown = (x: bigint, y: bigint, denominator: bigint): bigint =>
  uint256(divide(x * y, denominator));

/** ⌈x·y/denominator⌉ */
export const mulDivUp = (x: bigint, y: bigint, denominator: bigint): bigint =>
  uint256(divUp(x * y, denominator));

/** ⌊x·y⌋, one factor D18, signed. */
export const mulWadFloor = (x: bigint, y: bigint): bigint => divFloor(int256(x * y), WAD);

/** ⌈x·y⌉, one factor D18, signed. */
export const mulWadCeil = (x: bigint, y: bigint): bigint => divCeil(int256(x * y), WAD);

/** ⌊x/y⌋ of plain integers, y > 0. */
export function divFloor(x: bigint, y: bigint): bigint {
  const quotient = int256(divide(x, y));
  return x < 0n && quotient * y !== x ? quotient - 1n : quotient;
}

/** ⌈x/y⌉ of plain integers, y > 0. */
export function divCeil(x: bigint, y: bigint): bigint {
  const quotient = int256(divide(x, y));
  return x > 0n && quotient * y !== x ? quotient + 1n : quotient;
}

/** ⌊x·y/denominator⌋, signed. */
export function mulDivFloor(x: bigint, y: bigint, denominator: bigint): bigint {
  return x < 0n !== y < 0n
    ? -toInt(mulDivUp(magnitude(x), magnitude(y), denominator))
    : toInt(mulDivDown(magnitude(x), magnitude(y), denominator));
}

/** ⌈x·y/denominator⌉, signed. */
export function mulDivCeil(x: bigint, y: bigint, denominator: bigint): bigint {
  return x < 0n !== y < 0n
    ? -toInt(mulDivDown(magnitude(x), magnitude(y), denominator))
    : toInt(mulDivUp(magnitude(x), magnitude(y), denominator));
}

/** |x| */
export const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);

/** max(0, x) */
export const positivePart = (x: bigint): bigint => (x > 0n ? x : 0n);

/** A uint256 as an int256. */
export function toInt(x: bigint): bigint {
  if (x > MAX_INT256) throw new MathRevert("SafeCastOverflowedUintToInt", [x]);
  return x;
}

/** An int256 as a uint256. */
export function toUint(x: bigint): bigint {
  if (x < 0n) throw new MathRevert("SafeCastOverflowedIntToUint", [x]);
  return x;
}
