/** Binary heap: the item that comes first by `precedes` is on top. */
export class Heap<T> {
  readonly #precedes: (a: T, b: T) => boolean;
  #items: T[] = [];

  constructor(precedes: (a: T, b: T) => boolean) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): T | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return top;
  }

  /** Keeps only what `isWanted`. */
  filter(isWanted: (item: T) => boolean): void {
    this.#items = this.#items.filter(isWanted);
    for (let index = Math.floor(this.#items.length / 2) - 1; index >= 0; index--) this.#sink(index);
  }

  #rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #isBefore(first: number, second: number): boolean {
    const a = this.#items[first];
    const b = this.#items[second];
    return a !== undefined && (b === undefined || this.#precedes(a, b));
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const a = this.#items[child];
    const b = this.#items[parent];
    if (a === undefined || b === undefined || !this.#precedes(a, b)) return false;
    this.#items[parent] = a;
    this.#items[child] = b;
    return true;
  }
}
