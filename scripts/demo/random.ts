import { ONE } from "../../sdk/src/amounts.ts";

const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;
const uint64 = (value: bigint) => BigInt.asUintN(64, value);

/**
 * Seeded random numbers: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). Whole numbers
 * throughout, so a seed gives the same sequence on every machine. Not for secrets.
 */
export class Random {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = uint64(seed);
  }

  /** The generator of one purpose: streams of one seed do not depend on how much the others draw. */
  static stream({ seed, purpose }: { seed: number; purpose: string }): Random {
    let hash = 0xcbf29ce484222325n; // FNV-1a
    for (const byte of new TextEncoder().encode(purpose)) {
      hash = uint64((hash ^ BigInt(byte)) * 0x100000001b3n);
    }
    return new Random(new Random(hash ^ BigInt(seed)).nextUint64());
  }

  nextUint64(): bigint {
    this.#state = uint64(this.#state + GOLDEN_GAMMA);
    let z = this.#state;
    z = uint64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = uint64((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }

  /** D18{1} Uniform in [0, 1). */
  uniformD18(): bigint {
    return (this.nextUint64() * ONE) >> 64n;
  }

  /** Uniform whole number in [0, count). */
  below(count: number): number {
    return Number((this.nextUint64() * BigInt(count)) >> 64n);
  }

  /** D18{1} Mean 0, deviation 1, within ±6: the sum of twelve uniforms, less six (Irwin–Hall). */
  normalD18(): bigint {
    let sum = -6n * ONE;
    for (let i = 0; i < 12; i++) sum += this.uniformD18();
    return sum;
  }

  /** A new array in random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const result: T[] = [];
    while (rest.length > 0) result.push(...rest.splice(this.below(rest.length), 1));
    return result;
  }
}
