import { expect } from "chai";
import { network } from "hardhat";
import { Random } from "../../../scripts/demo/random.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import {
  meanPriceOf,
  observeRound,
  type PriceHistory,
  type Round,
} from "../../../sdk/src/math/priceHistory.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";

const ONE = 10n ** 18n;
const LATEST = 0n;
const ROUNDS = 220;
const SEEDS = [1, 2, 3];

const TERMS = { maxAge: 3_900n, jumpBand: (15n * ONE) / 100n, bucketLength: 600n };
const START = BigInt(Date.UTC(2031, 0, 1)) / 1_000n;

async function startRouter() {
  const { ethers } = await network.create({ override: { initialDate: "2030-01-01T00:00:00Z" } });
  const [operator] = await ethers.getSigners();
  if (operator === undefined) throw new Error("The chain has no accounts");
  const manager = await ethers.deployContract("AccessManager", [operator.address]);
  const deployed = await ethers.deployContract("OracleRouter", [manager, ethers.ZeroAddress, 0n]);
  const feed = await ethers.deployContract("ReplayFeed", [operator.address, "TEST / USD", 18]);
  const router = typedContract(oracleRouterAbi, await deployed.getAddress(), ethers.provider);
  const at = (time: bigint) => ethers.provider.send("evm_setNextBlockTimestamp", [Number(time)]);
  return {
    router,
    async list(price: bigint, time: bigint): Promise<void> {
      await at(time);
      await feed.push(price);
      await at(time + 1n);
      await deployed.setFeed(0, {
        ...{ ...TERMS, feed: await feed.getAddress() },
        ...{ floor: ONE / 1_000n, ceiling: 10n ** 9n * ONE },
      });
    },
    async publish(price: bigint, time: bigint): Promise<void> {
      await at(time);
      await feed.push(price);
    },
    async observe(time: bigint): Promise<void> {
      await at(time);
      await deployed.observe(1n, LATEST);
    },
  };
}

/** Mostly small moves, some beyond the band, some back where they came from. */
function nextPrice(random: Random, price: bigint): bigint {
  const kind = random.below(20);
  if (kind === 0) return (price * 13n) / 10n;
  if (kind === 1) return (price * 10n) / 13n;
  if (kind < 5) return price;
  return price + (price * random.normalD18()) / (ONE * (kind < 8 ? 20n : 400n));
}

/** Seconds to the next round: within a bucket, over some, and past the longest age. */
function nextPause(random: Random): bigint {
  const kind = random.below(12);
  if (kind === 0) return TERMS.maxAge + BigInt(random.below(20_000));
  if (kind === 1) return TERMS.bucketLength * BigInt(1 + random.below(5));
  return BigInt(3 + random.below(kind < 6 ? 90 : 900));
}

describe("SDK: history of prices", () => {
  for (const seed of SEEDS) {
    it(`is the oracle router's over random rounds, to the unit (seed ${seed})`, async () => {
      const random = Random.stream({ seed, purpose: "rounds of a feed" });
      const chain = await startRouter();
      let now = START;
      let roundId = 1n;
      let price = 2_000n * ONE + BigInt(random.below(1_000_000));
      await chain.list(price, now);
      let round: Round = { roundId, price, publishedAt: now };
      now += 1n;
      let history = (observeRound(null, round, TERMS, now) ?? expect.fail("stale")).history;
      const statuses = new Map<string, number>();
      for (let step = 0; step < ROUNDS; step++) {
        if (random.below(5) !== 0) {
          now += nextPause(random);
          price = nextPrice(random, random.below(3) === 0 ? history.price : price);
          await chain.publish(price, now);
          roundId += 1n;
          round = { roundId, price, publishedAt: now };
        }
        now += nextPause(random) / 4n + 1n;
        await chain.observe(now);
        const seen = observeRound(history, round, TERMS, now) ?? expect.fail("no history");
        history = seen.history;
        statuses.set(seen.status, (statuses.get(seen.status) ?? 0) + 1);
        await expectSame(chain.router, history, now, step);
      }
      // A walk that met only one kind of round would show little.
      expect([...statuses.keys()].sort()).to.deep.equal(["jump", "stale", "valid"]);
      expect(history.slow).to.be.greaterThan(0n);
      expect(history.bucket).to.be.greaterThan(30n);
    });
  }
});

async function expectSame(
  router: Awaited<ReturnType<typeof startRouter>>["router"],
  history: PriceHistory,
  now: bigint,
  step: number,
): Promise<void> {
  const record = await router.call("recordOf", [0n]);
  const { slow, fast } = await router.call("variancesOf", [0n]);
  const actual = {
    ...{ price: record.price, publishedAt: record.publishedAt, bucket: record.bucket },
    ...{ observedAt: record.observedAt, liveSeconds: record.liveSeconds },
    ...{ interrupted: record.interrupted, jumpPrice: record.jumpPrice, slow, fast },
    mean: await router.call("meanPriceOf", [0n]),
  };
  const { price, publishedAt, bucket, observedAt, liveSeconds, interrupted } = history;
  expect(actual, `after step ${step}`).to.deep.equal({
    ...{ price, publishedAt, bucket, observedAt, liveSeconds, interrupted },
    ...{ jumpPrice: history.held?.price ?? 0n, slow: history.slow, fast: history.fast },
    mean: meanPriceOf(history, TERMS, now),
  });
}
