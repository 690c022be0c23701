import { mulWadCeil } from "../math/fixedPoint.ts";
import { feeOf, priceOf as poolPriceOf, skewOf } from "../math/markets.ts";
import type { MarketReport } from "./snapshot.ts";

/** What a fill against the pool does, without a venue's spread. */
export interface TradePreview {
  /** D18{USD/base} */
  readonly price: bigint;
  /** D18{USD}, rounded up. */
  readonly feeUsd: bigint;
  /** D18{USD}, what the fill takes off the quote leg, rounded up. */
  readonly costUsd: bigint;
  /** D18{USD}, value given up against the index and settled in cash at once (negative: the pool gives it up), rounded up. */
  readonly edgeUsd: bigint;
}

/** Price, fee and bookings of a fill of `sizeDelta`, at the reported index price or at another one. */
export function previewTrade(
  { state, terms, price }: MarketReport,
  sizeDelta: bigint,
  indexPrice = price.price,
): TradePreview {
  const input = { indexPrice, skew: skewOf(state), sizeDelta, terms };
  const fillPrice = poolPriceOf(input);
  return {
    price: fillPrice,
    feeUsd: feeOf(input),
    costUsd: mulWadCeil(sizeDelta, fillPrice - state.fundingIndex),
    edgeUsd: mulWadCeil(sizeDelta, fillPrice - indexPrice),
  };
}
