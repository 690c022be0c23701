import { expect } from "chai";
import fc from "fast-check";
import { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { planCode } from "../../../sdk/src/math/codes.ts";
import {
  actsOn,
  cutPlan,
  type LiquidationTerms,
  type Plan,
  type PlanMarketState,
  pacingOf,
  plan,
} from "../../../sdk/src/math/liquidationEngine.ts";
import { planPool } from "../../../sdk/src/math/poolTearUp.ts";
import {
  assess,
  assessOpening,
  type CoverTerms,
  type Exposure,
  initialMarginOf,
  type JudgedTerms,
  type Portfolio,
  type RiskTerms,
  ratesOf,
} from "../../../sdk/src/math/riskEngine.ts";
import {
  type AuctionTerms,
  planInventory,
  planTakeOver,
  planTakeOverWhole,
} from "../../../sdk/src/math/takeOver.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import {
  answerOf,
  between,
  expectSame,
  intOf,
  type Outcome,
  outcomeOf,
  SEED,
  startChain,
  tryAll,
  uintOf,
} from "./harness.ts";

const ONE = 10n ** 18n;
const VECTORS = 2_000;
/** Many thousand calls, on a machine that may be busy. */
const TIMEOUT_MS = 900_000;
const UNSET = 9n;

const RISK_TERMS: readonly RiskTerms[] = [
  {
    initialMargin: 50_000_000n * 10n ** 9n,
    maintenanceMargin: 30_000_000n * 10n ** 9n,
    sizeSlope: 5_000_000n * 10n ** 9n,
    gainShare: 900_000_000n * 10n ** 9n,
    multiplier: ONE,
    maxMultiplier: 3n * ONE,
    maxCharge: 200_000_000n * 10n ** 9n,
    rampStartUsd: 50_000_000n * ONE,
    rampEndUsd: 200_000_000n * ONE,
  },
  {
    initialMargin: 200_000_000n * 10n ** 9n,
    maintenanceMargin: 123_456_789n * 10n ** 9n,
    sizeSlope: 9_876_543n * 10n ** 9n,
    gainShare: 512_345_678n * 10n ** 9n,
    multiplier: 1_234_567_891n * 10n ** 9n,
    maxMultiplier: 4n * ONE,
    maxCharge: 333_333_333n * 10n ** 9n,
    rampStartUsd: 1_000_000n * ONE,
    rampEndUsd: 1_000_001n * ONE,
  },
  {
    initialMargin: ONE,
    maintenanceMargin: 2_500_000n * 10n ** 9n,
    sizeSlope: 0n,
    gainShare: 0n,
    multiplier: ONE,
    maxMultiplier: ONE,
    maxCharge: ONE,
    rampStartUsd: 0n,
    rampEndUsd: 1n,
  },
];

const LIQUIDATION_TERMS: readonly LiquidationTerms[] = [
  {
    target: 1_150_000_000n * 10n ** 9n,
    equityShare: 800_000_000n * 10n ** 9n,
    maxPenaltyRate: 10_000_000n * 10n ** 9n,
    keeperShare: 400_000_000n * 10n ** 9n,
    sliceShare: 250_000_000n * 10n ** 9n,
    windowSeconds: 10n,
    smallNotionalUsd: 5_000n * ONE,
    gasFloorUsd: 5n * ONE,
    referenceRange: 6_000n * 10n ** 12n,
  },
  {
    target: 1_999_999_999n * 10n ** 9n,
    equityShare: 950_000_000n * 10n ** 9n,
    maxPenaltyRate: 100_000_000n * 10n ** 9n,
    keeperShare: 123_456_789n * 10n ** 9n,
    sliceShare: ONE,
    windowSeconds: 3_600n,
    smallNotionalUsd: 1_000_000n * ONE,
    gasFloorUsd: 123_456n * 10n ** 12n,
    referenceRange: ONE,
  },
  {
    target: 1_010_000_000n * 10n ** 9n,
    equityShare: 0n,
    maxPenaltyRate: 0n,
    keeperShare: 0n,
    sliceShare: 10_000_000n * 10n ** 9n,
    windowSeconds: 1n,
    smallNotionalUsd: 0n,
    gasFloorUsd: 0n,
    referenceRange: 100n * 10n ** 12n,
  },
];

/** The last market has none. */
const COVER_TERMS: readonly CoverTerms[] = [
  {
    coverageTarget: 15_000_000n * 10n ** 9n,
    bootstrapUsd: 250_000n * ONE,
    fundShare: 500_000_000n * 10n ** 9n,
    concentrationMove: 100_000_000n * 10n ** 9n,
    premiumRate: 100_000n * 10n ** 9n,
  },
  {
    coverageTarget: 40_123_457n * 10n ** 9n,
    bootstrapUsd: 123_456_789n,
    fundShare: ONE,
    concentrationMove: 254_321_987n * 10n ** 9n,
    premiumRate: 4_999_999n * 10n ** 9n,
  },
];

const NO_RISK: RiskTerms = {
  initialMargin: 0n,
  maintenanceMargin: 0n,
  sizeSlope: 0n,
  gainShare: 0n,
  multiplier: 0n,
  maxMultiplier: 0n,
  maxCharge: 0n,
  rampStartUsd: 0n,
  rampEndUsd: 0n,
};

const NO_TERMS: LiquidationTerms = {
  target: 0n,
  equityShare: 0n,
  maxPenaltyRate: 0n,
  keeperShare: 0n,
  sliceShare: 0n,
  windowSeconds: 0n,
  smallNotionalUsd: 0n,
  gasFloorUsd: 0n,
  referenceRange: 0n,
};

const riskTermsOf = (market: bigint): JudgedTerms => {
  const cover = COVER_TERMS[Number(market)];
  const terms = RISK_TERMS[Number(market)] ?? NO_RISK;
  return cover === undefined ? terms : { ...terms, cover };
};
const liquidationTermsOf = (market: bigint): LiquidationTerms =>
  LIQUIDATION_TERMS[Number(market)] ?? NO_TERMS;
const DURATIONS = [90n, 3_600n, 10n] as const;
const auctionTermsOf = (id: bigint): AuctionTerms => ({
  durationSeconds: DURATIONS[Number(id)] ?? 0n,
});

const market = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0n, 1n, 2n) },
  { weight: 1, arbitrary: fc.constant(UNSET) },
);
const status = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1n) },
  { weight: 1, arbitrary: fc.bigInt(0n, 6n) },
);

/** Any exposure within the widths of the ledger. */
const anyExposure: fc.Arbitrary<Exposure> = fc.record({
  market,
  status,
  size: intOf(111),
  price: uintOf(104),
  valueUsd: intOf(112),
  maturedUsd: uintOf(112),
  depthUsd: uintOf(112),
  openInterestUsd: uintOf(130),
  lossPending: fc.boolean(),
  coverageLow: fc.boolean(),
});

const anyPortfolio: fc.Arbitrary<Portfolio> = fc.record({
  cashUsd: uintOf(96),
  creditLineUsd: fc.oneof(fc.constant(0n), uintOf(96)),
  exposures: fc.array(anyExposure, { maxLength: 5 }),
});

const DAY = 1_750_000_000n;

/** How fast a market may be liquidated: calm, wild, short of insurance, guarded. */
const anyStress: fc.Arbitrary<PlanMarketState["stress"]> = fc.record({
  windowLow: fc.oneof(fc.constant(0n), between(900n * ONE, 1_000n * ONE), uintOf(104)),
  windowHigh: fc.oneof(between(1_000n * ONE, 1_100n * ONE), uintOf(104)),
  shortfallUsd: fc.oneof(fc.constant(0n), uintOf(96)),
  insuranceUsd: uintOf(96),
  isGuarded: fc.boolean(),
});

/** A position as people hold it, with an equity about its requirement, in a market whose pool stands somewhere. */
const distressed = fc
  .record({
    market: fc.constantFrom(0n, 1n, 2n),
    notional: between(10n * ONE, 50_000_000n * ONE),
    price: between(10n ** 12n, 100_000n * ONE),
    isLong: fc.boolean(),
    depth: between(1_000n * ONE, 100_000_000n * ONE),
    // D18{1} of the requirement
    health: between(0n, (105n * ONE) / 100n),
    skewShare: between(0n, ONE / 4n),
    skewIsLong: fc.boolean(),
    averageShare: between(0n, ONE / 4n),
    lot: fc.constantFrom(1n, 10n ** 12n, 10n ** 15n, 10n ** 17n),
    cap: between(0n, ONE / 2n),
    poolEquity: between(0n, 50_000_000n * ONE),
    poolIsBroke: fc.boolean(),
    used: between(0n, ONE),
    accountUsed: fc.oneof(fc.constant(0n), between(0n, 2n * ONE)),
    ago: fc.bigInt(0n, 20n),
    minimum: fc.constantFrom(0n, 250n * ONE, 100_000n * ONE),
    band: between(ONE / 1000n, ONE / 5n),
    grace: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0n) },
      { arbitrary: uintOf(80), weight: 1 },
    ),
    others: fc.array(fc.tuple(anyExposure, fc.constant(0n)), { maxLength: 1 }),
    stress: anyStress,
  })
  .map((raw) => {
    const size = (raw.notional * ONE) / raw.price;
    const skewScale = (raw.depth * 100n * ONE) / raw.price + 1n;
    const exposure: Exposure = {
      market: raw.market,
      status: 1n,
      size: raw.isLong ? size : -size,
      price: raw.price,
      valueUsd: 0n,
      maturedUsd: 0n,
      depthUsd: raw.depth,
      openInterestUsd: raw.notional * 3n,
      lossPending: false,
      coverageLow: false,
    };
    const required = assess(
      { cashUsd: 0n, creditLineUsd: 0n, exposures: [exposure] },
      0n,
      riskTermsOf,
    ).requiredUsd;
    const skewSize = (skewScale * raw.skewShare) / ONE;
    const state: PlanMarketState = {
      skew: raw.skewIsLong ? skewSize : -skewSize,
      averageSkewRatio: raw.skewIsLong ? raw.averageShare : -raw.averageShare,
      skewScale,
      poolEquityUsd: raw.poolIsBroke ? -raw.poolEquity / 1000n : raw.poolEquity,
      exposureCap: (skewScale * raw.cap) / ONE,
      lotSize: raw.lot,
      minNotionalUsd: raw.minimum,
      band: raw.band,
      bucketUsedUsd: (raw.depth * raw.used) / (2n * ONE),
      bucketAt: DAY - raw.ago,
      accountUsedRatio: raw.accountUsed,
      accountUsedAt: DAY - raw.ago,
      stress: raw.stress,
    };
    const loss = required / 3n;
    const portfolio: Portfolio = {
      cashUsd: (required * raw.health) / ONE + loss,
      creditLineUsd: 0n,
      exposures: [{ ...exposure, valueUsd: -loss }],
    };
    return { portfolio, index: 0, graceUsd: raw.grace, state };
  });

/** Anything within the widths the engine states, sense or no sense. */
const anyPlan = fc
  .record({
    portfolio: anyPortfolio.filter(({ exposures }) => exposures.length > 0),
    index: fc.integer({ min: 0, max: 1 }),
    graceUsd: uintOf(128),
    state: fc.record({
      skew: intOf(112),
      averageSkewRatio: intOf(63),
      skewScale: between(1n, (1n << 111n) - 1n),
      poolEquityUsd: intOf(112),
      exposureCap: uintOf(111),
      lotSize: between(1n, (1n << 64n) - 1n),
      minNotionalUsd: uintOf(80),
      band: between(0n, ONE / 5n),
      bucketUsedUsd: uintOf(112),
      bucketAt: fc.oneof(between(DAY - 1000n, DAY), fc.constant(DAY + 1n)),
      accountUsedRatio: uintOf(62),
      accountUsedAt: between(DAY - 1000n, DAY),
      stress: anyStress,
    }),
  })
  // Notionals and equities below 2¹¹², as the house keeps them.
  .filter(({ portfolio }) =>
    portfolio.exposures.every(({ size, price }) => {
      const notional = ((size < 0n ? -size : size) * price) / ONE;
      return notional < 1n << 110n;
    }),
  );

describe("the mirror of the judges", function () {
  this.timeout(TIMEOUT_MS);
  const setUp = async () => {
    const chain = await startChain();
    const { ethers, deployer, provider } = chain;
    const manager = await ethers.deployContract("AccessManager", [deployer.address]);
    const authority = await manager.getAddress();
    const riskDeployed = await ethers.deployContract("RiskEngine", [authority]);
    const risk = typedContract(riskEngineAbi, await riskDeployed.getAddress(), provider);
    const args = [authority, risk.address];
    const engineDeployed = await ethers.deployContract("LiquidationEngine", args);
    const engine = typedContract(liquidationEngineAbi, await engineDeployed.getAddress(), provider);
    for (const [number, terms] of RISK_TERMS.entries()) {
      const id = BigInt(number);
      await deployer.sendTransaction(risk.transaction("setRiskTerms", [id, terms]));
      const cover = COVER_TERMS[number];
      if (cover !== undefined) {
        await deployer.sendTransaction(risk.transaction("setCoverTerms", [id, cover]));
      }
      const slices = liquidationTermsOf(id);
      await deployer.sendTransaction(engine.transaction("setLiquidationTerms", [id, slices]));
      const auctions = auctionTermsOf(id);
      await deployer.sendTransaction(engine.transaction("setAuctionTerms", [id, auctions]));
    }
    return { ...chain, risk, engine };
  };
  let chain: Awaited<ReturnType<typeof setUp>>;

  before(async () => {
    chain = await setUp();
  });

  async function ask(target: string, data: readonly string[]) {
    return tryAll(chain.provider, chain.harness, { target, data });
  }

  it("reads the terms it judges by from the contracts", async () => {
    for (const [number, terms] of RISK_TERMS.entries()) {
      expect(await chain.risk.call("riskTermsOf", [BigInt(number)])).to.deep.equal(terms);
      const slices = await chain.engine.call("liquidationTermsOf", [BigInt(number)]);
      expect(slices).to.deep.equal(liquidationTermsOf(BigInt(number)));
      const auctions = await chain.engine.call("auctionTermsOf", [BigInt(number)]);
      expect(auctions).to.deep.equal(auctionTermsOf(BigInt(number)));
    }
  });

  for (const kind of [0n, 1n]) {
    it(`assess of kind ${kind} is the RiskEngine's, reverts included`, async () => {
      const portfolios = fc.sample(anyPortfolio, { numRuns: VECTORS, seed: SEED });
      const data = portfolios.map(
        (portfolio) => chain.risk.transaction("assess", [portfolio, kind]).data,
      );
      const outcomes = await ask(chain.risk.address, data);
      for (const [at, portfolio] of portfolios.entries()) {
        const expected = answerAt(chain.risk.interface, "assess", outcomes, at);
        const actual = outcomeOf(() => Object.values(assess(portfolio, kind, riskTermsOf)));
        expectSame(actual, expected, () => `assess(${show(portfolio)})`);
      }
    });
  }

  it("assessOpening is the RiskEngine's, reverts included", async () => {
    const openings = fc.sample(
      fc.record({
        portfolio: anyPortfolio.filter(({ exposures }) => exposures.length > 0),
        size: uintOf(111),
        costsUsd: uintOf(96),
        goodDays: fc.bigInt(0n, 40n),
        at: fc.nat(),
        share: between(0n, 2n * ONE),
      }),
      { numRuns: VECTORS, seed: SEED },
    );
    const calls = openings.map(({ portfolio, at, size, share, ...others }) => {
      const index = at % portfolio.exposures.length;
      const exposure = portfolio.exposures[index];
      // Half of them open a part of what they hold, as fills do.
      const held =
        exposure === undefined ? 0n : exposure.size < 0n ? -exposure.size : exposure.size;
      const opened = share < ONE ? (held * share) / ONE : size;
      return { portfolio, opening: { index: BigInt(index), size: opened, ...others } };
    });
    const data = calls.map(
      ({ portfolio, opening }) =>
        chain.risk.transaction("assessOpening", [portfolio, opening]).data,
    );
    const outcomes = await ask(chain.risk.address, data);
    let charged = 0;
    for (const [at, { portfolio, opening }] of calls.entries()) {
      const expected = answerAt(chain.risk.interface, "assessOpening", outcomes, at);
      const actual = outcomeOf(() => Object.values(assessOpening(portfolio, opening, riskTermsOf)));
      expectSame(actual, expected, () => `assessOpening(${show({ portfolio, opening })})`);
      if ("returned" in expected) charged += 1;
    }
    expect(charged).to.be.greaterThan(VECTORS / 2);
  });

  it("initialMarginOf and ratesOf are the RiskEngine's, reverts included", async () => {
    const vectors = fc.sample(fc.tuple(market, uintOf(120), uintOf(130), uintOf(130)), {
      numRuns: VECTORS,
      seed: SEED,
    });
    const margins = vectors.map((args) => chain.risk.transaction("initialMarginOf", args).data);
    const outcomes = await ask(chain.risk.address, margins);
    for (const [at, [id, notional, depth, interest]] of vectors.entries()) {
      const expected = answerAt(chain.risk.interface, "initialMarginOf", outcomes, at);
      const actual = outcomeOf(() => initialMarginOf(id, notional, depth, interest, riskTermsOf));
      expectSame(actual, expected, () => `initialMarginOf(${vectors[at]})`);
    }
    const ids = [0n, 1n, 2n, UNSET];
    const rates = ids.map((id) => chain.risk.transaction("ratesOf", [id]).data);
    const answers = await ask(chain.risk.address, rates);
    for (const [at, id] of ids.entries()) {
      const expected = answerAt(chain.risk.interface, "ratesOf", answers, at);
      expectSame(
        outcomeOf(() => Object.values(ratesOf(id, riskTermsOf))),
        expected,
        () => `ratesOf(${id})`,
      );
    }
  });

  const plans = [
    {
      title: "accounts in distress",
      cases: distressed,
      wanted: [
        planCode.Healthy,
        planCode.Paced,
        planCode.Unaffordable,
        planCode.PoolUnavailable,
        planCode.Partial,
        planCode.Full,
      ],
    },
    {
      title: "anything within the widths",
      cases: anyPlan,
      wanted: [
        planCode.Healthy,
        planCode.Bankrupt,
        planCode.NoPosition,
        planCode.PriceNotValid,
        planCode.Paced,
      ],
    },
  ];
  for (const { title, cases, wanted } of plans) {
    it(`plan is the LiquidationEngine's for ${title}, reverts included`, async () => {
      const vectors = fc.sample(cases, { numRuns: VECTORS, seed: SEED });
      const { timestamp, seconds } = await latest();
      // Times in vectors count from one moment; the chain's clock is moved to it.
      const shift = timestamp - DAY;
      const shifted = vectors.map((vector) => ({
        ...vector,
        state: {
          ...vector.state,
          bucketAt: vector.state.bucketAt + shift,
          accountUsedAt: vector.state.accountUsedAt + shift,
        },
      }));
      const data = shifted.map(
        ({ portfolio, index, graceUsd, state }) =>
          chain.engine.transaction("plan", [portfolio, BigInt(index), graceUsd, state]).data,
      );
      const outcomes = await ask(chain.engine.address, data);
      expect((await latest()).seconds).to.equal(seconds);
      const seen = new Map<string, number>();
      for (const [at, { portfolio, index, graceUsd, state }] of shifted.entries()) {
        const expected = answerAt(chain.engine.interface, "plan", outcomes, at);
        const reduced = portfolio.exposures[index]?.market ?? UNSET;
        const terms = liquidationTermsOf(reduced);
        const actual = outcomeOf(() => {
          const input = { portfolio, index, graceUsd, state, terms, riskTermsOf, timestamp };
          const result = plan(input);
          count(seen, String(result.code));
          return Object.values(result);
        });
        if ("reverted" in expected) count(seen, expected.reverted.replace(/\(.*/, ""));
        expectSame(actual, expected, () => `plan(${show(shifted[at])})`);
      }
      requireVariety(seen, wanted);
    });

    it(`pacingOf is the LiquidationEngine's for ${title}, reverts included`, async () => {
      const vectors = fc.sample(cases, { numRuns: VECTORS, seed: SEED });
      const { timestamp } = await latest();
      const shift = timestamp - DAY;
      const shifted = vectors.map(({ portfolio, index, state }) => ({
        portfolio,
        index,
        state: {
          ...state,
          bucketAt: state.bucketAt + shift,
          accountUsedAt: state.accountUsedAt + shift,
        },
      }));
      const data = shifted.map(
        ({ portfolio, index, state }) =>
          chain.engine.transaction("pacingOf", [portfolio, BigInt(index), state]).data,
      );
      const outcomes = await ask(chain.engine.address, data);
      const seen = new Map<string, number>();
      for (const [at, { portfolio, index, state }] of shifted.entries()) {
        const expected = answerAt(chain.engine.interface, "pacingOf", outcomes, at);
        const terms = liquidationTermsOf(portfolio.exposures[index]?.market ?? UNSET);
        const actual = outcomeOf(() => {
          const result = pacingOf({ portfolio, index, state, terms, riskTermsOf, timestamp });
          count(seen, result.nextAt === timestamp ? "now" : "later");
          return Object.values(result);
        });
        expectSame(actual, expected, () => `pacingOf(${show(shifted[at])})`);
      }
      expect([...seen.keys()], "all at once, or none").to.include.members(["now", "later"]);
    });
  }

  it("cutPlan is the LiquidationEngine's for what plans say and for any other plan, reverts included", async () => {
    // Parts of a plan at prices about the index, and what no plan says.
    const cuts = fc.record({
      sizeShare: between(1n, ONE),
      priceShare: between((90n * ONE) / 100n, (110n * ONE) / 100n),
      anyPlanned: fc.option(
        fc.record({
          equityUsd: uintOf(111),
          maintenanceUsd: uintOf(112),
          closeSize: uintOf(111),
          penaltyUsd: uintOf(112),
        }),
        { freq: 5 },
      ),
    });
    const samples = fc.sample(fc.tuple(distressed, cuts), { numRuns: VECTORS, seed: SEED });
    const { timestamp, seconds } = await latest();
    const vectors = samples.flatMap(([{ portfolio, index, state: drawn }, cut]) => {
      const exposure = firstOf(portfolio);
      const terms = liquidationTermsOf(exposure.market);
      const state = { ...drawn, bucketAt: timestamp, accountUsedAt: timestamp };
      const context = { portfolio, index, graceUsd: 0n, state, terms, riskTermsOf, timestamp };
      const own = plan(context);
      const planned: Plan = cut.anyPlanned === null ? own : { ...own, ...cut.anyPlanned };
      if (cut.anyPlanned === null && !actsOn(planned)) return [];
      const size = exposure.size < 0n ? -exposure.size : exposure.size;
      const most = planned.closeSize < size ? planned.closeSize : size;
      const closeSize = (most * cut.sizeShare) / ONE;
      const price = (exposure.price * cut.priceShare) / ONE;
      return [{ ...context, exposure, planned, closeSize, price }];
    });
    const { engine } = chain;
    const outcomes = await ask(
      engine.address,
      vectors.map(({ planned, exposure, state, closeSize, price }) => {
        const args = [planned, exposure, state, closeSize, price] as const;
        return engine.transaction("cutPlan", args).data;
      }),
    );
    expect((await latest()).seconds).to.equal(seconds);
    const seen = new Map<string, number>();
    for (const [at, vector] of vectors.entries()) {
      const actual = outcomeOf(() => {
        const result = cutPlan(vector);
        count(seen, String(result.code));
        return Object.values(result);
      });
      const expected = answerAt(engine.interface, "cutPlan", outcomes, at);
      if ("reverted" in expected) count(seen, "reverted");
      expectSame(actual, expected, () => `cutPlan(${show(vector)})`);
    }
    requireVariety(seen, [planCode.Unaffordable, planCode.Partial, planCode.Full]);
    expect(seen.get("reverted") ?? 0).to.be.greaterThan(2);
  });

  const takeOvers = [
    {
      title: "accounts in distress",
      cases: distressed,
      wanted: [planCode.Healthy, planCode.TooSmall, planCode.Partial, planCode.Full],
      wantedWhole: [planCode.Healthy, planCode.NotDeep, planCode.Full],
    },
    {
      title: "anything within the widths",
      cases: anyPlan,
      wanted: [planCode.Healthy, planCode.Bankrupt, planCode.NoPosition, planCode.PriceNotValid],
      wantedWhole: [planCode.Healthy, planCode.Bankrupt],
    },
  ];
  const progress = fc.record({
    elapsedSeconds: fc.oneof(fc.bigInt(0n, 120n), uintOf(32)),
    maxSize: fc.oneof(fc.constant((1n << 256n) - 1n), uintOf(100)),
    tolerance: between(0n, ONE / 20n),
  });
  for (const { title, cases, wanted, wantedWhole } of takeOvers) {
    it(`take-overs are planned as by the LiquidationEngine for ${title}, reverts included`, async () => {
      // Sizing wraps where the requirement is wider than the engine states.
      const within = cases.filter(({ portfolio }) => {
        const required = outcomeOf(() => assess(portfolio, 0n, riskTermsOf).requiredUsd);
        return "reverted" in required || BigInt(String(required.returned)) < 1n << 112n;
      });
      const samples = fc.sample(fc.tuple(within, progress), { numRuns: VECTORS, seed: SEED });
      const { timestamp, seconds } = await latest();
      const vectors = samples.map(([{ state, ...rest }, terms]) => {
        const [bucketAt, accountUsedAt] = [timestamp, timestamp];
        return { ...rest, ...terms, state: { ...state, bucketAt, accountUsedAt } };
      });
      const { engine } = chain;
      const single = await ask(
        engine.address,
        vectors.map(({ portfolio, index, graceUsd, state, elapsedSeconds, maxSize }) => {
          const args = [
            portfolio,
            BigInt(index),
            graceUsd,
            state,
            elapsedSeconds,
            maxSize,
          ] as const;
          return engine.transaction("planTakeOver", args).data;
        }),
      );
      const whole = await ask(
        engine.address,
        vectors.map(({ portfolio, graceUsd, state, elapsedSeconds }) => {
          const states = portfolio.exposures.map(() => state);
          return engine.transaction("planTakeOverWhole", [
            portfolio,
            graceUsd,
            states,
            elapsedSeconds,
          ]).data;
        }),
      );
      const inventory = await ask(
        engine.address,
        vectors.map(({ portfolio, state, tolerance, elapsedSeconds, maxSize }) => {
          const exposure = firstOf(portfolio);
          const args = [exposure, state, tolerance, elapsedSeconds, maxSize] as const;
          return engine.transaction("planInventory", args).data;
        }),
      );
      expect((await latest()).seconds).to.equal(seconds);
      const [seen, seenWhole] = [new Map<string, number>(), new Map<string, number>()];
      for (const [at, vector] of vectors.entries()) {
        const context = { ...vector, timestamp, riskTermsOf, liquidationTermsOf, auctionTermsOf };
        expectSame(
          outcomeOf(() => {
            const plan = planTakeOver(context);
            count(seen, String(plan.code));
            return Object.values(plan);
          }),
          answerAt(engine.interface, "planTakeOver", single, at),
          () => `planTakeOver(${show(vector)})`,
        );
        const states = vector.portfolio.exposures.map(() => vector.state);
        expectSame(
          outcomeOf(() => {
            const { total, parts } = planTakeOverWhole({ ...context, states });
            count(seenWhole, String(total.code));
            return [Object.values(total), parts.map((part) => Object.values(part))];
          }),
          answerAt(engine.interface, "planTakeOverWhole", whole, at),
          () => `planTakeOverWhole(${show(vector)})`,
        );
        const exposure = firstOf(vector.portfolio);
        expectSame(
          outcomeOf(() => Object.values(planInventory({ ...context, exposure }))),
          answerAt(engine.interface, "planInventory", inventory, at),
          () => `planInventory(${show(vector)})`,
        );
      }
      requireVariety(seen, wanted);
      requireVariety(seenWhole, wantedWhole);
    });
  }

  const poolCases = [
    {
      title: "pools in distress",
      cases: distressed,
      wanted: [planCode.Healthy, planCode.Paced, planCode.Partial, planCode.Full],
    },
    {
      title: "anything within the widths",
      cases: anyPlan,
      wanted: [planCode.Healthy, planCode.Bankrupt, planCode.NoPosition, planCode.PriceNotValid],
    },
  ];
  for (const { title, cases, wanted } of poolCases) {
    it(`planPool is the LiquidationEngine's for ${title}, reverts included`, async () => {
      const waited = fc.oneof(fc.bigInt(0n, 60n), uintOf(40));
      const vectors = fc.sample(fc.tuple(cases, waited), { numRuns: VECTORS, seed: SEED });
      const { timestamp, seconds } = await latest();
      const data = vectors.map(([{ portfolio, index, graceUsd, state }, elapsedSeconds]) => {
        const args = [portfolio, BigInt(index), graceUsd, state.lotSize, elapsedSeconds] as const;
        return chain.engine.transaction("planPool", args).data;
      });
      const outcomes = await ask(chain.engine.address, data);
      expect((await latest()).seconds).to.equal(seconds);
      const seen = new Map<string, number>();
      for (const [
        at,
        [{ portfolio, index, graceUsd, state }, elapsedSeconds],
      ] of vectors.entries()) {
        const terms = liquidationTermsOf(portfolio.exposures[index]?.market ?? UNSET);
        const actual = outcomeOf(() => {
          const { lotSize } = state;
          const known = { portfolio, index, graceUsd, lotSize, elapsedSeconds };
          const result = planPool({ ...known, terms, riskTermsOf, timestamp });
          count(seen, String(result.code));
          return Object.values(result);
        });
        const expected = answerAt(chain.engine.interface, "planPool", outcomes, at);
        expectSame(actual, expected, () => `planPool(${show(vectors[at])})`);
      }
      requireVariety(seen, wanted);
    });
  }

  async function latest() {
    const block = await chain.provider.getBlock("latest");
    if (block === null) throw new Error("The chain has no block");
    return { timestamp: BigInt(block.timestamp), seconds: block.timestamp };
  }
});

function firstOf({ exposures }: Portfolio): Exposure {
  const [first] = exposures;
  if (first === undefined) throw new Error("A vector has no exposure");
  return first;
}

/** Vectors that all end alike would prove little. */
function requireVariety(seen: ReadonlyMap<string, number>, wanted: readonly bigint[]): void {
  const named = [...seen].map(([code, times]) => `${code}: ${times}`).join(", ");
  for (const code of wanted) {
    expect(seen.get(String(code)) ?? 0, `code ${code} among ${named}`).to.be.greaterThan(2);
  }
}

function count(seen: Map<string, number>, key: string): void {
  seen.set(key, (seen.get(key) ?? 0) + 1);
}

function answerAt(
  coder: Parameters<typeof answerOf>[0],
  name: string,
  outcomes: readonly { ok: boolean; data: string }[],
  at: number,
): Outcome {
  const outcome = outcomes[at];
  if (outcome === undefined) throw new Error(`No answer to call ${at}`);
  return answerOf(coder, name, outcome);
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
