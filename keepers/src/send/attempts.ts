/** {ms} */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60_000;
/** Failures in a row after which the next attempt is no longer waited for. */
const STUBBORN_AFTER = 4;

interface Failures {
  readonly inRow: number;
  /** {ms} Time of the next attempt. */
  readonly notBeforeMs: number;
}

/** Outcomes by subject: what failed waits twice as long each time. Recorded after the outcome, never by asking. */
export class Attempts {
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  failed(subject: string): void {
    const inRow = (this.#failures.get(subject)?.inRow ?? 0) + 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (inRow - 1), LONGEST_PAUSE_MS);
    this.#failures.set(subject, { inRow, notBeforeMs: this.#now() + pauseMs });
  }

  succeeded(subject: string): void {
    this.#failures.delete(subject);
  }

  mustWait(subject: string): boolean {
    return this.waitMs(subject) > 0;
  }

  /** {ms} Until the next attempt; 0 for none. */
  waitMs(subject: string): number {
    return Math.max(0, (this.#failures.get(subject)?.notBeforeMs ?? 0) - this.#now());
  }

  /** Whether it failed so often that nobody should wait for it. */
  isStubborn(subject: string): boolean {
    return (this.#failures.get(subject)?.inRow ?? 0) >= STUBBORN_AFTER;
  }
}
