import { type BlockTag, resolveAddress, type TransactionRequest, toBeHex } from "ethers";
import { z } from "zod";
import { EndpointError, RpcError } from "./rpcError.ts";
import type { RpcPool } from "./rpcPool.ts";
import {
  type Block,
  blockSchema,
  countSchema,
  hashSchema,
  hexSchema,
  type Log,
  logSchema,
  quantitySchema,
  type Receipt,
  receiptSchema,
} from "./wire.ts";

/** A call, or a transaction to be estimated. */
export interface CallRequest {
  readonly from?: string;
  readonly to: string;
  readonly data: string;
  readonly gasLimit?: bigint;
}

/** The questions a keeper asks a chain. Answers are checked before anybody relies on them. */
export class ChainClient {
  readonly #pool: RpcPool;

  constructor(pool: RpcPool) {
    this.#pool = pool;
  }

  async chainId(): Promise<number> {
    return this.#ask(countSchema, "eth_chainId", []);
  }

  async pollHead(): Promise<Block> {
    return this.#pool.pollHead();
  }

  /** The block of a height, or null when no endpoint knows it. */
  async block(number: number): Promise<Block | null> {
    const params = [quantityOf(BigInt(number)), false];
    return this.#ask(blockSchema.nullable(), "eth_getBlockByNumber", params, {
      plausible: (result) => result !== null,
    });
  }

  async logs(
    filter: { fromBlock: number; toBlock: number; addresses: readonly string[] },
    isPlausible: (logs: readonly Log[]) => boolean = () => true,
  ): Promise<readonly Log[]> {
    const schema = z.array(logSchema);
    const params = {
      fromBlock: quantityOf(BigInt(filter.fromBlock)),
      toBlock: quantityOf(BigInt(filter.toBlock)),
      address: filter.addresses,
    };
    return this.#ask(schema, "eth_getLogs", [params], {
      plausible: (answer) => {
        const logs = schema.safeParse(answer);
        return logs.success && isPlausible(logs.data);
      },
    });
  }

  /** What contracts of the SDK call through. */
  async call(request: TransactionRequest): Promise<string> {
    const to = await resolveAddress(request.to ?? "");
    const from = request.from == null ? undefined : await resolveAddress(request.from);
    const gas = request.gasLimit == null ? {} : { gas: quantityOf(BigInt(request.gasLimit)) };
    const message = {
      to,
      data: request.data ?? "0x",
      ...(from === undefined ? {} : { from }),
      ...gas,
    };
    return this.#ask(hexSchema, "eth_call", [message, tagOf(request.blockTag)]);
  }

  async estimateGas(request: CallRequest, tag: BlockTag): Promise<bigint> {
    const { from, to, data } = request;
    return this.#ask(quantitySchema, "eth_estimateGas", [{ from, to, data }, tagOf(tag)]);
  }

  async balanceOf(address: string): Promise<bigint> {
    return this.#ask(quantitySchema, "eth_getBalance", [address, "latest"]);
  }

  async transactionCount(address: string, tag: "latest" | "pending"): Promise<number> {
    return this.#ask(countSchema, "eth_getTransactionCount", [address, tag]);
  }

  /** What the node suggests as a tip; 0 where it has no suggestion to make. */
  async priorityFee(): Promise<bigint> {
    try {
      return await this.#ask(quantitySchema, "eth_maxPriorityFeePerGas", []);
    } catch (error) {
      if (error instanceof RpcError) return 0n;
      throw error;
    }
  }

  async receipt(hash: string): Promise<Receipt | null> {
    return this.#ask(receiptSchema.nullable(), "eth_getTransactionReceipt", [hash], {
      plausible: (result) => result !== null,
    });
  }

  /** Hands a signed transaction to every endpoint. */
  async sendRaw(raw: string): Promise<string> {
    return this.#parse(
      hashSchema,
      "eth_sendRawTransaction",
      await this.#pool.broadcast("eth_sendRawTransaction", [raw]),
    );
  }

  async code(address: string): Promise<string> {
    return this.#ask(hexSchema, "eth_getCode", [address, "latest"]);
  }

  async #ask<S extends z.ZodType>(
    schema: S,
    method: string,
    params: readonly unknown[],
    options: { readonly plausible?: (result: unknown) => boolean } = {},
  ): Promise<z.output<S>> {
    return this.#parse(schema, method, await this.#pool.request(method, params, options));
  }

  #parse<S extends z.ZodType>(schema: S, method: string, answer: unknown): z.output<S> {
    const result = schema.safeParse(answer);
    if (result.success) return result.data;
    throw new EndpointError(
      `The answer to ${method} is not understood: ${z.prettifyError(result.error)}`,
    );
  }
}

/** Quantities have no leading zeros. */
function quantityOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function tagOf(tag: BlockTag | null | undefined): string {
  if (tag == null) return "latest";
  if (typeof tag === "string") return tag;
  return quantityOf(BigInt(toBeHex(tag)));
}
