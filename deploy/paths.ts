import { join } from "node:path";

/** Where a chain's manifest is. */
export function manifestFile(chainId: number, directory = join(import.meta.dirname, "manifests")) {
  return join(directory, `${chainId}.json`);
}

/** Where the progress of a chain's deployment is kept. */
export function journalDirectory(
  chainId: number,
  directory = join(import.meta.dirname, "deployments"),
) {
  return join(directory, `chain-${chainId}`);
}
