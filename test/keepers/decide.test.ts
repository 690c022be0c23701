import { expect } from "chai";
import { type Action, rewardOf, subjectsOf, without } from "../../keepers/src/decide/action.ts";
import {
  inventoryActionsOf,
  resolutionsOf,
  sellableOf,
  touchesOf,
} from "../../keepers/src/decide/defaults.ts";
import { liquidationsOf } from "../../keepers/src/decide/liquidations.ts";
import {
  executableOrders,
  executionsOf,
  isReached,
  removalsOf,
} from "../../keepers/src/decide/orders.ts";
import { poolActionsOf } from "../../keepers/src/decide/pools.ts";
import { losersOf, settlementsOf, unpaidGainsOf } from "../../keepers/src/decide/settlements.ts";
import type { OpenOrder } from "../../keepers/src/store/chainStore.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { aMarket, anAccount, aPosition } from "./support/reports.ts";

const markets = new Map([
  [0, aMarket()],
  [1, aMarket({ market: 1 })],
]);

function itemsOf(actions: readonly Action[]) {
  return actions.flatMap((action) => (action.kind === "liquidate" ? action.items : []));
}

describe("deciding whom to liquidate", () => {
  const failing = (account: bigint, shortfallUsd: bigint) =>
    anAccount({
      account,
      equityUsd: 1_000n * ONE,
      maintenanceUsd: 1_000n * ONE + shortfallUsd,
      positions: [
        aPosition({
          size: 100n * ONE,
          code: "Partial",
          closeSize: 10n * ONE,
          penaltyUsd: 50n * ONE,
        }),
      ],
    });

  it("takes the largest shortfall first, in batches", () => {
    const reports = [failing(1n, 10n * ONE), failing(2n, 30n * ONE), failing(3n, 20n * ONE)];
    const actions = liquidationsOf({ reports, markets, batchSize: 2 });
    expect(actions).to.have.length(2);
    expect(itemsOf(actions).map(({ account }) => account)).to.deep.equal([2n, 3n, 1n]);
  });

  it("leaves alone whom no plan acts on, and who could not be judged", () => {
    const reports = (["Healthy", "Paced", "Bankrupt", "PriceNotValid"] as const).map((code, i) =>
      anAccount({
        account: BigInt(i),
        maintenanceUsd: ONE,
        positions: [aPosition({ size: ONE, code })],
      }),
    );
    const unjudged = { ...failing(9n, ONE), marginFailure: "0x1234" };
    expect(
      liquidationsOf({ reports: [...reports, unjudged], markets, batchSize: 10 }),
    ).to.deep.equal([]);
  });

  it("begins with the position that frees most margin for its cost, and stops where it suffices", () => {
    const dear = aPosition({
      market: 0,
      size: 100n * ONE,
      code: "Partial",
      closeSize: 10n * ONE,
      penaltyUsd: 500n * ONE,
    });
    const cheap = aPosition({
      market: 1,
      size: -100n * ONE,
      code: "Partial",
      closeSize: 10n * ONE,
      penaltyUsd: 50n * ONE,
    });
    const report = (shortfallUsd: bigint) =>
      anAccount({
        account: 1n,
        equityUsd: 5_000n * ONE,
        maintenanceUsd: 5_000n * ONE + shortfallUsd,
        positions: [dear, cheap],
      });
    // Closing 10 of 100 at 2 000 USD frees 600 USD of flat margin and a few more; it costs 50.
    const enough = liquidationsOf({ reports: [report(400n * ONE)], markets, batchSize: 10 });
    expect(itemsOf(enough).map(({ market }) => market)).to.deep.equal([1]);
    const both = liquidationsOf({ reports: [report(900n * ONE)], markets, batchSize: 10 });
    expect(itemsOf(both).map(({ market }) => market)).to.deep.equal([1, 0]);
  });

  it("expects at least the gas floor as reward", () => {
    const [action] = liquidationsOf({ reports: [failing(1n, ONE)], markets, batchSize: 1 });
    expect(action === undefined ? null : rewardOf(action)).to.equal(ONE);
  });
});

describe("deciding about defaults", () => {
  it("settles with a bankrupt account the largest losers of markets where it has gained", () => {
    const bankrupt = anAccount({
      account: 1n,
      resolvable: true,
      depositUsd: 5n * ONE,
      positions: [
        aPosition({ market: 0, size: 10n * ONE, entry: 3_000n * ONE }),
        aPosition({ market: 1, size: 10n * ONE, entry: 1_900n * ONE }),
      ],
    });
    const others = [
      anAccount({
        account: 2n,
        positions: [aPosition({ market: 1, size: -ONE, entry: 1_900n * ONE })],
      }),
      anAccount({
        account: 3n,
        positions: [aPosition({ market: 1, size: -5n * ONE, entry: 1_900n * ONE })],
      }),
      anAccount({
        account: 4n,
        positions: [aPosition({ market: 0, size: 5n * ONE, entry: 2_900n * ONE })],
      }),
    ];
    const losers = losersOf([bankrupt, ...others], markets);
    const [action] = resolutionsOf({ reports: [bankrupt, ...others], losers });
    expect(action).to.deep.equal({
      kind: "resolve",
      account: 1n,
      losers: [3n, 2n],
      rewardUsd: 5n * ONE,
    });
  });

  it("brings accounts up to date that too many events wait for", () => {
    const report = anAccount({
      account: 1n,
      marginFailure: "0x12345678",
      positions: [{ ...aPosition({ size: ONE }), pendingEvents: 40n }],
    });
    expect(touchesOf([report])).to.deep.equal([
      { kind: "touch", account: 1n, market: 0, events: 40n },
    ]);
  });

  it("leaves alone whom any call brings up to date, or whose events concern nothing any more", () => {
    const positions = [{ ...aPosition({ size: ONE }), pendingEvents: 3n }];
    expect(touchesOf([anAccount({ account: 1n, positions })])).to.deep.equal([]);
  });

  it("sells inventory as far as the pool's price is within tolerance, and tears up the rest", () => {
    // u_max 0.1 % of K = 500 000 is 500; half the fill counts, so 1 000 can be sold on balance.
    const long = (skew: bigint) => aMarket({ inventorySize: 2_000n * ONE, skew });
    expect(sellableOf(long(0n))).to.equal(1_000n * ONE);
    expect(sellableOf(long(600n * ONE))).to.equal(2_000n * ONE);
    expect(sellableOf(long(-400n * ONE))).to.equal(200n * ONE);
    expect(sellableOf(long(-600n * ONE))).to.equal(0n);
    expect(sellableOf(aMarket({ inventorySize: -300n * ONE, skew: 400n * ONE }))).to.equal(
      200n * ONE,
    );
    expect(inventoryActionsOf([long(0n)])).to.deep.equal([{ kind: "unwind", market: 0 }]);
    expect(inventoryActionsOf([long(-600n * ONE)])).to.deep.equal([{ kind: "tearUp", market: 0 }]);
    expect(inventoryActionsOf([aMarket()])).to.deep.equal([]);
    const lessThanALot = aMarket().terms.lotSize - 1n;
    expect(inventoryActionsOf([aMarket({ inventorySize: lessThanALot })])).to.deep.equal([]);
    expect(inventoryActionsOf([aMarket({ inventorySize: -lessThanALot })])).to.deep.equal([]);
    const flat = aMarket();
    const cancelled = { ...flat, inventory: { ...flat.inventory, quote: -5n * ONE } };
    expect(inventoryActionsOf([cancelled])).to.deep.equal([{ kind: "unwind", market: 0 }]);
  });

  it("closes a profit or a loss that a tear-up left together with less than a lot", () => {
    const rest = aMarket({ inventorySize: aMarket().terms.lotSize - 1n });
    const worth = (quote: bigint) => ({ ...rest, inventory: { ...rest.inventory, quote } });
    // The lot is 0.001 at 2 000 USD: two dollars are what truncation leaves anyway.
    expect(inventoryActionsOf([worth(-5n * ONE)])).to.deep.equal([{ kind: "unwind", market: 0 }]);
    expect(inventoryActionsOf([worth(5n * ONE)])).to.deep.equal([{ kind: "unwind", market: 0 }]);
    expect(inventoryActionsOf([worth(-2n * ONE)])).to.deep.equal([]);
  });

  it("books losses from 100 USD on, and nothing at a price that is not valid or in a halted market", () => {
    const waiting = (pendingLossUsd: bigint, rest: Parameters<typeof aMarket>[0] = {}) =>
      aMarket({ ...rest, state: { pendingLossUsd, ...rest.state } });
    expect(inventoryActionsOf([waiting(100n * ONE)])).to.deep.equal([
      { kind: "bookLoss", market: 0 },
    ]);
    expect(inventoryActionsOf([waiting(100n * ONE - 1n)])).to.deep.equal([]);
    expect(inventoryActionsOf([waiting(100n * ONE, { status: "Stale" })])).to.deep.equal([]);
    const halted = BigInt(enums.MarketMode.indexOf("Halted"));
    expect(inventoryActionsOf([waiting(100n * ONE, { state: { mode: halted } })])).to.deep.equal(
      [],
    );
  });
});

describe("deciding whom to settle", () => {
  const loser = (account: bigint, entry: bigint, cashUsd = 10_000n * ONE) =>
    anAccount({ account, cashUsd, positions: [aPosition({ size: 10n * ONE, entry })] });
  const shortOf = (size: bigint, entry: bigint) => ({
    shortOpenInterest: size,
    shortQuote: (size * entry) / ONE,
  });
  const market = aMarket({ state: shortOf(100n * ONE, 2_100n * ONE) });
  const windows = new Map([[0, { low: 1_950n * ONE, high: 2_050n * ONE }]]);
  const decide = (reports: ReturnType<typeof loser>[], report = market) =>
    settlementsOf({
      reports,
      markets: new Map([[0, report]]),
      windows,
      leastUsd: 100n * ONE,
      batchSize: 2,
    });

  it("counts as unpaid what winners have gained beyond the reserve", () => {
    expect(unpaidGainsOf(market)).to.equal(10_000n * ONE);
    const state = { ...shortOf(100n * ONE, 2_100n * ONE), reserveUsd: 9_000n * ONE };
    expect(unpaidGainsOf(aMarket({ state }))).to.equal(1_000n * ONE);
  });

  it("pulls only what is lost at the window's extremes too: largest first, no more than a batch", () => {
    const reports = [
      loser(1n, 2_070n * ONE),
      loser(2n, 2_200n * ONE),
      loser(3n, 2_300n * ONE),
      loser(4n, 2_040n * ONE),
    ];
    expect(decide(reports)).to.deep.equal([{ kind: "settle", accounts: [3n, 2n] }]);
    expect(decide([loser(1n, 2_060n * ONE)])).to.deep.equal([{ kind: "settle", accounts: [1n] }]);
    expect(decide([loser(4n, 2_050n * ONE)])).to.deep.equal([]);
  });

  it("leaves alone whom nothing can be taken from, and everybody while winners are covered", () => {
    expect(decide([loser(1n, 2_300n * ONE, 50n * ONE)])).to.deep.equal([]);
    const covered = aMarket({
      state: { ...shortOf(100n * ONE, 2_100n * ONE), reserveUsd: 20_000n * ONE },
    });
    expect(decide([loser(1n, 2_300n * ONE)], covered)).to.deep.equal([]);
  });
});

describe("deciding about orders", () => {
  const order = (rest: Partial<OpenOrder> = {}): OpenOrder => ({
    id: 1n,
    account: 1n,
    market: 0,
    sizeDelta: ONE,
    trigger: enums.TriggerKind.indexOf("None"),
    triggerPrice: 0n,
    keeperFeeUsd: ONE,
    expiry: 10_000,
    committedAt: 1_000,
    ...rest,
  });
  const terms = new Map([[0, { maxWaitSeconds: 60, minKeeperFeeUsd: ONE / 10n }]]);
  const isExecutable = (
    candidate: OpenOrder,
    publishedAt: bigint,
    now: number,
    price = 2_000n * ONE,
  ) =>
    executableOrders({
      orders: [candidate],
      markets: new Map([[0, aMarket({ publishedAt, price })]]),
      terms,
      now,
    }).length === 1;

  it("executes at the first price published after the commitment, or after the longest wait", () => {
    expect(isExecutable(order(), 1_000n, 1_010)).to.equal(false);
    expect(isExecutable(order(), 1_001n, 1_010)).to.equal(true);
    expect(isExecutable(order(), 1_000n, 1_059)).to.equal(false);
    expect(isExecutable(order(), 1_000n, 1_060)).to.equal(true);
    expect(isExecutable(order(), 1_001n, 10_001)).to.equal(false);
  });

  it("executes triggers only at a price of their own that reaches them", () => {
    const stop = order({
      sizeDelta: -ONE,
      trigger: enums.TriggerKind.indexOf("Stop"),
      triggerPrice: 1_900n * ONE,
    });
    expect(isExecutable(stop, 1_001n, 1_010, 1_901n * ONE)).to.equal(false);
    expect(isExecutable(stop, 1_001n, 1_010, 1_900n * ONE)).to.equal(true);
    expect(isExecutable(stop, 1_000n, 5_000, 1_900n * ONE)).to.equal(false);
  });

  it("knows on which side each trigger waits", () => {
    const reached = (kind: "Stop" | "TakeProfit", sizeDelta: bigint, price: bigint) =>
      isReached({ sizeDelta, trigger: enums.TriggerKind.indexOf(kind), triggerPrice: 100n }, price);
    expect([reached("Stop", -1n, 99n), reached("Stop", -1n, 101n)]).to.deep.equal([true, false]);
    expect([reached("Stop", 1n, 99n), reached("Stop", 1n, 101n)]).to.deep.equal([false, true]);
    expect([reached("TakeProfit", -1n, 99n), reached("TakeProfit", -1n, 101n)]).to.deep.equal([
      false,
      true,
    ]);
    expect([reached("TakeProfit", 1n, 99n), reached("TakeProfit", 1n, 101n)]).to.deep.equal([
      true,
      false,
    ]);
  });

  it("executes in batches, the best paid first, and removes what has expired", () => {
    const orders = [
      order({ id: 1n }),
      order({ id: 2n, keeperFeeUsd: 3n * ONE }),
      order({ id: 3n, expiry: 5 }),
    ];
    const batches = executionsOf({ orders, batchSize: 2 });
    expect(batches.map(subjectsOf)).to.deep.equal([["order 2", "order 1"], ["order 3"]]);
    expect(removalsOf({ orders, now: 6, batchSize: 5 })).to.deep.equal([
      { kind: "removeExpired", ids: [3n] },
    ]);
  });
});

describe("deciding about pools", () => {
  it("processes what has waited long enough, redemptions once per pool", () => {
    const actions = poolActionsOf({
      requests: [
        { market: 0, kind: "deposit", id: 1n, readyAt: 100 },
        { market: 0, kind: "deposit", id: 2n, readyAt: 101 },
        { market: 1, kind: "redemption", id: 1n, readyAt: 50 },
        { market: 1, kind: "redemption", id: 2n, readyAt: 60 },
      ],
      now: 100,
    });
    expect(actions).to.deep.equal([
      { kind: "processDeposit", market: 0, id: 1n },
      { kind: "processRedemptions", market: 1, count: 10n },
    ]);
  });
});

describe("actions", () => {
  it("lose the items whose subject is taken, and vanish with the last", () => {
    const action: Action = {
      kind: "liquidate",
      items: [
        { account: 1n, market: 0, rewardUsd: ONE },
        { account: 2n, market: 0, rewardUsd: ONE },
      ],
    };
    const [first = ""] = subjectsOf(action);
    const rest = without(action, (subject) => subject === first);
    expect(rest === null ? null : subjectsOf(rest)).to.deep.equal(subjectsOf(action).slice(1));
    expect(without(action, () => true)).to.equal(null);
    expect(without({ kind: "unwind", market: 1 }, (subject) => subject === "inventory 1")).to.equal(
      null,
    );
  });
});
