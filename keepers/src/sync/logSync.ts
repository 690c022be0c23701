import type { AccountId } from "../../../sdk/src/accountId.ts";
import { RetryableError } from "../failures.ts";
import { asksForTooMuch } from "../rpc/rpcError.ts";
import type { Block, Log } from "../rpc/wire.ts";
import type { ChainStore, Cursor } from "../store/chainStore.ts";
import type { EventReader } from "./houseEvents.ts";
import { bloomMayHold } from "./logsBloom.ts";

/** What the sync asks of a chain. */
export interface ChainReader {
  block(number: number): Promise<Block | null>;
  logs(filter: {
    fromBlock: number;
    toBlock: number;
    addresses: readonly string[];
  }): Promise<readonly Log[]>;
}

export interface LogSyncOptions {
  readonly chain: ChainReader;
  readonly store: ChainStore;
  readonly events: EventReader;
  readonly startBlock: number;
  /** Blocks per request. */
  readonly logRange: number;
  /** How deep a reorganisation can be and still be undone block by block. */
  readonly window?: number;
  readonly onReorg?: (reorg: { depth: number; ancestor: number }) => void;
}

export interface SyncResult {
  readonly head: Block;
  /** Accounts with a change since the last result, those whose change was undone included. */
  readonly touched: ReadonlySet<AccountId>;
  /** Height everything was taken back to; null when nothing was. */
  readonly rolledBackTo: number | null;
}

/** The chain changed while it was read, or an endpoint showed another one. Reading again settles it. */
export class ChainMovedError extends RetryableError {
  override readonly name = "ChainMovedError";
}

/** An endpoint keeps quiet about logs that its own block header announces. */
export class LogsMissingError extends RetryableError {
  override readonly name = "LogsMissingError";
}

const DEFAULT_WINDOW = 128;

/**
 * Reads logs by ranges of blocks. Near the head every block's parent must be the block before it, and every log must be in the block that the chain of
 * hashes says; so a reorganisation is noticed by whoever reads next, and undone to the common ancestor.
 */
export class LogSync {
  readonly #options: LogSyncOptions;
  readonly #window: number;
  #range: number;

  constructor(options: LogSyncOptions) {
    this.#options = options;
    this.#window = options.window ?? DEFAULT_WINDOW;
    this.#range = options.logRange;
  }

  /** Reads up to `headNumber`, or reports that the chain moved: call again then. */
  async advance(headNumber: number): Promise<SyncResult> {
    const { store, startBlock } = this.#options;
    const touched = new Set<AccountId>();
    const head = await this.#blockAt(headNumber);
    const rolledBackTo = await this.#rollBack(head, touched);
    let next = (store.cursor()?.number ?? startBlock - 1) + 1;
    while (next <= headNumber) {
      const safe = headNumber - this.#window;
      const end =
        next <= safe
          ? Math.min(next + this.#range - 1, safe)
          : Math.min(next + this.#range - 1, headNumber);
      const read = await this.#readRange(next, end, head);
      if (read === undefined) continue; // the range was too large and is smaller now
      store.commit({ ...read, keepFrom: headNumber - this.#window });
      for (const { account } of read.facts.touched) touched.add(account);
      next = end + 1;
    }
    return { head, touched, rolledBackTo };
  }

  /** Takes back what is no longer on the chain that ends in `head`. */
  async #rollBack(head: Block, touched: Set<AccountId>): Promise<number | null> {
    const { store, startBlock, onReorg } = this.#options;
    const cursor = store.cursor();
    if (cursor === undefined || (cursor.number === head.number && cursor.hash === head.hash))
      return null;
    if (head.number === cursor.number + 1 && head.parentHash === cursor.hash) return null;
    const ancestor = await this.#commonAncestor(head);
    if (ancestor === cursor.number) return null;
    const target = Math.max(ancestor ?? startBlock - 1, startBlock - 1);
    for (const account of store.rollBackTo(target)) touched.add(account);
    onReorg?.({ depth: cursor.number - target, ancestor: target });
    return target;
  }

  /** Highest remembered block that the chain still has. */
  async #commonAncestor(head: Block): Promise<number | undefined> {
    for (const known of this.#options.store.blocksDownFrom(head.number)) {
      const block =
        known.number === head.number ? head : await this.#options.chain.block(known.number);
      if (block?.hash === known.hash) return known.number;
    }
    return undefined;
  }

  async #readRange(from: number, to: number, head: Block) {
    const { chain, events } = this.#options;
    let logs: readonly Log[];
    try {
      logs = await chain.logs({ fromBlock: from, toBlock: to, addresses: events.addresses });
    } catch (error) {
      if (!asksForTooMuch(error) || from === to) throw error;
      this.#range = Math.max(1, Math.floor((to - from + 1) / 2));
      return undefined;
    }
    const isNear = to > head.number - this.#window;
    const blocks = isNear ? await this.#chainOf(from, to, head) : [await this.#blockAt(to)];
    if (isNear) this.#requireInChain(logs, blocks);
    const dates = new Map(blocks.map((block) => [block.number, block.timestamp]));
    for (const number of events.blocksToDate(logs)) {
      if (!dates.has(number)) dates.set(number, (await this.#blockAt(number)).timestamp);
    }
    const timestampOf = (number: number) => {
      const timestamp = dates.get(number);
      if (timestamp === undefined) throw new ChainMovedError(`Block ${number} has no date`);
      return timestamp;
    };
    return { blocks: blocks.map(cursorOf), facts: events.factsOf(logs, timestampOf) };
  }

  /** Blocks of a range near the head, each the parent of the next, the first following what the store holds. */
  async #chainOf(from: number, to: number, head: Block): Promise<Block[]> {
    const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const blocks = await Promise.all(
      numbers.map((number) => (number === head.number ? head : this.#blockAt(number))),
    );
    let parent = this.#options.store.cursor();
    for (const block of blocks) {
      if (
        parent !== undefined &&
        parent.number === block.number - 1 &&
        block.parentHash !== parent.hash
      ) {
        throw new ChainMovedError(`Block ${block.number} does not follow ${parent.hash}`);
      }
      parent = cursorOf(block);
    }
    return blocks;
  }

  /** Every log is in a block of the chain, and every block's logs have come. */
  #requireInChain(logs: readonly Log[], blocks: readonly Block[]): void {
    const hashes = new Map(blocks.map((block) => [block.number, block.hash]));
    const withLogs = new Set<number>();
    for (const log of logs) {
      if (hashes.get(log.blockNumber) !== log.blockHash) {
        throw new ChainMovedError(
          `A log is in block ${log.blockNumber} ${log.blockHash}, which is not on this chain`,
        );
      }
      withLogs.add(log.blockNumber);
    }
    for (const block of blocks) {
      if (block.logsBloom === undefined || withLogs.has(block.number)) continue;
      if (bloomMayHold(block.logsBloom, this.#options.events.addresses)) this.#onSilence(block);
    }
  }

  #silences = new Map<string, number>();

  /** A bloom filter may err, so the same silence twice is believed; a node that has not yet indexed its newest block speaks the second time. */
  #onSilence(block: Block): void {
    const count = (this.#silences.get(block.hash) ?? 0) + 1;
    if (this.#silences.size > 1_000) this.#silences.clear();
    this.#silences.set(block.hash, count);
    if (count < 3) {
      throw new LogsMissingError(
        `Block ${block.number} announces logs that the endpoint does not return`,
      );
    }
  }

  async #blockAt(number: number): Promise<Block> {
    const block = await this.#options.chain.block(number);
    if (block === null) throw new ChainMovedError(`No endpoint has block ${number}`);
    return block;
  }
}

function cursorOf({ number, hash }: Block): Cursor {
  return { number, hash };
}
