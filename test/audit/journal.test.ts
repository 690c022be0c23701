import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Artifact } from "../../scripts/instrument/compile.ts";
import { Journal, suiteKey } from "../../scripts/instrument/journal.ts";

function suite(bytecode: string): Artifact {
  return {
    id: { name: "X_f_Test", solcVersion: "0.8.37", source: "test/unit/X.t.sol" },
    contract: {
      abi: "[]",
      bytecode,
      linkReferences: {},
      deployedBytecode: "0x",
      deployedLinkReferences: {},
    },
  };
}

describe("the journal of runs on instrumented code", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("knows a suite again as long as neither its code nor the contracts changed", () => {
    const key = suiteKey(suite("0x01"));
    new Journal("contracts", folder).add({
      kind: "suite",
      key,
      seconds: 1.5,
      reached: [3, 8],
      failures: ["test_f: 1 != 2"],
    });
    const again = new Journal("contracts", folder);
    expect(again.suite(key)?.reached).to.deep.equal([3, 8]);
    expect(again.suite(suiteKey(suite("0x02")))).to.equal(undefined);
    expect(new Journal("other contracts", folder).suite(key)).to.equal(undefined);
  });

  it("keeps the last of what it heard of a mutant", () => {
    const fate = { kind: "mutant", id: 7, by: null, seconds: 1 } as const;
    const journal = new Journal("contracts", folder);
    journal.add({ ...fate, fate: "survived", passed: ["one"] });
    journal.add({ ...fate, fate: "killed", by: "two test_g", passed: ["one"] });
    const again = new Journal("contracts", folder);
    expect(again.mutant(7)).to.include({ fate: "killed", by: "two test_g" });
    expect(again.mutant(8)).to.equal(undefined);
  });
});
