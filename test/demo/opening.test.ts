import { expect } from "chai";
import fc from "fast-check";
import { greatest } from "../../scripts/demo/bigint.ts";
import { type BookRequest, createBook } from "../../scripts/demo/book.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { type OpeningOrder, openingOrders } from "../../scripts/demo/opening.ts";
import { MARKET_SLOTS, type MarketSlot } from "../../scripts/demo/prices/path.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";

const usd = (amount: number) => BigInt(amount) * ONE;
const MIN_PART_USD = usd(250);

/** A book of both markets, laid out for two million net, of which the pools keep `restUsd` at the end. */
function aBook(wanted: { seed: number; accounts: number; restUsd: bigint }) {
  const { seed, accounts, restUsd } = wanted;
  const market = (price: bigint, sizeStep: bigint) => ({
    price,
    sizeStep,
    openInterestUsd: usd(40_000_000),
    netUsd: usd(2_000_000),
    restUsd,
  });
  const markets = { main: market(usd(200), ONE / 1_000n), second: market(usd(7_900), 10n ** 14n) };
  const request: BookRequest = {
    seed,
    accounts,
    markets,
    minNotionalUsd: usd(500),
    requiredCashUsd: () => 0n,
  };
  return { book: createBook(request), markets };
}

function notionalUsd(order: OpeningOrder, markets: BookRequest["markets"]): bigint {
  return (order.sizeDelta * markets[order.market].price) / ONE;
}

/** D18{base} By account and market. */
function sumsOf(orders: readonly OpeningOrder[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { accountNumber, market, sizeDelta } of orders) {
    const key = `${accountNumber} ${market}`;
    sums.set(key, (sums.get(key) ?? 0n) + sizeDelta);
  }
  return sums;
}

function peakUsd(query: {
  orders: readonly OpeningOrder[];
  market: MarketSlot;
  markets: BookRequest["markets"];
}): bigint {
  let [net, peak] = [0n, 0n];
  for (const order of query.orders) {
    if (order.market !== query.market) continue;
    net += notionalUsd(order, query.markets);
    peak = greatest([peak, magnitude(net)]);
  }
  return peak;
}

describe("demo: opening a book", () => {
  it("follows the book where the pools take it as it is", () => {
    const { book, markets } = aBook({ seed: 1, accounts: 60, restUsd: usd(2_000_000) });
    const orders = openingOrders({ accounts: book, markets, minNotionalUsd: MIN_PART_USD });
    expect(orders).to.deep.equal(
      book.flatMap(({ accountNumber, orders: own }) =>
        own.map((order) => ({ accountNumber, ...order })),
      ),
    );
  });

  it("goes in parts where a pool is thin: never more than it takes, nothing left out", () => {
    const wanted = fc.record({
      seed: fc.nat(),
      accounts: fc.integer({ min: 1, max: 40 }),
      restUsd: fc.integer({ min: 60_000, max: 1_000_000 }).map(usd),
    });
    fc.assert(
      fc.property(wanted, (asked) => {
        const { book, markets } = aBook(asked);
        const { restUsd } = asked;
        const rooms = {
          main: { ...markets.main, netUsd: restUsd },
          second: { ...markets.second, netUsd: restUsd },
        };
        const orders = openingOrders({
          accounts: book,
          markets: rooms,
          minNotionalUsd: MIN_PART_USD,
        });
        for (const market of MARKET_SLOTS) {
          expect(peakUsd({ orders, market, markets }) <= restUsd).to.equal(true);
        }
        for (const order of orders) {
          expect(order.sizeDelta % markets[order.market].sizeStep).to.equal(0n);
          expect(magnitude(notionalUsd(order, markets)) >= MIN_PART_USD).to.equal(true);
        }
        const whole = book.flatMap(({ accountNumber, orders: own }) =>
          own.map((order) => ({ accountNumber, ...order })),
        );
        const byKey = (sums: Map<string, bigint>) =>
          [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
        expect(byKey(sumsOf(orders))).to.deep.equal(byKey(sumsOf(whole)));
      }),
      { numRuns: 60 },
    );
  });

  it("says so when a pool is too thin for the smallest part", () => {
    const { book, markets } = aBook({ seed: 1, accounts: 60, restUsd: usd(60_000) });
    const rooms = {
      main: { ...markets.main, netUsd: usd(300) },
      second: { ...markets.second, netUsd: usd(300) },
    };
    expect(() =>
      openingOrders({ accounts: book, markets: rooms, minNotionalUsd: usd(500) }),
    ).to.throw(InputError, "the pool of the main market is too thin for the");
  });
});
