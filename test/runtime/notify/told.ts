import type { Notifier, NotifyDelivery } from "../../../src/index.ts";

/** A channel of the app's own that keeps what it is given, and throws what `failures` holds first. */
export class Told implements Notifier {
  readonly name: string;
  readonly deliveries: NotifyDelivery[] = [];
  readonly failures: Error[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(name = "told") {
    this.name = name;
  }

  async send(delivery: NotifyDelivery): Promise<void> {
    this.deliveries.push(delivery);
    for (const woken of this.#waiting) woken();
    this.#waiting.clear();
    const failure = this.failures.shift();
    if (failure) throw failure;
  }

  get runIds(): string[] {
    return this.deliveries.map(({ run }) => run.id);
  }

  /** Once it was given so many. */
  async told(count: number): Promise<readonly NotifyDelivery[]> {
    while (this.deliveries.length < count) await new Promise<void>((woken) => this.#waiting.add(woken));
    return this.deliveries;
  }
}
