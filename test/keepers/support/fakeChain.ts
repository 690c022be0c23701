import { RpcError } from "../../../keepers/src/rpc/rpcError.ts";
import type { Block, Log } from "../../../keepers/src/rpc/wire.ts";
import type { BlockFacts } from "../../../keepers/src/store/chainStore.ts";
import type { EventReader } from "../../../keepers/src/sync/houseEvents.ts";
import type { ChainReader } from "../../../keepers/src/sync/logSync.ts";
import { hashOf } from "./fakeNode.ts";

const HOUSE = `0x${"22".repeat(20)}`;

interface FakeBlock {
  readonly block: Block;
  /** Accounts that something happens to. */
  readonly touched: readonly bigint[];
}

/** A chain that grows, forks, and refuses what is asked of it. */
export class FakeChain implements ChainReader {
  #blocks: FakeBlock[] = [];
  #fork = 0;
  /** Most blocks that a request for logs may span. */
  maxRange = Number.POSITIVE_INFINITY;
  /** Called before each request for logs; may throw or change the chain. */
  onLogs: (fromBlock: number) => void = () => {};
  logRequests = 0;
  blockRequests = 0;

  constructor(length: number) {
    for (let i = 0; i < length; i++) this.mine([]);
  }

  get head(): Block {
    const last = this.#blocks.at(-1);
    if (last === undefined) throw new Error("The chain is empty");
    return last.block;
  }

  mine(touched: readonly bigint[]): void {
    const number = this.#blocks.length;
    const parent = this.#blocks.at(-1)?.block;
    this.#blocks.push({
      block: {
        number,
        hash: hashOf(number, this.#fork),
        parentHash: parent?.hash ?? hashOf(0, 999),
        timestamp: 1_700_000_000 + number,
      },
      touched,
    });
  }

  /** Replaces the last `depth` blocks by as many others, and one more. */
  reorganise(depth: number, touched: readonly bigint[]): void {
    this.#blocks = this.#blocks.slice(0, this.#blocks.length - depth);
    this.#fork += 1;
    for (let i = 0; i < depth; i++) this.mine([]);
    this.mine(touched);
  }

  /** Every account touched on the chain as it is now. */
  touchedAccounts(): bigint[] {
    return [...new Set(this.#blocks.flatMap(({ touched }) => touched))].sort((a, b) =>
      a < b ? -1 : 1,
    );
  }

  async block(number: number): Promise<Block | null> {
    this.blockRequests += 1;
    return this.#blocks[number]?.block ?? null;
  }

  async logs({
    fromBlock,
    toBlock,
  }: {
    fromBlock: number;
    toBlock: number;
  }): Promise<readonly Log[]> {
    this.logRequests += 1;
    this.onLogs(fromBlock);
    if (toBlock - fromBlock + 1 > this.maxRange) {
      throw new RpcError({
        code: -32000,
        message: "query returned more than 10000 results",
        data: undefined,
      });
    }
    return this.#blocks.slice(fromBlock, toBlock + 1).flatMap(({ block, touched }) =>
      touched.map((account, logIndex) => ({
        address: HOUSE,
        topics: [],
        data: `0x${account.toString(16).padStart(64, "0")}`,
        blockNumber: block.number,
        blockHash: block.hash,
        transactionHash: hashOf(block.number, 5),
        logIndex,
      })),
    );
  }
}

const NOTHING: BlockFacts = {
  touched: [],
  creditTouched: [],
  ordersCommitted: [],
  ordersClosed: [],
  requestsMade: [],
  requestsClosed: [],
};

/** Logs of the fake chain say only which account is touched; an account divisible by 1000 commits the order of its number too. */
export const fakeEvents: EventReader = {
  addresses: [HOUSE],
  blocksToDate: (logs) =>
    logs.filter((log) => BigInt(log.data) % 1_000n === 0n).map(({ blockNumber }) => blockNumber),
  factsOf: (logs, timestampOf) => ({
    ...NOTHING,
    touched: logs.map(({ blockNumber, data }) => ({ block: blockNumber, account: BigInt(data) })),
    ordersCommitted: logs
      .filter((log) => BigInt(log.data) % 1_000n === 0n)
      .map(({ blockNumber, data }) => ({
        block: blockNumber,
        id: BigInt(data),
        account: BigInt(data),
        market: 0,
        sizeDelta: 1n,
        trigger: 0,
        triggerPrice: 0n,
        keeperFeeUsd: 0n,
        expiry: 2_000_000_000,
        committedAt: timestampOf(blockNumber),
      })),
  }),
};
