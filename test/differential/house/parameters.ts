import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getAddress } from "ethers";
import { z } from "zod";
import { type Parameters, parseParameters } from "../../../sdk/src/parameters.ts";
import { RELAYS } from "./relays.ts";

const LOCAL = join(import.meta.dirname, "..", "..", "..", "deploy", "parameters", "local.json");

/** Whole USD. */
export const FIRST_PRICES = [2_000, 40_000, 100] as const;

/** Whose the protocol's own junior money is. */
export const RESERVE_DEPOSITOR = "venue";

/** As much of the parameters' form as is changed here. */
const group = z.looseObject({});
const form = z.looseObject({
  reserve: group,
  markets: z.array(
    z.looseObject({
      cover: group,
      feed: group,
      oracle: group,
      pool: group,
      terms: group,
      risk: group,
      liquidation: group,
    }),
  ),
});

/** The local deployment with a third, thin market, and limits that a few traders reach. */
export async function modelParameters(): Promise<Parameters> {
  const text = await readFile(LOCAL, "utf8");
  const { markets, reserve, ...rest } = form.parse(JSON.parse(text));
  const [eth, btc] = markets;
  if (eth === undefined || btc === undefined) throw new Error(`${LOCAL} has no two markets`);
  const ramped = { rampStartUsd: "10000000", rampEndUsd: "40000000" };
  const changed = [
    {
      ...eth,
      cover: {
        ...eth.cover,
        coverageTarget: "0.0005",
        concentrationMove: "0.004",
        bootstrapUsd: "100",
      },
      risk: { ...eth.risk, ...ramped },
    },
    {
      ...btc,
      cover: {
        ...btc.cover,
        coverageTarget: "0.003",
        concentrationMove: "0.01",
        bootstrapUsd: "1000",
      },
      oracle: { ...btc.oracle, jumpBand: "0.12" },
      risk: { ...btc.risk, multiplier: "1.25" },
    },
    {
      ...btc,
      cover: {
        coverageTarget: "0.004",
        bootstrapUsd: "400",
        fundShare: "0.2",
        concentrationMove: "0.02",
        premiumRate: "0.0003",
      },
      symbol: "SOL",
      feed: { ...btc.feed, description: "SOL / USD", price: "100" },
      oracle: { ...btc.oracle, ceiling: "500", bucketSeconds: 300 },
      pool: { ...btc.pool, name: "Breakwater SOL pool", symbol: "bwSOL" },
      terms: {
        ...btc.terms,
        skewScale: "200000",
        exposureCap: "15000",
        lotSize: "0.01",
        maxFundingRate: "0.08",
        maxFundingVelocity: "2",
        takerFee: "0.0015",
        makerFee: "0.0005",
        insuranceShare: "0.3",
        band: "0.05",
        unwindTolerance: "0.003",
        tearUpLoss: "0.02",
        tearUpDelaySeconds: 300,
      },
      risk: {
        ...btc.risk,
        initialMargin: "0.1",
        maintenanceMargin: "0.06",
        sizeSlope: "0.01",
        gainShare: "0.5",
        rampStartUsd: "1000000",
        rampEndUsd: "5000000",
      },
      liquidation: {
        ...btc.liquidation,
        maxPenaltyRate: "0.025",
        windowSeconds: 20,
        smallNotionalUsd: "2000",
      },
      auctions: { durationSeconds: 180 },
      insurance: { eventCap: "0.05", epochCap: "0.1", coinsurance: "0.2" },
    },
  ];
  return parseParameters(
    JSON.stringify({
      ...rest,
      reserve: { ...reserve, soleDepositor: getAddress(RELAYS[RESERVE_DEPOSITOR]) },
      markets: changed,
    }),
    "the model's parameters",
  );
}
