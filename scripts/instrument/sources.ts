import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** The paths a Solidity file imports, as written. */
const IMPORT = /^\s*import\s(?:[^"';]*\sfrom\s)?\s*["']([^"']+)["']/gm;

/** Files of packages that no contract imports but tests deploy from; Hardhat builds them too. */
export const PACKAGE_FILES = ["@openzeppelin/contracts/access/manager/AccessManager.sol"];

/** What a source imports, by the names of sources. */
function importsOf(name: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, path = ""]) =>
    path.startsWith(".") ? posix.join(dirname(name), path) : path,
  );
}

/** Solidity files of the project that match, and what they import from packages, by the name that imports give them. */
export function soliditySources(glob: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const file of globSync(glob).sort()) addSource(sources, file.replaceAll("\\", "/"), file);
  return sources;
}

function addSource(sources: Map<string, string>, name: string, file: string): void {
  if (sources.has(name)) return;
  const text = readFileSync(file, "utf8");
  sources.set(name, text);
  for (const imported of importsOf(name, text)) {
    addSource(
      sources,
      imported,
      imported.startsWith("@") ? join("node_modules", imported) : imported,
    );
  }
}

/** All that tests deploy by name: the project's contracts, files of packages, and what either imports. */
export function deployableSources(): Map<string, string> {
  const sources = soliditySources("contracts/**/*.sol");
  for (const name of PACKAGE_FILES) addSource(sources, name, join("node_modules", name));
  return sources;
}

/** A source and all that it imports, directly or not. */
export function closureOf(name: string, sources: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>();
  const visit = (one: string): void => {
    const text = sources.get(one);
    if (found.has(one) || text === undefined) return;
    found.add(one);
    for (const imported of importsOf(one, text)) visit(imported);
  };
  visit(name);
  return found;
}
