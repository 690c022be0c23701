import { expect } from "chai";
import { CreditDesk } from "../../keepers/src/creditDesk.ts";
import type { Action } from "../../keepers/src/decide/action.ts";
import {
  answerToLot,
  type CollateralBuying,
  type CollateralLot,
  type CollateralPrice,
  type CreditAccount,
  type CreditScene,
  debtNowOf,
  mustPoke,
  nearLineOf,
  startsOf,
  worthOfHoldings,
} from "../../keepers/src/decide/collateral.ts";
import type { CreditReader } from "../../keepers/src/read/creditReader.ts";
import { ONE, parseD18 } from "../../sdk/src/amounts.ts";

const RAY = 10n ** 27n;
const BTC = `0x${"b7".repeat(20)}`;
const haircut = { topShare: parseD18("0.8"), minShare: parseD18("0.5"), sizeSlope: 0n, depth: ONE };
const terms = new Map([[BTC, { asset: BTC, decimals: 8, haircut, priceMarket: 10 }]]);
const priceOf = (price: bigint, isValid = true): CollateralPrice => ({
  price: price * ONE,
  publishedAt: 1_000n,
  isValid,
});
const sceneAt = (price: CollateralPrice, index = RAY): CreditScene => ({
  terms,
  prices: new Map([[10, price]]),
  index,
});

/** One bitcoin: 0.8 of its price is lent. */
const borrower = (account: bigint, debtUsd: bigint): CreditAccount => ({
  account,
  debtUsd: debtUsd * ONE,
  index: RAY,
  collateral: [{ asset: BTC, amountNative: 10n ** 8n }],
});

describe("watching accounts on credit", () => {
  it("finds those near or above their line, the largest debt first", () => {
    const accounts = [borrower(1n, 32_000n), borrower(2n, 40_000n), borrower(3n, 31_900n)];
    expect(nearLineOf(accounts, sceneAt(priceOf(40_000n)))).to.deep.equal([2n, 1n]);
    expect(nearLineOf(accounts, sceneAt(priceOf(39_900n)))).to.deep.equal([2n, 1n, 3n]);
    expect(nearLineOf([borrower(1n, 0n)], sceneAt(priceOf(1n)))).to.deep.equal([]);
  });

  it("counts interest since the account was read, and no price that is not valid", () => {
    const account = borrower(1n, 31_000n);
    expect(debtNowOf(account, sceneAt(priceOf(1n), (RAY * 11n) / 10n))).to.equal(34_100n * ONE);
    expect(nearLineOf([account], sceneAt(priceOf(40_000n), (RAY * 11n) / 10n))).to.deep.equal([1n]);
    expect(nearLineOf([account], sceneAt(priceOf(40_000n, false)))).to.deep.equal([1n]);
  });

  it("pokes the oracle before its clock stops", () => {
    const price = { ...priceOf(1n), publishedAt: 1_500n };
    const poke = (publishedAt: bigint, now: number, interrupted = false) =>
      mustPoke({ price, record: { publishedAt, interrupted }, heartbeatSeconds: 1_000, now });
    expect(poke(1_000n, 1_499)).to.equal(false);
    expect(poke(1_000n, 1_500)).to.equal(true);
    expect(poke(1_500n, 9_999)).to.equal(false);
    expect(poke(1_500n, 1_501, true)).to.equal(true);
    const invalid = { ...price, isValid: false };
    expect(
      mustPoke({
        price: invalid,
        record: { publishedAt: 0n, interrupted: true },
        heartbeatSeconds: 1,
        now: 9_999,
      }),
    ).to.equal(false);
  });
});

describe("deciding about auctions of collateral", () => {
  const buying: CollateralBuying = {
    recipient: `0x${"33".repeat(20)}`,
    budgetUsd: 10_000n * ONE,
    minDiscountRate: parseD18("0.01"),
  };
  const lot = (changes: Partial<CollateralLot> = {}): CollateralLot => ({
    account: 5n,
    asset: BTC,
    decimals: 8,
    price: priceOf(40_000n),
    startedAt: 1_000n,
    expiresAt: 1_270n,
    plan: { price: 39_000n * ONE, amountNative: 5n * 10n ** 7n, paymentNative: 19_500_000_000n },
    ...changes,
  });
  const context = {
    buying,
    funds: { payableNative: 5_000_000_000n, heldNative: new Map<string, bigint>() },
    heldUsd: 0n,
    settlementDecimals: 6,
    deadline: 1_130n,
  };
  const refusal = (overrides: Partial<typeof context>, changes: Partial<CollateralLot> = {}) => {
    const answer = answerToLot(lot(changes), { ...context, ...overrides });
    return "refusal" in answer ? answer.refusal : expect.fail("It was taken");
  };

  it("starts them where none runs, and tries those again that are in doubt", () => {
    const start: Action = { kind: "startAuction", account: 5n, asset: BTC };
    const never = () => false;
    expect(startsOf([lot({ startedAt: 0n, expiresAt: 0n })], 1_100, never)).to.deep.equal([start]);
    expect(startsOf([lot()], 1_100, never)).to.deep.equal([]);
    expect(startsOf([lot()], 1_271, never)).to.deep.equal([start]);
    expect(startsOf([lot()], 1_100, () => true)).to.deep.equal([start]);
    expect(startsOf([lot({ startedAt: 0n, price: priceOf(1n, false) })], 1, never)).to.deep.equal(
      [],
    );
  });

  it("buys as much as budget and funds allow, at no less than the least discount", () => {
    const answer = answerToLot(lot(), context);
    // 5 000 USD buy 0.12820512 at 39 000.
    expect(answer).to.deep.equal({
      action: {
        kind: "takeCollateral",
        account: 5n,
        asset: BTC,
        maxAmountNative: 12_820_512n,
        limitPrice: 39_600n * ONE,
        deadline: 1_130n,
        to: buying.recipient,
        rewardUsd: 128_205_120n * 10n ** 12n,
      },
    });
    const rich = { payableNative: 10n ** 12n, heldNative: new Map<string, bigint>() };
    const limited = answerToLot(lot(), { ...context, funds: rich });
    expect("action" in limited ? limited.action.maxAmountNative : 0n).to.equal(25_000_000n);
  });

  it("refuses what gives too little, and what budget or funds do not reach", () => {
    const dear = { ...lot().plan, price: 39_601n * ONE };
    expect(refusal({}, { plan: dear })).to.contain("collateralMinDiscountRate");
    expect(refusal({ heldUsd: 10_000n * ONE })).to.contain("collateralBudgetUsd");
    const broke = { payableNative: 0n, heldNative: new Map<string, bigint>() };
    expect(refusal({ funds: broke })).to.contain("no settlement tokens");
    const nothing = { ...lot().plan, amountNative: 0n };
    expect(refusal({}, { plan: nothing })).to.contain("nothing of it is for sale");
  });

  it("counts what it holds at the index", () => {
    const held = new Map([[BTC, 25_000_000n]]);
    expect(worthOfHoldings(held, sceneAt(priceOf(40_000n)))).to.equal(10_000n * ONE);
  });
});

describe("the desk for credit", () => {
  /** A vault in which one account owes what it is told. */
  function fakeVault() {
    const state = { price: priceOf(40_000n), debtUsd: 30_000n * ONE, valueUsd: 32_000n * ONE };
    const asked = { accounts: 0, lines: 0, prices: 0 };
    const reader: CreditReader = {
      terms: async () => terms,
      async account(account) {
        asked.accounts += 1;
        return { ...borrower(account, 0n), debtUsd: state.debtUsd };
      },
      async prices() {
        asked.prices += 1;
        return new Map([[10, state.price]]);
      },
      index: async () => RAY,
      async line() {
        asked.lines += 1;
        return { debtUsd: state.debtUsd, writtenOffUsd: 0n, valueUsd: state.valueUsd };
      },
      sale: async () => ({
        startedAt: 0n,
        expiresAt: 0n,
        plan: { price: 0n, amountNative: 0n, paymentNative: 0n },
      }),
      record: async () => ({ publishedAt: 0n, interrupted: false }),
      funds: async () => ({ payableNative: 0n, heldNative: new Map() }),
    };
    const desk = new CreditDesk({
      reader,
      acts: true,
      buying: null,
      wallet: null,
      settlementDecimals: 6,
      heartbeats: new Map(),
    });
    return { state, asked, desk };
  }

  const head = (number: number) => ({
    number,
    hash: `0x${"00".repeat(32)}`,
    parentHash: `0x${"00".repeat(32)}`,
    timestamp: 1_000 + number,
  });

  it("asks nothing while nobody has collateral", async () => {
    const { asked, desk } = fakeVault();
    expect(await desk.look(head(1))).to.deep.equal([]);
    expect(await desk.decide(head(1))).to.deep.equal([]);
    expect(asked).to.deep.equal({ accounts: 0, lines: 0, prices: 0 });
  });

  it("reads an account once, asks for its line only near it, and says whose equity a price moves", async () => {
    const { state, asked, desk } = fakeVault();
    desk.markDue([5n]);
    await desk.look(head(1));
    expect(await desk.look(head(2))).to.deep.equal([]);
    expect(await desk.decide(head(2))).to.deep.equal([]);
    expect(asked).to.deep.equal({ accounts: 1, lines: 0, prices: 2 });
    state.price = priceOf(37_000n);
    state.valueUsd = 29_600n * ONE;
    expect(await desk.look(head(3))).to.deep.equal([5n]);
    expect(await desk.decide(head(3))).to.deep.equal([
      { kind: "startAuction", account: 5n, asset: BTC },
    ]);
    expect(asked).to.deep.equal({ accounts: 1, lines: 1, prices: 3 });
  });

  it("knows who lives on credit, and looks at them once a minute for their interest", async () => {
    const { desk } = fakeVault();
    desk.markDue([5n]);
    await desk.look(head(1));
    expect(desk.reserveFor(5n)).to.equal((30_000n * ONE) / 50_000n + 1n);
    expect(desk.reserveFor(6n)).to.equal(null);
    expect(await desk.look(head(60))).to.deep.equal([]);
    expect(await desk.look(head(61))).to.deep.equal([5n]);
    expect(await desk.look(head(62))).to.deep.equal([]);
  });

  it("writes off what hardly anything is lent for", async () => {
    const { state, desk } = fakeVault();
    state.price = priceOf(1n);
    state.valueUsd = ONE - 1n;
    desk.markDue([5n]);
    await desk.look(head(1));
    const actions = await desk.decide(head(1));
    expect(actions.map(({ kind }) => kind)).to.deep.equal(["startAuction", "writeOff"]);
  });
});
