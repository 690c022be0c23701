import { encodeBytes32String, type Provider, ZeroAddress } from "ethers";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { liquidationEngineAbi } from "../../sdk/src/abis/LiquidationEngine.ts";
import { liquidityPoolAbi } from "../../sdk/src/abis/LiquidityPool.ts";
import { lossWaterfallAbi } from "../../sdk/src/abis/LossWaterfall.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import type { Manifest, ManifestMarket } from "../../sdk/src/manifest.ts";
import type { MarketParameters } from "../../sdk/src/parameters.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";

/** A setting as the manifest has it and as the chain has it. */
interface Setting {
  readonly name: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What differs between the parameters in the manifest and what the chain works with. */
export async function checkTerms(provider: Provider, manifest: Manifest): Promise<string[]> {
  const settings = await Promise.all([
    houseSettings(provider, manifest),
    ...manifest.markets.map((market) => marketSettings(provider, manifest, market)),
  ]);
  return settings.flat().flatMap(({ name, expected, actual }) => {
    const [wanted, found] = [plain(expected), plain(actual)];
    return wanted === found ? [] : [`${name}: is ${found}, not ${wanted}`];
  });
}

function plain(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value).toString();
  return String(value);
}

async function houseSettings(provider: Provider, manifest: Manifest): Promise<Setting[]> {
  const { contracts, parameters } = manifest;
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, provider);
  const oracle = typedContract(oracleRouterAbi, contracts.oracleRouter, provider);
  const waterfall = typedContract(lossWaterfallAbi, contracts.lossWaterfall, provider);
  const engine = typedContract(liquidationEngineAbi, contracts.liquidationEngine, provider);
  const sequencer = await oracle.call("sequencerFeed", []);
  const modules = {
    risk: contracts.riskEngine,
    oracle: contracts.oracleRouter,
    liquidation: contracts.liquidationEngine,
    waterfall: contracts.lossWaterfall,
    insurance: contracts.insuranceFund,
  };
  const wiring = await Promise.all(
    Object.entries(modules).map(async ([name, expected]) => ({
      name: `module ${name}`,
      expected,
      actual: await house.call("moduleOf", [encodeBytes32String(name)]),
    })),
  );
  const ofHouse = [
    "circuitBreaker",
    "insuranceFund",
    "delayedOrders",
    "signedOrders",
    "lens",
  ] as const;
  const houses = await Promise.all(
    ofHouse.map(async (name) => ({
      name: `house of ${name}`,
      expected: contracts.clearingHouse,
      // Each answers this as the orders do.
      actual: await typedContract(delayedOrdersAbi, contracts[name], provider).call("HOUSE", []),
    })),
  );
  return [
    ...wiring,
    ...houses,
    {
      name: "house of lossWaterfall",
      expected: contracts.clearingHouse,
      actual: await waterfall.call("HOUSE", []),
    },
    {
      name: "risk engine of liquidationEngine",
      expected: contracts.riskEngine,
      actual: await engine.call("RISK_ENGINE", []),
    },
    { name: "token", expected: contracts.token, actual: await house.call("TOKEN", []) },
    {
      name: "liquidationDepositUsd",
      expected: parameters.liquidationDepositUsd,
      actual: await house.call("LIQUIDATION_DEPOSIT", []),
    },
    {
      name: "houseEpochCap",
      expected: parameters.houseEpochCap,
      actual: await waterfall.call("houseEpochCap", []),
    },
    {
      name: "sequencer.address",
      expected: manifest.sequencerFeed ?? ZeroAddress,
      actual: sequencer.feed,
    },
    {
      name: "sequencer.graceSeconds",
      expected: parameters.sequencer?.graceSeconds ?? 0,
      actual: sequencer.grace,
    },
    {
      name: "listed markets",
      expected: manifest.markets.reduce((set, { id }) => set | (1n << BigInt(id)), 0n),
      actual: await house.call("listedMarkets", []),
    },
  ];
}

async function marketSettings(
  provider: Provider,
  { contracts, parameters }: Manifest,
  market: ManifestMarket,
): Promise<Setting[]> {
  const chosen = parameters.markets[market.id];
  if (chosen === undefined) throw new Error(`The manifest has no parameters of ${market.symbol}`);
  const id = BigInt(market.id);
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, provider);
  const oracle = typedContract(oracleRouterAbi, contracts.oracleRouter, provider);
  const risk = typedContract(riskEngineAbi, contracts.riskEngine, provider);
  const engine = typedContract(liquidationEngineAbi, contracts.liquidationEngine, provider);
  const waterfall = typedContract(lossWaterfallAbi, contracts.lossWaterfall, provider);
  const orders = typedContract(delayedOrdersAbi, contracts.delayedOrders, provider);
  const pool = typedContract(liquidityPoolAbi, market.pool, provider);
  const { config } = await oracle.call("feedOf", [id]);
  const groups: [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>][] = [
    ["oracle", expectedFeed(market, chosen), config],
    ["terms", expectedTerms(market, chosen), await house.call("termsOf", [id])],
    ["risk", chosen.risk, await risk.call("riskTermsOf", [id])],
    ["liquidation", chosen.liquidation, await engine.call("liquidationTermsOf", [id])],
    ["insurance", chosen.insurance, await waterfall.call("insuranceTermsOf", [id])],
    ["orders", chosen.orders, await orders.call("orderTermsOf", [id])],
    [
      "pool",
      { house: contracts.clearingHouse, market: id, delaySeconds: chosen.pool.delaySeconds },
      {
        house: await pool.call("HOUSE", []),
        market: await pool.call("MARKET", []),
        delaySeconds: await pool.call("DELAY_SECONDS", []),
      },
    ],
  ];
  return groups.flatMap(([group, expected, actual]) =>
    Object.entries(actual).map(([key, value]) => ({
      name: `${market.symbol} ${group}.${key}`,
      expected: expected[key],
      actual: value,
    })),
  );
}

function expectedFeed({ feed }: ManifestMarket, { oracle }: MarketParameters) {
  const { maxAgeSeconds, floor, ceiling, jumpBand, bucketSeconds } = oracle;
  return {
    feed: feed.address,
    maxAge: maxAgeSeconds,
    floor,
    ceiling,
    jumpBand,
    bucketLength: bucketSeconds,
  };
}

function expectedTerms({ poolAccount }: ManifestMarket, { terms }: MarketParameters) {
  const { tearUpDelaySeconds, ...rates } = terms;
  return { pool: poolAccount, tearUpDelay: tearUpDelaySeconds, ...rates };
}
