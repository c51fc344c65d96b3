/** What every name past the bound is called. */
const OTHER = "(other)";

/** Gives the first `limit` names that it meets back, and one common name for all others: a label of few values, whatever comes. */
export class BoundedNames {
  readonly #limit: number;
  readonly #names = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  name(name: string): string {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#limit) return OTHER;
    this.#names.add(name);
    return name;
  }
}
