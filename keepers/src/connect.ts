import { Wallet } from "ethers";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import type { MarketNames } from "../../sdk/src/errors.ts";
import { type Manifest, ManifestError } from "../../sdk/src/manifest.ts";
import { readManifest } from "../../sdk/src/manifestFile.ts";
import type { Config } from "./config/configSchema.ts";
import { type Censor, censorOf } from "./config/secrets.ts";
import { FatalError, messageOf } from "./failures.ts";
import { ChainClient } from "./rpc/chainClient.ts";
import { httpEndpoint } from "./rpc/endpoint.ts";
import { RpcPool, type RpcPoolOptions } from "./rpc/rpcPool.ts";

/** A chain, checked to be the one of the manifest, and who acts on it. */
export interface Connection {
  readonly manifest: Manifest;
  readonly pool: RpcPool;
  readonly client: ChainClient;
  /** Null: nothing is sent. */
  readonly wallet: Wallet | null;
  /** Account of the house that earns. */
  readonly keeper: bigint;
  readonly nameOf: MarketNames;
  readonly censor: Censor;
}

/** Somebody has to be the caller of trial calls, key or not. */
export const NOBODY = "0x000000000000000000000000000000000000dEaD";

export async function connect(
  config: Config,
  onFailure?: RpcPoolOptions["onFailure"],
): Promise<Connection> {
  const manifest = await manifestOf(config.manifest);
  const pool = new RpcPool({
    endpoints: config.rpcUrls.map((url) => httpEndpoint({ url, timeoutMs: config.rpcTimeoutMs })),
    maxLagBlocks: config.maxHeadLagBlocks,
    ...(onFailure === undefined ? {} : { onFailure }),
  });
  const client = new ChainClient(pool);
  await requireChain({ manifest, pool, client, file: config.manifest });
  const wallet = config.privateKey === undefined ? null : new Wallet(config.privateKey);
  const names = new Map(manifest.markets.map(({ id, symbol }) => [BigInt(id), symbol]));
  return {
    manifest,
    pool,
    client,
    wallet,
    keeper: config.keeperAccount ?? accountIdOf(wallet?.address ?? NOBODY),
    nameOf: (market) => names.get(market) ?? String(market),
    censor: censorOf({ rpcUrls: config.rpcUrls, privateKey: config.privateKey ?? null }),
  };
}

async function manifestOf(file: string): Promise<Manifest> {
  try {
    return await readManifest(file);
  } catch (cause) {
    if (cause instanceof ManifestError) throw new FatalError(cause.message, { cause });
    throw cause;
  }
}

/** The manifest's chain, with the manifest's contracts on it. */
async function requireChain({
  manifest,
  pool,
  client,
  file,
}: {
  manifest: Manifest;
  pool: RpcPool;
  client: ChainClient;
  file: string;
}): Promise<void> {
  const answers = await pool.askEach("eth_chainId", []);
  const strangers = [...answers].filter(
    ([, answer]) => typeof answer === "string" && Number(answer) !== manifest.chainId,
  );
  if (strangers.length > 0) {
    const list = strangers.map(([label, answer]) => `${label} is of chain ${Number(answer)}`);
    throw new FatalError(
      `${list.join("; ")}; ${file} is of chain ${manifest.chainId} (${manifest.network}). Change rpcUrls or manifest`,
    );
  }
  if ([...answers.values()].every((answer) => answer instanceof Error)) {
    const reasons = [...answers.values()].map(messageOf);
    throw new FatalError(`No endpoint answers: ${reasons.join("; ")}. Check rpcUrls`);
  }
  const { clearingHouse, lens } = manifest.contracts;
  for (const [name, address] of Object.entries({ clearingHouse, lens })) {
    if ((await client.code(address)) === "0x") {
      throw new FatalError(
        `There is no contract at ${address} (${name} in ${file}). Deploy, or use the manifest of this chain`,
      );
    }
  }
}
