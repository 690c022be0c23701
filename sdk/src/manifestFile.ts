import { readFile, writeFile } from "node:fs/promises";
import { formatManifest, type Manifest, ManifestError, parseManifest } from "./manifest.ts";

/** Reads a manifest from a file; in Node only. */
export async function readManifest(file: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new ManifestError(`No manifest at ${file}. Deploy first: npm run deploy -- --network …`, {
      cause,
    });
  }
  return parseManifest(text, file);
}

export async function writeManifest(file: string, manifest: Manifest): Promise<void> {
  await writeFile(file, formatManifest(manifest));
}
