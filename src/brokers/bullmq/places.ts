/** How many more deliveries a consumer may handle, over all its queues. */
export class Places {
  #free: number;
  #watching: (() => void)[] = [];
  /** Those who have something in hand and no place for it, in the order in which they came. */
  readonly #queue: ((taken: number) => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Those that nobody waits for. */
  get free(): number {
    return Math.max(0, this.#free - this.#queue.length);
  }

  /** Takes so many, or as many as there are; waits for one if there is none. Resolves to how many those are: none after `patience` ms. */
  async take(wanted: number, patience: number): Promise<number> {
    if (this.free > 0) return this.#take(wanted);
    if (patience <= 0) return 0;
    return new Promise((resolve) => {
      const answer = (taken: number): void => {
        clearTimeout(timer);
        resolve(taken);
      };
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(answer), 1);
        resolve(0);
      }, patience);
      this.#queue.push(answer);
    });
  }

  giveBack(): void {
    this.#free += 1;
    this.#queue.shift()?.(this.#take(1));
    this.wake();
  }

  /** Resolves at the next `giveBack` or `wake`: then it is worth looking again. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#watching.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#watching.splice(0)) resolve();
  }

  #take(wanted: number): number {
    const taken = Math.min(wanted, this.#free);
    this.#free -= taken;
    return taken;
  }
}
