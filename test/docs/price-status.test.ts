import { readFileSync } from "node:fs";
import { expect } from "chai";

const STATUSES = [
  "Valid",
  "AgeAtLimit",
  "Stale",
  "OutOfBounds",
  "Jump",
  "SequencerDown",
  "Invalid",
];

/** The cells of a Markdown table's row, without code marks. */
const cellsOf = (row: string) =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("`", ""));

describe("docs/price-status.md", () => {
  const lines = readFileSync("docs/price-status.md", "utf8").split("\n");
  const matrix: unknown = JSON.parse(
    readFileSync("test/adversarial/oracle/price-status.json", "utf8"),
  );

  it("shows the matrix that the contracts are tested against", () => {
    const head = lines.findIndex((line) => line.startsWith("| action |"));
    expect(cellsOf(lines[head] ?? "")).to.deep.equal(["action", ...STATUSES]);
    const rows = lines.slice(head + 2);
    const table = rows.slice(
      0,
      rows.findIndex((line) => !line.startsWith("|")),
    );
    const shown = Object.fromEntries(
      table
        .map(cellsOf)
        .map(([action, ...outcomes]) => [
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
