import type { Provider } from "ethers";
import type { Manifest } from "../sdk/src/manifest.ts";
import { checkCode } from "./check/code.ts";
import { checkRoles, checkWiring } from "./check/roles.ts";
import { checkTerms } from "./check/terms.ts";

/**
 * What differs between a deployment and its manifest: code, roles, wiring, parameters. Nothing when they are equal. The mode of a market is not
 * compared: it changes by day. Artifacts must have been built, from the manifest's commit.
 */
export async function checkDeployment(provider: Provider, manifest: Manifest): Promise<string[]> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(manifest.chainId)) {
    return [`the manifest is of chain ${manifest.chainId}, and the node answers for ${chainId}`];
  }
  const code = await checkCode(provider, manifest);
  // Asking what is not there would only fail.
  if (code.some((problem) => problem.includes("no code"))) return code;
  const others = await Promise.all([
    checkRoles(provider, manifest),
    checkWiring(provider, manifest),
    checkTerms(provider, manifest),
  ]);
  return [...code, ...others.flat()];
}
