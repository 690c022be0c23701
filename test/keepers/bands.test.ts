import { expect } from "chai";
import fc from "fast-check";
import { Alarms } from "../../keepers/src/bands/alarms.ts";
import { BandIndex } from "../../keepers/src/bands/bandIndex.ts";
import { type BandPosition, foreseenRateOf, safeBandOf } from "../../keepers/src/bands/safeBand.ts";
import { indexReport } from "../../keepers/src/read/judgement.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { aMarket, anAccount, aPosition } from "./support/reports.ts";

const SECONDS_PER_DAY = 86_400n;
/** D18{1} Maintenance margin while nothing happens. */
const CALM_RATE = (3n * ONE) / 100n;
const DAILY_RATE = (274n * ONE) / 10_000n;
const SKEW_SCALES = [500_000n * ONE, 25_000n * ONE, 2_000_000n * ONE];
const FIRST_PRICES = [2_000n * ONE, 40_000n * ONE, ONE];

interface Holding {
  readonly market: number;
  readonly size: bigint;
  readonly quote: bigint;
}

interface Account {
  readonly id: bigint;
  readonly cashUsd: bigint;
  readonly holdings: readonly Holding[];
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function divUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function floorDiv(value: bigint, divisor: bigint): bigint {
  return value >= 0n ? value / divisor : -divUp(-value, divisor);
}

/** D18{USD} Equity less maintenance margin, as the contracts compute it: N·m + μ·N²/D rounded up, s·X rounded down. */
function slackOf(
  account: Account,
  prices: readonly bigint[],
  funding: readonly bigint[],
  maintenanceRate = CALM_RATE,
): bigint {
  let slack = account.cashUsd;
  for (const { market, size, quote } of account.holdings) {
    const price = prices[market] ?? 0n;
    const notional = divUp(magnitudeOf(size) * price, ONE);
    const depth = ((SKEW_SCALES[market] ?? 0n) * price) / (100n * ONE);
    const requirement =
      divUp(notional * maintenanceRate, ONE) +
      divUp(notional * notional * (ONE / 200n), (depth < ONE ? ONE : depth) * ONE);
    slack += floorDiv(size * (price - (funding[market] ?? 0n)), ONE) + quote - requirement;
  }
  return slack;
}

function bandPositionsOf(account: Account, prices: readonly bigint[]): BandPosition[] {
  return account.holdings.map(({ market, size }) => ({
    market,
    size,
    price: prices[market] ?? 0n,
    maintenanceRate: CALM_RATE,
    foreseenRate: foreseenRateOf(CALM_RATE),
    sizeSlope: ONE / 200n,
    skewScale: SKEW_SCALES[market] ?? 1n,
    maxFundingRate: DAILY_RATE,
  }));
}

const holdingArbitrary = (market: number) =>
  fc
    .record({
      notionalUsd: fc.bigInt({ min: 250n * ONE, max: 20_000_000n * ONE }),
      isLong: fc.boolean(),
      entryMove: fc.bigInt({ min: -30n, max: 30n }),
    })
    .map(({ notionalUsd, isLong, entryMove }): Holding => {
      const price = FIRST_PRICES[market] ?? 1n;
      const size = ((isLong ? 1n : -1n) * notionalUsd * ONE) / price;
      return { market, size, quote: -(size * (price + (price * entryMove) / 100n)) / ONE };
    });

const accountArbitrary = fc
  .record({
    holdings: fc.tuple(
      fc.option(holdingArbitrary(0), { nil: undefined }),
      fc.option(holdingArbitrary(1), { nil: undefined }),
      fc.option(holdingArbitrary(2), { nil: undefined }),
    ),
    leverage: fc.bigInt({ min: 1n, max: 20n }),
  })
  .map(({ holdings, leverage }) => {
    const held = holdings.filter((holding) => holding !== undefined);
    const gross = held.reduce(
      (sum, { market, size }) => sum + (magnitudeOf(size) * (FIRST_PRICES[market] ?? 0n)) / ONE,
      0n,
    );
    return { cashUsd: gross / leverage, holdings: held };
  });

/** One tick: which market moves, by how many basis points, and how much time passes. */
const tickArbitrary = fc.record({
  market: fc.integer({ min: 0, max: 2 }),
  moveBps: fc.bigInt({ min: -1_000n, max: 1_000n }),
  seconds: fc.bigInt({ min: 1n, max: 7_200n }),
  fundingShare: fc.bigInt({ min: -100n, max: 100n }),
});

describe("alarms", () => {
  it("ring exactly those that a walking level reaches, once each", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.bigInt({ min: 0n, max: 100n })), {
          maxLength: 60,
        }),
        fc.array(fc.bigInt({ min: 0n, max: 100n }), { maxLength: 20 }),
        fc.constantFrom("below" as const, "above" as const),
        (sets, levels, direction) => {
          const alarms = new Alarms<number>(direction);
          const expected = new Map<number, bigint>();
          for (const [key, at] of sets) {
            alarms.set(key, at);
            expected.set(key, at);
          }
          for (const level of levels) {
            const due = [...expected].filter(([, at]) =>
              direction === "below" ? level <= at : level >= at,
            );
            for (const [key] of due) expected.delete(key);
            expect(alarms.take(level).sort()).to.deep.equal(due.map(([key]) => key).sort());
            expect(alarms.size).to.equal(expected.size);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keep no more than a few replaced entries", () => {
    const alarms = new Alarms<number>("below");
    for (let i = 0; i < 10_000; i++) alarms.set(i % 10, BigInt(i));
    expect(alarms.size).to.equal(10);
    expect(alarms.take(0n)).to.have.length(10);
  });
});

describe("the margin rate that bands foresee", () => {
  it("is at least the rate, by less than a sixty-fourth, and often the same for rates close together", () => {
    expect(foreseenRateOf(0n)).to.equal(0n);
    expect(foreseenRateOf(127n)).to.equal(127n);
    expect(foreseenRateOf(129n)).to.equal(130n);
    const rates = Array.from(
      { length: 600 },
      (_, i) => CALM_RATE + (CALM_RATE * BigInt(i)) / 6_000n,
    );
    for (const rate of rates) {
      const foreseen = foreseenRateOf(rate);
      expect(foreseen >= rate && (foreseen - rate) * 64n < rate, String(rate)).to.equal(true);
    }
    // An hour's rise by a tenth.
    expect(new Set(rates.map(foreseenRateOf)).size).to.be.lessThan(13);
  });
});

describe("the index of bands", () => {
  it("misses no account that prices and funding bring below maintenance margin (against brute force)", () => {
    let misses = 0;
    let liquidatable = 0;
    let looks = 0;
    let possible = 0;
    fc.assert(
      fc.property(
        fc.array(accountArbitrary, { minLength: 1, maxLength: 25 }),
        fc.array(tickArbitrary, { minLength: 1, maxLength: 12 }),
        (drafts, ticks) => {
          const accounts = drafts.map((draft, i): Account => ({ id: BigInt(i), ...draft }));
          const index = new BandIndex();
          const prices = [...FIRST_PRICES];
          const funding = [0n, 0n, 0n];
          let now = 1_000_000n;
          const judge = (account: Account) =>
            index.put({
              account: account.id,
              slackUsd: slackOf(account, prices, funding),
              positions: bandPositionsOf(account, prices),
              at: Number(now),
            });
          for (const account of accounts) judge(account);
          for (const { market, moveBps, seconds, fundingShare } of ticks) {
            const price = prices[market] ?? 0n;
            // Funding of up to the highest rate, at the price before the move, in every market.
            for (const i of funding.keys()) {
              const rate = (DAILY_RATE * fundingShare) / 100n;
              funding[i] =
                (funding[i] ?? 0n) + ((prices[i] ?? 0n) * rate * seconds) / (ONE * SECONDS_PER_DAY);
            }
            prices[market] = price + (price * moveBps) / 10_000n;
            now += seconds;
            const taken = new Set(
              index.take({ prices: new Map(prices.entries()), now: Number(now) }),
            );
            looks += taken.size;
            possible += accounts.length;
            for (const account of accounts) {
              // Margins may have risen meanwhile, as far as bands foresee.
              if (slackOf(account, prices, funding, foreseenRateOf(CALM_RATE)) >= 0n) continue;
              liquidatable += 1;
              if (!taken.has(account.id)) misses += 1;
            }
            for (const account of accounts) if (taken.has(account.id)) judge(account);
          }
          expect(misses).to.equal(0);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
    // The run means something only if accounts failed, and if most were left alone.
    expect(liquidatable).to.be.greaterThan(200);
    expect(looks).to.be.lessThan(possible * 0.8);
  });

  it("looks at nobody while prices stay inside the bands", () => {
    const index = new BandIndex();
    const prices = [2_000n * ONE];
    for (let i = 0n; i < 1_000n; i++) {
      const account = {
        id: i,
        cashUsd: (10_000n + i) * ONE,
        holdings: [{ market: 0, size: 20n * ONE, quote: -40_000n * ONE }],
      };
      index.put({
        account: i,
        slackUsd: slackOf(account, prices, [0n]),
        positions: bandPositionsOf(account, prices),
        at: 0,
      });
    }
    expect(index.take({ prices: new Map([[0, 1_990n * ONE]]), now: 10 })).to.have.length(0);
    expect(index.take({ prices: new Map([[0, 1_500n * ONE]]), now: 20 })).to.have.length(1_000);
  });

  it("keeps those it has handed out due until they are judged again", () => {
    const index = new BandIndex();
    const account = {
      id: 1n,
      cashUsd: 10_000n * ONE,
      holdings: [{ market: 0, size: 20n * ONE, quote: -40_000n * ONE }],
    };
    const prices = [2_000n * ONE];
    const judged = {
      account: 1n,
      slackUsd: slackOf(account, prices, [0n]),
      positions: bandPositionsOf(account, prices),
      at: 0,
    };
    index.put(judged);
    const low = new Map([[0, 1_000n * ONE]]);
    expect(index.take({ prices: low, now: 1 })).to.deep.equal([1n]);
    expect(index.take({ prices: new Map(), now: 1 })).to.deep.equal([1n]);
    expect(index.isBelievedSafe(1n)).to.equal(false);
    index.put(judged);
    expect(index.isBelievedSafe(1n)).to.equal(true);
    index.markMarketDue(0);
    expect(index.take({ prices: new Map(), now: 1 })).to.deep.equal([1n]);
  });

  it("looks in every block at accounts without slack and at those that cannot be judged", () => {
    const index = new BandIndex();
    index.put({ account: 1n, slackUsd: -1n, positions: [], at: 0 });
    index.putUnknown(2n);
    for (let block = 0; block < 3; block++) {
      expect(index.take({ prices: new Map(), now: block })).to.have.members([1n, 2n]);
    }
    index.put({ account: 1n, slackUsd: 10n ** 30n, positions: [], at: 0 });
    index.remove(2n);
    expect(index.take({ prices: new Map(), now: 9 })).to.deep.equal([]);
  });

  it("rechecks soon what has a position without a valid price", () => {
    const band = safeBandOf({
      slackUsd: 1_000_000n * ONE,
      positions: [
        {
          market: 0,
          size: ONE,
          price: 0n,
          maintenanceRate: 0n,
          foreseenRate: 0n,
          sizeSlope: 0n,
          skewScale: ONE,
          maxFundingRate: 0n,
        },
      ],
    });
    expect(band?.triggers).to.deep.equal([]);
    expect(band?.recheckSeconds).to.equal(60);
  });

  it("lets an account rest that holds nothing, unless it lives on credit", () => {
    const index = new BandIndex();
    const report = anAccount({ account: 1n, positions: [aPosition({ size: 0n })] });
    const markets = new Map([[0, aMarket()]]);
    const judged = (reserveUsd: bigint | null, equityUsd = 0n) => {
      indexReport({ index, report: { ...report, equityUsd }, markets, at: 1_000, reserveUsd });
      return index.isBelievedSafe(1n);
    };
    expect(judged(null)).to.equal(true);
    expect(judged(null, -1n)).to.equal(false);
    expect(judged(1n)).to.equal(false);
    expect(judged(1n, 10n ** 18n)).to.equal(true);
  });
});
