import { expect } from "chai";
import { type HouseBooks, imbalancesOf, type MarketBooks } from "../../sdk/src/reconciliation.ts";

const house: HouseBooks = {
  tokensUsd: 100n,
  ledgerUsd: 100n,
  reservesUsd: 40n,
  cashUsd: 60n,
  donatedUsd: 0n,
};
const market: MarketBooks = {
  poolQuote: 0n,
  longOpenInterest: 5n,
  shortOpenInterest: 3n,
  reserveUsd: 40n,
  uncollectedLossUsd: 0n,
  surplusUsd: 0n,
  sizeDifference: 0n,
  pendingDifferenceUsd: 0n,
};
const found = (books: Partial<HouseBooks>, terms: Partial<MarketBooks> = {}) =>
  imbalancesOf({ ...house, ...books }, new Map([[7, { ...market, ...terms }]]));

describe("imbalancesOf", () => {
  it("finds nothing while the books balance", () => {
    expect(found({})).to.deep.equal([]);
  });

  it("takes tokens that nobody paid in for nobody's, and misses every token that is not there", () => {
    expect(found({ donatedUsd: 5n })).to.deep.equal([]);
    expect(found({ donatedUsd: -1n })).to.deep.equal([
      { market: null, term: "tokens", difference: -1n },
    ]);
  });

  it("finds reserves above the ledger", () => {
    expect(found({ cashUsd: -1n })).to.deep.equal([
      { market: null, term: "cash", difference: -1n },
    ]);
  });

  it("lets truncated tear-ups leave units, and no more", () => {
    expect(found({}, { sizeDifference: -1_000_000n })).to.deep.equal([]);
    expect(found({}, { sizeDifference: 1_000_001n })).to.deep.equal([
      { market: 7, term: "sizes", difference: 1_000_001n },
    ]);
  });

  it("finds a deficit account that owes something else than what waits", () => {
    expect(found({}, { pendingDifferenceUsd: 1n })).to.deep.equal([
      { market: 7, term: "pending", difference: 1n },
    ]);
  });
});
