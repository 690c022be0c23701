import { expect } from "chai";
import { isUnpaid, rewardOf, subjectsOf } from "../../keepers/src/decide/action.ts";
import {
  backstopInventoryOf,
  backstopOffersOf,
  backstopOpensAt,
  backstopTakesOf,
  backstopUnwindsOf,
  isDeep,
  marketsToPace,
} from "../../keepers/src/decide/backstop.ts";
import { coverageActionsOf } from "../../keepers/src/decide/coverage.ts";
import { failingPoolsOf, poolTearUpsOf } from "../../keepers/src/decide/poolTearUps.ts";
import type { TakeOverTerms } from "../../keepers/src/decide/takeOvers.ts";
import {
  answerToWhole,
  type WholeOffer,
  wholeOffersOf,
  wholeRateOf,
} from "../../keepers/src/decide/wholeTakeOvers.ts";
import type { AccountReport, PlanCode } from "../../keepers/src/read/reports.ts";
import { GasBudget } from "../../keepers/src/send/gasBudget.ts";
import { RouteTotals } from "../../keepers/src/watch/routes.ts";
import { ONE, parseD18 } from "../../sdk/src/amounts.ts";
import { aMarket, anAccount, aPosition, aTakeOver } from "./support/reports.ts";

const markets = new Map([
  [0, aMarket()],
  [1, aMarket({ market: 1 })],
]);

describe("deciding what to take over as a whole", () => {
  const terms: TakeOverTerms = {
    account: 99n,
    maxInventoryUsd: 100_000n * ONE,
    minDiscountRate: parseD18("0.002"),
    unloadCostRate: parseD18("0.001"),
  };
  const taker = (overrides: Partial<Parameters<typeof anAccount>[0]> = {}) =>
    anAccount({ account: 99n, openingEquityUsd: 50_000n * ONE, ...overrides });
  const context = { terms, taker: taker(), markets, deadline: 2_030n };
  /** Long 10 in one market and short 5 in another, at 2 000 each: 30 000 USD. */
  const victim = ({
    discountUsd = 90n * ONE,
    code = "Full",
    slice = "Unaffordable",
  }: {
    discountUsd?: bigint;
    code?: PlanCode;
    slice?: PlanCode;
  } = {}) =>
    anAccount({
      account: 5n,
      equityUsd: ONE,
      maintenanceUsd: 9n * ONE,
      takeOverWhole: aTakeOver(code, { discountUsd }),
      positions: [
        aPosition({ size: 10n * ONE, code: slice }),
        aPosition({ market: 1, size: -5n * ONE, code: "Paced" }),
      ],
    });
  const offerOf = (report: AccountReport): WholeOffer =>
    wholeOffersOf([report])[0] ?? expect.fail("It is not for sale");
  const answer = (overrides: Partial<typeof context> = {}, report = victim()) =>
    answerToWhole(offerOf(report), { ...context, ...overrides });
  const refusal = (overrides: Partial<typeof context> = {}, report = victim()) => {
    const given = answer(overrides, report);
    return "refusal" in given ? given.refusal : expect.fail("It was taken");
  };

  it("takes all of it for at least the least discount, from the account as it was seen", () => {
    const given = answer();
    const action = "action" in given ? given.action : expect.fail(given.refusal);
    expect(action).to.deep.equal({
      kind: "takeOverWhole",
      account: 5n,
      taker: 99n,
      minDiscountUsd: 60n * ONE,
      deadline: 2_030n,
      expectedVersion: 1n,
      rewardUsd: 90n * ONE,
    });
    expect(rewardOf(action)).to.equal(90n * ONE);
    expect(subjectsOf(action)).to.have.length(2);
    expect(wholeRateOf(offerOf(victim()))).to.equal(parseD18("0.003"));
  });

  it("is for sale only where the house says so, and where no slice acts", () => {
    expect(wholeOffersOf([victim({ code: "NotDeep" })])).to.deep.equal([]);
    expect(wholeOffersOf([victim({ slice: "Partial" })])).to.deep.equal([]);
    expect(wholeOffersOf([{ ...victim(), resolvable: true }])).to.deep.equal([]);
    expect(wholeOffersOf([{ ...victim(), takeOverWholeFailure: "0x12" }])).to.deep.equal([]);
  });

  it("refuses a discount below the least", () => {
    expect(refusal({}, victim({ discountUsd: 59n * ONE }))).to.contain(
      "below takeOverMinDiscountRate, 0.2 %",
    );
  });

  it("takes all or nothing within the inventory limit, counting what it holds already", () => {
    const full = { ...terms, maxInventoryUsd: 30_000n * ONE };
    expect(answer({ terms: full })).to.have.property("action");
    const tight = { ...terms, maxInventoryUsd: 29_999n * ONE };
    expect(refusal({ terms: tight })).to.contain("would hold 30000 USD");
    const opposite = taker({ positions: [aPosition({ size: -4n * ONE })] });
    expect(
      answer({ terms: { ...terms, maxInventoryUsd: 22_000n * ONE }, taker: opposite }),
    ).to.have.property("action");
  });

  it("needs the margin of everything it opens within nine tenths of what is free", () => {
    // 30 000 USD at 5 % and the slope are a little more than 1 500 USD.
    const rich = taker({ openingEquityUsd: 1_700n * ONE });
    expect(answer({ taker: rich })).to.have.property("action");
    const poor = taker({ openingEquityUsd: 1_650n * ONE });
    expect(refusal({ taker: poor })).to.contain("nine tenths of what is free are 1485 USD");
  });

  it("may hold as little as it becomes, since everything was taken", () => {
    const nearly = taker({ positions: [aPosition({ size: parseD18("-9.95") })] });
    expect(answer({ taker: nearly })).to.have.property("action");
  });
});

describe("deciding what the backstop is asked about", () => {
  const waits = new Map([
    [0, { windowSeconds: 10, auctionSeconds: 90 }],
    [1, { windowSeconds: 30, auctionSeconds: 90 }],
  ]);
  const failing = ({
    account = 5n,
    equityUsd = 50n * ONE,
    elapsedSeconds = 20n,
    slicedAt = 0n,
    code = "Paced",
  }: {
    account?: bigint;
    equityUsd?: bigint;
    elapsedSeconds?: bigint;
    slicedAt?: bigint;
    code?: PlanCode;
  } = {}) =>
    anAccount({
      account,
      equityUsd,
      maintenanceUsd: 80n * ONE,
      slicedAt,
      distress: { startedAt: 1_900n, elapsedSeconds },
      positions: [
        aPosition({ size: ONE, code }),
        aPosition({ market: 1, size: -ONE, code: "Paced" }),
      ],
    });
  const asked = (report: AccountReport) =>
    backstopOffersOf({ reports: [report], waits, now: 2_000 });

  it("asks for marked accounts with less than two thirds of their margin, two windows after mark and slice", () => {
    expect(asked(failing())).to.deep.equal([{ account: 5n, market: 0, isInventory: false }]);
    expect(asked(failing({ elapsedSeconds: 60n })).map(({ market }) => market)).to.deep.equal([
      0, 1,
    ]);
    expect(asked(failing({ elapsedSeconds: 19n }))).to.deep.equal([]);
    expect(asked(failing({ slicedAt: 1_981n }))).to.deep.equal([]);
    expect(asked(failing({ slicedAt: 1_980n }))).to.have.length(1);
    expect(backstopOpensAt(failing({ elapsedSeconds: 5n }), waits.get(0), 2_000)).to.equal(2_015);
  });

  it("waits for slices no longer than the auction takes", () => {
    const sliced = (elapsedSeconds: bigint) => failing({ elapsedSeconds, slicedAt: 1_999n });
    expect(asked(sliced(89n))).to.deep.equal([]);
    expect(asked(sliced(90n))).to.have.length(2);
    expect(backstopOpensAt(sliced(80n), waits.get(0), 2_000)).to.equal(2_010);
  });

  it("does not ask for those that are not marked, not deep, or that a slice helps", () => {
    const unmarked = { ...failing(), distress: { ...failing().distress, startedAt: 0n } };
    for (const report of [
      unmarked,
      failing({ equityUsd: 54n * ONE }),
      failing({ code: "Partial" }),
      { ...failing(), resolvable: true },
    ]) {
      expect(isDeep(report)).to.equal(false);
      expect(asked(report)).to.deep.equal([]);
    }
    expect([...marketsToPace([failing(), unmarked])]).to.deep.equal([0, 1]);
    expect([...marketsToPace([unmarked])]).to.deep.equal([]);
  });

  it("asks for the largest shortfalls first, and for no more than a few a block", () => {
    const reports = Array.from({ length: 20 }, (_, i) =>
      failing({ account: BigInt(i + 1), equityUsd: BigInt(50 - i) * ONE }),
    );
    const offers = backstopOffersOf({ reports, waits, now: 2_000 });
    expect(offers).to.have.length(8);
    expect(offers[0]?.account).to.equal(20n);
  });

  it("asks for inventory at a valid price, and calls without reward", () => {
    const accounts = new Map([
      [0, 70n],
      [1, 71n],
    ]);
    const stocked = aMarket({ inventorySize: ONE });
    const unpriced = aMarket({ market: 1, inventorySize: ONE, status: "Stale" });
    const offers = backstopInventoryOf([stocked, unpriced], accounts);
    expect(offers).to.deep.equal([{ account: 70n, market: 0, isInventory: true }]);
    const [take] = backstopTakesOf(offers);
    expect(take).to.include({ kind: "backstopTake", account: 70n, market: 0 });
    expect(take === undefined ? null : isUnpaid(take)).to.equal(true);
    expect(take === undefined ? [] : subjectsOf(take)).to.deep.equal(
      subjectsOf({ kind: "tearUp", market: 0 }),
    );
  });

  it("lets it unwind what it says it would, once it may", () => {
    const slices = [
      { market: 0, sizeDelta: -ONE, allowedAt: 2_000n },
      { market: 1, sizeDelta: -ONE, allowedAt: 2_001n },
      { market: 2, sizeDelta: 0n, allowedAt: 0n },
    ];
    expect(backstopUnwindsOf(slices, 2_000)).to.deep.equal([{ kind: "backstopUnwind", market: 0 }]);
  });
});

describe("deciding about pools that fail", () => {
  it("tears up against those of which the house says so", () => {
    const pools = [
      aMarket({ poolTearUp: "Paced" }),
      aMarket({ market: 1, poolTearUp: "Partial" }),
      { ...aMarket({ market: 2, poolTearUp: "Full" }), poolTearUpFailure: "0x12" },
    ];
    const actions = poolTearUpsOf(pools);
    expect(actions).to.deep.equal([{ kind: "tearUpPool", market: 1 }]);
    expect(actions.flatMap(subjectsOf)).to.deep.equal(["pool 1"]);
  });

  it("looks at those below their maintenance margin", () => {
    const pool = (equityUsd: bigint) =>
      aMarket({ poolEquityUsd: equityUsd, poolMaintenanceUsd: 10n });
    expect(failingPoolsOf([pool(9n)])).to.deep.equal([1n]);
    expect(failingPoolsOf([pool(10n)])).to.deep.equal([]);
    expect(failingPoolsOf([{ ...pool(9n), poolFailure: "0x12" }])).to.deep.equal([]);
  });
});

describe("deciding about coverage", () => {
  it("has it measured where margins go by another level than the buffers have", () => {
    const state = (level: bigint, measuredLevel: bigint) => ({
      level,
      measuredLevel,
      openInterestUsd: ONE,
      buffersUsd: 0n,
      targetUsd: 0n,
    });
    const coverage = new Map([
      [0, state(0n, 0n)],
      [1, state(0n, 1n)],
      [2, state(2n, 2n)],
      [3, state(2n, 0n)],
    ]);
    const actions = coverageActionsOf(coverage);
    expect(actions).to.deep.equal([
      { kind: "refreshCoverage", market: 1 },
      { kind: "refreshCoverage", market: 3 },
    ]);
    expect(actions.flatMap(subjectsOf)).to.deep.equal(["coverage 1", "coverage 3"]);
    expect(actions.every(isUnpaid)).to.equal(true);
  });
});

describe("the budget of gas that nobody pays for", () => {
  it("holds for every hour of the chain's time, and takes back what was not used", () => {
    const budget = new GasBudget(1_000n);
    expect(budget.leftAt(5_000)).to.equal(1_000n);
    budget.reserve("0x1", 700n, 5_000);
    budget.reserve("0x2", 400n, 6_000);
    expect(budget.leftAt(6_000)).to.equal(0n);
    budget.correct("0x2", 250n);
    expect(budget.leftAt(6_000)).to.equal(50n);
    budget.correct("0x2", 0n);
    expect(budget.leftAt(8_599)).to.equal(300n);
    expect(budget.leftAt(8_600)).to.equal(1_000n);
  });
});

describe("what the routes did", () => {
  it("is counted with its notional, and routes that did nothing are there too", () => {
    const totals = new RouteTotals();
    totals.add({ route: "slice", notionalUsd: 3n * ONE });
    totals.add({ route: "slice", notionalUsd: 4n * ONE });
    const of = (name: string) => totals.entries().find(({ route }) => route === name);
    expect(of("slice")).to.deep.equal({ route: "slice", count: 2, notionalUsd: 7n * ONE });
    expect(of("backstop")).to.deep.equal({ route: "backstop", count: 0, notionalUsd: 0n });
    expect(totals.entries()).to.have.length(8);
  });
});
