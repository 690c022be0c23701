import { globSync } from "node:fs";
import { join } from "node:path";
import type { SolidityHooks } from "hardhat/types/hooks";
import { writeAbis } from "./writeAbis.ts";

export default async (): Promise<Partial<SolidityHooks>> => ({
  async processArtifactsAfterSuccessfulBuild(context, artifactPaths) {
    const { root } = context.config.paths;
    const sources = globSync(join(root, "contracts", "**", "*.sol"));
    await writeAbis(artifactPaths, sources, join(root, "sdk", "src", "abis"));
  },
});
