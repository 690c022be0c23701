const HOUR_SECONDS = 3_600;

interface Spent {
  readonly key: string;
  /** {s} */
  readonly at: number;
  gas: bigint;
}

/** Gas of calls that nobody pays for: no more than so much in any hour of the chain's time. */
export class GasBudget {
  readonly #perHour: bigint;
  #spent: Spent[] = [];

  constructor(perHour: bigint) {
    this.#perHour = perHour;
  }

  get perHour(): bigint {
    return this.#perHour;
  }

  /** {gas} What may still be spent. */
  leftAt(now: number): bigint {
    this.#spent = this.#spent.filter(({ at }) => at > now - HOUR_SECONDS);
    const used = this.#spent.reduce((sum, { gas }) => sum + gas, 0n);
    return used < this.#perHour ? this.#perHour - used : 0n;
  }

  /** A transaction that is on its way, by its hash, with the gas it is expected to use. */
  reserve(key: string, gas: bigint, now: number): void {
    this.#spent.push({ key, at: now, gas });
  }

  /** What it used after all: 0 for one that was never included. */
  correct(key: string, gas: bigint): void {
    const spent = this.#spent.find((entry) => entry.key === key);
    if (spent !== undefined) spent.gas = gas;
  }
}
