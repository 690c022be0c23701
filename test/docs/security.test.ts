import { existsSync, globSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { cellsOf } from "./tables.ts";

/** How many cases of each kind there are, from the first number on. */
const CASES = [
  { kind: "O", first: 1, last: 8 },
  { kind: "M", first: 1, last: 6 },
  { kind: "L", first: 1, last: 13 },
  { kind: "S", first: 0, last: 14 },
  { kind: "F", first: 1, last: 4 },
  { kind: "A", first: 1, last: 6 },
  { kind: "P", first: 1, last: 4 },
];

describe("docs/security.md", () => {
  const rows = readFileSync("docs/security.md", "utf8")
    .split("\n")
    .filter((line) => /^\| [A-Z]\d+ \|/.test(line));
  const tests = globSync("test/**/*.t.sol")
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const invariants = readFileSync("docs/invariants.md", "utf8");

  it("lists every case once", () => {
    const expected = CASES.flatMap(({ kind, first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => `${kind}${first + index}`),
    );
    expect(rows.map((row) => cellsOf(row)[0])).to.have.members(expected);
  });

  it("names tests that exist, one of the case's own number at least", () => {
    for (const row of rows) {
      const id = cellsOf(row)[0] ?? "";
      const named = [...row.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
      expect(named.length, id).to.be.greaterThan(0);
      for (const name of named) {
        if (name.includes("=")) continue;
        const exists = name.includes("/") ? existsSync(name) : tests.includes(`function ${name}(`);
        expect(exists, `${id}: ${name}`).to.equal(true);
      }
      const own = named.some((name) => name.includes(`_${id}_`) || name.endsWith(".test.ts"));
      expect(own, `${id}: a test with its number`).to.equal(true);
    }
  });

  it("cites invariants that are defined", () => {
    for (const row of rows) {
      const [id = "", , cited = ""] = cellsOf(row);
      for (const invariant of cited.split(", ")) {
        expect(invariants, `${id}: ${invariant}`).to.contain(`| ${invariant} |`);
      }
    }
  });
});
