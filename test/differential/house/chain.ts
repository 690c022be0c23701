import { z } from "zod";
import { revertDataOf } from "../../../sdk/src/errors.ts";
import type { RawLog } from "./codec.ts";

const GAS = `0x${15_000_000n.toString(16)}`;
/** Above any base fee met here; with none given, each transaction is preceded by a question for one. */
const GAS_PRICE = `0x${(100n * 10n ** 9n).toString(16)}`;

interface Provider {
  request(request: { method: string; params: unknown[] }): Promise<unknown>;
}

export interface Transaction {
  readonly to: string;
  readonly data: string;
}

/** What one transaction left behind: its logs, or what it reverted with. */
export interface Trace {
  readonly logs: readonly RawLog[];
  readonly revertData: string | null;
}

const logForm = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber: z.string(),
});

/** A chain in this process, told what to do without waiting for what becomes of it: every transaction is a block of its own, whose logs are fetched later. */
export class Chain {
  readonly #provider: Provider;
  readonly #sender: string;
  #queue: Promise<void> = Promise.resolve();
  /** Of the transactions not yet told of. */
  #reverts: (string | null)[] = [];
  /** {1}, number of the last block told of. */
  #height = 0;

  constructor(provider: Provider, sender: string) {
    this.#provider = provider;
    this.#sender = sender;
  }

  async #request(method: string, ...params: unknown[]): Promise<unknown> {
    return this.#provider.request({ method, params });
  }

  /** To be sent at that second. */
  send({ to, data }: Transaction, timestamp: bigint): void {
    const request = { from: this.#sender, to, data, gas: GAS, gasPrice: GAS_PRICE };
    this.#queue = this.#queue.then(async () => {
      await this.#request("evm_setNextBlockTimestamp", `0x${timestamp.toString(16)}`);
      try {
        await this.#request("eth_sendTransaction", request);
        this.#reverts.push(null);
      } catch (error) {
        const revertData = revertDataOf(error);
        if (revertData === undefined) throw error;
        this.#reverts.push(revertData);
      }
    });
    // Whoever asks for traces learns of it.
    this.#queue.catch(() => undefined);
  }

  /** Of every transaction sent since this was last asked. */
  async traces(): Promise<readonly Trace[]> {
    await this.#queue;
    const reverts = this.#reverts;
    if (reverts.length === 0) return [];
    this.#reverts = [];
    const first = this.#height + 1;
    this.#height += reverts.length;
    const range = { fromBlock: hex(first), toBlock: hex(this.#height) };
    const logs = z.array(logForm).parse(await this.#request("eth_getLogs", range));
    const byBlock = Map.groupBy(logs, ({ blockNumber }) => Number(blockNumber));
    return reverts.map((revertData, i) => ({ revertData, logs: byBlock.get(first + i) ?? [] }));
  }

  /** Asks a contract as of the last block. */
  async call({ to, data }: Transaction): Promise<string> {
    await this.#queue;
    return String(await this.#request("eth_call", { to, data }, "latest"));
  }

  /** Where `restore` leads back to. */
  async snapshot(): Promise<string> {
    await this.#queue;
    this.#height = Number(await this.#request("eth_blockNumber"));
    return String(await this.#request("evm_snapshot"));
  }

  async restore(snapshot: string): Promise<void> {
    await this.#queue.catch(() => undefined);
    this.#queue = Promise.resolve();
    this.#reverts = [];
    await this.#request("evm_revert", snapshot);
    this.#height = Number(await this.#request("eth_blockNumber"));
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
