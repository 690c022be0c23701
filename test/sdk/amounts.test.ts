import { expect } from "chai";
import fc from "fast-check";
import {
  AmountError,
  d18FromNativeFloor,
  formatD18,
  formatDecimal,
  nativeFromD18,
  parseD18,
  parseDecimal,
} from "../../sdk/src/amounts.ts";

describe("amounts", () => {
  for (const text of ["", "1e18", "1,000", "0x10", ".5", "5.", "--1", "1.2.3", "NaN"]) {
    it(`parseDecimal refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseDecimal(text, 18)).to.throw(AmountError);
    });
  }

  it("parseDecimal refuses excess decimals, never rounds", () => {
    expect(() => parseDecimal("0.1234567", 6)).to.throw(AmountError, "7 decimals; at most 6");
    expect(parseDecimal("0.123456", 6)).to.equal(123_456n);
  });

  it("parseD18 refuses a nineteenth decimal, be it a zero", () => {
    expect(parseD18(`0.${"1".repeat(18)}`)).to.equal(111_111_111_111_111_111n);
    for (const text of [`0.${"1".repeat(19)}`, `-1.${"0".repeat(19)}`]) {
      expect(() => parseD18(text)).to.throw(AmountError, "19 decimals; at most 18");
    }
  });

  it("parseD18 reads signs and plain integers", () => {
    expect(parseD18("-0.5")).to.equal(-5n * 10n ** 17n);
    expect(parseD18("3")).to.equal(3n * 10n ** 18n);
  });

  it("formatDecimal writes the shortest exact number", () => {
    expect(formatD18(0n)).to.equal("0");
    expect(formatD18(1n)).to.equal("0.000000000000000001");
    expect(formatD18(-1_500_000_000_000_000_000n)).to.equal("-1.5");
    expect(formatDecimal(7n, 0)).to.equal("7");
  });

  it("parse reads back what format writes, for any value and decimals", () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 255n), 2n ** 255n), fc.nat(30), (value, decimals) => {
        expect(parseDecimal(formatDecimal(value, decimals), decimals)).to.equal(value);
      }),
    );
  });

  it("nativeFromD18 refuses what the token cannot represent", () => {
    expect(nativeFromD18(1_000_000_000_000n, 6)).to.equal(1n);
    expect(() => nativeFromD18(1_000_000_000_001n, 6)).to.throw(AmountError, "6 decimals");
  });

  // A3: decimals 0, 2, 6, 8, 18, 24
  for (const decimals of [0, 2, 6, 8, 18, 24]) {
    it(`d18FromNativeFloor inverts nativeFromD18 at ${decimals} decimals`, () => {
      const amountUsd = 12n * 10n ** 18n;
      expect(d18FromNativeFloor(nativeFromD18(amountUsd, decimals), decimals)).to.equal(amountUsd);
    });
  }

  it("d18FromNativeFloor rounds down at 24 decimals, as the house credits", () => {
    expect(d18FromNativeFloor(1_999_999n, 24)).to.equal(1n);
  });
});
