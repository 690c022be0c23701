import { join } from "node:path";
import type { SolidityHooks } from "hardhat/types/hooks";
import { writeAbis } from "./writeAbis.ts";

export default async (): Promise<Partial<SolidityHooks>> => ({
  async processArtifactsAfterSuccessfulBuild(context, artifactPaths) {
    await writeAbis(artifactPaths, join(context.config.paths.root, "sdk", "src", "abis"));
  },
});
