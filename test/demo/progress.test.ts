import { expect } from "chai";
import { createProgress, type ProgressSnapshot } from "../../scripts/demo/progress.ts";
import { ONE } from "../../sdk/src/amounts.ts";

const TOTAL = 200;
const symbols = { main: "ETH", second: "BTC" };

function aSnapshot(steps: number, changes: Partial<ProgressSnapshot> = {}): ProgressSnapshot {
  return {
    steps,
    timestamp: BigInt(Date.parse("2020-03-12T10:30Z") / 1000),
    prices: { main: 195n * ONE, second: 7_900n * ONE },
    distressedAccounts: 0,
    slices: 0,
    insuranceUsd: 200_000n * ONE,
    socializedUsd: 0n,
    ...changes,
  };
}

/** What a display wrote, and what a person sees of it: the escape sequence moves up and clears downwards. */
function anOutput({ isTerminal, columns }: { isTerminal: boolean; columns: number }) {
  const written: string[] = [];
  return {
    output: { isTerminal, columns: () => columns, write: (text: string) => written.push(text) },
    seen() {
      const lines: string[] = [];
      const text = written.join("").replaceAll("\x1b", "␛");
      for (const part of text.split(/(\n|␛\[\d+A␛\[0J)/)) {
        const up = /^␛\[(\d+)A/.exec(part)?.[1];
        if (up !== undefined) lines.splice(lines.length - Number(up));
        else if (part !== "\n" && part !== "") lines.push(part);
      }
      return lines;
    },
  };
}

describe("demo: progress on a terminal", () => {
  it("is one block, drawn over at every step", () => {
    const { output, seen } = anOutput({ isTerminal: true, columns: 100 });
    const progress = createProgress({ totalSteps: TOTAL, symbols, output });
    for (let step = 0; step <= 100; step++) progress.update(aSnapshot(step));
    progress.update(
      aSnapshot(110, {
        prices: { main: 117n * ONE, second: 7_900n * ONE },
        distressedAccounts: 7,
        slices: 1_234,
        insuranceUsd: 198_250n * ONE,
        socializedUsd: 12n * ONE,
      }),
    );
    expect(seen()).to.deep.equal([
      `${"█".repeat(22)}${"░".repeat(18)}  55 %  12 Mar, 10:30 UTC`,
      "  ETH         $117, 40.0 % below its peak",
      "  BTC         $7,900, at its peak",
      "  distressed  7",
      "  slices      1,234",
      "  insurance   $198k",
      "  socialized  $12",
    ]);
  });

  it("keeps notes above the block", () => {
    const { output, seen } = anOutput({ isTerminal: true, columns: 100 });
    const progress = createProgress({ totalSteps: TOTAL, symbols, output });
    progress.note("opening the book");
    progress.update(aSnapshot(1));
    progress.note("account 12 is bankrupt");
    progress.update(aSnapshot(2));
    expect(seen().slice(0, 2)).to.deep.equal(["opening the book", "account 12 is bankrupt"]);
    expect(seen()).to.have.length(2 + 7);
  });

  it("never wraps a line, which would spoil the drawing over", () => {
    const { output, seen } = anOutput({ isTerminal: true, columns: 20 });
    createProgress({ totalSteps: TOTAL, symbols, output }).update(aSnapshot(50));
    for (const line of seen()) expect(line.length).to.be.lessThan(20);
  });
});

describe("demo: progress in a log", () => {
  it("is a line for every five percent, the last at the end", () => {
    const { output, seen } = anOutput({ isTerminal: false, columns: 80 });
    const progress = createProgress({ totalSteps: TOTAL, symbols, output });
    for (let step = 0; step <= TOTAL; step++) progress.update(aSnapshot(step));
    expect(seen()).to.have.length(20);
    expect(seen()[0]).to.equal(
      "  5 %  12 Mar, 10:30 UTC  ETH $195, at its peak, BTC $7,900, at its peak, distressed 0, slices 0, insurance $200k, socialized $0",
    );
    expect(seen().at(-1)).to.match(/^100 % /);
  });

  it("measures the fall from the highest price, also of the steps between the lines", () => {
    const { output, seen } = anOutput({ isTerminal: false, columns: 80 });
    const progress = createProgress({ totalSteps: TOTAL, symbols, output });
    progress.update(aSnapshot(1, { prices: { main: 200n * ONE, second: ONE } }));
    progress.update(aSnapshot(10, { prices: { main: 100n * ONE, second: ONE } }));
    expect(seen()[0]).to.include("ETH $100, 50.0 % below its peak");
  });

  it("jumps over the percentages of a long step, and writes notes as they come", () => {
    const { output, seen } = anOutput({ isTerminal: false, columns: 80 });
    const progress = createProgress({ totalSteps: 3, symbols, output });
    for (let step = 1; step <= 3; step++) progress.update(aSnapshot(step));
    progress.note("done");
    expect(seen().map((line) => line.slice(0, 5))).to.deep.equal([
      " 33 %",
      " 66 %",
      "100 %",
      "done",
    ]);
  });
});
