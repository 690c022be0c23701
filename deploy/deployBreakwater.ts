import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type DeploymentResult,
  DeploymentResultType,
  deploy,
  type EIP1193Provider,
} from "@nomicfoundation/ignition-core";
import { BrowserProvider, getAddress } from "ethers";
import hre from "hardhat";
import type { Manifest } from "../sdk/src/manifest.ts";
import type { Parameters } from "../sdk/src/parameters.ts";
import { DeployError } from "./deployError.ts";
import { firstBlockOf } from "./journal.ts";
import { describeDeployment } from "./manifest.ts";
import { breakwaterModule, transactionsOf } from "./modules/breakwater.ts";
import { checkChain } from "./preflight.ts";

export interface DeployOptions {
  /** Signs for the deployer: the provider of a Hardhat connection, in process or over HTTP. */
  readonly provider: EIP1193Provider;
  readonly parameters: Parameters;
  readonly deployer: string;
  /** Where progress is kept, so that an interrupted deployment is resumed; without it nothing is kept, and every deployment is a new one. */
  readonly directory?: string;
  /** Blocks on top of a transaction before the next step relies on it. */
  readonly confirmations?: number;
  readonly pollingIntervalMs?: number;
  /** Called for every transaction sent, with how many there are in all. */
  readonly onTransaction?: (sent: number, total: number) => void;
}

const QUICK_POLLING_MS = 20;

/**
 * Deploys everything the parameters ask for: contracts, wiring, roles, markets. Opens the markets last and then hands the powers over. The same modules
 * serve a testnet, the local chain and the chain inside a test. Artifacts must have been built.
 */
export async function deployBreakwater(options: DeployOptions): Promise<Manifest> {
  const { parameters, directory } = options;
  const deployer = getAddress(options.deployer);
  const reader = new BrowserProvider(options.provider, undefined, { cacheTimeout: -1 });
  await checkChain(reader, parameters);
  const nextBlock = (await reader.getBlockNumber()) + 1;

  const ignitionModule = breakwaterModule(parameters);
  const result = await deploy({
    artifactResolver: new HardhatArtifactResolver(hre.artifacts),
    provider: countTransactions(options, transactionsOf(ignitionModule)),
    ...(directory === undefined ? {} : { deploymentDir: directory }),
    ignitionModule,
    deploymentParameters: {},
    accounts: [deployer],
    defaultSender: deployer,
    config: {
      blockPollingInterval: options.pollingIntervalMs ?? QUICK_POLLING_MS,
      requiredConfirmations: options.confirmations ?? 1,
    },
  });
  const contracts = addressesOf(result);
  const startBlock = directory === undefined ? nextBlock : await firstBlockOf(directory, nextBlock);
  return describeDeployment({ reader, parameters, deployer, contracts, startBlock });
}

/** The provider, telling of each transaction that it sends. */
function countTransactions(
  { provider, onTransaction }: DeployOptions,
  total: number,
): EIP1193Provider {
  if (onTransaction === undefined) return provider;
  let sent = 0;
  return {
    async request(args) {
      const answer = await provider.request(args);
      if (args.method === "eth_sendTransaction") onTransaction(++sent, total);
      return answer;
    },
  };
}

/** Addresses by the deployment's own names, "Module#Contract". */
function addressesOf(result: DeploymentResult): ReadonlyMap<string, string> {
  if (result.type === DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    return new Map(Object.values(result.contracts).map(({ id, address }) => [id, address]));
  }
  if (result.type !== DeploymentResultType.EXECUTION_ERROR) {
    const problems = Object.entries(result.errors).map(([id, errors]) => `${id}: ${errors}`);
    throw new DeployError("refused", `The deployment cannot go on:\n${indent(problems)}`);
  }
  const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
  const timedOut = result.timedOut.map(({ futureId }) => `${futureId}: not confirmed in time`);
  throw new DeployError("failed", `Steps failed:\n${indent([...failed, ...timedOut])}`);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
