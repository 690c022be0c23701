// Forecasts are estimates: floating-point numbers of USD, and natural logarithms of price ratios.

import { BUCKET_WIDTH, bucketOf, edgeOf } from "./logBuckets.ts";
import type { Direction, TouchTable } from "./touchTable.ts";

/** Notional by the bucket of the price at which it would be liquidated, {USD}. */
export type Density = ReadonlyMap<number, number>;

/** What a move of the price meets. */
export interface CascadeInput {
  readonly direction: Direction;
  readonly density: Density;
  /** D18{USD/base}, now. */
  readonly price: bigint;
  /** {USD} What moves the reference market by 1 % when it is sold or bought there. */
  readonly externalDepthUsd: number;
}

/** A stretch of prices in which what is liquidated moves the price on by as much as it has moved. */
export interface Cluster {
  readonly direction: Direction;
  /** {USD/base} Middle of the bucket in which it begins, coming from the price now, and the edge to which it carries. */
  readonly fromPrice: number;
  readonly toPrice: number;
  /** {USD} Liquidated on the way. */
  readonly notionalUsd: number;
  /** Density times impact at its thickest: how far a move of one makes the price move on. */
  readonly peakGain: number;
  /** ln of the ratio of the price now to its beginning; 0 when it has been reached. */
  readonly distance: number;
}

/** A cluster and how likely the price gets there. */
export interface ClusterForecast extends Cluster {
  readonly probability: number;
}

const ONE_PERCENT = Math.log(1.01);

/** How far the logarithm of the price moves per USD that is sold in the reference market. */
export const impactOf = (externalDepthUsd: number): number => ONE_PERCENT / externalDepthUsd;

/** Density of liquidations per logarithm of the price, times impact: from 1 on a move feeds itself. */
export const gainOf = (notionalUsd: number, externalDepthUsd: number): number =>
  (notionalUsd / BUCKET_WIDTH) * impactOf(externalDepthUsd);

/**
 * Where a move feeds itself, the nearest first. A cluster begins in a bucket whose density times impact is at least 1 and goes on as long as all that has been liquidated since moves the price at least as
 * far as it has come. What is past its price already is liquidated where the price is.
 */
export function clustersOf(input: CascadeInput): Cluster[] {
  const { direction, externalDepthUsd } = input;
  const step = direction === "fall" ? -1 : 1;
  const start = bucketOf(input.price);
  const ahead = aheadOf(input, start, step);
  const isDue = [...input.density].some(([bucket, usd]) => (bucket - start) * step < 0 && usd > 0);
  const furthest = Math.max(...ahead.keys(), 0);
  const clusters: Cluster[] = [];
  for (let at = 0; at <= furthest; at++) {
    if (gainOf(ahead.get(at) ?? 0, externalDepthUsd) < 1) continue;
    let [last, notionalUsd, peakGain, sum] = [at, 0, 0, 0];
    for (let next = at; ; next++) {
      sum += gainOf(ahead.get(next) ?? 0, externalDepthUsd);
      if (sum < next - at + 1) break;
      last = next;
      notionalUsd += ahead.get(next) ?? 0;
      peakGain = Math.max(peakGain, gainOf(ahead.get(next) ?? 0, externalDepthUsd));
    }
    const now = Number(input.price) / 1e18;
    const near = direction === "fall" ? edgeOf(start - at + 1) : edgeOf(start + at);
    const far = direction === "fall" ? edgeOf(start - at) : edgeOf(start + at + 1);
    const fromPrice = at > 0 ? Math.sqrt(near * far) : isDue ? now : Math.sqrt(now * far);
    clusters.push({
      ...{ direction, fromPrice, notionalUsd, peakGain },
      toPrice: direction === "fall" ? edgeOf(start - last) : edgeOf(start + last + 1),
      distance: Math.abs(Math.log(fromPrice / now)),
    });
    at = last;
  }
  return clusters;
}

/** How likely the price reaches each cluster within the table's horizon, `deviation` being σ√H now. */
export const forecastClusters = (
  clusters: readonly Cluster[],
  { table, deviation }: { readonly table: TouchTable; readonly deviation: number },
): ClusterForecast[] =>
  clusters.map((cluster) => ({
    ...cluster,
    probability:
      cluster.distance === 0
        ? 1
        : deviation > 0
          ? table.probability(cluster.direction, cluster.distance / deviation)
          : 0,
  }));

/** Notional by buckets ahead of the price, the one it is in being 0. */
function aheadOf({ density }: CascadeInput, start: number, step: 1 | -1): Map<number, number> {
  const ahead = new Map<number, number>();
  for (const [bucket, notionalUsd] of density) {
    const at = Math.max((bucket - start) * step, 0);
    ahead.set(at, (ahead.get(at) ?? 0) + notionalUsd);
  }
  return ahead;
}
