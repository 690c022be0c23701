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
