import type { ChartFrame } from "../../scripts/demo/chart/chart.ts";
import type { PriceScenario } from "../../scripts/demo/prices/path.ts";
import { ONE } from "../../sdk/src/amounts.ts";

/** Frames of a made-up run over a scenario: accounts get into distress as the price falls, and slices follow. */
export function framesOver({ main, second }: PriceScenario): ChartFrame[] {
  let slices = 0;
  let liquidatedUsd = 0n;
  let insuranceUsd = 200_000n * ONE;
  return main.steps.map((step, index) => {
    const before = main.steps[index - 1]?.price ?? step.price;
    const fall = before > step.price ? Number(((before - step.price) * 1000n) / before) : 0;
    const distressedAccounts = Math.floor(fall / 4);
    slices += distressedAccounts;
    liquidatedUsd += BigInt(distressedAccounts) * 21_000n * ONE;
    insuranceUsd += BigInt(distressedAccounts * 60 - (fall > 22 ? 9_000 : 0)) * ONE;
    return {
      timestamp: step.timestamp,
      prices: { main: step.price, second: second.steps[index]?.price ?? step.price },
      distressedAccounts,
      liquidatedUsd,
      slices,
      insuranceUsd,
      poolEquityUsd: 5_000_000n * ONE + (BigInt(slices) * 4_321n * ONE) / 3n,
    };
  });
}
