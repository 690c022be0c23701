import { expect } from "chai";
import { judge } from "../../scripts/audit/slither.ts";

const finding = (check: string, contract: string | null, name: string) => ({
  check,
  impact: "High",
  description: `${name} does something`,
  elements: [
    {
      name,
      type_specific_fields: { parent: contract === null ? null : { name: contract } },
    },
  ],
});

describe("verdicts on what Slither finds", () => {
  const verdicts = [
    { about: "timestamp", where: "everywhere" as const, why: "seconds" },
    { about: "reentrancy", where: ["House.settle", "Vault"], why: "locked" },
  ];
  const settled = [
    finding("timestamp", "House", "mark"),
    finding("reentrancy", "House", "settle"),
    finding("reentrancy", null, "Vault"),
  ];

  it("are enough when each finding has one, and each verdict a finding", () => {
    const { problems, counts } = judge(settled, verdicts);
    expect(problems).to.deep.equal([]);
    expect([...counts]).to.deep.equal([
      ["timestamp", 1],
      ["reentrancy", 2],
    ]);
  });

  it("are missing where a finding has none", () => {
    const { problems } = judge([...settled, finding("reentrancy", "House", "trade")], verdicts);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include("reentrancy (High) at House.trade has no verdict");
  });

  it("are asked to go when their finding has gone", () => {
    const { problems } = judge(settled.slice(0, 2), verdicts);
    expect(problems).to.deep.equal([
      "The verdict on reentrancy at Vault is about nothing any more; remove it",
    ]);
  });
});
