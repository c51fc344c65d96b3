/** Choices that come again with the same seed. */
export class Random {
  #state: number;

  /** @param words tell the choices of one place from those of another with the same seed */
  constructor(seed: number, ...words: readonly string[]) {
    this.#state = seed >>> 0;
    for (const character of words.join("\n")) this.#state = Math.imul(this.#state ^ (character.codePointAt(0) as number), 0x01000193) >>> 0;
  }

  /** In [0, 1). This is mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True in so many of a hundred cases. */
  percent(of: number): boolean {
    return this.next() * 100 < of;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, place: this.next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ item }) => item);
  }
}
