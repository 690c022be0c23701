import type { AccountView } from "./observe.ts";

/** Measures how long it takes from a block that makes an account fit to be acted on to the block in which a keeper did. */
export class LatencyWatch {
  /** {ms} */
  readonly samples: number[] = [];
  readonly #since = new Map<number, number>();

  see(seen: {
    minedAtMs: number;
    views: readonly AccountView[];
    acted: ReadonlySet<number>;
  }): void {
    const { minedAtMs, views, acted } = seen;
    for (const accountNumber of acted) {
      const since = this.#since.get(accountNumber);
      if (since !== undefined) this.samples.push(minedAtMs - since);
      this.#since.delete(accountNumber);
    }
    const actionable = new Set(
      views.filter(({ canBeActedOn }) => canBeActedOn).map(({ accountNumber }) => accountNumber),
    );
    for (const accountNumber of [...this.#since.keys()]) {
      if (!actionable.has(accountNumber)) this.#since.delete(accountNumber);
    }
    for (const accountNumber of actionable) {
      if (!this.#since.has(accountNumber)) this.#since.set(accountNumber, minedAtMs);
    }
  }
}
