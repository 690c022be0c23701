import { globSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { backstopPoolAbi } from "../../sdk/src/abis/BackstopPool.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { signedOrdersAbi } from "../../sdk/src/abis/SignedOrders.ts";
import { rowsBelow } from "./tables.ts";

const ABIS = {
  BackstopPool: backstopPoolAbi,
  ClearingHouse: clearingHouseAbi,
  SignedOrders: signedOrdersAbi,
};

function has(abi: readonly { readonly type: string }[], type: string, name: string): boolean {
  return abi.some((entry) => entry.type === type && "name" in entry && entry.name === name);
}

describe("docs/account-states.md", () => {
  const text = readFileSync("docs/account-states.md", "utf8");
  const lines = text.split("\n");
  const transitions = rowsBelow(lines, "| from | to |");
  const tests = globSync("test/**/*.t.sol")
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

  it("names calls, events and proofs that exist", () => {
    expect(transitions.length).to.be.greaterThan(10);
    for (const [from, to, , call = "", event = "", proof = ""] of transitions) {
      const [contract = "", name = ""] = call.split(".");
      const abi = Object.entries(ABIS).find(([key]) => key === contract)?.[1] ?? [];
      expect(has(abi, "function", name), `${from} → ${to}: ${call}`).to.equal(true);
      expect(has(clearingHouseAbi, "event", event), `${from} → ${to}: ${event}`).to.equal(true);
      expect(tests.includes(`function ${proof}(`), `${from} → ${to}: ${proof}`).to.equal(true);
    }
  });

  it("draws the states that its table is about, each with a way out", () => {
    const diagram = text.slice(text.indexOf("```mermaid"), text.lastIndexOf("```"));
    for (const [from = "", to = ""] of transitions) {
      expect(diagram).to.contain(from);
      expect(diagram).to.contain(to);
    }
    const failing = ["Distressed", "Marked", "Deep", "Bankrupt", "Inventory", "Deficit", "Sunk"];
    const left = new Set(transitions.map(([from]) => from));
    expect([...left]).to.include.members(failing);
  });

  it("explains every code of a plan", () => {
    const codes = rowsBelow(lines, "| code | meaning |").map(([code]) => code);
    expect(codes).to.have.members([...enums.PlanCode]);
  });
});
