import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import type { Artifact } from "./compile.ts";
import { suiteName } from "./suites.ts";

const baselineSchema = z.object({
  kind: z.literal("suite"),
  key: z.string(),
  seconds: z.number(),
  reached: z.array(z.number()),
  failures: z.array(z.string()),
});
const fateSchema = z.object({
  kind: z.literal("mutant"),
  id: z.number(),
  fate: z.enum(["killed", "timed out", "survived", "not reached"]),
  by: z.string().nullable(),
  seconds: z.number(),
  /** Suites that did not notice. */
  passed: z.array(z.string()),
});
const lineSchema = z.discriminatedUnion("kind", [baselineSchema, fateSchema]);

export type SuiteRecord = z.infer<typeof baselineSchema>;
export type MutantRecord = z.infer<typeof fateSchema>;

/**
 * What earlier runs on the same instrumented sources found, so that a run that was stopped goes on, and new tests are run alone. A change of the contracts or of
 * the sample of mutants starts a new journal; a change of a suite makes its own lines void.
 */
export class Journal {
  private readonly file: string;
  private readonly suites = new Map<string, SuiteRecord>();
  private readonly mutants = new Map<number, MutantRecord>();

  constructor(identity: string, folder = resolve("cache/instrument")) {
    this.file = join(folder, `journal-${hashOf(identity)}.jsonl`);
    mkdirSync(dirname(this.file), { recursive: true });
    if (!existsSync(this.file)) return;
    for (const line of readFileSync(this.file, "utf8").split("\n")) {
      if (line === "") continue;
      const record = lineSchema.parse(JSON.parse(line));
      if (record.kind === "suite") this.suites.set(record.key, record);
      else this.mutants.set(record.id, record);
    }
  }

  suite(key: string): SuiteRecord | undefined {
    return this.suites.get(key);
  }

  mutant(id: number): MutantRecord | undefined {
    return this.mutants.get(id);
  }

  add(record: SuiteRecord | MutantRecord): void {
    appendFileSync(this.file, `${JSON.stringify(record)}\n`);
  }
}

/** A suite and its code: what a journal knows it by. */
export function suiteKey(artifact: Artifact): string {
  return `${suiteName(artifact)} ${hashOf(artifact.contract.bytecode)}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
