import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { soliditySources } from "../instrument/sources.ts";

/** Every contract of the project, and what it imports from packages, by the name that imports give it. */
export function contractSources(): Map<string, string> {
  return soliditySources("contracts/**/*.sol");
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
