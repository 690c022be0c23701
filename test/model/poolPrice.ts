import { type Book, skewOf } from "./book.ts";
import { down, exact, greater, lesser, positive, Rational, size, up, WHOLE } from "./rational.ts";

/** Whether a fill takes the traders' net size further from zero. */
export function addsToSkew(book: Book, delta: bigint): boolean {
  const skew = skewOf(book.market);
  return size(skew + delta) > size(skew);
}

/** p = P·(1 + (k + Δ/2)/K), not below 0, against the trader: a buy up, a sale down. A fill that reduces the skew is clamped to the band. */
export function poolPriceOf(book: Book, delta: bigint): bigint {
  const { skewScale, band } = book.terms.market;
  const move = new Rational(2n * skewOf(book.market) + delta, 2n * skewScale);
  const marginal = exact(book.price).times(WHOLE.plus(move));
  const price = positive(delta > 0n ? up(marginal) : down(marginal));
  if (addsToSkew(book, delta)) return price;
  const reach = down(exact(book.price).times(exact(band)));
  return greater(lesser(price, book.price + reach), book.price - reach);
}

/** The maker's fee for what takes the skew towards zero, the taker's for the rest, on the notional at the index. The fee in base is booked up, then that in USD. */
export function feeOf(book: Book, delta: bigint): bigint {
  const { makerFee, takerFee } = book.terms.market;
  const skew = skewOf(book.market);
  const amount = size(delta);
  const against = skew < 0n === delta < 0n ? 0n : size(skew);
  const making = against < amount ? against : amount;
  const inBase = exact(making)
    .times(exact(makerFee))
    .plus(exact(amount - making).times(exact(takerFee)));
  return up(exact(up(inBase)).times(exact(book.price)));
}
