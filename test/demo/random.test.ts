import { expect } from "chai";
import fc from "fast-check";
import { expD18, lnD18 } from "../../scripts/demo/logarithm.ts";
import { Random } from "../../scripts/demo/random.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";

describe("demo: seeded numbers", () => {
  it("follows the published SplitMix64 sequence", () => {
    const random = new Random(1234567n);
    expect([random.nextUint64(), random.nextUint64(), random.nextUint64()]).to.deep.equal([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
    ]);
  });

  it("gives each seed and each purpose a stream of its own", () => {
    const first = (seed: number, purpose: string) => Random.stream({ seed, purpose }).nextUint64();
    expect(first(1, "book")).to.equal(first(1, "book"));
    expect(new Set([first(1, "book"), first(2, "book"), first(1, "noise")])).to.have.length(3);
  });

  it("draws uniform and normal numbers of the right mean and spread", () => {
    const random = new Random(7n);
    const draws = 4_000;
    let uniformSum = 0;
    let normalSum = 0;
    let normalSquares = 0;
    for (let i = 0; i < draws; i++) {
      const uniform = Number(random.uniformD18()) / 1e18;
      expect(uniform).to.be.within(0, 1);
      uniformSum += uniform;
      const normal = Number(random.normalD18()) / 1e18;
      normalSum += normal;
      normalSquares += normal ** 2;
    }
    expect(uniformSum / draws).to.be.within(0.48, 0.52);
    expect(normalSum / draws).to.be.within(-0.06, 0.06);
    expect(normalSquares / draws).to.be.within(0.92, 1.08);
  });

  it("shuffles without losing or inventing anything", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (items, seed) => {
          const shuffled = new Random(seed).shuffled(items);
          expect([...shuffled].sort()).to.deep.equal([...items].sort());
        },
      ),
    );
    expect(new Random(1n).shuffled([1, 2, 3, 4, 5, 6])).to.not.deep.equal([1, 2, 3, 4, 5, 6]);
  });
});

describe("demo: logarithm and exponential", () => {
  it("knows a few values to the last digits", () => {
    expect(lnD18(ONE)).to.equal(0n);
    expect(lnD18(2n * ONE)).to.equal(693147180559945309n);
    expect(lnD18(ONE / 10n)).to.equal(-2302585092994045684n);
    expect(expD18(0n)).to.equal(ONE);
    expect(expD18(ONE)).to.equal(2718281828459045235n);
    expect(expD18(-ONE)).to.equal(367879441171442321n);
    expect(() => lnD18(0n)).to.throw(RangeError);
  });

  it("undo each other", () => {
    fc.assert(
      fc.property(fc.bigInt(-20n * ONE, 40n * ONE), (exponent) => {
        const value = expD18(exponent);
        // One unit in the last place of the value is this much of its logarithm.
        const resolution = ONE / value + 2n;
        expect(magnitude(lnD18(value) - exponent) <= resolution).to.equal(true);
      }),
    );
  });
});
