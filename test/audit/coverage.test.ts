import { expect } from "chai";
import { writeProbes } from "../../scripts/coverage/probes.ts";
import { reportCoverage, share } from "../../scripts/coverage/report.ts";
import { compile } from "../../scripts/instrument/compile.ts";
import { PROBE_CODE, PROBE_SOURCE } from "../../scripts/instrument/probe.ts";
import { readTree } from "../../scripts/instrument/syntax.ts";

const FILE = "contracts/libraries/Toy.sol";
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

library Toy {
    function sum(uint256 x, bool a, bool b) internal pure returns (uint256 y) {
        y = x;
        y += 1;
        if (x > 3 && !(a || b)) return 1;
        else if (a) y = b ? 2 : 3;
        while (y < x) ++y;
        bool both = a && b;
        if (both) revert();
        y += 2;
    }
}
`;

async function probed() {
  const { trees } = await compile(new Map([[FILE, SOURCE]]), "trees");
  return writeProbes(FILE, Buffer.from(SOURCE), readTree(trees.get(FILE)), 1);
}

describe("coverage probes", () => {
  it("ask every condition that decides, down to the operands of && and ||", async () => {
    const { branches } = await probed();
    const asked = branches
      .filter(({ outcome }) => outcome)
      .map(({ line, condition }) => `${line} ${condition}`)
      .sort();
    expect(asked).to.deep.equal([
      "10 y < x",
      "11 a",
      "11 b",
      "12 both",
      "8 a",
      "8 b",
      "8 x > 3",
      "9 a",
      "9 b",
    ]);
    expect(branches).to.have.length(18);
  });

  it("cut stretches of lines where a line may be the last to run", async () => {
    const { stretches } = await probed();
    const lines = stretches.map(({ lines }) => lines.join(",")).sort();
    expect(lines).to.deep.equal(["10", "10", "11,12", "12", "13", "6,7,8", "8", "9", "9"]);
  });

  it("compile where they stand", async () => {
    const { text } = await probed();
    const { errors } = await compile(
      new Map([
        [FILE, text],
        [PROBE_SOURCE, PROBE_CODE],
      ]),
      "trees",
    );
    expect(errors).to.deep.equal([]);
  });
});

describe("the coverage report", () => {
  it("counts outcomes and lines, and finds the reasons given", async () => {
    const { branches, stretches } = await probed();
    const missed = branches.filter(({ line }) => line === 8);
    const lost = stretches.filter(({ lines }) => lines.includes(13));
    const all = new Set([...branches, ...stretches].map(({ id }) => id));
    for (const { id } of [...missed, ...lost]) all.delete(id);
    const verdict = { place: "Toy.sum", condition: "x > 3", outcome: true, why: "x is small" };
    const stale = { ...verdict, condition: "x > 4" };
    const report = reportCoverage(branches, stretches, all, [verdict, stale]);
    expect(report.total).to.include({
      branches: 18,
      branchesCovered: 12,
      lines: 8,
      linesCovered: 7,
    });
    expect(report.uncoveredLines.get(FILE)).to.deep.equal([13]);
    expect(report.uncoveredBranches.filter(({ why }) => why === "x is small")).to.have.length(1);
    expect(report.staleVerdicts).to.deep.equal([stale]);
    expect(share(0, 0)).to.equal(1);
  });
});
