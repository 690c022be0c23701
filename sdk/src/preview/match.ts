import { divWadUp, magnitude, mulWadCeil, mulWadDown, mulWadUp } from "../math/fixedPoint.ts";
import { actsOn, cutPlan, type Plan } from "../math/liquidationEngine.ts";
import { priceOf as poolPriceOf, skewOf } from "../math/markets.ts";
import { MathRevert, min } from "../math/solidity.ts";
import { type LiquidationPreviewInput, planInputOf, previewLiquidation } from "./liquidation.ts";
import { type MarketReport, marketOf } from "./snapshot.ts";

/** What a match of two signed orders costs. */
export interface MatchPreview {
  /** D18{USD}, rounded up. */
  readonly makerFeeUsd: bigint;
  /** D18{USD}, rounded up. */
  readonly takerFeeUsd: bigint;
  /** D18{USD}, what the taker gives up against the index and the maker gains (negative: the other way round), rounded up. */
  readonly takerEdgeUsd: bigint;
}

export interface LiquidationMatchPreviewInput extends LiquidationPreviewInput {
  /** D18{base}, signed, the most that the maker takes. */
  readonly makerSizeDelta: bigint;
  /** D18{USD/base} */
  readonly price: bigint;
}

/**
 * What `matchOrders` would cost for `sizeDelta` of the taker at `price`, as `previewMatch` of the house answers at the reported index price or at
 * another one. Throws MathRevert where the house would revert: PriceOutsideBand.
 */
export function previewMatch(
  report: MarketReport,
  sizeDelta: bigint,
  price: bigint,
  indexPrice = report.price.price,
): MatchPreview {
  requireBand(report, price, indexPrice);
  const size = magnitude(sizeDelta);
  const { makerFee, takerFee } = report.terms;
  const feeUp = (rate: bigint): bigint => mulWadUp(mulWadUp(size * rate, 1n), indexPrice);
  return {
    makerFeeUsd: feeUp(makerFee),
    takerFeeUsd: feeUp(takerFee),
    takerEdgeUsd: mulWadCeil(sizeDelta, price - indexPrice),
  };
}

/**
 * What `liquidateAgainst` would do to the liquidated account, as `previewLiquidationMatch` of the house answers; the maker is judged when it is done.
 * Throws MathRevert where the house would revert: NotAReduction, SizeNotInLots, PriceNotBetter, PriceOutsideBand.
 */
export function previewLiquidationMatch(input: LiquidationMatchPreviewInput): Plan {
  const { makerSizeDelta, price } = input;
  const whole = previewLiquidation(input);
  if (!actsOn(whole)) return whole;
  const context = planInputOf(input);
  const exposure = context.portfolio.exposures[context.index];
  if (exposure === undefined) return whole;
  if (exposure.size > 0n !== makerSizeDelta > 0n) {
    const { account } = input.snapshot.account;
    throw new MathRevert("NotAReduction", [account, exposure.size, -makerSizeDelta]);
  }
  const report = marketOf(input.snapshot, input.market);
  const closeSize = cutSize(input, exposure.price, magnitude(exposure.size), whole.closeSize);
  const poolPrice = poolPriceOf({
    indexPrice: exposure.price,
    skew: skewOf(report.state),
    sizeDelta: exposure.size > 0n ? -closeSize : closeSize,
    terms: report.terms,
  });
  if (exposure.size > 0n ? price <= poolPrice : price >= poolPrice) {
    throw new MathRevert("PriceNotBetter", [price, poolPrice]);
  }
  const cut = cutPlan({ ...context, exposure, planned: whole, closeSize, price });
  if (actsOn(cut)) requireBand(report, price, exposure.price);
  return cut;
}

/** What the maker takes of the plan, in whole lots, leaving nothing too small to stand alone. */
function cutSize(
  { makerSizeDelta, snapshot, market }: LiquidationMatchPreviewInput,
  indexPrice: bigint,
  size: bigint,
  plannedSize: bigint,
): bigint {
  const wanted = magnitude(makerSizeDelta);
  if (wanted >= plannedSize) return plannedSize;
  const { minNotionalUsd, lotSize } = marketOf(snapshot, market).terms;
  const least = divWadUp(minNotionalUsd, indexPrice);
  const most = size > least ? size - least : 0n;
  const cut = min(wanted, most);
  const whole = cut - (cut % lotSize);
  if (whole === 0n) throw new MathRevert("SizeNotInLots", [makerSizeDelta, lotSize]);
  return whole;
}

/** |p − P| ≤ band·P, the distance rounded down. */
function requireBand({ market, terms }: MarketReport, price: bigint, indexPrice: bigint): void {
  const distance = mulWadDown(indexPrice, terms.band);
  const [lowest, highest] = [indexPrice - distance, indexPrice + distance];
  if (price < lowest || price > highest) {
    throw new MathRevert("PriceOutsideBand", [market, price, lowest, highest]);
  }
}
