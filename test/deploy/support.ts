import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import type { Signer } from "ethers";
import { network } from "hardhat";
import { DeployError, type DeployErrorKind } from "../../deploy/deployError.ts";
import type { Abi, Arguments, FunctionName } from "../../sdk/src/abi.ts";
import type { TypedContract } from "../../sdk/src/typedContract.ts";

/** A chain in this process, and its first accounts. */
export async function localChain(chainId = 31337) {
  const { provider, ethers } = await network.create({ override: { chainId } });
  const [deployer, governor, guardian, trader] = await ethers.getSigners();
  if (!deployer || !governor || !guardian || !trader) throw new Error("The chain has no accounts");
  return { provider, reader: ethers.provider, deployer, governor, guardian, trader };
}

/** A node over HTTP whose accounts are unlocked. */
export async function withNode<T>(
  chainId: number,
  use: (node: { url: string; provider: EIP1193Provider }) => Promise<T>,
): Promise<T> {
  const server = await network.createServer({ override: { chainId } }, "127.0.0.1");
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;
  const connection = await network.create({ network: "localhost", override: { url, chainId } });
  try {
    return await use({ url, provider: connection.provider });
  } finally {
    await connection.close();
    await server.close();
  }
}

/** Sends one transaction and waits for it. */
export async function send<A extends Abi, N extends FunctionName<A>>(
  signer: Signer,
  contract: TypedContract<A>,
  name: N,
  args: Arguments<A, N>,
): Promise<void> {
  const sent = await signer.sendTransaction(contract.transaction(name, args));
  await sent.wait();
}

/** A directory that is gone after `use`. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "breakwater-"));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The plain message a deployment was refused with. */
export async function refusalOf(
  attempt: Promise<unknown>,
): Promise<{ kind: DeployErrorKind; message: string }> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error("The deployment was not refused");
}

/** The provider of a node that stops taking transactions after `most`. */
export function failingAfter(most: number, provider: EIP1193Provider): EIP1193Provider {
  let left = most;
  return {
    async request(args) {
      if (args.method === "eth_sendTransaction" && left-- <= 0) throw new ConnectionLost();
      return await provider.request(args);
    },
  };
}

/** The provider of a node that takes transactions, but whose answer to the given one, and all after it, gets lost. */
export function losingAnswers(most: number, provider: EIP1193Provider): EIP1193Provider {
  let left = most;
  return {
    async request(args) {
      const isLost = args.method === "eth_sendTransaction" && left-- <= 0;
      if (left < -1) throw new ConnectionLost();
      const answer = await provider.request(args);
      if (isLost) throw new ConnectionLost();
      return answer;
    },
  };
}

class ConnectionLost extends Error {
  override readonly name = "ProviderError";
  readonly code = -32_000;

  constructor() {
    super("the node went away");
  }
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the deploy command as an operator does, but on the contracts as they are built. */
export function runDeploy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const script = join(import.meta.dirname, "..", "..", "scripts", "deploy.ts");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, ...args, "--no-build"],
      { env: { ...environment(), ...env } },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : Number(error.code ?? 1);
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}

/** Without the settings of whoever runs the tests. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/(_RPC_URL|_PRIVATE_KEY)$/.test(name),
  );
  return Object.fromEntries(kept);
}
