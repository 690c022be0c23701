import { expect } from "chai";

/** Floating-point numbers within `tolerance`: the chain's matchers take `closeTo` for whole numbers. */
export function expectNear(
  actual: number | null | undefined,
  expected: number,
  tolerance: number,
  what = "",
): void {
  expect(actual, what).to.be.a("number");
  const distance = Math.abs((actual ?? Number.NaN) - expected);
  expect(
    distance <= tolerance,
    `${what} ${actual} is not within ${tolerance} of ${expected}`,
  ).to.equal(true);
}
