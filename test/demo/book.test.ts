import { expect } from "chai";
import fc from "fast-check";
import { greatest } from "../../scripts/demo/bigint.ts";
import { type AccountPlan, type BookRequest, createBook } from "../../scripts/demo/book.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { MARKET_SLOTS, type MarketSlot } from "../../scripts/demo/prices/path.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";

const usd = (amount: number | bigint) => BigInt(amount) * ONE;

function request(changes: Partial<BookRequest> = {}): BookRequest {
  return {
    seed: 1,
    accounts: 60,
    minNotionalUsd: usd(500),
    markets: {
      main: {
        price: usd(195),
        sizeStep: ONE / 1000n,
        openInterestUsd: usd(20_000_000),
        netUsd: usd(8_000_000),
        restUsd: usd(8_000_000),
      },
      second: {
        price: usd(7_900),
        sizeStep: ONE / 100_000n,
        openInterestUsd: usd(15_000_000),
        netUsd: usd(6_000_000),
        restUsd: usd(6_000_000),
      },
    },
    requiredCashUsd: () => 0n,
    ...changes,
  };
}

function notionals(plan: AccountPlan, { markets }: BookRequest) {
  return plan.orders.map(({ market, sizeDelta }) => ({
    market,
    notionalUsd: (sizeDelta * markets[market].price) / ONE,
  }));
}

function grossUsd(plan: AccountPlan, asked: BookRequest): bigint {
  return notionals(plan, asked).reduce((sum, { notionalUsd }) => sum + magnitude(notionalUsd), 0n);
}

/** Open interest, and the largest net exposure either way after any order. */
function exposure(
  book: readonly AccountPlan[],
  { asked, market }: { asked: BookRequest; market: MarketSlot },
) {
  let [openInterestUsd, netUsd, peakUsd] = [0n, 0n, 0n];
  for (const order of book.flatMap((plan) => notionals(plan, asked))) {
    if (order.market !== market) continue;
    openInterestUsd += magnitude(order.notionalUsd);
    netUsd += order.notionalUsd;
    peakUsd = greatest([peakUsd, magnitude(netUsd)]);
  }
  return { openInterestUsd, netUsd, peakUsd };
}

describe("demo: book of accounts", () => {
  it("refuses more accounts than the pool can hold at the smallest size, with figures", () => {
    const { markets } = request();
    const shallow = { ...markets.main, netUsd: usd(2_000), restUsd: usd(2_000) };
    expect(() => createBook(request({ markets: { ...markets, main: shallow } }))).to.throw(
      InputError,
      /^60 accounts with orders of at least \$500\.00 make \$\d,\d{3}\.\d\d of net exposure in the main market, which can take \$2,000\.00: use fewer accounts or a deeper pool$/,
    );
    const small = { ...markets.second, openInterestUsd: usd(1_000) };
    expect(() => createBook(request({ markets: { ...markets, second: small } }))).to.throw(
      InputError,
      "of open interest in the second market, which can take $1,000.00",
    );
  });

  it("stays within the capacity of both markets after every order, and fills it", () => {
    const million = fc.integer({ min: 1, max: 100 }).map((millions) => usd(millions * 1_000_000));
    const market = fc.record({
      price: fc.bigInt(ONE / 1000n, usd(100_000)),
      sizeStep: fc.constantFrom(1n, ONE / 10_000n),
      openInterestUsd: million,
      netUsd: million,
      restUsd: million,
    });
    const asked = fc
      .record({
        seed: fc.nat(),
        accounts: fc.integer({ min: 1, max: 80 }),
        main: market,
        second: market,
      })
      .map(({ seed, accounts, main, second }) =>
        request({ seed, accounts, markets: { main, second } }),
      );
    fc.assert(
      fc.property(asked, (wanted) => {
        const book = createBook(wanted);
        expect(book).to.have.length(wanted.accounts);
        const fillings = MARKET_SLOTS.map((slot) => {
          const { openInterestUsd, netUsd, peakUsd } = exposure(book, {
            asked: wanted,
            market: slot,
          });
          const limits = wanted.markets[slot];
          expect(openInterestUsd <= limits.openInterestUsd).to.equal(true);
          expect(peakUsd <= limits.netUsd).to.equal(true);
          expect(magnitude(netUsd) <= limits.restUsd).to.equal(true);
          return Math.max(
            Number(magnitude(netUsd)) / Number(limits.restUsd),
            Number(openInterestUsd) / Number(limits.openInterestUsd),
            Number(peakUsd) / Number(limits.netUsd),
          );
        });
        // Rounding down to size steps leaves at most a step per order unused.
        expect(Math.max(...fillings)).to.be.greaterThan(0.9);
        for (const order of book.flatMap((plan) => plan.orders)) {
          const { price, sizeStep } = wanted.markets[order.market];
          expect(order.sizeDelta % sizeStep).to.equal(0n);
          const notionalUsd = (magnitude(order.sizeDelta) * price) / ONE;
          expect(notionalUsd >= wanted.minNotionalUsd).to.equal(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is the same for the same seed, another for another", () => {
    expect(createBook(request())).to.deep.equal(createBook(request()));
    expect(createBook(request())).to.not.deep.equal(createBook(request({ seed: 2 })));
  });

  it("levers between 2x and 18x, in whole cents", () => {
    const asked = request({ accounts: 300 });
    const leverages = createBook(asked).map((plan) => {
      expect(plan.cashUsd % (ONE / 100n)).to.equal(0n);
      return Number(grossUsd(plan, asked)) / Number(plan.cashUsd);
    });
    for (const leverage of leverages) expect(leverage).to.be.within(1.99, 18);
    for (const [low, high] of [
      [2, 6],
      [6, 10],
      [10, 14],
      [14, 18],
    ] as const) {
      const share = leverages.filter((leverage) => leverage >= low && leverage < high).length / 300;
      expect(share, `${low}x to ${high}x`).to.be.within(0.15, 0.35);
    }
  });

  it("mixes kinds by quota, even in a small book", () => {
    const kinds = createBook(request({ accounts: 20 })).map((plan) => plan.kind);
    expect(kinds.filter((kind) => kind === "hedged")).to.have.length(3);
    expect(kinds.filter((kind) => kind === "stacked")).to.have.length(2);
  });

  it("hedges across markets and stacks on one side", () => {
    for (const { kind, orders } of createBook(request({ accounts: 100 }))) {
      const sides = orders.map(({ sizeDelta }) => (sizeDelta > 0n ? "long" : "short"));
      expect(orders.map(({ market }) => market)).to.have.length(kind === "single" ? 1 : 2);
      if (kind === "hedged") expect(new Set(sides)).to.have.length(2);
      if (kind === "stacked") expect(new Set(sides)).to.have.length(1);
    }
  });

  it("leans long, as before a crash", () => {
    for (let seed = 0; seed < 20; seed++) {
      const asked = request({ seed });
      const book = createBook(asked);
      const [main, second] = MARKET_SLOTS.map((market) => exposure(book, { asked, market }).netUsd);
      expect((main ?? 0n) + (second ?? 0n) > 0n, `seed ${seed}`).to.equal(true);
    }
  });

  it("has a heavy tail: a tenth of the accounts holds a third to nine tenths of everything", () => {
    for (let seed = 0; seed < 10; seed++) {
      const asked = request({ seed, accounts: 200 });
      const sizes = createBook(asked)
        .map((plan) => grossUsd(plan, asked))
        .toSorted((a, b) => (a > b ? -1 : 1));
      const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
      expect(Number(sum(sizes.slice(0, 20))) / Number(sum(sizes))).to.be.within(1 / 3, 0.9);
    }
  });

  it("brings at least the cash an exposure requires", () => {
    const asked = request({
      requiredCashUsd: ({ main, second }) => (magnitude(main) + magnitude(second)) / 10n,
    });
    for (const plan of createBook(asked)) {
      const required = grossUsd(plan, asked) / 10n;
      expect(plan.cashUsd >= required - 1n).to.equal(true);
      expect(plan.cashUsd <= grossUsd(plan, asked) / 2n + ONE).to.equal(true);
    }
  });
});
