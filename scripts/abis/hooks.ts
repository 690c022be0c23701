import { globSync } from "node:fs";
import { join } from "node:path";
import type { SolidityHooks } from "hardhat/types/hooks";
import { writeAbis } from "./writeAbis.ts";

/** The advice to use transient storage with care, which the compiler gives where it first meets it; it has no other mark than its text. */
const TRANSIENT_STORAGE_ADVICE = "Transient storage as defined by EIP-1153";
/** Where the compiler says a finding is in a dependency. */
const IN_A_DEPENDENCY = /-->\s+(\.\/)?(npm\/|node_modules\/)/;

export default async (): Promise<Partial<SolidityHooks>> => ({
  async getCompilationJobErrors(context, job, output, next) {
    const findings = await next(context, job, output);
    return findings.filter(({ severity, message, formattedMessage = "" }) => {
      const isAdvice = severity === "warning" && message.startsWith(TRANSIENT_STORAGE_ADVICE);
      return !(isAdvice && IN_A_DEPENDENCY.test(formattedMessage));
    });
  },
  async processArtifactsAfterSuccessfulBuild(context, artifactPaths) {
    const { root } = context.config.paths;
    const sources = globSync(join(root, "contracts", "**", "*.sol"));
    await writeAbis(artifactPaths, sources, join(root, "sdk", "src", "abis"));
  },
});
