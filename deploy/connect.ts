import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { computeAddress, getAddress } from "ethers";
import hre from "hardhat";
import { z } from "zod";
import { DeployError } from "./deployError.ts";

export interface Reader {
  readonly provider: EIP1193Provider;
  close(): Promise<void>;
}

/** Its provider signs for the deployer. */
export interface Connection extends Reader {
  readonly deployer: string;
}

export interface ConnectOptions {
  /** A network of hardhat.config.ts. */
  readonly network: string;
  /** The chain that must answer. */
  readonly chainId: number;
  /** Instead of the network's own. */
  readonly rpcUrl?: string | undefined;
}

/** The networks a deployment can go to. */
export function knownNetworks(): string[] {
  return Object.entries(hre.config.networks).flatMap(([name, config]) =>
    config.type === "http" ? [name] : [],
  );
}

/** Connects to a network with the deployer's key. What is missing or wrong has its own message; secrets are in none of them. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { network } = options;
  const url = await urlOf(options);
  const remote = httpConfig(network).accounts === "remote";
  const key = remote ? undefined : await readKey(network);
  await requireChain(url, options.chainId, network);
  const connection = await hre.network.create({
    network,
    override: key === undefined ? { url } : { url, accounts: [key] },
  });
  const { provider } = connection;
  return {
    provider,
    deployer: key === undefined ? await firstAccount(provider, url) : computeAddress(key),
    close: () => connection.close(),
  };
}

/** Connects to a network without any key. */
export async function connectReader(options: ConnectOptions): Promise<Reader> {
  const { network } = options;
  const url = await urlOf(options);
  await requireChain(url, options.chainId, network);
  const override = { url, accounts: "remote" as const };
  const connection = await hre.network.create({ network, override });
  return { provider: connection.provider, close: () => connection.close() };
}

function httpConfig(network: string) {
  const config = hre.config.networks[network];
  if (config?.type === "http") return config;
  throw new DeployError(
    "network",
    `Unknown network "${network}". Known are: ${knownNetworks().join(", ")}.`,
  );
}

async function urlOf({ network, rpcUrl }: ConnectOptions): Promise<string> {
  return checkedUrl(network, rpcUrl ?? (await readUrl(network, httpConfig(network).url)));
}

/** "baseSepolia" → "BASE_SEPOLIA": how the settings of a network begin. */
function prefixOf(network: string): string {
  return network.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

interface Setting {
  get(): Promise<string>;
}

async function readUrl(network: string, setting: Setting): Promise<string> {
  const name = `${prefixOf(network)}_RPC_URL`;
  try {
    return await setting.get();
  } catch (cause) {
    throw missing("rpcUrl", `No RPC URL for ${network}`, name, cause);
  }
}

async function readKey(network: string): Promise<string> {
  const name = `${prefixOf(network)}_PRIVATE_KEY`;
  const { accounts } = httpConfig(network);
  const setting = Array.isArray(accounts) ? accounts[0] : undefined;
  let text: string | undefined;
  try {
    text = await setting?.get();
  } catch (cause) {
    throw missing("key", `No deployer's key for ${network}`, name, cause);
  }
  return checkedKey(name, text ?? "");
}

function missing(kind: "rpcUrl" | "key", what: string, name: string, cause: unknown): DeployError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // The keystore has troubles of its own, such as a wrong password.
  if (!reason.includes("not found")) return new DeployError(kind, `${what}: ${reason}`, { cause });
  return new DeployError(
    kind,
    `${what}. Set ${name} in the environment, or keep it encrypted with: node scripts/bootstrap.mjs hardhat keystore set ${name}`,
    { cause },
  );
}

/** A private key with its prefix, or what is wrong with it; the key itself is never repeated. */
export function checkedKey(name: string, text: string): string {
  const digits = text.trim().replace(/^0x/, "");
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw new DeployError("key", `${name} is no private key: it has characters that are not hex.`);
  }
  if (digits.length !== 64) {
    throw new DeployError(
      "key",
      `${name} is no private key: it has ${digits.length} hex digits, and a key has 64.`,
    );
  }
  try {
    computeAddress(`0x${digits}`);
  } catch {
    // The cause names the key.
    throw new DeployError("key", `${name} is no private key: the curve has none of that value.`);
  }
  return `0x${digits}`;
}

function checkedUrl(network: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new DeployError(
      "rpcUrl",
      `The RPC URL for ${network} is none: it must begin with http:// or https://.`,
    );
  }
  return text;
}

/** The part of an RPC URL that may be shown: paths and queries hold keys. */
function shown(url: string): string {
  return new URL(url).origin;
}

const answerSchema = z.object({ result: z.string().regex(/^0x[0-9a-fA-F]+$/) });
const ANSWER_TIMEOUT_MS = 20_000;

/** Asks the node which chain it is for, before anything else can go wrong in less readable ways. */
async function requireChain(url: string, chainId: number, network: string): Promise<void> {
  const answer = await askChainId(url, network);
  if (answer === BigInt(chainId)) return;
  throw new DeployError(
    "chain",
    `Wrong chain: ${network} is chain ${chainId}, and the node at ${shown(url)} answers for chain ${answer}. Check the RPC URL.`,
  );
}

async function askChainId(url: string, network: string): Promise<bigint> {
  const node = `The node of ${network} at ${shown(url)}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    text = await response.text();
  } catch (cause) {
    const hint = network === "localhost" ? " Start one with: npm run node" : "";
    throw new DeployError("unreachable", `${node} does not answer (${reasonOf(cause)}).${hint}`, {
      cause,
    });
  }
  const answer = answerSchema.safeParse(jsonOrNull(text));
  if (answer.success) return BigInt(answer.data.result);
  const status = response.ok ? "with something that is not JSON-RPC" : `HTTP ${response.status}`;
  throw new DeployError("unreachable", `${node} answers ${status}. Check the RPC URL and its key.`);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no JSON, which the caller reports
  }
}

/** fetch hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.name === "TimeoutError" ? `silent for ${ANSWER_TIMEOUT_MS / 1000} s` : error.message;
}

async function firstAccount(provider: EIP1193Provider, url: string): Promise<string> {
  const accounts = z.array(z.string()).parse(await provider.request({ method: "eth_accounts" }));
  const [first] = accounts;
  if (first !== undefined) return getAddress(first);
  throw new DeployError("key", `The node at ${shown(url)} has no accounts that it signs for.`);
}
