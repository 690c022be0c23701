import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** The paths a Solidity file imports, as written. */
const IMPORT = /^\s*import\s(?:[^"';]*\sfrom\s)?\s*["']([^"']+)["']/gm;

/** Every contract of the project, and what it imports from packages, by the name that imports give it. */
export function contractSources(): Map<string, string> {
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
  for (const file of globSync("contracts/**/*.sol").sort()) add(file, file);
  return sources;
}

/** Writes the sources as a tree of their own, with the compiler's input beside them. */
export function stage(folder: string, sources: ReadonlyMap<string, string>): string {
  for (const [name, text] of sources) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const input = join(folder, "input.json");
  const contents = [...sources].map(([name, content]) => [name, { content }] as const);
  writeFileSync(
    input,
    JSON.stringify({
      language: "Solidity",
      sources: Object.fromEntries(contents),
      settings: { evmVersion: "cancun" },
    }),
  );
  return input;
}
