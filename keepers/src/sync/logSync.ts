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
  /** Where `isPlausible` doubts one endpoint's answer, another is asked. */
  logs(
    filter: { fromBlock: number; toBlock: number; addresses: readonly string[] },
    isPlausible?: (logs: readonly Log[]) => boolean,
  ): Promise<readonly Log[]>;
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
  /** Accounts with a change in the credit vault, likewise. */
  readonly creditTouched: ReadonlySet<AccountId>;
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
const SILENCES_DOUBTED = 2;

/**
 * Reads logs by ranges of blocks. Near the head every block's parent must be the block before it, and every log must be in the block that the chain of
 * hashes says; so a reorganisation is noticed by whoever reads next, and undone to the common ancestor.
 */
export class LogSync {
  readonly #options: LogSyncOptions;
  readonly #window: number;
  #range: number;
  /** What an advance that failed half way has read already: it belongs to the next result. */
  readonly #touched = new Set<AccountId>();
  readonly #creditTouched = new Set<AccountId>();
  #rolledBackTo: number | null = null;
  /** How often each block, by its hash, has kept quiet. */
  readonly #silences = new Map<string, number>();

  constructor(options: LogSyncOptions) {
    this.#options = options;
    this.#window = options.window ?? DEFAULT_WINDOW;
    this.#range = options.logRange;
  }

  /** Reads up to `head`, or reports that the chain moved: call again then. */
  async advance(head: Block): Promise<SyncResult> {
    const { store, startBlock } = this.#options;
    const headNumber = head.number;
    await this.#rollBack(head);
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
      for (const { account } of read.facts.touched) this.#touched.add(account);
      for (const { account } of read.facts.creditTouched) this.#creditTouched.add(account);
      next = end + 1;
    }
    const result = {
      head,
      touched: new Set(this.#touched),
      creditTouched: new Set(this.#creditTouched),
      rolledBackTo: this.#rolledBackTo,
    };
    this.#touched.clear();
    this.#creditTouched.clear();
    this.#rolledBackTo = null;
    return result;
  }

  /** Takes back what is no longer on the chain that ends in `head`. */
  async #rollBack(head: Block): Promise<void> {
    const { store, startBlock, onReorg } = this.#options;
    const cursor = store.cursor();
    if (cursor === undefined || (cursor.number === head.number && cursor.hash === head.hash))
      return;
    if (head.number === cursor.number + 1 && head.parentHash === cursor.hash) return;
    const ancestor = await this.#commonAncestor(head);
    if (ancestor === cursor.number) return;
    const target = Math.max(ancestor ?? startBlock - 1, startBlock - 1);
    // Of the few that have credit all are read again; which of them changed is not kept.
    for (const account of store.creditAccounts()) this.#creditTouched.add(account);
    for (const account of store.rollBackTo(target)) this.#touched.add(account);
    this.#rolledBackTo = Math.min(target, this.#rolledBackTo ?? target);
    onReorg?.({ depth: cursor.number - target, ancestor: target });
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
    const isNear = to > head.number - this.#window;
    const blocks = isNear ? await this.#chainOf(from, to, head) : [await this.#blockAt(to)];
    let logs: readonly Log[];
    try {
      logs = await chain.logs(
        { fromBlock: from, toBlock: to, addresses: events.addresses },
        (answer) => !isNear || this.#silentBlocks(answer, blocks).length === 0,
      );
    } catch (error) {
      if (!asksForTooMuch(error) || from === to) throw error;
      this.#range = Math.max(1, Math.floor((to - from + 1) / 2));
      return undefined;
    }
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
    for (const log of logs) {
      if (hashes.get(log.blockNumber) !== log.blockHash) {
        throw new ChainMovedError(
          `A log is in block ${log.blockNumber} ${log.blockHash}, which is not on this chain`,
        );
      }
    }
    for (const block of this.#silentBlocks(logs, blocks)) this.#onSilence(block);
  }

  /** Blocks whose header announces logs of ours that are not among these. */
  #silentBlocks(logs: readonly Log[], blocks: readonly Block[]): Block[] {
    const withLogs = new Set(logs.map(({ blockNumber }) => blockNumber));
    return blocks.filter(
      ({ number, logsBloom }) =>
        logsBloom !== undefined &&
        !withLogs.has(number) &&
        bloomMayHold(logsBloom, this.#options.events.addresses),
    );
  }

  /** A bloom filter may err, so a silence that lasts is believed; a node that has not yet indexed its newest block speaks the second time. */
  #onSilence({ hash, number }: Block): void {
    const count = (this.#silences.get(hash) ?? 0) + 1;
    if (this.#silences.size > 1_000) this.#silences.clear();
    this.#silences.set(hash, count);
    if (count <= SILENCES_DOUBTED) {
      throw new LogsMissingError(`Block ${number} announces logs that no endpoint returns`);
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
