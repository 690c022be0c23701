import { globSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { rowsBelow } from "./tables.ts";

/** Ids that a random history does not assert, and what holds them instead. */
const NOT_IN_CAMPAIGNS = new Map([
  ["AUTH-1", "every function is tried with arbitrary callers: adversarial/powers"],
  ["CREDIT-1", "histories of credit of their own: adversarial/CreditHistory"],
  ["CREDIT-2", "histories of credit of their own: adversarial/CreditHistory"],
  ["CREDIT-3", "sales of collateral: unit/credit, adversarial/Credit"],
  ["RAMP-1", "tightening against an account at its line: adversarial/Coverage, adversarial/Ramp"],
  ["LIVE-1", "every mode is tried with every action: unit/governance"],
  ["COAL-1", "coalitions need standing prices: adversarial/Coalitions, invariant/RoundTrips"],
]);

describe("docs/invariants.md", () => {
  const lines = readFileSync("docs/invariants.md", "utf8").split("\n");
  const rows = rowsBelow(lines, "| id | statement |");
  const read = (pattern: string) =>
    globSync(pattern).map((file) => ({
      file: file.replaceAll("\\", "/"),
      text: readFileSync(file, "utf8"),
    }));
  const tests = read("test/**/*.{sol,ts}").filter(({ file }) => !file.startsWith("test/docs/"));
  const campaigns = read("test/invariant/**/*.sol")
    .map(({ text }) => text)
    .join("\n");

  it("lists invariants, each once", () => {
    const ids = rows.map(([id]) => id);
    expect(ids.length).to.be.greaterThan(20);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it("has a test that cites each of them", () => {
    for (const [id = ""] of rows) {
      const citing = tests.filter(({ text }) => text.includes(id));
      expect(
        citing.map(({ file }) => file),
        id,
      ).not.to.deep.equal([]);
    }
  });

  it("has each asserted in random histories, or says what holds it instead", () => {
    for (const [id = ""] of rows) {
      const isAsserted = campaigns.includes(`"${id}: `);
      expect(isAsserted || NOT_IN_CAMPAIGNS.has(id), `${id} in test/invariant`).to.equal(true);
    }
  });

  it("names tests that exist", () => {
    const files = tests.map(({ file }) => file);
    for (const [id = "", , where = ""] of rows) {
      for (const name of where.split(",").map((part) => part.trim().replace(/ \(.*$/, ""))) {
        if (/^campaigns?$/.test(name) || name === "") continue;
        expect(
          files.some((file) => file.includes(name)),
          `${id}: ${name}`,
        ).to.equal(true);
      }
    }
  });
});
