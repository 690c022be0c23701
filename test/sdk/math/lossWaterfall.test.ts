import { expect } from "chai";
import fc from "fast-check";
import { lossWaterfallAbi } from "../../../sdk/src/abis/LossWaterfall.ts";
import {
  CAPPED_TIERS,
  type CappedTier,
  coverOf,
  splitOf,
  TIERS,
  type TierLimits,
} from "../../../sdk/src/math/lossWaterfall.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { between, SEED, startChain, uintOf } from "./harness.ts";

const ONE = 10n ** 18n;
const MARKETS = [0n, 1n] as const;
const HISTORIES = 12;
const ROUNDS = 20;
const TIMEOUT_MS = 300_000;

const caps = fc.tuple(between(0n, ONE), between(0n, ONE)).map(([a, b]) => {
  return a < b ? { eventCap: a, epochCap: b } : { eventCap: b, epochCap: a };
});
const history = fc.record({
  terms: fc.array(fc.record({ fund: caps, protocol: caps, backstop: caps }), {
    minLength: MARKETS.length,
    maxLength: MARKETS.length,
  }),
  coinsurance: between(ONE / 20n, ONE / 2n),
  houseCaps: fc.tuple(between(ONE / 10n, ONE), between(ONE / 10n, ONE), between(ONE / 10n, ONE)),
  cash: fc.tuple(uintOf(90), uintOf(90), uintOf(90), uintOf(90)),
  rounds: fc.array(
    fc.record({ market: fc.constantFrom(...MARKETS), deficit: uintOf(90), tomorrow: fc.nat(9) }),
    { minLength: ROUNDS, maxLength: ROUNDS },
  ),
});

describe("the loss waterfall and its mirror (WATER-1)", () => {
  it("pay the same through random days of defaults", async () => {
    const { ethers, deployer, provider } = await startChain();
    const authority = await ethers.deployContract("AccessManager", [deployer.address]);
    for (const { terms, coinsurance, houseCaps, cash, rounds } of fc.sample(history, {
      seed: SEED,
      numRuns: HISTORIES,
    })) {
      const deployed = await ethers.deployContract("LossWaterfall", [deployer.address, authority]);
      const address = await deployed.getAddress();
      const waterfall = typedContract(lossWaterfallAbi, address, provider);
      const send = async (call: { to: string; data: string }) => {
        await (await deployer.sendTransaction(call)).wait();
      };
      for (const [i, tier] of CAPPED_TIERS.entries()) {
        const cap = houseCaps[i] ?? ONE;
        await send(waterfall.transaction("setHouseEpochCap", [TIERS[tier], cap]));
      }
      for (const [i, { fund, protocol, backstop }] of terms.entries()) {
        const id = BigInt(i);
        await send(waterfall.transaction("setInsuranceTerms", [id, { ...fund, coinsurance }]));
        await send(waterfall.transaction("setTierTerms", [id, TIERS.protocol, protocol]));
        await send(waterfall.transaction("setTierTerms", [id, TIERS.backstop, backstop]));
      }
      const left = [...cash];
      for (const { market, deficit, tomorrow } of rounds) {
        if (tomorrow === 0) await ethers.provider.send("evm_increaseTime", [86_400]);
        await ethers.provider.send("evm_mine", []);
        const limitsOf = async (tier: CappedTier): Promise<TierLimits> => ({
          cashUsd: left[Number(TIERS[tier])] ?? 0n,
          terms: await waterfall.call("tierTermsOf", [market, TIERS[tier]]),
          houseEpochCap: await waterfall.call("houseEpochCap", [TIERS[tier]]),
          epoch: await waterfall.call("epochOf", [market, TIERS[tier]]),
        });
        const mirror = coverOf(deficit, {
          trancheUsd: left[0] ?? 0n,
          coinsurance: (await waterfall.call("insuranceTermsOf", [market])).coinsurance,
          tiers: {
            fund: await limitsOf("fund"),
            protocol: await limitsOf("protocol"),
            backstop: await limitsOf("backstop"),
          },
        });
        const [a = 0n, b = 0n, c = 0n, d = 0n] = left;
        const paid = await waterfall.call("previewAbsorb", [market, deficit, [a, b, c, d]]);
        expect([mirror.tranche, mirror.fund, mirror.protocol, mirror.backstop]).to.deep.equal([
          ...paid,
        ]);
        await send(waterfall.transaction("absorb", [market, deficit, [a, b, c, d]]));
        for (const [i, amount] of paid.entries()) left[i] = (left[i] ?? 0n) - amount;
      }
    }
  }).timeout(TIMEOUT_MS);

  it("split no more than came in", () => {
    const shares = fc.tuple(between(0n, ONE), between(0n, ONE)).map(([fund, rest]) => ({
      fund,
      protocol: ((ONE - fund) * rest) / ONE,
    }));
    fc.assert(
      fc.property(uintOf(96), uintOf(96), shares, (cash, retained, split) => {
        const { toFundUsd, toProtocolUsd } = splitOf(cash, retained, split);
        const inflow = cash > retained ? cash - retained : 0n;
        expect(toFundUsd + toProtocolUsd <= inflow).to.equal(true);
        expect(toFundUsd).to.equal((inflow * split.fund) / ONE);
      }),
      { seed: SEED },
    );
  });
});
