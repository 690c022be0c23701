import { globSync, readFileSync } from "node:fs";

/** A custom error is declared once in the tree, so its selector says who refused and its NatSpec is the only one. */
export function checkErrors(): string[] {
  const owners = new Map<string, string[]>();
  for (const file of globSync("contracts/**/*.sol")) {
    for (const [, name] of readFileSync(file, "utf8").matchAll(/^\s*error\s+(\w+)\s*\(/gm)) {
      if (name !== undefined) owners.set(name, [...(owners.get(name) ?? []), file]);
    }
  }
  return [...owners]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `error ${name} is declared ${files.length} times: ${files.join(", ")}`);
}
