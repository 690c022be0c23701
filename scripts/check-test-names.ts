import { globSync, readFileSync } from "node:fs";

// An invariant's or adversarial case's id loses its hyphen in a name: CONS-1 is CONS1.
const testName =
  /^test(Fuzz)?_([A-Z]+\d+_)?[a-z][A-Za-z0-9]*_[a-z][A-Za-z0-9]*(_when[A-Z][A-Za-z0-9]*)?$/;
const invariantName = /^invariant_[A-Z]+\d+_[a-z][A-Za-z0-9]*$/;
const synonym = /_(succeeds|works|fails|throws|reverts)(If|On|For|With|$|_)/;

/** Solidity tests have one form of name, stand where they are looked for, and are visible to the runner. */
export function checkTestNames(): string[] {
  const problems: string[] = [];
  for (const file of globSync("test/**/*.sol")) {
    const functions = readFileSync(file, "utf8").matchAll(
      /function\s+((?:test|invariant)\w*)\s*\([^)]*\)([^{;]*)/g,
    );
    for (const [, name = "", modifiers = ""] of functions) {
      const wellNamed = testName.test(name) ? !synonym.test(name) : invariantName.test(name);
      if (!wellNamed) {
        problems.push(
          `${file}: ${name} is neither test_<fn>_<result>[_when<Condition>], test_<fn>_revertsWhen<Condition>, ` +
            "testFuzz_… nor invariant_<ID>_<statement>",
        );
      }
      if (!file.endsWith(".t.sol")) problems.push(`${file}: ${name} belongs in a .t.sol file`);
      if (!/\b(public|external)\b/.test(modifiers)) {
        problems.push(`${file}: ${name} is not public, so it never runs`);
      }
    }
  }
  return problems;
}
