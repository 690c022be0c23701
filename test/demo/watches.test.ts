import { expect } from "chai";
import { LatencyWatch } from "../../scripts/demo/chain/latency.ts";
import { NeglectWatch, PATIENCE_BLOCKS } from "../../scripts/demo/chain/neglect.ts";
import type { AccountView } from "../../scripts/demo/chain/observe.ts";

const nobody: ReadonlySet<number> = new Set();

function aView(accountNumber: number, changes: Partial<AccountView> = {}): AccountView {
  const fine = { isDistressed: false, canBeActedOn: false, waitsForPacing: false };
  return { accountNumber, equityUsd: 0n, ...fine, ...changes };
}

const actionable = (accountNumber: number) =>
  aView(accountNumber, { isDistressed: true, canBeActedOn: true });

describe("demo: noticing neglect", () => {
  it("names an account that could be acted on for more blocks than a keeper is given", () => {
    const watch = new NeglectWatch();
    for (let block = 10; block < 10 + PATIENCE_BLOCKS; block++) {
      watch.see({ block, views: [actionable(7), aView(8)], acted: nobody });
    }
    expect(watch.neglected).to.deep.equal([]);
    const block = 10 + PATIENCE_BLOCKS;
    watch.see({ block, views: [actionable(7), aView(8)], acted: nobody });
    watch.see({ block: block + 1, views: [actionable(7)], acted: nobody });
    expect(watch.neglected).to.deep.equal([
      { accountNumber: 7, sinceBlock: 10, blocks: PATIENCE_BLOCKS + 2 },
    ]);
  });

  it("starts again when a keeper acted, or nothing could be done for a block", () => {
    const watch = new NeglectWatch();
    for (let block = 0; block < 4 * PATIENCE_BLOCKS; block++) {
      const isSpell = block % PATIENCE_BLOCKS === 0;
      const waiting = isSpell ? aView(8, { waitsForPacing: true }) : actionable(8);
      const acted = isSpell ? new Set([7]) : nobody;
      watch.see({ block, views: [actionable(7), waiting], acted });
    }
    expect(watch.neglected).to.deep.equal([]);
  });
});

describe("demo: measuring from price to inclusion", () => {
  it("counts from the block that made it possible to the block that did it", () => {
    const watch = new LatencyWatch();
    watch.see({ minedAtMs: 100, views: [actionable(1), actionable(2)], acted: nobody });
    watch.see({ minedAtMs: 130, views: [actionable(1), actionable(2)], acted: new Set([1]) });
    watch.see({ minedAtMs: 150, views: [actionable(1)], acted: new Set([1, 2]) });
    expect(watch.samples).to.deep.equal([30, 20, 50]);
  });

  it("forgets who recovers without anybody's help", () => {
    const watch = new LatencyWatch();
    watch.see({ minedAtMs: 100, views: [actionable(1)], acted: nobody });
    watch.see({ minedAtMs: 200, views: [aView(1)], acted: nobody });
    watch.see({ minedAtMs: 300, views: [actionable(1)], acted: nobody });
    watch.see({ minedAtMs: 340, views: [], acted: new Set([1]) });
    expect(watch.samples).to.deep.equal([40]);
  });
});
