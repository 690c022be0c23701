import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { BrowserProvider } from "ethers";
import hre from "hardhat";
import { checkDeployment } from "../deploy/checkDeployment.ts";
import {
  type Connection,
  connect,
  connectReader,
  knownNetworks,
  type Reader,
} from "../deploy/connect.ts";
import { deployBreakwater } from "../deploy/deployBreakwater.ts";
import { DeployError } from "../deploy/deployError.ts";
import { requireFunds } from "../deploy/funds.ts";
import { isBegun } from "../deploy/journal.ts";
import { knownParameters, readParameters, readParametersFile } from "../deploy/readParameters.ts";
import { type Manifest, ManifestError } from "../sdk/src/manifest.ts";
import { readManifest, writeManifest } from "../sdk/src/manifestFile.ts";
import { type Parameters, ParametersError } from "../sdk/src/parameters.ts";

const USAGE = `Usage: npm run deploy -- --network NAME [options]
       npm run deploy:check -- --network NAME [options]

  --network NAME      Where to: localhost, or a network of hardhat.config.ts.
  --parameters FILE   Instead of the network's own, deploy/parameters/NAME.json.
  --rpc-url URL       Instead of the network's own.
  --fresh             Begin anew, whatever was deployed or begun before; the old journal is kept beside the new one.
  --out DIR           Where manifests/ and deployments/ (the journals) are (default deploy).
  --no-build          Use the contracts as they were built last.
  --check             Deploy nothing: compare the chain with its manifest.
  --help              Show this.`;

/** A wrong command line. */
class UsageError extends Error {}

interface Options {
  readonly network: string;
  readonly parameters: string | undefined;
  readonly rpcUrl: string | undefined;
  readonly fresh: boolean;
  readonly out: string;
  readonly build: boolean;
  readonly check: boolean;
}

function readOptions(args: readonly string[]): Options | null {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return null;
  const { network, parameters, fresh, out, check } = values;
  if (network === undefined) {
    throw new UsageError(`Say where to with --network. Known are: ${knownNetworks().join(", ")}.`);
  }
  const rpcUrl = values["rpc-url"];
  return { network, parameters, rpcUrl, fresh, out, build: !values["no-build"], check };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      network: { type: "string" },
      parameters: { type: "string" },
      "rpc-url": { type: "string" },
      fresh: { type: "boolean", default: false },
      out: { type: "string", default: join(import.meta.dirname, "..", "deploy") },
      "no-build": { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;
}

const LOCAL_CHAIN_ID = 31337;

async function parametersFor({ network, parameters }: Options): Promise<Parameters> {
  if (!knownNetworks().includes(network)) {
    const known = knownNetworks().join(", ");
    throw new DeployError("network", `Unknown network "${network}". Known are: ${known}.`);
  }
  if (parameters !== undefined) return readParametersFile(parameters);
  const name = network === "localhost" ? "local" : network;
  if ((await knownParameters()).includes(name)) return readParameters(name);
  throw new DeployError(
    "network",
    `Nothing says what to deploy to ${network}: write deploy/parameters/${name}.json (see sepolia.json), or name a file with --parameters.`,
  );
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return console.log(USAGE);
  const parameters = await parametersFor(options);
  const { network, rpcUrl } = options;
  const target = { network, rpcUrl, chainId: parameters.chainId };
  if (options.check) {
    await using(connectReader(target), async ({ provider }) => {
      await build(options);
      await compare(provider, await readManifest(manifestFile(options, parameters.chainId)));
    });
  } else {
    await using(connect(target), async (connection) => {
      await build(options);
      await deploy(options, parameters, connection);
    });
  }
}

async function using<R extends Reader>(
  connecting: Promise<R>,
  use: (connection: R) => Promise<void>,
): Promise<void> {
  const connection = await connecting;
  try {
    await use(connection);
  } finally {
    await connection.close();
  }
}

async function build(options: Options): Promise<void> {
  if (options.build) await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
}

async function deploy(
  options: Options,
  parameters: Parameters,
  connection: Connection,
): Promise<void> {
  const { provider, deployer } = connection;
  const { chainId, network } = parameters;
  // A local chain forgets everything when it ends, so there is nothing to resume.
  const directory =
    chainId === LOCAL_CHAIN_ID ? undefined : join(options.out, "deployments", `chain-${chainId}`);
  if (directory !== undefined && options.fresh) await setAside(directory);
  const resumed = directory !== undefined && isBegun(directory);
  if (!resumed) {
    await requireFunds(new BrowserProvider(provider), deployer, parameters);
  }
  console.log(
    `${resumed ? "Going on with the deployment" : "Deploying"} to ${network} (chain ${chainId}) as ${deployer}`,
  );
  let sent = 0;
  process.once("SIGINT", () => {
    const advice = directory === undefined ? "" : " Run the same command again to resume.";
    console.error(`\nInterrupted after ${sent} transactions.${advice}`);
    process.exit(130);
  });
  const manifest = await deployBreakwater({
    provider,
    parameters,
    deployer,
    directory,
    onTransaction: (count, total) => {
      sent = count;
      showProgress(count, total);
    },
  });
  endProgress();
  const file = manifestFile(options, chainId);
  await mkdir(join(options.out, "manifests"), { recursive: true });
  await writeManifest(file, manifest);
  if (sent === 0) console.log("Everything was deployed already; no transaction was needed.");
  console.log(summary(manifest, file));
  await compare(provider, manifest);
}

async function setAside(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const aside = `${directory}.${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await rename(directory, aside);
  console.log(`The journal of the earlier deployment is now ${shown(aside)}`);
}

async function compare(provider: EIP1193Provider, manifest: Manifest): Promise<void> {
  const reader = new BrowserProvider(provider, undefined, { cacheTimeout: -1 });
  const problems = await checkDeployment(reader, manifest);
  if (problems.length === 0) {
    return console.log("Checked: code, roles, wiring and parameters equal the manifest.");
  }
  console.error(`The chain differs from the manifest in ${problems.length} places:`);
  for (const problem of problems) console.error(`  ${problem}`);
  process.exitCode = 1;
}

function manifestFile({ out }: Options, chainId: number): string {
  return join(out, "manifests", `${chainId}.json`);
}

function summary(manifest: Manifest, file: string): string {
  const { contracts, markets, roles, deployer, parameters } = manifest;
  const pools = markets.map(({ symbol, pool }) => [`pool of ${symbol}`, pool] as const);
  const rows = [...Object.entries(contracts), ...pools];
  const width = Math.max(...rows.map(([name]) => name.length));
  const delay = parameters.roles.governorDelaySeconds;
  const said = (address: string) => (address === deployer ? `${address} (the deployer)` : address);
  return [
    "",
    ...rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`),
    "",
    `Governor  ${said(roles.governor)}, acts ${delay === 0 ? "at once" : `${delay} s after saying so`}`,
    `Guardian  ${said(roles.guardian)}`,
    `Steward   ${said(roles.steward)}`,
    `Open      ${markets.map(({ symbol }) => symbol).join(", ")}`,
    `Manifest  ${shown(file)}`,
  ].join("\n");
}

function shown(path: string): string {
  return relative(process.cwd(), path) || ".";
}

function showProgress(sent: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r  transaction ${sent} of ${total}`);
}

function endProgress(): void {
  if (process.stdout.isTTY) process.stdout.write("\n");
}

/** Errors whose message is the whole story. */
const PLAIN = [DeployError, ParametersError, ManifestError, UsageError];

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isPlain = PLAIN.some((kind) => error instanceof kind);
  console.error(isPlain && error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  process.exitCode = 1;
}
