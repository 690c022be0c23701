import type { Action } from "../../model/action.ts";
import { ONE } from "../../model/rational.ts";
import type { MarketId } from "../../model/state.ts";
import { IDS, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";

/** Its price, over a hundred, stands for an implied volatility. */
const IMPLYING: MarketId = 2n;
const WHOLE = 100n * 10n ** 8n;
const PERCENT = ONE / 100n;

/** What makes margins follow, and brings them up to date. */
export function margins(random: Random, { state }: Seen, seconds: bigint): Action {
  const following = IDS.filter((id) => state.markets.get(id)?.pace != null);
  const market = random.pick(following.length > 0 && random.below(6) !== 0 ? following : IDS);
  return random.weighted<() => Action>([
    [following.length < 2 ? 3 : 0.3, () => setAdaptive(random, random.pick(IDS), seconds)],
    [1, () => setImplied(random, market, seconds)],
    [4, () => ({ seconds, kind: "refreshMargins", market })],
    [
      2,
      () => ({
        seconds,
        kind: "raiseRegime",
        market,
        component: BigInt(random.below(4)),
        excess: BigInt(random.below(30)) * PERCENT,
        lifetime: BigInt(random.below(12) === 0 ? random.below(60) : 60 + random.below(20_000)),
      }),
    ],
  ])();
}

/** A market whose margins follow from the start. */
export function followed(random: Random, market: MarketId): Action[] {
  return [setImplied(random, market, 0n), setAdaptive(random, market, 0n)];
}

function setAdaptive(random: Random, market: MarketId, seconds: bigint): Action {
  return {
    seconds,
    kind: "setAdaptive",
    market,
    following: {
      horizonSeconds: BigInt(600 + random.below(6_600)),
      deviations: BigInt(500 + random.below(9_000)) * 10n ** 15n,
      regimeCaps: [0, 1, 2, 3].map(() => BigInt(random.below(26)) * PERCENT),
    },
  };
}

function setImplied(random: Random, market: MarketId, seconds: bigint): Action {
  const implied =
    random.below(4) === 0
      ? null
      : { feedOf: IMPLYING, maxAgeSeconds: BigInt(60 + random.below(7_000)), wholeAnswer: WHOLE };
  return { seconds, kind: "setImplied", market, implied };
}
