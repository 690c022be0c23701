import { expD18 } from "../../scripts/demo/logarithm.ts";
import type { OhlcBar, OhlcSeries } from "../../scripts/demo/prices/ohlc.ts";
import { Random } from "../../scripts/demo/random.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { max, min } from "../../sdk/src/math/solidity.ts";

const HOURS = 2_400;
const STEPS = 12;

/** Hours whose volatility stands for days and then changes: twelve steps each, by seed. */
export function restlessHours(seed: number): OhlcSeries {
  const random = Random.stream({ seed, purpose: "restless hours" });
  const calm = ONE / 1_000n;
  let scale = calm;
  let price = 2_000n * ONE;
  const bars: OhlcBar[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    if (random.below(120) === 0) scale = calm * BigInt(1 + random.below(9));
    const open = price;
    let [low, high] = [open, open];
    for (let step = 0; step < STEPS; step++) {
      price = (price * expD18((scale * random.normalD18()) / ONE)) / ONE;
      [low, high] = [min(low, price), max(high, price)];
    }
    bars.push({ timestamp: BigInt(hour) * 3_600n, open, low, high, close: price });
  }
  return { bars, intervalSeconds: 3_600n };
}
