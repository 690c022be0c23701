import type { Artifact } from "./compile.ts";

/** "test/unit/X.t.sol:X_f_Test" of every suite among the artifacts. */
export function testSuites(artifacts: readonly Artifact[]): string[] {
  return artifacts.filter(isSuite).map(suiteName);
}

export function suiteName({ id }: Artifact): string {
  return `${id.source}:${id.name}`;
}

export function isSuite({ id, contract }: Artifact): boolean {
  return (
    id.source.startsWith("test/") &&
    contract.bytecode !== "0x" &&
    /"name":"(test|invariant)/.test(contract.abi)
  );
}

/** Names of the contracts that tests deploy, as written. */
export function deployedBy(tests: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>();
  for (const [file, text] of tests) {
    if (!file.startsWith("test/")) continue;
    // A name may come with its path, or be an argument of a helper: any word in quotes that a contract has will do.
    for (const [, name = ""] of text.matchAll(/"(?:[\w/.]+\.sol:)?([A-Z]\w+)"/g)) names.add(name);
  }
  return [...names].sort();
}
