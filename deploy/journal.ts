import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ArtifactResolver,
  type EIP1193Provider,
  trackTransaction,
  wipe,
} from "@nomicfoundation/ignition-core";
import { BrowserProvider, type Provider } from "ethers";
import { z } from "zod";

/** What matters here of Ignition's journal: one JSON object a line, in the order in which things happened. */
const entrySchema = z.object({
  type: z.string(),
  futureId: z.string().optional(),
  nonce: z.int().optional(),
  receipt: z.object({ blockNumber: z.int() }).optional(),
});

type Entry = z.output<typeof entrySchema>;

/** Whether a deployment was begun in this directory. */
export function isBegun(directory: string): boolean {
  return existsSync(join(directory, "journal.jsonl"));
}

async function readJournal(directory: string): Promise<Entry[]> {
  const journal = await readFile(join(directory, "journal.jsonl"), "utf8");
  return journal
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => entrySchema.parse(JSON.parse(line)));
}

/** Blocks of the transactions that a journal knows to be confirmed. */
async function blocksOf(directory: string): Promise<number[]> {
  const entries = await readJournal(directory);
  return entries.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt.blockNumber]));
}

/** Block of the first transaction that a journal knows; `otherwise` when it knows none. */
export async function firstBlockOf(directory: string, otherwise: number): Promise<number> {
  const blocks = await blocksOf(directory);
  return blocks.length === 0 ? otherwise : Math.min(...blocks);
}

export interface Journal {
  readonly directory: string;
  readonly artifactResolver: ArtifactResolver;
  readonly provider: EIP1193Provider;
  readonly deployer: string;
}

/**
 * Finds out what became of the transactions that were about to be sent when the last run ended. One that is on the chain is entered in the journal; one
 * whose nonce is still free was not sent, and its step is forgotten. What cannot be told is left for Ignition to report.
 */
export async function mendJournal(journal: Journal): Promise<void> {
  const { directory, artifactResolver, provider, deployer } = journal;
  const unsure = new Map<string, number>();
  const nonces = new Map<string, number>();
  const confirmed: { readonly nonce: number; readonly block: number }[] = [];
  for (const { type, futureId, nonce, receipt } of await readJournal(directory)) {
    if (futureId === undefined) continue;
    if (receipt !== undefined) {
      confirmed.push({ nonce: nonces.get(futureId) ?? 0, block: receipt.blockNumber });
    }
    if (type === "TRANSACTION_PREPARE_SEND" && nonce !== undefined) {
      unsure.set(futureId, nonce);
      nonces.set(futureId, nonce);
    } else if (SETTLED.includes(type)) unsure.delete(futureId);
  }
  if (unsure.size === 0) return;
  const reader = new BrowserProvider(provider, undefined, { cacheTimeout: -1 });
  const used = await reader.getTransactionCount(deployer, "pending");
  for (const [futureId, nonce] of unsure) {
    // Of those sent together a later one may have been confirmed: only earlier ones tell where to look.
    const earlier = confirmed.filter((each) => each.nonce < nonce);
    const from = Math.max(0, ...earlier.map(({ block }) => block));
    if (nonce >= used) {
      await wipe(directory, artifactResolver, futureId);
      continue;
    }
    const hash = await findTransaction(reader, deployer, nonce, from);
    if (hash !== undefined) await trackTransaction(directory, hash, provider, 1);
  }
}

/** What ends the doubt that begins when a transaction is about to be sent. */
const SETTLED = [
  "TRANSACTION_SEND",
  "WIPE_APPLY",
  "ONCHAIN_INTERACTION_DROPPED",
  "ONCHAIN_INTERACTION_REPLACED_BY_USER",
];

/** Hash of an account's transaction with a nonce, in the block `from` or later; undefined while it is in no block. */
async function findTransaction(
  reader: Provider,
  account: string,
  nonce: number,
  from: number,
): Promise<string | undefined> {
  let [low, high] = [from, await reader.getBlockNumber()];
  if ((await reader.getTransactionCount(account, high)) <= nonce) return undefined;
  // The first block after which the nonce is used.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await reader.getTransactionCount(account, middle)) > nonce) high = middle;
    else low = middle + 1;
  }
  const block = await reader.getBlock(low, true);
  return block?.prefetchedTransactions.find((sent) => sent.from === account && sent.nonce === nonce)
    ?.hash;
}
