import { expect } from "chai";
import { network } from "hardhat";
import { Random } from "../../../scripts/demo/random.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { marginKind, priceStatus } from "../../../sdk/src/math/codes.ts";
import {
  askedMultiplier,
  multipliersAt,
  type Pace,
  targetMultiplier,
} from "../../../sdk/src/math/marginMultiplier.ts";
import {
  assess,
  initialMarginOf,
  type JudgedTerms,
  ratesOf,
} from "../../../sdk/src/math/riskEngine.ts";
import { combined } from "../../../sdk/src/math/volatilityMath.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";

const ONE = 10n ** 18n;
const GWEI = 10n ** 9n;
const START = BigInt(Date.UTC(2031, 0, 1)) / 1_000n;
const HOUR = 3_600n;

const RISK = {
  ...{ initialMargin: ONE / 20n, maintenanceMargin: (3n * ONE) / 100n, sizeSlope: ONE / 200n },
  ...{ gainShare: (9n * ONE) / 10n, multiplier: ONE, maxMultiplier: 3n * ONE, maxCharge: ONE / 2n },
  ...{ rampStartUsd: 50_000_000n * ONE, rampEndUsd: 100_000_000n * ONE },
};
const HORIZON = { horizonSeconds: HOUR, deviations: 2n * ONE };
const TERMS = { ...RISK, ...HORIZON };
const CAPS: [bigint, bigint, bigint, bigint] = [ONE / 5n, ONE / 10n, (3n * ONE) / 10n, ONE / 4n];

/** A risk engine whose one market follows a router with a feed of its own; every transaction at the time it is given. */
async function startEngine() {
  const { ethers } = await network.create({ override: { initialDate: "2030-01-01T00:00:00Z" } });
  const [operator] = await ethers.getSigners();
  if (operator === undefined) throw new Error("The chain has no accounts");
  const manager = await ethers.deployContract("AccessManager", [operator.address]);
  const oracle = await ethers.deployContract("OracleRouter", [manager, ethers.ZeroAddress, 0n]);
  const feed = await ethers.deployContract("ReplayFeed", [operator.address, "TEST / USD", 8]);
  const risk = await ethers.deployContract("RiskEngine", [manager]);
  const next = async (time: bigint, baseFee = GWEI): Promise<void> => {
    await ethers.provider.send("evm_setNextBlockTimestamp", [Number(time)]);
    await ethers.provider.send("hardhat_setNextBlockBaseFeePerGas", [ethers.toBeHex(baseFee)]);
  };
  await next(START - 100n);
  await feed.push(2_000n * 10n ** 8n);
  await next(START - 99n);
  await oracle.setFeed(0, {
    ...{ feed: await feed.getAddress(), maxAge: HOUR, floor: ONE, ceiling: 10n ** 9n * ONE },
    ...{ jumpBand: (6n * ONE) / 10n, bucketLength: 600n },
  });
  await next(START - 98n);
  await risk.setRiskTerms(0, RISK);
  await next(START);
  await risk.setAdaptiveTerms(0, { ...HORIZON, source: oracle, regimeCaps: CAPS });
  const view = typedContract(riskEngineAbi, await risk.getAddress(), ethers.provider);
  return { feed, oracle, risk, view, next };
}

/** What the mirror makes of an account when it is told how margins stand. */
async function expectJudgedAlike(
  view: Awaited<ReturnType<typeof startEngine>>["view"],
  terms: JudgedTerms,
): Promise<void> {
  const exposure = {
    ...{ market: 0n, status: priceStatus.Valid, size: -37n * ONE, price: 2_000n * ONE + 1n },
    ...{ valueUsd: 1_234n * ONE, maturedUsd: 600n * ONE, depthUsd: 9_000_000n * ONE },
    ...{ openInterestUsd: 60_000_000n * ONE, lossPending: false, coverageLow: true },
  };
  const portfolio = { cashUsd: 9_000n * ONE, creditLineUsd: 0n, exposures: [exposure] };
  for (const kind of Object.values(marginKind)) {
    const [equityUsd, requiredUsd] = Object.values(await view.call("assess", [portfolio, kind]));
    expect(assess(portfolio, kind, () => terms)).to.deep.equal({ equityUsd, requiredUsd });
  }
  expect(ratesOf(0n, () => terms)).to.deep.equal(await view.call("ratesOf", [0n]));
  const alone = [0n, 70_000n * ONE, 9_000_000n * ONE, 10n * ONE] as const;
  expect(initialMarginOf(...alone, () => terms)).to.equal(
    await view.call("initialMarginOf", alone),
  );
}

describe("SDK: multipliers of margins", () => {
  it("are the risk engine's after every round and refresh, to the unit", async () => {
    const { feed, oracle, risk, view, next } = await startEngine();
    const random = Random.stream({ seed: 5, purpose: "restless market" });
    let pace: Pace = { asked: ONE, acting: ONE, refreshedAt: START };
    let [now, price] = [START, 2_000n * 10n ** 8n];
    let highest = ONE;
    let met = { above: 0, refreshed: 0 };
    for (let step = 0; step < 110; step++) {
      now += BigInt(120 + random.below(900));
      const scale = step > 40 && step < 80 ? 15n : 400n;
      price += (price * random.normalD18()) / (ONE * scale);
      await next(now);
      await feed.push(price);
      now += 1n;
      await next(now);
      await oracle.observe(1n, 0n);
      const [slow, fast] = await oracle.variancesOf(0);
      const asked = askedMultiplier({ slow, fast }, TERMS);
      if (random.below(3) === 0) {
        now += 1n;
        await next(now);
        await risk.refresh(0);
        const at = { asked, regime: ONE, now };
        pace = { asked, acting: multipliersAt(pace, at, TERMS).maintenance, refreshedAt: now };
        met = { ...met, refreshed: met.refreshed + 1 };
      }
      const acting = await view.call("multipliersOf", [0n]);
      const expected = multipliersAt(pace, { asked, regime: ONE, now }, TERMS);
      const { initial, refreshed, maintenance } = acting;
      expect({ initial, refreshed, maintenance }, `step ${step}`).to.deep.equal(expected);
      expect(acting.asked).to.equal(pace.asked);
      if (step % 10 === 0) await expectJudgedAlike(view, { ...RISK, multipliers: acting });
      expect(acting.refreshedAt).to.equal(pace.refreshedAt);
      expect(combined({ slow, fast })).to.be.at.least(slow);
      if (acting.maintenance > ONE) met = { ...met, above: met.above + 1 };
      if (acting.initial > highest) highest = acting.initial;
    }
    expect(met.above).to.be.greaterThan(20);
    expect(met.refreshed).to.be.greaterThan(30);
    expect(highest).to.be.greaterThan(2n * ONE);
  });

  it("rise with what blocks cost, for an hour, within the cap", async () => {
    const { risk, view, next } = await startEngine();
    await next(START + 1n);
    await risk.setCongestionTerms({ calm: 10n * GWEI, full: 110n * GWEI });
    const regimeAfter = async (time: bigint, baseFee: bigint): Promise<bigint> => {
      await next(time, baseFee);
      await risk.refresh(0, {
        maxFeePerGas: 10_000n * GWEI,
        gasLimit: 300_000n,
      });
      return (await view.call("multipliersOf", [0n])).regime;
    };
    expect(await regimeAfter(START + 10n, 10n * GWEI)).to.equal(ONE);
    expect(await regimeAfter(START + 20n, 60n * GWEI)).to.equal((115n * ONE) / 100n);
    // Less does not lower it, more is capped.
    expect(await regimeAfter(START + 30n, 20n * GWEI)).to.equal((115n * ONE) / 100n);
    expect(await regimeAfter(START + 40n, 5_000n * GWEI)).to.equal((13n * ONE) / 10n);
    const { initial, maintenance } = await view.call("multipliersOf", [0n]);
    expect(initial).to.equal((13n * ONE) / 10n);
    // RAMP-1
    expect(maintenance).to.be.lessThan((1_001n * ONE) / 1_000n);
    expect(await regimeAfter(START + 40n + HOUR, GWEI)).to.equal(ONE);
    expect(targetMultiplier(3n * ONE, 2n * ONE, TERMS)).to.equal(4n * ONE);
  });
});
