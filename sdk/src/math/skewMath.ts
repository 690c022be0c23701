import { divUp, mulWadDown, WAD } from "./fixedPoint.ts";
import { divide, uint256 } from "./solidity.ts";

/** A fill against a market's pool; see SkewMath.sol for units and widths. */
export interface FillQuote {
  readonly indexPrice: bigint;
  readonly skew: bigint;
  readonly sizeDelta: bigint;
  readonly skewScale: bigint;
}

/** {s}, the time over which the skew is averaged. */
export const AVERAGING_SECONDS = 600n;

/** Price of a fill: P·(1 + (k + Δ/2)/K), a buy rounded up, a sale down; 0 where a sale would push the price below zero. */
export function fillPrice({ indexPrice, skew, sizeDelta, skewScale }: FillQuote): bigint {
  const doubleScale = 2n * skewScale;
  const weight = doubleScale + 2n * skew + sizeDelta;
  if (weight <= 0n) return 0n;
  const product = indexPrice * weight;
  return sizeDelta > 0n ? divUp(product, doubleScale) : divide(product, doubleScale);
}

/** `price`, brought to within `band` of the index. */
export function clampToBand(price: bigint, indexPrice: bigint, band: bigint): bigint {
  const reach = mulWadDown(indexPrice, band);
  if (price > uint256(indexPrice + reach)) return indexPrice + reach;
  if (uint256(price + reach) < indexPrice) return indexPrice - reach;
  return price;
}

/** Notional that moves the marginal price by 1 %: K·P/100, rounded down. */
export const depthUsd = (skewScale: bigint, price: bigint): bigint =>
  uint256(skewScale * price) / (100n * WAD);

/** Average of k/K after `elapsedSeconds` at `ratioSince`. */
export function averageRatio(
  previousAverage: bigint,
  ratioSince: bigint,
  elapsedSeconds: bigint,
): bigint {
  if (elapsedSeconds >= AVERAGING_SECONDS) return ratioSince;
  const left = AVERAGING_SECONDS - elapsedSeconds;
  return ratioSince + ((previousAverage - ratioSince) * left) / AVERAGING_SECONDS;
}
