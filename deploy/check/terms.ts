import { encodeBytes32String, type Provider, ZeroAddress } from "ethers";
import { backstopPoolAbi } from "../../sdk/src/abis/BackstopPool.ts";
import { circuitBreakerAbi } from "../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { liquidationEngineAbi } from "../../sdk/src/abis/LiquidationEngine.ts";
import { liquidityPoolAbi } from "../../sdk/src/abis/LiquidityPool.ts";
import { lossWaterfallAbi } from "../../sdk/src/abis/LossWaterfall.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { reserveVaultAbi } from "../../sdk/src/abis/ReserveVault.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { riskStewardAbi } from "../../sdk/src/abis/RiskSteward.ts";
import { streamsFeedAbi } from "../../sdk/src/abis/StreamsFeed.ts";
import type { Manifest, ManifestMarket, ManifestSecondary } from "../../sdk/src/manifest.ts";
import { CAPPED_TIERS, TIERS } from "../../sdk/src/math/lossWaterfall.ts";
import {
  type MarketParameters,
  type OracleParameters,
  RISK_PARAMETERS,
  regimeCapsOf,
  type SecondaryParameters,
} from "../../sdk/src/parameters.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { NO_LIMITS, stewardLimitsOf } from "../steward.ts";

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
    creditSettings(provider, manifest),
    ...manifest.markets.map((market) => marketSettings(provider, manifest, market)),
    ...manifest.markets.map((market) => stewardSettings(provider, manifest, market)),
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
    protocol: contracts.reserveVault,
    credit: contracts.creditVault,
    backstop: contracts.backstopPool,
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
    "riskSteward",
    "insuranceFund",
    "reserveVault",
    "delayedOrders",
    "signedOrders",
    "creditVault",
    "collateralAuction",
    "lens",
    "defaultLens",
    "liquidationMap",
    "backstopPool",
  ] as const;
  const backstop = typedContract(backstopPoolAbi, contracts.backstopPool, provider);
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
    {
      name: "risk engine of riskSteward",
      expected: contracts.riskEngine,
      actual: await typedContract(riskStewardAbi, contracts.riskSteward, provider).call(
        "RISK_ENGINE",
        [],
      ),
    },
    { name: "token", expected: contracts.token, actual: await house.call("TOKEN", []) },
    {
      name: "liquidationDepositUsd",
      expected: parameters.liquidationDepositUsd,
      actual: await house.call("LIQUIDATION_DEPOSIT", []),
    },
    ...(await Promise.all(
      CAPPED_TIERS.map(async (tier) => ({
        name: `houseEpochCaps.${tier}`,
        expected: parameters.houseEpochCaps[tier],
        actual: await waterfall.call("houseEpochCap", [TIERS[tier]]),
      })),
    )),
    {
      name: "reserve.soleDepositor",
      expected: parameters.reserve.soleDepositor ?? manifest.deployer,
      actual: await typedContract(reserveVaultAbi, contracts.reserveVault, provider).call(
        "SOLE_DEPOSITOR",
        [],
      ),
    },
    {
      name: "backstop.penaltyShare",
      expected: parameters.backstop.penaltyShare,
      actual: await house.call("backstopShare", []),
    },
    {
      name: "backstop.maxLeverage",
      expected: parameters.backstop.maxLeverage,
      actual: await backstop.call("maxLeverage", []),
    },
    {
      name: "token of backstopPool",
      expected: contracts.token,
      actual: await backstop.call("asset", []),
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

async function creditSettings(
  provider: Provider,
  { contracts, parameters, collateral }: Manifest,
): Promise<Setting[]> {
  const vault = typedContract(creditVaultAbi, contracts.creditVault, provider);
  const oracle = typedContract(oracleRouterAbi, contracts.oracleRouter, provider);
  const auction = typedContract(collateralAuctionAbi, contracts.collateralAuction, provider);
  const rates = await vault.call("rateTerms", []);
  const listed = await vault.call("listedCollateral", []);
  const settings: Setting[] = [
    {
      name: "auction of creditVault",
      expected: contracts.collateralAuction,
      actual: await vault.call("auction", []),
    },
    {
      name: "vault of collateralAuction",
      expected: contracts.creditVault,
      actual: await auction.call("VAULT", []),
    },
    {
      name: "listed collateral",
      expected: collateral.map(({ asset }) => asset),
      actual: listed,
    },
    ...settingsOf("credit rates", parameters.credit.rates, rates),
  ];
  const terms = await Promise.all(
    collateral.map(async ({ symbol, asset, priceMarket, feed, secondary, decimals }, index) => {
      const chosen = parameters.credit.collateral[index];
      if (chosen === undefined) throw new Error(`The manifest has no parameters of ${symbol}`);
      const { config } = await oracle.call("feedOf", [BigInt(priceMarket)]);
      const actual = await vault.call("collateralTermsOf", [asset]);
      return [
        ...settingsOf(`${symbol} oracle`, expectedFeed(feed.address, chosen.oracle), config),
        ...(await secondarySettings(provider, contracts.oracleRouter, {
          ...{ symbol, secondary, chosen: chosen.secondary, price: BigInt(priceMarket) },
        })),
        ...settingsOf(`${symbol} terms`, { priceMarket, ...chosen.terms }, actual.terms),
        { name: `${symbol} decimals`, expected: decimals, actual: actual.assetDecimals },
      ];
    }),
  );
  return [...settings, ...terms.flat()];
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
  const backstop = typedContract(backstopPoolAbi, contracts.backstopPool, provider);
  const breaker = typedContract(circuitBreakerAbi, contracts.circuitBreaker, provider);
  const pool = typedContract(liquidityPoolAbi, market.pool, provider);
  const { config } = await oracle.call("feedOf", [id]);
  const groups: [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>][] = [
    ["oracle", expectedFeed(market.feed.address, chosen.oracle), config],
    ["terms", expectedTerms(market, chosen), await house.call("termsOf", [id])],
    ["risk", chosen.risk, await risk.call("riskTermsOf", [id])],
    [
      "adaptive",
      expectedAdaptive(contracts.oracleRouter, chosen.adaptive),
      await risk.call("adaptiveTermsOf", [id]),
    ],
    ["cover", chosen.cover, await risk.call("coverTermsOf", [id])],
    ["liquidation", chosen.liquidation, await engine.call("liquidationTermsOf", [id])],
    ["auctions", chosen.auctions, await engine.call("auctionTermsOf", [id])],
    ["insurance", chosen.insurance, await waterfall.call("insuranceTermsOf", [id])],
    [
      "tiers.protocol",
      chosen.tiers.protocol,
      await waterfall.call("tierTermsOf", [id, TIERS.protocol]),
    ],
    [
      "tiers.backstop",
      chosen.tiers.backstop,
      await waterfall.call("tierTermsOf", [id, TIERS.backstop]),
    ],
    ["split", chosen.split, await waterfall.call("splitTermsOf", [id])],
    ["orders", chosen.orders, await orders.call("orderTermsOf", [id])],
    ["backstop", chosen.backstop, await backstop.call("backstopTermsOf", [id])],
    ["breaker", chosen.breaker, await breaker.call("breakerTermsOf", [id])],
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
  const { symbol, secondary } = market;
  return [
    ...groups.flatMap(([group, expected, actual]) =>
      settingsOf(`${symbol} ${group}`, expected, actual),
    ),
    ...(await secondarySettings(provider, contracts.oracleRouter, {
      ...{ symbol, secondary, chosen: chosen.secondary, price: id },
    })),
  ];
}

interface SecondaryChoice {
  readonly symbol: string;
  readonly secondary: ManifestSecondary | null;
  readonly chosen: SecondaryParameters | null;
  /** Number of the price in the oracle router. */
  readonly price: bigint;
}

/** What the router knows of a second source, and what the feed of a stream was made with. */
async function secondarySettings(
  provider: Provider,
  oracleRouter: string,
  { symbol, secondary, chosen, price }: SecondaryChoice,
): Promise<Setting[]> {
  const { config } = await typedContract(oracleRouterAbi, oracleRouter, provider).call(
    "secondaryOf",
    [price],
  );
  const settings = settingsOf(
    `${symbol} secondary`,
    {
      feed: secondary?.address ?? ZeroAddress,
      maxAge: chosen?.maxAgeSeconds ?? 0,
      maxDeviation: chosen?.maxDeviation ?? 0n,
    },
    config,
  );
  if (secondary === null || chosen?.feed.kind !== "stream") return settings;
  const { verifier, streamId, decimals, reportSeconds, description } = chosen.feed;
  const stream = typedContract(streamsFeedAbi, secondary.address, provider);
  return [
    ...settings,
    ...settingsOf(
      `${symbol} stream`,
      { verifier, streamId, decimals, reportSeconds, description },
      {
        verifier: await stream.call("VERIFIER", []),
        streamId: await stream.call("STREAM_ID", []),
        decimals: await stream.call("decimals", []),
        reportSeconds: await stream.call("MAX_AGE", []),
        description: await stream.call("description", []),
      },
    ),
  ];
}

async function stewardSettings(
  provider: Provider,
  { contracts, parameters }: Manifest,
  { id, symbol }: ManifestMarket,
): Promise<Setting[]> {
  const chosen = parameters.markets[id];
  if (chosen === undefined) throw new Error(`The manifest has no parameters of ${symbol}`);
  const steward = typedContract(riskStewardAbi, contracts.riskSteward, provider);
  const expected = new Map(
    stewardLimitsOf(chosen, parameters.steward).map(({ name, limits }) => [name, limits]),
  );
  const settings = await Promise.all(
    RISK_PARAMETERS.map(async (name, parameter) =>
      settingsOf(
        `${symbol} steward.${name}`,
        { ...(expected.get(name) ?? NO_LIMITS) },
        await steward.call("limitsOf", [BigInt(id), BigInt(parameter)]),
      ),
    ),
  );
  return settings.flat();
}

/** One setting for each value of a group that the chain has. */
function settingsOf(
  group: string,
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): Setting[] {
  return Object.entries(actual).map(([key, value]) => ({
    name: `${group}.${key}`,
    expected: expected[key],
    actual: value,
  }));
}

/** All zero where margins stand still. */
function expectedAdaptive(oracleRouter: string, adaptive: MarketParameters["adaptive"]) {
  if (adaptive === null) {
    return { source: ZeroAddress, horizonSeconds: 0, deviations: 0n, regimeCaps: [0n, 0n, 0n, 0n] };
  }
  const { horizonSeconds, deviations } = adaptive;
  return { source: oracleRouter, horizonSeconds, deviations, regimeCaps: regimeCapsOf(adaptive) };
}

function expectedFeed(feed: string, oracle: OracleParameters) {
  const { maxAgeSeconds, floor, ceiling, jumpBand, bucketSeconds } = oracle;
  return {
    feed,
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
