import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type DeployConfig,
  type DeploymentResult,
  DeploymentResultType,
  deploy,
  type EIP1193Provider,
  wipe,
} from "@nomicfoundation/ignition-core";
import { BrowserProvider, getAddress, type Provider } from "ethers";
import hre from "hardhat";
import type { Manifest } from "../sdk/src/manifest.ts";
import type { Parameters } from "../sdk/src/parameters.ts";
import { DeployError } from "./deployError.ts";
import { firstBlockOf, isBegun, mendJournal } from "./journal.ts";
import { describeDeployment } from "./manifest.ts";
import { breakwaterModule, transactionsOf } from "./modules/breakwater.ts";
import { checkChain } from "./preflight.ts";

export interface DeployOptions {
  /** Signs for the deployer: the provider of a Hardhat connection, in process or over HTTP. */
  readonly provider: EIP1193Provider;
  readonly parameters: Parameters;
  readonly deployer: string;
  /** Where progress is kept, so that an interrupted deployment is resumed; without it nothing is kept, and every deployment is a new one. */
  readonly directory?: string | undefined;
  /** Called for every transaction sent, with how many a whole deployment sends. */
  readonly onTransaction?: (sent: number, total: number) => void;
}

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

  const contracts = await execute(options, deployer);
  await requireContracts(reader, contracts, directory);
  const startBlock = directory === undefined ? nextBlock : await firstBlockOf(directory, nextBlock);
  return describeDeployment({ reader, parameters, deployer, contracts, startBlock });
}

/** Runs the modules; returns addresses by the deployment's own names, "Module#Contract". */
async function execute(
  options: DeployOptions,
  deployer: string,
): Promise<ReadonlyMap<string, string>> {
  const { parameters, directory } = options;
  const ignitionModule = breakwaterModule(parameters);
  const artifactResolver = new HardhatArtifactResolver(hre.artifacts);
  const counter = countTransactions(options, transactionsOf(ignitionModule));
  const { provider } = counter;
  const run = async () =>
    deploy({
      artifactResolver,
      provider,
      ...(directory === undefined ? {} : { deploymentDir: directory }),
      ignitionModule,
      deploymentParameters: {},
      accounts: [deployer],
      defaultSender: deployer,
      config: await paceOf(options.provider, parameters.chainId),
    });
  try {
    if (directory === undefined) return addressesOf(await run());
    if (isBegun(directory)) {
      await mendJournal({ directory, artifactResolver, provider, deployer });
    }
    const result = await run();
    if (result.type !== DeploymentResultType.PREVIOUS_RUN_ERROR) return addressesOf(result);
    // What failed last time is tried again: its reason, such as a feed without a price, may be gone.
    for (const id of Object.keys(result.errors)) await wipe(directory, artifactResolver, id);
    return addressesOf(await run());
  } catch (error) {
    throw explain(error, counter.sent(), directory !== undefined);
  }
}

const LOCAL_CHAIN_ID = 31337;

/** How patiently to wait for transactions. */
async function paceOf(provider: EIP1193Provider, chainId: number): Promise<Partial<DeployConfig>> {
  if (await isAutomining(provider)) return { blockPollingInterval: 20, requiredConfirmations: 1 };
  return chainId === LOCAL_CHAIN_ID
    ? { blockPollingInterval: 100, requiredConfirmations: 1 }
    : { blockPollingInterval: 1_000, requiredConfirmations: 2 };
}

/** Whether a block is made for every transaction, and none without: then nothing is ever confirmed twice. */
async function isAutomining(provider: EIP1193Provider): Promise<boolean> {
  try {
    return (await provider.request({ method: "hardhat_getAutomine", params: [] })) === true;
  } catch {
    return false; // a node that does not know the question is no development node
  }
}

/** The provider, counting the transactions that it sends. */
function countTransactions({ provider, onTransaction }: DeployOptions, total: number) {
  let sent = 0;
  const counting: EIP1193Provider = {
    async request(args) {
      const answer = await provider.request(args);
      if (args.method === "eth_sendTransaction") {
        sent += 1;
        onTransaction?.(sent, total);
      }
      return answer;
    },
  };
  return { provider: counting, sent: () => sent };
}

function addressesOf(result: DeploymentResult): ReadonlyMap<string, string> {
  if (result.type === DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    return new Map(Object.values(result.contracts).map(({ id, address }) => [id, address]));
  }
  if (result.type === DeploymentResultType.EXECUTION_ERROR) {
    const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
    const timedOut = result.timedOut.map(({ futureId }) => `${futureId}: not confirmed in time`);
    const problems = [...failed, ...timedOut];
    const kind = problems.some((text) => /insufficient funds/i.test(text)) ? "funds" : "failed";
    throw new DeployError(
      kind,
      `Steps failed:\n${indent(problems)}\nOnce the reason is gone, the same command tries them again.`,
    );
  }
  const problems = Object.entries(result.errors).map(([id, errors]) => `${id}: ${errors}`);
  if (result.type === DeploymentResultType.VALIDATION_ERROR) {
    throw new DeployError("refused", `The modules do not fit the contracts:\n${indent(problems)}`);
  }
  throw new DeployError(
    "refused",
    `This deployment was begun differently and cannot be finished as it is now:\n${indent(problems)}\n` +
      "Restore the parameters and contracts it was begun with, or begin a new one with --fresh.",
  );
}

/** What the machinery throws when the node or the account fails it in the middle. */
function explain(error: unknown, sent: number, resumable: boolean): unknown {
  if (error instanceof DeployError || !(error instanceof Error)) return error;
  if (!["HardhatError", "ProviderError"].includes(error.name) && !("code" in error)) return error;
  const resume = resumable ? "Run the same command again to resume." : "Run the command again.";
  if (/insufficient funds/i.test(error.message)) {
    const message = `The deployer ran out of funds after ${sent} transactions: ${error.message} Send it more. ${resume}`;
    return new DeployError("funds", message, { cause: error });
  }
  const message = `Interrupted after ${sent} transactions: ${error.message}\n${resume}`;
  return new DeployError("interrupted", message, { cause: error });
}

/** A journal may tell of another chain with the same number, or of one that was reset. */
async function requireContracts(
  reader: Provider,
  contracts: ReadonlyMap<string, string>,
  directory: string | undefined,
): Promise<void> {
  for (const [id, address] of contracts) {
    if ((await reader.getCode(address)) !== "0x") continue;
    throw new DeployError(
      "refused",
      `The journal in ${directory} has ${id} at ${address}, where the chain has no code: the chain was reset, or is another one. ` +
        "Begin a new deployment with --fresh.",
    );
  }
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
