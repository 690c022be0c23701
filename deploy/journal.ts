import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const confirmationSchema = z.object({
  type: z.literal("TRANSACTION_CONFIRM"),
  receipt: z.object({ blockNumber: z.int() }),
});

/** Block of the first transaction that a deployment's journal knows; `otherwise` when it knows none. */
export async function firstBlockOf(directory: string, otherwise: number): Promise<number> {
  const journal = await readFile(join(directory, "journal.jsonl"), "utf8");
  const blocks = journal
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => confirmationSchema.safeParse(JSON.parse(line)))
    .flatMap((entry) => (entry.success ? [entry.data.receipt.blockNumber] : []));
  return blocks.length === 0 ? otherwise : Math.min(...blocks);
}
