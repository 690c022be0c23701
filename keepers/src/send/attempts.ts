/** {blocks} */
const LONGEST_PAUSE = 64;

interface Failures {
  readonly inRow: number;
  /** First block of the next attempt. */
  readonly notBefore: number;
}

/** Outcomes by subject: what failed on chain, where it cost gas, waits twice as many blocks each time. */
export class Attempts {
  readonly #failures = new Map<string, Failures>();

  failed(subject: string, block: number): void {
    const inRow = (this.#failures.get(subject)?.inRow ?? 0) + 1;
    this.#failures.set(subject, {
      inRow,
      notBefore: block + Math.min(2 ** (inRow - 1), LONGEST_PAUSE),
    });
  }

  succeeded(subject: string): void {
    this.#failures.delete(subject);
  }

  mustWait(subject: string, block: number): boolean {
    return block < (this.#failures.get(subject)?.notBefore ?? 0);
  }
}
