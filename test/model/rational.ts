/** Booked values, whole numbers of 1e-18: what the ledger stores. Sums of them are exact; whatever is multiplied or divided is a Rational until it is booked. */
export const ONE = 10n ** 18n;

/** An exact fraction. It is never reduced: the ones here live for a few operations, until their value is booked. */
export class Rational {
  readonly numerator: bigint;
  /** Above 0. */
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator = 1n) {
    if (denominator === 0n) throw new RangeError(`${numerator} is divided by zero`);
    this.numerator = denominator < 0n ? -numerator : numerator;
    this.denominator = denominator < 0n ? -denominator : denominator;
  }

  plus(other: Rational): Rational {
    if (this.denominator === other.denominator) {
      return new Rational(this.numerator + other.numerator, this.denominator);
    }
    return new Rational(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Rational): Rational {
    return this.plus(other.negated());
  }

  times(other: Rational): Rational {
    return new Rational(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  over(other: Rational): Rational {
    return new Rational(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator);
  }

  /** Below 0, 0 or above 0, as this is less than, equal to or more than the other. */
  compare(other: Rational): bigint {
    return this.numerator * other.denominator - other.numerator * this.denominator;
  }

  isBelow(other: Rational): boolean {
    return this.compare(other) < 0n;
  }

  isAtLeast(other: Rational): boolean {
    return this.compare(other) >= 0n;
  }

  /** Greatest whole number that is not above this. */
  floor(): bigint {
    const quotient = this.numerator / this.denominator;
    return this.numerator < 0n && quotient * this.denominator !== this.numerator
      ? quotient - 1n
      : quotient;
  }

  /** Least whole number that is not below this. */
  ceiling(): bigint {
    return -this.negated().floor();
  }
}

export const ZERO = new Rational(0n);
export const WHOLE = new Rational(1n);

/** The value of a booked number. */
export function exact(booked: bigint): Rational {
  return new Rational(booked, ONE);
}

/** A whole number, such as seconds or a count. */
export function whole(count: bigint): Rational {
  return new Rational(count);
}

const UNITS = new Rational(ONE);

/** Booked rounded down. */
export function down(value: Rational): bigint {
  return value.times(UNITS).floor();
}

/** Booked rounded up. */
export function up(value: Rational): bigint {
  return value.times(UNITS).ceiling();
}

/** Booked rounded towards zero. */
export function towardsZero(value: Rational): bigint {
  return value.numerator < 0n ? up(value) : down(value);
}

export function least(first: Rational, ...others: readonly Rational[]): Rational {
  return others.reduce((found, each) => (each.isBelow(found) ? each : found), first);
}

export function greatest(first: Rational, ...others: readonly Rational[]): Rational {
  return others.reduce((found, each) => (found.isBelow(each) ? each : found), first);
}

/** The lesser of two whole or booked numbers. */
export function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function positive(a: bigint): bigint {
  return a > 0n ? a : 0n;
}

export function size(a: bigint): bigint {
  return a < 0n ? -a : a;
}
