import { globSync } from "node:fs";
import { join } from "node:path";
import type { SolidityHooks } from "hardhat/types/hooks";
import { writeAbis } from "./writeAbis.ts";

/** A file of a dependency: its warnings are not ours to act on. */
const IN_A_DEPENDENCY = /^(?:\.\/)?(?:npm|node_modules)\//;

export default async (): Promise<Partial<SolidityHooks>> => ({
  async getCompilationJobErrors(context, job, output, next) {
    const findings = await next(context, job, output);
    return findings.filter(({ severity, formattedMessage = "" }) => {
      const [, where = ""] = /-->\s+(\S+)/.exec(formattedMessage) ?? [];
      return severity !== "warning" || !IN_A_DEPENDENCY.test(where);
    });
  },
  async processArtifactsAfterSuccessfulBuild(context, artifactPaths) {
    const { root } = context.config.paths;
    const sources = globSync(join(root, "contracts", "**", "*.sol"));
    await writeAbis(artifactPaths, sources, join(root, "sdk", "src", "abis"));
  },
});
