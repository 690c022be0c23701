import { walkTouches } from "./gaussian.ts";

/** Which way a price goes: falls hurt longs, rises shorts. */
export type Direction = "fall" | "rise";

export interface TouchTableTerms {
  /** Excursions that the Gaussian answer is worth: with as many seen, both count alike. */
  readonly priorWeight: number;
  /** What one excursion is worth. Of windows that begin every hour and last `H`, each says only 1/H anew. */
  readonly excursionWeight: number;
}

/** How far a price went within a window, in deviations that its volatility at the start foretold; and how that is told to a later run. */
export interface TouchTableData extends TouchTableTerms {
  /** Excursions in ascending order, of each direction. */
  readonly excursions: Readonly<Record<Direction, readonly number[]>>;
}

/**
 * How often prices went how far, counted in deviations σ√H as they were known at the start: so a window of a quiet day says something about a wild one. Where nothing has been seen it answers
 * as a random walk would, and the more it has seen the less it does.
 */
export class TouchTable {
  readonly #terms: TouchTableTerms;
  readonly #seen: Record<Direction, number[]> = { fall: [], rise: [] };

  constructor({ priorWeight, excursionWeight }: TouchTableTerms) {
    if (!(priorWeight > 0) || !(excursionWeight > 0)) {
      throw new RangeError(
        `A touch table needs weights above 0; the prior's is ${priorWeight}, an excursion's ${excursionWeight}`,
      );
    }
    this.#terms = { priorWeight, excursionWeight };
  }

  static from({ excursions, ...terms }: TouchTableData): TouchTable {
    const table = new TouchTable(terms);
    for (const excursion of excursions.fall) table.add("fall", excursion);
    for (const excursion of excursions.rise) table.add("rise", excursion);
    return table;
  }

  /** Excursions seen. */
  count(direction: Direction): number {
    return this.#seen[direction].length;
  }

  /** Remembers how far a window that has ended went: ln of the ratio to its first price, over σ√H. */
  add(direction: Direction, deviations: number): void {
    if (!Number.isFinite(deviations) || deviations < 0) {
      throw new RangeError(`An excursion is a number from 0 on; this one is ${deviations}`);
    }
    const seen = this.#seen[direction];
    seen.splice(firstAtLeast(seen, deviations), 0, deviations);
  }

  /** Probability that a price goes `deviations` or further within a window. */
  probability(direction: Direction, deviations: number): number {
    if (deviations <= 0) return 1;
    const { priorWeight, excursionWeight } = this.#terms;
    const seen = this.#seen[direction];
    const touched = (seen.length - firstAtLeast(seen, deviations)) * excursionWeight;
    const weight = seen.length * excursionWeight;
    return (touched + priorWeight * walkTouches(deviations)) / (weight + priorWeight);
  }

  data(): TouchTableData {
    const { fall, rise } = this.#seen;
    return { ...this.#terms, excursions: { fall: [...fall], rise: [...rise] } };
  }
}

/** Index of the first of ascending numbers that is at least `least`; their count if none is. */
function firstAtLeast(ascending: readonly number[], least: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ascending[middle] ?? 0) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
