import { expect } from "chai";
import fc from "fast-check";
import { firstFees, replacementFees } from "../../keepers/src/send/fees.ts";

const GWEI = 10n ** 9n;
const fee = fc.bigInt({ min: 1n, max: 1_000n * GWEI });

describe("fees", () => {
  it("of a first attempt cover a doubling of the base fee and never pass the limit", () => {
    const limits = { maxFeePerGas: 100n * GWEI, minPriorityFeePerGas: 2n * GWEI };
    expect(
      firstFees({ baseFeePerGas: 10n * GWEI, suggestedPriorityFee: GWEI, limits }),
    ).to.deep.equal({
      maxFeePerGas: 22n * GWEI,
      maxPriorityFeePerGas: 2n * GWEI,
    });
    expect(
      firstFees({ baseFeePerGas: 99n * GWEI, suggestedPriorityFee: 5n * GWEI, limits }),
    ).to.deep.equal({
      maxFeePerGas: 100n * GWEI,
      maxPriorityFeePerGas: GWEI,
    });
    expect(firstFees({ baseFeePerGas: 100n * GWEI, suggestedPriorityFee: GWEI, limits })).to.equal(
      null,
    );
  });

  it("of a replacement rise both by at least an eighth, cover the base fee, and never pass the limit", () => {
    let replaced = 0;
    fc.assert(
      fc.property(fee, fee, fee, fee, (tip, beyond, baseFeePerGas, suggestedPriorityFee) => {
        const previous = { maxFeePerGas: tip + beyond, maxPriorityFeePerGas: tip };
        const limits = { maxFeePerGas: 1_000n * GWEI, minPriorityFeePerGas: 0n };
        const next = replacementFees({ previous, baseFeePerGas, suggestedPriorityFee, limits });
        if (next === null) return;
        replaced += 1;
        expect(8n * next.maxFeePerGas >= 9n * previous.maxFeePerGas).to.equal(true);
        expect(8n * next.maxPriorityFeePerGas >= 9n * previous.maxPriorityFeePerGas).to.equal(true);
        expect(next.maxFeePerGas >= baseFeePerGas + next.maxPriorityFeePerGas).to.equal(true);
        expect(next.maxFeePerGas <= limits.maxFeePerGas).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
    expect(replaced).to.be.greaterThan(100);
  });
});
