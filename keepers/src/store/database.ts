import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { z } from "zod";
import { FatalError, messageOf } from "../failures.ts";

/** Everything durable of one keeper. What is read off the chain can be read again; what was signed cannot. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, seen_block INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS credit_accounts (id TEXT PRIMARY KEY, seen_block INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS touches (block INTEGER NOT NULL, account TEXT NOT NULL, PRIMARY KEY (block, account)) STRICT;
  CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, market INTEGER NOT NULL, size_delta TEXT NOT NULL, trigger INTEGER NOT NULL,
    trigger_price TEXT NOT NULL, keeper_fee TEXT NOT NULL, expiry INTEGER NOT NULL,
    committed_at INTEGER NOT NULL, committed_block INTEGER NOT NULL, closed_block INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS pool_requests (
    market INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, ready_at INTEGER NOT NULL,
    requested_block INTEGER NOT NULL, closed_block INTEGER, PRIMARY KEY (market, kind, id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS intents (
    id INTEGER PRIMARY KEY, signer TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, data TEXT NOT NULL,
    state TEXT NOT NULL, nonce INTEGER, gas_limit TEXT, outcome TEXT, receipt_block INTEGER, created_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS open_intents ON intents (state);
  CREATE TABLE IF NOT EXISTS attempts (
    hash TEXT PRIMARY KEY, intent INTEGER NOT NULL REFERENCES intents (id), raw TEXT NOT NULL,
    max_fee TEXT NOT NULL, priority_fee TEXT NOT NULL
  ) STRICT;
`;

/** One connection to the keeper's file, with rows checked by schema. */
export class Database {
  readonly #sqlite: DatabaseSync;
  #depth = 0;

  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    this.#sqlite = new DatabaseSync(file);
    try {
      // One keeper, one file: the lock is held until the process ends, however it ends.
      this.#sqlite.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL;",
      );
      this.#sqlite.exec(`PRAGMA synchronous = NORMAL; ${SCHEMA}`);
    } catch (cause) {
      this.#sqlite.close();
      throw new FatalError(
        `${file} cannot be used (${messageOf(cause)}). Another keeper may be using it: give each its own database`,
        { cause },
      );
    }
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#sqlite.prepare(sql).run(...values).lastInsertRowid);
  }

  all<S extends z.ZodType>(row: S, sql: string, ...values: SQLInputValue[]): z.output<S>[] {
    return this.#sqlite
      .prepare(sql)
      .all(...values)
      .map((found) => row.parse(found));
  }

  get<S extends z.ZodType>(
    row: S,
    sql: string,
    ...values: SQLInputValue[]
  ): z.output<S> | undefined {
    const found = this.#sqlite.prepare(sql).get(...values);
    return found === undefined ? undefined : row.parse(found);
  }

  /** All of `work`, or nothing of it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#sqlite.exec("BEGIN IMMEDIATE");
    this.#depth += 1;
    try {
      const result = work();
      this.#sqlite.exec("COMMIT");
      return result;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    this.#sqlite.close();
  }
}
