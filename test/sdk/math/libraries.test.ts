import { expect } from "chai";
import { Interface } from "ethers";
import fc from "fast-check";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { mathHarnessAbi } from "../../../sdk/src/abis/MathHarness.ts";
import * as auctions from "../../../sdk/src/math/auctionMath.ts";
import * as codes from "../../../sdk/src/math/codes.ts";
import * as coverage from "../../../sdk/src/math/coverageMath.ts";
import * as credit from "../../../sdk/src/math/creditMath.ts";
import * as fixedPoint from "../../../sdk/src/math/fixedPoint.ts";
import * as funding from "../../../sdk/src/math/fundingMath.ts";
import * as liquidation from "../../../sdk/src/math/liquidationMath.ts";
import * as loss from "../../../sdk/src/math/lossMath.ts";
import * as margin from "../../../sdk/src/math/marginMath.ts";
import * as premium from "../../../sdk/src/math/premiumMath.ts";
import * as share from "../../../sdk/src/math/shareMath.ts";
import * as skew from "../../../sdk/src/math/skewMath.ts";
import { sqrtDown, sqrtUp } from "../../../sdk/src/math/solidity.ts";
import * as units from "../../../sdk/src/math/tokenUnits.ts";
import * as volatility from "../../../sdk/src/math/volatilityMath.ts";
import {
  answerOf,
  anyInt,
  anyUint,
  between,
  expectSame,
  intOf,
  outcomeOf,
  SEED,
  startChain,
  tryAll,
  uintOf,
} from "./harness.ts";

const ONE = 10n ** 18n;
const VECTORS = 500;
/** On a machine that may be busy. */
const TIMEOUT_MS = 600_000;

type Values = readonly bigint[];

/** One function of the contracts and its mirror, with the arguments both get. */
interface Pair {
  readonly name: string;
  readonly args: fc.Arbitrary<Values>;
  /** As the call takes them, where that is not a flat list. */
  readonly encode?: (values: Values) => readonly unknown[];
  readonly mirror: (...values: bigint[]) => unknown;
}

const list = (...parts: fc.Arbitrary<bigint>[]): fc.Arbitrary<Values> => fc.tuple(...parts);

// Widths as the libraries state them; beyond them unchecked arithmetic wraps, which no caller allows.
const amount = uintOf(112);
const rate = uintOf(63);
const width120 = uintOf(120);
const scale = between(1n, (1n << 120n) - 1n);
const depth = uintOf(128);
const ratio = between(0n, ONE);

const two = list(anyUint, anyUint);

/** A high and a low, near each other and far. */
const ratioOfPrices: fc.Arbitrary<Values> = fc.oneof(
  fc.tuple(uintOf(127), uintOf(127)).map(([a, b]) => (a > b ? [a + 1n, b + 1n] : [b + 1n, a + 1n])),
  fc
    .tuple(between(10n ** 15n, 10n ** 30n), between(0n, ONE / 3n))
    .map(([low, move]) => [low + (low * move) / ONE, low]),
);
const three = list(anyUint, anyUint, anyUint);
const twoSigned = list(anyInt, anyInt);
const divisor = between(1n, (1n << 255n) - 1n);

/** A reduction as `reductionOf` makes it, from the position's own numbers. */
const position = fc.tuple(amount, rate, rate, depth, depth, intOf(64));
const positionAsStruct = (values: Values): liquidation.Reduction => {
  const [n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n] = values;
  const cost = i > 16n * ONE ? 16n * ONE : i < -16n * ONE ? -16n * ONE : i;
  return liquidation.reductionOf(n, m, s, d, k, cost);
};
const withPosition = (...rest: fc.Arbitrary<bigint>[]): fc.Arbitrary<Values> =>
  fc.tuple(position, fc.tuple(...rest)).map(([head, tail]) => [...head, ...tail]);
const encodePosition = (values: Values): readonly unknown[] => [
  Object.values(positionAsStruct(values.slice(0, 6))),
  ...values.slice(6),
];

const premiumOf = (
  notionalUsd = 0n,
  addedMarginUsd = 0n,
  marginUsd = 0n,
  equityUsd = 0n,
  rateD9 = 0n,
  goodDays = 0n,
): bigint =>
  premium.premiumUp({ notionalUsd, addedMarginUsd, marginUsd, equityUsd, rateD9, goodDays });

/** Terms of a collateral as the vault bounds them, and a few that it refuses. */
const haircut = fc
  .tuple(between(0n, (95n * ONE) / 100n), ratio, uintOf(67), fc.oneof(scale, fc.constant(0n)))
  .map(([top, part, slope, depthOf]) => [top, (top * (ONE + part)) / (2n * ONE), slope, depthOf]);
const haircutOf = ([topShare = 0n, minShare = 0n, sizeSlope = 0n, depthOf = 0n]: Values) => ({
  topShare,
  minShare,
  sizeSlope,
  depth: depthOf,
});
const withHaircut = (...rest: fc.Arbitrary<bigint>[]): fc.Arbitrary<Values> =>
  fc.tuple(haircut, fc.tuple(...rest)).map(([head, tail]) => [...head, ...tail]);

/** Sales of accounts around their line: the debt is drawn near to what the collateral carries. */
const sale = fc
  .tuple(haircut, between(0n, 10n ** 27n), between(1n, 10n ** 24n), between(0n, ONE / 8n))
  .chain(([terms, held, index, discount]) =>
    fc.tuple(between(0n, 10n ** 26n), between(0n, 2n * ONE)).map(([other, part]) => {
      const worth = other + (held * index) / ONE;
      const price = (index * (ONE - discount)) / ONE;
      return [...terms, held, index, price, other, (worth * part) / ONE];
    }),
  );
/** An auction: a position, E, MM, f, φ₀ and the band. */
const withAuction = (...rest: fc.Arbitrary<bigint>[]): fc.Arbitrary<Values> =>
  withPosition(amount, between(1n, (1n << 112n) - 1n), ratio, ratio, ratio, ...rest);
const auctionAsStruct = (values: Values): auctions.Auction => {
  const [equityUsd = 0n, maintenanceUsd = 0n, progress = 0n, penaltyRate = 0n, band = 0n] =
    values.slice(6);
  return {
    position: positionAsStruct(values.slice(0, 6)),
    equityUsd,
    maintenanceUsd,
    share: progress,
    penaltyRate,
    band,
  };
};
const encodeAuction = (values: Values): readonly unknown[] => {
  const { position: reduced, ...others } = auctionAsStruct(values);
  return [[Object.values(reduced), ...Object.values(others)], ...values.slice(11)];
};

const pairs: readonly Pair[] = [
  {
    name: "collateralShareDown",
    args: withHaircut(amount),
    encode: (values) => [values.slice(0, 4), ...values.slice(4)],
    mirror: (...values) => credit.collateralShareDown(haircutOf(values), values[4] ?? 0n),
  },
  {
    name: "collateralValueDown",
    args: withHaircut(uintOf(120), uintOf(104)),
    encode: (values) => [values.slice(0, 4), ...values.slice(4)],
    mirror: (...values) =>
      credit.collateralValueDown(haircutOf(values), values[4] ?? 0n, values[5] ?? 0n),
  },
  { name: "utilizationUp", args: two, mirror: credit.utilizationUp },
  {
    name: "interestRateUp",
    args: list(ratio, ratio, ratio, between(1n, ONE - 1n), ratio),
    encode: (values) => [values.slice(0, 4), ...values.slice(4)],
    mirror: (baseRate = 0n, kinkRate = 0n, maxRate = 0n, kinkUtilization = 0n, used = 0n) =>
      credit.interestRateUp({ baseRate, kinkRate, maxRate, kinkUtilization }, used),
  },
  {
    name: "interestIndexUp",
    args: list(uintOf(128), uintOf(63), uintOf(40)),
    mirror: credit.interestIndexUp,
  },
  {
    name: "auctionPriceUp",
    args: list(uintOf(104), ratio, uintOf(12), uintOf(12)),
    mirror: credit.auctionPriceUp,
  },
  {
    name: "restoringUp",
    args: sale,
    encode: (values) => [values.slice(0, 4), values.slice(4)],
    mirror: (...values) => {
      const [held = 0n, indexPrice = 0n, price = 0n, otherValueUsd = 0n, debtUsd = 0n] =
        values.slice(4);
      return credit.restoringUp(haircutOf(values), {
        amount: held,
        indexPrice,
        price,
        otherValueUsd,
        debtUsd,
      });
    },
  },

  { name: "mulWadDown", args: two, mirror: fixedPoint.mulWadDown },
  { name: "mulWadUp", args: two, mirror: fixedPoint.mulWadUp },
  { name: "divWadDown", args: two, mirror: fixedPoint.divWadDown },
  { name: "divWadUp", args: two, mirror: fixedPoint.divWadUp },
  { name: "divUp", args: two, mirror: fixedPoint.divUp },
  { name: "mulDivDown", args: three, mirror: fixedPoint.mulDivDown },
  { name: "mulDivUp", args: three, mirror: fixedPoint.mulDivUp },
  { name: "mulWadFloor", args: twoSigned, mirror: fixedPoint.mulWadFloor },
  { name: "mulWadCeil", args: twoSigned, mirror: fixedPoint.mulWadCeil },
  {
    name: "divFloor",
    args: list(anyInt, fc.oneof(divisor, fc.constant(0n))),
    mirror: fixedPoint.divFloor,
  },
  {
    name: "divCeil",
    args: list(anyInt, fc.oneof(divisor, fc.constant(0n))),
    mirror: fixedPoint.divCeil,
  },
  { name: "mulDivFloor", args: list(anyInt, anyInt, anyUint), mirror: fixedPoint.mulDivFloor },
  { name: "mulDivCeil", args: list(anyInt, anyInt, anyUint), mirror: fixedPoint.mulDivCeil },
  { name: "magnitude", args: list(anyInt), mirror: fixedPoint.magnitude },
  { name: "positivePart", args: list(anyInt), mirror: fixedPoint.positivePart },
  { name: "toInt", args: list(anyUint), mirror: fixedPoint.toInt },
  { name: "toUint", args: list(anyInt), mirror: fixedPoint.toUint },

  {
    name: "fillPrice",
    args: list(uintOf(112), intOf(120), intOf(120), fc.oneof(scale, fc.constant(0n))),
    encode: (values) => [values],
    mirror: (indexPrice = 0n, skewNow = 0n, sizeDelta = 0n, skewScale = 0n) =>
      skew.fillPrice({ indexPrice, skew: skewNow, sizeDelta, skewScale }),
  },
  { name: "clampToBand", args: list(anyUint, anyUint, ratio), mirror: skew.clampToBand },
  { name: "depthUsd", args: two, mirror: skew.depthUsd },
  {
    name: "averageRatio",
    args: list(intOf(120), intOf(120), fc.oneof(uintOf(40), fc.bigInt(0n, 700n))),
    mirror: skew.averageRatio,
  },

  { name: "velocity", args: list(intOf(120), width120, uintOf(95)), mirror: funding.velocity },
  {
    name: "advance",
    args: list(intOf(63), intOf(112), scale, uintOf(63), uintOf(63), uintOf(40)),
    encode: (values) => [values],
    mirror: (r = 0n, k = 0n, s = 0n, maxVelocity = 0n, maxRate = 0n, elapsedSeconds = 0n) =>
      Object.values(
        funding.advance({ rate: r, skew: k, skewScale: s, maxVelocity, maxRate, elapsedSeconds }),
      ),
  },
  { name: "accrue", args: list(anyInt, anyUint, anyInt), mirror: funding.accrue },

  {
    name: "requirementUp",
    args: list(uintOf(179), uintOf(75), uintOf(75), uintOf(195)),
    mirror: margin.requirementUp,
  },
  {
    name: "openInterestRateUp",
    args: fc
      .tuple(anyUint, uintOf(127), uintOf(127), between(0n, 2n * ONE))
      .map(([interest, start, above, initial]) => [interest, start, start + above + 1n, initial]),
    mirror: margin.openInterestRateUp,
  },

  { name: "targetUsdUp", args: list(anyUint, ratio, anyUint), mirror: coverage.targetUp },
  { name: "buffersDown", args: list(anyUint, anyUint, ratio), mirror: coverage.buffersDown },
  { name: "coverageLevelOf", args: two, mirror: coverage.levelOf },
  { name: "raisedRateUp", args: list(anyUint), mirror: coverage.raisedRateUp },
  {
    name: "concentrationUp",
    args: list(uintOf(179), ratio, uintOf(130), ratio, uintOf(128)),
    mirror: coverage.concentrationUp,
  },
  {
    name: "standingFactor",
    args: list(fc.oneof(fc.bigInt(0n, 40n), anyUint)),
    mirror: premium.standingFactor,
  },
  {
    name: "premiumUp",
    args: list(amount, amount, amount, intOf(111), uintOf(24), fc.bigInt(0n, 40n)),
    encode: (values) => [values],
    mirror: premiumOf,
  },
  {
    name: "premiumUp",
    // Accounts that use between nothing and all of their equity.
    args: fc
      .tuple(amount, between(0n, ONE), between(0n, ONE), amount, uintOf(24), fc.bigInt(0n, 40n))
      .map(([notional, use, part, equity, c, days]) => {
        const marginUsd = (equity * use) / ONE;
        return [notional, (marginUsd * part) / ONE, marginUsd, equity, c, days];
      }),
    encode: (values) => [values],
    mirror: premiumOf,
  },

  { name: "lnRatioDown", args: ratioOfPrices, mirror: volatility.lnRatioDown },
  {
    name: "decay",
    args: list(uintOf(63), between(1n, 1n << 40n)),
    mirror: volatility.decay,
  },
  {
    name: "varianceSample",
    args: fc
      .tuple(ratioOfPrices, ratio, ratio)
      .map(([[high = 1n, low = 1n], a, b]) => [
        low + ((high - low) * a) / ONE,
        low,
        high,
        low + ((high - low) * b) / ONE,
      ]),
    encode: (values) => [values],
    mirror: (open = 0n, low = 0n, high = 0n, close = 0n) =>
      volatility.sample({ open, low, high, close }),
  },
  {
    name: "advanceVariances",
    args: list(
      ...[uintOf(56), uintOf(56), uintOf(64), between(1n, 21_600n)],
      ...[uintOf(32), fc.oneof(between(0n, 2n), uintOf(32))],
    ),
    encode: ([slow, fast, ...rest]) => [[slow, fast], ...rest],
    mirror: (slow = 0n, fast = 0n, sampled = 0n, length = 0n, number = 0n, flat = 0n) =>
      Object.values(volatility.advance({ slow, fast }, sampled, length, number, flat)),
  },
  {
    name: "combinedVariance",
    args: list(uintOf(56), uintOf(56)),
    encode: (values) => [values],
    mirror: (slow = 0n, fast = 0n) => volatility.combined({ slow, fast }),
  },
  {
    name: "varianceOfYearlyUp",
    args: list(uintOf(140)),
    mirror: volatility.varianceOfYearlyUp,
  },
  {
    name: "volatilityMultiplierUp",
    args: list(uintOf(99), uintOf(31), uintOf(79), uintOf(60)),
    mirror: volatility.multiplierUp,
  },
  {
    name: "rampedMultiplier",
    args: list(uintOf(96), uintOf(96), uintOf(63)),
    mirror: volatility.ramped,
  },

  {
    name: "reductionOf",
    args: list(amount, rate, rate, depth, depth, intOf(64)),
    mirror: (n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n) =>
      Object.values(liquidation.reductionOf(n, m, s, d, k, i)),
  },
  { name: "skewCostUp", args: list(anyInt, intOf(120), scale), mirror: liquidation.skewCostUp },
  {
    name: "penaltyRateDown",
    args: list(amount, amount, rate, rate),
    mirror: liquidation.penaltyRateDown,
  },
  {
    name: "targetUp",
    args: withPosition(amount, amount, between(ONE, 2n * ONE), between(0n, ONE)),
    encode: encodePosition,
    mirror: (n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n, e = 0n, mm = 0n, t = 0n, p = 0n) =>
      liquidation.targetUp(positionAsStruct([n, m, s, d, k, i]), e, mm, t, p),
  },
  {
    name: "targetWithinBandUp",
    args: withPosition(amount, amount, between(ONE, 2n * ONE), between(0n, ONE), ratio),
    encode: encodePosition,
    mirror: (
      ...[n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n, e = 0n, mm = 0n, t = 0n, p = 0n, b = 0n]
    ) => liquidation.targetWithinBandUp(positionAsStruct([n, m, s, d, k, i]), e, mm, t, p, b),
  },
  {
    name: "affordableDown",
    args: withPosition(ratio),
    encode: encodePosition,
    mirror: (n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n, h = 0n) =>
      liquidation.affordableDown(positionAsStruct([n, m, s, d, k, i]), h),
  },
  { name: "healthBudgetDown", args: three, mirror: liquidation.healthBudgetDown },
  {
    name: "coveredNotionalDown",
    args: list(anyUint, anyUint, anyUint, anyUint),
    mirror: liquidation.coveredNotionalDown,
  },
  {
    name: "coveredNotionalDown",
    args: list(amount, rate, rate, depth),
    mirror: liquidation.coveredNotionalDown,
  },

  {
    name: "shareDown",
    args: list(uintOf(40), fc.oneof(between(1n, 3_600n), fc.constant(0n))),
    mirror: auctions.shareDown,
  },
  {
    name: "skewCostDown",
    args: list(anyInt, intOf(120), intOf(64), scale),
    mirror: auctions.skewCostDown,
  },
  {
    name: "auctionTargetUp",
    args: withAuction(between(ONE, 2n * ONE)),
    encode: encodeAuction,
    mirror: (...values) => auctions.targetUp(auctionAsStruct(values), values[11] ?? 0n),
  },
  {
    name: "liquidationCostDown",
    args: withAuction(amount),
    encode: encodeAuction,
    mirror: (...values) => auctions.liquidationCostDown(auctionAsStruct(values), values[11] ?? 0n),
  },
  {
    name: "discountDown",
    args: withAuction(amount, amount),
    encode: encodeAuction,
    mirror: (...values) =>
      auctions.discountDown(auctionAsStruct(values), values[11] ?? 0n, values[12] ?? 0n),
  },
  {
    name: "inventoryDiscountDown",
    args: withPosition(amount, ratio, ratio),
    encode: encodePosition,
    mirror: (n = 0n, m = 0n, s = 0n, d = 0n, k = 0n, i = 0n, x = 0n, u = 0n, f = 0n) =>
      auctions.inventoryDiscountDown(positionAsStruct([n, m, s, d, k, i]), x, u, f),
  },
  {
    name: "auctionPriceOf",
    args: list(uintOf(104), amount, uintOf(111), fc.bigInt(0n, 1n)),
    encode: (values) => [...values.slice(0, 3), values[3] === 1n],
    mirror: (p = 0n, d = 0n, s = 0n, isLong = 0n) => auctions.priceOf(p, d, s, isLong === 1n),
  },

  { name: "gainAt", args: list(anyInt, anyInt, anyInt), mirror: loss.gainAt },
  { name: "gainAt", args: list(intOf(111), intOf(120), intOf(111)), mirror: loss.gainAt },
  {
    name: "shareBase",
    args: list(anyUint, anyUint, anyUint, anyUint, anyUint),
    mirror: loss.shareBase,
  },
  { name: "fractionUp", args: two, mirror: loss.fractionUp },
  { name: "chargeUp", args: two, mirror: loss.chargeUp },
  {
    name: "refundDue",
    args: list(anyUint, anyUint, anyUint, anyUint, anyUint),
    mirror: loss.refundDue,
  },
  { name: "refundDue", args: list(amount, ratio, amount, amount, amount), mirror: loss.refundDue },
  { name: "tearUpFill", args: list(anyInt, anyUint), mirror: loss.tearUpFill },

  { name: "mintDown", args: three, mirror: share.mintDown },
  { name: "entryPriceUp", args: two, mirror: share.entryPriceUp },
  { name: "worthDown", args: three, mirror: share.worthDown },
  { name: "burnUp", args: three, mirror: share.burnUp },
  { name: "exitPriceDown", args: two, mirror: share.exitPriceDown },
  { name: "toUsdDown", args: list(anyUint, fc.bigInt(0n, 110n)), mirror: units.toUsdDown },
  { name: "toNativeDown", args: list(anyUint, fc.bigInt(0n, 110n)), mirror: units.toNativeDown },
];

describe("the mirror of the libraries", function () {
  this.timeout(TIMEOUT_MS);
  const coder = new Interface(mathHarnessAbi);
  let chain: Awaited<ReturnType<typeof startChain>>;

  before(async () => {
    chain = await startChain();
  });

  for (const [
    index,
    { name, args, encode = (values: Values) => values, mirror },
  ] of pairs.entries()) {
    it(`${name} is bit for bit the contract's, reverts included (${index + 1} of ${pairs.length})`, async () => {
      const vectors = fc.sample(args, { numRuns: VECTORS, seed: SEED + index });
      const data = vectors.map((values) => coder.encodeFunctionData(name, [...encode(values)]));
      const target = chain.harness;
      const outcomes = await tryAll(chain.provider, chain.harness, { target, data });
      expect(outcomes).to.have.length(VECTORS);
      let returned = 0;
      for (const [at, outcome] of outcomes.entries()) {
        const values = vectors[at] ?? [];
        const expected = answerOf(coder, name, outcome);
        const actual = outcomeOf(() => mirror(...values));
        expectSame(actual, expected, () => `${name}(${values.join(", ")})`);
        if ("returned" in expected) returned += 1;
      }
      // Vectors that all revert would prove nothing.
      expect(returned).to.be.greaterThan(VECTORS / 20);
    });
  }

  it("has every function of the harness", () => {
    const mirrored = new Set(pairs.map(({ name }) => name));
    const exposed = mathHarnessAbi.flatMap((entry) =>
      entry.type === "function" ? entry.name : [],
    );
    // Not mirrored: what calls others, and the packing of oracle bounds, which clients never do.
    const others = ["tryAll", "encode", "decode"];
    expect(exposed.filter((name) => !mirrored.has(name)).sort()).to.deep.equal(others.sort());
  });

  it("knows the contracts' enums", () => {
    const numbered = (names: readonly string[]) =>
      Object.fromEntries(names.map((name, number) => [name, BigInt(number)]));
    expect(codes.priceStatus).to.deep.equal(numbered(enums.PriceStatus));
    expect(codes.marginKind).to.deep.equal(numbered(enums.MarginKind));
    expect(codes.marketMode).to.deep.equal(numbered(enums.MarketMode));
    expect(codes.marketEventKind).to.deep.equal(numbered(enums.MarketEventKind));
    expect(codes.coverageLevel).to.deep.equal(numbered(enums.CoverageLevel));
    expect(codes.planCode).to.deep.equal(numbered(enums.PlanCode));
  });

  it("takes square roots down and up", () => {
    fc.assert(
      fc.property(anyUint, (x) => {
        const down = sqrtDown(x);
        expect(down * down <= x && (down + 1n) ** 2n > x).to.equal(true);
        expect(sqrtUp(x)).to.equal(down * down === x ? down : down + 1n);
      }),
      { seed: SEED },
    );
  });
});
