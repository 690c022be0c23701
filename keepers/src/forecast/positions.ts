import { enums } from "../../../sdk/src/abis/enums.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import type { Density } from "../../../sdk/src/forecast/cascade.ts";
import {
  type LiquidationPoint,
  liquidationPointOf,
  slackGradientOf,
} from "../../../sdk/src/forecast/liquidationPrice.ts";
import { bucketOf } from "../../../sdk/src/forecast/logBuckets.ts";
import type { Direction } from "../../../sdk/src/forecast/touchTable.ts";
import { isJudged, slackOf } from "../read/judgement.ts";
import type { AccountReport, MarketReport } from "../read/reports.ts";
import { isPriced } from "../watch/marketWatch.ts";

/** Where one of an account's positions would be liquidated, by market. */
export type Points = ReadonlyMap<number, LiquidationPoint>;

export type Densities = ReadonlyMap<number, Readonly<Record<Direction, Density>>>;

const VALID = BigInt(enums.PriceStatus.indexOf("Valid"));
/** Prices from here on have no bucket. D18{USD/base} */
const HIGHEST_PRICE = 1n << 112n;

/**
 * Where an account's positions would be liquidated at the prices of now, which may be others than those it was judged at; without those in markets that have no valid price, or that no price
 * liquidates.
 */
export function pointsOf(
  report: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
): Points {
  const points = new Map<number, LiquidationPoint>();
  if (!isJudged(report)) return points;
  const positions = report.positions.flatMap(({ market: id, size, price: judgedAt, status }) => {
    const market = markets.get(Number(id));
    const isKnown = market !== undefined && isPriced(market) && market.ratesFailure === "0x";
    if (!isKnown || status !== VALID) return [];
    const { maintenanceRate, sizeSlope } = market.rates;
    const { skewScale } = market.terms;
    const terms = { size, maintenanceRate, sizeSlope, skewScale, price: market.price.price };
    return [{ id: Number(id), terms, moved: market.price.price - judgedAt }];
  });
  const slackUsd = positions.reduce(
    (slack, { terms, moved }) => slack + (slackGradientOf(terms) * moved) / (ONE * ONE),
    slackOf(report),
  );
  for (const { id, terms } of positions) {
    const point = liquidationPointOf(slackUsd, terms);
    if (point !== null && point.price < HIGHEST_PRICE) points.set(id, point);
  }
  return points;
}

/** Notional by bucket, of every account that is known. */
export function densitiesOf(pointsByAccount: ReadonlyMap<AccountId, Points>): Densities {
  const densities = new Map<number, Record<Direction, Map<number, number>>>();
  for (const points of pointsByAccount.values()) {
    for (const [market, { direction, price, notionalUsd }] of points) {
      const found = densities.get(market) ?? { fall: new Map(), rise: new Map() };
      densities.set(market, found);
      const bucket = bucketOf(price);
      found[direction].set(
        bucket,
        (found[direction].get(bucket) ?? 0) + Number(notionalUsd) / 1e18,
      );
    }
  }
  return densities;
}
