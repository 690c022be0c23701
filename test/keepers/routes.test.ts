import { expect } from "chai";
import { rewardOf, subjectsOf } from "../../keepers/src/decide/action.ts";
import { acceptedOf } from "../../keepers/src/decide/defaults.ts";
import {
  dueMarksOf,
  marketsToTime,
  marksOf,
  reasonToMark,
} from "../../keepers/src/decide/marks.ts";
import {
  answerTo,
  discountRateOf,
  inventoryOffersOf,
  type Offer,
  offersOf,
  type TakeOverTerms,
  takeOversOf,
} from "../../keepers/src/decide/takeOvers.ts";
import { unloadsOf } from "../../keepers/src/decide/unloads.ts";
import type { AccountReport, PlanCode } from "../../keepers/src/read/reports.ts";
import type { OpenOrder } from "../../keepers/src/store/chainStore.ts";
import { MarkWatch } from "../../keepers/src/watch/markWatch.ts";
import { ONE, parseD18 } from "../../sdk/src/amounts.ts";
import { aMarket, anAccount, aPosition, aTakeOver } from "./support/reports.ts";

const markets = new Map([
  [0, aMarket()],
  [1, aMarket({ market: 1 })],
]);

describe("deciding whom to mark", () => {
  const context = { now: 2_000, auctionSeconds: new Map([[0, 90]]) };
  const failing = (
    codes: readonly PlanCode[],
    distress: Partial<AccountReport["distress"]> = {},
    account = 1n,
  ) =>
    anAccount({
      account,
      equityUsd: 50n * ONE,
      maintenanceUsd: 80n * ONE,
      initialUsd: 100n * ONE,
      positions: codes.map((code, market) => aPosition({ market, size: ONE, code })),
      distress,
    });
  const healthy = (
    distress: Partial<AccountReport["distress"]>,
    { openingEquityUsd = 90n * ONE }: { openingEquityUsd?: bigint } = {},
  ) =>
    anAccount({
      account: 1n,
      equityUsd: 90n * ONE,
      maintenanceUsd: 80n * ONE,
      openingEquityUsd,
      initialUsd: 100n * ONE,
      positions: [aPosition({ size: ONE })],
      distress,
    });

  it("starts the clock of those that slices do not help now, and says why", () => {
    for (const code of ["Paced", "Unaffordable", "PoolUnavailable"] as const) {
      expect(reasonToMark(failing([code]), context)?.text).to.equal(
        `it misses 30 USD and cannot be sliced now (${code})`,
      );
    }
    const reports = [failing(["Paced"], {}, 7n), failing(["Partial"], {}, 8n)];
    expect(marksOf(dueMarksOf({ reports, ...context }))).to.deep.equal([
      { kind: "mark", items: [{ account: 7n, runs: true }] },
    ]);
  });

  it("leaves alone those that a slice acts on, that are bankrupt, or of which nothing is known", () => {
    const unjudged = { ...failing(["Paced"]), marginFailure: "0x12" };
    const clockless = { ...failing(["Paced"]), distressFailure: "0x12" };
    for (const report of [
      failing(["Paced", "Partial"]),
      failing(["Bankrupt"]),
      failing(["Halted", "PriceNotValid"]),
      failing(["EventsPending"]),
      unjudged,
      clockless,
    ])
      expect(reasonToMark(report, context)).to.equal(null);
  });

  it("does not mark the same distress twice, but one that came back", () => {
    expect(reasonToMark(failing(["Paced"], { startedAt: 1_900n }), context)).to.equal(null);
    const again = failing(["Paced"], { startedAt: 1_900n, healthySince: 1_950n });
    expect(reasonToMark(again, context)?.text).to.equal("it misses 30 USD again");
  });

  it("takes an account whose recent charges are counted back for healthy", () => {
    expect(reasonToMark(failing(["Healthy"]), context)).to.equal(null);
    expect(reasonToMark(failing(["Healthy"], { startedAt: 1_900n }), context)).to.deep.equal({
      text: "it has its maintenance margin again",
      clears: false,
    });
  });

  it("clears the clock at the initial margin, or after the length of an auction in health", () => {
    expect(reasonToMark(healthy({}), context)).to.equal(null);
    expect(
      reasonToMark(
        healthy({ startedAt: 1_900n, healthySince: 1_990n }, { openingEquityUsd: 100n * ONE }),
        context,
      ),
    ).to.deep.equal({ text: "it has its initial margin again", clears: true });
    expect(reasonToMark(healthy({ startedAt: 1_900n }), context)?.text).to.equal(
      "it has its maintenance margin again",
    );
    const since = (healthySince: bigint) => healthy({ startedAt: 1_000n, healthySince });
    expect(reasonToMark(since(1_911n), context)).to.equal(null);
    expect(reasonToMark(since(1_910n), context)?.text).to.contain("for 90 s");
    expect(reasonToMark(since(1_910n), { ...context, auctionSeconds: new Map() })).to.equal(null);
    expect([...marketsToTime([since(1_910n), healthy({})])]).to.deep.equal([0]);
  });

  it("clears the clock of an account without a position", () => {
    const empty = anAccount({ account: 1n, distress: { startedAt: 1n } });
    expect(reasonToMark(empty, context)).to.deep.equal({
      text: "it has no position left",
      clears: true,
    });
  });

  it("says so when the shortfall has doubled, which pacing follows", () => {
    const missing = (shortfallUsd: bigint, equityUsd: bigint) => ({
      ...failing(["Paced"], { startedAt: 1_900n, shortfallUsd }),
      equityUsd,
      maintenanceUsd: 1_000n * ONE,
    });
    expect(reasonToMark(missing(400n * ONE, 200n * ONE), context)?.text).to.equal(
      "it misses 800 USD, twice as much as when it was last seen",
    );
    expect(reasonToMark(missing(401n * ONE, 200n * ONE), context)).to.equal(null);
    expect(reasonToMark(missing(10n * ONE, 891n * ONE), context)).to.equal(null);
  });

  it("marks the largest shortfall first", () => {
    const reports = [
      failing(["Paced"], {}, 7n),
      { ...failing(["Paced"], {}, 8n), equityUsd: 10n * ONE },
    ];
    expect(dueMarksOf({ reports, ...context }).map(({ account }) => account)).to.deep.equal([
      8n,
      7n,
    ]);
  });

  it("puts as many as fit into one call", () => {
    const reports = Array.from({ length: 50 }, (_, i) => failing(["Paced"], {}, BigInt(i + 1)));
    const [call, ...others] = marksOf(dueMarksOf({ reports, ...context }));
    expect(others).to.deep.equal([]);
    expect(call?.kind === "mark" ? call.items.length : 0).to.equal(40);
    expect(marksOf([])).to.deep.equal([]);
  });

  it("looks again at those whose call is due, and at healthy ones when their clock may be stopped", () => {
    const watch = new MarkWatch();
    const healed = healthy({ startedAt: 1_000n, healthySince: 1_911n });
    const waiting = failing(["Paced"], {}, 7n);
    watch.note([healed, waiting], [{ account: 7n }], context.auctionSeconds);
    expect(watch.take(2_000)).to.deep.equal([7n]);
    expect(watch.take(2_001)).to.deep.equal([7n, 1n]);
    watch.note([waiting], [], context.auctionSeconds);
    expect(watch.take(9_999)).to.deep.equal([]);
  });
});

describe("deciding what to take over", () => {
  const terms: TakeOverTerms = {
    account: 99n,
    maxInventoryUsd: 100_000n * ONE,
    minDiscountRate: parseD18("0.002"),
    unloadCostRate: parseD18("0.001"),
  };
  const taker = (overrides: Partial<Parameters<typeof anAccount>[0]> = {}) =>
    anAccount({
      account: 99n,
      equityUsd: 50_000n * ONE,
      openingEquityUsd: 50_000n * ONE,
      ...overrides,
    });
  /** 10 of 30 long units at 2 000, at a discount of 0.4 %. */
  const victim = (overrides: { account?: bigint; discountUsd?: bigint; code?: PlanCode } = {}) =>
    anAccount({
      account: overrides.account ?? 5n,
      equityUsd: ONE,
      maintenanceUsd: 9n * ONE,
      positions: [
        aPosition({
          size: 30n * ONE,
          code: overrides.code ?? "Paced",
          takeOver: aTakeOver("Partial", {
            takeSize: 10n * ONE,
            discountUsd: overrides.discountUsd ?? 80n * ONE,
          }),
        }),
      ],
    });
  const context = { terms, taker: taker(), markets, deadline: 2_030n };

  function offerOf(report: AccountReport): Offer {
    return offersOf([report])[0] ?? expect.fail("Nothing is for sale");
  }

  function actionFor(offer: Offer, overrides: Partial<typeof context> = {}) {
    const answer = answerTo(offer, { ...context, ...overrides });
    return "action" in answer ? answer.action : expect.fail(answer.refusal);
  }

  function refusalOf(offer: Offer, overrides: Partial<typeof context> = {}) {
    const answer = answerTo(offer, { ...context, ...overrides });
    return "refusal" in answer ? answer.refusal : expect.fail("It was taken");
  }

  it("takes all that is for sale, at no worse than the least discount, from the account as it was seen", () => {
    const action = actionFor(offerOf(victim()));
    expect(action).to.deep.equal({
      kind: "takeOver",
      account: 5n,
      market: 0,
      isInventory: false,
      taker: 99n,
      maxSize: 10n * ONE,
      limitPrice: 1_996n * ONE,
      deadline: 2_030n,
      expectedVersion: 1n,
      rewardUsd: 80n * ONE,
    });
    expect(rewardOf(action)).to.equal(80n * ONE);
    expect(subjectsOf(action)).to.have.length(2);
    expect(subjectsOf(action)[1]).to.contain("/99");
  });

  it("lets slices and defaults come first, and offers nothing that could not be judged", () => {
    expect(offersOf([victim({ code: "Partial" })])).to.deep.equal([]);
    expect(offersOf([{ ...victim(), resolvable: true }])).to.deep.equal([]);
    expect(offersOf([{ ...victim(), marginFailure: "0x12" }])).to.deep.equal([]);
  });

  it("refuses a discount below the least, and its own account", () => {
    const offer = offerOf(victim({ discountUsd: 39n * ONE }));
    expect(discountRateOf(offer)).to.equal(parseD18("0.00195"));
    expect(refusalOf(offer)).to.contain("0.195 % is below takeOverMinDiscountRate, 0.2 %");
    expect(refusalOf(offerOf(victim({ account: 99n })))).to.contain("the keeper's own");
  });

  it("takes no more than its inventory limit leaves", () => {
    const holding = taker({ positions: [aPosition({ market: 1, size: -46n * ONE })] });
    const action = actionFor(offerOf(victim()), { taker: holding });
    expect(action.maxSize).to.equal(4n * ONE);
    expect(action.rewardUsd).to.equal(32n * ONE);
    const full = taker({ positions: [aPosition({ market: 1, size: 50n * ONE })] });
    expect(refusalOf(offerOf(victim()), { taker: full })).to.contain(
      "holds 100000 USD, and takeOverMaxInventoryUsd is 100000 USD",
    );
  });

  it("counts what reduces its own position twice: to nothing, and out on the other side", () => {
    const short = taker({ positions: [aPosition({ size: -50n * ONE })] });
    expect(actionFor(offerOf(victim()), { taker: short }).maxSize).to.equal(10n * ONE);
    const over = taker({ openingEquityUsd: 0n, positions: [aPosition({ size: -70n * ONE })] });
    expect(actionFor(offerOf(victim()), { taker: over }).maxSize).to.equal(10n * ONE);
  });

  it("takes no more than nine tenths of its free margin carry, in whole lots", () => {
    const poor = taker({ openingEquityUsd: 600n * ONE, initialUsd: 100n * ONE });
    const { maxSize } = actionFor(offerOf(victim()), { taker: poor });
    // 450 USD at 5 % and the slope carry a little less than 9 000 USD.
    expect(maxSize > 4_490n * (ONE / 1_000n) && maxSize < 4_500n * (ONE / 1_000n)).to.equal(true);
    expect(maxSize % (ONE / 1_000n)).to.equal(0n);
    const broke = taker({ openingEquityUsd: 100n * ONE, initialUsd: 100n * ONE });
    expect(refusalOf(offerOf(victim()), { taker: broke })).to.contain("0 USD of free margin");
  });

  it("takes nothing that would leave it a position below the minimum", () => {
    const nearly = { ...terms, maxInventoryUsd: 200n * ONE };
    expect(refusalOf(offerOf(victim()), { terms: nearly })).to.contain(
      "200 USD would be below the market's minimum, 250 USD",
    );
  });

  it("takes a position whole that is below the minimum", () => {
    const small = anAccount({
      account: 5n,
      positions: [
        aPosition({
          size: ONE / 10n,
          code: "Paced",
          takeOver: aTakeOver("Full", { takeSize: ONE / 10n, discountUsd: ONE }),
        }),
      ],
    });
    expect(actionFor(offerOf(small)).maxSize).to.equal(ONE / 10n);
    const shorter = taker({ positions: [aPosition({ market: 0, size: -ONE / 20n })] });
    expect(actionFor(offerOf(small), { taker: shorter }).maxSize).to.equal(ONE / 10n);
  });

  it("prefers the largest discount", () => {
    const offers = offersOf([
      victim({ account: 5n }),
      victim({ account: 6n, discountUsd: 120n * ONE }),
      victim({ account: 7n, discountUsd: ONE }),
    ]);
    const taken = takeOversOf({ offers, ...context }).flatMap((answer) =>
      "action" in answer ? [answer.action.account] : [],
    );
    expect(taken).to.deep.equal([6n, 5n]);
  });

  it("takes inventory by the same rules, a short one above the index", () => {
    const stocked = aMarket({
      inventorySize: -10n * ONE,
      inventoryPlan: aTakeOver("Full", { takeSize: 10n * ONE, discountUsd: 60n * ONE }),
    });
    const [offer] = inventoryOffersOf([stocked, aMarket({ market: 1 })], new Map([[0, 77n]]));
    const action = actionFor(offer ?? expect.fail("Nothing is for sale"));
    expect(action.account).to.equal(77n);
    expect(action.isInventory).to.equal(true);
    expect(action.limitPrice).to.equal(2_004n * ONE);
    expect(action.expectedVersion).to.equal(0n);
    expect(subjectsOf(action)[0]).to.equal(subjectsOf({ kind: "tearUp", market: 0 })[0]);
  });
});

describe("deciding what to unload", () => {
  const terms: TakeOverTerms = {
    account: 99n,
    maxInventoryUsd: 0n,
    minDiscountRate: parseD18("0.002"),
    unloadCostRate: parseD18("0.0001"),
  };
  const order: OpenOrder = {
    id: 1n,
    account: 99n,
    market: 0,
    sizeDelta: -ONE,
    trigger: 0,
    triggerPrice: 0n,
    keeperFeeUsd: ONE,
    expiry: 3_000,
    committedAt: 1_000,
  };
  const decide = ({
    size,
    skew = 0n,
    orders = [],
  }: {
    size: bigint;
    skew?: bigint;
    orders?: OpenOrder[];
  }) =>
    unloadsOf({
      taker: anAccount({ account: 99n, positions: [aPosition({ size })] }),
      terms,
      markets: new Map([[0, aMarket({ skew })]]),
      orders,
      orderTerms: new Map([[0, { maxWaitSeconds: 60, minKeeperFeeUsd: ONE / 10n }]]),
      now: 2_000,
    });

  it("commits a reduce-only order at the index less the cost", () => {
    expect(decide({ size: 30n * ONE })).to.deep.equal([
      {
        kind: "unload",
        account: 99n,
        market: 0,
        sizeDelta: -30n * ONE,
        limitPrice: parseD18("1999.8"),
        keeperFeeUsd: ONE / 10n,
        expiry: 2_300n,
      },
    ]);
    const [short] = decide({ size: -30n * ONE });
    expect(short).to.include({ sizeDelta: 30n * ONE, limitPrice: parseD18("2000.2") });
  });

  it("sells only as much as the pool takes at that cost, and leaves no rest below the minimum", () => {
    // K·c = 50: at a skew of −20 it takes 2·(50 − 20) = 60.
    expect(decide({ size: 90n * ONE, skew: -20n * ONE })[0]).to.include({ sizeDelta: -60n * ONE });
    expect(decide({ size: 90n * ONE, skew: -50n * ONE })).to.deep.equal([]);
    expect(acceptedOf(aMarket({ skew: -20n * ONE }), 90n * ONE, ONE / 10_000n)).to.equal(60n * ONE);
    // 0.05 of a unit, 100 USD, could not stand alone.
    const [rest] = decide({ size: parseD18("60.05"), skew: -20n * ONE });
    expect(rest).to.include({ sizeDelta: -parseD18("59.924") });
  });

  it("waits for an order that is open", () => {
    expect(decide({ size: 30n * ONE, orders: [order] })).to.deep.equal([]);
    expect(decide({ size: 30n * ONE, orders: [{ ...order, account: 98n }] })).to.have.length(1);
    expect(decide({ size: 30n * ONE, orders: [{ ...order, market: 1 }] })).to.have.length(1);
  });
});
