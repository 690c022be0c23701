// The crash of 12 and 13 March 2020 ("Black Thursday"), made from a few published figures.
//
// Way-points, rounded. Bitcoin: about $7,900 at the start of 12 March; the two falls, $7,300 to $5,690 between 10:00 and 11:00
// UTC and $5,800 to $3,900 between 23:00 and 02:15, as told by the BTCMEX blog ("Black Thursday: what actually happened to
// bitcoin"); 40 % down at the end of the day (NewsBTC); around $5,000 at 11:00 UTC of the 13th (TokenInsight). Ether: from about
// $200 to $129 in the first fall (Bitcoin Exchange Guide); 43 % down at the end of the day, its worst ever (NewsBTC, by data of
// Coin Metrics); about $90 at the low, as widely reported. Three levels of ether are assumed, not published: at 10:00, 23:00
// and the end it has moved since the way-point before as bitcoin did.
//
// Between two way-points each price is a Brownian bridge in its logarithm: seeded noise that starts and ends at nothing.
// Bitcoin's noise is correlated 0.8 with ether's. Steps are dense where the price fell fast, as a feed that publishes on
// deviation is. Nothing goes under the reported lows: what would is mirrored above them.

import { ONE } from "../../../sdk/src/amounts.ts";
import { least } from "../bigint.ts";
import { expD18, lnD18 } from "../logarithm.ts";
import { Random } from "../random.ts";
import type { MarketPath, PriceScenario, PriceStep } from "./path.ts";
import { toFeedPrecision } from "./rounding.ts";

/** A published moment, and how the path leads from it to the next one. */
interface WayPoint {
  /** UTC */
  readonly at: string;
  /** {USD} */
  readonly eth: bigint;
  /** {USD} */
  readonly btc: bigint;
  /** Steps to the next way-point. */
  readonly steps: number;
  /** {bp} Deviation of the noise over one step. */
  readonly noiseBps: bigint;
}

const WAY_POINTS: readonly WayPoint[] = [
  { at: "2020-03-12T00:00Z", eth: 200n, btc: 7_900n, steps: 28, noiseBps: 40n },
  { at: "2020-03-12T10:00Z", eth: 185n, btc: 7_300n, steps: 44, noiseBps: 60n },
  { at: "2020-03-12T11:00Z", eth: 129n, btc: 5_690n, steps: 48, noiseBps: 90n },
  { at: "2020-03-12T23:00Z", eth: 131n, btc: 5_800n, steps: 30, noiseBps: 90n },
  { at: "2020-03-13T00:00Z", eth: 114n, btc: 4_740n, steps: 45, noiseBps: 110n },
  { at: "2020-03-13T02:15Z", eth: 90n, btc: 3_900n, steps: 35, noiseBps: 120n },
  { at: "2020-03-13T11:00Z", eth: 115n, btc: 5_000n, steps: 0, noiseBps: 0n },
];

/** The built-in crash: ether is the main market, bitcoin the second. The seed changes the noise, never the way-points. */
export function builtInCrash({ seed }: { seed: number }): PriceScenario {
  const noise = correlatedNoise(Random.stream({ seed, purpose: "built-in crash" }));
  return {
    title: "Black Thursday, 12–13 March 2020",
    source:
      "rounded figures published by NewsBTC, Bitcoin Exchange Guide, TokenInsight and BTCMEX, three levels of ether assumed " +
      "to follow bitcoin, bridged by seeded noise",
    rows: WAY_POINTS.length,
    main: bridged({ symbol: "ETH", levels: WAY_POINTS.map(({ eth }) => eth), shocks: noise.eth }),
    second: bridged({ symbol: "BTC", levels: WAY_POINTS.map(({ btc }) => btc), shocks: noise.btc }),
  };
}

/** D18{1} One shock per step and market; 0.8² + 0.6² = 1 keeps the deviation of both the same. */
function correlatedNoise(random: Random): { eth: bigint[]; btc: bigint[] } {
  const eth: bigint[] = [];
  const btc: bigint[] = [];
  for (const { steps, noiseBps } of WAY_POINTS) {
    for (let i = 0; i < steps; i++) {
      const shared = random.normalD18();
      const own = random.normalD18();
      eth.push((shared * noiseBps) / 10_000n);
      btc.push(((8n * shared + 6n * own) * noiseBps) / 100_000n);
    }
  }
  return { eth, btc };
}

function bridged(market: {
  symbol: string;
  levels: readonly bigint[];
  shocks: readonly bigint[];
}): MarketPath {
  const levels = market.levels.map((level) => level * ONE);
  const lowest = least(levels);
  const steps: PriceStep[] = [];
  let used = 0;
  WAY_POINTS.forEach(({ at, steps: count }, index) => {
    const from = levels[index] ?? lowest;
    const to = levels[index + 1] ?? from;
    const start = unixSeconds(at);
    const length = unixSeconds(WAY_POINTS[index + 1]?.at ?? at) - start;
    steps.push({ timestamp: start, price: from });
    const shocks = market.shocks.slice(used, used + count);
    used += count;
    for (const [i, price] of bridge({ from, to, shocks }).entries()) {
      steps.push({
        timestamp: start + (length * BigInt(i + 1)) / BigInt(count),
        price: toFeedPrecision(price < lowest ? (lowest * lowest) / price : price),
      });
    }
  });
  return { symbol: market.symbol, steps };
}

/** D18{USD/base} The prices strictly between two levels, one fewer than there are shocks. */
function bridge({
  from,
  to,
  shocks,
}: {
  from: bigint;
  to: bigint;
  shocks: readonly bigint[];
}): bigint[] {
  const count = BigInt(shocks.length);
  const drift = lnD18(to) - lnD18(from) - shocks.reduce((sum, shock) => sum + shock, 0n);
  let walked = 0n;
  return shocks.slice(0, -1).map((shock, i) => {
    walked += shock;
    return (from * expD18(walked + (drift * BigInt(i + 1)) / count)) / ONE;
  });
}

function unixSeconds(at: string): bigint {
  return BigInt(Date.parse(at)) / 1000n;
}
