/** Buckets for every doubling of the price. */
export const BUCKETS_PER_DOUBLING = 64;
/** ln of the ratio of a bucket's edges. */
export const BUCKET_WIDTH = Math.LN2 / BUCKETS_PER_DOUBLING;

const DIGITS = 6;
const MANTISSA_BITS = 127n;

/** ⌊64·log₂(price)⌋ of a D18 price, as the liquidation map counts. Price above 0 and below 2¹²⁸. */
export function bucketOf(price: bigint): number {
  const exponent = price.toString(2).length - 1;
  let bucket = exponent;
  let mantissa = price << (MANTISSA_BITS - BigInt(exponent));
  for (let digit = 0; digit < DIGITS; digit++) {
    mantissa = (mantissa * mantissa) >> MANTISSA_BITS;
    const carry = mantissa >> (MANTISSA_BITS + 1n);
    mantissa >>= carry;
    bucket = bucket * 2 + Number(carry);
  }
  return bucket;
}

/** Lowest price of a bucket, {USD/base}: the highest of the one before. */
export const edgeOf = (bucket: number): number => 2 ** (bucket / BUCKETS_PER_DOUBLING) / 1e18;
