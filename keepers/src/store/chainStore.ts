import { z } from "zod";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import type { Database } from "./database.ts";

/** Where the reading of logs has come to. */
export interface Cursor {
  readonly number: number;
  readonly hash: string;
}

/** An order that waits. */
export interface OpenOrder {
  readonly id: bigint;
  readonly account: AccountId;
  readonly market: number;
  /** D18{base} */
  readonly sizeDelta: bigint;
  /** Member of IDelayedOrders.TriggerKind. */
  readonly trigger: number;
  /** D18{USD/base} */
  readonly triggerPrice: bigint;
  /** D18{USD} */
  readonly keeperFeeUsd: bigint;
  /** {s} */
  readonly expiry: number;
  /** {s} */
  readonly committedAt: number;
}

export type PoolRequestKind = "deposit" | "redemption";

/** A liquidity provider's request that waits. */
export interface PoolRequest {
  readonly market: number;
  readonly kind: PoolRequestKind;
  readonly id: bigint;
  /** {s} */
  readonly readyAt: number;
}

/** What the events of a stretch of blocks say. */
export interface BlockFacts {
  readonly touched: readonly { readonly block: number; readonly account: AccountId }[];
  /** Accounts named by an event of the credit vault. */
  readonly creditTouched: readonly { readonly block: number; readonly account: AccountId }[];
  readonly ordersCommitted: readonly (OpenOrder & { readonly block: number })[];
  readonly ordersClosed: readonly { readonly id: bigint; readonly block: number }[];
  readonly requestsMade: readonly (PoolRequest & { readonly block: number })[];
  readonly requestsClosed: readonly (Omit<PoolRequest, "readyAt"> & { readonly block: number })[];
}

const bigintText = z.string().transform(BigInt);
const cursorRow = z.object({ number: z.int(), hash: z.string() });
const accountRow = z.object({ id: bigintText }).transform(({ id }) => id);
const touchRow = z.object({ account: bigintText }).transform(({ account }) => account);
const orderRow = z
  .object({
    id: bigintText,
    account: bigintText,
    market: z.int(),
    size_delta: bigintText,
    trigger: z.int(),
    trigger_price: bigintText,
    keeper_fee: bigintText,
    expiry: z.int(),
    committed_at: z.int(),
  })
  .transform(
    (row): OpenOrder => ({
      id: row.id,
      account: row.account,
      market: row.market,
      sizeDelta: row.size_delta,
      trigger: row.trigger,
      triggerPrice: row.trigger_price,
      keeperFeeUsd: row.keeper_fee,
      expiry: row.expiry,
      committedAt: row.committed_at,
    }),
  );
const requestRow = z
  .object({
    market: z.int(),
    kind: z.enum(["deposit", "redemption"]),
    id: bigintText,
    ready_at: z.int(),
  })
  .transform(
    (row): PoolRequest => ({
      market: row.market,
      kind: row.kind,
      id: row.id,
      readyAt: row.ready_at,
    }),
  );

/** Which events are read; another number reads the chain anew. */
const READER = "2";

const READ_TABLES = ["blocks", "touches", "accounts", "credit_accounts", "orders", "pool_requests"];

/** What was read off the chain, with the block it came from, so that a reorganisation takes back exactly what it undoes. */
export class ChainStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The last block whose events are in the store. */
  cursor(): Cursor | undefined {
    return this.#database.get(
      cursorRow,
      "SELECT number, hash FROM blocks ORDER BY number DESC LIMIT 1",
    );
  }

  /** The hash of a block that was read; undefined where it is not remembered. */
  hashAt(number: number): string | undefined {
    return this.#database.get(cursorRow, "SELECT number, hash FROM blocks WHERE number = ?", number)
      ?.hash;
  }

  /** Blocks remembered at or below a height, newest first. */
  blocksDownFrom(number: number): Cursor[] {
    return this.#database.all(
      cursorRow,
      "SELECT number, hash FROM blocks WHERE number <= ? ORDER BY number DESC",
      number,
    );
  }

  /** Adds what happened and moves the cursor, both or neither. Blocks older than `keepFrom` are no longer needed to find a common ancestor. */
  commit({
    blocks,
    facts,
    keepFrom,
  }: {
    blocks: readonly Cursor[];
    facts: BlockFacts;
    keepFrom: number;
  }): void {
    this.#database.transaction(() => {
      for (const { number, hash } of blocks) {
        this.#database.run(
          "INSERT OR REPLACE INTO blocks (number, hash) VALUES (?, ?)",
          number,
          hash,
        );
      }
      this.#add(facts);
      this.#database.run(
        "DELETE FROM blocks WHERE number < ? AND number < (SELECT max(number) FROM blocks)",
        keepFrom,
      );
      this.#database.run("DELETE FROM touches WHERE block < ?", keepFrom);
      this.#database.run("DELETE FROM orders WHERE closed_block < ?", keepFrom);
      this.#database.run("DELETE FROM pool_requests WHERE closed_block < ?", keepFrom);
    });
  }

  #add(facts: BlockFacts): void {
    const run = this.#database.run.bind(this.#database);
    for (const { block, account } of facts.touched) {
      const id = account.toString();
      run("INSERT OR IGNORE INTO accounts (id, seen_block) VALUES (?, ?)", id, block);
      run("INSERT OR IGNORE INTO touches (block, account) VALUES (?, ?)", block, id);
    }
    for (const { block, account } of facts.creditTouched) {
      run(
        "INSERT OR IGNORE INTO credit_accounts (id, seen_block) VALUES (?, ?)",
        account.toString(),
        block,
      );
    }
    for (const order of facts.ordersCommitted) {
      run(
        `INSERT OR REPLACE INTO orders (id, account, market, size_delta, trigger, trigger_price, keeper_fee, expiry, committed_at, committed_block, closed_block)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
        order.id.toString(),
        order.account.toString(),
        order.market,
        order.sizeDelta.toString(),
        order.trigger,
        order.triggerPrice.toString(),
        order.keeperFeeUsd.toString(),
        order.expiry,
        order.committedAt,
        order.block,
      );
    }
    for (const { id, block } of facts.ordersClosed) {
      run("UPDATE orders SET closed_block = ? WHERE id = ?", block, id.toString());
    }
    for (const { market, kind, id, readyAt, block } of facts.requestsMade) {
      run(
        "INSERT OR REPLACE INTO pool_requests (market, kind, id, ready_at, requested_block, closed_block) VALUES (?, ?, ?, ?, ?, NULL)",
        market,
        kind,
        id.toString(),
        readyAt,
        block,
      );
    }
    for (const { market, kind, id, block } of facts.requestsClosed) {
      run(
        "UPDATE pool_requests SET closed_block = ? WHERE market = ? AND kind = ? AND id = ?",
        block,
        market,
        kind,
        id.toString(),
      );
    }
  }

  /** Takes back everything above a height. Returns the accounts whose last change is no longer what it was. */
  rollBackTo(number: number): AccountId[] {
    return this.#database.transaction(() => {
      const changed = this.#database.all(
        touchRow,
        "SELECT DISTINCT account FROM touches WHERE block > ?",
        number,
      );
      for (const sql of [
        "DELETE FROM blocks WHERE number > ?",
        "DELETE FROM touches WHERE block > ?",
        "DELETE FROM accounts WHERE seen_block > ?",
        "DELETE FROM credit_accounts WHERE seen_block > ?",
        "DELETE FROM orders WHERE committed_block > ?",
        "UPDATE orders SET closed_block = NULL WHERE closed_block > ?",
        "DELETE FROM pool_requests WHERE requested_block > ?",
        "UPDATE pool_requests SET closed_block = NULL WHERE closed_block > ?",
      ]) {
        this.#database.run(sql, number);
      }
      return changed;
    });
  }

  /** Every account that ever appeared in an event. */
  accounts(): AccountId[] {
    return this.#database.all(accountRow, "SELECT id FROM accounts ORDER BY id");
  }

  /** Every account that ever had to do with the credit vault. */
  creditAccounts(): AccountId[] {
    return this.#database.all(accountRow, "SELECT id FROM credit_accounts ORDER BY id");
  }

  openOrders(): OpenOrder[] {
    return this.#database.all(
      orderRow,
      "SELECT * FROM orders WHERE closed_block IS NULL ORDER BY length(id), id",
    );
  }

  openPoolRequests(): PoolRequest[] {
    return this.#database.all(
      requestRow,
      "SELECT * FROM pool_requests WHERE closed_block IS NULL ORDER BY market, kind, length(id), id",
    );
  }

  /**
   * Forgets everything when the file belongs to another deployment; true when it did. What was read by a reader of fewer events is read again, while what was
   * signed stays.
   */
  bindTo(deployment: string): boolean {
    const known = this.#meta("deployment");
    const isOther = known !== deployment;
    if (!isOther && this.#meta("reader") === READER) return false;
    this.#database.transaction(() => {
      for (const table of isOther ? [...READ_TABLES, "attempts", "intents"] : READ_TABLES) {
        this.#database.run(`DELETE FROM ${table}`);
      }
      for (const [key, value] of [
        ["deployment", deployment],
        ["reader", READER],
      ] as const) {
        this.#database.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
      }
    });
    return known !== undefined && isOther;
  }

  #meta(key: string): string | undefined {
    const row = z.object({ value: z.string() });
    return this.#database.get(row, "SELECT value FROM meta WHERE key = ?", key)?.value;
  }
}
