import { z } from "zod";
import type { Database } from "./database.ts";

/**
 * `planned` written, nothing signed: nothing can be on its way. `signed` may have reached the network, whatever the process remembers. `mined` has a
 * receipt. `dropped` will never be included: skipped, refused, or its nonce was used by something else.
 */
export const INTENT_STATES = ["planned", "signed", "mined", "dropped"] as const;
export type IntentState = (typeof INTENT_STATES)[number];

/** Fees of one signature. {wei/gas} */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** One signature of an intent: all of one intent have the same nonce, so at most one is ever included. */
export interface Attempt {
  readonly hash: string;
  readonly raw: string;
  readonly fees: Fees;
}

export interface Intent {
  readonly id: number;
  readonly subject: string;
  readonly kind: string;
  readonly target: string;
  readonly data: string;
  readonly nonce: number;
  readonly gasLimit: bigint;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

const bigintText = z.string().transform(BigInt);
const intentRow = z.object({
  id: z.int(),
  subject: z.string(),
  kind: z.string(),
  target: z.string(),
  data: z.string(),
  nonce: z.int(),
  gas_limit: bigintText,
});
const attemptRow = z
  .object({ hash: z.string(), raw: z.string(), max_fee: bigintText, priority_fee: bigintText })
  .transform(
    (row): Attempt => ({
      hash: row.hash,
      raw: row.raw,
      fees: { maxFeePerGas: row.max_fee, maxPriorityFeePerGas: row.priority_fee },
    }),
  );
const countRow = z.object({ count: z.int() });
const nonceRow = z.object({ nonce: z.int().nullable() });

/** What one wallet meant to send, what it signed, and what became of it. Written before the act, so that a process that dies knows what it may have done. */
export class Outbox {
  readonly #database: Database;
  readonly #signer: string;

  constructor({ database, signer }: { database: Database; signer: string }) {
    this.#database = database;
    this.#signer = signer;
  }

  /** Before anything is simulated or signed. */
  plan(intent: { subject: string; kind: string; target: string; data: string }): number {
    return this.#database.run(
      "INSERT INTO intents (signer, subject, kind, target, data, state, created_at) VALUES (?, ?, ?, ?, ?, 'planned', ?)",
      this.#signer,
      intent.subject,
      intent.kind,
      intent.target,
      intent.data,
      new Date().toISOString(),
    );
  }

  /** Before the signature leaves the process. The first attempt fixes nonce and gas limit. */
  sign({
    id,
    nonce,
    gasLimit,
    attempt,
  }: {
    id: number;
    nonce: number;
    gasLimit: bigint;
    attempt: Attempt;
  }): void {
    this.#database.transaction(() => {
      this.#database.run(
        "UPDATE intents SET state = 'signed', nonce = ?, gas_limit = ? WHERE id = ?",
        nonce,
        gasLimit.toString(),
        id,
      );
      this.#database.run(
        // What was refused and is tried again unchanged has the same signature: it belongs to the later intent.
        "INSERT OR REPLACE INTO attempts (hash, intent, raw, max_fee, priority_fee) VALUES (?, ?, ?, ?, ?)",
        attempt.hash,
        id,
        attempt.raw,
        attempt.fees.maxFeePerGas.toString(),
        attempt.fees.maxPriorityFeePerGas.toString(),
      );
    });
  }

  mined({ id, outcome, block }: { id: number; outcome: string; block: number }): void {
    this.#database.run(
      "UPDATE intents SET state = 'mined', outcome = ?, receipt_block = ? WHERE id = ?",
      outcome,
      block,
      id,
    );
  }

  drop(id: number, reason: string): void {
    this.#database.run(
      "UPDATE intents SET state = 'dropped', outcome = ? WHERE id = ?",
      reason,
      id,
    );
  }

  /** Intents that were only planned when the process died: nothing of them left it. */
  dropPlanned(reason: string): number {
    const { count } = this.#database.get(
      countRow,
      "SELECT count(*) AS count FROM intents WHERE signer = ? AND state = 'planned'",
      this.#signer,
    ) ?? { count: 0 };
    this.#database.run(
      "UPDATE intents SET state = 'dropped', outcome = ? WHERE signer = ? AND state = 'planned'",
      reason,
      this.#signer,
    );
    return count;
  }

  /** Receipts above a height are not on the chain any more: their transactions may be included again, or not. */
  reopenAbove(block: number): void {
    this.#database.run(
      "UPDATE intents SET state = 'signed', outcome = NULL, receipt_block = NULL WHERE signer = ? AND state = 'mined' AND receipt_block > ?",
      this.#signer,
      block,
    );
  }

  /** Everything that may still be included, in the order of nonces. */
  open(): Intent[] {
    const rows = this.#database.all(
      intentRow,
      "SELECT id, subject, kind, target, data, nonce, gas_limit FROM intents WHERE signer = ? AND state = 'signed' ORDER BY nonce",
      this.#signer,
    );
    return rows.map(({ gas_limit, ...row }) => ({
      ...row,
      gasLimit: gas_limit,
      attempts: this.#database.all(
        attemptRow,
        "SELECT hash, raw, max_fee, priority_fee FROM attempts WHERE intent = ? ORDER BY rowid",
        row.id,
      ),
    }));
  }

  /** Highest nonce that was ever signed for and may still count; null for none. */
  highestOpenNonce(): number | null {
    const row = this.#database.get(
      nonceRow,
      "SELECT max(nonce) AS nonce FROM intents WHERE signer = ? AND state = 'signed'",
      this.#signer,
    );
    return row?.nonce ?? null;
  }
}
