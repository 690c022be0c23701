// Probabilities are estimates, so they are floating-point numbers; amounts and prices of the chain stay `bigint`.

/** 1/√(2π) */
const DENSITY_AT_ZERO = 0.3989422804014327;
/** Below it the series is used, above it the continued fraction: both are exact to the last digits there. */
const CROSSING = 2.5;
const FRACTION_TERMS = 120;

/** Probability that a standard normal number is above `z`. */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const density = DENSITY_AT_ZERO * Math.exp((-z * z) / 2);
  if (z >= CROSSING) {
    let fraction = 0;
    for (let n = FRACTION_TERMS; n >= 1; n--) fraction = n / (z + fraction);
    return density / (z + fraction);
  }
  let [sum, term] = [0, z];
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (z * z) / odd;
  }
  return 0.5 - density * sum;
}

/** Probability that a random walk without drift goes `deviations` of its own to one side at any time until its end: 2(1 − Φ(z)), by reflection. */
export const walkTouches = (deviations: number): number =>
  deviations <= 0 ? 1 : 2 * upperTail(deviations);
