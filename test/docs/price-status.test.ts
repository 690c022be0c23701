import { readFileSync } from "node:fs";
import { expect } from "chai";
import { cellsOf, rowsBelow } from "./tables.ts";

const STATUSES = [
  "Valid",
  "AgeAtLimit",
  "Stale",
  "Deviating",
  "OutOfBounds",
  "Jump",
  "SequencerDown",
  "Invalid",
];

describe("docs/price-status.md", () => {
  const lines = readFileSync("docs/price-status.md", "utf8").split("\n");
  const matrix: unknown = JSON.parse(
    readFileSync("test/adversarial/oracle/price-status.json", "utf8"),
  );

  it("shows the matrix that the contracts are tested against", () => {
    const head = lines.find((line) => line.startsWith("| action |")) ?? "";
    expect(cellsOf(head)).to.deep.equal(["action", ...STATUSES]);
    const shown = Object.fromEntries(
      rowsBelow(lines, "| action |").map(([action, ...outcomes]) => [
        action,
        Object.fromEntries(STATUSES.map((status, i) => [status, outcomes[i]])),
      ]),
    );
    expect(shown).to.deep.equal(matrix);
  });

  it("enforces a row for every action", () => {
    const test = readFileSync("test/adversarial/oracle/ActionMatrix.t.sol", "utf8");
    const enforced = [...test.matchAll(/_enforce\("(\w+)"/g)].map(([, action]) => action);
    expect(enforced.toSorted()).to.deep.equal(Object.keys(matrix ?? {}).toSorted());
  });
});
