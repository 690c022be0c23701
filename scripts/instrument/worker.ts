// Runs tests in a process of its own, which can be ended when a mutant never does.

import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Artifact } from "./compile.ts";
import { type Order, orderSchema, type Reply } from "./orders.ts";
import { TestRunner } from "./runner.ts";

const linksSchema = z.record(
  z.string(),
  z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))),
);
const artifactSchema = z.object({
  id: z.object({ name: z.string(), solcVersion: z.string(), source: z.string() }),
  contract: z.object({
    abi: z.string(),
    bytecode: z.string(),
    linkReferences: linksSchema,
    deployedBytecode: z.string(),
    deployedLinkReferences: linksSchema,
  }),
});

async function serve(artifactsFile: string): Promise<void> {
  const artifacts: Artifact[] = z
    .array(artifactSchema)
    .parse(JSON.parse(readFileSync(artifactsFile, "utf8")));
  const runner = await TestRunner.create(artifacts);
  process.on("message", (message) => {
    answer(runner, orderSchema.parse(message)).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.("ready");
}

async function answer(runner: TestRunner, order: Order): Promise<Reply> {
  const reports = new Set<number>();
  const runs: Reply["runs"] = [];
  const listen = (ids: readonly number[]): void => {
    for (const id of ids) reports.add(id);
  };
  for (const group of order.groups) {
    const results = await runner.run(group, {
      marker: BigInt(order.marker),
      except: order.except,
      ...(order.traced ? { onReports: listen } : {}),
    });
    runs.push(...results.map((run) => ({ ...run, failures: [...run.failures] })));
    if (!order.traced && results.some(({ failures }) => failures.length > 0)) break;
  }
  return { runs, reports: [...reports] };
}

const [, , artifactsFile = ""] = process.argv;
await serve(artifactsFile);
