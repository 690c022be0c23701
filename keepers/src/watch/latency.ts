/** {ms} Quantiles of what was measured: the most recent thousand. */
export class Latency {
  readonly #recent: number[] = [];
  #count = 0;

  add(milliseconds: number): void {
    this.#count += 1;
    this.#recent.push(milliseconds);
    if (this.#recent.length > 1_000) this.#recent.shift();
  }

  get count(): number {
    return this.#count;
  }

  get values(): readonly number[] {
    return this.#recent;
  }

  /** Null while nothing was measured. */
  quantile(share: number): number | null {
    if (this.#recent.length === 0) return null;
    const sorted = this.#recent.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  }
}
