// What Math does for numbers, for whole numbers of any size.

/** The smallest; of none, a RangeError. */
export function least(values: readonly bigint[]): bigint {
  return pick(values, (value, best) => value < best);
}

/** The largest; of none, a RangeError. */
export function greatest(values: readonly bigint[]): bigint {
  return pick(values, (value, best) => value > best);
}

/** Quotient rounded up; the divisor is positive. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor < dividend ? quotient + 1n : quotient;
}

function pick(
  values: readonly bigint[],
  isBetter: (value: bigint, best: bigint) => boolean,
): bigint {
  const [first, ...others] = values;
  if (first === undefined) throw new RangeError("no value to pick from");
  let best = first;
  for (const value of others) if (isBetter(value, best)) best = value;
  return best;
}
