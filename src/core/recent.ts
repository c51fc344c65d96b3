/** Longest key that is worth its memory, characters. */
const LONGEST = 500;

/** What was worked out lately, by the text that it was worked out from: at most `size` values, the oldest give way. */
export class Recent<Value> {
  readonly #size: number;
  readonly #values = new Map<string, Value>();

  constructor(size: number) {
    this.#size = size;
  }

  /** The value of this text: the one that is remembered, else what `make` says. */
  get(text: string, make: () => Value): Value {
    const known = this.#values.get(text);
    if (known !== undefined || text.length > LONGEST) return known ?? make();
    const value = make();
    if (this.#values.size >= this.#size) this.#values.delete(this.#values.keys().next().value as string);
    this.#values.set(text, value);
    return value;
  }
}
