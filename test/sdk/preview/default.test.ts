import { expect } from "chai";
import { largestDeficits } from "../../../sdk/src/preview/default.ts";

describe("largestDeficits", () => {
  const deficits = [
    { account: 1n, deficitUsd: 5n },
    { account: 2n, deficitUsd: 0n },
    { account: 3n, deficitUsd: 9n },
    { account: 4n, deficitUsd: 5n },
  ];

  it("takes the largest first, and ties by account", () => {
    expect(largestDeficits(deficits, 2).map(({ account }) => account)).to.deep.equal([3n, 1n]);
  });

  it("leaves out whoever could pay", () => {
    expect(largestDeficits(deficits, 10).map(({ account }) => account)).to.deep.equal([3n, 1n, 4n]);
  });

  it("is empty for none", () => {
    expect(largestDeficits(deficits, 0)).to.deep.equal([]);
  });
});
