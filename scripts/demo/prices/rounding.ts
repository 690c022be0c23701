/** D18{USD/base} One unit of a price feed with 8 decimals, as the usual feeds have. */
const FEED_UNIT_D18 = 10n ** 10n;

/** The nearest positive price with 8 decimals. */
export function toFeedPrecision(priceD18: bigint): bigint {
  const units = (priceD18 + FEED_UNIT_D18 / 2n) / FEED_UNIT_D18;
  return (units === 0n ? 1n : units) * FEED_UNIT_D18;
}
