import { ACTORS, type Action } from "../../model/action.ts";
import { found } from "../../model/call.ts";
import { CALLERS, type Delegate } from "../../model/state.ts";
import { IDS, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";

const DELEGATES: readonly Delegate[] = [...CALLERS, "orders", "signed"];

/** Terms are kept in steps as coarse as a millionth; what is set here is coarser. */
const STEP = 10n ** 14n;

/** Some percent more or less, in coarse steps, at least one. */
function near(random: Random, value: bigint, most = 30): bigint {
  const percent = BigInt(100 - most + random.below(2 * most + 1));
  const moved = ((value * percent) / 100n / STEP) * STEP;
  return moved > STEP ? moved : STEP;
}

function seconds(random: Random, value: bigint): bigint {
  return value / 2n + BigInt(random.below(Number(value)));
}

/** A change of one of a market's terms, or of two that are shared by all. */
export function setTerms(random: Random, { terms: all }: Seen, pause: bigint): Action {
  const market = random.pick(IDS);
  const terms = found(all.markets.get(market), "terms");
  const { market: order, risk, cover, liquidation, insurance, split } = terms;
  const changed = (part: Extract<Action, { kind: "setTerms" }>["terms"]): Action => ({
    seconds: pause,
    kind: "setTerms",
    market,
    terms: part,
  });
  const ofMarket = (part: Partial<typeof order>) => changed({ market: { ...order, ...part } });
  const ofRisk = (part: Partial<typeof risk>) => changed({ risk: { ...risk, ...part } });
  const ofCover = (part: Partial<typeof cover>) => changed({ cover: { ...cover, ...part } });
  const ofLiquidation = (part: Partial<typeof liquidation>) =>
    changed({ liquidation: { ...liquidation, ...part } });
  const of = random.pick<() => Action>([
    () => ofMarket({ takerFee: near(random, order.takerFee) }),
    () => ofMarket({ makerFee: near(random, order.makerFee) }),
    () => ofMarket({ insuranceShare: near(random, order.insuranceShare) }),
    () => ofMarket({ band: near(random, order.band) }),
    () => ofMarket({ exposureCap: (order.exposureCap * BigInt(70 + random.below(60))) / 100n }),
    () => ofMarket({ tearUpDelay: seconds(random, order.tearUpDelay) }),
    () => ofMarket({ unwindTolerance: near(random, order.unwindTolerance) }),
    () => ofMarket({ maxFundingRate: near(random, order.maxFundingRate) }),
    () => ofMarket({ maxFundingVelocity: near(random, order.maxFundingVelocity) }),
    () => ofMarket({ skewScale: (order.skewScale * BigInt(90 + random.below(20))) / 100n }),
    () => ofRisk({ sizeSlope: near(random, risk.sizeSlope) }),
    () => ofRisk({ gainShare: near(random, risk.gainShare, 10) }),
    () => ofRisk({ multiplier: 10n ** 18n + BigInt(random.below(40)) * 10n ** 16n }),
    () => ofRisk({ initialMargin: near(random, risk.initialMargin, 15) }),
    () => ofRisk({ rampStartUsd: near(random, risk.rampStartUsd) }),
    () => ofCover({ coverageTarget: near(random, cover.coverageTarget, 60) }),
    () => ofCover({ bootstrapUsd: BigInt(random.below(20_000)) * 10n ** 18n }),
    () => ofCover({ premiumRate: near(random, cover.premiumRate, 60) }),
    () => ofCover({ concentrationMove: near(random, cover.concentrationMove, 60) }),
    () => ofLiquidation({ equityShare: near(random, liquidation.equityShare, 15) }),
    () => ofLiquidation({ keeperShare: near(random, liquidation.keeperShare) }),
    () => ofLiquidation({ sliceShare: near(random, liquidation.sliceShare) }),
    () => ofLiquidation({ target: near(random, liquidation.target, 5) }),
    () => ofLiquidation({ windowSeconds: seconds(random, liquidation.windowSeconds) }),
    () => changed({ auction: { durationSeconds: seconds(random, terms.auctionSeconds) } }),
    () =>
      changed({ insurance: { ...insurance, coinsurance: near(random, insurance.coinsurance) } }),
    () => changed({ insurance: { ...insurance, eventCap: near(random, insurance.eventCap) } }),
    () =>
      changed({
        split: { fund: near(random, split.fund), protocol: near(random, split.protocol) },
      }),
    () => ({
      seconds: pause,
      kind: "setHouseEpochCap",
      tier: random.pick(["fund", "protocol", "backstop"] as const),
      cap: BigInt(20 + random.below(80)) * 10n ** 16n,
    }),
    () => ({
      seconds: pause,
      kind: "setBackstopShare",
      share: BigInt(random.below(50)) * 10n ** 16n,
    }),
  ]);
  return of();
}

/** Mostly gives a power or takes it, now and then too much of it or somebody else's. */
export function setDelegate(random: Random, pause: bigint): Action {
  return {
    seconds: pause,
    kind: "setDelegate",
    account: random.pick(ACTORS),
    delegate: random.pick(DELEGATES),
    powers: BigInt(random.below(9) === 0 ? 4 : random.below(4)),
    caller: random.below(6) === 0 ? random.pick(CALLERS) : "owner",
  };
}

/** Gives a venue back what it needs. */
export function restoreDelegate(random: Random, { state }: Seen, pause: bigint): Action {
  const delegate = random.pick(["venue", "venue", "orders", "signed"] as const);
  const without = ACTORS.filter(
    (name) => ((state.powers.get(name)?.get(delegate) ?? 0n) & 1n) === 0n,
  );
  const account = random.pick(without.length > 0 ? without : ACTORS);
  return {
    seconds: pause,
    kind: "setDelegate",
    account,
    delegate,
    powers: 3n,
    caller: "owner",
  };
}
