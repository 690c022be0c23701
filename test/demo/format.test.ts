import { expect } from "chai";
import fc from "fast-check";
import {
  durationText,
  formatNearest,
  formatOutward,
  formatUsd,
} from "../../scripts/demo/format.ts";
import { ONE, parseD18 } from "../../sdk/src/amounts.ts";

describe("demo: numbers for people", () => {
  it("write eighteen decimals without loss", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), (value) => {
        expect(parseD18(formatNearest(value, 18))).to.equal(value);
        expect(formatOutward(value, 18)).to.equal(formatNearest(value, 18));
      }),
    );
  });

  it("round to the nearest cent, or outward so that nothing real reads as zero", () => {
    const cent = ONE / 100n;
    expect(formatNearest(cent / 2n, 2)).to.equal("0.01");
    expect(formatNearest(cent / 2n - 1n, 2)).to.equal("0.00");
    expect(formatNearest(1n - cent / 2n, 2)).to.equal("0.00");
    expect(formatNearest(-cent / 2n, 2)).to.equal("-0.01");
    expect(formatOutward(1n, 2)).to.equal("0.01");
    expect(formatOutward(-1n, 2)).to.equal("-0.01");
    expect(formatOutward(0n, 2)).to.equal("0.00");
    expect(formatNearest(3n * ONE, 0)).to.equal("3");
  });

  it("say how long something takes", () => {
    expect([0, 45, 600, 3_600, 5_445].map(durationText)).to.deep.equal([
      "0 s",
      "45 s",
      "10 min",
      "1 h",
      "1 h 30 min 45 s",
    ]);
  });

  it("group thousands in dollars", () => {
    expect(formatUsd(1_234_567n * ONE + ONE / 2n)).to.equal("$1,234,567.50");
    expect(formatUsd(-999n * ONE, 0)).to.equal("−$999");
  });
});
