import { Heap } from "./heap.ts";

interface Alarm<K> {
  readonly key: K;
  readonly at: bigint;
  readonly stamp: number;
}

/** Things to be woken at a level: `below` when the level falls to theirs or lower, `above` when it rises to theirs or higher. */
export class Alarms<K> {
  readonly #direction: "below" | "above";
  readonly #heap: Heap<Alarm<K>>;
  readonly #stamps = new Map<K, number>();
  #lastStamp = 0;

  constructor(direction: "below" | "above") {
    this.#direction = direction;
    this.#heap = new Heap((a, b) => (direction === "below" ? a.at > b.at : a.at < b.at));
  }

  get size(): number {
    return this.#stamps.size;
  }

  /** Sets the one alarm of a key. */
  set(key: K, at: bigint): void {
    const stamp = ++this.#lastStamp;
    this.#stamps.set(key, stamp);
    this.#heap.push({ key, at, stamp });
    // Replaced alarms stay in the heap until they come up; they never outnumber the live ones by much.
    if (this.#heap.size > 2 * this.#stamps.size + 64)
      this.#heap.filter((alarm) => this.#isLive(alarm));
  }

  clear(key: K): void {
    this.#stamps.delete(key);
  }

  /** Removes and returns every key whose alarm the level has reached. */
  take(level: bigint): K[] {
    const keys: K[] = [];
    for (
      let top = this.#heap.peek();
      top !== undefined && this.#isReached(top.at, level);
      top = this.#heap.peek()
    ) {
      this.#heap.pop();
      if (!this.#isLive(top)) continue;
      this.#stamps.delete(top.key);
      keys.push(top.key);
    }
    return keys;
  }

  #isReached(at: bigint, level: bigint): boolean {
    return this.#direction === "below" ? level <= at : level >= at;
  }

  #isLive(alarm: Alarm<K>): boolean {
    return this.#stamps.get(alarm.key) === alarm.stamp;
  }
}
