import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** The paths a Solidity file imports, as written. */
const IMPORT = /^\s*import\s(?:[^"';]*\sfrom\s)?\s*["']([^"']+)["']/gm;

/** Solidity files of the project that match, and what they import from packages, by the name that imports give them. */
export function soliditySources(glob: string): Map<string, string> {
  const sources = new Map<string, string>();
  const add = (name: string, file: string): void => {
    if (sources.has(name)) return;
    const text = readFileSync(file, "utf8");
    sources.set(name, text);
    for (const [, path = ""] of text.matchAll(IMPORT)) {
      const imported = path.startsWith(".") ? posix.join(dirname(name), path) : path;
      add(imported, imported.startsWith("@") ? join("node_modules", imported) : imported);
    }
  };
  for (const file of globSync(glob).sort()) add(file.replaceAll("\\", "/"), file);
  return sources;
}
