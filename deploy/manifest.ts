import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Provider } from "ethers";
import { feedProxyAbi } from "../sdk/src/abis/FeedProxy.ts";
import { testTokenAbi } from "../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../sdk/src/accountId.ts";
import type {
  Manifest,
  ManifestCollateral,
  ManifestFeed,
  ManifestMarket,
  ManifestSecondary,
} from "../sdk/src/manifest.ts";
import {
  type CollateralParameters,
  collateralPriceMarket,
  type FeedParameters,
  type MarketParameters,
  type OracleParameters,
  type Parameters,
  type SecondaryParameters,
} from "../sdk/src/parameters.ts";
import { typedContract } from "../sdk/src/typedContract.ts";
import { SECOND } from "./modules/feed.ts";

export interface Deployment {
  readonly reader: Provider;
  readonly parameters: Parameters;
  readonly deployer: string;
  /** Addresses by the deployment's own names, "Module#Contract". */
  readonly contracts: ReadonlyMap<string, string>;
  readonly startBlock: number;
}

const LIBRARIES = [
  "MarketEvents",
  "Trading",
  "LiquidationPath",
  "SettlementPath",
  "CreditLines",
  "CreditPath",
  "DefaultPath",
  "InventoryPath",
  "LossTiers",
  "MatchPath",
  "CoveragePath",
  "LiquidationMatchPath",
  "TakeOverPath",
  "HouseViews",
  "Governing",
  "Reconciliation",
  "WindDownPath",
  "BackstopRule",
];

/** The manifest of a finished deployment. */
export async function describeDeployment(deployment: Deployment): Promise<Manifest> {
  const { reader, parameters, deployer, startBlock } = deployment;
  const inHouse = (name: string) => addressOf(deployment, `House#${name}`);
  const { token, sequencer, roles } = parameters;
  const tokenAddress =
    token.kind === "existing" ? token.address : addressOf(deployment, "Token#TestToken");
  const erc20 = typedContract(testTokenAbi, tokenAddress, reader);
  return {
    schemaVersion: 1,
    chainId: parameters.chainId,
    network: parameters.network,
    startBlock,
    commit: await currentCommit(),
    deployer,
    contracts: {
      clearingHouse: inHouse("ClearingHouse"),
      oracleRouter: inHouse("OracleRouter"),
      circuitBreaker: inHouse("CircuitBreaker"),
      riskSteward: inHouse("RiskSteward"),
      riskEngine: inHouse("RiskEngine"),
      liquidationEngine: inHouse("LiquidationEngine"),
      lossWaterfall: inHouse("LossWaterfall"),
      insuranceFund: inHouse("InsuranceFund"),
      reserveVault: inHouse("ReserveVault"),
      delayedOrders: inHouse("DelayedOrders"),
      signedOrders: inHouse("SignedOrders"),
      creditVault: inHouse("CreditVault"),
      collateralAuction: inHouse("CollateralAuction"),
      lens: inHouse("Lens"),
      defaultLens: inHouse("DefaultLens"),
      reportRelay: inHouse("ReportRelay"),
      liquidationMap: inHouse("LiquidationMap"),
      backstopPool: inHouse("BackstopPool"),
      accessManager: addressOf(deployment, "Access#AccessManager"),
      token: tokenAddress,
    },
    libraries: Object.fromEntries(LIBRARIES.map((name) => [name, inHouse(name)])),
    token: {
      symbol: await erc20.call("symbol", []),
      decimals: Number(await erc20.call("decimals", [])),
      faucet: token.kind === "test",
    },
    sequencerFeed:
      sequencer === null
        ? null
        : (sequencer.address ?? addressOf(deployment, "Sequencer#MockSequencerFeed")),
    roles: {
      governor: roles.governor ?? deployer,
      guardian: roles.guardian ?? deployer,
      steward: roles.steward ?? deployer,
      forecaster: roles.forecaster,
    },
    markets: await Promise.all(
      parameters.markets.map((market, id) => describeMarket(deployment, market, id)),
    ),
    collateral: await Promise.all(
      parameters.credit.collateral.map((each, index) =>
        describeCollateral(deployment, each, index),
      ),
    ),
    parameters,
  };
}

async function describeMarket(
  deployment: Deployment,
  { symbol, feed, oracle, secondary }: MarketParameters,
  id: number,
): Promise<ManifestMarket> {
  const pool = addressOf(deployment, `Market_${symbol}#LiquidityPool`);
  return {
    id,
    symbol,
    pool,
    poolAccount: accountIdOf(pool),
    feed: await describeFeed(deployment, `Market_${symbol}`, { feed, oracle }),
    secondary: await describeSecondary(deployment, `Market_${symbol}`, secondary),
    opened: true,
  };
}

async function describeCollateral(
  deployment: Deployment,
  { symbol, token, feed, oracle, secondary }: CollateralParameters,
  index: number,
): Promise<ManifestCollateral> {
  const module = `Collateral_${symbol}`;
  const asset =
    token.kind === "existing" ? token.address : addressOf(deployment, `${module}#TestToken`);
  const erc20 = typedContract(testTokenAbi, asset, deployment.reader);
  return {
    symbol,
    asset,
    decimals: Number(await erc20.call("decimals", [])),
    faucet: token.kind === "test",
    priceMarket: collateralPriceMarket(index),
    feed: await describeFeed(deployment, module, { feed, oracle }),
    secondary: await describeSecondary(deployment, module, secondary),
  };
}

interface FeedChoice {
  readonly feed: FeedParameters;
  readonly oracle: OracleParameters;
}

async function describeFeed(
  deployment: Deployment,
  module: string,
  { feed, oracle }: FeedChoice,
): Promise<ManifestFeed> {
  const inModule = (name: string) => addressOf(deployment, `${module}#${name}`);
  const address = feed.kind === "chainlink" ? feed.address : inModule("FeedProxy");
  const aggregator = typedContract(feedProxyAbi, address, deployment.reader);
  return {
    address,
    description: await aggregator.call("description", []),
    decimals: Number(await aggregator.call("decimals", [])),
    heartbeatSeconds: oracle.heartbeatSeconds,
    replay: feed.kind === "replay" ? inModule("ReplayFeed") : null,
  };
}

async function describeSecondary(
  deployment: Deployment,
  module: string,
  secondary: SecondaryParameters | null,
): Promise<ManifestSecondary | null> {
  if (secondary === null) return null;
  const { feed } = secondary;
  const inModule = (name: string) => addressOf(deployment, `${module}#${SECOND}${name}`);
  const deployed = feed.kind === "stream" ? "StreamsFeed" : "FeedProxy";
  const address = feed.kind === "chainlink" ? feed.address : inModule(deployed);
  const aggregator = typedContract(feedProxyAbi, address, deployment.reader);
  return {
    address,
    description: await aggregator.call("description", []),
    decimals: Number(await aggregator.call("decimals", [])),
    replay: feed.kind === "replay" ? inModule("ReplayFeed") : null,
    takesReports: feed.kind === "stream",
  };
}

function addressOf({ contracts }: Deployment, id: string): string {
  const address = contracts.get(id);
  if (address === undefined) throw new Error(`The deployment has no contract ${id}`);
  return address;
}

const run = promisify(execFile);

/** The commit of this checkout, "-dirty" when tracked files differ from it; null outside a checkout. */
async function currentCommit(): Promise<string | null> {
  const options = { cwd: import.meta.dirname };
  try {
    const { stdout: commit } = await run("git", ["rev-parse", "HEAD"], options);
    const status = ["status", "--porcelain", "--untracked-files=no"];
    const { stdout: changes } = await run("git", status, options);
    return commit.trim() + (changes.trim() === "" ? "" : "-dirty");
  } catch {
    return null; // no git, or no checkout: the manifest says so
  }
}
