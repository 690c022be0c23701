// A chain of its own for one run: Hardhat's node inside this process, served over HTTP to everybody else. Nothing is mined but on
// request, so blocks have the times of the price path and a run does not depend on how fast the machine is.

import { HDNodeWallet, JsonRpcProvider, type TransactionReceipt } from "ethers";
import hre from "hardhat";
import { z } from "zod";

/** Everybody's keys, of accounts that only exist here: the phrase every development chain uses. */
const PHRASE = "test test test test test test test test test test test junk";
const CHAIN_ID = 31337;
const HOST = "127.0.0.1";
const BLOCK_GAS_LIMIT = 300_000_000n;
/** Of a transaction sent without one: an estimate would have to be made before the transactions it follows are mined. */
const DEFAULT_GAS = 2_000_000n;
/** {wei/gas} Given, so that the node need not work out what to offer for each. Ten times the first base fee, which only falls in blocks this empty. */
const FEES = { maxFeePerGas: "0x2540be400", maxPriorityFeePerGas: "0x3b9aca00" };

export interface Call {
  readonly to: string | null;
  readonly data: string;
  readonly gas?: bigint;
}

export interface MinedBlock {
  readonly number: number;
  /** {s} */
  readonly timestamp: bigint;
  /** When it was there, on this machine's clock. */
  readonly minedAtMs: number;
  /** In the order of the block. */
  readonly receipts: readonly TransactionReceipt[];
}

const blockSchema = z.object({
  number: z.string(),
  timestamp: z.string(),
  transactions: z.array(z.string()),
});

/** A transaction of the demo's own that failed; such a run proves nothing. */
export class TransactionFailed extends Error {
  override readonly name = "TransactionFailed";
}

export class LocalChain {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** The node signs for them. */
  readonly accounts: readonly string[];
  readonly #close: () => Promise<void>;
  readonly #own = new Set<string>();
  #latest: MinedBlock;

  private constructor(
    parts: Pick<LocalChain, "url" | "provider" | "accounts"> & {
      latest: MinedBlock;
      close: () => Promise<void>;
    },
  ) {
    this.url = parts.url;
    this.provider = parts.provider;
    this.accounts = parts.accounts;
    this.#latest = parts.latest;
    this.#close = parts.close;
  }

  /** Starts one that mines every transaction at once, until `mineOnRequest`. */
  static async start(options: {
    readonly accounts: number;
    /** {s} Time of the first block. */
    readonly startsAt: bigint;
  }): Promise<LocalChain> {
    const override = {
      chainId: CHAIN_ID,
      initialDate: new Date(Number(options.startsAt) * 1000),
      accounts: { mnemonic: PHRASE, count: options.accounts },
      // First come, first served: whose fee is higher plays no role here.
      mining: { auto: true, mempool: { order: "fifo" as const } },
      blockGasLimit: BLOCK_GAS_LIMIT,
      // Pages of the lens are read in calls far larger than any transaction.
      transactionGasCap: false as const,
    };
    const server = await hre.network.createServer({ network: "default", override }, HOST, 0);
    const { port } = await server.listen();
    const url = `http://${HOST}:${port}`;
    const provider = new JsonRpcProvider(url, CHAIN_ID, {
      staticNetwork: true,
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
    const accounts = z.array(z.string()).parse(await provider.send("eth_accounts", []));
    const latest = await readBlock(provider);
    const close = async () => {
      provider.destroy();
      await server.close();
    };
    return new LocalChain({ url, provider, accounts, latest, close });
  }

  /** From here on transactions wait for `mine`. */
  async mineOnRequest(): Promise<void> {
    await this.provider.send("evm_setAutomine", [false]);
    this.#latest = await readBlock(this.provider);
  }

  get head(): number {
    return this.#latest.number;
  }

  /** {s} Of the newest block. */
  get now(): bigint {
    return this.#latest.timestamp;
  }

  /** The same node for those who ask as wallets do. */
  get eip1193() {
    return {
      request: ({
        method,
        params = [],
      }: {
        method: string;
        params?: readonly unknown[] | object;
      }) => this.provider.send(method, Array.isArray(params) ? [...params] : { ...params }),
    };
  }

  account(index: number): string {
    const address = this.accounts[index];
    if (address === undefined) throw new RangeError(`the chain has no account ${index}`);
    return address;
  }

  /** For who does not let the node sign. */
  privateKeyOf(index: number): string {
    return HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`).privateKey;
  }

  /** Hands a transaction to the node; it is in the next block. */
  async send(from: string, { to, data, gas = DEFAULT_GAS }: Call): Promise<string> {
    const transaction = {
      from,
      data,
      gas: `0x${gas.toString(16)}`,
      ...FEES,
      ...(to === null ? {} : { to }),
    };
    const hash = z.string().parse(await this.provider.send("eth_sendTransaction", [transaction]));
    this.#own.add(hash);
    return hash;
  }

  /** How many transactions wait for a block. */
  async pendingCount(): Promise<number> {
    return z.array(z.unknown()).parse(await this.provider.send("eth_pendingTransactions", []))
      .length;
  }

  /** Mines a block with whatever waits, at `timestamp` or, when that has passed, a second after the last one. */
  async mine(timestamp: bigint): Promise<MinedBlock> {
    const at = timestamp > this.now ? timestamp : this.now + 1n;
    await this.provider.send("evm_setNextBlockTimestamp", [Number(at)]);
    await this.provider.send("evm_mine", []);
    const block = await readBlock(this.provider);
    this.#latest = block;
    for (const receipt of block.receipts) {
      if (this.#own.delete(receipt.hash) && receipt.status !== 1) await this.#explain(receipt);
    }
    return block;
  }

  async close(): Promise<void> {
    await this.#close();
  }

  /** Repeats a failed transaction as a call, which says why. */
  async #explain(receipt: TransactionReceipt): Promise<never> {
    const transaction = await receipt.getTransaction();
    let cause: unknown;
    try {
      const { from, to, data } = transaction;
      await this.provider.call({ from, to, data, blockTag: receipt.blockNumber - 1 });
    } catch (error) {
      cause = error;
    }
    throw new TransactionFailed(`transaction ${receipt.hash} failed`, { cause });
  }
}

async function readBlock(provider: JsonRpcProvider): Promise<MinedBlock> {
  const minedAtMs = performance.now();
  const block = blockSchema.parse(await provider.send("eth_getBlockByNumber", ["latest", false]));
  const receipts = await Promise.all(
    block.transactions.map(async (hash) => {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt === null) throw new Error(`the node has no receipt of ${hash}`);
      return receipt;
    }),
  );
  return { number: Number(block.number), timestamp: BigInt(block.timestamp), minedAtMs, receipts };
}
