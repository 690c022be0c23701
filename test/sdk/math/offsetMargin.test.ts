import { expect } from "chai";
import { Interface } from "ethers";
import fc from "fast-check";
import { offsetRiskEngineAbi } from "../../../sdk/src/abis/OffsetRiskEngine.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { marginKind, priceStatus } from "../../../sdk/src/math/codes.ts";
import type { OffsetTerms } from "../../../sdk/src/math/offsetMargin.ts";
import {
  assess,
  type Exposure,
  type JudgedTerms,
  type RiskTerms,
} from "../../../sdk/src/math/riskEngine.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import {
  answerOf,
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
const VECTORS = 1_000;
const TIMEOUT_MS = 900_000;

const termsWith = (initialMargin: bigint, maintenanceMargin: bigint): RiskTerms => ({
  ...{ initialMargin, maintenanceMargin, sizeSlope: ONE / 200n, gainShare: ONE / 2n },
  ...{ multiplier: ONE, maxMultiplier: 2n * ONE, maxCharge: ONE / 5n },
  ...{ rampStartUsd: 10n ** 7n * ONE, rampEndUsd: 10n ** 8n * ONE },
});

const TERMS: readonly RiskTerms[] = [
  termsWith(ONE / 20n, (3n * ONE) / 100n),
  termsWith(ONE / 5n, 123_456_789n * 10n ** 9n),
  termsWith(ONE / 2n, ONE / 400n),
  termsWith(ONE / 10n, ONE / 10n),
];
/** Two groups of two; of the second, one has margins alike, so that its own distance is nothing. */
const OFFSETS: readonly OffsetTerms[] = [
  { group: 1n, correlation: 612_345_678_901_234_567n },
  { group: 1n, correlation: 612_345_678_901_234_567n },
  { group: 7n, correlation: (8n * ONE) / 10n },
  { group: 7n, correlation: (8n * ONE) / 10n },
];

const seldom = fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0);

const exposure = (market: bigint): fc.Arbitrary<Exposure> =>
  fc.record({
    market: fc.constant(market),
    status: fc.constantFrom(
      priceStatus.Valid,
      priceStatus.Valid,
      priceStatus.Valid,
      priceStatus.Stale,
    ),
    size: fc.oneof(intOf(72), fc.constantFrom(ONE, -ONE, 40n * ONE, -40n * ONE)),
    price: fc.oneof(uintOf(72), between(ONE, 1_000n * ONE)),
    valueUsd: intOf(80),
    maturedUsd: uintOf(80),
    depthUsd: uintOf(90),
    openInterestUsd: uintOf(90),
    lossPending: seldom,
    coverageLow: seldom,
  });

describe("Offset margin", () => {
  it("is what OffsetRiskEngine takes off", async function () {
    this.timeout(TIMEOUT_MS);
    const { ethers, provider, harness, deployer } = await startChain();
    const manager = await ethers.deployContract("AccessManager", [deployer.address]);
    const base = await ethers.deployContract("RiskEngine", [await manager.getAddress()]);
    const engine = await ethers.deployContract("OffsetRiskEngine", [
      await manager.getAddress(),
      await base.getAddress(),
    ]);
    const risk = typedContract(riskEngineAbi, await base.getAddress(), deployer);
    const offsets = typedContract(offsetRiskEngineAbi, await engine.getAddress(), deployer);
    for (const [market, terms] of TERMS.entries()) {
      await deployer.sendTransaction(risk.transaction("setRiskTerms", [BigInt(market), terms]));
      const { group, correlation } = OFFSETS[market] ?? { group: 0n, correlation: 0n };
      await deployer.sendTransaction(offsets.transaction("setGroup", [BigInt(market), group]));
      if (group === 0n) continue;
      await deployer.sendTransaction(offsets.transaction("setCorrelation", [group, correlation]));
    }
    const termsOf = (market: bigint): JudgedTerms => {
      const terms = TERMS[Number(market)];
      const offset = OFFSETS[Number(market)];
      if (terms === undefined || offset === undefined) throw new RangeError(`No market ${market}`);
      return { ...terms, offset };
    };
    const portfolios = fc.sample(
      fc.record({
        cashUsd: uintOf(90),
        creditLineUsd: uintOf(90),
        exposures: fc
          .tuple(fc.bigInt(0n, 15n), ...TERMS.map((_, market) => exposure(BigInt(market))))
          .map(([held, ...all]) => all.filter((_, market) => (held >> BigInt(market)) & 1n)),
      }),
      { numRuns: VECTORS, seed: SEED },
    );
    const coder = new Interface(offsetRiskEngineAbi);
    const target = await engine.getAddress();
    let hedged = 0;
    for (const kind of [marginKind.Initial, marginKind.Maintenance]) {
      const data = portfolios.map((each) => coder.encodeFunctionData("assess", [each, kind]));
      const answers = await tryAll(provider, harness, { target, data });
      for (const [index, portfolio] of portfolios.entries()) {
        const answer = answers[index];
        if (answer === undefined) throw new RangeError(`No answer ${index}`);
        const mine = outcomeOf(() => {
          const { equityUsd, requiredUsd } = assess(portfolio, kind, termsOf);
          return [equityUsd, requiredUsd];
        });
        expectSame(mine, answerOf(coder, "assess", answer), () =>
          JSON.stringify(portfolio, asText),
        );
        const plain = outcomeOf(() => {
          const bare = (market: bigint): JudgedTerms => ({
            ...termsOf(market),
            offset: { group: 0n, correlation: 0n },
          });
          const { equityUsd, requiredUsd } = assess(portfolio, kind, bare);
          return [equityUsd, requiredUsd];
        });
        if (JSON.stringify(plain, asText) !== JSON.stringify(mine, asText)) hedged += 1;
      }
    }
    expect(hedged, "portfolios that are hedged").to.be.greaterThan(VECTORS / 20);
  });
});

const asText = (_: string, value: unknown) =>
  typeof value === "bigint" ? value.toString() : value;
