import { expect } from "chai";
import fc from "fast-check";
import {
  type Cluster,
  clustersOf,
  forecastClusters,
  gainOf,
  impactOf,
} from "../../../sdk/src/forecast/cascade.ts";
import { upperTail, walkTouches } from "../../../sdk/src/forecast/gaussian.ts";
import { liquidationPointOf } from "../../../sdk/src/forecast/liquidationPrice.ts";
import { BUCKET_WIDTH, bucketOf, edgeOf } from "../../../sdk/src/forecast/logBuckets.ts";
import { TouchTable } from "../../../sdk/src/forecast/touchTable.ts";
import { expectNear } from "../../support/near.ts";

const ONE = 10n ** 18n;
const PRICE = 2_000n * ONE;
/** {USD} 1 % for a million. */
const DEPTH = 1_000_000;
/** {USD} What makes one bucket feed itself, to the dollar. */
const ENOUGH = BUCKET_WIDTH / impactOf(DEPTH);

describe("Forecast maths", () => {
  it("knows the tail of a normal number", () => {
    const known: readonly (readonly [number, number])[] = [
      [0, 0.5],
      [1, 0.15865525393145707],
      [1.959963984540054, 0.025],
      [2.4999999, 0.006209667],
      [2.5, 0.006209665325776132],
      [4, 3.167124183311992e-5],
      [8, 6.220960574271785e-16],
      [30, 4.906713927148187e-198],
    ];
    for (const [z, tail] of known) {
      expectNear(upperTail(z) / tail, 1, 1e-6, String(z));
      expectNear(upperTail(-z), 1 - tail, 1e-9);
    }
    expect(walkTouches(0)).to.equal(1);
    expectNear(walkTouches(1.959963984540054), 0.05, 1e-12);
  });

  it("counts buckets as logarithms do", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 112n) - 1n }), (price) => {
        const exact = 64 * Math.log2(Number(price));
        const bucket = bucketOf(price);
        expect(bucket).to.be.at.most(exact + 1e-9);
        expect(exact).to.be.lessThan(bucket + 1 + 1e-9);
      }),
      { seed: 1, numRuns: 2_000 },
    );
    expect(bucketOf(1n << 60n)).to.equal(3_840);
    expect(bucketOf((1n << 60n) - 1n)).to.equal(3_839);
    const bucket = bucketOf(PRICE);
    expect(edgeOf(bucket)).to.be.at.most(2_000);
    expect(edgeOf(bucket + 1)).to.be.greaterThan(2_000);
  });

  it("finds the price that takes the margin, as equity less margin says there", () => {
    const terms = {
      price: PRICE,
      maintenanceRate: (3n * ONE) / 100n,
      sizeSlope: ONE / 200n,
      skewScale: 500_000n * ONE,
    };
    for (const size of [80n * ONE, -80n * ONE, 5_000n * ONE]) {
      const held = size < 0n ? -size : size;
      const marginAt = (price: bigint) => {
        const notional = (held * price) / ONE;
        const depth = (terms.skewScale * price) / (100n * ONE);
        const rate = terms.maintenanceRate + (terms.sizeSlope * notional) / depth;
        return (notional * rate) / ONE;
      };
      const slackUsd = 6_000n * ONE;
      const equityAt = (price: bigint) =>
        marginAt(PRICE) + slackUsd + (size * (price - PRICE)) / ONE;
      const point = liquidationPointOf(slackUsd, { ...terms, size });
      if (point === null) throw new Error("there is a price");
      expect(point.direction).to.equal(size > 0n ? "fall" : "rise");
      expectNear(Number(equityAt(point.price) - marginAt(point.price)) / 1e18, 0, 1e-9);
      expect(point.notionalUsd).to.equal((held * point.price) / ONE);
    }
    const covered = { ...terms, size: 2n * ONE };
    expect(liquidationPointOf(4_000n * ONE, covered)).to.equal(null);
    expect(liquidationPointOf(0n, { ...terms, size: 0n })).to.equal(null);
    const huge = { ...terms, size: 2_000_000n * ONE, sizeSlope: ONE };
    expect(liquidationPointOf(ONE, huge)).to.equal(null);
  });

  it("finds no cluster where what is liquidated moves the price less than it came", () => {
    const start = bucketOf(PRICE);
    const density = new Map([...Array(40).keys()].map((at) => [start - at, ENOUGH * 0.99]));
    const input = { direction: "fall", density, price: PRICE, externalDepthUsd: DEPTH } as const;
    expectNear(gainOf(ENOUGH, DEPTH), 1, 1e-12);
    expect(clustersOf(input)).to.deep.equal([]);
    expect(clustersOf({ ...input, externalDepthUsd: DEPTH / 2 })).to.have.length(1);
  });

  it("finds where a fall feeds itself, and how far it carries", () => {
    const start = bucketOf(PRICE);
    // Five buckets' worth in one, four buckets down; nothing further.
    const density = new Map([
      [start - 4, ENOUGH * 5.5],
      [start - 60, ENOUGH * 1.5],
      [start + 3, ENOUGH / 2],
    ]);
    const clusters = clustersOf({
      ...{ direction: "fall", density, price: PRICE, externalDepthUsd: DEPTH },
    });
    // What is above the price is due already, but too little to go on by itself.
    expect(clusters).to.have.length(2);
    const [near, far] = clusters;
    expectNear(near?.fromPrice, edgeOf(start - 4) * Math.exp(BUCKET_WIDTH / 2), 1e-6);
    expect(near?.toPrice).to.equal(edgeOf(start - 8));
    expectNear(near?.notionalUsd, ENOUGH * 5.5, 1e-6);
    expectNear(near?.peakGain, 5.5, 1e-9);
    expectNear(near?.distance, Math.log(2_000 / (near?.fromPrice ?? 0)), 1e-12);
    expect(far?.distance).to.be.greaterThan(50 * BUCKET_WIDTH);
  });

  it("looks the other way for rises", () => {
    const start = bucketOf(PRICE);
    const density = new Map([
      [start + 10, ENOUGH * 2],
      [start - 10, ENOUGH * 9],
    ]);
    const [cluster, ...others] = clustersOf({
      ...{ direction: "rise", density: new Map([[start + 10, ENOUGH * 2.5]]) },
      ...{ price: PRICE, externalDepthUsd: DEPTH },
    });
    expect(others).to.deep.equal([]);
    expectNear(cluster?.fromPrice, edgeOf(start + 10) * Math.exp(BUCKET_WIDTH / 2), 1e-6);
    expect(cluster?.toPrice).to.equal(edgeOf(start + 12));
    // A short whose price has been passed is liquidated now, where the price is.
    const due = clustersOf({
      ...{ direction: "rise", density, price: PRICE, externalDepthUsd: DEPTH },
    });
    expect(due[0]?.distance).to.equal(0);
    expect(due[0]?.fromPrice).to.equal(2_000);
  });

  it("counts what is liquidated on the way: thin buckets behind a thick one are carried over", () => {
    const start = bucketOf(PRICE);
    const density = new Map([
      [start - 2, ENOUGH * 3],
      [start - 4, ENOUGH * 0.5],
      [start - 5, ENOUGH * 0.6],
    ]);
    const [cluster] = clustersOf({
      ...{ direction: "fall", density, price: PRICE, externalDepthUsd: DEPTH },
    });
    // 3, 3, 3.5, 4.1 against 1, 2, 3, 4 buckets; 4.1 is less than 5.
    expect(cluster?.toPrice).to.equal(edgeOf(start - 5));
    expectNear(cluster?.notionalUsd, ENOUGH * 4.1, 1e-6);
  });

  it("says how likely the price gets there, by the table", () => {
    const table = new TouchTable({ priorWeight: 1, excursionWeight: 1 });
    for (const excursion of [0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6]) table.add("fall", excursion);
    const cluster: Cluster = {
      direction: "fall",
      fromPrice: 1_900,
      toPrice: 1_800,
      notionalUsd: 1,
      peakGain: 2,
      distance: 0.04,
    };
    const [forecast] = forecastClusters([cluster], { table, deviation: 0.02 });
    expectNear(forecast?.probability, (6 + walkTouches(2)) / 10, 1e-12);
    const reached = { ...cluster, distance: 0 };
    expect(forecastClusters([reached], { table, deviation: 0 })[0]?.probability).to.equal(1);
    expect(forecastClusters([cluster], { table, deviation: 0 })[0]?.probability).to.equal(0);
  });
});
