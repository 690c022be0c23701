import { expect } from "chai";
import { subjectsOf } from "../../keepers/src/decide/action.ts";
import { inventoryActionsOf } from "../../keepers/src/decide/defaults.ts";
import { endedSettlementsOf, pokesOf, windDownsOf } from "../../keepers/src/decide/windDowns.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { aMarket, anAccount, aPosition } from "./support/reports.ts";

const mode = BigInt(enums.MarketMode.indexOf("WoundDown"));
const DAY = 86_400;

describe("deciding about the end of a market", () => {
  const terms = (allowedAt: bigint) => new Map([[0, { allowedAt, paysFrom: 0n }]]);
  const stale = new Map([[0, aMarket({ status: "Stale", publishedAt: 1_000n })]]);

  it("notes an outage after a day, and not sooner", () => {
    const at = (now: number) => windDownsOf({ markets: stale, terms: terms(0n), now });
    expect(at(1_000 + DAY - 1)).to.deep.equal([]);
    expect(at(1_000 + DAY)).to.deep.equal([{ kind: "noteOutage", market: 0 }]);
  });

  it("leaves a market with a price alone", () => {
    const markets = new Map([[0, aMarket({ publishedAt: 0n })]]);
    expect(windDownsOf({ markets, terms: terms(0n), now: 9 * DAY })).to.deep.equal([]);
  });

  it("has a round stored that nobody has acted on for ten minutes", () => {
    const markets = new Map([[0, aMarket({ publishedAt: 1_000n })]]);
    const pokes = (storedAt: bigint, now: number) =>
      pokesOf({ markets, storedAt: new Map([[0, storedAt]]), now });
    expect(pokes(999n, 1_599)).to.deep.equal([]);
    expect(pokes(999n, 1_600)).to.deep.equal([{ kind: "poke", markets: [0] }]);
    expect(pokes(1_000n, 9_999)).to.deep.equal([]);
    expect(pokesOf({ markets: stale, storedAt: new Map([[0, 0n]]), now: 9_999 })).to.deep.equal([]);
  });

  it("carries an end out when it is due", () => {
    const at = (now: number) => windDownsOf({ markets: stale, terms: terms(5_000n), now });
    expect(at(4_999)).to.deep.equal([]);
    expect(at(5_000)).to.deep.equal([{ kind: "windDown", market: 0 }]);
  });

  it("asks nothing more of a market that has ended", () => {
    const markets = new Map([[0, aMarket({ state: { mode } })]]);
    expect(windDownsOf({ markets, terms: terms(0n), now: 99 * DAY })).to.deep.equal([]);
  });

  it("never has noting and ending under way at once", () => {
    expect(subjectsOf({ kind: "noteOutage", market: 3 })).to.deep.equal(
      subjectsOf({ kind: "windDown", market: 3 }),
    );
  });

  it("books any deficit there", () => {
    const pendingLossUsd = 3n;
    const living = aMarket({ state: { pendingLossUsd } });
    expect(inventoryActionsOf([living])).to.deep.equal([]);
    const ended = aMarket({ state: { mode, pendingLossUsd } });
    expect(inventoryActionsOf([ended])).to.deep.equal([{ kind: "bookLoss", market: 0 }]);
  });
});

describe("settling what is left in a market that has ended", () => {
  const ended = (reserveUsd: bigint) => new Map([[0, aMarket({ state: { mode, reserveUsd } })]]);
  const terms = new Map([[0, { allowedAt: 0n, paysFrom: 1_000n }]]);
  const loser = anAccount({
    account: 1n,
    cashUsd: 50n * ONE,
    positions: [{ ...aPosition({ size: 0n }), quote: -ONE, valueUsd: -ONE }],
  });
  const winner = anAccount({
    account: 2n,
    positions: [{ ...aPosition({ size: 0n }), quote: ONE, valueUsd: ONE }],
  });
  const settled = (markets: ReturnType<typeof ended>, now: number, pools = new Map()) =>
    endedSettlementsOf({ reports: [loser, winner], markets, terms, pools, now, batchSize: 10 });

  it("pulls losers at once, and pays winners when they may be paid and there is money", () => {
    expect(settled(ended(ONE), 999)).to.deep.equal([{ kind: "settle", accounts: [1n] }]);
    expect(settled(ended(0n), 1_000)).to.deep.equal([{ kind: "settle", accounts: [1n] }]);
    expect(settled(ended(ONE), 1_000)).to.deep.equal([{ kind: "settle", accounts: [1n, 2n] }]);
  });

  it("leaves a loser without cash to be resolved", () => {
    const poor = anAccount({
      account: 3n,
      cashUsd: 5n * ONE,
      depositUsd: 5n * ONE,
      positions: loser.positions,
    });
    const actions = endedSettlementsOf({
      reports: [poor],
      markets: ended(ONE),
      terms,
      pools: new Map(),
      now: 5_000,
      batchSize: 10,
    });
    expect(actions).to.deep.equal([]);
  });

  it("settles the pool, which the index of accounts does not know", () => {
    const pools = new Map([[0, { account: 9n, quoteUsd: -ONE }]]);
    expect(settled(ended(0n), 0, pools)).to.deep.equal([{ kind: "settle", accounts: [9n, 1n] }]);
  });

  it("leaves living markets alone", () => {
    expect(settled(new Map([[0, aMarket()]]), 5_000)).to.deep.equal([]);
  });
});
